# SPDX-License-Identifier: Apache-2.0
"""A chunk parsed for one robot: its columns are the robot's joints in the robot's order.

Columns are found by name, in whatever order the policy has them:

    chunk    joint2  joint1 | gripper
    plan     positions: joint1  joint2    gripper_widths
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionKind, ActionLayout
from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import ChunkError

MAX_VALUE = 1e6  # rad or m; limits handle what is large, this refuses what is not a position
_EXECUTABLE = (ActionKind.JOINT_POSITION, ActionKind.GRIPPER)


@dataclass(frozen=True)
class JointPlan:
    """A chunk whose numbers are ready to be looked up by step.

    Attributes:
        chunk: the chunk that the numbers are from.
        arrival_ns: when it was accepted [ns, ROS time].
        positions: (H, J) [rad], in the robot's joint order.
        gripper_widths: (H,) [m]; NaN when the chunk has no gripper.
    """

    chunk: ActionChunk
    arrival_ns: int
    positions: FloatArray
    gripper_widths: FloatArray


def joint_plan(
    chunk: ActionChunk, joint_names: tuple[str, ...], gripper_joint: str, arrival_ns: int
) -> JointPlan:
    """Reorder a chunk's columns by name.

    Args:
        chunk: joint positions of exactly the robot's joints, and at most one gripper.
        joint_names: (J) the robot's joints.
        gripper_joint: the only gripper name that is understood.
        arrival_ns: time of acceptance [ns, ROS time].

    Raises:
        ChunkError: another kind of group, other joints, another gripper, a number too large.
    """
    _check_layout(chunk.layout, joint_names, gripper_joint)
    if np.abs(chunk.actions).max() > MAX_VALUE:
        raise ChunkError(
            f"joint positions and openings up to {MAX_VALUE:g}",
            f"{np.abs(chunk.actions).max():g}",
            "Check the policy's normalisation; the units are rad and m.",
        )
    column = {
        (group.kind, name): columns.start + offset
        for group, columns in chunk.layout.slices()
        for offset, name in enumerate(group.names)
    }
    order = [column[ActionKind.JOINT_POSITION, name] for name in joint_names]
    gripper = column.get((ActionKind.GRIPPER, gripper_joint))
    widths = np.full(chunk.horizon, np.nan) if gripper is None else chunk.actions[:, gripper]
    return JointPlan(chunk, arrival_ns, chunk.actions[:, order], widths)


def _check_layout(layout: ActionLayout, joint_names: tuple[str, ...], gripper_joint: str) -> None:
    for group in layout.groups:
        if group.kind not in _EXECUTABLE:
            raise ChunkError(
                "groups JOINT_POSITION and GRIPPER only",
                f"{group.kind.name} {list(group.names)}",
                "Turn the policy's actions into joint positions before they reach the controller.",
            )
    joints = layout.names(ActionKind.JOINT_POSITION)
    if set(joints) != set(joint_names):
        raise ChunkError(
            f"joint positions of exactly {list(joint_names)}",
            f"missing {sorted(set(joint_names) - set(joints))}, "
            f"unknown {sorted(set(joints) - set(joint_names))}",
            "Use a policy of this robot, or correct joint_names in its profile.",
        )
    grippers = layout.names(ActionKind.GRIPPER)
    if grippers not in ((), (gripper_joint,)):
        raise ChunkError(
            f"no gripper, or the one gripper '{gripper_joint}'",
            f"{list(grippers)}",
            "Use a policy of this robot, or correct gripper_joint in its profile.",
        )
