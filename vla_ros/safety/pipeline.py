# SPDX-License-Identifier: Apache-2.0
"""From what execution asks for to the one command that is safe, every tick.

    desired -> target within bounds -> approach velocity -> joint limits -> workspace -> command
                                                            (intervals)     (blend with braking)

Every joint limit narrows the interval of the next velocities, and full deceleration is in all of
them; the workspace then admits a blend that ends at full deceleration. So there is always a
command, and the stop after it has been checked before it is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.core.commands import DesiredMotion
from vla_ros.core.exceptions import SafetyError
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.safety.motion_state import MotionState
from vla_ros.safety.robot_limits import RobotLimits
from vla_ros.safety.safe_command import _PIPELINE_ONLY, SafeCommand
from vla_ros.safety.safety_event import SafetyEvent, Severity, limited
from vla_ros.safety.target_tracking import TargetTracking
from vla_ros.safety.velocity_interval import VelocityInterval

# A posture measured at a bound reads past it by encoder noise and the sag of the position loop.
START_TOLERANCE_RAD = 1e-3
START_TOLERANCE_M = 5e-3
# Changes below these are rounding and are not worth an event.
_EVENT_RAD = 1e-6
_EVENT_M = 1e-6


@dataclass(frozen=True)
class SafetyResult:
    """What one tick gave.

    Attributes:
        command: the command to send.
        events: at most one per limit: the joint or axis that it changed most.
    """

    command: SafeCommand
    events: tuple[SafetyEvent, ...]


class SafetyPipeline:
    """Composes the limits. Not thread-safe: one loop owns it.

    The tick is nominal: each `step` moves by `velocities * dt_s`, however long the loop really
    took. A late tick therefore slows the robot and never speeds it up.
    """

    def __init__(self, joint_names: tuple[str, ...], limits: RobotLimits) -> None:
        """Compose limits; `from_profile` does it for a robot.

        Args:
            joint_names: (J) order of every array.
            limits: the limits.
        """
        self._joint_names = joint_names
        self._limits = limits
        self._tracking = TargetTracking(limits.braking)
        self._state: MotionState | None = None
        self._width: float | None = None

    @classmethod
    def from_profile(
        cls,
        profile: RobotProfile,
        model_tool_position: Callable[[FloatArray], FloatArray],
        dt_s: float,
    ) -> "SafetyPipeline":
        """Compose the limits of a robot.

        Args:
            profile: names and limits.
            model_tool_position: (J,) [rad] -> (3,) [m] in the base frame; called by the loop only.
            dt_s: length of a tick [s].
        """
        return cls(
            profile.joint_names, RobotLimits.from_profile(profile, model_tool_position, dt_s)
        )

    @property
    def state(self) -> MotionState | None:
        """The last command; None before `start`."""
        return self._state

    def start(self, positions: FloatArray) -> None:
        """Take the measured posture as the command, at rest.

        Args:
            positions: (J,) measured [rad].

        Raises:
            SafetyError: not J finite numbers, a joint past its bound by more than
                `START_TOLERANCE_RAD`, the tool outside the box by more than `START_TOLERANCE_M`.
        """
        if positions.shape != (len(self._joint_names),) or not np.isfinite(positions).all():
            raise SafetyError(
                f"{len(self._joint_names)} finite joint positions", f"{positions}", "Check them."
            )
        clamped = self._limits.position.nearest(positions)
        joint = int(np.argmax(np.abs(positions - clamped)))
        if abs(positions[joint] - clamped[joint]) > START_TOLERANCE_RAD:
            raise SafetyError(
                f"'{self._joint_names[joint]}' within {clamped[joint]:.4f} rad",
                f"{positions[joint]:.4f} rad",
                "Move the robot inside its limits by its own means, or correct the profile.",
            )
        excess = self._limits.workspace.excess(clamped)
        axis = int(np.argmax(np.abs(excess)))
        if abs(excess[axis]) > START_TOLERANCE_M:
            raise SafetyError(
                f"the tool inside the workspace box in {'xyz'[axis]}",
                f"{excess[axis]:+.4f} m outside",
                "Move the tool into the box by the robot's own means, or correct the profile.",
            )
        self._state = MotionState(clamped, np.zeros_like(clamped))
        self._width = None

    def step(self, desired: DesiredMotion | None, now_ns: int) -> SafetyResult:
        """Command of the next tick.

        Args:
            desired: the targets; None decelerates and holds.
            now_ns: time of the command [ns, ROS time].

        Returns:
            The command and what the limits did. Targets that are not J finite numbers decelerate,
            and add an event of severity STOP.

        Raises:
            SafetyError: not started.
        """
        state = self._state
        if state is None:
            raise SafetyError("a started pipeline", "none", "Call start with measured joints.")
        events: list[SafetyEvent] = []
        if desired is not None and not self._well_formed(desired):
            text = "targets are not one finite number per joint"
            events.append(SafetyEvent(now_ns, Severity.STOP, "desired_motion", "targets", text))
            desired = None
        velocities = self._limits.braking.next_velocities(state.velocities)
        if desired is not None:
            velocities = self._limited(state, desired, velocities, now_ns, events)
            self._grip(desired, now_ns, events)
        moved = state.after(velocities, self._limits.braking.dt_s)
        # Takes off the rounding of the sum, at most 1e-15 rad; the intervals keep the rest inside.
        self._state = MotionState(self._limits.position.nearest(moved.positions), velocities)
        return SafetyResult(self._command(self._state, now_ns), tuple(events))

    def _well_formed(self, desired: DesiredMotion) -> bool:
        shape = (len(self._joint_names),)
        if desired.positions.shape != shape or desired.velocities.shape != shape:
            return False
        finite = np.isfinite(desired.positions).all() and np.isfinite(desired.velocities).all()
        return bool(finite and np.isfinite(desired.gripper_width or 0.0))

    def _limited(
        self,
        state: MotionState,
        desired: DesiredMotion,
        braking: FloatArray,
        now_ns: int,
        events: list[SafetyEvent],
    ) -> FloatArray:
        """Safe (J,) velocities [rad/s] that are nearest to what reaches the targets."""
        limits = self._limits
        targets = limits.position.nearest(desired.positions)
        values = desired.positions, targets
        self._note(events, now_ns, limits.position.name, values, "rad")
        # A target that is kept at its bound does not move.
        feedforward = limits.velocity.nearest(desired.velocities) * (targets == desired.positions)
        wanted = self._tracking.velocities(state, targets, feedforward)
        interval = VelocityInterval(np.full_like(wanted, -np.inf), np.full_like(wanted, np.inf))
        for limit in limits.joints:
            own = limit.interval(state)
            self._note(events, now_ns, limit.name, (wanted, own.clip(wanted)), "rad/s")
            interval = interval.intersect(own)
        # Braking is inside already, but for the rounding of the last digit.
        admitted = interval.including(braking).clip(wanted)
        velocities, breach = limits.workspace.nearest(state, admitted, braking)
        if breach is not None:
            self._note_breach(events, now_ns, breach)
        return velocities

    def _grip(self, desired: DesiredMotion, now_ns: int, events: list[SafetyEvent]) -> None:
        if desired.gripper_width is None:
            return
        self._width = self._limits.gripper.nearest(desired.gripper_width)
        if abs(self._width - desired.gripper_width) > _EVENT_M:
            values = desired.gripper_width, self._width
            events.append(limited(now_ns, "gripper_width", "gripper", values, "m"))

    def _note(
        self,
        events: list[SafetyEvent],
        now_ns: int,
        name: str,
        values: tuple[FloatArray, FloatArray],
        unit: str,
    ) -> None:
        asked, allowed = values
        changes = np.abs(asked - allowed)
        joint = int(changes.argmax())
        if changes[joint] > _EVENT_RAD:
            subject = self._joint_names[joint]
            events.append(limited(now_ns, name, subject, (asked[joint], allowed[joint]), unit))

    def _note_breach(self, events: list[SafetyEvent], now_ns: int, tool: FloatArray) -> None:
        box = self._limits.workspace
        allowed = np.clip(tool, box.lower, box.upper)
        axis = int(np.abs(tool - allowed).argmax())
        values = tool[axis], allowed[axis]
        events.append(limited(now_ns, "workspace", "xyz"[axis], values, "m"))

    def _command(self, state: MotionState, now_ns: int) -> SafeCommand:
        return SafeCommand(
            stamp_ns=now_ns,
            joint_names=self._joint_names,
            positions=state.positions,
            velocities=state.velocities,
            gripper_width=self._width,
            token=_PIPELINE_ONLY,
        )
