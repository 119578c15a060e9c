# SPDX-License-Identifier: Apache-2.0
"""Which inputs belong together, and the sentences about those that do not come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.exceptions import ObservationError
from vla_ros.nodes.input_matcher import InputMatcher

MS = 1_000_000
T0 = 1_000_000 * MS
PICTURE = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def matcher() -> InputMatcher:
    return InputMatcher(("front", "wrist"), ("a", "b"), max_skew_s=0.02, max_age_s=0.5)


def fill(matcher: InputMatcher, stamp_ns: int = T0, now_ns: int = T0) -> None:
    for camera in ("front", "wrist"):
        matcher.add_image(camera, stamp_ns, PICTURE, now_ns)
    matcher.add_joint_state(stamp_ns, ["a", "b"], [1.0, 2.0], now_ns)


def test_complete_set(matcher: InputMatcher) -> None:
    fill(matcher)
    inputs = matcher.newest(T0)
    assert inputs is not None
    assert inputs.stamp_ns == T0
    assert set(inputs.images) == {"front", "wrist"}
    np.testing.assert_array_equal(inputs.positions, [1.0, 2.0])
    assert matcher.waiting_for(T0) == ()


def test_nothing_yet_names_every_input(matcher: InputMatcher) -> None:
    assert matcher.newest(T0) is None
    assert matcher.waiting_for(T0) == (
        "camera_front/image: no picture has come yet",
        "camera_wrist/image: no picture has come yet",
        "joint_states: no message has come yet",
    )


def test_slower_camera_chooses_the_time(matcher: InputMatcher) -> None:
    pictures = [np.full((2, 2, 3), value, np.uint8) for value in range(4)]
    for index in range(3):
        matcher.add_image("front", T0 + index * 33 * MS, pictures[index], T0 + 100 * MS)
    matcher.add_image("wrist", T0 + 40 * MS, pictures[3], T0 + 100 * MS)
    matcher.add_joint_state(T0 + 30 * MS, ["a", "b"], [1.0, 2.0], T0 + 100 * MS)
    inputs = matcher.newest(T0 + 100 * MS)
    assert inputs is not None
    assert inputs.stamp_ns == T0 + 33 * MS
    assert inputs.images["front"] is pictures[1]


def test_joints_are_interpolated_at_the_oldest_picture(matcher: InputMatcher) -> None:
    now = T0 + 100 * MS
    matcher.add_image("front", T0 + 5 * MS, PICTURE, now)
    matcher.add_image("wrist", T0 + 12 * MS, PICTURE, now)
    matcher.add_joint_state(T0, ["a", "b"], [0.0, 0.0], now)
    matcher.add_joint_state(T0 + 10 * MS, ["b", "a"], [-2.0, 1.0], now)
    inputs = matcher.newest(now)
    assert inputs is not None
    np.testing.assert_allclose(inputs.positions, [0.5, -1.0])


def test_joints_from_two_drivers(matcher: InputMatcher) -> None:
    for camera in ("front", "wrist"):
        matcher.add_image(camera, T0, PICTURE, T0)
    matcher.add_joint_state(T0, ["a"], [1.0], T0)
    assert matcher.waiting_for(T0) == ("joint_states: ['b'] never came; the messages name ['a']",)
    matcher.add_joint_state(T0 + MS, ["b", "other"], [2.0, float("nan")], T0)
    inputs = matcher.newest(T0)
    assert inputs is not None
    np.testing.assert_array_equal(inputs.positions, [1.0, 2.0])


def test_cameras_too_far_apart(matcher: InputMatcher) -> None:
    fill(matcher)
    matcher.reset()
    matcher.add_image("front", T0 + 50 * MS, PICTURE, T0 + 50 * MS)
    matcher.add_image("wrist", T0, PICTURE, T0 + 50 * MS)
    matcher.add_joint_state(T0, ["a", "b"], [0.0, 0.0], T0 + 50 * MS)
    assert matcher.newest(T0 + 50 * MS) is None
    expected = "camera_wrist/image: 0.050 s behind the newest camera (max_skew_s 0.020)"
    assert matcher.waiting_for(T0 + 50 * MS) == (expected,)


def test_late_camera_says_how_late(matcher: InputMatcher) -> None:
    fill(matcher)
    now = T0 + 750 * MS
    matcher.add_image("wrist", now, PICTURE, now)
    assert matcher.newest(now) is None
    sentences = matcher.waiting_for(now)
    assert "camera_front/image: the last picture is 0.750 s old" in sentences[0]


def test_late_joint_says_which_and_how_late(matcher: InputMatcher) -> None:
    matcher.add_joint_state(T0, ["a", "b"], [0.0, 0.0], T0)
    now = T0 + 300 * MS
    matcher.add_joint_state(now, ["a"], [0.0], now)
    for camera in ("front", "wrist"):
        matcher.add_image(camera, now, PICTURE, now)
    assert matcher.newest(now) is None
    assert "joint_states: 'b' is 0.300 s away from the pictures" in matcher.waiting_for(now)[0]


def test_unstamped_camera_is_told_apart(matcher: InputMatcher) -> None:
    fill(matcher)
    matcher.reset()
    matcher.add_image("front", 0, PICTURE, T0)
    assert "the stamp is 0" in matcher.waiting_for(T0)[0]


def test_old_and_repeated_frames_are_dropped(matcher: InputMatcher) -> None:
    fill(matcher)
    other = np.ones((2, 2, 3), np.uint8)
    matcher.add_image("front", T0, other, T0)
    matcher.add_image("front", T0 - MS, other, T0)
    inputs = matcher.newest(T0)
    assert inputs is not None
    assert inputs.images["front"] is PICTURE


def test_clock_that_jumped_back_starts_anew(matcher: InputMatcher) -> None:
    fill(matcher)
    earlier = T0 - 10_000 * MS
    assert matcher.newest(earlier) is None
    fill(matcher, earlier, earlier)
    inputs = matcher.newest(earlier)
    assert inputs is not None
    assert inputs.stamp_ns == earlier


def test_stamps_in_the_future_are_refused(matcher: InputMatcher) -> None:
    future = T0 + 3600 * 1000 * MS
    with pytest.raises(ObservationError, match=r"camera_front/image.*3600\.000 s ahead.*clocks"):
        matcher.add_image("front", future, PICTURE, T0)
    with pytest.raises(ObservationError, match="joint_states"):
        matcher.add_joint_state(future, ["a"], [0.0], T0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_joint_values_that_are_no_numbers_are_refused(matcher: InputMatcher, value: float) -> None:
    with pytest.raises(ObservationError, match="finite positions; got .* for 'b'"):
        matcher.add_joint_state(T0, ["a", "b"], [0.0, value], T0)


def test_joint_state_without_positions_is_refused(matcher: InputMatcher) -> None:
    with pytest.raises(ObservationError, match="2 positions, one per name; got 0"):
        matcher.add_joint_state(T0, ["a", "b"], [], T0)


@given(st.lists(st.tuples(st.sampled_from(["front", "wrist"]), st.integers(0, 400)), max_size=40))
def test_a_set_is_always_within_skew_and_age(arrivals: list[tuple[str, int]]) -> None:
    matcher = InputMatcher(("front", "wrist"), ("a",), max_skew_s=0.02, max_age_s=0.2)
    now = T0 + 400 * MS
    for milliseconds in range(0, 400, 10):
        matcher.add_joint_state(T0 + milliseconds * MS, ["a"], [milliseconds], now)
    for camera, milliseconds in arrivals:
        stamp = T0 + milliseconds * MS
        matcher.add_image(camera, stamp, np.full((1, 1, 3), milliseconds % 251, np.uint8), now)
    inputs = matcher.newest(now)
    if inputs is None:
        assert matcher.waiting_for(now)
    else:
        assert now - inputs.stamp_ns <= 200 * MS
        milliseconds = (inputs.stamp_ns - T0) / MS
        assert inputs.positions[0] == pytest.approx(min(milliseconds, 390))
