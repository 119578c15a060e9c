# SPDX-License-Identifier: Apache-2.0
"""The player: says the sentence after the reset, and stops at success, mistake or time-out."""

from types import SimpleNamespace

import pytest

from vla_ros.cli.episode_plan import PlannedEpisode
from vla_ros.cli.episode_player import LIMIT_S, EpisodePlayer

PLAN = PlannedEpisode(7, "pick", "red", "pick up the red cube", "training")


class World:
    """Stands in for the running system: its task states come from a list, the last one stays."""

    def __init__(self, *states):
        self.states, self.calls = list(states), []
        self.latencies_s, self.inferences_s = [9.9], [9.9]

    def reset(self, seed, task="", target=""):
        self.calls.append(("reset", seed, task, target))
        return SimpleNamespace(cubes=["red", "blue"])

    def clear_figures(self):
        self.latencies_s, self.inferences_s = [], []

    def instruct(self, text):
        self.calls.append(("instruct", text))
        self.latencies_s, self.inferences_s = [0.05, 0.06], [0.02]

    def task_state(self):
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def state(elapsed, success=False, wrong_object=False, phase="reach"):
    return SimpleNamespace(
        elapsed=elapsed, success=success, wrong_object=wrong_object, phase=phase
    )


def play(plan, *states, check=lambda: None):
    world, phases = World(*states), []
    player = EpisodePlayer(world, check, lambda phase, elapsed: phases.append((phase, elapsed)))
    return world, player.play(plan), phases


def test_success():
    world, result, phases = play(PLAN, state(0), state(1.0), state(2.34, True, phase="done"))
    assert world.calls == [("reset", 7, "pick", "red"), ("instruct", "pick up the red cube")]
    assert (result.success, result.wrong_object, result.phase) == (True, False, "done")
    assert (result.duration_s, result.steps, result.cubes) == (2.34, 23, ("red", "blue"))
    assert (result.latencies_s, result.inferences_s) == ((0.05, 0.06), (0.02,))
    assert phases == [("reach", 1.0), ("done", 2.34)]


def test_the_wrong_cube_ends_it():
    _, result, _ = play(PLAN, state(0), state(1.0, wrong_object=True, phase="wrong object"))
    assert (result.success, result.wrong_object) == (False, True)


def test_the_time_limit_ends_it():
    _, result, _ = play(PLAN, state(0), state(LIMIT_S - 0.1), state(LIMIT_S + 0.1))
    assert (result.success, result.phase, result.duration_s) == (False, "reach", LIMIT_S + 0.1)


def test_without_one_colour_nothing_is_judged():
    free = PlannedEpisode(7, "pick", "red", "do something", "free", judged=False)
    _, result, _ = play(free, state(0), state(1.0, wrong_object=True))
    assert (result.success, result.wrong_object) == (None, False)


def test_a_dead_node_is_told():
    def check():
        raise RuntimeError("policy_node has ended")

    with pytest.raises(RuntimeError, match="policy_node has ended"):
        play(PLAN, state(0), check=check)
