# SPDX-License-Identifier: Apache-2.0
"""Chunks to messages and back; messages that lie are refused with words."""

from array import array

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from vla_ros.msg import ActionChunk as ActionChunkMessage

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout, RotationForm
from vla_ros.core.exceptions import ChunkError, LayoutError, VlaRosError
from vla_ros.nodes.chunk_conversion import chunk_from_message, message_from_chunk

pytestmark = pytest.mark.ros

NUMBERS = st.floats(-1e6, 1e6)
SENTENCES = (
    st.text(min_size=1)
    .filter(lambda text: text.strip() and "\0" not in text)
    .filter(lambda text: text.isprintable())
)


@st.composite
def layouts(draw: st.DrawFn) -> ActionLayout:
    joints = tuple(f"joint{i}" for i in range(draw(st.integers(1, 7))))
    groups = [ActionGroup(draw(st.sampled_from([ActionKind(1), ActionKind(2)])), joints)]
    for kind in (ActionKind.EE_POSE, ActionKind.EE_DELTA):
        if draw(st.booleans()):
            form = draw(st.sampled_from(list(RotationForm)))
            groups.append(ActionGroup(kind, ("tool",), "base", form))
    if draw(st.booleans()):
        groups.append(ActionGroup(ActionKind.GRIPPER, ("finger",)))
    return ActionLayout(tuple(draw(st.permutations(groups))))


@st.composite
def chunks(draw: st.DrawFn) -> ActionChunk:
    layout, horizon = draw(layouts()), draw(st.integers(1, 6))
    size = horizon * layout.width
    values = draw(st.lists(NUMBERS, min_size=size, max_size=size))
    return ActionChunk(
        stamp_ns=draw(st.integers(0, 2**31 * 10**9 - 1)),
        dt_s=draw(st.floats(1e-4, 10.0)),
        actions=np.reshape(values, (horizon, layout.width)),
        layout=layout,
        instruction=draw(SENTENCES),
        session=draw(SENTENCES),
        sequence=draw(st.integers(0, 2**64 - 1)),
        prefix_length=draw(st.integers(0, horizon)),
        inference_s=draw(st.floats(0, 100)),
    )


@settings(max_examples=100, deadline=None)
@given(chunks())
def test_a_chunk_survives_the_wire(chunk: ActionChunk) -> None:
    wire = serialize_message(message_from_chunk(chunk, "p", "base"))
    back = chunk_from_message(deserialize_message(wire, ActionChunkMessage))
    np.testing.assert_array_equal(back.actions, chunk.actions)
    for name in ("stamp_ns", "dt_s", "layout", "instruction", "session", "sequence"):
        assert getattr(back, name) == getattr(chunk, name)
    assert (back.prefix_length, back.inference_s) == (chunk.prefix_length, chunk.inference_s)


def good_message() -> ActionChunkMessage:
    groups = (
        ActionGroup(ActionKind.JOINT_POSITION, ("joint1", "joint2")),
        ActionGroup(ActionKind.GRIPPER, ("finger",)),
    )
    chunk = ActionChunk(5, 0.1, np.zeros((4, 3)), ActionLayout(groups), "pick", "s", 1)
    return message_from_chunk(chunk, "test", "base")


def nan_at_4(message: ActionChunkMessage) -> None:
    message.actions[4] = float("nan")


def unknown_kind(message: ActionChunkMessage) -> None:
    message.layout[0].kind = 9


def unknown_rotation(message: ActionChunkMessage) -> None:
    message.layout[0].rotation = 77


def narrow_layout(message: ActionChunkMessage) -> None:
    message.layout = message.layout[:1]


CASES = [
    (lambda m: setattr(m, "width", 2), ChunkError, "4 x 2 numbers in actions; got 12"),
    (lambda m: setattr(m, "horizon", 0), ChunkError, "0 x 3 numbers"),
    (lambda m: setattr(m, "actions", array("d", [0.0])), ChunkError, "numbers in actions; got 1"),
    (lambda m: setattr(m, "dt", float("nan")), ChunkError, "dt > 0"),
    (lambda m: setattr(m, "dt", 0.0), ChunkError, "dt > 0"),
    (lambda m: setattr(m, "prefix_length", 5), ChunkError, "prefix of 0 to 4"),
    (lambda m: setattr(m, "instruction", " "), ChunkError, "a session and an instruction"),
    (lambda m: setattr(m, "session", ""), ChunkError, "a session and an instruction"),
    (lambda m: setattr(m, "layout", []), LayoutError, "at least one group"),
    (nan_at_4, ChunkError, "nan at step 1, column 1"),
    (unknown_kind, LayoutError, "kind 9"),
    (unknown_rotation, LayoutError, "rotation 77"),
    (narrow_layout, ChunkError, "2 columns, as the layout describes; got 3"),
]


@pytest.mark.parametrize(("spoil", "error", "words"), CASES)
def test_a_message_that_lies_is_refused(
    spoil: object, error: type[VlaRosError], words: str
) -> None:
    message = good_message()
    spoil(message)
    with pytest.raises(error, match=words):
        chunk_from_message(message)


def test_zero_horizon_without_actions_is_refused() -> None:
    message = good_message()
    message.horizon, message.actions = 0, array("d")
    with pytest.raises(ChunkError, match="0 x 3 numbers"):
        chunk_from_message(message)
