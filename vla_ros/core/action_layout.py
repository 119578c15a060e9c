# SPDX-License-Identifier: Apache-2.0
"""What each dimension of an action means: kind, names, frame, rotation form.

The layout decides how a dimension may be combined with another prediction of it: positions
average, rotations average on SO(3), deltas become targets first, grippers take the newest value.

    column   0    1    2    3    4    5    6    7
    group    |------- joint_position --------|  | gripper |
    names    joint1 ...               joint7    finger_width
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from vla_ros.core.exceptions import LayoutError


class ActionKind(IntEnum):
    """What the numbers of a group are; values equal the constants of `msg/ActionGroup`."""

    JOINT_POSITION = 1  # [rad] or [m], absolute
    JOINT_VELOCITY = 2  # [rad/s] or [m/s]
    EE_POSE = 3  # xyz [m] + rotation, absolute in `frame_id`
    EE_DELTA = 4  # xyz [m] + rotation, relative to the tool pose of the step before, in `frame_id`
    GRIPPER = 5  # opening width [m]


class RotationForm(IntEnum):
    """How the rotation of a pose is written; values equal the constants of `msg/ActionGroup`."""

    NONE = 0
    QUAT_XYZW = 1
    AXIS_ANGLE = 2  # rotation vector [rad]
    EULER_XYZ = 3  # fixed-axis roll, pitch, yaw [rad] (REP-103)
    MATRIX_6D = 4  # first two columns of the rotation matrix, column after column


ROTATION_WIDTH = {
    RotationForm.NONE: 0,
    RotationForm.QUAT_XYZW: 4,
    RotationForm.AXIS_ANGLE: 3,
    RotationForm.EULER_XYZ: 3,
    RotationForm.MATRIX_6D: 6,
}
_POSES = (ActionKind.EE_POSE, ActionKind.EE_DELTA)


@dataclass(frozen=True)
class ActionGroup:
    """A run of neighbouring action dimensions of one kind.

    Attributes:
        kind: what the numbers are.
        names: joint names, or gripper names, or the one tool frame of a pose; one name per column,
            but for a pose, which has one name and `3 + rotation width` columns.
        frame_id: frame in which a pose or delta is written; empty for joints and grippers.
        rotation: form of a pose's rotation; NONE for joints and grippers.
    """

    kind: ActionKind
    names: tuple[str, ...]
    frame_id: str = ""
    rotation: RotationForm = RotationForm.NONE

    def __post_init__(self) -> None:
        """Refuse groups without names, with repeated names, or with a frame where none belongs."""
        if not self.names or len(set(self.names)) != len(self.names) or "" in self.names:
            raise LayoutError(
                "at least one name per group, all different and none empty",
                f"{self.kind.name} with names {list(self.names)}",
                "Name each joint, gripper or tool of the group once.",
            )
        if self.kind in _POSES and (len(self.names) != 1 or not self.frame_id):
            raise LayoutError(
                "one tool name and a frame_id for a pose or delta",
                f"names {list(self.names)}, frame_id '{self.frame_id}'",
                "Write one group per tool and say in which frame its numbers are.",
            )
        if self.kind not in _POSES and (self.frame_id or self.rotation):
            raise LayoutError(
                f"no frame and no rotation form for {self.kind.name}",
                f"frame_id '{self.frame_id}', rotation {self.rotation.name}",
                "Leave both empty, or use EE_POSE / EE_DELTA.",
            )

    @property
    def width(self) -> int:
        """Number of columns that the group takes."""
        return 3 + ROTATION_WIDTH[self.rotation] if self.kind in _POSES else len(self.names)


@dataclass(frozen=True)
class ActionLayout:
    """The groups of an action vector, left to right without gaps."""

    groups: tuple[ActionGroup, ...]

    def __post_init__(self) -> None:
        """Refuse an empty layout and a name that two groups of one kind share."""
        if not self.groups:
            raise LayoutError("at least one group", "none", "Describe every action dimension.")
        named = [(group.kind, name) for group in self.groups for name in group.names]
        if len(set(named)) != len(named):
            raise LayoutError(
                "each name once per kind",
                str([f"{kind.name}:{name}" for kind, name in named]),
                "Give every joint, gripper and tool one place in the layout.",
            )

    @property
    def width(self) -> int:
        """Number of columns D of an action with this layout."""
        return sum(group.width for group in self.groups)

    def slices(self) -> Iterator[tuple[ActionGroup, slice]]:
        """Yield each group with the columns it takes, left to right."""
        ends = [0]
        for group in self.groups:
            ends.append(ends[-1] + group.width)
        for group, (start, stop) in zip(self.groups, pairwise(ends), strict=True):
            yield group, slice(start, stop)

    def names(self, kind: ActionKind) -> tuple[str, ...]:
        """Names of every group of one kind, left to right."""
        return tuple(name for group in self.groups if group.kind is kind for name in group.names)
