# SPDX-License-Identifier: Apache-2.0
"""The loop's period: deadlines on one grid, late ticks do not move it."""

import time

from vla_ros.core.fixed_rate import FixedRate, LoopStatistics

PERIOD_S = 0.02


def test_never_before_the_deadline():
    start_s = time.monotonic()
    rate = FixedRate(1 / PERIOD_S)
    for tick in range(1, 6):
        rate.wait()
        assert time.monotonic() - start_s > tick * PERIOD_S - 1e-3
    assert rate.statistics.ticks == 5


def test_a_slow_tick_does_not_shift_later_deadlines():
    start_s = time.monotonic()
    rate = FixedRate(1 / PERIOD_S)
    rate.wait()
    time.sleep(2.5 * PERIOD_S)  # past deadlines 2 and 3, or later on a busy machine
    rate.wait()
    lates = []
    for _ in range(5):
        rate.wait()
        elapsed = (time.monotonic() - start_s) / PERIOD_S
        lates.append(elapsed - int(elapsed))
    # A grid that had moved would put every wake-up at the same half of a period.
    assert min(lates) < 0.35
    statistics = rate.statistics
    assert statistics.overruns >= 1
    assert statistics.worst_late_s > 0.4 * PERIOD_S
    assert statistics.ticks == 7


def test_missed_deadlines_are_skipped_not_made_up():
    rate = FixedRate(1 / PERIOD_S)
    time.sleep(5.5 * PERIOD_S)
    rate.wait()
    start_s = time.monotonic()
    for _ in range(4):
        rate.wait()
    assert time.monotonic() - start_s > 3 * PERIOD_S - 1e-3


def test_nothing_counted_at_the_start():
    assert FixedRate(100).statistics == LoopStatistics(0, 0, 0.0)
