# SPDX-License-Identifier: Apache-2.0
"""Joint acceleration limit."""

from dataclasses import dataclass
from typing import ClassVar

from vla_ros.safety.braking import Braking
from vla_ros.safety.motion_state import MotionState
from vla_ros.safety.velocity_interval import VelocityInterval


@dataclass(frozen=True)
class JointAccelerationLimit:
    """|v' - v| <= a dt, for the velocities v of this tick and v' of the next.

    Attributes:
        braking: holds a and dt.
    """

    name: ClassVar[str] = "joint_acceleration"
    braking: Braking

    def interval(self, state: MotionState) -> VelocityInterval:
        """Velocities that one tick of acceleration reaches."""
        step = self.braking.step
        return VelocityInterval(state.velocities - step, state.velocities + step)
