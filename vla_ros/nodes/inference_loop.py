# SPDX-License-Identifier: Apache-2.0
"""A policy in a thread of its own, always on the newest complete observation. No ROS in here.

observations  o1 o2 o3 o4 o5 o6 o7 o8
inference     [--o1--][--o4--][--o6--]     those that came meanwhile are skipped, never queued
"""

import dataclasses
import threading
import time
from collections.abc import Callable

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.exceptions import ChunkError, VlaRosError
from vla_ros.core.observation import Observation
from vla_ros.policies.policy import Policy

POLL_S = 0.05  # an input that got due without a new message (replan interval) waits at most this
STOP_S = 5.0  # longest wait for an inference in progress


@dataclasses.dataclass(frozen=True)
class InferenceHooks:
    """What the loop asks and tells its owner, from its own thread.

    Attributes:
        take: the newest observation, or None when there is no new one.
        instruction: the sentence in force.
        publish: takes a finished chunk.
        fault: takes the text of a refused observation or failed inference.
        ended: the thread has ended without being asked to, by a defect.
    """

    take: Callable[[], Observation | None]
    instruction: Callable[[], str]
    publish: Callable[[ActionChunk], None]
    fault: Callable[[str], None]
    ended: Callable[[], None]


class InferenceLoop:
    """Runs `policy.infer`; chunks get the session and a sequence number."""

    def __init__(self, policy: Policy, hooks: InferenceHooks, session: str, seed: int) -> None:
        """Prepare the thread.

        Args:
            policy: used by this thread only, until `stop`.
            hooks: its surroundings.
            session: name of this run.
            seed: of the policy's noise at the start.
        """
        self._policy = policy
        self._hooks = hooks
        self._session = session
        self._seed = seed
        self._sequence = 0
        self._new_input = threading.Event()
        self._reset_asked = threading.Event()
        self._stop_asked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def notify(self) -> None:
        """Say that an input has come."""
        self._new_input.set()

    def reset_policy(self) -> None:
        """Let the policy forget its episode before the next inference."""
        self._reset_asked.set()
        self._new_input.set()

    def stop(self) -> bool:
        """End the thread after the inference in progress.

        Returns:
            False when the inference hangs; the thread is then left to the end of the process.
        """
        self._stop_asked.set()
        self._new_input.set()
        self._thread.join(STOP_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._policy.reset(self._seed)
            while not self._stop_asked.is_set():
                self._new_input.wait(POLL_S)
                self._new_input.clear()
                self._step()
        finally:
            if not self._stop_asked.is_set():
                self._hooks.ended()

    def _step(self) -> None:
        try:
            if self._reset_asked.is_set():
                self._reset_asked.clear()
                self._policy.reset()
            observation = self._hooks.take()
            if observation is not None:
                self._infer(observation)
        except VlaRosError as error:
            self._hooks.fault(str(error))
        except (RuntimeError, ValueError) as error:
            # What torch, numpy and the servers' clients raise on input that they cannot take.
            self._hooks.fault(f"{type(error).__name__} in the policy: {error}")

    def _check(self, chunk: ActionChunk, observation: Observation) -> None:
        """A policy from elsewhere may give anything."""
        spec = self._policy.spec
        if not isinstance(chunk, ActionChunk):
            raise ChunkError(
                f"an ActionChunk from policy '{spec.name}'",
                f"{type(chunk).__name__}",
                "Return one from `infer`.",
            )
        if chunk.stamp_ns != observation.stamp_ns or chunk.layout != spec.layout:
            raise ChunkError(
                f"'{spec.name}' to give chunks with the observation's stamp and the spec's layout",
                f"stamp {chunk.stamp_ns} for {observation.stamp_ns} ns, layout {chunk.layout}",
                "Pass on `observation.stamp_ns` and `spec.layout`.",
            )

    def _infer(self, observation: Observation) -> None:
        instruction = self._hooks.instruction()
        start = time.perf_counter()
        chunk = self._policy.infer(observation)
        inference_s = time.perf_counter() - start
        self._check(chunk, observation)
        outdated = self._reset_asked.is_set() or self._stop_asked.is_set()
        if outdated or not instruction:
            return
        named = dataclasses.replace(
            chunk,
            instruction=instruction,
            session=self._session,
            sequence=self._sequence,
            inference_s=inference_s,
        )
        self._sequence += 1
        self._hooks.publish(named)
