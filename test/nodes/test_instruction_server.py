# SPDX-License-Identifier: Apache-2.0
"""The action run_instruction of a real policy_node, over DDS."""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from builtin_interfaces.msg import Time
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.action import ActionClient
from rosgraph_msgs.msg import Clock
from std_msgs.msg import String
from vla_ros.action import RunInstruction
from vla_ros.msg import ControllerStatus, PolicyStatus

pytestmark = pytest.mark.ros
Result = RunInstruction.Result


class Operator:
    """Sends goals, keeps their feedback, and hears the topic."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.heard: list[str] = []
        self.messages: list[str] = []
        self.client = ActionClient(bench.node, RunInstruction, "run_instruction")
        bench.node.create_subscription(
            String, "instruction", lambda message: self.hear(message.data), 100
        )

    def hear(self, sentence: str) -> None:
        self.messages.append(sentence)
        if self.heard[-1:] != [sentence]:  # a goal says its own more than once
            self.heard.append(sentence)

    def send(self, instruction: str, time_limit: float = 0.0) -> SimpleNamespace:
        feedback: list[Any] = []
        sent = self.client.send_goal_async(
            RunInstruction.Goal(instruction=instruction, time_limit=time_limit),
            feedback_callback=lambda message: feedback.append(message.feedback),
        )
        self.bench.wait_for(sent.done, "an answer to the goal")
        handle = sent.result()
        result = handle.get_result_async() if handle.accepted else None
        return SimpleNamespace(handle=handle, feedback=feedback, result=result)

    def end_of(self, goal: SimpleNamespace) -> tuple[int, Any]:
        self.bench.wait_for(goal.result.done, "the result of the goal")
        answer = goal.result.result()
        return answer.status, answer.result

    def wait_for_chunk(self, sentence: str) -> None:
        chunks = self.bench.record.chunks
        start = len(chunks)
        what = f"a chunk for '{sentence}'"
        self.bench.wait_for(lambda: any(c.instruction == sentence for c in chunks[start:]), what)


@pytest.fixture(scope="module")
def process(start_node: Callable[..., Any], bench: Any) -> Any:
    return start_node("policy_node", policy="scripted")


@pytest.fixture(scope="module")
def operator(bench: Any, process: Any) -> Operator:
    operator = Operator(bench)
    assert operator.client.wait_for_server(20.0)
    bench.wait_for_policy(PolicyStatus.WAITING, timeout_s=20)
    return operator


@pytest.fixture(autouse=True)
def at_rest(bench: Any, operator: Operator, process: Any) -> Iterator[None]:
    """Every test of the shared node ends without a sentence."""
    yield
    bench.publish_joints = bench.publish_images = True
    if not process.alive:
        return
    bench.instruct("")
    bench.wait_for_policy(PolicyStatus.WAITING, "waits for an instruction")


def holds(bench: Any) -> bool:
    count = len(bench.record.chunks)
    time.sleep(0.3)
    return len(bench.record.chunks) == count


def change(bench: Any, transition: int) -> None:
    client = bench.node.create_client(ChangeState, "policy_node/change_state")
    assert client.wait_for_service(10.0)
    done = client.call_async(ChangeState.Request(transition=Transition(id=transition)))
    bench.wait_for(done.done, "the end of the transition")
    assert done.result().success


def test_a_goal_moves_for_its_time_and_then_holds(bench: Any, operator: Operator) -> None:
    del operator.heard[:]
    start = len(bench.record.chunks)
    goal = operator.send("  wave ", 1.2)
    status, result = operator.end_of(goal)
    assert (status, result.reason) == (GoalStatus.STATUS_SUCCEEDED, Result.TIME_LIMIT)
    assert result.elapsed == pytest.approx(1.2, abs=0.15)
    assert result.text == "its 1.2 s are over"
    chunks = bench.record.chunks[start:]
    assert {chunk.instruction for chunk in chunks} == {"wave"}
    assert len(chunks) > 10
    assert holds(bench)
    assert operator.heard == ["wave", ""]


def test_feedback_comes_at_5_hz_and_counts(bench: Any, operator: Operator) -> None:
    goal = operator.send("wave", 1.5)
    operator.end_of(goal)
    elapsed = [feedback.elapsed for feedback in goal.feedback]
    assert 6 <= len(elapsed) <= 8
    assert elapsed == sorted(elapsed)
    assert elapsed[0] < 0.2
    last = goal.feedback[-1]
    assert last.chunks_published > 10
    assert 0.0 < last.observation_age < 0.5
    assert last.waiting_for == []


def test_feedback_says_what_is_missing(bench: Any, operator: Operator) -> None:
    bench.publish_images = False
    bench.wait_for_policy(PolicyStatus.WAITING, "camera_front/image: the last picture is")
    goal = operator.send("wave")
    bench.wait_for(lambda: len(goal.feedback) > 1, "feedback")
    assert any("camera_front/image" in sentence for sentence in goal.feedback[-1].waiting_for)
    assert math.isnan(goal.feedback[-1].observation_age)
    assert goal.feedback[-1].chunks_published == 0
    bench.publish_images = True
    bench.wait_for(lambda: goal.feedback[-1].chunks_published > 0, "chunks of the goal")


def test_cancel(bench: Any, operator: Operator) -> None:
    goal = operator.send("wave")
    operator.wait_for_chunk("wave")
    goal.handle.cancel_goal_async()
    status, result = operator.end_of(goal)
    assert (status, result.reason) == (GoalStatus.STATUS_CANCELED, Result.CANCELLED)
    bench.wait_for(lambda: operator.heard[-1] == "", "the empty sentence")
    assert holds(bench)


@pytest.mark.parametrize("newer", ["point", "wave"])
def test_a_newer_goal_supersedes(bench: Any, operator: Operator, newer: str) -> None:
    first = operator.send("wave")
    operator.wait_for_chunk("wave")
    del operator.heard[:]
    second = operator.send(newer, 0.5)
    status, result = operator.end_of(first)
    assert (status, result.reason) == (GoalStatus.STATUS_ABORTED, Result.SUPERSEDED)
    assert result.text == f"a newer goal says '{newer}'"
    operator.wait_for_chunk(newer)
    status, result = operator.end_of(second)
    assert result.reason == Result.TIME_LIMIT
    bench.wait_for(lambda: operator.heard == [newer, ""], "two sentences")


def test_goals_in_a_burst_end_in_their_order(bench: Any, operator: Operator) -> None:
    goals = [
        operator.client.send_goal_async(RunInstruction.Goal(instruction=f"wave {index}"))
        for index in range(8)
    ]
    bench.wait_for(lambda: all(goal.done() for goal in goals), "answers to the goals")
    results = [goal.result().get_result_async() for goal in goals]
    operator.wait_for_chunk("wave 7")
    bench.wait_for(lambda: all(result.done() for result in results[:-1]), "results")
    reasons = {result.result().result.reason for result in results[:-1]}
    assert reasons == {Result.SUPERSEDED}
    time.sleep(0.3)
    assert not results[-1].done()


@pytest.mark.parametrize("sentence", ["point", ""])
def test_another_sentence_on_the_topic_supersedes(
    bench: Any, operator: Operator, sentence: str
) -> None:
    goal = operator.send("wave")
    operator.wait_for_chunk("wave")
    bench.instruct("wave")  # the same is no change
    time.sleep(0.3)  # out of the time in which sentences are taken to have crossed
    assert not goal.result.done()
    del operator.heard[:]
    bench.instruct(sentence)
    status, result = operator.end_of(goal)
    assert (status, result.reason) == (GoalStatus.STATUS_ABORTED, Result.SUPERSEDED)
    assert result.text == f"the topic said '{sentence}'"
    if sentence:
        operator.wait_for_chunk(sentence)
    else:
        assert holds(bench)
    assert operator.heard == [sentence]


def test_an_old_latched_sentence_is_older_than_a_goal(
    bench: Any, operator: Operator, process: Any
) -> None:
    bench.instruct("point")
    operator.wait_for_chunk("point")
    operator.end_of(operator.send("wave", 0.5))
    change(bench, Transition.TRANSITION_DEACTIVATE)
    change(bench, Transition.TRANSITION_CLEANUP)
    change(bench, Transition.TRANSITION_CONFIGURE)  # the bench's latched sentence comes again
    change(bench, Transition.TRANSITION_ACTIVATE)
    time.sleep(0.5)
    assert bench.wait_for_policy(PolicyStatus.WAITING).instruction == ""
    bench.instruct("point")
    operator.wait_for_chunk("point")


def test_a_sentence_that_crosses_ours_is_said_again(bench: Any, operator: Operator) -> None:
    del operator.messages[:]
    goal = operator.send("wave")
    bench.instruct("point")
    assert operator.end_of(goal)[1].reason == Result.SUPERSEDED
    bench.wait_for(lambda: operator.messages.count("point") == 2, "the sentence again")
    assert operator.messages[-1] == "point"
    operator.wait_for_chunk("point")
    assert bench.record.policy[-1].instruction == "point"


@pytest.mark.parametrize(
    ("instruction", "time_limit", "words"),
    [
        (" \n", 1.0, "the instruction is blank"),
        ("wave", -1.0, "expected a time_limit of 0 s (none) or more; got -1.0"),
        ("wave", math.nan, "got nan"),
        ("wave", math.inf, "got inf"),
    ],
)
def test_what_is_rejected_leaves_the_goal_in_force(
    bench: Any, operator: Operator, process: Any, instruction: str, time_limit: float, words: str
) -> None:
    first = operator.send("wave")
    assert not operator.send(instruction, time_limit).handle.accepted
    assert words in process.output
    operator.wait_for_chunk("wave")
    assert not first.result.done()


def test_deactivation_ends_the_goal_and_refuses_others(
    bench: Any, operator: Operator, process: Any
) -> None:
    goal = operator.send("wave")
    operator.wait_for_chunk("wave")
    change(bench, Transition.TRANSITION_DEACTIVATE)
    status, result = operator.end_of(goal)
    assert (status, result.reason) == (GoalStatus.STATUS_ABORTED, Result.NODE_DEACTIVATED)
    bench.wait_for(lambda: operator.heard[-1] == "", "the empty sentence")
    assert not operator.send("wave").handle.accepted
    change(bench, Transition.TRANSITION_CLEANUP)
    assert not operator.send("wave").handle.accepted
    assert process.output.count("rejected: the policy node is not active; activate it first") == 2
    change(bench, Transition.TRANSITION_CONFIGURE)
    change(bench, Transition.TRANSITION_ACTIVATE)
    assert bench.wait_for_policy(PolicyStatus.WAITING).instruction == ""
    again = operator.send("wave", 0.5)
    operator.wait_for_chunk("wave")
    assert operator.end_of(again)[1].reason == Result.TIME_LIMIT


def test_a_goal_goes_on_without_its_client(bench: Any, operator: Operator) -> None:
    other = Operator(bench)
    assert other.client.wait_for_server(10.0)
    other.send("wave", 1.0)
    other.client.destroy()
    operator.wait_for_chunk("wave")
    bench.wait_for_policy(PolicyStatus.WAITING, "waits for an instruction")


def test_the_controller_follows_from_goal_to_goal(
    bench: Any, operator: Operator, start_node: Callable[..., Any]
) -> None:
    controller = start_node("controller_node", robot="demo_arm")
    bench.wait_for_controller(ControllerStatus.IDLE, timeout_s=20)
    for sentence in ("wave", "point"):
        goal = operator.send(sentence)
        bench.wait_for_controller(ControllerStatus.RUNNING)
        bench.wait_for(bench.has_moved, "motion")
        # The bench's latched, empty sentence may come after the goal's, which is then said again.
        bench.wait_for(
            lambda: bench.record.controller[-1].instruction == sentence,  # noqa: B023
            "the controller on the goal's sentence",
        )
        goal.handle.cancel_goal_async()
        bench.wait_for_controller(ControllerStatus.HOLDING, "there is no instruction")
        assert operator.end_of(goal)[1].reason == Result.CANCELLED
    controller.close()


def test_a_signal_ends_the_goal_and_its_client_is_told(
    bench: Any, operator: Operator, process: Any
) -> None:
    goal = operator.send("wave")
    operator.wait_for_chunk("wave")
    process.send(signal.SIGINT)
    status, result = operator.end_of(goal)
    assert (status, result.reason) == (GoalStatus.STATUS_ABORTED, Result.NODE_DEACTIVATED)
    bench.wait_for(lambda: operator.heard[-1] == "", "the empty sentence")
    assert process.exit_code() == 0
    assert "Traceback" not in process.output


# The shared node has ended; the tests below run one of their own.


FAULTY = """
import time

from vla_ros.policies.scripted_policy import ScriptedPolicy

class Faulty(ScriptedPolicy):
    def infer(self, observation, prefix=None):
        if observation.instruction == "defect":
            time.sleep(0.5)  # the client asks for the result first
            raise KeyError("a defect")
        raise RuntimeError("out of memory")

def load(checkpoint, seed):
    return Faulty()
"""


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "faulty_policy.py").write_text(FAULTY)
    metadata = tmp_path / "faulty-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: faulty\nVersion: 1.0\n")
    entry = "[vla_ros.policies]\nfaulty = faulty_policy:load\n"
    (metadata / "entry_points.txt").write_text(entry)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("wave", "no chunk for 2.0 s: RuntimeError in the policy: out of memory"),
        ("defect", "the inference has ended by a defect; see the log"),
    ],
)
def test_a_policy_that_cannot_compute_ends_the_goal(
    bench: Any,
    operator: Operator,
    process: Any,
    start_node: Callable[..., Any],
    faulty: None,
    sentence: str,
    words: str,
) -> None:
    process.close()
    node = start_node("policy_node", policy="faulty")
    bench.wait_for_policy(PolicyStatus.WAITING, timeout_s=20)
    assert operator.client.wait_for_server(10.0)
    goal = operator.send(sentence)
    status, result = operator.end_of(goal)
    assert (status, result.reason, result.text) == (
        GoalStatus.STATUS_ABORTED,
        Result.POLICY_FAULT,
        words,
    )
    bench.wait_for(lambda: operator.heard[-1] == "", "the empty sentence")
    node.close()


@pytest.fixture
def fast_clock(bench: Any) -> Iterator[Callable[[], None]]:
    """Call it to let /clock begin at 5000 s and run four times as fast as the wall."""
    publisher = bench.node.create_publisher(Clock, "/clock", 10)
    begin, end = threading.Event(), threading.Event()

    def run() -> None:
        begin.wait()
        first_s = time.monotonic()
        while not end.wait(0.01):
            now_ns = 5000 * 10**9 + round((time.monotonic() - first_s) * 4e9)
            stamp = Time(sec=now_ns // 10**9, nanosec=now_ns % 10**9)
            publisher.publish(Clock(clock=stamp))

    thread = threading.Thread(target=run)
    thread.start()
    yield begin.set
    end.set()
    begin.set()
    thread.join()


def test_time_is_that_of_the_node(
    bench: Any,
    operator: Operator,
    process: Any,
    start_node: Callable[..., Any],
    fast_clock: Callable[[], None],
) -> None:
    process.close()
    bench.publish_joints = bench.publish_images = False  # their stamps are of another clock
    node = start_node("policy_node", policy="scripted", use_sim_time=True)
    bench.wait_for_policy(PolicyStatus.WAITING, timeout_s=20)
    assert operator.client.wait_for_server(10.0)
    goal = operator.send("wave", 4.0)
    bench.wait_for(lambda: len(goal.feedback) > 2, "feedback before the clock runs")
    assert {feedback.elapsed for feedback in goal.feedback} == {0.0}
    assert any("no time has come" in sentence for sentence in goal.feedback[-1].waiting_for)
    fast_clock()
    begin_s = time.monotonic()
    _, result = operator.end_of(goal)
    assert (result.reason, result.text) == (Result.TIME_LIMIT, "its 4.0 s are over")
    assert result.elapsed == pytest.approx(4.0, abs=0.4)
    assert time.monotonic() - begin_s == pytest.approx(1.0, abs=0.4)
    node.close()
