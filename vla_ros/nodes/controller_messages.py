# SPDX-License-Identifier: Apache-2.0
"""What the controller tells, as messages."""

from array import array

from builtin_interfaces.msg import Time

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.msg import ControllerStatus
from vla_ros.msg import SafetyEvent as SafetyEventMessage
from vla_ros.nodes.control_loop import ControlLoop
from vla_ros.nodes.controller_report import ControllerReport
from vla_ros.safety.safety_event import SafetyEvent


def status_message(report: ControllerReport, loop: ControlLoop, now_ns: int) -> ControllerStatus:
    """The status, but for the latencies, which the caller collects between two of them.

    Args:
        report: of the motion controller.
        loop: for its timing.
        now_ns: node time [ns].
    """
    message = ControllerStatus(
        state=int(report.tick.state),
        reason=report.tick.reason,
        instruction=report.instruction,
        session=report.session,
        sequence=report.sequence,
        live_chunks=report.live_chunks,
        gripper_width=report.gripper_width,
        chunks_accepted=report.chunks_accepted,
        chunks_refused=report.chunks_refused,
        last_refusal=report.last_refusal,
        commands_limited=report.commands_limited,
        period_error_p50=loop.periods.percentile(50),
        period_error_p99=loop.periods.percentile(99),
        overruns=loop.overruns,
    )
    command = report.tick.command
    if command is not None:
        message.joint_names = list(command.joint_names)
        message.commanded_positions = array("d", command.positions.tobytes())
        message.commanded_velocities = array("d", command.velocities.tobytes())
    _set_time(message.header.stamp, now_ns)
    _set_time(message.execution_time, report.execution_time_ns)
    return message


def event_message(event: SafetyEvent) -> SafetyEventMessage:
    """A safety event."""
    message = SafetyEventMessage(
        severity=int(event.severity),
        limit=event.limit,
        subject=event.subject,
        asked=float(event.asked),
        allowed=float(event.allowed),
        unit=event.unit,
        text=event.text,
    )
    _set_time(message.header.stamp, event.stamp_ns)
    return message


def _set_time(stamp: Time, time_ns: int) -> None:
    stamp.sec, stamp.nanosec = divmod(time_ns, NS_PER_S)
