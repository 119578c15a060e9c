# SPDX-License-Identifier: Apache-2.0
"""Execution and safety in one object without ROS; the controller node and the benchmarks drive it.

    callbacks   on_joint_state  on_chunk  on_instruction      leave the newest data, decide nothing
                      |            |            |
    loop thread      tick: watchdogs -> timeline.at(now) -> state -> safety pipeline -> SafeCommand

The callbacks replace whole immutable objects, so a tick never waits for one of them. `tick`,
`start`, `stop` and `reset` share a lock that only they take. All times are the node's clock.
"""

import threading
from collections.abc import Callable, Sequence

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.arrays import FloatArray
from vla_ros.core.commands import DesiredMotion
from vla_ros.core.exceptions import ChunkError, SafetyError, VlaRosError
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.execution.timeline import ChunkTimeline
from vla_ros.nodes.controller_report import ControllerReport, TickResult
from vla_ros.nodes.controller_settings import ControllerSettings
from vla_ros.nodes.measured_posture import MeasuredPosture
from vla_ros.safety.pipeline import SafetyPipeline
from vla_ros.safety.safe_command import SafeCommand
from vla_ros.safety.safety_event import Cause, SafetyEvent, Severity
from vla_ros.safety.state_machine import ControllerState, advance, initial
from vla_ros.safety.watchdog import Watchdog

__all__ = ["ControllerReport", "ControllerSettings", "MotionController", "TickResult"]


class MotionController:
    """Turns joint states, chunks and an instruction into one safe command per tick."""

    def __init__(
        self,
        profile: RobotProfile,
        tool_position: Callable[[FloatArray], FloatArray],
        settings: ControllerSettings,
    ) -> None:
        """Compose timeline, safety and watchdogs; nothing is commanded before a joint state.

        Args:
            profile: names and limits of the robot.
            tool_position: (J,) [rad] -> (3,) [m] in the base frame; called under one lock.
            settings: see there.
        """
        self._profile = profile
        self._settings = settings
        self._timeline = ChunkTimeline(
            profile.joint_names,
            profile.gripper_joint,
            settings.make_strategy(),
            settings.max_chunk_age_s,
        )
        self._pipeline = SafetyPipeline.from_profile(
            profile, tool_position, 1.0 / settings.rate_hz
        )
        self._posture = MeasuredPosture(profile.joint_names, settings.joint_state_timeout_s)
        self._chunk_watchdog = Watchdog("chunks", settings.chunk_timeout_s)
        self._control = threading.Lock()
        self._counting = threading.Lock()
        self._instruction: str | None = None
        self._accepted = self._refused = self._limited = 0
        self._last_refusal = ""
        self._mode = initial("waits for the first joint state")
        self._events: list[SafetyEvent] = []
        self._last_tick_ns: int | None = None
        self._joint_gap = False
        self._used = ("", -1)
        self._shown: tuple[TickResult, int] = (self._result(None, (), ()), 0)

    @property
    def at_rest(self) -> bool:
        """Whether the last command does not move; True before the first."""
        state = self._pipeline.state
        return state is None or not state.velocities.any()

    def on_joint_state(
        self, names: Sequence[str], positions: Sequence[float], now_ns: int
    ) -> None:
        """Take the measured posture.

        Args:
            names: joint names in any order; further joints are ignored.
            positions: one per name [rad].
            now_ns: time of arrival [ns, ROS time].

        Raises:
            ObservationError: a joint is missing, named twice, or not finite; nothing is taken.
        """
        self._posture.update(names, positions, now_ns)

    def on_chunk(self, chunk: ActionChunk, now_ns: int) -> None:
        """Take a chunk.

        Args:
            chunk: the chunk.
            now_ns: time of arrival [ns, ROS time].

        Raises:
            ChunkError: refused as a whole; it is counted and its reason is kept.
        """
        try:
            self._timeline.add(chunk, now_ns)
        except ChunkError as error:
            self.on_refused_chunk(error)
            raise
        self._chunk_watchdog.feed(now_ns)
        with self._counting:
            self._accepted += 1

    def on_refused_chunk(self, error: VlaRosError) -> None:
        """Count a chunk that was refused before it became an `ActionChunk`."""
        with self._counting:
            self._refused += 1
            self._last_refusal = str(error)

    def on_instruction(self, text: str) -> None:
        """Take the sentence in force; the empty sentence holds."""
        self._instruction = text
        self._timeline.set_instruction(text)

    def start(self, now_ns: int) -> None:
        """Activate: command the measured posture, without chunks, counting from zero.

        `tick` does it by itself when the first joint state has come.

        Raises:
            SafetyError: no fresh joint state, or a posture outside the limits.
        """
        with self._control:
            self._seed(now_ns)
            self._timeline.clear()
            with self._counting:
                self._accepted = self._refused = self._limited = 0
                self._last_refusal = ""

    def stop(self, reason: str, now_ns: int) -> None:
        """Latch a stop: decelerate, hold, and ignore chunks until `reset`."""
        with self._control:
            self._enter(Cause("stop", "controller", reason), None, now_ns)

    def reset(self, now_ns: int) -> None:
        """Leave a stop: forget all chunks and command the measured posture.

        Raises:
            SafetyError: still decelerating, no fresh joint state, or a posture outside the limits;
                the state stays as it is.
        """
        with self._control:
            if not self.at_rest:
                raise SafetyError("a robot at rest", "one that decelerates", "Reset once more.")
            self._seed(now_ns)
            self._timeline.clear()

    def tick(self, now_ns: int) -> TickResult:
        """Compute the next command; call it once per period.

        Args:
            now_ns: present time [ns, ROS time]; 0 means that the clock is not known yet.
        """
        with self._control:
            self._watch_clock(now_ns)
            if self._pipeline.state is None and not self._starts(now_ns):
                result = self._result(None, (), ())
            else:
                result = self._step(now_ns)
            self._shown = result, now_ns
            return result

    def report(self) -> ControllerReport:
        """What there is to tell; never delays the loop."""
        tick, time_ns = self._shown
        running = tick.state is ControllerState.RUNNING
        return ControllerReport(
            tick=tick,
            execution_time_ns=time_ns,
            chunks=self._timeline.contributors(time_ns) if running else (),
            chunks_accepted=self._accepted,
            chunks_refused=self._refused,
            last_refusal=self._last_refusal,
            commands_limited=self._limited,
        )

    def _seed(self, now_ns: int) -> None:
        silence = self._posture.silence(now_ns)
        positions = self._posture.positions
        if positions is None or silence is not None:
            raise SafetyError("a fresh joint state", f"{silence}", "Start the robot's driver.")
        self._pipeline.start(positions)
        self._mode = initial("holds the measured posture")
        self._last_tick_ns = now_ns
        self._joint_gap = False
        self._used = ("", -1)

    def _starts(self, now_ns: int) -> bool:
        """Start at the first joint state; a posture outside the limits is a stop."""
        if self._mode.state is ControllerState.STOPPED or now_ns <= 0:
            return False
        if self._posture.silence(now_ns) is not None:
            return False
        try:
            self._seed(now_ns)
        except SafetyError as error:
            self._enter(Cause("start_posture", "joint_states", str(error)), None, now_ns)
            return False
        return True

    def _watch_clock(self, now_ns: int) -> None:
        last_ns, self._last_tick_ns = self._last_tick_ns, now_ns
        if self._pipeline.state is None or last_ns is None:
            return
        gap_ns = now_ns - last_ns
        if not 0 <= gap_ns <= self._settings.max_clock_jump_s * NS_PER_S:
            text = f"the clock jumped by {gap_ns / NS_PER_S:+.3f} s between two ticks"
            self._enter(Cause("clock", "clock", text), None, now_ns)

    def _step(self, now_ns: int) -> TickResult:
        desired = self._choose(now_ns)
        safe = self._pipeline.step(desired, now_ns)
        for event in safe.events:
            if event.severity is Severity.STOP:
                self._mode = advance(self._mode, event.text, None)
        self._limited += any(event.severity is Severity.LIMITED for event in safe.events)
        used = () if desired is None else self._first_used(desired, now_ns)
        return self._result(safe.command, safe.events, used)

    def _result(
        self,
        command: SafeCommand | None,
        events: tuple[SafetyEvent, ...],
        first_used: tuple[float, ...],
    ) -> TickResult:
        entered, self._events = self._events, []
        return TickResult(
            command, (*entered, *events), self._mode.state, self._mode.reason, first_used
        )

    def _choose(self, now_ns: int) -> DesiredMotion | None:
        """Targets of this tick, or None to decelerate and hold; moves the state machine."""
        desired = self._timeline.at(now_ns)
        hold = self._hold_cause(desired, now_ns)
        stop = None
        if hold is None and self._mode.state is not ControllerState.RUNNING:
            stop = self._resume_fault()
        self._enter(stop, hold, now_ns)
        return desired if self._mode.state is ControllerState.RUNNING else None

    def _hold_cause(self, desired: DesiredMotion | None, now_ns: int) -> Cause | None:
        silence = self._posture.silence(now_ns)
        if silence is not None:
            self._joint_gap = True
            return Cause("joint_states", "joint_states", silence)
        if self._instruction == "":
            return Cause("instruction", "instruction", "there is no instruction")
        if desired is None:
            return Cause("chunks", "action_chunk", "no live chunk covers the present")
        silence = self._chunk_watchdog.reason(now_ns)
        return Cause("chunks", "action_chunk", silence) if silence is not None else None

    def _resume_fault(self) -> Cause | None:
        """A posture that is not the commanded one any more: the arm was moved meanwhile."""
        state = self._pipeline.state
        if state is None or not (self._joint_gap or self.at_rest):
            return None
        self._joint_gap = False
        name, error = self._posture.furthest(state.positions)
        if error <= self._settings.max_tracking_error_rad:
            return None
        text = (
            f"'{name}' is {error:.3f} rad from its command, more than "
            f"{self._settings.max_tracking_error_rad:g} rad: it was moved while holding"
        )
        return Cause("tracking_error", name, text)

    def _enter(self, stop: Cause | None, hold: Cause | None, now_ns: int) -> None:
        before = self._mode
        self._mode = advance(before, stop.text if stop else None, hold.text if hold else None)
        cause = stop or hold
        if self._mode.state is before.state or cause is None:
            return
        severity = Severity.STOP if stop else Severity.HOLD
        self._events.append(cause.event(now_ns, severity))

    def _first_used(self, desired: DesiredMotion, now_ns: int) -> tuple[float, ...]:
        if desired.source == self._used:
            return ()
        session, sequence = self._used
        self._used = desired.source
        return tuple(
            (now_ns - chunk.stamp_ns) / NS_PER_S
            for chunk in self._timeline.contributors(now_ns)
            if chunk.session != session or chunk.sequence > sequence
        )
