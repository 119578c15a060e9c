# SPDX-License-Identifier: Apache-2.0
"""Lets a repeated safety event through a few times per second instead of at every tick."""

from vla_ros.core.action_chunk import NS_PER_S

REPEAT_S = 0.2


class EventThrottle:
    """At most one event per limit, subject and severity within 0.2 s of node time."""

    def __init__(self) -> None:
        """Start with no event said."""
        self._said_ns: dict[tuple[str, str, int], int] = {}

    def admits(self, limit: str, subject: str, severity: int, now_ns: int) -> bool:
        """Whether this event is to be published; True also after a jump of the clock.

        Args:
            limit: name of the limit or watchdog.
            subject: joint, axis or topic.
            severity: constant of `msg/SafetyEvent`.
            now_ns: node time [ns].
        """
        key = (limit, subject, severity)
        said_ns = self._said_ns.get(key)
        if said_ns is not None and 0 <= now_ns - said_ns < REPEAT_S * NS_PER_S:
            return False
        self._said_ns[key] = now_ns
        return True
