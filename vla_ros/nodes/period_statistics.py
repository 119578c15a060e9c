# SPDX-License-Identifier: Apache-2.0
"""How far the last ticks of a loop were from their period."""

from collections import deque

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S

TICKS = 1000


class PeriodStatistics:
    """|period - nominal| of the last 1000 ticks."""

    def __init__(self, rate_hz: float) -> None:
        """Start without ticks.

        Args:
            rate_hz: nominal ticks per second.
        """
        self._nominal_ns = NS_PER_S / rate_hz
        self._errors_s: deque[float] = deque(maxlen=TICKS)
        self._last_ns: int | None = None

    def add(self, time_ns: int) -> None:
        """Count a tick.

        Args:
            time_ns: its time, on the clock that paces the loop [ns].
        """
        if self._last_ns is not None:
            error_ns = abs(time_ns - self._last_ns - self._nominal_ns)
            self._errors_s.append(error_ns / NS_PER_S)
        self._last_ns = time_ns

    def percentile(self, percent: float) -> float:
        """Percentile of the errors [s]; 0 before the second tick."""
        return float(np.percentile(self._errors_s, percent)) if self._errors_s else 0.0
