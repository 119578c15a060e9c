# SPDX-License-Identifier: Apache-2.0
"""What must hold for every sequence of commands, whatever happened meanwhile."""

import numpy as np

from vla_ros.core.robot_profile import RobotProfile

RATE_HZ = 100.0
ROUNDING = 1e-6


def assert_within_limits(commands: list[np.ndarray], profile: RobotProfile) -> None:
    """Positions, velocities and accelerations of consecutive commands keep the robot's limits."""
    positions = np.array(commands)
    velocities = np.diff(positions, axis=0) * RATE_HZ
    accelerations = np.diff(velocities, axis=0) * RATE_HZ
    assert (positions >= np.array(profile.position_lower) - ROUNDING).all()
    assert (positions <= np.array(profile.position_upper) + ROUNDING).all()
    assert (np.abs(velocities) <= np.array(profile.max_velocity) + ROUNDING * RATE_HZ).all()
    limit = np.array(profile.max_acceleration) + ROUNDING * RATE_HZ**2
    worst = np.abs(accelerations).max(axis=0)
    assert (np.abs(accelerations) <= limit).all(), f"{worst} rad/s^2"


def speed_of(commands: list[np.ndarray]) -> float:
    """Largest joint speed between the last two commands [rad/s]."""
    return float(np.abs(commands[-1] - commands[-2]).max() * RATE_HZ)
