# SPDX-License-Identifier: Apache-2.0
"""Chunks: their time axis, and what cannot be executed is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.core.exceptions import ChunkError

LAYOUT = ActionLayout((ActionGroup(ActionKind.JOINT_POSITION, ("a", "b")),))


def chunk(actions=((0.0, 0.0), (1.0, 1.0)), dt_s=0.1, stamp_ns=NS_PER_S, **others):
    return ActionChunk(stamp_ns, dt_s, np.array(actions), LAYOUT, **others)


def test_time_axis_is_anchored_at_the_stamp():
    three = chunk(np.zeros((3, 2)))
    assert three.horizon == 3
    assert three.end_ns == 1_200_000_000
    assert [three.step_at(t) for t in (900_000_000, 1_000_000_000, 1_250_000_000)] == [-1, 0, 2.5]


@given(st.integers(1, 50), st.floats(1e-3, 2.0), st.integers(0, 2 * 10**18))
def test_the_last_step_is_at_the_end(horizon, dt_s, stamp_ns):
    one = chunk(np.zeros((horizon, 2)), dt_s, stamp_ns)
    assert one.step_at(one.end_ns) == pytest.approx(horizon - 1, abs=1e-6)
    assert one.step_at(stamp_ns) == 0


def test_actions_are_a_copy_that_refuses_writes():
    given_actions = np.zeros((2, 2))
    one = chunk(given_actions)
    given_actions[0, 0] = 5
    assert one.actions[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        one.actions[0, 0] = 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"actions": np.zeros((0, 2))}, "shape .H, D. with H >= 1; got shape .0, 2."),
        ({"actions": np.zeros(2)}, "got shape .2,."),
        ({"actions": np.zeros((4, 3))}, "expected 2 columns.*got 3 columns"),
        ({"actions": [[0, 0], [0, np.nan]]}, "got nan at step 1, column 1.*normalisation"),
        ({"actions": [[np.inf, 0]]}, "got inf at step 0, column 0"),
        ({"dt_s": 0.0}, "dt > 0 s; got 0.0"),
        ({"dt_s": np.nan}, "dt > 0 s; got nan"),
        ({"prefix_length": 3}, "a prefix of 0 to 2 steps; got 3"),
        ({"prefix_length": -1}, "a prefix of 0 to 2 steps; got -1"),
    ],
)
def test_what_cannot_be_executed_is_refused(arguments, words):
    with pytest.raises(ChunkError, match=words):
        chunk(**arguments)
