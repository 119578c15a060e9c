# SPDX-License-Identifier: Apache-2.0
"""msg/ActionChunk to our own ActionChunk and back; a message that lies is refused whole."""

from array import array

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout, RotationForm
from vla_ros.core.exceptions import ChunkError, LayoutError
from vla_ros.msg import ActionChunk as ActionChunkMessage
from vla_ros.msg import ActionGroup as ActionGroupMessage

MAX_SESSION, MAX_INSTRUCTION = 64, 20_000


def chunk_from_message(message: ActionChunkMessage) -> ActionChunk:
    """Read a chunk.

    Raises:
        ChunkError: sizes that contradict each other, no instruction or session, NaN, a bad dt.
        LayoutError: an unknown kind or rotation form, or groups that are inconsistent.
    """
    if not message.session or not message.instruction.strip():
        raise ChunkError(
            "a session and an instruction",
            f"session '{message.session}', instruction '{message.instruction}'",
            "Let the publisher fill both; a chunk without a sentence is nobody's wish.",
        )
    if len(message.session) > MAX_SESSION or len(message.instruction) > MAX_INSTRUCTION:
        raise ChunkError(
            f"at most {MAX_SESSION} letters of session and {MAX_INSTRUCTION} of instruction",
            f"{len(message.session)} and {len(message.instruction)}",
            "Both are repeated in every status.",
        )
    if message.horizon * message.width != len(message.actions) or not message.horizon:
        raise ChunkError(
            f"horizon x width = {message.horizon} x {message.width} numbers in actions",
            f"{len(message.actions)}",
            "Write the rows one after the other and fill horizon and width.",
        )
    return ActionChunk(
        stamp_ns=message.header.stamp.sec * NS_PER_S + message.header.stamp.nanosec,
        dt_s=message.dt,
        actions=np.frombuffer(message.actions).reshape(message.horizon, message.width),
        layout=ActionLayout(tuple(_group_from_message(group) for group in message.layout)),
        instruction=message.instruction,
        session=message.session,
        sequence=message.sequence,
        prefix_length=message.prefix_length,
        inference_s=message.inference_time,
    )


def message_from_chunk(chunk: ActionChunk, policy: str, frame_id: str) -> ActionChunkMessage:
    """Write a chunk.

    Args:
        chunk: any chunk; its columns keep their order.
        policy: family and version of the policy.
        frame_id: the robot's base frame, or empty.
    """
    message = ActionChunkMessage(
        session=chunk.session,
        sequence=chunk.sequence,
        policy=policy,
        instruction=chunk.instruction,
        dt=float(chunk.dt_s),
        horizon=chunk.horizon,
        width=chunk.layout.width,
        layout=[_message_from_group(group) for group in chunk.layout.groups],
        prefix_length=chunk.prefix_length,
        inference_time=float(chunk.inference_s),
    )
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(chunk.stamp_ns, NS_PER_S)
    message.header.frame_id = frame_id
    message.actions = array("d", chunk.actions.tobytes())
    return message


def _group_from_message(message: ActionGroupMessage) -> ActionGroup:
    try:
        kind, rotation = ActionKind(message.kind), RotationForm(message.rotation)
    except ValueError as error:
        raise LayoutError(
            f"a kind out of {[int(kind) for kind in ActionKind]} and a rotation out of "
            f"{[int(form) for form in RotationForm]}, as in vla_ros/msg/ActionGroup",
            f"kind {message.kind}, rotation {message.rotation}",
            "Use the constants of the message; build both sides from one version.",
        ) from error
    return ActionGroup(kind, tuple(message.names), message.frame_id, rotation)


def _message_from_group(group: ActionGroup) -> ActionGroupMessage:
    return ActionGroupMessage(
        kind=int(group.kind),
        names=list(group.names),
        frame_id=group.frame_id,
        rotation=int(group.rotation),
    )
