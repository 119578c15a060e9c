# SPDX-License-Identifier: Apache-2.0
"""Ramps are tracked without lag, steps are taken without overshoot or chatter."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vla_ros.core.arrays import FloatArray
from vla_ros.core.commands import DesiredMotion
from vla_ros.safety.pipeline import SafetyPipeline

DT_S = 0.01


def follow(arm: Any, start: FloatArray, targets: FloatArray, slope: FloatArray) -> FloatArray:
    """Positions (T, J) of a pipeline without walls that is given (T, J) targets."""
    box = {"workspace_lower": (-2.0, -2.0, -2.0), "workspace_upper": (2.0, 2.0, 2.0)}
    profile = dataclasses.replace(arm.profile, **box)
    pipeline = SafetyPipeline.from_profile(profile, arm.tool_position, DT_S)
    pipeline.start(start)
    desired = (DesiredMotion(0, row, slope, None, ("a", 1)) for row in targets)
    return np.array([pipeline.step(motion, 0).command.positions for motion in desired])


def test_a_ramp_is_tracked_without_lag(planar: Any) -> None:
    start, slope = np.array([0.3, 1.0]), np.array([0.5, -0.8])
    targets = start + np.outer(np.arange(1, 101) * DT_S, slope)
    motion = follow(planar, start, targets, slope)
    assert np.abs(motion[50:] - targets[50:]).max() < 1e-12


@settings(max_examples=50, deadline=None)
@given(
    goal=st.tuples(st.floats(-0.3, 1.0), st.floats(0.6, 1.8)),
    start=st.tuples(st.floats(-0.3, 1.0), st.floats(0.6, 1.8)),
)
def test_a_step_has_no_overshoot_and_no_chatter(
    planar: Any, goal: tuple[float, float], start: tuple[float, float]
) -> None:
    targets = np.tile(goal, (300, 1))
    motion = follow(planar, np.array(start), targets, np.zeros(2))
    travelled = np.diff(np.vstack([start, motion]), axis=0) * np.sign(np.subtract(goal, start))
    assert travelled.min() >= -1e-6
    np.testing.assert_allclose(motion[-1], goal, atol=1e-9)
    assert np.abs(np.diff(motion[-50:], axis=0)).max() < 1e-9


def test_a_step_takes_the_minimum_time(planar: Any) -> None:
    """A rest-to-rest move of d with a and without the speed limit takes 2 sqrt(d / a)."""
    motion = follow(planar, np.array([0.0, 1.0]), np.tile([0.4, 1.0], (200, 1)), np.zeros(2))
    ticks = int(np.argmax(np.abs(motion[:, 0] - 0.4) < 1e-9)) + 1
    assert ticks * DT_S == pytest.approx(2 * np.sqrt(0.4 / 5.0), abs=2 * DT_S)


def test_a_ramp_is_joined_from_behind_without_overshoot(planar: Any) -> None:
    start, slope = np.array([0.0, 1.0]), np.array([0.4, 0.0])
    targets = start + [0.2, 0.0] + np.outer(np.arange(1, 151) * DT_S, slope)
    motion = follow(planar, start, targets, slope)
    assert (motion[:, 0] <= targets[:, 0] + 1e-6).all()
    assert np.abs(motion[-1] - targets[-1]).max() < 1e-9
