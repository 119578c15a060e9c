# SPDX-License-Identifier: Apache-2.0
"""Whatever execution asks for, the command stays within every limit, and can always stop."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vla_ros.core.arrays import FloatArray
from vla_ros.core.commands import DesiredMotion
from vla_ros.core.exceptions import SafetyError
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.safety.pipeline import SafetyPipeline

LIMIT_TOLERANCE = 1e-9
BOX_TOLERANCE_M = 1e-6
KINDS = ("jump", "alternate", "extreme", "toward_walls", "drift", "none")

segments = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 40), st.floats(-1, 1)),
    min_size=1,
    max_size=6,
)
properties = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def adversary(
    kind: str, rng: np.random.Generator, profile: RobotProfile, tick: int, size: float
) -> DesiredMotion | None:
    """One desired motion of a policy that is wrong in a chosen way."""
    joints = len(profile.joint_names)
    lower, upper = np.array(profile.position_lower), np.array(profile.position_upper)
    home = np.array(profile.home_positions)
    if kind == "none":
        return None
    positions: FloatArray = {
        "jump": rng.uniform(lower, upper) if tick % 17 == 0 else home,
        "alternate": upper if tick % 2 else lower,
        "extreme": rng.choice([-1.7e308, 1.7e308, 0.0, 1e-300], joints),
        "toward_walls": np.where(rng.integers(0, 2, joints), upper, lower) * (1 + abs(size)),
        "drift": home + size * 0.02 * tick,
    }[kind]
    feedforward = rng.choice([0.0, 1.0, -1.0, 50.0, 1.7e308, -1e9]) * rng.uniform(-1, 1, joints)
    width = float(rng.uniform(-1, 1)) if rng.integers(0, 2) else None
    return DesiredMotion(0, positions, feedforward, width, ("a", 1))


def viable_start(rng: np.random.Generator, arm: Any) -> FloatArray:
    """A random posture within the bounds and the box."""
    profile = arm.profile
    box = np.array(profile.workspace_lower), np.array(profile.workspace_upper)
    for _ in range(500):
        positions = rng.uniform(profile.position_lower, profile.position_upper)
        tool = arm.tool_position(positions)
        if ((tool >= box[0]) & (tool <= box[1])).all():
            return positions
    return np.array(profile.home_positions)


def check_limits(arm: Any, before: FloatArray, motion: FloatArray, dt_s: float) -> None:
    """Compare (T, J) positions, of which `before` is the start, with every limit."""
    profile = arm.profile
    positions = np.vstack([before, before, motion])
    velocities = np.diff(positions, axis=0) / dt_s
    accelerations = np.diff(velocities, axis=0) / dt_s
    assert (positions >= np.array(profile.position_lower)).all()
    assert (positions <= np.array(profile.position_upper)).all()
    assert (np.abs(velocities) <= np.array(profile.max_velocity) + LIMIT_TOLERANCE).all()
    assert (np.abs(accelerations) <= np.array(profile.max_acceleration) + LIMIT_TOLERANCE).all()
    tools = np.array([arm.tool_position(row) for row in motion])
    assert (tools >= np.array(profile.workspace_lower) - BOX_TOLERANCE_M).all()
    assert (tools <= np.array(profile.workspace_upper) + BOX_TOLERANCE_M).all()


@properties
@given(plan=segments, seed=st.integers(0, 2**32 - 1), rate_hz=st.sampled_from([50.0, 100.0]))
def test_no_limit_is_ever_passed_and_it_can_always_stop(
    arm: Any, plan: list[tuple[str, int, float]], seed: int, rate_hz: float
) -> None:
    rng, dt_s, profile = np.random.default_rng(seed), 1.0 / rate_hz, arm.profile
    pipeline = SafetyPipeline.from_profile(profile, arm.tool_position, dt_s)
    start = viable_start(rng, arm)
    pipeline.start(start)
    commands = []
    for kind, ticks, size in plan:
        for tick in range(ticks):
            result = pipeline.step(adversary(kind, rng, profile, tick, size), tick)
            commands.append(result.command)
    slowest = max(np.array(profile.max_velocity) / np.array(profile.max_acceleration))
    commands += [pipeline.step(None, 0).command for _ in range(int(np.ceil(slowest / dt_s)) + 2)]
    rest = commands[-1]
    assert not rest.velocities.any()
    still = pipeline.step(None, 0).command
    np.testing.assert_array_equal(still.positions, rest.positions)
    check_limits(arm, start, np.array([command.positions for command in commands]), dt_s)
    widths = [c.gripper_width for c in commands if c.gripper_width is not None]
    assert all(0.0 <= width <= profile.gripper_open_width for width in widths)


@properties
@given(seed=st.integers(0, 2**32 - 1))
def test_a_start_just_outside_the_box_only_moves_in(planar: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pipeline = SafetyPipeline.from_profile(planar.profile, planar.tool_position, 0.01)
    reach = 0.904  # x of the tool, 4 mm past the box
    elbow = np.arccos((reach**2 - 0.6**2 - 0.5**2) / (2 * 0.6 * 0.5))
    shoulder = -np.arctan2(0.5 * np.sin(elbow), 0.6 + 0.5 * np.cos(elbow))
    pipeline.start(np.array([shoulder, elbow]))
    home = DesiredMotion(0, np.array(planar.profile.home_positions), np.zeros(2), None, ("a", 2))
    for tick in range(230):
        desired = adversary("jump", rng, planar.profile, tick, 1.0) if tick < 80 else home
        x = planar.tool_position(pipeline.step(desired, tick).command.positions)[0]
        assert x <= reach + BOX_TOLERANCE_M
        reach = max(x, planar.profile.workspace_upper[0])
    assert x <= planar.profile.workspace_upper[0] + BOX_TOLERANCE_M


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", ["positions", "velocities", "width", "short"])
def test_targets_that_are_no_numbers_decelerate_and_ask_for_a_stop(
    planar: Any, value: float, field: str
) -> None:
    pipeline = SafetyPipeline.from_profile(planar.profile, planar.tool_position, 0.01)
    pipeline.start(np.array(planar.profile.home_positions))
    good = DesiredMotion(0, np.array([0.5, 1.2]), np.zeros(2), None, ("a", 1))
    for _ in range(10):
        moving = pipeline.step(good, 0).command
    bad = DesiredMotion(
        0,
        np.full(1 if field == "short" else 2, value if field == "positions" else 0.5),
        np.full(2, value if field == "velocities" else 0.0),
        value if field == "width" else 0.02,
        ("a", 2),
    )
    result = pipeline.step(bad, 0)
    assert [event.severity.name for event in result.events] == ["STOP"]
    assert (np.abs(result.command.velocities) < np.abs(moving.velocities)).all()
    assert result.command.gripper_width is None


def test_a_start_outside_is_refused_with_words(planar: Any) -> None:
    pipeline = SafetyPipeline.from_profile(planar.profile, planar.tool_position, 0.01)
    with pytest.raises(SafetyError, match=r"'elbow' within 2.5000 rad; got 2.6000"):
        pipeline.start(np.array([0.0, 2.6]))
    with pytest.raises(SafetyError, match=r"box in x; got \+0.2000 m outside"):
        pipeline.start(np.array([0.0, 0.0]))
    with pytest.raises(SafetyError, match="2 finite"):
        pipeline.start(np.array([0.0, np.nan]))
    with pytest.raises(SafetyError, match="started"):
        pipeline.step(None, 0)
    pipeline.start(np.array([0.9, 2.5 + 9e-4]))
    assert pipeline.step(None, 0).command.positions[1] == 2.5
