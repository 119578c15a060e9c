# SPDX-License-Identifier: Apache-2.0
"""The running simulation: requests, commands, and resets while somebody commands."""

import time

import numpy as np
import pytest

from vla_ros.sim.controllers import CommandError, Trajectory
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.simulation import QUIET_S, Simulation
from vla_ros.sim.world import ARM_JOINTS, HOME, TIME_STEP_S

GOAL = np.array(HOME) + 0.1


@pytest.fixture
def simulation():
    return Simulation(draw_scene(1))


def advance(simulation, seconds):
    for _ in range(round(seconds / TIME_STEP_S)):
        simulation.advance()


def arm(simulation):
    return simulation.simulator.joint_positions[: len(ARM_JOINTS)]


def test_without_commands_it_stays_home(simulation):
    advance(simulation, 0.5)
    np.testing.assert_allclose(arm(simulation), HOME, atol=1e-3)


def test_forward_commands_trajectories_and_openings_are_followed(simulation):
    simulation.forward(GOAL.tolist())
    simulation.grip([0.02])
    advance(simulation, 1.5)
    np.testing.assert_allclose(arm(simulation), GOAL, atol=1e-3)
    assert simulation.simulator.gripper_width == pytest.approx(0.02, abs=1e-3)
    simulation.follow(Trajectory(np.array([0.5]), np.array([HOME]), np.zeros((1, 7))))
    advance(simulation, 0.25)
    halfway = arm(simulation)
    assert (halfway > np.array(HOME) + 0.02).all()
    advance(simulation, 1.5)
    np.testing.assert_allclose(arm(simulation), HOME, atol=1e-3)


@pytest.mark.parametrize("width", [[], [0.01, 0.02], [np.nan]])
def test_bad_openings_are_refused(simulation, width):
    with pytest.raises(CommandError, match="one finite opening .m.; got"):
        simulation.grip(width)


def test_requests_are_answered_between_steps_by_the_caller_of_advance(simulation):
    state = simulation.request(simulation.task_state)
    failing = simulation.request(lambda: draw_scene(-1))
    assert not state.done()
    simulation.advance()
    assert state.result(0).phase == "reach"
    with pytest.raises(Exception, match="a seed >= 0"):
        failing.result(0)


def test_a_reset_forgets_commands_and_judgement(simulation):
    simulation.forward(GOAL.tolist())
    simulation.grip([0.0])
    advance(simulation, 0.5)
    time.sleep(QUIET_S)
    done = simulation.request(lambda: simulation.reset(draw_scene(2)))
    advance(simulation, 0.3)
    assert done.exception(0) is None
    np.testing.assert_allclose(arm(simulation), HOME, atol=1e-3)
    assert simulation.simulator.gripper_width > 0.07
    assert simulation.task_state().elapsed_s == pytest.approx(0.3, abs=0.011)


@pytest.mark.parametrize("kind", ["forward", "follow"])
def test_a_reset_is_refused_while_somebody_commands(simulation, kind):
    if kind == "forward":
        simulation.forward(GOAL.tolist())
    else:
        simulation.follow(Trajectory(np.array([0.5]), np.array([GOAL]), None))
    done = simulation.request(lambda: simulation.reset(draw_scene(2)))
    simulation.advance()
    with pytest.raises(CommandError, match="no arm command for 0.05 s before a reset.*Deactivate"):
        done.result(0)
    assert simulation.simulator.scene == draw_scene(1)
