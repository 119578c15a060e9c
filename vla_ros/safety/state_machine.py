# SPDX-License-Identifier: Apache-2.0
"""States of the controller and the ways between them.

IDLE ----> RUNNING <----> HOLDING        by themselves, as the reasons come and go
  |           |              |
  +-----------+--> STOPPED <-+           latched: only a reset leads back to IDLE
"""

from dataclasses import dataclass
from enum import IntEnum


class ControllerState(IntEnum):
    """What the controller does; values equal the constants of `msg/ControllerStatus`."""

    IDLE = 1  # holds the measured posture; no chunk has been executed since activation
    RUNNING = 2  # executes chunks
    HOLDING = 3  # decelerated or decelerating to a hold; goes on when the reason ends
    STOPPED = 4  # latched; needs a reset


@dataclass(frozen=True)
class Mode:
    """A state and why.

    Attributes:
        state: the state.
        reason: one sentence.
    """

    state: ControllerState
    reason: str


def initial(reason: str) -> Mode:
    """The mode after activation or a reset."""
    return Mode(ControllerState.IDLE, reason)


def advance(mode: Mode, stop_reason: str | None, hold_reason: str | None) -> Mode:
    """The mode of the next tick.

    Args:
        mode: the present mode.
        stop_reason: why motion must end until a reset; None when nothing is wrong.
        hold_reason: why chunks cannot be executed now; None when they can.

    Returns:
        STOPPED stays as it is, with its first reason.
    """
    if mode.state is ControllerState.STOPPED:
        return mode
    if stop_reason is not None:
        return Mode(ControllerState.STOPPED, stop_reason)
    if hold_reason is None:
        return Mode(ControllerState.RUNNING, "executes chunks")
    if mode.state is ControllerState.IDLE:
        return Mode(ControllerState.IDLE, hold_reason)
    return Mode(ControllerState.HOLDING, hold_reason)
