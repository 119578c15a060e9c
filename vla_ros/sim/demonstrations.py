# SPDX-License-Identifier: Apache-2.0
"""Records what the expert does, disturbed on purpose, as training material.

step        0    1    2    .    .    .    3    4        a kick (dots) moves the arm away, is not
recorded    x    x    x                   x    x        recorded, and ends the segment: chunks do
segment     0    0    0                   1    1        not reach across it
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vla_ros.core.arrays import FloatArray, ImageArray
from vla_ros.kinematics.inverse_kinematics import UnreachableError
from vla_ros.sim.expert import Expert, ExpertAction
from vla_ros.sim.scene import COLOURS, TASKS, draw_scene
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.task import Judge
from vla_ros.sim.world import ARM_JOINTS, GRIPPER_OPEN_M, TIME_STEP_S, TRAY_TOP_M

STEP_S = 0.1  # time between recorded steps, and of the policy's chunks
PICTURE_PX, CAMERA_PX = 96, 192  # recorded, rendered: averaging pixels stands in for multisampling
_SUBSTEPS = round(STEP_S / TIME_STEP_S)
_MAX_STEPS, _AFTER_SUCCESS = 110, 10
_NOISE_RAD = 0.006
_KICK_STEP_RAD = 0.14
_POINTS = 2  # target, tray


@dataclass(frozen=True)
class Episode:
    """T recorded steps of one demonstration.

    Attributes:
        front: (T, 96, 96, 3) uint8.
        wrist: (T, 96, 96, 3) uint8.
        state: (T, 8) measured joints [rad] and opening [m].
        command: (T, 8) joint targets in force at the step [rad], opening asked from now on [m].
        segment: (T,) number of the undisturbed stretch.
        points: (T, 2 cameras, 2 points, 2) target and tray as fractions of the picture.
        target: (T, 3) target cube in the base frame [m].
        task: index in `scene.TASKS`.
        colour: index of the target in `scene.COLOURS`.
    """

    front: ImageArray
    wrist: ImageArray
    state: FloatArray
    command: FloatArray
    segment: npt.NDArray[np.int64]
    points: FloatArray
    target: FloatArray
    task: npt.NDArray[np.int64]
    colour: npt.NDArray[np.int64]

    def save(self, path: Path) -> None:
        """Write an .npz file, complete or not at all."""
        partial = path.with_suffix(".partial")  # a name that no reader of *.npz finds
        with partial.open("wb") as file:
            np.savez(file, **{field.name: getattr(self, field.name) for field in fields(self)})
        partial.rename(path)

    @classmethod
    def load(cls, path: Path) -> "Episode":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            return cls(**{field.name: data[field.name] for field in fields(cls)})


def policy_picture(simulator: Simulator, camera: str) -> ImageArray:
    """A picture as the policy gets it from the simulator's camera, (96, 96, 3)."""
    picture = simulator.picture(camera, CAMERA_PX, CAMERA_PX)
    size = (PICTURE_PX, PICTURE_PX)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


class Recorder:
    """Plays the expert in one simulator and records it."""

    def __init__(self) -> None:
        """Build the world once; every episode resets it."""
        self._simulator = Simulator(draw_scene(0))
        self._expert = Expert()
        self._rows: list[dict[str, npt.NDArray[Any]]] = []

    def record(self, seed: int, task: str) -> Episode | None:
        """Record one demonstration.

        Args:
            seed: seed of the scene and of the disturbances.
            task: one of `scene.TASKS`.

        Returns:
            The episode, or None when even the expert did not finish it.
        """
        rng = np.random.default_rng((seed, 1))
        self._simulator.reset(draw_scene(seed, task))
        self._judge = Judge(self._simulator)
        self._command = ExpertAction(self._arm(), GRIPPER_OPEN_M)
        self._rows = []
        kicks = set(rng.integers(0, 40, size=rng.integers(0, 4)).tolist())
        segment, left = 0, _AFTER_SUCCESS
        for step in range(_MAX_STEPS):
            if step in kicks and not self._judge.state.success:
                self._kick(rng)
                segment += 1
            try:
                self._step(segment, rng)
            except UnreachableError:
                return None  # a kick pushed the cube out of reach
            left -= self._judge.state.success
            if left == 0:
                return self._episode(task)
        return None

    def _arm(self) -> FloatArray:
        return np.array(self._simulator.joint_positions[: len(ARM_JOINTS)])

    def _step(self, segment: int, rng: np.random.Generator) -> None:
        action = self._expert.act(self._simulator)
        self._note(segment, action.gripper_width)
        noisy = action.positions + rng.normal(0, _NOISE_RAD, len(ARM_JOINTS))
        self._move(noisy, action.gripper_width)
        self._command = action

    def _move(self, positions: FloatArray, width: float) -> None:
        start = np.array(self._command.positions)
        for substep in range(1, _SUBSTEPS + 1):
            self._simulator.command(start + (positions - start) * substep / _SUBSTEPS, width)
            self._simulator.step()
            self._judge.update()

    def _kick(self, rng: np.random.Generator) -> None:
        """Carry the arm towards a random pose for a few steps; sometimes flip the gripper."""
        width = self._command.gripper_width
        if rng.random() < 0.25:
            width = GRIPPER_OPEN_M - width
        position = np.array(
            [rng.uniform(0.34, 0.66), rng.uniform(-0.30, 0.30), rng.uniform(0.03, 0.36)]
        )
        goal = self._expert.inverse(position, rng.uniform(-0.7, 0.7))
        for _ in range(int(rng.integers(3, 8))):
            start = np.array(self._command.positions)
            change = np.clip(goal - start, -_KICK_STEP_RAD, _KICK_STEP_RAD)
            self._move(start + change, width)
            self._command = ExpertAction(start + change, width)

    def _note(self, segment: int, width: float) -> None:
        simulator = self._simulator
        scene, target = simulator.scene, simulator.cube(simulator.scene.target).position
        tray = np.array([scene.tray_x, scene.tray_y, TRAY_TOP_M])
        row: dict[str, npt.NDArray[Any]] = {
            camera: policy_picture(simulator, camera) for camera in ("front", "wrist")
        }
        row["state"] = np.array([*self._arm(), simulator.gripper_width])
        row["command"] = np.array([*self._command.positions, width])
        row["segment"] = np.array(segment)
        row["target"] = np.array(target)
        row["points"] = np.array(
            [[simulator.project(c, p) for p in (target, tray)] for c in ("front", "wrist")]
        )
        self._rows.append(row)

    def _episode(self, task: str) -> Episode:
        arrays = {name: np.stack([row[name] for row in self._rows]) for name in self._rows[0]}
        colour = COLOURS.index(self._simulator.scene.target)
        return Episode(**arrays, task=np.array(TASKS.index(task)), colour=np.array(colour))
