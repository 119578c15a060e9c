# SPDX-License-Identifier: Apache-2.0
"""Repeated safety events."""

from vla_ros.nodes.event_throttle import EventThrottle

MS = 1_000_000


def test_a_repeat_passes_every_fifth_of_a_second() -> None:
    throttle = EventThrottle()
    passed = [t for t in range(0, 1000, 10) if throttle.admits("velocity", "joint1", 1, t * MS)]
    assert passed == [0, 200, 400, 600, 800]


def test_another_limit_subject_or_severity_is_not_held_back() -> None:
    throttle = EventThrottle()
    events = [("velocity", "joint1", 1), ("velocity", "joint2", 1), ("velocity", "joint1", 2)]
    assert all(throttle.admits(*event, 0) for event in events)
    assert not any(throttle.admits(*event, 1) for event in events)


def test_a_clock_that_jumped_back_does_not_silence() -> None:
    throttle = EventThrottle()
    throttle.admits("velocity", "joint1", 1, 10_000 * MS)
    assert throttle.admits("velocity", "joint1", 1, 0)
