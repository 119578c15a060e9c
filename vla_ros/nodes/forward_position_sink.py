# SPDX-License-Identifier: Apache-2.0
"""Joint positions for ros2_control's forward_command_controller."""

from array import array

from rclpy.node import Node
from std_msgs.msg import Float64MultiArray

from vla_ros.nodes.qos import COMMANDS
from vla_ros.safety.safe_command import SafeCommand


class ForwardPositionSink:
    """Publishes (J,) positions [rad] on `forward_position_controller/commands` at every tick.

    That controller has no timeout: its last command stays in force. Whoever stops sending must
    have come to rest before.
    """

    def __init__(self, node: Node) -> None:
        """Create the publisher.

        Args:
            node: publishes.
        """
        topic = "forward_position_controller/commands"
        self._node = node
        self._publisher = node.create_publisher(Float64MultiArray, topic, COMMANDS)

    def send(self, command: SafeCommand) -> None:
        """Publish the positions, in the order of the profile's `joint_names`."""
        self._publisher.publish(Float64MultiArray(data=array("d", command.positions.tobytes())))

    def destroy(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)
