# SPDX-License-Identifier: Apache-2.0
"""Pictures, joint states and an instruction in; action chunks out."""

import secrets
from functools import partial

from rclpy.clock import Clock, ClockType
from sensor_msgs.msg import Image, JointState

from vla_ros.action import RunInstruction
from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.exceptions import VlaRosError
from vla_ros.msg import ActionChunk as ActionChunkMessage
from vla_ros.msg import PolicyStatus
from vla_ros.nodes import qos
from vla_ros.nodes.chunk_conversion import message_from_chunk
from vla_ros.nodes.image_conversion import rgb_from_image
from vla_ros.nodes.inference_loop import InferenceHooks, InferenceLoop
from vla_ros.nodes.instruction_server import InstructionServer
from vla_ros.nodes.managed_node import ManagedNode, run
from vla_ros.nodes.observation_source import ObservationSource
from vla_ros.nodes.parameters import declare_settings, read_settings
from vla_ros.nodes.policy_report import PolicyReport
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.policies.registry import load_policy

STATUS_PERIOD_S = 0.2
LOG_PERIOD_S = 2.0  # a refusal that repeats is logged this often


class PolicyNode(ManagedNode):
    """Runs one policy on the newest complete observation.

    Subscribes `camera_<name>/image` for each camera of the policy, `joint_states`, `instruction`;
    publishes `action_chunk` and `policy_status`; action `run_instruction`.
    """

    def __init__(self) -> None:
        """Declare the parameters; see `PolicySettings`."""
        super().__init__("policy_node")
        declare_settings(self, PolicySettings)
        self._loop: InferenceLoop | None = None
        # It lives with the node, to say also of an inactive one why a goal is rejected or ended.
        self._instructions = InstructionServer(
            self, self._take_sentence, lambda now_ns: self._source.waiting_for(now_ns)
        )

    def configure(self) -> None:
        """Load and warm the policy, then listen to the inputs that it asks for.

        Raises:
            VlaRosError: a bad parameter, an unknown policy, missing libraries or weights.
        """
        self._settings = read_settings(self, PolicySettings)
        checkpoint = self._settings.checkpoint or None
        self._policy = load_policy(self._settings.policy, checkpoint, self._settings.seed)
        self._policy.warm_up()
        spec = self._policy.spec
        self._source = ObservationSource(spec, self._settings)
        self._report = PolicyReport(spec.name, "")
        self._chunks = self.create_publisher(ActionChunkMessage, "action_chunk", qos.ACTION_CHUNKS)
        self._statuses = self.create_publisher(PolicyStatus, "policy_status", qos.STATUS)
        self._inputs = [
            self.create_subscription(
                JointState, "joint_states", self._on_joints, qos.JOINT_STATES
            ),
            *self._instructions.subscribe(),
        ]
        for camera in spec.cameras:
            topic, callback = f"camera_{camera.name}/image", partial(self._on_image, camera.name)
            self._inputs.append(self.create_subscription(Image, topic, callback, qos.IMAGES))
        self._status_said = (-1, "")
        # Steady, so that the status goes on when a simulated clock stands or never came.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._status_timer = self.create_timer(STATUS_PERIOD_S, self._say_status, clock=steady)
        self.get_logger().info(f"policy '{spec.name}' is ready")

    def activate(self) -> None:
        """Begin a session with a name of its own."""
        session = secrets.token_hex(4)
        self._source.reset()
        self._report = PolicyReport(self._policy.spec.name, session)
        hooks = InferenceHooks(
            take=lambda: self._source.take(self._now_ns()),
            instruction=lambda: self._source.instruction,
            publish=self._publish,
            fault=self._on_fault,
            ended=self._on_defect,
        )
        self._loop = InferenceLoop(self._policy, hooks, session, self._settings.seed)
        self._loop.start()
        self._instructions.open()

    def deactivate(self) -> None:
        """End the goal in force, and the session after the inference in progress."""
        reason = RunInstruction.Result.NODE_DEACTIVATED
        self._instructions.close(reason, "the policy node was deactivated")
        loop, self._loop = self._loop, None
        if loop is not None and not loop.stop():
            self.get_logger().error("the policy hangs in its inference; restart this process")

    def cleanup(self) -> None:
        """Stop listening and release the policy."""
        self.destroy_timer(self._status_timer)
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        for publisher in (self._chunks, self._statuses):
            self.destroy_publisher(publisher)
        self._policy.close()

    def stop(self) -> None:
        """Deactivate and clean up; then tell the client of a goal how it ended."""
        super().stop()
        self._instructions.finish()

    def _on_image(self, camera: str, message: Image) -> None:
        stamp = message.header.stamp
        try:
            image = rgb_from_image(message, f"camera_{camera}/image")
            stamp_ns = stamp.sec * NS_PER_S + stamp.nanosec
            self._source.add_image(camera, stamp_ns, image, self._now_ns())
        except VlaRosError as error:
            self._refuse(str(error))
        self._notify()

    def _on_joints(self, message: JointState) -> None:
        stamp = message.header.stamp
        try:
            stamp_ns = stamp.sec * NS_PER_S + stamp.nanosec
            self._source.add_joint_state(stamp_ns, message.name, message.position, self._now_ns())
        except VlaRosError as error:
            self._refuse(str(error))

    def _take_sentence(self, text: str) -> None:
        if not self._source.set_instruction(text):
            return
        self.get_logger().info(f"instruction: '{self._source.instruction}'")
        if self._loop is not None:
            self._loop.reset_policy()
        self._say_change()

    def _notify(self) -> None:
        if (loop := self._loop) is not None:
            loop.notify()

    def _publish(self, chunk: ActionChunk) -> None:
        message = message_from_chunk(chunk, self._policy.spec.name, self._settings.base_frame)
        self._chunks.publish(message)
        self._report.count_chunk(chunk, self._now_ns())
        self._instructions.count_chunk(chunk, self._now_ns())
        self._say_change()

    def _on_fault(self, text: str) -> None:
        self._refuse(text)
        self._instructions.count_fault(text)

    def _on_defect(self) -> None:
        reason = RunInstruction.Result.POLICY_FAULT
        self._instructions.close(reason, "the inference has ended by a defect; see the log")
        self.finish(1)

    def _refuse(self, text: str) -> None:
        if not self.active:
            return
        self._report.count_refused(text)
        self.get_logger().error(f"refused: {text}", throttle_duration_sec=LOG_PERIOD_S)
        self._say_change()

    def _say_status(self) -> None:
        message = self._status()
        self._status_said = (message.state, message.instruction)
        self._statuses.publish(message)

    def _say_change(self) -> None:
        message = self._status()
        if (message.state, message.instruction) != self._status_said:
            self._status_said = (message.state, message.instruction)
            self._statuses.publish(message)

    def _status(self) -> PolicyStatus:
        now_ns = self._now_ns()
        waiting_for = self._source.waiting_for(now_ns) if self.active else ()
        instruction = self._source.instruction
        return self._report.message(now_ns, self.active, instruction, waiting_for)

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def main() -> int:
    """Run the node; returns the exit code."""
    return run(PolicyNode)


if __name__ == "__main__":
    raise SystemExit(main())
