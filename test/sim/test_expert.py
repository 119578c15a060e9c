# SPDX-License-Identifier: Apache-2.0
"""The expert solves its tasks, within its own step limits, from any state it is put in."""

import numpy as np
import pytest

from vla_ros.sim.scene import draw_scene
from vla_ros.sim.task import Judge
from vla_ros.sim.world import GRIPPER_OPEN_M, TIME_STEP_S


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("task", ["pick", "place"])
def test_the_expert_solves_the_task(simulator, work, task, seed):
    simulator.reset(draw_scene(seed, task))
    judge = Judge(simulator)
    work(judge, lambda: judge.state.success)
    assert judge.state.success
    assert judge.state.elapsed_s < 6


def test_it_depends_on_the_state_alone(simulator, expert):
    simulator.reset(draw_scene(1, "pick"))
    first = expert.act(simulator)
    expert.act(simulator)
    again = expert.act(simulator)
    np.testing.assert_array_equal(again.positions, first.positions)
    assert again.gripper_width == first.gripper_width


@pytest.mark.parametrize("seed", range(3))
def test_steps_are_short(simulator, expert, seed):
    simulator.reset(draw_scene(seed))
    for _ in range(30):
        action = expert.act(simulator)
        change = np.abs(action.positions - simulator.joint_positions[:7])
        assert change.max() <= 0.16 + 1e-9
        for _ in range(20):
            simulator.command(action.positions, action.gripper_width)
            simulator.step()


def test_it_recovers_when_the_cube_is_dropped(simulator, work):
    simulator.reset(draw_scene(2, "place"))
    judge, target = Judge(simulator), simulator.scene.target
    work(judge, lambda: simulator.cube(target).position[2] > 0.06)
    posture = np.array(simulator.joint_positions[:7])
    for _ in range(round(0.5 / TIME_STEP_S)):
        simulator.command(posture, GRIPPER_OPEN_M)
        simulator.step()
    assert simulator.cube(target).position[2] < 0.05
    work(judge, lambda: judge.state.success)
    assert judge.state.success
