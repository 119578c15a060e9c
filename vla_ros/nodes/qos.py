# SPDX-License-Identifier: Apache-2.0
"""Quality of service of every topic, and why; the one place that chooses it.

A best-effort subscriber hears reliable and best-effort publishers alike, a reliable one only
reliable ones; a volatile subscriber hears latched (transient local) publishers too, but not what
they said before it came.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.subscription import Subscription

IMAGES = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
"""Only the newest picture counts, and a lost one must not be sent again in place of the next."""

JOINT_STATES = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
"""As sensor data; depth 10 keeps the messages of a 1 kHz driver through a 10 ms stall."""

INSTRUCTION = QoSProfile(depth=1)
"""Reliable: each sentence comes once and must arrive. Volatile, so that any publisher matches."""

INSTRUCTION_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""For a publisher that keeps its sentence for nodes that start later, and for hearing it."""

ACTION_CHUNKS = QoSProfile(depth=5)
"""Reliable: a lost chunk is a gap in the motion. Depth 5: a burst after a stall arrives whole."""

COMMANDS = QoSProfile(depth=10)
"""Reliable, as the subscribers of ros2_control ask; their own depth keeps the newest only."""

STATUS = QoSProfile(depth=10)
EVENTS = QoSProfile(depth=100)
"""Reliable; an event is said once, and many limits can act in one tick."""


def subscribe_instruction(
    node: "Node", callback: Callable[[String], None]
) -> "list[Subscription]":
    """Hear the topic `instruction` from any publisher, and a latched sentence also when late.

    One subscription cannot do both: asking for history excludes volatile publishers such as
    `ros2 topic pub --qos-durability volatile`. A latched sentence therefore arrives twice, which
    `callback` must take as no change.
    """
    # by default rclpy warns that the latched one cannot hear volatile publishers; the other does
    silent = SubscriptionEventCallbacks(use_default_callbacks=False)
    return [
        node.create_subscription(String, "instruction", callback, profile, event_callbacks=silent)
        for profile in (INSTRUCTION, INSTRUCTION_LATCHED)
    ]
