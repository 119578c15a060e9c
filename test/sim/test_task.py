# SPDX-License-Identifier: Apache-2.0
"""The judge, on real motions of the expert."""

from dataclasses import replace

import numpy as np
import pytest

from vla_ros.sim.scene import draw_scene
from vla_ros.sim.task import LIFTED_M, Judge
from vla_ros.sim.world import GRIPPER_OPEN_M


def height(simulator, colour):
    return simulator.cube(colour).position[2]


def hold(simulator, judge, width, steps=200):
    """Keep the arm where it is, with another opening."""
    positions = np.array(simulator.joint_positions[:7])
    for _ in range(steps):
        simulator.command(positions, width)
        simulator.step()
        judge.update()


@pytest.mark.parametrize(("task", "on_the_way"), [("pick", "lift"), ("place", "carry")])
def test_phases_and_success(simulator, work, task, on_the_way):
    simulator.reset(draw_scene(3, task))
    judge, phases = Judge(simulator), []

    def done():
        if phases[-1:] != [judge.state.phase]:
            phases.append(judge.state.phase)
        return judge.state.success

    start_s = simulator.time_s
    work(judge, done)
    assert phases[0] == "reach"
    assert "grasp" in phases
    assert on_the_way in phases
    state = judge.state
    assert (state.success, state.wrong_object, state.phase) == (True, False, "done")
    assert state.elapsed_s == pytest.approx(simulator.time_s - start_s)


def test_success_stays_when_the_cube_falls_later(simulator, work):
    simulator.reset(draw_scene(3, "pick"))
    judge = Judge(simulator)
    work(judge, lambda: judge.state.success)
    hold(simulator, judge, GRIPPER_OPEN_M)
    assert height(simulator, simulator.scene.target) < 0.05
    assert judge.state.success


def test_a_cube_dropped_at_once_was_not_picked(simulator, work):
    simulator.reset(draw_scene(3, "pick"))
    judge, target = Judge(simulator), simulator.scene.target
    work(judge, lambda: height(simulator, target) > LIFTED_M)
    hold(simulator, judge, GRIPPER_OPEN_M)
    assert height(simulator, target) < 0.05
    assert not judge.state.success
    assert not judge.state.wrong_object


def test_a_cube_still_held_over_the_tray_is_not_placed(simulator, work):
    simulator.reset(draw_scene(3, "place"))
    judge, scene = Judge(simulator), simulator.scene
    tray = np.array([scene.tray_x, scene.tray_y])
    work(
        judge,
        lambda: np.abs(simulator.cube(scene.target).position[:2] - tray).max() < 0.04,
    )
    hold(simulator, judge, 0.0, steps=100)
    assert judge.state.phase == "carry"
    hold(simulator, judge, GRIPPER_OPEN_M)
    assert judge.state.success


def test_the_wrong_cube_is_remembered(simulator, work):
    asked = draw_scene(3, "pick")
    other = next(cube.colour for cube in asked.cubes if cube.colour != asked.target)
    simulator.reset(asked)
    judge = Judge(simulator)
    simulator.scene = replace(asked, target=other)  # the expert goes for another one
    work(judge, lambda: judge.state.wrong_object)
    assert judge.state.phase == "wrong object"
    hold(simulator, judge, GRIPPER_OPEN_M)
    simulator.scene = asked
    work(judge, lambda: height(simulator, asked.target) > LIFTED_M)
    work(judge, lambda: False, limit_s=1.0)
    assert height(simulator, asked.target) > LIFTED_M
    assert judge.state.wrong_object
    assert not judge.state.success


def test_another_cube_on_the_way_after_success_is_no_failure(simulator, work):
    simulator.reset(draw_scene(3, "pick"))
    judge, asked = Judge(simulator), simulator.scene
    work(judge, lambda: judge.state.success)
    hold(simulator, judge, GRIPPER_OPEN_M)
    other = next(cube.colour for cube in asked.cubes if cube.colour != asked.target)
    simulator.scene = replace(asked, target=other)
    work(judge, lambda: height(simulator, other) > LIFTED_M)
    assert (judge.state.success, judge.state.wrong_object) == (True, False)
