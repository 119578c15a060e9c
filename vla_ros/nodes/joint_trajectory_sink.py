# SPDX-License-Identifier: Apache-2.0
"""Short look-ahead trajectories for ros2_control's joint_trajectory_controller.

Each tick replaces the trajectory before it (Jazzy forgets the old one). A message has two points:

    now            h                                h + T
    |--------------x--------------------------------x
    q              q + v h                          q + v h + v T / 2
    v              v                                0

Stock Jazzy refuses a last velocity that is not 0 (`allow_nonzero_velocity_at_trajectory_end` is
false), so the last point is at rest. A cubic from v to 0 over the distance v T / 2 is a constant
deceleration, and T = max |v| / max_acceleration keeps it within the limits. The robot reaches it
only when this node dies: the arm then stops softly by itself.
Set `interpolate_from_desired_state: true` in the controller; else each message starts from the
measured state and the arm lags behind.
"""

from array import array

import numpy as np
from builtin_interfaces.msg import Duration
from rclpy.node import Node
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import FloatArray
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.nodes.qos import COMMANDS
from vla_ros.safety.safe_command import SafeCommand


class JointTrajectorySink:
    """Publishes two-point trajectories on `joint_trajectory_controller/joint_trajectory`."""

    def __init__(self, node: Node, profile: RobotProfile, look_ahead_s: float) -> None:
        """Create the publisher.

        Args:
            node: publishes.
            profile: position and acceleration limits of the points beyond the command.
            look_ahead_s: time h to the first point [s]; more than the period of the commands.
        """
        topic = "joint_trajectory_controller/joint_trajectory"
        self._node = node
        self._publisher = node.create_publisher(JointTrajectory, topic, COMMANDS)
        self._profile = profile
        self._look_ahead_s = look_ahead_s

    def send(self, command: SafeCommand) -> None:
        """Publish the trajectory that goes on from this command; stamp 0 starts it at once."""
        self._publisher.publish(trajectory_from(command, self._profile, self._look_ahead_s))

    def destroy(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)


def trajectory_from(
    command: SafeCommand, profile: RobotProfile, look_ahead_s: float
) -> JointTrajectory:
    """The message for one command.

    Args:
        command: positions (J,) [rad] and velocities (J,) [rad/s] of this tick.
        profile: its position limits hold for both points, its accelerations for the stop.
        look_ahead_s: time h to the first point [s].
    """
    velocities = np.asarray(command.velocities)
    stop_s = float(np.max(np.abs(velocities) / np.array(profile.max_acceleration)))
    stop_s = max(stop_s, look_ahead_s)
    ahead = _inside(command.positions + velocities * look_ahead_s, profile)
    rest = _inside(ahead + velocities * stop_s / 2, profile)
    points = [
        _point(ahead, velocities, look_ahead_s),
        _point(rest, np.zeros_like(velocities), look_ahead_s + stop_s),
    ]
    return JointTrajectory(joint_names=list(command.joint_names), points=points)


def _inside(positions: FloatArray, profile: RobotProfile) -> FloatArray:
    return np.clip(positions, profile.position_lower, profile.position_upper)


def _point(positions: FloatArray, velocities: FloatArray, time_s: float) -> JointTrajectoryPoint:
    seconds, nanoseconds = divmod(round(time_s * NS_PER_S), NS_PER_S)
    return JointTrajectoryPoint(
        positions=array("d", positions.tobytes()),
        velocities=array("d", velocities.tobytes()),
        time_from_start=Duration(sec=seconds, nanosec=nanoseconds),
    )
