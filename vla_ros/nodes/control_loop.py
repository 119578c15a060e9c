# SPDX-License-Identifier: Apache-2.0
"""The thread that calls the controller's tick at a fixed rate. No ROS in here."""

import threading
from collections.abc import Callable

from vla_ros.nodes.loop_pacer import LoopPacer
from vla_ros.nodes.period_statistics import PeriodStatistics


class ControlLoop:
    """Waits for the pacer, then ticks, until it is stopped."""

    def __init__(
        self,
        pacer: LoopPacer,
        rate_hz: float,
        tick: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        """Prepare the thread.

        Args:
            pacer: paces the loop.
            rate_hz: nominal ticks per second.
            tick: called once per period, by this thread only.
            ended: called when the thread ends without being asked to, by a defect.
        """
        self._pacer = pacer
        self._tick = tick
        self._ended = ended
        self._stop_asked = False
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self.periods = PeriodStatistics(rate_hz)

    @property
    def overruns(self) -> int:
        """Ticks whose deadline had passed before the wait began."""
        return self._pacer.overruns

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the tick in progress."""
        self._stop_asked = True
        self._pacer.wake()
        self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                self._pacer.wait()
                if self._stop_asked:
                    return
                self.periods.add(self._pacer.now_ns())
                self._tick()
        finally:
            if not self._stop_asked:
                self._ended()
