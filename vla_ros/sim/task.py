# SPDX-License-Identifier: Apache-2.0
"""Judges an episode: done, failed by taking the wrong cube, or under way."""

from dataclasses import dataclass

import numpy as np

from vla_ros.sim.scene import CUBE_SIDE_M, TRAY_SIDE_M
from vla_ros.sim.simulator import CubeState, Simulator
from vla_ros.sim.world import TIME_STEP_S, TRAY_TOP_M

LIFTED_M = 0.10  # centre of a cube that counts as picked up
_DISTURBED_M = 0.05  # centre of another cube that counts as taken
_HOLD_S = 0.25  # a success must last this long
_TRAY_MARGIN_M = 0.01


@dataclass(frozen=True)
class TaskState:
    """How the episode stands.

    Attributes:
        success: the task was done with the right cube; stays true until the reset.
        wrong_object: another cube was lifted; stays true until the reset.
        phase: for people.
        elapsed_s: simulated time since the reset [s].
    """

    success: bool
    wrong_object: bool
    phase: str
    elapsed_s: float


class Judge:
    """Watches one episode; call `update` after every physics step."""

    def __init__(self, simulator: Simulator) -> None:
        """Start at the simulator's present scene and time."""
        self._simulator = simulator
        self._scene = simulator.scene
        self._start_s = simulator.time_s
        self._done_s = 0.0
        self._success = self._wrong_object = False

    def update(self) -> None:
        """Look at the cubes once."""
        others = [cube.colour for cube in self._scene.cubes if cube.colour != self._scene.target]
        heights = [self._simulator.cube(colour).position[2] for colour in others]
        if not self._success and any(height > _DISTURBED_M for height in heights):
            self._wrong_object = True
        self._done_s = self._done_s + TIME_STEP_S if self._done_now() else 0.0
        if self._done_s >= _HOLD_S and not self._wrong_object:
            self._success = True

    @property
    def state(self) -> TaskState:
        """How the episode stands now."""
        elapsed = self._simulator.time_s - self._start_s
        return TaskState(self._success, self._wrong_object, self._phase(), elapsed)

    def _done_now(self) -> bool:
        target = self._simulator.cube(self._scene.target)
        if self._scene.task == "pick":
            return bool(target.position[2] > LIFTED_M)
        return self._on_tray(target) and self._simulator.gripper_width > CUBE_SIDE_M + 0.01

    def _on_tray(self, cube: CubeState) -> bool:
        offset = cube.position[:2] - (self._scene.tray_x, self._scene.tray_y)
        resting = cube.position[2] < TRAY_TOP_M + CUBE_SIDE_M * 0.75 and cube.speed < 0.05
        inside = np.abs(offset).max() < TRAY_SIDE_M / 2 - _TRAY_MARGIN_M
        return bool(resting and inside)

    def _phase(self) -> str:
        if self._wrong_object:
            return "wrong object"
        if self._success:
            return "done"
        target = self._simulator.cube(self._scene.target)
        distance = np.linalg.norm(self._simulator.tool_pose[:3, 3] - target.position)
        if self._scene.task == "place" and self._on_tray(target):
            return "release"
        if target.position[2] > CUBE_SIDE_M:
            return "lift" if self._scene.task == "pick" else "carry"
        return "grasp" if distance < 0.03 else "reach"
