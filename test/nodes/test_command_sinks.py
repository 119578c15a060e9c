# SPDX-License-Identifier: Apache-2.0
"""What leaves for the robot's controllers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vla_ros.core.robot_profile import RobotProfile
from vla_ros.nodes.joint_trajectory_sink import trajectory_from

pytestmark = pytest.mark.ros

AHEAD_S = 0.05


def command(positions: np.ndarray, velocities: np.ndarray) -> Any:
    names = tuple(f"joint{index}" for index in range(1, 8))
    return SimpleNamespace(joint_names=names, positions=positions, velocities=velocities)


def time_s(point: Any) -> float:
    return point.time_from_start.sec + point.time_from_start.nanosec * 1e-9


def test_a_trajectory_is_legal_for_stock_jazzy(profile: RobotProfile) -> None:
    velocities = np.array([0.5, -1.0, 0.0, 0.2, 2.0, -0.3, 0.1])
    message = trajectory_from(
        command(np.array(profile.home_positions), velocities), profile, AHEAD_S
    )
    first, last = message.points
    assert message.header.stamp.sec == message.header.stamp.nanosec == 0
    assert list(message.joint_names) == list(profile.joint_names)
    assert 0 < time_s(first) < time_s(last)
    np.testing.assert_allclose(first.positions, profile.home_positions + AHEAD_S * velocities)
    np.testing.assert_allclose(first.velocities, velocities)
    assert not any(last.velocities)


def test_the_stop_keeps_the_accelerations(profile: RobotProfile) -> None:
    velocities = np.array([0.5, -1.0, 0.0, 0.2, 2.0, -0.3, 0.1])
    message = trajectory_from(
        command(np.array(profile.home_positions), velocities), profile, AHEAD_S
    )
    first, last = message.points
    duration = time_s(last) - time_s(first)
    way = np.subtract(last.positions, first.positions)
    # The cubic of joint_trajectory_controller between (p, v) and (p + way, 0).
    ends = [6 * way - 4 * velocities * duration, -6 * way + 2 * velocities * duration]
    accelerations = np.abs(ends) / duration**2
    assert (accelerations <= np.array(profile.max_acceleration) + 1e-6).all()


def test_no_point_lies_outside_the_position_limits(profile: RobotProfile) -> None:
    velocities = np.array(profile.max_velocity)
    message = trajectory_from(command(np.array(profile.position_upper), velocities), profile, 0.5)
    for point in message.points:
        assert (np.array(point.positions) <= np.array(profile.position_upper)).all()


def test_at_rest_it_stays(profile: RobotProfile) -> None:
    home = np.array(profile.home_positions)
    for point in trajectory_from(command(home, np.zeros(7)), profile, AHEAD_S).points:
        np.testing.assert_array_equal(point.positions, home)
