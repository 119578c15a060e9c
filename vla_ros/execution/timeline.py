# SPDX-License-Identifier: Apache-2.0
"""Which joint targets apply at a time, given chunks that overlap.

    chunk 1  stamp |----|----|----|----| end
    chunk 2             |----|----|----|----|
    chunk 3                  |----|----|----|----|
                               ^ at(t): three predictions, weighed by the strategy

A chunk is anchored at its own stamp: steps that elapsed during inference are skipped, never
replayed.
"""

import threading
from collections import deque

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.commands import DesiredMotion
from vla_ros.core.exceptions import ChunkError, SupersededError
from vla_ros.execution.chunk_table import ChunkTable
from vla_ros.execution.joint_plan import JointPlan, joint_plan
from vla_ros.execution.strategy import Predictions, Strategy

# Two hosts synchronised by NTP or chrony on one network agree to a few ms; 50 ms tells a clock
# that is late by that from one that is wrong.
FUTURE_TOLERANCE_NS = 50_000_000
# 30 chunks/s with a horizon of 1.6 s keep 48 alive. A flood beyond that drops the oldest.
MAX_LIVE_CHUNKS = 64
# 50 Hz for 80 s; the longest published chunk has 100 steps. With the number of chunks it bounds
# the memory.
MAX_STEPS = 4096
# A step that lasts longer is a wrong unit.
MAX_DT_S = 60.0
_REMEMBERED_SESSIONS = 16
# A session that says nothing for this long has ended, whatever it replaced may go on.
SILENCE_NS = 1_000_000_000


class ChunkTimeline:
    """Accepts chunks and answers for a time.

    `at` and `contributors` read one immutable table and never wait; the methods that change the
    table share a lock, so callbacks may call them from any thread.
    """

    def __init__(
        self,
        joint_names: tuple[str, ...],
        gripper_joint: str,
        strategy: Strategy,
        max_chunk_age_s: float,
    ) -> None:
        """Start without chunks, accepting any sentence.

        Args:
            joint_names: (J) the robot's joints, order of every answer.
            gripper_joint: the gripper name that chunks may use.
            strategy: weighs overlapping chunks.
            max_chunk_age_s: a prediction is not used when its stamp is older than this [s].
        """
        self._joint_names = joint_names
        self._gripper_joint = gripper_joint
        self._strategy = strategy
        self._max_age_ns = round(max_chunk_age_s * NS_PER_S)
        self._writing = threading.Lock()
        self._table = ChunkTable.of(())
        self._instruction: str | None = None
        self._newest: ActionChunk | None = None
        self._newest_arrival_ns = 0
        self._replaced: deque[str] = deque(maxlen=_REMEMBERED_SESSIONS)

    @property
    def live_chunks(self) -> int:
        """Number of chunks kept, at most `MAX_LIVE_CHUNKS`."""
        return len(self._table.plans)

    def add(self, chunk: ActionChunk, now_ns: int) -> None:
        """Accept a chunk, or refuse it as a whole.

        A chunk of another session replaces the present session when its stamp is later.

        Args:
            chunk: the chunk.
            now_ns: time of arrival [ns, ROS time].

        Raises:
            ChunkError: other joints or kinds; more than `MAX_STEPS`; another sentence; a stamp in
                the future; nothing left to execute; a sequence number or stamp that goes back; a
                replaced session.
        """
        _check_size(chunk)
        plan = joint_plan(chunk, self._joint_names, self._gripper_joint, now_ns)
        with self._writing:
            self._check_sentence(chunk)
            self._check_time(chunk, now_ns)
            self._check_order(chunk, now_ns)
            kept = [old for old in self._table.plans if self._outlives(old, chunk, now_ns)]
            if self._newest is not None and self._newest.session != chunk.session:
                self._replaced.append(self._newest.session)
            self._newest, self._newest_arrival_ns = chunk, now_ns
            self._table = ChunkTable.of((*kept, plan)[-MAX_LIVE_CHUNKS:])

    def set_instruction(self, instruction: str | None) -> None:
        """Say which sentence chunks must answer; chunks of other sentences are dropped.

        Args:
            instruction: the sentence; None accepts any, the empty sentence accepts none.
        """
        with self._writing:
            self._instruction = instruction
            kept = [plan for plan in self._table.plans if self._answers(plan.chunk)]
            self._table = ChunkTable.of(tuple(kept))

    def clear(self) -> None:
        """Drop every chunk and forget the sessions, as after a reset or a jump of the clock."""
        with self._writing:
            self._newest = None
            self._replaced.clear()
            self._table = ChunkTable.of(())

    def at(self, time_ns: int) -> DesiredMotion | None:
        """Joint and gripper targets for a time.

        Args:
            time_ns: the time [ns, ROS time].

        Returns:
            The targets: weighted positions and slopes, and the gripper of the newest chunk that
            has one. None when no live chunk covers the time.
        """
        predictions = self._table.predictions(time_ns, self._max_age_ns)
        if predictions is None:
            return None
        weights = self._strategy.weights(predictions)
        widths = predictions.gripper_widths[~np.isnan(predictions.gripper_widths)]
        newest = predictions.chunks[-1]
        return DesiredMotion(
            stamp_ns=time_ns,
            positions=weights @ predictions.positions,
            velocities=weights @ predictions.velocities,
            gripper_width=float(widths[-1]) if widths.size else None,
            source=(newest.session, newest.sequence),
        )

    def contributors(self, time_ns: int) -> tuple[ActionChunk, ...]:
        """Chunks that the targets for a time depend on, the oldest first."""
        predictions: Predictions | None = self._table.predictions(time_ns, self._max_age_ns)
        if predictions is None:
            return ()
        weights = self._strategy.weights(predictions)
        return tuple(c for c, w in zip(predictions.chunks, weights, strict=True) if w > 0)

    def _answers(self, chunk: ActionChunk) -> bool:
        if self._instruction is None:
            return True
        return self._instruction != "" and chunk.instruction == self._instruction

    def _outlives(self, old: JointPlan, new: ActionChunk, now_ns: int) -> bool:
        expired = old.chunk.end_ns < now_ns or now_ns - old.chunk.stamp_ns > self._max_age_ns
        return not expired and old.chunk.session == new.session

    def _check_sentence(self, chunk: ActionChunk) -> None:
        if not self._answers(chunk):
            raise SupersededError(
                f"a chunk for the sentence '{self._instruction}'"
                if self._instruction
                else "no chunk while there is no sentence",
                f"one for '{chunk.instruction}'",
                "Nothing to do: the policy's next chunk follows the new sentence.",
            )

    def _check_time(self, chunk: ActionChunk, now_ns: int) -> None:
        age_s = (now_ns - chunk.stamp_ns) / NS_PER_S
        if chunk.stamp_ns > now_ns + FUTURE_TOLERANCE_NS:
            raise ChunkError(
                "a stamp that is not in the future",
                f"one {-age_s:.3f} s ahead",
                "Synchronise the clocks of the two machines, or set use_sim_time on both.",
            )
        if chunk.end_ns < now_ns or now_ns - chunk.stamp_ns > self._max_age_ns:
            raise ChunkError(
                f"steps left to execute and an age up to {self._max_age_ns / NS_PER_S:.3f} s",
                f"age {age_s:.3f} s, last step {(now_ns - chunk.end_ns) / NS_PER_S:.3f} s ago",
                "Make inference faster, the horizon longer, or raise max_chunk_age_s.",
            )

    def _check_order(self, chunk: ActionChunk, now_ns: int) -> None:
        newest = self._newest
        if newest is None:
            return
        if chunk.session == newest.session:
            if chunk.sequence <= newest.sequence or chunk.stamp_ns < newest.stamp_ns:
                raise ChunkError(
                    f"sequence > {newest.sequence} and stamp >= {newest.stamp_ns} ns",
                    f"sequence {chunk.sequence}, stamp {chunk.stamp_ns} ns",
                    "Publish each chunk once and in order.",
                )
        elif now_ns - self._newest_arrival_ns > SILENCE_NS:
            return
        elif chunk.session in self._replaced or chunk.stamp_ns <= newest.stamp_ns:
            raise ChunkError(
                f"a chunk of session '{newest.session}', or of a later one",
                f"one of '{chunk.session}', which is replaced or older",
                "Run one policy node at a time.",
            )


def _check_size(chunk: ActionChunk) -> None:
    if chunk.horizon > MAX_STEPS or chunk.dt_s > MAX_DT_S:
        raise ChunkError(
            f"at most {MAX_STEPS} steps of at most {MAX_DT_S} s",
            f"{chunk.horizon} steps of {chunk.dt_s} s",
            "Send the part that is executed before the next chunk; dt is in seconds.",
        )
