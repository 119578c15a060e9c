# SPDX-License-Identifier: Apache-2.0
"""Counts what the policy node did and composes its status message."""

import threading
import time

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.msg import PolicyStatus

FAULT_SHOWN_S = 1.0  # five status messages, even when the next chunk comes at once


class PolicyReport:
    """What the policy node says about itself; filled by callbacks and by the inference thread."""

    def __init__(self, policy: str, session: str) -> None:
        """Start with nothing counted.

        Args:
            policy: family and version.
            session: name of this run.
        """
        self._policy = policy
        self._session = session
        self._lock = threading.Lock()
        self._published = self._refused = 0
        self._inference_s = self._age_s = 0.0
        self._fault = ""
        self._fault_at_s = -FAULT_SHOWN_S

    def count_chunk(self, chunk: ActionChunk, now_ns: int) -> None:
        """A chunk was published; it ends a fault that has been shown long enough."""
        with self._lock:
            self._published += 1
            self._inference_s = chunk.inference_s
            self._age_s = (now_ns - chunk.stamp_ns) / NS_PER_S
            if time.monotonic() - self._fault_at_s > FAULT_SHOWN_S:
                self._fault = ""

    def count_refused(self, text: str) -> None:
        """An input or an inference was refused."""
        with self._lock:
            self._refused += 1
            self._fault = text
            self._fault_at_s = time.monotonic()

    def message(
        self, now_ns: int, active: bool, instruction: str, waiting_for: tuple[str, ...]
    ) -> PolicyStatus:
        """Compose the status.

        Args:
            now_ns: node time [ns].
            active: whether the lifecycle state is active.
            instruction: the sentence in force; empty when there is none.
            waiting_for: sentences about missing inputs.
        """
        with self._lock:
            message = PolicyStatus(
                policy=self._policy,
                session=self._session,
                instruction=instruction,
                waiting_for=list(waiting_for),
                chunks_published=self._published,
                observations_refused=self._refused,
                inference_time=self._inference_s,
                observation_age=self._age_s,
            )
            message.state, message.text = self._state(active, instruction, waiting_for)
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(now_ns, NS_PER_S)
        return message

    def _state(
        self, active: bool, instruction: str, waiting_for: tuple[str, ...]
    ) -> tuple[int, str]:
        if not active:
            return PolicyStatus.INACTIVE, "configured, not active"
        if self._fault:
            return PolicyStatus.FAULT, self._fault
        if not instruction:
            return PolicyStatus.WAITING, "waits for an instruction"
        if waiting_for:
            return PolicyStatus.WAITING, f"waits for {'; '.join(waiting_for)}"
        if not self._published:
            return PolicyStatus.RUNNING, "computes the first chunk"
        return PolicyStatus.RUNNING, f"{self._published} chunks published"
