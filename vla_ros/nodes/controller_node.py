# SPDX-License-Identifier: Apache-2.0
"""Action chunks and joint states in; one safe command per tick out.

callbacks --> MotionController <-- control thread --> command sinks, status, events
"""

from collections.abc import Callable

from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger

from vla_ros.core.exceptions import SafetyError, SupersededError, VlaRosError
from vla_ros.core.fixed_rate import FixedRate
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.msg import ActionChunk as ActionChunkMessage
from vla_ros.nodes import qos
from vla_ros.nodes.chunk_conversion import chunk_from_message
from vla_ros.nodes.command_sink import CommandSink
from vla_ros.nodes.control_loop import ControlLoop
from vla_ros.nodes.controller_node_settings import ControllerNodeSettings
from vla_ros.nodes.controller_reporter import ControllerReporter
from vla_ros.nodes.controller_settings import ControllerSettings
from vla_ros.nodes.forward_position_sink import ForwardPositionSink
from vla_ros.nodes.gripper_sink import GripperSink
from vla_ros.nodes.joint_trajectory_sink import JointTrajectorySink
from vla_ros.nodes.loop_pacer import pacer_of
from vla_ros.nodes.managed_node import ManagedNode, run
from vla_ros.nodes.motion_controller import MotionController
from vla_ros.nodes.parameters import declare_settings, read_settings
from vla_ros.nodes.profile_files import load_profile, load_robot_description

LOG_PERIOD_S = 2.0  # a refusal that repeats is logged this often
STOP_TIMEOUT_S = 5.0  # a bound for the deceleration of a deactivation; it takes below 1 s


class ControllerNode(ManagedNode):
    """Executes chunks within the limits of one robot.

    Subscribes `joint_states`, `action_chunk`, `instruction`; publishes the commands,
    `controller_status` and `safety_events`; services `~/stop` and `~/reset`.
    """

    def __init__(self) -> None:
        """Declare the parameters; see `ControllerNodeSettings` and `ControllerSettings`."""
        super().__init__("controller_node")
        declare_settings(self, ControllerNodeSettings)
        declare_settings(self, ControllerSettings)
        self._motion: MotionController | None = None
        self._instruction: str | None = None

    def configure(self) -> None:
        """Read settings and robot, then create everything that is said and heard.

        Raises:
            VlaRosError: a bad parameter, profile or robot description.
        """
        settings = read_settings(self, ControllerNodeSettings)
        self._settings = read_settings(self, ControllerSettings)
        self._profile = profile = load_profile(settings.robot)
        urdf, frames = load_robot_description(profile), (profile.base_frame, profile.tool_frame)
        self._model = RobotModel.from_urdf(urdf, profile.joint_names, *frames)
        RobotModel.from_urdf(urdf, (profile.gripper_joint,), *frames)  # refuses a name not in it
        self._sinks: list[CommandSink] = [self._arm_sink(settings), GripperSink(self)]
        self._reporter = ControllerReporter(self)
        self._create_inputs()

    def activate(self) -> None:
        """Start the control thread; it is idle until the first joint state."""
        motion = MotionController(self._profile, self._model.tool_position, self._settings)
        if self._instruction is not None:
            motion.on_instruction(self._instruction)
        rate_hz = self._settings.rate_hz
        pacer = pacer_of(self, rate_hz)
        self._loop = ControlLoop(pacer, rate_hz, self._tick, lambda: self.finish(1))
        self._motion = motion
        self._loop.start()
        if self._now_ns() == 0:
            self.get_logger().info("waits for /clock: use_sim_time is set and no time has come")

    def deactivate(self) -> None:
        """Decelerate to rest, then stop to publish commands."""
        motion = self._moving()
        motion.stop("the controller is deactivated", self._now_ns())
        self._loop.stop()
        self._brake(motion)
        self._motion = None

    def cleanup(self) -> None:
        """Destroy what `configure` created."""
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        for service in self._services_of_motion:
            self.destroy_service(service)
        for sink in self._sinks:
            sink.destroy()
        self._reporter.destroy()

    def _arm_sink(self, settings: ControllerNodeSettings) -> CommandSink:
        if settings.sink == "joint_trajectory":
            return JointTrajectorySink(self, self._profile, settings.look_ahead_s)
        return ForwardPositionSink(self)

    def _create_inputs(self) -> None:
        subscribe, serve = self.create_subscription, self.create_service
        self._inputs = [
            subscribe(ActionChunkMessage, "action_chunk", self._on_chunk, qos.ACTION_CHUNKS),
            subscribe(JointState, "joint_states", self._on_joints, qos.JOINT_STATES),
            *qos.subscribe_instruction(self, self._on_instruction),
        ]
        self._services_of_motion = [
            serve(Trigger, "~/stop", self._on_stop),
            serve(Trigger, "~/reset", self._on_reset),
        ]

    def _on_joints(self, message: JointState) -> None:
        motion = self._motion
        # The messages of a gripper's own driver name no joint of the arm.
        if motion is None or not set(message.name) & set(self._profile.joint_names):
            return
        try:
            motion.on_joint_state(message.name, message.position, self._now_ns())
        except VlaRosError as error:
            self._log_refusal("joint_states", error)

    def _on_chunk(self, message: ActionChunkMessage) -> None:
        motion = self._motion
        if motion is None:
            return
        try:
            chunk = chunk_from_message(message)
        except VlaRosError as error:
            motion.on_refused_chunk(error)
            self._log_refusal("action_chunk", error)
            return
        try:
            motion.on_chunk(chunk, self._now_ns())
        except SupersededError as error:
            self.get_logger().debug(str(error))
        except VlaRosError as error:
            self._log_refusal("action_chunk", error)

    def _on_instruction(self, message: String) -> None:
        self._instruction = message.data.strip()
        if self._motion is not None:
            self._motion.on_instruction(self._instruction)

    def _on_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, lambda m, now: m.stop("the stop service was called", now))

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, lambda motion, now_ns: motion.reset(now_ns))

    def _answer(
        self, response: Trigger.Response, action: Callable[[MotionController, int], None]
    ) -> Trigger.Response:
        try:
            action(self._moving(), self._now_ns())
        except VlaRosError as error:
            response.message = str(error)
            return response
        response.success = True
        return response

    def _moving(self) -> MotionController:
        if self._motion is None:
            raise SafetyError("an active controller", "an inactive one", "Activate it first.")
        return self._motion

    def _tick(self) -> None:
        motion, now_ns = self._moving(), self._now_ns()
        result = motion.tick(now_ns)
        if result.command is not None:
            for sink in self._sinks:
                sink.send(result.command)
        self._reporter.after_tick(result, motion, self._loop, now_ns)

    def _brake(self, motion: MotionController) -> None:
        # Not on the node's clock: a transition holds up the callback that reads /clock, and a
        # simulator may have ended before. The pipeline moves by one nominal period per tick.
        rate = FixedRate(self._settings.rate_hz)
        for _ in range(round(STOP_TIMEOUT_S * self._settings.rate_hz)):
            if motion.at_rest:
                return
            rate.wait()
            self._tick()

    def _log_refusal(self, topic: str, error: VlaRosError) -> None:
        self.get_logger().error(f"{topic} refused: {error}", throttle_duration_sec=LOG_PERIOD_S)

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def main() -> int:
    """Run the node; returns the exit code."""
    return run(ControllerNode)


if __name__ == "__main__":
    raise SystemExit(main())
