# SPDX-License-Identifier: Apache-2.0
"""Joint speed limit."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.safety.motion_state import MotionState
from vla_ros.safety.velocity_interval import VelocityInterval


@dataclass(frozen=True)
class JointVelocityLimit:
    """|v| <= max_velocity.

    Attributes:
        max_velocity: (J,) [rad/s], > 0.
    """

    name: ClassVar[str] = "joint_velocity"
    max_velocity: FloatArray

    def interval(self, state: MotionState) -> VelocityInterval:
        """The same interval in every state."""
        return VelocityInterval(-self.max_velocity, self.max_velocity)

    def nearest(self, velocities: FloatArray) -> FloatArray:
        """(J,) velocities [rad/s] within the limit that are nearest to (J,) velocities."""
        return np.minimum(np.maximum(velocities, -self.max_velocity), self.max_velocity)
