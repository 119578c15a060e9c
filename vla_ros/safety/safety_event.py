# SPDX-License-Identifier: Apache-2.0
"""What safety did to a command, and why."""

import math
from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How far a limit went; values equal the constants of `msg/SafetyEvent`."""

    LIMITED = 1  # the command was modified and motion goes on
    HOLD = 2  # deceleration to a hold
    STOP = 3  # deceleration to a latched stop


@dataclass(frozen=True)
class SafetyEvent:
    """One intervention at one tick.

    Attributes:
        stamp_ns: time of the command [ns, ROS time].
        severity: how far it went.
        limit: name of the limit or watchdog, for example `joint_velocity`.
        subject: joint, axis or topic concerned.
        text: one sentence for people.
        asked: value asked for; NaN where none applies.
        allowed: value allowed; NaN where none applies.
        unit: unit of the two; empty where none applies.
    """

    stamp_ns: int
    severity: Severity
    limit: str
    subject: str
    text: str
    asked: float = math.nan
    allowed: float = math.nan
    unit: str = ""


@dataclass(frozen=True)
class Cause:
    """Why motion ends.

    Attributes:
        limit: name of the watchdog or check.
        subject: joint or topic concerned.
        text: one sentence for people.
    """

    limit: str
    subject: str
    text: str

    def event(self, stamp_ns: int, severity: Severity) -> SafetyEvent:
        """The event that tells it, at a time [ns, ROS time]."""
        return SafetyEvent(stamp_ns, severity, self.limit, self.subject, self.text)


def limited(
    stamp_ns: int, limit: str, subject: str, values: tuple[float, float], unit: str
) -> SafetyEvent:
    """Event of a value that was changed.

    Args:
        stamp_ns: time of the command [ns, ROS time].
        limit: name of the limit.
        subject: joint or axis.
        values: asked and allowed.
        unit: unit of both.
    """
    asked, allowed = (float(value) for value in values)
    text = f"{limit} of {subject}: asked {asked:.4g}, allowed {allowed:.4g} {unit}"
    return SafetyEvent(stamp_ns, Severity.LIMITED, limit, subject, text, asked, allowed, unit)
