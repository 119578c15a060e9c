# SPDX-License-Identifier: Apache-2.0
"""Loops paced by the monotonic and by a simulated clock."""

import threading
import time

import pytest
from rclpy.clock import ClockType, ROSClock
from rclpy.time import Time

from vla_ros.nodes.control_loop import ControlLoop
from vla_ros.nodes.loop_pacer import MonotonicPacer, RosClockPacer

pytestmark = pytest.mark.ros

MS = 1_000_000


class SimulatedClock:
    """A ROS clock whose time the test sets."""

    def __init__(self) -> None:
        self.clock = ROSClock()
        self.clock._set_ros_time_is_active(True)
        self.set(1_000_000 * MS)

    def set(self, time_ns: int) -> None:
        self.time_ns = time_ns
        stamp = Time(nanoseconds=time_ns, clock_type=ClockType.ROS_TIME)
        self.clock.set_ros_time_override(stamp)


def start_loop(pacer: object) -> tuple[ControlLoop, list[int], list[bool]]:
    ticks: list[int] = []
    ended: list[bool] = []
    tick, end = (lambda: ticks.append(pacer.now_ns())), (lambda: ended.append(True))
    loop = ControlLoop(pacer, 100.0, tick, end)
    loop.start()
    return loop, ticks, ended


def settle(ticks: list[int], count: int) -> None:
    deadline = time.monotonic() + 2.0
    while len(ticks) < count and time.monotonic() < deadline:
        time.sleep(0.001)


def test_monotonic_rate() -> None:
    loop, ticks, ended = start_loop(MonotonicPacer(100.0))
    settle(ticks, 20)
    loop.stop()
    assert 18 * 10 * MS <= ticks[19] - ticks[0] <= 30 * 10 * MS
    assert loop.periods.percentile(50) < 0.005
    assert not ended


def test_simulated_time_faster_than_real_time() -> None:
    simulated = SimulatedClock()
    loop, ticks, _ = start_loop(RosClockPacer(simulated.clock, 100.0))
    start = time.monotonic()
    for step in range(1, 101):
        simulated.set(simulated.time_ns + 10 * MS)
        settle(ticks, step)
    assert time.monotonic() - start < 1.0
    loop.stop()
    assert len(ticks) == 100
    assert loop.periods.percentile(99) == 0.0


def test_a_clock_that_stands_holds_the_loop_and_stop_wakes_it() -> None:
    simulated = SimulatedClock()
    loop, ticks, ended = start_loop(RosClockPacer(simulated.clock, 100.0))
    time.sleep(0.05)
    assert not ticks
    stopping = threading.Thread(target=loop.stop)
    stopping.start()
    stopping.join(1.0)
    assert not stopping.is_alive()
    assert not ended


def test_a_jump_back_does_not_stall_the_loop() -> None:
    simulated = SimulatedClock()
    loop, ticks, _ = start_loop(RosClockPacer(simulated.clock, 100.0))
    simulated.set(simulated.time_ns + 10 * MS)
    settle(ticks, 1)
    simulated.set(simulated.time_ns - 500_000 * MS)
    settle(ticks, 2)
    simulated.set(simulated.time_ns + 10 * MS)
    settle(ticks, 3)
    loop.stop()
    assert len(ticks) == 3


def test_missed_deadlines_are_skipped() -> None:
    simulated = SimulatedClock()
    loop, ticks, _ = start_loop(RosClockPacer(simulated.clock, 100.0))
    time.sleep(0.02)
    simulated.set(simulated.time_ns + 95 * MS)
    settle(ticks, 1)
    time.sleep(0.02)
    assert len(ticks) == 1
    simulated.set(simulated.time_ns + 5 * MS)
    settle(ticks, 2)
    loop.stop()
    assert len(ticks) == 2


def test_a_defect_in_the_tick_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, raised = threading.Event(), []
    monkeypatch.setattr(threading, "excepthook", raised.append)

    def tick() -> None:
        raise KeyError("defect")

    ControlLoop(MonotonicPacer(100.0), 100.0, tick, ended.set).start()
    assert ended.wait(1.0)
    time.sleep(0.05)
    assert raised[0].exc_type is KeyError
