# SPDX-License-Identifier: Apache-2.0
"""The limits of one robot, which share one way of braking."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.safety.braking import Braking
from vla_ros.safety.gripper_limit import GripperLimit
from vla_ros.safety.joint_acceleration_limit import JointAccelerationLimit
from vla_ros.safety.joint_limit import JointLimit
from vla_ros.safety.joint_position_limit import JointPositionLimit
from vla_ros.safety.joint_velocity_limit import JointVelocityLimit
from vla_ros.safety.workspace_limit import WorkspaceLimit


@dataclass(frozen=True)
class RobotLimits:
    """Everything that a command must respect.

    Attributes:
        braking: full deceleration, which every limit counts on.
        position: joint bounds.
        velocity: joint speeds.
        acceleration: joint accelerations.
        workspace: tool box.
        gripper: opening.
    """

    braking: Braking
    position: JointPositionLimit
    velocity: JointVelocityLimit
    acceleration: JointAccelerationLimit
    workspace: WorkspaceLimit
    gripper: GripperLimit

    @classmethod
    def from_profile(
        cls,
        profile: RobotProfile,
        tool_position: Callable[[FloatArray], FloatArray],
        dt_s: float,
    ) -> "RobotLimits":
        """Take the limits from a robot's profile.

        Args:
            profile: the numbers.
            tool_position: (J,) [rad] -> (3,) [m] in the base frame.
            dt_s: length of a tick [s].
        """
        braking = Braking(np.array(profile.max_acceleration), dt_s)
        bounds = np.array(profile.position_lower), np.array(profile.position_upper)
        box = np.array(profile.workspace_lower), np.array(profile.workspace_upper)
        return cls(
            braking,
            JointPositionLimit(*bounds, braking),
            JointVelocityLimit(np.array(profile.max_velocity)),
            JointAccelerationLimit(braking),
            WorkspaceLimit(*box, tool_position, braking),
            GripperLimit(profile.gripper_closed_width, profile.gripper_open_width),
        )

    @property
    def joints(self) -> tuple[JointLimit, ...]:
        """Limits that narrow the next joint velocities."""
        return self.position, self.velocity, self.acceleration
