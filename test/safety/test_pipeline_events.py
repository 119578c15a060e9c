# SPDX-License-Identifier: Apache-2.0
"""The pipeline says what it changed, and only then."""

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest

from vla_ros.core.commands import DesiredMotion
from vla_ros.core.exceptions import SafetyError
from vla_ros.safety.pipeline import SafetyPipeline
from vla_ros.safety.safe_command import SafeCommand
from vla_ros.safety.safety_event import Severity


def desired(positions: list[float], width: float | None = None) -> DesiredMotion:
    return DesiredMotion(0, np.array(positions), np.zeros(2), width, ("a", 1))


@pytest.fixture
def pipeline(planar: Any) -> SafetyPipeline:
    pipeline = SafetyPipeline.from_profile(planar.profile, planar.tool_position, 0.01)
    pipeline.start(np.array([0.3, 1.0]))
    return pipeline


def test_a_motion_within_the_limits_is_not_changed(pipeline: SafetyPipeline) -> None:
    result = pipeline.step(desired([0.3004, 1.0], 0.03), 5)
    assert result.events == ()
    np.testing.assert_allclose(result.command.positions, [0.3004, 1.0], atol=1e-12)
    assert (result.command.stamp_ns, result.command.gripper_width) == (5, 0.03)
    assert pipeline.step(None, 6).command.gripper_width == 0.03


def test_the_joint_that_is_changed_most_is_named(pipeline: SafetyPipeline) -> None:
    events = {event.limit: event for event in pipeline.step(desired([0.4, 9.0]), 7).events}
    assert set(events) == {"joint_position", "joint_velocity", "joint_acceleration"}
    bound = events["joint_position"]
    assert (bound.subject, bound.asked, bound.allowed, bound.unit) == ("elbow", 9.0, 2.5, "rad")
    assert bound.severity is Severity.LIMITED
    assert bound.stamp_ns == 7
    assert events["joint_velocity"].allowed == 3.0
    assert events["joint_acceleration"].allowed == pytest.approx(0.11)
    assert "elbow" in events["joint_acceleration"].text


def test_the_workspace_names_the_axis(pipeline: SafetyPipeline) -> None:
    events = [e for _ in range(100) for e in pipeline.step(desired([0.0, 0.0]), 0).events]
    walls = [event for event in events if event.limit == "workspace"]
    assert {event.subject for event in walls} == {"x"}
    assert walls[0].allowed == 0.9
    assert walls[0].asked > 0.9


def test_the_gripper_is_kept_within_its_opening(pipeline: SafetyPipeline) -> None:
    result = pipeline.step(desired([0.3, 1.0], -1.0), 0)
    assert [event.limit for event in result.events] == ["gripper_width"]
    assert result.command.gripper_width == 0.0


def test_only_the_pipeline_makes_a_safe_command(pipeline: SafetyPipeline) -> None:
    fields = (0, ("shoulder", "elbow"), np.zeros(2), np.zeros(2), None)
    for token in (None, object(), True):
        with pytest.raises(SafetyError, match="made elsewhere"):
            SafeCommand(*fields, token)
    with pytest.raises(TypeError):
        SafeCommand(*fields)
    command = pipeline.step(None, 0).command
    with pytest.raises((ValueError, SafetyError)):
        dataclasses.replace(command, positions=np.ones(2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        command.positions = np.ones(2)
    with pytest.raises(ValueError, match="read-only"):
        command.positions[0] = 1.0
    assert not hasattr(copy.copy(command), "token")
