# SPDX-License-Identifier: Apache-2.0
"""Notices that an input has stopped coming."""

from vla_ros.core.action_chunk import NS_PER_S


class Watchdog:
    """Compares the time of the last valid input with now. One thread feeds, any thread asks."""

    def __init__(self, name: str, timeout_s: float) -> None:
        """Start unfed.

        Args:
            name: what is watched, for the reason: 'joint states'.
            timeout_s: longest silence that is fine [s].
        """
        self.name = name
        self._timeout_s = timeout_s
        self._fed_ns: int | None = None

    def feed(self, now_ns: int) -> None:
        """Note a valid input at a time [ns, ROS time]."""
        self._fed_ns = now_ns

    def reason(self, now_ns: int) -> str | None:
        """Say what is wrong.

        Args:
            now_ns: present time [ns, ROS time].

        Returns:
            One sentence, or None while the input is fresh. An input further in the future than
            the timeout means that the clock went back, and counts as silence.
        """
        fed_ns = self._fed_ns
        if fed_ns is None:
            return f"no {self.name} yet"
        age_s = (now_ns - fed_ns) / NS_PER_S
        if abs(age_s) > self._timeout_s:
            return f"no {self.name} for {age_s:.3f} s (timeout {self._timeout_s:g} s)"
        return None
