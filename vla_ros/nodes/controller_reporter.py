# SPDX-License-Identifier: Apache-2.0
"""Publishes what the controller tells: status at 20 Hz and at changes, events without repeats."""

from rclpy.node import Node

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.msg import ControllerStatus, SafetyEvent
from vla_ros.nodes import qos
from vla_ros.nodes.control_loop import ControlLoop
from vla_ros.nodes.controller_messages import event_message, status_message
from vla_ros.nodes.controller_report import TickResult
from vla_ros.nodes.event_throttle import EventThrottle
from vla_ros.nodes.motion_controller import MotionController
from vla_ros.safety.state_machine import ControllerState

STATUS_PERIOD_NS = NS_PER_S // 20


class ControllerReporter:
    """Called by the control thread after each tick.

    Events that repeat (same limit, subject and severity) are published at most every 0.2 s.
    """

    def __init__(self, node: Node) -> None:
        """Create the publishers.

        Args:
            node: publishes and logs.
        """
        self._node = node
        self._statuses = node.create_publisher(ControllerStatus, "controller_status", qos.STATUS)
        self._events = node.create_publisher(SafetyEvent, "safety_events", qos.EVENTS)
        self._throttle = EventThrottle()
        self._said_ns = 0
        self._said: ControllerState | None = None
        self._latencies_s: list[float] = []

    def after_tick(
        self, result: TickResult, motion: MotionController, loop: ControlLoop, now_ns: int
    ) -> None:
        """Publish what is due.

        Args:
            result: of this tick.
            motion: for the full report, when a status is due.
            loop: for its timing.
            now_ns: node time [ns].
        """
        self._latencies_s.extend(result.first_used)
        for event in result.events:
            if self._throttle.admits(event.limit, event.subject, int(event.severity), now_ns):
                self._events.publish(event_message(event))
        changed = result.state is not self._said
        if changed:
            self._node.get_logger().info(f"{result.state.name.lower()}: {result.reason}")
        if changed or not 0 <= now_ns - self._said_ns < STATUS_PERIOD_NS:
            self._said, self._said_ns = result.state, now_ns
            message = status_message(motion.report(), loop, now_ns)
            message.observation_to_command = self._latencies_s
            self._latencies_s = []
            self._statuses.publish(message)

    def destroy(self) -> None:
        """Destroy the publishers."""
        self._node.destroy_publisher(self._statuses)
        self._node.destroy_publisher(self._events)
