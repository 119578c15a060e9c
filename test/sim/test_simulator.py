# SPDX-License-Identifier: Apache-2.0
"""The simulated robot: resets, pictures, projection, gripper, wrist, joint order."""

import colorsys

import numpy as np
import pytest

from vla_ros.core.exceptions import ConfigError
from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.sim.scene import COLOURS, draw_scene
from vla_ros.sim.world import ARM_JOINTS, CAMERAS, FINGER_JOINTS, GRIPPER_OPEN_M, HOME, TIME_STEP_S

GRAVITY, HAND_KG, FINGER_KG = 9.81, 0.73, 0.03
HUES = {"red": 0.0, "yellow": 0.13, "green": 0.36, "blue": 0.63}
SIDE = 192


def run(simulator, seconds):
    for _ in range(round(seconds / TIME_STEP_S)):
        simulator.step()


def pixels_of(picture, colour):
    """(N, 2) columns and rows, as fractions, of the strongly coloured pixels of a hue."""
    hsv = np.array([colorsys.rgb_to_hsv(*p) for p in picture.reshape(-1, 3) / 255.0])
    away = np.abs((hsv[:, 0] - HUES[colour] + 0.5) % 1 - 0.5)
    rows, columns = np.divmod(np.flatnonzero((away < 0.05) & (hsv[:, 1] > 0.7)), SIDE)
    return (np.column_stack([columns, rows]) + 0.5) / SIDE


def test_joint_order_and_home(simulator):
    assert simulator.joint_names == (*ARM_JOINTS, *FINGER_JOINTS)
    expected = [*HOME, GRIPPER_OPEN_M / 2, GRIPPER_OPEN_M / 2]
    np.testing.assert_allclose(simulator.joint_positions, expected, atol=1e-3)
    for values in (simulator.joint_velocities, simulator.joint_efforts):
        assert values.shape == (9,)
    assert np.abs(simulator.joint_velocities).max() < 1e-3


def test_every_joint_is_commanded_and_measured_in_the_same_place(simulator):
    offset = np.array([0.1, 0.05, -0.08, 0.12, -0.15, 0.2, -0.25])
    simulator.command(np.array(HOME) + offset, 0.03)
    run(simulator, 1.5)
    expected = [*(np.array(HOME) + offset), 0.015, 0.015]
    np.testing.assert_allclose(simulator.joint_positions, expected, atol=2e-3)


@pytest.mark.parametrize("jump_rad", [0.05, -0.3, 0.6])
def test_the_servos_come_to_rest_after_a_jump(simulator, jump_rad):
    goal = np.array(HOME) + jump_rad
    simulator.command(goal, GRIPPER_OPEN_M)
    run(simulator, 1.5)
    np.testing.assert_allclose(simulator.joint_positions[:7], goal, atol=1e-3)
    assert np.abs(simulator.joint_velocities).max() < 1e-2


def test_the_tool_is_where_pinocchio_says(simulator):
    urdf = resource_path("urdf/demo_arm.urdf").read_text()
    model = RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")
    simulator.command(np.array(HOME) + 0.1, 0.0)
    run(simulator, 2.0)  # to rest: MuJoCo computes poses at the start of a step
    expected = model.tool_pose(simulator.joint_positions[:7])
    np.testing.assert_allclose(simulator.tool_pose, expected, atol=1e-4)


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_reset_is_reproducible(simulator, camera):
    scene = draw_scene(11)
    simulator.reset(scene)
    picture, state = simulator.picture(camera, SIDE, SIDE), simulator.joint_positions
    simulator.command(np.array(HOME) + 0.3, 0.0)
    run(simulator, 0.5)
    assert (simulator.picture(camera, SIDE, SIDE) != picture).any()
    simulator.reset(scene)
    np.testing.assert_array_equal(simulator.joint_positions, state)
    np.testing.assert_array_equal(simulator.picture(camera, SIDE, SIDE), picture)
    assert simulator.scene == scene


def test_time_goes_on_over_a_reset(simulator):
    before_s = simulator.time_s
    run(simulator, 0.2)
    assert simulator.time_s == pytest.approx(before_s + 0.2)
    simulator.reset(draw_scene(3))
    assert simulator.time_s >= before_s + 0.2


@pytest.mark.parametrize("seed", range(4))
def test_cubes_lie_where_the_scene_says(simulator, seed):
    scene = draw_scene(seed)
    simulator.reset(scene)
    for cube in scene.cubes:
        state = simulator.cube(cube.colour)
        np.testing.assert_allclose(state.position, [cube.x, cube.y, 0.02], atol=1e-3)
        assert state.yaw == pytest.approx(cube.yaw, abs=1e-2)
        assert state.speed < 1e-2
    for colour in set(COLOURS) - {cube.colour for cube in scene.cubes}:
        assert simulator.cube(colour).position[2] < -0.5


@pytest.mark.parametrize("seed", range(4))
def test_projection_agrees_with_the_rendered_pixels(simulator, seed):
    simulator.reset(draw_scene(seed))
    picture = simulator.picture("front", SIDE, SIDE)
    for cube in simulator.scene.cubes:
        pixels = pixels_of(picture, cube.colour)
        assert len(pixels) > 40
        place = simulator.project("front", simulator.cube(cube.colour).position)
        np.testing.assert_allclose(pixels.mean(axis=0), place, atol=0.02)


def test_behind_the_camera_there_is_no_projection(simulator):
    assert np.isnan(simulator.project("front", np.array([3.0, 0.0, 1.0]))).all()


def test_focal_length_is_that_of_the_field_of_view(simulator):
    angle = 2 * np.arctan(SIDE / 2 / simulator.focal_length_px("front", SIDE))
    assert np.rad2deg(angle) == pytest.approx(56)


def test_gripper_opens_and_closes(simulator):
    simulator.command(np.array(HOME), 0.0)
    run(simulator, 1.0)
    assert simulator.gripper_width == pytest.approx(0, abs=2e-3)
    simulator.command(np.array(HOME), 1.0)  # beyond its range
    run(simulator, 1.0)
    assert simulator.gripper_width == pytest.approx(GRIPPER_OPEN_M, abs=2e-3)


def test_the_wrist_feels_the_hands_weight_at_rest(simulator):
    run(simulator, 0.5)
    force, torque = simulator.wrench[:3], simulator.wrench[3:]
    weight = (HAND_KG + 2 * FINGER_KG) * GRAVITY
    # the hand points down, so its z axis looks along gravity
    np.testing.assert_allclose(force, [0, 0, -weight], atol=0.1)
    assert np.abs(torque).max() < 0.1


def test_too_large_pictures_are_refused(simulator):
    assert simulator.picture("overview", 480, 640).shape == (480, 640, 3)
    with pytest.raises(ConfigError, match="at most 640 x 480; got 641 x 480"):
        simulator.picture("overview", 480, 641)


def test_measurements_are_copies(simulator):
    before = simulator.joint_positions
    simulator.command(np.array(HOME) + 0.2, 0.0)
    run(simulator, 0.2)
    np.testing.assert_allclose(before[:7], HOME, atol=1e-3)
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 1
