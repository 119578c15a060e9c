# SPDX-License-Identifier: Apache-2.0
"""A simulated robot with the topics of a real one: sensors out, controller commands in.

The simulation's own thread steps physics, renders and publishes; callbacks leave commands for it.
"""

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as RequestTimeoutError

import numpy as np
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.exceptions import VlaRosError
from vla_ros.nodes.managed_node import ManagedNode, run
from vla_ros.nodes.parameters import declare_settings, read_settings
from vla_ros.nodes.sim_publishers import CameraPublisher, StatePublisher, clock_message
from vla_ros.nodes.sim_settings import SimSettings
from vla_ros.sim.controllers import CommandError, Trajectory
from vla_ros.sim.instructions import sentence
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.simulation import Simulation
from vla_ros.sim.world import ARM_JOINTS, TIME_STEP_S
from vla_ros.srv import GetTask, ResetWorld

ANSWER_TIMEOUT_S = 5.0
LOG_PERIOD_S = 2.0
MAX_CATCH_UP_S = 0.25  # a longer stall slows simulated time down instead of rushing after it
COMMAND_DEPTH = QoSProfile(depth=10)


class SimNode(ManagedNode):
    """The demo arm in MuJoCo.

    Publishes `camera_<name>/image`, `camera_<name>/camera_info`, `joint_states`, `wrench`, and
    `/clock` when asked. Takes `forward_position_controller/commands`,
    `joint_trajectory_controller/joint_trajectory` and `gripper_controller/commands` (opening [m]);
    the newest arm command wins. Services `~/reset` and `~/get_task`.
    """

    def __init__(self) -> None:
        """Declare the parameters; see `SimSettings`."""
        super().__init__("sim_node")
        declare_settings(self, SimSettings)
        self._thread: threading.Thread | None = None
        self._running = threading.Event()

    def configure(self) -> None:
        """Build the world and everything that is said and heard.

        Raises:
            VlaRosError: a bad parameter.
        """
        self._settings = settings = read_settings(self, SimSettings)
        self._simulation = Simulation(draw_scene(settings.seed, settings.task))
        self._states = StatePublisher(self)
        size = settings.camera_size_px
        self._cameras = [CameraPublisher(self, name, size, size) for name in ("front", "wrist")]
        self._overview = CameraPublisher(self, "overview", 480, 640)
        self._time = self.create_publisher(Clock, "/clock", 1)
        self._inputs = [
            self._listen(Float64MultiArray, "forward_position_controller/commands", self._forward),
            self._listen(
                JointTrajectory, "joint_trajectory_controller/joint_trajectory", self._follow
            ),
            self._listen(Float64MultiArray, "gripper_controller/commands", self._grip),
        ]
        self._episode_services = [
            self.create_service(ResetWorld, "~/reset", self._reset),
            self.create_service(GetTask, "~/get_task", self._get_task),
        ]

    def activate(self) -> None:
        """Let time run."""
        self._running.set()
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)
        self._thread.start()

    def deactivate(self) -> None:
        """Let time stand."""
        self._running.clear()
        if self._thread is not None:
            self._thread.join()

    def cleanup(self) -> None:
        """Leave the graph."""
        for subscription in self._inputs:
            self.destroy_subscription(subscription)
        for service in self._episode_services:
            self.destroy_service(service)

    def _listen(self, kind: type, topic: str, take: Callable[[object], None]) -> object:
        logged_s = -math.inf

        def callback(message: object) -> None:
            nonlocal logged_s  # one a topic: a refusal must not hide another topic's
            try:
                take(message)
            except VlaRosError as error:
                if time.monotonic() - logged_s > LOG_PERIOD_S:
                    logged_s = time.monotonic()
                    self.get_logger().error(f"{topic} refused: {error}")

        return self.create_subscription(kind, topic, callback, COMMAND_DEPTH)

    def _forward(self, message: Float64MultiArray) -> None:
        self._simulation.forward(message.data)

    def _grip(self, message: Float64MultiArray) -> None:
        self._simulation.grip(message.data)

    def _follow(self, message: JointTrajectory) -> None:
        self._simulation.follow(trajectory_from(message))

    def _reset(
        self, request: ResetWorld.Request, response: ResetWorld.Response
    ) -> ResetWorld.Response:
        try:
            scene = draw_scene(request.seed, request.task, request.target)
            self._simulation.request(lambda: self._simulation.reset(scene)).result(
                ANSWER_TIMEOUT_S
            )
        except VlaRosError as error:
            response.message = str(error)
            return response
        except RequestTimeoutError:
            response.message = "the simulation does not run; activate sim_node first"
            return response
        response.success, response.task, response.target = True, scene.task, scene.target
        response.cubes = [cube.colour for cube in scene.cubes]
        response.instruction = sentence(scene.task, scene.target, request.seed, False)
        response.held_out_instruction = sentence(scene.task, scene.target, request.seed, True)
        return response

    def _get_task(self, request: GetTask.Request, response: GetTask.Response) -> GetTask.Response:
        scene = self._simulation.simulator.scene
        try:
            state = self._simulation.request(self._simulation.task_state).result(ANSWER_TIMEOUT_S)
        except RequestTimeoutError:
            response.phase = "the simulation does not run"
            return response
        response.task, response.target = scene.task, scene.target
        response.success, response.wrong_object = state.success, state.wrong_object
        response.phase, response.elapsed = state.phase, state.elapsed_s
        return response

    def _run(self) -> None:
        try:
            self._step_until_stopped()
        finally:
            if self._running.is_set():
                self.finish(1)  # a robot that died must not look like one that stands still

    def _step_until_stopped(self) -> None:
        factor = self._settings.real_time_factor
        start_s, stepped = time.monotonic(), 0
        while self._running.is_set():
            self._simulation.advance()
            stepped += 1
            self._publish(stepped)
            if factor == 0:
                continue
            ahead_s = stepped * TIME_STEP_S / factor - (time.monotonic() - start_s)
            if ahead_s > 0:
                time.sleep(ahead_s)
            elif ahead_s < -MAX_CATCH_UP_S:
                start_s -= ahead_s

    def _publish(self, stepped: int) -> None:
        settings, simulator = self._settings, self._simulation.simulator
        if settings.publish_clock:
            stamp_ns = round(simulator.time_s * NS_PER_S)
            self._time.publish(clock_message(stamp_ns))
        else:
            stamp_ns = self.get_clock().now().nanoseconds
        if stepped % settings.every(settings.joint_state_rate_hz) == 0:
            self._states.publish(simulator, stamp_ns)
        if stepped % settings.every(settings.camera_rate_hz) == 0:
            for camera in self._cameras:
                camera.publish(simulator, stamp_ns)
        if settings.overview_rate_hz and stepped % settings.every(settings.overview_rate_hz) == 0:
            self._overview.publish(simulator, stamp_ns)


def trajectory_from(message: JointTrajectory) -> Trajectory:
    """Read a trajectory message as joint_trajectory_controller does.

    Raises:
        CommandError: joints missing or unknown, points of another width, times not increasing.
    """
    names = list(message.joint_names)
    if sorted(names) != sorted(ARM_JOINTS):
        raise CommandError(f"the joints {list(ARM_JOINTS)}", f"{names}", "Name all of them.")
    order = [names.index(name) for name in ARM_JOINTS]
    rows = [(list(point.positions), list(point.velocities)) for point in message.points]
    with_velocities = any(velocities for _, velocities in rows)
    for positions, velocities in rows:
        if len(positions) != len(names) or (with_velocities and len(velocities) != len(names)):
            raise CommandError(
                f"{len(names)} positions, and velocities in all points or in none",
                f"{len(positions)} positions, {len(velocities)} velocities",
                "Fill every point.",
            )
    seconds = [p.time_from_start.sec + p.time_from_start.nanosec * 1e-9 for p in message.points]
    return Trajectory(
        np.array(seconds),
        np.array([row[0] for row in rows]).reshape(-1, len(names))[:, order],
        np.array([row[1] for row in rows])[:, order] if with_velocities else None,
    )


def main() -> int:
    """Run the node; returns the exit code."""
    return run(SimNode)


if __name__ == "__main__":
    raise SystemExit(main())
