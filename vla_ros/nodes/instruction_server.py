# SPDX-License-Identifier: Apache-2.0
"""Who tells the policy what to do: the action `run_instruction` and the topic `instruction`.

goal A    |=== "pick" ===| SUPERSEDED
goal B                   |== "place" ==| SUPERSEDED     |=== "pick" ===| TIME_LIMIT
topic     "pick"         "place"       "wave"           "pick"         ""
          ours           ours          someone's        ours           ours: stop and hold

The newest wins. A goal says its sentence on the topic too, because the controller takes chunks for
the sentence in force only.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.clock import Clock, ClockType
from rclpy.subscription import Subscription
from rclpy.task import Future

from vla_ros.action import RunInstruction
from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.nodes.instruction_topic import InstructionTopic
from vla_ros.nodes.managed_node import ManagedNode

TICK_S = 0.05  # a time limit is kept to this
FEEDBACK_TICKS = 4  # 5 Hz, as policy_status
AGAIN_TICKS = 10  # 0.5 s after a hearer has come, when its latched messages have come too
FAULT_S = 2.0  # refused inferences, and nothing else, over this span end a goal
TURN_S = 0.2  # bound for a turn of an executor that has died

Result = RunInstruction.Result


@dataclass
class _Goal:
    """The goal in force.

    Attributes:
        handle: its handle.
        text: its sentence, without surrounding space.
        limit_s: [s]; infinite when there is none.
        ended: takes the result.
        last_ns: node time at which `elapsed_s` was counted last; 0: no clock yet [ns].
        elapsed_s: node time since the start [s].
        ticks: since the start.
        again: tick at which the sentence is said again.
        hearers: subscriptions that our publisher has found.
        chunks: published for it.
        age_s: camera stamp to publication of the last one [s].
        fault_at_s: steady time of the first refused inference since the last chunk [s].
    """

    handle: ServerGoalHandle
    text: str
    limit_s: float
    ended: Future
    last_ns: int
    elapsed_s: float = 0.0
    ticks: int = 0
    again: int = AGAIN_TICKS
    hearers: int = 0
    chunks: int = 0
    age_s: float = math.nan
    fault_at_s: float | None = None

    def advance(self, now_ns: int) -> None:
        """Count the time since the last call; the start of a simulated clock is no time."""
        if self.last_ns > 0:
            self.elapsed_s += max(0, now_ns - self.last_ns) / NS_PER_S
        self.last_ns = now_ns


class InstructionServer:
    """Serves `run_instruction` as long as the node lives; goals are accepted while it is open.

    Its callbacks never wait. A goal ends in whatever thread ends it; the executor's thread then
    sends the result.
    """

    def __init__(
        self,
        node: ManagedNode,
        take: Callable[[str], None],
        waiting_for: Callable[[int], tuple[str, ...]],
    ) -> None:
        """Serve, closed.

        Args:
            node: whose executor, clock and names are used.
            take: puts a sentence in force; the empty one stops.
            waiting_for: sentences about missing inputs at a node time [ns].
        """
        self._node, self._take, self._waiting_for = node, take, waiting_for
        self._lock = threading.RLock()
        self._is_open = False
        self._goal: _Goal | None = None
        self._results: dict[bytes, Future] = {}
        self._topic = InstructionTopic(node, self._on_news)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._timer = node.create_timer(TICK_S, self._tick, clock=steady)
        self._timer.cancel()
        self._server = ActionServer(
            node,
            RunInstruction,
            "run_instruction",
            self._execute,
            goal_callback=self._judge,
            handle_accepted_callback=self._begin,
            cancel_callback=self._cancel,
        )

    def open(self) -> None:
        """Accept goals from now on."""
        with self._lock:
            self._is_open = True

    def close(self, reason: int, text: str) -> None:
        """Accept no more goals; end the one in force.

        Args:
            reason: of `RunInstruction.Result`.
            text: the reason for people.
        """
        with self._lock:
            self._is_open = False
            self._end(reason, text)

    def finish(self) -> None:
        """Let the executor send the results that were asked for; call it before its shutdown.

        Three turns: one resumes the goal that was ended, the next sends its result, and a turn may
        begin just before what was asked meanwhile. Not for the executor's own thread.
        """
        for _ in range(3):
            turn = threading.Event()
            self._node.executor.create_task(turn.set)
            turn.wait(TURN_S)

    def subscribe(self) -> list[Subscription]:
        """Hear the topic until these are destroyed."""
        return self._topic.subscribe()

    def count_chunk(self, chunk: ActionChunk, now_ns: int) -> None:
        """A chunk was published at `now_ns`."""
        with self._lock:
            goal = self._goal
            if goal is not None and chunk.instruction == goal.text:
                goal.chunks += 1
                goal.age_s = (now_ns - chunk.stamp_ns) / NS_PER_S
                goal.fault_at_s = None

    def count_fault(self, text: str) -> None:
        """An inference was refused; `FAULT_S` of nothing else ends the goal."""
        now_s = time.monotonic()
        with self._lock:
            if self._goal is None:
                return
            if self._goal.fault_at_s is None:
                self._goal.fault_at_s = now_s
            elif now_s - self._goal.fault_at_s >= FAULT_S:
                self._end(Result.POLICY_FAULT, f"no chunk for {FAULT_S} s: {text}")

    def _on_news(self, text: str) -> None:
        with self._lock:
            self._take(text)
            if self._goal is not None and text != self._goal.text:
                self._end(Result.SUPERSEDED, f"the topic said '{text}'")
            if self._topic.said_lately:
                # The controller may have heard the two the other way round, and would hold.
                self._say(text)

    def _judge(self, request: RunInstruction.Goal) -> GoalResponse:
        why = None
        if not self._is_open:
            why = "the policy node is not active; activate it first"
        elif not request.instruction.strip():
            why = "the instruction is blank; cancel the goal in force to stop"
        elif not 0.0 <= request.time_limit < math.inf:
            why = f"expected a time_limit of 0 s (none) or more; got {request.time_limit}"
        if why is None:
            return GoalResponse.ACCEPT
        self._node.get_logger().warning(f"run_instruction rejected: {why}")
        return GoalResponse.REJECT

    def _begin(self, handle: ServerGoalHandle) -> None:
        text = handle.request.instruction.strip()
        limit_s = handle.request.time_limit or math.inf
        with self._lock:
            goal = _Goal(handle, text, limit_s, Future(), self._now_ns())
            self._results[bytes(handle.goal_id.uuid)] = goal.ended
            if self._is_open:
                self._end(Result.SUPERSEDED, f"a newer goal says '{text}'")
                self._goal = goal
                self._say(text)
                self._timer.reset()
            else:  # closed by another thread since it was judged
                why = "the policy node was deactivated"
                goal.ended.set_result(Result(reason=Result.NODE_DEACTIVATED, text=why))
        handle.execute()

    async def _execute(self, handle: ServerGoalHandle) -> RunInstruction.Result:
        key = bytes(handle.goal_id.uuid)
        result = await self._results[key]
        finish = {Result.TIME_LIMIT: handle.succeed, Result.CANCELLED: handle.canceled}
        finish.get(result.reason, handle.abort)()
        del self._results[key]
        return result

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        with self._lock:
            if self._goal is None or self._goal.handle != handle:
                return CancelResponse.REJECT
            self._end(Result.CANCELLED, "the client cancelled it")
        return CancelResponse.ACCEPT

    def _tick(self) -> None:
        with self._lock:
            goal = self._goal
            if goal is None:
                self._timer.cancel()
                return
            now_ns = self._now_ns()
            goal.advance(now_ns)
            if goal.elapsed_s >= goal.limit_s:
                self._end(Result.TIME_LIMIT, f"its {goal.limit_s} s are over")
                return
            self._keep_said(goal)
            if goal.ticks % FEEDBACK_TICKS == 0:
                self._feed_back(goal, now_ns)
            goal.ticks += 1

    def _keep_said(self, goal: _Goal) -> None:
        """Say the sentence again to a controller that came late, and after its latched ones."""
        hearers = self._topic.hearers
        if hearers > goal.hearers:
            goal.again = goal.ticks + AGAIN_TICKS
            if goal.hearers:
                self._say(goal.text)
        goal.hearers = hearers
        if goal.ticks == goal.again:
            self._say(goal.text)

    def _feed_back(self, goal: _Goal, now_ns: int) -> None:
        feedback = RunInstruction.Feedback(
            elapsed=goal.elapsed_s,
            chunks_published=goal.chunks,
            observation_age=goal.age_s,
            waiting_for=list(self._waiting_for(now_ns)),
        )
        goal.handle.publish_feedback(feedback)

    def _end(self, reason: int, text: str) -> None:
        goal, self._goal = self._goal, None
        if goal is None:
            return
        if reason != Result.SUPERSEDED:
            self._say("")
        goal.advance(self._now_ns())
        self._node.get_logger().info(f"the goal '{goal.text}' ends: {text}")
        goal.ended.set_result(Result(reason=reason, text=text, elapsed=goal.elapsed_s))
        self._node.executor.wake()

    def _say(self, text: str) -> None:
        self._topic.say(text)
        self._take(text)

    def _now_ns(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)
