# SPDX-License-Identifier: Apache-2.0
"""What the controller tells about one tick, and about itself."""

import math
from dataclasses import dataclass

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.safety.safe_command import SafeCommand
from vla_ros.safety.safety_event import SafetyEvent
from vla_ros.safety.state_machine import ControllerState


@dataclass(frozen=True)
class TickResult:
    """What one tick gave.

    Attributes:
        command: the command to send; None until the first joint state has come.
        events: what the limits and watchdogs did, a stop or hold first.
        state: state of the controller after the tick.
        reason: one sentence: why this state.
        first_used: time from camera stamp to this command [s], for each chunk that this command is
            the first to depend on.
    """

    command: SafeCommand | None
    events: tuple[SafetyEvent, ...]
    state: ControllerState
    reason: str
    first_used: tuple[float, ...] = ()


@dataclass(frozen=True)
class ControllerReport:
    """Fields of `msg/ControllerStatus` that the controller knows; the loop adds its timing.

    Attributes:
        tick: the last tick.
        execution_time_ns: time whose actions are commanded [ns, ROS time]; 0 before any tick.
        chunks: chunks that the command is made of, the oldest first; none while it holds.
        chunks_accepted: since activation.
        chunks_refused: since activation.
        last_refusal: why the last refused chunk was refused; empty when none was.
        commands_limited: ticks at which a limit changed the command, since activation.
    """

    tick: TickResult
    execution_time_ns: int
    chunks: tuple[ActionChunk, ...]
    chunks_accepted: int
    chunks_refused: int
    last_refusal: str
    commands_limited: int

    @property
    def instruction(self) -> str:
        """Sentence of the newest chunk in execution; empty without one."""
        return self.chunks[-1].instruction if self.chunks else ""

    @property
    def session(self) -> str:
        """Session of the newest chunk in execution; empty without one."""
        return self.chunks[-1].session if self.chunks else ""

    @property
    def sequence(self) -> int:
        """Sequence number of the newest chunk in execution; 0 without one."""
        return self.chunks[-1].sequence if self.chunks else 0

    @property
    def live_chunks(self) -> int:
        """Number of chunks that the command is made of."""
        return len(self.chunks)

    @property
    def gripper_width(self) -> float:
        """Last gripper command [m]; NaN before the first."""
        command = self.tick.command
        if command is None or command.gripper_width is None:
            return math.nan
        return command.gripper_width
