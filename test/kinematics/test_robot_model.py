# SPDX-License-Identifier: Apache-2.0
"""Forward kinematics and limits against the published numbers of the Panda."""

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.exceptions import ConfigError
from vla_ros.kinematics.robot_model import RobotModel

# Franka Emika, "Robot and interface specifications": a [m], d [m], alpha [rad] of Craig's
# convention, joint by joint, and the flange.
CRAIG = (
    (0, 0.333, 0),
    (0, 0, -pi / 2),
    (0, 0.316, pi / 2),
    (0.0825, 0, pi / 2),
    (-0.0825, 0.384, -pi / 2),
    (0, 0, pi / 2),
    (0.088, 0, pi / 2),
)
FLANGE_M, HAND_YAW, TCP_M = 0.107, -pi / 4, 0.1034
LOWER = (-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973)
UPPER = (2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973)
SPEED = (2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61)
JOINTS = tuple(f"joint{number}" for number in range(1, 8))


def link(a: float, d: float, alpha: float, theta: float) -> np.ndarray:
    """Rot_x(alpha) Trans_x(a) Rot_z(theta) Trans_z(d)."""
    ca, sa, ct, st_ = np.cos(alpha), np.sin(alpha), np.cos(theta), np.sin(theta)
    return np.array(
        [
            [ct, -st_, 0, a],
            [st_ * ca, ct * ca, -sa, -d * sa],
            [st_ * sa, ct * sa, ca, d * ca],
            [0, 0, 0, 1],
        ]
    )


def published_pose(positions) -> np.ndarray:
    pose = np.eye(4)
    for (a, d, alpha), theta in zip(CRAIG, positions, strict=True):
        pose = pose @ link(a, d, alpha, theta)
    return pose @ link(0, FLANGE_M, 0, HAND_YAW) @ link(0, TCP_M, 0, 0)


@given(st.tuples(*(st.floats(low, high) for low, high in zip(LOWER, UPPER, strict=True))))
def test_tool_pose_is_that_of_the_published_table(arm, positions):
    np.testing.assert_allclose(arm.tool_pose(positions), published_pose(positions), atol=1e-9)
    np.testing.assert_array_equal(arm.tool_position(positions), arm.tool_pose(positions)[:3, 3])


def test_limits_are_the_published_ones(arm):
    np.testing.assert_allclose(arm.position_lower, LOWER)
    np.testing.assert_allclose(arm.position_upper, UPPER)
    np.testing.assert_allclose(arm.max_velocity, SPEED)


def test_joints_in_another_order(urdf):
    turned = RobotModel.from_urdf(urdf, JOINTS[::-1], "base", "hand_tcp")
    positions = np.array([0.1, -0.3, 0.2, -2.0, 0.3, 1.8, 0.5])
    np.testing.assert_allclose(turned.tool_pose(positions[::-1]), published_pose(positions))
    np.testing.assert_allclose(turned.position_lower, LOWER[::-1])


def test_poses_are_relative_to_the_base_frame(urdf):
    hand = RobotModel.from_urdf(urdf, JOINTS, "hand", "hand_tcp")
    expected = link(0, TCP_M, 0, 0)
    np.testing.assert_allclose(hand.tool_pose(np.full(7, 0.3)), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("joints", "frames", "words"),
    [
        (("joint1", "elbow"), ("base", "hand_tcp"), r"joints of the robot.*got \['elbow'\]"),
        (JOINTS, ("world", "hand_tcp"), r"frames of the robot.*got \['world'\].*robot profile"),
        (JOINTS, ("base", "tool0"), r"got \['tool0'\]. Correct the frame names"),
    ],
)
def test_unknown_names_are_refused(urdf, joints, frames, words):
    with pytest.raises(ConfigError, match=words):
        RobotModel.from_urdf(urdf, joints, *frames)


def test_a_path_in_place_of_the_text_is_refused():
    with pytest.raises(ConfigError, match="expected a URDF.*Check the robot description"):
        RobotModel.from_urdf("urdf/demo_arm.urdf", JOINTS, "base", "hand_tcp")
