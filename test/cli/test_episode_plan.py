# SPDX-License-Identifier: Apache-2.0
"""Plans: seeds count up, wordings alternate, free text is judged by its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.cli.episode_plan import plan_episodes
from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.instructions import HELD_OUT, TRAINING
from vla_ros.sim.scene import COLOURS, draw_scene


@given(st.integers(1, 30), st.integers(0, 10**6))
def test_drawn_episodes_name_their_task_and_colour(count, seed):
    plans = plan_episodes(count, seed, None)
    assert [plan.seed for plan in plans] == list(range(seed, seed + count))
    for index, plan in enumerate(plans):
        scene = draw_scene(plan.seed)
        assert (plan.task, plan.target) == (scene.task, scene.target)
        assert plan.wording == ("held out" if index % 2 else "training")
        templates = (HELD_OUT if index % 2 else TRAINING)[plan.task]
        assert plan.instruction in [text.format(plan.target) for text in templates]
        assert plan.judged


@pytest.mark.parametrize(
    ("text", "task", "target"),
    [
        ("pick up the BLUE cube!", "pick", "blue"),
        ("put the green thing on the tray", "place", "green"),
        ("Onto the plate with the red one.", "place", "red"),
    ],
)
def test_free_text_is_judged_by_colour_and_tray(text, task, target):
    for plan in plan_episodes(3, 50, text):
        assert (plan.task, plan.target, plan.instruction) == (task, target, text)
        assert (plan.wording, plan.judged) == ("free", True)
        assert target in [cube.colour for cube in draw_scene(plan.seed, task, target).cubes]


@pytest.mark.parametrize(
    "text", ["do something", "the red or the blue one", "reddish cube", "pick the purple cube"]
)
def test_free_text_without_one_colour_is_not_judged(text):
    for plan in plan_episodes(2, 50, text):
        assert not plan.judged
        assert plan.target in COLOURS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 7, None), "at least 1 episode; got 0. Give --episodes"),
        ((-3, 7, None), "got -3"),
        ((1, 7, ""), "an instruction with words; got ''"),
        ((1, 7, " ?! "), "Say what to do"),
        ((1, -1, None), "seeds from 0 to .*from seed -1"),
        ((1, -1, "lift the red cube"), "seeds from 0 to"),
    ],
)
def test_what_cannot_be_played_is_refused(arguments, words):
    with pytest.raises(ConfigError, match=words):
        plan_episodes(*arguments)


@pytest.mark.parametrize(("count", "seed"), [(10**12, 0), (1, 2**63), (1, -1)])
def test_numbers_beyond_all_use_are_refused_at_once(count, seed):
    with pytest.raises(ConfigError, match="at most 100000 episodes and seeds from 0"):
        plan_episodes(count, seed, None)


def test_control_characters_are_refused():
    with pytest.raises(ConfigError, match="printable"):
        plan_episodes(1, 0, "pick up\x00 the red cube")
