# SPDX-License-Identifier: Apache-2.0
"""The tool meets a wall: it stays inside, comes close, and does not stick."""

from typing import Any

import numpy as np
import pytest

from vla_ros.core.commands import DesiredMotion
from vla_ros.safety.pipeline import SafetyPipeline


def desired(positions: Any) -> DesiredMotion:
    return DesiredMotion(0, np.array(positions), np.zeros(len(positions)), None, ("a", 1))


@pytest.mark.parametrize("push", [[0, 1.2, 0, 0, 0, 0, 0], [0.4, 1.2, 0.2, 0, 0, 0, 0]])
def test_the_demo_arm_meets_the_table_and_comes_back(demo_arm: Any, push: list[float]) -> None:
    profile = demo_arm.profile
    pipeline = SafetyPipeline.from_profile(profile, demo_arm.tool_position, 0.01)
    home = np.array(profile.home_positions)
    pipeline.start(home)
    floor = profile.workspace_lower[2]
    heights, walls = [], set()
    for tick in range(300):
        result = pipeline.step(desired(home + push), tick)
        heights.append(demo_arm.tool_position(result.command.positions)[2])
        walls |= {event.subject for event in result.events if event.limit == "workspace"}
    assert floor - 1e-6 <= min(heights) < floor + 0.01
    assert "z" in walls
    assert np.abs(result.command.velocities).max() < 1e-2
    for tick in range(300):
        result = pipeline.step(desired(home), tick)
    np.testing.assert_allclose(result.command.positions, home, atol=1e-9)
    assert result.events == ()


def test_the_tool_does_not_stick_at_the_wall(planar: Any) -> None:
    """The way to the target leads inward, but its first tick outward: the elbow is quicker."""
    pipeline = SafetyPipeline.from_profile(planar.profile, planar.tool_position, 0.01)
    start, goal = np.array([0.75, -1.15]), np.array([1.15, -1.10])
    assert 0.899 < planar.tool_position(start)[0] < 0.9
    pipeline.start(start)
    for _ in range(200):
        result = pipeline.step(desired(goal), 0)
    np.testing.assert_allclose(result.command.positions, goal, atol=1e-9)
