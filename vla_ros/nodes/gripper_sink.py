# SPDX-License-Identifier: Apache-2.0
"""The opening width for a gripper's forward_command_controller."""

from array import array

from rclpy.node import Node
from std_msgs.msg import Float64MultiArray

from vla_ros.nodes.qos import COMMANDS
from vla_ros.safety.safe_command import SafeCommand


class GripperSink:
    """Publishes one number, the opening width [m], on `gripper_controller/commands`."""

    def __init__(self, node: Node) -> None:
        """Create the publisher.

        Args:
            node: publishes.
        """
        topic = "gripper_controller/commands"
        self._node = node
        self._publisher = node.create_publisher(Float64MultiArray, topic, COMMANDS)

    def send(self, command: SafeCommand) -> None:
        """Publish the width; nothing while no chunk has asked for one."""
        if command.gripper_width is not None:
            self._publisher.publish(Float64MultiArray(data=array("d", [command.gripper_width])))

    def destroy(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)
