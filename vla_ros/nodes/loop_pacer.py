# SPDX-License-Identifier: Apache-2.0
"""What a control loop waits on: the monotonic clock, or the ROS clock when that is simulated."""

import threading
import time
from typing import Protocol

from rclpy.clock import JumpThreshold, ROSClock
from rclpy.duration import Duration
from rclpy.node import Node

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.fixed_rate import FixedRate


class LoopPacer(Protocol):
    """Lets a loop run at a fixed rate."""

    @property
    def overruns(self) -> int:
        """Ticks whose deadline had passed before the wait began."""

    def now_ns(self) -> int:
        """Present time on the clock that paces [ns]."""

    def wait(self) -> None:
        """Return at the next deadline, or soon after `wake`."""

    def wake(self) -> None:
        """End the wait for good, from another thread."""


class MonotonicPacer:
    """Absolute deadlines on the monotonic clock: a jump of the ROS clock moves none of them."""

    def __init__(self, rate_hz: float) -> None:
        """Start the first period now.

        Args:
            rate_hz: ticks per second.
        """
        self._rate = FixedRate(rate_hz)

    @property
    def overruns(self) -> int:
        """Ticks whose deadline had passed before the wait began."""
        return self._rate.statistics.overruns

    def now_ns(self) -> int:
        """Monotonic time [ns]."""
        return time.monotonic_ns()

    def wait(self) -> None:
        """Return at the next deadline."""
        self._rate.wait()

    def wake(self) -> None:
        """Nothing to do: no wait is longer than a period."""


class RosClockPacer:
    """Deadlines on a simulated clock, however fast it runs; a clock that stands holds the loop.

    `Clock.sleep_until` adds one more shutdown callback to the context at each call, and sleeps on
    when the clock has jumped back; this waits on a condition that each step of the clock notifies.
    """

    def __init__(self, clock: ROSClock, rate_hz: float) -> None:
        """Start the first period now.

        Args:
            clock: the node's clock, with ROS time active.
            rate_hz: ticks per second of that clock.
        """
        self._clock = clock
        self._period_ns = round(NS_PER_S / rate_hz)
        self._deadline_ns = clock.now().nanoseconds + self._period_ns
        self._stepped = threading.Condition()
        self._woken = False
        self._overruns = 0
        every_step = JumpThreshold(
            min_forward=Duration(nanoseconds=1), min_backward=Duration(nanoseconds=-1)
        )
        self._handle = clock.create_jump_callback(every_step, post_callback=self._on_step)

    @property
    def overruns(self) -> int:
        """Ticks whose deadline had passed before the wait began."""
        return self._overruns

    def now_ns(self) -> int:
        """Simulated time [ns]."""
        return int(self._clock.now().nanoseconds)

    def wait(self) -> None:
        """Return at the next deadline, or soon after `wake`."""
        with self._stepped:
            self._overruns += self.now_ns() >= self._deadline_ns
            self._stepped.wait_for(self._due)
            now_ns = self.now_ns()
            if now_ns < self._deadline_ns - self._period_ns:
                self._deadline_ns = now_ns
            late_ns = max(0, now_ns - self._deadline_ns)
            self._deadline_ns += self._period_ns * (1 + late_ns // self._period_ns)

    def wake(self) -> None:
        """End the wait for good, from another thread."""
        with self._stepped:
            self._woken = True
            self._stepped.notify_all()
        self._handle.unregister()

    def _due(self) -> bool:
        now_ns = self.now_ns()
        jumped_back = now_ns < self._deadline_ns - self._period_ns
        return self._woken or jumped_back or now_ns >= self._deadline_ns

    def _on_step(self, jump: object) -> None:
        with self._stepped:
            self._stepped.notify_all()


def pacer_of(node: Node, rate_hz: float) -> LoopPacer:
    """Choose by the node's parameter `use_sim_time`.

    Args:
        node: its clock paces the loop when simulated.
        rate_hz: ticks per second.
    """
    if node.get_parameter("use_sim_time").value:
        return RosClockPacer(node.get_clock(), rate_hz)
    return MonotonicPacer(rate_hz)
