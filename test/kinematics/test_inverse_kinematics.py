# SPDX-License-Identifier: Apache-2.0
"""Inverse kinematics: brings the tool where the forward kinematics says it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vla_ros.core.exceptions import ConfigError
from vla_ros.kinematics.inverse_kinematics import InverseKinematics, UnreachableError
from vla_ros.kinematics.robot_model import RobotModel

HOME = np.array([0.0, -0.3774, 0.0, -2.4884, 0.0, 2.111, 0.7854])


def pointing_down(x, y, z, yaw):
    """A tool pose of the demo's tasks."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, s, 0, x], [s, -c, 0, y], [0, 0, -1, z], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def inverse(arm):
    return InverseKinematics(arm, "base", "hand_tcp")


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.34, 0.66), st.floats(-0.34, 0.34), st.floats(0.015, 0.36), st.floats(-0.78, 0.78)
)
def test_round_trip_over_the_tasks_workspace(arm, inverse, x, y, z, yaw):
    pose = pointing_down(x, y, z, yaw)
    positions = inverse.solve(pose, HOME)
    reached = arm.tool_pose(positions)
    np.testing.assert_allclose(reached[:3, 3], pose[:3, 3], atol=1.1e-3)
    np.testing.assert_allclose(reached[:3, :3], pose[:3, :3], atol=1.1e-3)
    assert (positions >= arm.position_lower).all()
    assert (positions <= arm.position_upper).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-0.25, 0.25), min_size=7, max_size=7))
def test_round_trip_over_postures_near_the_start(arm, inverse, offset):
    pose = arm.tool_pose(HOME + offset)
    reached = arm.tool_pose(inverse.solve(pose, HOME))
    np.testing.assert_allclose(reached, pose, atol=1.1e-3)


def test_the_answer_depends_on_the_pose_alone(inverse):
    first = inverse.solve(pointing_down(0.5, 0.1, 0.1, 0), HOME)
    inverse.solve(pointing_down(0.4, -0.3, 0.3, 0.5), HOME)
    np.testing.assert_array_equal(inverse.solve(pointing_down(0.5, 0.1, 0.1, 0), HOME), first)


def test_the_start_is_returned_where_it_already_fits(arm, inverse):
    np.testing.assert_array_equal(inverse.solve(arm.tool_pose(HOME), HOME), HOME)


def test_joints_in_another_order(urdf, arm):
    turned = RobotModel.from_urdf(urdf, arm.joint_names[::-1], "base", "hand_tcp")
    pose = pointing_down(0.5, 0.2, 0.1, 0.3)
    positions = InverseKinematics(turned, "base", "hand_tcp").solve(pose, HOME[::-1])
    np.testing.assert_allclose(turned.tool_pose(positions), pose, atol=1.1e-3)


@pytest.mark.parametrize("place", [(1.5, 0.0, 0.3), (0.0, 0.0, 3.0), (0.05, 0.0, -0.5)])
def test_unreachable_poses_are_refused(inverse, place):
    words = rf"a tool pose within reach; got position \[{place[0]}, {place[1]}, {place[2]}\] m"
    with pytest.raises(UnreachableError, match=words):
        inverse.solve(pointing_down(*place, 0), HOME)


def test_unknown_frames_are_refused(arm):
    for frames in (("world", "hand_tcp"), ("base", "tool0")):
        with pytest.raises(ConfigError, match="frames of the robot description"):
            InverseKinematics(arm, *frames)
