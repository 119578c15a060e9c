# SPDX-License-Identifier: Apache-2.0
"""What stands between command topics and position servos, as ros2_control's controllers do it.

forward position:  a command is the target until the next one; no timeout
trajectory:        points are splined: linear with positions only, cubic with velocities too
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import VlaRosError

MAX_POSITION_RAD = 6.3  # physics does not survive a servo target at 1e9


class CommandError(VlaRosError):
    """A command that the controller refuses, as the real one would."""


@dataclass(frozen=True)
class Trajectory:
    """N points of a joint trajectory.

    Attributes:
        times_s: (N,) from the start of the trajectory [s], strictly increasing, >= 0.
        positions: (N, J) [rad].
        velocities: (N, J) [rad/s], or None for linear interpolation.
    """

    times_s: FloatArray
    positions: FloatArray
    velocities: FloatArray | None

    def __post_init__(self) -> None:
        """Refuse what joint_trajectory_controller refuses.

        Raises:
            CommandError: no points, times that do not increase, NaN, a last velocity other than 0.
        """
        times = self.times_s
        if len(times) == 0 or times[0] < 0 or (np.diff(times) <= 0).any():
            raise CommandError(
                "at least one point and strictly increasing times",
                f"times {times.tolist()} s",
                "Set time_from_start of each point.",
            )
        given = [times, self.positions, *([] if self.velocities is None else [self.velocities])]
        if not all(np.isfinite(values).all() for values in given):
            raise CommandError("finite numbers", "NaN or Inf in a point", "Check the sender.")
        _check_range(self.positions)
        if self.velocities is not None and np.abs(self.velocities[-1]).max() > 1e-6:
            raise CommandError(
                "velocity 0 at the last point", f"{self.velocities[-1].tolist()}", "End at rest."
            )


class ArmController:
    """Turns the newest command, of either kind, into the servos' targets."""

    def __init__(self, joint_names: Sequence[str], positions: FloatArray) -> None:
        """Hold a posture.

        Args:
            joint_names: (J,) order of every array.
            positions: (J,) [rad].
        """
        self.joint_names = tuple(joint_names)
        self.hold(positions)

    def hold(self, positions: FloatArray) -> None:
        """Forget all commands and hold (J,) positions [rad]."""
        self._target = frozen_array(positions)
        self._speed = np.zeros(len(self._target))
        self._trajectory: Trajectory | None = None

    def forward(self, positions: Sequence[float]) -> None:
        """Take a forward position command (J,) [rad].

        Raises:
            CommandError: another number of values, or NaN.
        """
        values = np.array(positions, dtype=float)
        if values.shape != (len(self.joint_names),) or not np.isfinite(values).all():
            raise CommandError(
                f"{len(self.joint_names)} finite positions",
                f"{values.tolist()}",
                "Check the sender.",
            )
        _check_range(values)
        self.hold(values)

    def follow(self, trajectory: Trajectory, now_s: float) -> None:
        """Replace what runs by a trajectory that starts now, from the present target and speed."""
        target, speed = self.sample(now_s)
        self._target, self._speed = frozen_array(target), speed
        self._trajectory, self._start_s = trajectory, now_s

    def sample(self, now_s: float) -> tuple[FloatArray, FloatArray]:
        """Targets (J,) [rad] and their speed (J,) [rad/s] at a time."""
        trajectory = self._trajectory
        if trajectory is None:
            return self._target, self._speed
        elapsed = now_s - self._start_s
        if elapsed >= trajectory.times_s[-1]:
            return trajectory.positions[-1], np.zeros(len(self._target))
        right = int(np.searchsorted(trajectory.times_s, elapsed, side="right"))
        return self._segment(trajectory, right, elapsed)

    def _segment(
        self, trajectory: Trajectory, right: int, elapsed: float
    ) -> tuple[FloatArray, FloatArray]:
        first = right == 0
        start_s = 0.0 if first else float(trajectory.times_s[right - 1])
        span = max(float(trajectory.times_s[right]) - start_s, 1e-9)
        p0 = self._target if first else trajectory.positions[right - 1]
        p1, share = trajectory.positions[right], (elapsed - start_s) / span
        if trajectory.velocities is None:
            return p0 + share * (p1 - p0), (p1 - p0) / span
        v0 = self._speed if first else trajectory.velocities[right - 1]
        return _cubic(p0, v0 * span, p1, trajectory.velocities[right] * span, share, span)


def _check_range(positions: FloatArray) -> None:
    if np.abs(positions).max() > MAX_POSITION_RAD:
        raise CommandError(
            f"positions up to {MAX_POSITION_RAD:g} rad",
            f"{np.abs(positions).max():g}",
            "Check the sender; no joint of the arm turns further.",
        )


def _cubic(
    p0: FloatArray, m0: FloatArray, p1: FloatArray, m1: FloatArray, share: float, span: float
) -> tuple[FloatArray, FloatArray]:
    """Hermite spline between two points, and its slope."""
    s, s2, s3 = share, share**2, share**3
    position = (
        (2 * s3 - 3 * s2 + 1) * p0
        + (s3 - 2 * s2 + s) * m0
        + (3 * s2 - 2 * s3) * p1
        + (s3 - s2) * m1
    )
    slope = (6 * s2 - 6 * s) * (p0 - p1) + (3 * s2 - 4 * s + 1) * m0 + (3 * s2 - 2 * s) * m1
    return position, slope / span
