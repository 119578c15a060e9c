# SPDX-License-Identifier: Apache-2.0
"""A robot's place: a kinematic arm, two cameras, an operator, and a recorder of all that is said.

The arm is where its last command was; it stands in for hardware that follows perfectly.
"""

import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float64MultiArray, String
from vla_ros.msg import ActionChunk, ControllerStatus, PolicyStatus, SafetyEvent

from vla_ros.core.robot_profile import RobotProfile
from vla_ros.nodes import qos
from vla_ros.nodes.image_conversion import image_from_rgb

JOINT_PERIOD_S = 0.01
IMAGE_PERIOD_S = 0.05
PICTURE = np.zeros((120, 160, 3), np.uint8)


@dataclass
class Recording:
    """Everything that came, in order."""

    commands: list[np.ndarray] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    chunks: list[ActionChunk] = field(default_factory=list)
    policy: list[PolicyStatus] = field(default_factory=list)
    controller: list[ControllerStatus] = field(default_factory=list)
    events: list[SafetyEvent] = field(default_factory=list)


class RobotBench:
    """The ROS side of a robot, in the process of the test."""

    def __init__(self, domain_id: int, profile: RobotProfile) -> None:
        """Start to publish joint states and pictures."""
        self.domain_id = domain_id
        self.profile = profile
        self.record = Recording()
        self.names = [*profile.joint_names, profile.gripper_joint]
        self.positions = np.array([*profile.home_positions, 0.02])
        self.publish_joints = self.publish_images = True
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=domain_id)
        self.node = Node("robot_bench", context=self._context)
        self._create_publishers()
        self._create_recorders()
        self.node.create_timer(JOINT_PERIOD_S, self._on_joint_timer)
        self.node.create_timer(IMAGE_PERIOD_S, self._on_image_timer)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop everything."""
        self._executor.shutdown()
        self._thread.join(5.0)
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)

    def wait_for(self, condition: Callable[[], Any], what: str, timeout_s: float = 10.0) -> Any:
        """Poll until the condition holds; the test fails with `what` otherwise."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if result := condition():
                return result
            time.sleep(0.01)
        last = [*self.record.policy[-1:], *self.record.controller[-1:]]
        raise AssertionError(f"not within {timeout_s} s: {what}; last statuses: {last}")

    def wait_for_policy(
        self, state: int, words: str = "", timeout_s: float = 10.0
    ) -> PolicyStatus:
        """Wait for a policy status, newer than this call, of a state and with words in it."""
        start = len(self.record.policy)
        return self.wait_for(
            lambda: next(
                (
                    status
                    for status in self.record.policy[start:]
                    if status.state == state
                    and words in f"{status.text} {list(status.waiting_for)}"
                ),
                None,
            ),
            f"policy status {state} with '{words}'",
            timeout_s,
        )

    def wait_for_controller(
        self, state: int, words: str = "", timeout_s: float = 10.0
    ) -> ControllerStatus:
        """Wait for a controller status, newer than this call, of a state with words in it."""
        start = len(self.record.controller)
        return self.wait_for(
            lambda: next(
                (
                    status
                    for status in self.record.controller[start:]
                    if status.state == state and words in f"{status.reason} {status.last_refusal}"
                ),
                None,
            ),
            f"controller status {state} with '{words}'",
            timeout_s,
        )

    def instruct(self, text: str) -> None:
        """Publish a sentence."""
        self.instruction.publish(String(data=text))

    def send_joints(self, names: list[str], positions: list[float]) -> None:
        """Publish one joint state."""
        message = JointState(name=names, position=array("d", positions))
        message.header.stamp = self.node.get_clock().now().to_msg()
        self.joint_states.publish(message)

    def picture(self) -> Image:
        """A picture stamped now."""
        return image_from_rgb(PICTURE, self.node.get_clock().now().nanoseconds, "optical")

    def has_moved(self, distance_rad: float = 0.02) -> bool:
        """Whether the last second of commands spans some way."""
        recent = self.record.commands[-100:]
        return bool(recent) and float(np.ptp(recent, axis=0).max()) > distance_rad

    def _create_publishers(self) -> None:
        create = self.node.create_publisher
        self.joint_states = create(JointState, "joint_states", 10)
        self.images = {
            camera: create(Image, f"camera_{camera}/image", qos.IMAGES)
            for camera in ("front", "wrist")
        }
        self.instruction = create(String, "instruction", qos.INSTRUCTION_LATCHED)
        self.chunks = create(ActionChunk, "action_chunk", qos.ACTION_CHUNKS)

    def _create_recorders(self) -> None:
        record = self.record
        topics = [
            (Float64MultiArray, "forward_position_controller/commands", self._on_command),
            (Float64MultiArray, "gripper_controller/commands", self._on_width),
            (ActionChunk, "action_chunk", record.chunks.append),
            (PolicyStatus, "policy_status", record.policy.append),
            (ControllerStatus, "controller_status", record.controller.append),
            (SafetyEvent, "safety_events", record.events.append),
        ]
        for kind, topic, callback in topics:
            self.node.create_subscription(kind, topic, callback, 1000)

    def _on_command(self, message: Float64MultiArray) -> None:
        self.record.commands.append(np.array(message.data))
        self.positions[: len(message.data)] = message.data

    def _on_width(self, message: Float64MultiArray) -> None:
        self.record.widths.append(message.data[0])
        self.positions[-1] = message.data[0] / 2

    def _on_joint_timer(self) -> None:
        if self.publish_joints:
            self.send_joints(list(self.names), list(self.positions))

    def _on_image_timer(self) -> None:
        if self.publish_images:
            for publisher in self.images.values():
                publisher.publish(self.picture())
