# SPDX-License-Identifier: Apache-2.0
"""Layouts: widths, columns, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.action_layout import (
    ROTATION_WIDTH,
    ActionGroup,
    ActionKind,
    ActionLayout,
    RotationForm,
)
from vla_ros.core.exceptions import LayoutError

ARM = ActionGroup(ActionKind.JOINT_POSITION, ("a", "b", "c"))
GRIPPER = ActionGroup(ActionKind.GRIPPER, ("g",))
POSE = ActionGroup(ActionKind.EE_POSE, ("tool",), "base", RotationForm.QUAT_XYZW)


def test_columns_from_left_to_right():
    layout = ActionLayout((ARM, POSE, GRIPPER))
    assert layout.width == 3 + 7 + 1
    assert list(layout.slices()) == [
        (ARM, slice(0, 3)),
        (POSE, slice(3, 10)),
        (GRIPPER, slice(10, 11)),
    ]
    assert layout.names(ActionKind.JOINT_POSITION) == ("a", "b", "c")
    assert layout.names(ActionKind.EE_DELTA) == ()


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        (RotationForm.NONE, []),
        (RotationForm.QUAT_XYZW, np.zeros(4)),
        (RotationForm.AXIS_ANGLE, np.zeros(3)),
        (RotationForm.EULER_XYZ, np.zeros(3)),
        (RotationForm.MATRIX_6D, np.eye(3)[:, :2].ravel()),
    ],
)
def test_a_pose_is_a_point_and_its_rotation(form, numbers):
    assert ActionGroup(ActionKind.EE_DELTA, ("tool",), "tool", form).width == 3 + len(numbers)
    assert ROTATION_WIDTH[form] == len(numbers)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_slices_cover_every_column_once(widths):
    groups = tuple(
        ActionGroup(ActionKind.JOINT_VELOCITY, tuple(f"{index}_{n}" for n in range(width)))
        for index, width in enumerate(widths)
    )
    layout = ActionLayout(groups)
    columns = [column for _, part in layout.slices() for column in range(part.start, part.stop)]
    assert columns == list(range(sum(widths)))
    assert layout.width == len(columns)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((ActionKind.GRIPPER, ()), "at least one name per group.*names \\[\\]"),
        ((ActionKind.JOINT_POSITION, ("a", "a")), "all different.*'a', 'a'"),
        ((ActionKind.JOINT_POSITION, ("a", "")), "none empty"),
        ((ActionKind.EE_POSE, ("tool",)), "a frame_id for a pose.*frame_id ''"),
        ((ActionKind.EE_DELTA, ("l", "r"), "base"), "one tool name.*one group per tool"),
        ((ActionKind.GRIPPER, ("g",), "base"), "no frame and no rotation form for GRIPPER"),
        ((ActionKind.JOINT_POSITION, ("a",), "", RotationForm.QUAT_XYZW), "QUAT_XYZW. Leave both"),
    ],
)
def test_inconsistent_groups_are_refused(arguments, words):
    with pytest.raises(LayoutError, match=words):
        ActionGroup(*arguments)


def test_inconsistent_layouts_are_refused():
    with pytest.raises(LayoutError, match="expected at least one group; got none"):
        ActionLayout(())
    with pytest.raises(LayoutError, match="each name once per kind.*GRIPPER:g.*GRIPPER:g"):
        ActionLayout((GRIPPER, GRIPPER))
    ActionLayout((ARM, ActionGroup(ActionKind.JOINT_VELOCITY, ARM.names)))  # other kinds may share
