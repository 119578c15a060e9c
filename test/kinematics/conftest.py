# SPDX-License-Identifier: Apache-2.0
"""The demo arm's kinematics."""

import pytest

from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel

JOINTS = tuple(f"joint{number}" for number in range(1, 8))


@pytest.fixture(scope="session")
def urdf():
    """The description itself."""
    return resource_path("urdf/demo_arm.urdf").read_text()


@pytest.fixture(scope="session")
def arm(urdf):
    """Its seven joints, from base to tool."""
    return RobotModel.from_urdf(urdf, JOINTS, "base", "hand_tcp")
