# SPDX-License-Identifier: Apache-2.0
"""Where the joints really are, as far as a valid and fresh joint state says so."""

from collections.abc import Sequence

import numpy as np

from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import ObservationError
from vla_ros.safety.watchdog import Watchdog


class MeasuredPosture:
    """The newest valid joint state, by name. One thread updates it, any thread reads it."""

    def __init__(self, joint_names: tuple[str, ...], timeout_s: float) -> None:
        """Start without a posture.

        Args:
            joint_names: (J) joints that a joint state must hold.
            timeout_s: longest silence that is fine [s].
        """
        self._joint_names = joint_names
        self._watchdog = Watchdog("joint states", timeout_s)
        self._positions: FloatArray | None = None

    @property
    def positions(self) -> FloatArray | None:
        """(J,) newest [rad], read-only; None before the first."""
        return self._positions

    def update(self, names: Sequence[str], positions: Sequence[float], now_ns: int) -> None:
        """Take a joint state.

        Args:
            names: joint names in any order; further joints are ignored.
            positions: one per name [rad].
            now_ns: time of arrival [ns, ROS time].

        Raises:
            ObservationError: a joint is missing, named twice, or not finite; nothing is taken.
        """
        measured = dict(zip(names, positions, strict=False))
        missing = [name for name in self._joint_names if name not in measured]
        if missing or len(names) != len(positions) or len(measured) != len(names):
            raise ObservationError(
                f"one position for each of {list(self._joint_names)}",
                f"{len(positions)} positions for {list(names)}",
                "Check the joint state source and the joint_names of the profile.",
            )
        posture = frozen_array([measured[name] for name in self._joint_names])
        if not np.isfinite(posture).all():
            raise ObservationError("finite joint positions", f"{posture}", "Check the driver.")
        self._positions = posture
        self._watchdog.feed(now_ns)

    def silence(self, now_ns: int) -> str | None:
        """Why the posture must not be used at a time [ns, ROS time]; None while it is fresh."""
        return self._watchdog.reason(now_ns)

    def furthest(self, commanded: FloatArray) -> tuple[str, float]:
        """Joint that is furthest from its command, and by how much.

        Args:
            commanded: (J,) [rad].

        Returns:
            Its name and the distance [rad]; infinite before the first joint state.
        """
        if self._positions is None:
            return self._joint_names[0], float("inf")
        errors = np.abs(self._positions - commanded)
        joint = int(errors.argmax())
        return self._joint_names[joint], float(errors[joint])
