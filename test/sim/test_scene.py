# SPDX-License-Identifier: Apache-2.0
"""Scenes: drawn from a seed alone, with room between the cubes."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.scene import COLOURS, CUBE_SIDE_M, TASKS, TRAY_SIDE_M, draw_scene

SEEDS = st.integers(0, 2**63 - 1)


@given(SEEDS)
def test_the_same_seed_gives_the_same_scene(seed):
    assert draw_scene(seed) == draw_scene(seed)


@given(SEEDS, st.sampled_from(TASKS), st.sampled_from(COLOURS))
def test_a_scene_can_be_played(seed, task, target):
    scene = draw_scene(seed, task, target)
    colours = [cube.colour for cube in scene.cubes]
    assert (scene.task, scene.target) == (task, target)
    assert 2 <= len(colours) == len(set(colours))
    assert target in colours
    for one, other in combinations(scene.cubes, 2):
        # even corner to corner, the open fingers (16 mm each) fit between
        assert np.hypot(one.x - other.x, one.y - other.y) > CUBE_SIDE_M * np.sqrt(2) + 0.016
    for cube in scene.cubes:
        apart = max(abs(cube.x - scene.tray_x), abs(cube.y - scene.tray_y))
        assert apart > TRAY_SIDE_M / 2 + CUBE_SIDE_M / np.sqrt(2)


@given(SEEDS, st.sampled_from(COLOURS))
def test_another_target_keeps_the_scene(seed, target):
    drawn, asked = draw_scene(seed), draw_scene(seed, target=target)
    assert (asked.task, asked.tray_x, asked.tray_y) == (drawn.task, drawn.tray_x, drawn.tray_y)
    if target in [cube.colour for cube in drawn.cubes]:
        assert asked.cubes == drawn.cubes
    else:
        assert asked.cubes == (replace(drawn.cubes[0], colour=target), *drawn.cubes[1:])


def test_seeds_draw_all_tasks_colours_numbers_and_sides():
    scenes = [draw_scene(seed) for seed in range(100)]
    assert {scene.task for scene in scenes} == set(TASKS)
    assert {scene.target for scene in scenes} == set(COLOURS)
    assert {len(scene.cubes) for scene in scenes} == {2, 3, 4}
    assert {scene.tray_y > 0 for scene in scenes} == {True, False}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1,), "a seed >= 0; got -1"),
        ((0, "juggle"), "a task of .*'pick', 'place'.*got 'juggle'"),
        ((0, "", "pink"), "a colour of .*'yellow'.*or empty; got 'pink'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, words):
    with pytest.raises(ConfigError, match=words):
        draw_scene(*arguments)
