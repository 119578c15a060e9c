# SPDX-License-Identifier: Apache-2.0
"""Silence is noticed, and a stop stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.safety.state_machine import ControllerState, Mode, advance, initial
from vla_ros.safety.watchdog import Watchdog

S = 1_000_000_000
REASONS = st.sampled_from([None, "why"])


def test_silence_is_a_reason() -> None:
    watchdog = Watchdog("joint states", 0.2)
    assert watchdog.reason(0) == "no joint states yet"
    watchdog.feed(S)
    assert watchdog.reason(S + S // 5) is None
    assert watchdog.reason(S + S // 2) == "no joint states for 0.500 s (timeout 0.2 s)"


def test_a_feed_from_the_future_is_silence() -> None:
    watchdog = Watchdog("joint states", 0.2)
    watchdog.feed(10 * S)
    assert watchdog.reason(10 * S - S // 10) is None
    assert watchdog.reason(S) is not None


@pytest.mark.parametrize(
    ("state", "stop", "hold", "expected"),
    [
        ("IDLE", None, "no chunk", "IDLE"),
        ("IDLE", None, None, "RUNNING"),
        ("RUNNING", None, "no chunk", "HOLDING"),
        ("HOLDING", None, None, "RUNNING"),
        ("HOLDING", None, "no chunk", "HOLDING"),
        ("IDLE", "clock", None, "STOPPED"),
        ("RUNNING", "clock", None, "STOPPED"),
        ("HOLDING", "clock", "no chunk", "STOPPED"),
        ("STOPPED", None, None, "STOPPED"),
    ],
)
def test_transitions(state: str, stop: str | None, hold: str | None, expected: str) -> None:
    mode = advance(Mode(ControllerState[state], "before"), stop, hold)
    assert mode.state.name == expected


@given(steps=st.lists(st.tuples(REASONS, REASONS)))
def test_the_first_stop_is_latched_with_its_reason(
    steps: list[tuple[str | None, str | None]],
) -> None:
    mode = advance(initial("start"), "first", None)
    for stop, hold in steps:
        mode = advance(mode, stop, hold)
    assert mode == Mode(ControllerState.STOPPED, "first")
