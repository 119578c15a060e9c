# SPDX-License-Identifier: Apache-2.0
"""Scenes and tasks drawn from a seed: which cubes lie where, and what is asked."""

from dataclasses import dataclass, replace

import numpy as np

from vla_ros.core.exceptions import ConfigError

COLOURS = ("red", "green", "blue", "yellow")
TASKS = ("pick", "place")
CUBE_SIDE_M = 0.04
TRAY_SIDE_M = 0.16
_CUBE_X, _CUBE_Y, _MIN_GAP_M = (0.36, 0.64), (-0.18, 0.18), 0.085
_TRAY_X, _TRAY_Y = (0.42, 0.56), (0.30, 0.34)


@dataclass(frozen=True)
class Cube:
    """A cube at rest on the table.

    Attributes:
        colour: one of `COLOURS`.
        x: centre in the base frame [m].
        y: centre in the base frame [m].
        yaw: rotation about z [rad].
    """

    colour: str
    x: float
    y: float
    yaw: float


@dataclass(frozen=True)
class Scene:
    """What an episode starts from.

    Attributes:
        task: "pick" (lift the target) or "place" (put the target on the tray).
        target: colour of the cube that the task is about.
        cubes: all cubes, each of another colour.
        tray_x: centre of the tray in the base frame [m].
        tray_y: centre of the tray in the base frame [m].
    """

    task: str
    target: str
    cubes: tuple[Cube, ...]
    tray_x: float
    tray_y: float


def draw_scene(seed: int, task: str = "", target: str = "") -> Scene:
    """Draw two to four cubes, a tray and a task.

    Args:
        seed: the same seed gives the same scene.
        task: one of `TASKS`, or empty to draw it too.
        target: one of `COLOURS`, or empty to draw it too. A scene without that colour gets it in
            place of its first cube's; otherwise the scene is the same for every target.

    Raises:
        ConfigError: a negative seed, an unknown task or colour.
    """
    if target not in ("", *COLOURS):
        raise ConfigError(f"a colour of {list(COLOURS)}, or empty", f"'{target}'", "Choose one.")
    if seed < 0:
        raise ConfigError("a seed >= 0", f"{seed}", "Choose a whole number from 0 up.")
    if task not in ("", *TASKS):
        raise ConfigError(f"a task of {list(TASKS)}, or empty", f"'{task}'", "Choose one of them.")
    rng = np.random.default_rng(seed)
    drawn = TASKS[int(rng.integers(len(TASKS)))]
    colours = rng.permutation(COLOURS)[: int(rng.integers(2, len(COLOURS) + 1))]
    cubes: list[Cube] = []
    for colour in colours:
        cubes.append(_free_cube(str(colour), cubes, rng))
    side = 1.0 if rng.random() < 0.5 else -1.0
    tray_x, tray_y = float(rng.uniform(*_TRAY_X)), side * float(rng.uniform(*_TRAY_Y))
    if target and target not in colours:
        cubes[0] = replace(cubes[0], colour=target)
    return Scene(task or drawn, target or cubes[0].colour, tuple(cubes), tray_x, tray_y)


def _free_cube(colour: str, others: list[Cube], rng: np.random.Generator) -> Cube:
    while True:
        x, y = float(rng.uniform(*_CUBE_X)), float(rng.uniform(*_CUBE_Y))
        if all(np.hypot(x - cube.x, y - cube.y) > _MIN_GAP_M for cube in others):
            return Cube(colour, x, y, float(rng.uniform(-np.pi / 4, np.pi / 4)))
