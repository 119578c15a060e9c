# SPDX-License-Identifier: Apache-2.0
"""A loop's period with absolute deadlines on the monotonic clock.

deadline 0    1    2    3         4    5        a late tick 3 does not move deadline 4
tick     x    x    x        x     x    x
"""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class LoopStatistics:
    """How well a loop has kept its period.

    Attributes:
        ticks: number of waits so far.
        overruns: ticks whose deadline had passed before the wait began.
        worst_late_s: largest lateness of a wake-up [s].
    """

    ticks: int = 0
    overruns: int = 0
    worst_late_s: float = 0.0


class FixedRate:
    """Sleeps until the next multiple of a period; deadlines that were missed are skipped."""

    def __init__(self, rate_hz: float) -> None:
        """Start the first period now.

        Args:
            rate_hz: ticks per second, > 0.
        """
        self._period_ns = round(1e9 / rate_hz)
        self._deadline_ns = time.monotonic_ns() + self._period_ns
        self._ticks = self._overruns = self._worst_late_ns = 0

    @property
    def statistics(self) -> LoopStatistics:
        """Counts since the start."""
        return LoopStatistics(self._ticks, self._overruns, self._worst_late_ns * 1e-9)

    def wait(self) -> None:
        """Sleep until the deadline, then set the next one on the same grid."""
        ahead_ns = self._deadline_ns - time.monotonic_ns()
        if ahead_ns > 0:
            time.sleep(ahead_ns * 1e-9)
        late_ns = time.monotonic_ns() - self._deadline_ns
        self._ticks += 1
        self._overruns += ahead_ns <= 0
        self._worst_late_ns = max(self._worst_late_ns, late_ns)
        self._deadline_ns += self._period_ns * (1 + max(0, late_ns) // self._period_ns)
