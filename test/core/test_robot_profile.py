# SPDX-License-Identifier: Apache-2.0
"""Robot profiles: lengths and orders of limits."""

import pytest

from vla_ros.core.config import parse
from vla_ros.core.exceptions import ConfigError
from vla_ros.core.robot_profile import RobotProfile

GOOD = {
    "name": "bot",
    "urdf": "bot.urdf",
    "joint_names": ["a", "b"],
    "base_frame": "base",
    "tool_frame": "tool",
    "gripper_joint": "finger",
    "gripper_closed_width": 0.0,
    "gripper_open_width": 0.08,
    "home_positions": [0, 0],
    "position_lower": [-1, -1],
    "position_upper": [1, 1],
    "max_velocity": [1, 1],
    "max_acceleration": [1, 1],
    "workspace_lower": [0, 0, 0],
    "workspace_upper": [1, 1, 1],
}


def profile(**changes):
    return parse(RobotProfile, {**GOOD, **changes}, "bot.yaml")


def test_a_good_profile():
    assert profile().position_lower == (-1.0, -1.0)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_nothing_has_a_default(name):
    values = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(ConfigError, match=f"a value for '{name}'.*no default on purpose"):
        parse(RobotProfile, values, "bot.yaml")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"home_positions": [0]}, "2 numbers in 'home_positions' of robot 'bot'; got 1"),
        ({"max_velocity": [1, 1, 1]}, "2 numbers in 'max_velocity' of robot 'bot'; got 3"),
        ({"workspace_upper": [1, 1]}, "3 numbers in 'workspace_upper'.*x, y, z"),
        ({"position_lower": [-1, 1]}, "position_lower < position_upper for 'b' of robot 'bot'"),
        ({"workspace_lower": [0, 0, 2]}, "workspace_upper for 'z'.*got 2.0 and 1.0"),
        ({"gripper_closed_width": 0.08}, "gripper_closed_width < gripper_open_width"),
        ({"max_velocity": [1, 0]}, "finite number from 1e-06 up for 'max_velocity'"),
        ({"max_acceleration": [1, -1]}, "'max_acceleration'.*rad/s.2.*got -1.0"),
    ],
)
def test_wrong_lengths_and_orders_are_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        profile(**changes)
