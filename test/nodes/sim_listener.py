# SPDX-License-Identifier: Apache-2.0
"""The other side of the simulated robot: hears its sensors, sends commands, asks its services."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import rclpy
from geometry_msgs.msg import WrenchStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory
from vla_ros.srv import GetTask, ResetWorld

from vla_ros.nodes import qos
from vla_ros.nodes.image_conversion import rgb_from_image


def stamp_ns(message: Any) -> int:
    """Stamp of a message with a header [ns]."""
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


class SimListener:
    """Keeps every message of the simulator, by topic."""

    def __init__(self, domain_id: int) -> None:
        """Join the domain and listen."""
        self.domain_id = domain_id
        self.heard: dict[str, list[Any]] = defaultdict(list)
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=domain_id)
        self._node = node = Node("sim_listener", context=self._context)
        self._listen(JointState, "joint_states", 10)
        self._listen(WrenchStamped, "wrench", 10)
        self._listen(Clock, "/clock", 10)
        for camera in ("front", "wrist"):
            self._listen(Image, f"camera_{camera}/image", qos.IMAGES)
            self._listen(CameraInfo, f"camera_{camera}/camera_info", qos.IMAGES)
        commands = "forward_position_controller/commands"
        self.forward = node.create_publisher(Float64MultiArray, commands, qos.COMMANDS)
        self.trajectory = node.create_publisher(
            JointTrajectory, "joint_trajectory_controller/joint_trajectory", qos.COMMANDS
        )
        self.gripper = node.create_publisher(
            Float64MultiArray, "gripper_controller/commands", qos.COMMANDS
        )
        self._reset = node.create_client(ResetWorld, "sim_node/reset")
        self._task = node.create_client(GetTask, "sim_node/get_task")
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the domain."""
        self._executor.shutdown()
        self._thread.join(5.0)
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    @property
    def positions(self) -> np.ndarray:
        """(9,) newest joint positions."""
        return np.array(self.heard["joint_states"][-1].position)

    def reset(self, seed: int, task: str = "", target: str = "") -> ResetWorld.Response:
        """Ask for another episode."""
        return self._call(self._reset, ResetWorld.Request(seed=seed, task=task, target=target))

    def task(self) -> GetTask.Response:
        """Ask how the episode stands."""
        return self._call(self._task, GetTask.Request())

    def picture(self, camera: str = "front") -> np.ndarray:
        """A picture that was taken after this call."""
        topic = f"camera_{camera}/image"
        count = len(self.heard[topic])
        self.wait_for(lambda: len(self.heard[topic]) > count + 1, "pictures")
        return np.array(rgb_from_image(self.heard[topic][-1], topic))

    def wait_for(self, condition: Callable[[], Any], what: str, timeout_s: float = 10.0) -> Any:
        """Poll until a condition holds; the test fails with `what` otherwise."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if result := condition():
                return result
            time.sleep(0.01)
        raise AssertionError(f"not within {timeout_s} s: {what}")

    def wait_for_posture(self, goal: np.ndarray, timeout_s: float = 5.0) -> None:
        """Wait until the measured arm (and fingers, when given) rests at a posture."""
        self.wait_for(
            lambda: np.abs(self.positions[: len(goal)] - goal).max() < 2e-3,
            f"posture {goal}",
            timeout_s,
        )

    def _listen(self, kind: type, topic: str, profile: Any) -> None:
        self._node.create_subscription(kind, topic, self.heard[topic].append, profile)

    def _call(self, client: Any, request: Any) -> Any:
        assert client.wait_for_service(10.0)
        future = client.call_async(request)
        return self.wait_for(lambda: future.done() and future.result(), client.srv_name)
