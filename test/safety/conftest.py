# SPDX-License-Identifier: Apache-2.0
"""A planar two-link arm and the demo arm, with profiles, for the safety tests."""

import dataclasses

import numpy as np
import pytest
import yaml

from vla_ros.core.arrays import FloatArray
from vla_ros.core.config import parse
from vla_ros.core.resources import resource_path
from vla_ros.core.robot_profile import RobotProfile

PLANAR = RobotProfile(
    name="planar",
    urdf="none",
    joint_names=("shoulder", "elbow"),
    base_frame="base",
    tool_frame="tool",
    gripper_joint="finger",
    gripper_closed_width=0.0,
    gripper_open_width=0.08,
    home_positions=(0.3, 1.0),
    position_lower=(-1.5, -2.5),
    position_upper=(1.2, 2.5),
    max_velocity=(2.0, 3.0),
    max_acceleration=(5.0, 11.0),
    workspace_lower=(-0.2, -0.6, -0.1),
    workspace_upper=(0.9, 0.9, 0.1),
)


def planar_tool(positions: FloatArray) -> FloatArray:
    """Tool of two links of 0.6 m and 0.5 m: (2,) [rad] -> (3,) [m]."""
    first, second = positions[0], positions[0] + positions[1]
    x = 0.6 * np.cos(first) + 0.5 * np.cos(second)
    y = 0.6 * np.sin(first) + 0.5 * np.sin(second)
    return np.array([x, y, 0.0])


@dataclasses.dataclass(frozen=True)
class Arm:
    """A profile and its forward kinematics."""

    profile: RobotProfile
    tool_position: object


@pytest.fixture(scope="session")
def planar() -> Arm:
    return Arm(PLANAR, planar_tool)


@pytest.fixture(scope="session")
def demo_arm() -> Arm:
    robot_model = pytest.importorskip("vla_ros.kinematics.robot_model")
    values = yaml.safe_load(resource_path("config/robots/demo_arm.yaml").read_text())
    profile = parse(RobotProfile, values, "demo_arm.yaml")
    model = robot_model.RobotModel.from_urdf(
        resource_path(profile.urdf).read_text(),
        profile.joint_names,
        profile.base_frame,
        profile.tool_frame,
    )
    return Arm(profile, model.tool_position)


@pytest.fixture(scope="session", params=["planar", "demo_arm"])
def arm(request: pytest.FixtureRequest) -> Arm:
    """Both arms, one after the other."""
    return request.getfixturevalue(request.param)
