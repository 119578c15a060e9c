# SPDX-License-Identifier: Apache-2.0
"""The topic `instruction` for a node that hears it and speaks on it.

What comes in is told apart by the time stamps of publication (system time of the publisher):

    ours, come back       within one of our calls of `publish`
    a second copy         a latched sentence comes to two subscriptions; same stamp
    history               latched, and from before our last sentence: it came late
    news                  all the rest
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.subscription import Subscription
from std_msgs.msg import String

from vla_ros.nodes import qos

REMEMBERED = 16  # publications that may still come back, or come twice
CROSSING_S = 0.2  # above the way of a message from its publisher through a busy executor


class InstructionTopic:
    """Says sentences, and hands on those that others say."""

    def __init__(self, node: Node, on_news: Callable[[str], None]) -> None:
        """Create the publisher.

        Args:
            node: whose topic it is.
            on_news: takes a sentence of somebody else, without surrounding space.
        """
        self._node, self._on_news = node, on_news
        self._lock = threading.Lock()
        self._own: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self._heard: deque[int] = deque(maxlen=REMEMBERED)
        self._said_at_s = -math.inf
        # Not latched: an old sentence of ours would compete with a newer one of somebody else for
        # a controller that starts late. That one of our two subscriptions asks for latched ones
        # is no reason for a warning.
        quiet = PublisherEventCallbacks(use_default_callbacks=False)
        self._publisher = node.create_publisher(
            String, "instruction", qos.INSTRUCTION, event_callbacks=quiet
        )

    @property
    def hearers(self) -> int:
        """Subscriptions that the publisher has found."""
        return int(self._publisher.get_subscription_count())

    @property
    def said_lately(self) -> bool:
        """Whether our last sentence may have crossed one that comes in now."""
        return time.monotonic() - self._said_at_s < CROSSING_S

    def subscribe(self) -> list[Subscription]:
        """Hear as by `qos.subscribe_instruction`, and tell history from news."""
        subscribe, latched = self._node.create_subscription, qos.INSTRUCTION_LATCHED
        quiet = SubscriptionEventCallbacks(use_default_callbacks=False)
        return [
            subscribe(String, "instruction", self._on_sentence, qos.INSTRUCTION),
            subscribe(String, "instruction", self._on_latched, latched, event_callbacks=quiet),
        ]

    def say(self, text: str) -> None:
        """Publish a sentence; it is not handed on here."""
        with self._lock:
            first_ns = time.time_ns()
            self._publisher.publish(String(data=text))
            self._own.append((first_ns, time.time_ns()))
            self._said_at_s = time.monotonic()

    def _on_latched(self, message: String, info: Mapping[str, Any]) -> None:
        # Where clocks disagree, what is said now may pass for history; it comes to the other
        # subscription too.
        with self._lock:
            history = bool(self._own) and 0 < info["source_timestamp"] < self._own[-1][0]
        if not history:
            self._on_sentence(message, info)

    def _on_sentence(self, message: String, info: Mapping[str, Any]) -> None:
        if self._is_news(info["source_timestamp"]):
            self._on_news(message.data.strip())

    def _is_news(self, stamp_ns: int) -> bool:
        with self._lock:
            ours = any(first <= stamp_ns <= last for first, last in self._own)
        if ours or stamp_ns in self._heard:
            return False
        if stamp_ns:  # 0: a middleware that gives none
            self._heard.append(stamp_ns)
        return True
