# SPDX-License-Identifier: Apache-2.0
"""The velocities that a limit admits for the next tick, per joint."""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray


@dataclass(frozen=True)
class VelocityInterval:
    """A closed interval per joint.

    Attributes:
        lower: (J,) [rad/s].
        upper: (J,) [rad/s].
    """

    lower: FloatArray
    upper: FloatArray

    def intersect(self, other: "VelocityInterval") -> "VelocityInterval":
        """Velocities that both admit."""
        return VelocityInterval(
            np.maximum(self.lower, other.lower), np.minimum(self.upper, other.upper)
        )

    def including(self, velocities: FloatArray) -> "VelocityInterval":
        """The interval, widened to hold (J,) velocities [rad/s]."""
        return VelocityInterval(
            np.minimum(self.lower, velocities), np.maximum(self.upper, velocities)
        )

    def clip(self, velocities: FloatArray) -> FloatArray:
        """Nearest admitted (J,) velocities [rad/s]."""
        return np.minimum(np.maximum(velocities, self.lower), self.upper)
