# SPDX-License-Identifier: Apache-2.0
"""What the timeline accepts, and what it answers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.core.exceptions import ChunkError
from vla_ros.execution.latest_chunk import LatestChunk
from vla_ros.execution.temporal_ensemble import TemporalEnsemble
from vla_ros.execution.timeline import MAX_LIVE_CHUNKS, MAX_STEPS, ChunkTimeline

ChunkMaker = Callable[..., ActionChunk]
S = 1_000_000_000
JOINTS = ("joint1", "joint2")
ARM_ONLY = ActionLayout((ActionGroup(ActionKind.JOINT_POSITION, JOINTS),))


@pytest.fixture
def timeline() -> ChunkTimeline:
    return ChunkTimeline(JOINTS, "finger", LatestChunk(), max_chunk_age_s=1.0)


def test_steps_interpolate_linearly_and_the_gripper_steps(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    timeline.add(make_chunk(actions=[[0, 1, 0.0], [1, 3, 0.04], [1, 2, 0.08]]), 0)
    motion = timeline.at(25_000_000)
    assert motion is not None
    np.testing.assert_allclose(motion.positions, [0.25, 1.5])
    np.testing.assert_allclose(motion.velocities, [10.0, 20.0])
    assert motion.gripper_width == 0.0
    assert motion.source == ("a", 1)
    at_step = timeline.at(100_000_000)
    assert at_step is not None
    assert at_step.gripper_width == 0.04
    np.testing.assert_allclose(at_step.velocities, [0.0, -10.0])


@pytest.mark.parametrize(("time_ns", "covered"), [(-1, False), (0, True), (S // 5, True)])
def test_a_chunk_covers_its_own_span_only(
    timeline: ChunkTimeline, make_chunk: ChunkMaker, time_ns: int, covered: bool
) -> None:
    timeline.add(make_chunk(actions=np.zeros((3, 3))), 0)
    assert (timeline.at(time_ns) is not None) is covered
    assert timeline.at(S // 5 + 1) is None


def test_elapsed_steps_are_skipped_not_replayed(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    ramp = np.outer(np.arange(5), [1.0, 1.0, 0.0])
    timeline.add(make_chunk(actions=ramp), 250_000_000)
    motion = timeline.at(250_000_000)
    assert motion is not None
    np.testing.assert_allclose(motion.positions, 2.5)


def test_joints_are_matched_by_name(timeline: ChunkTimeline, make_chunk: ChunkMaker) -> None:
    layout = ActionLayout(
        (
            ActionGroup(ActionKind.GRIPPER, ("finger",)),
            ActionGroup(ActionKind.JOINT_POSITION, ("joint2",)),
            ActionGroup(ActionKind.JOINT_POSITION, ("joint1",)),
        )
    )
    timeline.add(make_chunk(actions=[[0.01, 2, 1], [0.01, 2, 1]], layout=layout), 0)
    motion = timeline.at(0)
    assert motion is not None
    np.testing.assert_allclose(motion.positions, [1, 2])
    assert motion.gripper_width == 0.01


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([ActionGroup(ActionKind.JOINT_POSITION, ("joint1",))], r"missing \['joint2'\]"),
        (
            [ActionGroup(ActionKind.JOINT_POSITION, ("joint1", "joint2", "joint9"))],
            r"unknown \['joint9'\]",
        ),
        ([ActionGroup(ActionKind.JOINT_VELOCITY, JOINTS)], "JOINT_VELOCITY"),
        ([*ARM_ONLY.groups, ActionGroup(ActionKind.GRIPPER, ("claw",))], "claw"),
        ([*ARM_ONLY.groups, ActionGroup(ActionKind.GRIPPER, ("finger", "claw"))], "claw"),
        ([ActionGroup(ActionKind.GRIPPER, ("finger",))], "missing"),
    ],
)
def test_other_layouts_are_refused(
    timeline: ChunkTimeline, make_chunk: ChunkMaker, groups: list[ActionGroup], words: str
) -> None:
    layout = ActionLayout(tuple(groups))
    with pytest.raises(ChunkError, match=words):
        timeline.add(make_chunk(layout=layout), 0)
    assert timeline.live_chunks == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sequence": 1}, "sequence > 1"),
        ({"sequence": 0}, "sequence > 1"),
        ({"sequence": 2, "stamp_s": 0.9}, "stamp >="),
        ({"sequence": 2, "stamp_s": 1.4}, "in the future"),
        ({"sequence": 2, "session": "b", "stamp_s": 0.9}, "session 'a'"),
        ({"sequence": 2, "dt_s": 1e300}, "steps of"),
        ({"sequence": 2, "actions": np.zeros((MAX_STEPS + 1, 3))}, "at most"),
    ],
)
def test_what_does_not_follow_is_refused(
    timeline: ChunkTimeline, make_chunk: ChunkMaker, changes: dict[str, object], words: str
) -> None:
    timeline.add(make_chunk(1.0, 1), S)
    with pytest.raises(ChunkError, match=words):
        timeline.add(make_chunk(**({"stamp_s": 1.0} | changes)), S)
    assert timeline.live_chunks == 1


def test_the_past_is_refused(timeline: ChunkTimeline, make_chunk: ChunkMaker) -> None:
    with pytest.raises(ChunkError, match="steps left"):
        timeline.add(make_chunk(0.0), S // 2)
    with pytest.raises(ChunkError, match="age up to 1.000 s"):
        timeline.add(make_chunk(0.0, dt_s=10.0), 2 * S)


def test_a_prediction_ages_out(timeline: ChunkTimeline, make_chunk: ChunkMaker) -> None:
    timeline.add(make_chunk(0.0, dt_s=10.0), 0)
    assert timeline.at(S) is not None
    assert timeline.at(S + 1) is None


def test_a_new_session_replaces_the_old_one(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    timeline.add(make_chunk(0.0, 7, session="a"), 0)
    timeline.add(make_chunk(0.1, 1, 1.0, session="b"), S // 10)
    assert timeline.live_chunks == 1
    with pytest.raises(ChunkError, match="replaced"):
        timeline.add(make_chunk(0.2, 8, session="a"), S // 5)
    motion = timeline.at(S // 5)
    assert motion is not None
    np.testing.assert_allclose(motion.positions, 1.0)


def test_the_sentence_in_force_decides(timeline: ChunkTimeline, make_chunk: ChunkMaker) -> None:
    timeline.add(make_chunk(instruction="pick"), 0)
    timeline.set_instruction("pick")
    assert timeline.live_chunks == 1
    timeline.set_instruction("place")
    assert timeline.at(0) is None
    with pytest.raises(ChunkError, match="'place'.*'pick'"):
        timeline.add(make_chunk(sequence=2, instruction="pick"), 0)
    timeline.set_instruction("")
    with pytest.raises(ChunkError, match="no sentence"):
        timeline.add(make_chunk(sequence=3, instruction=""), 0)


def test_clear_forgets_chunks_and_sessions(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    timeline.add(make_chunk(5.0, 4), 5 * S)
    timeline.clear()
    assert timeline.at(5 * S) is None
    timeline.add(make_chunk(0.0, 1), 0)
    assert timeline.live_chunks == 1


def test_a_flood_keeps_the_newest_chunks(timeline: ChunkTimeline, make_chunk: ChunkMaker) -> None:
    for sequence in range(3 * MAX_LIVE_CHUNKS):
        timeline.add(make_chunk(0.0, sequence, float(sequence)), 0)
    assert timeline.live_chunks == MAX_LIVE_CHUNKS
    motion = timeline.at(0)
    assert motion is not None
    np.testing.assert_allclose(motion.positions, 3 * MAX_LIVE_CHUNKS - 1)


def test_the_gripper_is_the_newest_that_is_given(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    timeline.add(make_chunk(0.0, 1), 0)
    timeline.add(make_chunk(0.0, 2, layout=ARM_ONLY), 0)
    motion = timeline.at(0)
    assert motion is not None
    assert motion.gripper_width == 0.04


def test_contributors_are_the_chunks_with_weight(make_chunk: ChunkMaker) -> None:
    for strategy, expected in [(LatestChunk(), [2]), (TemporalEnsemble(0.1), [1, 2])]:
        timeline = ChunkTimeline(JOINTS, "finger", strategy, 1.0)
        timeline.add(make_chunk(0.0, 1), 0)
        timeline.add(make_chunk(0.1, 2), S // 10)
        assert [chunk.sequence for chunk in timeline.contributors(S // 5)] == expected
        assert timeline.contributors(9 * S) == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stamps_ms=st.lists(st.integers(0, 600), min_size=1, max_size=12),
    time_ms=st.integers(300, 700),
    m=st.floats(-3, 3),
    data=st.data(),
)
def test_ensemble_equals_brute_force(
    make_chunk: ChunkMaker, stamps_ms: list[int], time_ms: int, m: float, data: st.DataObject
) -> None:
    timeline = ChunkTimeline(JOINTS, "finger", TemporalEnsemble(m), 10.0)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    dt_s = data.draw(st.sampled_from([0.02, 0.1, 1 / 30]))
    total, weight_sum, count = np.zeros(2), 0.0, 0
    for sequence, stamp_ms in enumerate(sorted(ms for ms in stamps_ms if ms <= time_ms)):
        actions = rng.normal(size=(6, 2))
        chunk = make_chunk(stamp_ms / 1e3, sequence, actions=actions, layout=ARM_ONLY, dt_s=dt_s)
        timeline.add(chunk, chunk.stamp_ns)
        step = chunk.step_at(time_ms * 1_000_000)
        if time_ms * 1_000_000 <= chunk.end_ns:
            value = [np.interp(step, np.arange(6), actions[:, joint]) for joint in range(2)]
            weight = np.exp(-m * count)
            total += weight * np.array(value)
            weight_sum += weight
            count += 1
    motion = timeline.at(time_ms * 1_000_000)
    if count == 0:
        assert motion is None
    else:
        assert motion is not None
        np.testing.assert_allclose(motion.positions, total / weight_sum, atol=1e-9)


def test_a_session_that_fell_silent_gives_way(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    timeline.add(make_chunk(0.0, 7, session="live"), 0)
    timeline.add(make_chunk(0.1, 1, session="stray"), S // 10)
    with pytest.raises(ChunkError, match="replaced"):
        timeline.add(make_chunk(0.9, 8, session="live"), 9 * S // 10)
    timeline.add(make_chunk(1.2, 9, 3.0, session="live"), 12 * S // 10)
    timeline.add(make_chunk(1.3, 10, 3.0, session="live"), 13 * S // 10)
    motion = timeline.at(13 * S // 10)
    assert motion is not None
    assert motion.source == ("live", 10)


def test_numbers_that_are_no_positions_are_refused(
    timeline: ChunkTimeline, make_chunk: ChunkMaker
) -> None:
    with pytest.raises(ChunkError, match=r"up to 1e\+06; got 1e\+308"):
        timeline.add(make_chunk(value=-1e308), 0)
    assert timeline.live_chunks == 0
