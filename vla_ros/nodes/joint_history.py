# SPDX-License-Identifier: Apache-2.0
"""The last second of every joint, to know the posture at the time of a picture.

Joints may come in separate messages (an arm's and its gripper's driver each publish their own), in
any order of names, so each joint keeps its own history:

    joint1         x    x    x    x    x
    finger_joint1     x       x       x
    picture                       |            posture: interpolated on each line
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import ObservationError

HISTORY_SAMPLES = 1000  # one second at 1 kHz, the fastest joint states of the robots in view


class JointHistory:
    """Recent positions of the joints that a policy uses, looked up by time."""

    def __init__(self, names: Sequence[str]) -> None:
        """Start without any sample.

        Args:
            names: joints to keep; others in the messages are ignored.
        """
        self._samples: dict[str, deque[tuple[int, float]]] = {
            name: deque(maxlen=HISTORY_SAMPLES) for name in names
        }
        self._seen: set[str] = set()

    def add(self, stamp_ns: int, names: Sequence[str], positions: Sequence[float]) -> None:
        """Take one joint state message; samples older than the newest of a joint are dropped.

        Args:
            stamp_ns: time of the positions [ns].
            names: joint names, in any order.
            positions: one per name [rad] or [m].

        Raises:
            ObservationError: another number of positions than names, or a NaN or Inf.
        """
        if len(names) != len(positions):
            raise ObservationError(
                f"joint_states with {len(names)} positions, one per name",
                f"{len(positions)}",
                "Let the driver fill `position` for every name.",
            )
        values = dict(zip(names, positions, strict=True))
        wanted = {name: values[name] for name in self._samples if name in values}
        for name, value in wanted.items():
            if not np.isfinite(value):
                raise ObservationError(
                    "joint_states with finite positions",
                    f"{value} for '{name}'",
                    "Check the driver or encoder of that joint.",
                )
        self._seen.update(names)
        for name, value in wanted.items():
            samples = self._samples[name]
            if not samples or samples[-1][0] < stamp_ns:
                samples.append((stamp_ns, float(value)))

    def clear(self) -> None:
        """Forget every sample and every name seen."""
        for samples in self._samples.values():
            samples.clear()
        self._seen.clear()

    def at(self, stamp_ns: int, tolerance_ns: int) -> FloatArray | None:
        """Positions at one time, interpolated between the samples around it.

        Args:
            stamp_ns: the time [ns].
            tolerance_ns: how far outside of its samples a joint's nearest one may be [ns].

        Returns:
            (J,) in the order of the names, or None when a joint has no sample near enough.
        """
        values = [
            _interpolated(samples, stamp_ns, tolerance_ns) for samples in self._samples.values()
        ]
        return None if None in values else np.array(values, dtype=np.float64)

    def complaints(self, stamp_ns: int, tolerance_ns: int) -> list[str]:
        """Say which joints are missing or late for a posture at one time; empty when none is."""
        missing = [name for name, samples in self._samples.items() if not samples]
        if missing and not self._seen:
            return ["joint_states: no message has come yet"]
        if missing:
            return [f"joint_states: {missing} never came; the messages name {sorted(self._seen)}"]
        return [
            f"joint_states: '{name}' is {late_ns / NS_PER_S:.3f} s away from the pictures "
            f"(max_skew_s {tolerance_ns / NS_PER_S:.3f})"
            for name, samples in self._samples.items()
            if (late_ns := max(stamp_ns - samples[-1][0], samples[0][0] - stamp_ns)) > tolerance_ns
        ][:1]


def _interpolated(
    samples: deque[tuple[int, float]], stamp_ns: int, tolerance_ns: int
) -> float | None:
    index = bisect_left(samples, (stamp_ns,))
    if 0 < index < len(samples):
        (before_ns, before), (after_ns, after) = samples[index - 1], samples[index]
        return before + (after - before) * (stamp_ns - before_ns) / (after_ns - before_ns)
    if not samples:
        return None
    nearest_ns, nearest = samples[min(index, len(samples) - 1)]
    return nearest if abs(nearest_ns - stamp_ns) <= tolerance_ns else None
