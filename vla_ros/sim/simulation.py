# SPDX-License-Identifier: Apache-2.0
"""The running simulation: controllers, physics and judge, advanced by one thread.

ROS callbacks  --request(...)-->  queue  --between two physics steps-->  simulation thread
"""

import math
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np

from vla_ros.sim.controllers import ArmController, CommandError, Trajectory
from vla_ros.sim.scene import Scene
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.task import Judge, TaskState
from vla_ros.sim.world import ARM_JOINTS, GRIPPER_OPEN_M, HOME

Answer = TypeVar("Answer")
QUIET_S = 0.05  # several periods of any controller


class Simulation:
    """One episode after another. Only `request` and the commands may be called by other threads.

    Attributes:
        simulator: the world; touched by the thread that calls `advance` alone.
    """

    def __init__(self, scene: Scene) -> None:
        """Build the world and start the first episode."""
        self.simulator = Simulator(scene)
        self._arm = ArmController(ARM_JOINTS, np.array(HOME))
        self._gripper_width = GRIPPER_OPEN_M
        self._commanded_s = -math.inf
        self._judge = Judge(self.simulator)
        self._requests: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = (
            queue.SimpleQueue()
        )

    def request(self, action: Callable[[], Answer]) -> "Future[Answer]":
        """Have the simulation's thread call a function before its next step."""
        future: Future[Answer] = Future()
        self._requests.put((action, future))
        return future

    def advance(self) -> None:
        """Answer requests, then advance physics by one step."""
        while not self._requests.empty():
            action, future = self._requests.get()
            try:
                future.set_result(action())
            except Exception as error:  # handed to the one who asked
                future.set_exception(error)
        target, _ = self._arm.sample(self.simulator.time_s)
        self.simulator.command(target, self._gripper_width)
        self.simulator.step()
        self._judge.update()

    def reset(self, scene: Scene) -> None:
        """Start an episode; by `request` only.

        Raises:
            CommandError: somebody commands the arm, which would jerk it back to where it was.
        """
        quiet_s = time.monotonic() - self._commanded_s
        if quiet_s < QUIET_S:
            raise CommandError(
                f"no arm command for {QUIET_S:g} s before a reset",
                f"one {quiet_s * 1e3:.0f} ms ago",
                "Deactivate the controller first: ros2 lifecycle set /controller_node deactivate.",
            )
        self.simulator.reset(scene)
        self._arm.hold(np.array(HOME))
        self._gripper_width = GRIPPER_OPEN_M
        self._judge = Judge(self.simulator)

    def task_state(self) -> TaskState:
        """How the episode stands; by `request` only."""
        return self._judge.state

    def forward(self, positions: Sequence[float]) -> None:
        """Take a forward position command (7,) [rad].

        Raises:
            CommandError: another number of values, or NaN.
        """
        self._arm.forward(positions)
        self._commanded_s = time.monotonic()

    def follow(self, trajectory: Trajectory) -> None:
        """Take a trajectory; it starts with the next step."""
        self._commanded_s = time.monotonic()
        self.request(lambda: self._arm.follow(trajectory, self.simulator.time_s))

    def grip(self, width: Sequence[float]) -> None:
        """Take a gripper command, one opening [m].

        Raises:
            CommandError: another number of values, or NaN.
        """
        if len(width) != 1 or not np.isfinite(width[0]):
            raise CommandError("one finite opening [m]", f"{list(width)}", "Check the sender.")
        self._gripper_width = float(width[0])
