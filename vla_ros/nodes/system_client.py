# SPDX-License-Identifier: Apache-2.0
"""A ROS client that plays episodes: resets the world, instructs, listens to what happens."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import rclpy
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_msgs.msg import String

from vla_ros.core.arrays import ImageArray
from vla_ros.core.exceptions import ObservationError, VlaRosError
from vla_ros.msg import ActionChunk, ControllerStatus, PolicyStatus
from vla_ros.nodes import qos
from vla_ros.nodes.image_conversion import rgb_from_image
from vla_ros.sim.simulation import QUIET_S
from vla_ros.srv import GetTask, ResetWorld

CALL_TIMEOUT_S = 10.0
RESET_TRIES = 10


class UnansweredError(VlaRosError):
    """A part of the running system did not answer, or refused."""


class SystemClient:
    """Talks to simulator, controller and policy over their topics and services; a context manager.

    Attributes:
        policy_status: newest status, or None before the first.
        controller_status: newest status, or None before the first.
        latencies_s: camera stamp to first command, one per executed chunk since `clear_figures`.
        inferences_s: inference time, one per chunk since `clear_figures`.
        pictures: newest picture of each camera.
        cubes: colours in the scene, as far as this client knows.
    """

    def __init__(self, domain_id: int | None, cameras: tuple[str, ...]) -> None:
        """Join a ROS domain.

        Args:
            domain_id: the domain; None for that of the environment.
            cameras: whose pictures to keep.
        """
        self._context = Context()
        rclpy.init(
            context=self._context,
            domain_id=domain_id,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self._node = node = Node("system_client", context=self._context)
        self.policy_status: PolicyStatus | None = None
        self.controller_status: ControllerStatus | None = None
        self.pictures: dict[str, ImageArray] = {}
        self.cubes: tuple[str, ...] = ()
        self._resetting = threading.Lock()
        self.on_picture: Callable[[str], None] | None = None
        self.clear_figures()
        self._instruction = node.create_publisher(String, "instruction", qos.INSTRUCTION_LATCHED)
        self._reset = node.create_client(ResetWorld, "sim_node/reset")
        self._task = node.create_client(GetTask, "sim_node/get_task")
        self._controller = node.create_client(ChangeState, "controller_node/change_state")
        self._listen(cameras)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._spin, name="system client", daemon=True)

    def __enter__(self) -> "SystemClient":
        """Start to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the domain."""
        self._executor.shutdown()
        self._context.try_shutdown()
        self._thread.join()
        self._node.destroy_node()

    def clear_figures(self) -> None:
        """Forget latencies and inference times."""
        self.latencies_s: list[float] = []
        self.inferences_s: list[float] = []

    def missing(self) -> list[str]:
        """What has not been heard of yet; empty when the system can play."""
        parts = {
            "the simulator": self._reset.service_is_ready() and self._task.service_is_ready(),
            "the controller": self.controller_status and self._controller.service_is_ready(),
            "the policy": self.policy_status and self.policy_status.state != PolicyStatus.INACTIVE,
        }
        return [name for name, there in parts.items() if not there]

    def instruct(self, text: str) -> None:
        """Publish an instruction; an empty one means: stop and hold."""
        self._instruction.publish(String(data=text))

    def reset(self, seed: int, task: str = "", target: str = "") -> ResetWorld.Response:
        """Start an episode: the world is reset while the controller is off.

        Raises:
            UnansweredError: something did not answer, or refused.
        """
        if not self._resetting.acquire(blocking=False):
            raise UnansweredError("one reset at a time", "another one", "Wait for the first.")
        try:
            self.instruct("")
            self._switch_controller(Transition.TRANSITION_DEACTIVATE, "deactivate")
            try:
                return self._reset_world(seed, task, target)
            finally:  # a refused reset must not leave the arm without its controller
                self._switch_controller(Transition.TRANSITION_ACTIVATE, "activate")
        finally:
            self._resetting.release()

    def _reset_world(self, seed: int, task: str, target: str) -> ResetWorld.Response:
        request = ResetWorld.Request(seed=seed, task=task, target=target)
        for _ in range(RESET_TRIES):  # the simulator refuses while the last commands arrive
            time.sleep(2 * QUIET_S)
            response = self._call(self._reset, request)
            if response.success:
                self.cubes = tuple(response.cubes)
                return response
        raise UnansweredError("the simulator to reset", response.message, "Change the request.")

    def task_state(self) -> GetTask.Response:
        """How the episode stands.

        Raises:
            UnansweredError: the simulator did not answer.
        """
        return self._call(self._task, GetTask.Request())

    def _switch_controller(self, transition: int, verb: str) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        if not self._call(self._controller, request).success:
            raise UnansweredError(
                f"the controller to {verb}", "a refusal", "See the controller's log."
            )

    def _call(self, client: Any, request: Any) -> Any:
        done = threading.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: done.set())
        if not done.wait(CALL_TIMEOUT_S):
            raise UnansweredError(
                f"an answer of {client.srv_name} within {CALL_TIMEOUT_S:g} s",
                "none",
                "See the logs.",
            )
        return future.result()

    def _listen(self, cameras: tuple[str, ...]) -> None:
        listen = self._node.create_subscription
        listen(PolicyStatus, "policy_status", self._on_policy, qos.STATUS)
        listen(ControllerStatus, "controller_status", self._on_controller, qos.STATUS)
        listen(ActionChunk, "action_chunk", self._on_chunk, qos.ACTION_CHUNKS)
        for camera in cameras:
            topic = f"camera_{camera}/image"
            listen(
                Image, topic, lambda image, name=camera: self._on_image(name, image), qos.IMAGES
            )

    def _on_policy(self, message: PolicyStatus) -> None:
        self.policy_status = message

    def _on_controller(self, message: ControllerStatus) -> None:
        self.controller_status = message
        self.latencies_s += list(message.observation_to_command)

    def _on_chunk(self, message: ActionChunk) -> None:
        self.inferences_s.append(message.inference_time)

    def _on_image(self, camera: str, message: Image) -> None:
        try:
            self.pictures[camera] = rgb_from_image(message, f"camera_{camera}/image")
        except ObservationError:
            return  # the policy node says so; there is nothing to show
        hook = self.on_picture  # the other thread may take it away meanwhile
        if hook is not None:
            hook(camera)

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return


def wait_until(condition: Callable[[], bool], timeout_s: float, period_s: float = 0.05) -> bool:
    """Poll a condition; whether it became true in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(period_s)
    return False
