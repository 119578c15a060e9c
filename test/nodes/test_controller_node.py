# SPDX-License-Identifier: Apache-2.0
"""controller_node over real DDS: good chunks move the arm, bad ones are refused with words."""

import signal
import time
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from motion_checks import assert_within_limits, speed_of
from std_srvs.srv import Trigger
from vla_ros.msg import ActionChunk as ActionChunkMessage
from vla_ros.msg import ControllerStatus, SafetyEvent

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.nodes.chunk_conversion import message_from_chunk

pytestmark = pytest.mark.ros


class Operator:
    """Publishes good chunks: a ramp of every joint away from and back to where the arm is."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.session, self.sequence = f"{time.monotonic_ns():x}", 0
        self.layout = ActionLayout(
            (
                ActionGroup(ActionKind.JOINT_POSITION, bench.profile.joint_names),
                ActionGroup(ActionKind.GRIPPER, (bench.profile.gripper_joint,)),
            )
        )

    def message(self, offset: float = 0.1, steps: int = 20) -> ActionChunkMessage:
        self.sequence += 1
        now_ns = self.bench.node.get_clock().now().nanoseconds
        actions = np.tile([*self.bench.positions[:7], 0.06], (steps, 1))
        actions[:, 0] += np.linspace(0.0, offset, steps)
        chunk = ActionChunk(
            now_ns, 0.05, actions, self.layout, "wave", self.session, self.sequence
        )
        return message_from_chunk(chunk, "test", "base")

    def send(self, offset: float = 0.1) -> None:
        self.bench.chunks.publish(self.message(offset))

    def assert_moves(self) -> None:
        """A good chunk moves the arm."""
        start = self.bench.positions[0]
        offset = -0.1 if start > 0 else 0.1
        self.send(offset)
        self.bench.wait_for(
            lambda: abs(self.bench.positions[0] - start) > 0.02, "motion after a good chunk"
        )


@pytest.fixture(scope="module")
def controller(start_node: Callable[..., Any], bench: Any) -> Any:
    process = start_node("controller_node", robot="demo_arm")
    bench.wait_for_controller(ControllerStatus.IDLE, timeout_s=20)
    bench.instruct("wave")
    return process


@pytest.fixture
def operator(controller: Any, bench: Any) -> Iterator[Operator]:
    """Whatever a test does: commands stay within limits, and motion works afterwards."""
    yield Operator(bench)
    bench.instruct("wave")
    time.sleep(0.05)
    Operator(bench).assert_moves()
    assert_within_limits(bench.record.commands, bench.profile)
    assert controller.alive


def test_a_chunk_moves_arm_and_gripper_and_is_reported(operator: Operator, bench: Any) -> None:
    operator.assert_moves()
    status = bench.wait_for_controller(ControllerStatus.RUNNING)
    assert (status.session, status.sequence) == (operator.session, operator.sequence)
    assert status.instruction == "wave"
    assert list(status.joint_names) == list(bench.profile.joint_names)
    assert bench.record.widths[-1] == pytest.approx(0.06)
    latencies = [s for message in bench.record.controller for s in message.observation_to_command]
    assert latencies
    assert 0 < latencies[-1] < 0.2
    end = bench.wait_for_controller(ControllerStatus.HOLDING, "no live chunk")
    bench.wait_for(lambda: speed_of(bench.record.commands) == 0.0, "rest after the last chunk")
    assert end.period_error_p50 < 0.005


def spoilt(change: Callable[[ActionChunkMessage], None]) -> Callable[[Operator], Any]:
    def make(operator: Operator) -> ActionChunkMessage:
        message = operator.message(offset=1.0)
        change(message)
        return message

    return make


def nan(message: ActionChunkMessage) -> None:
    message.actions[9] = float("nan")


def narrow(message: ActionChunkMessage) -> None:
    message.actions = array("d", message.actions[:-20])


def other_joints(message: ActionChunkMessage) -> None:
    message.layout[0].names = [f"panda_joint{index}" for index in range(1, 8)]


def repeated(message: ActionChunkMessage) -> None:
    message.sequence -= 1


def future(message: ActionChunkMessage) -> None:
    message.header.stamp.sec += 3600


def stale(message: ActionChunkMessage) -> None:
    message.header.stamp.sec -= 3600


def no_sentence(message: ActionChunkMessage) -> None:
    message.instruction = ""


def other_sentence(message: ActionChunkMessage) -> None:
    message.instruction = "dance"


def no_kind(message: ActionChunkMessage) -> None:
    message.layout[0].kind = 42


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nan, "nan at step 1, column 1"),
        (narrow, "20 x 8 numbers in actions; got 140"),
        (other_joints, "panda_joint1"),
        (repeated, "sequence >"),
        (future, "not in the future"),
        (stale, "steps left to execute"),
        (no_sentence, "a session and an instruction"),
        (other_sentence, "one for 'dance'"),
        (no_kind, "kind 42"),
    ],
)
def test_a_bad_chunk_is_refused_whole(
    operator: Operator, bench: Any, change: Callable[[ActionChunkMessage], None], words: str
) -> None:
    bench.chunks.publish(operator.message(offset=0.0))
    time.sleep(0.05)
    refused, before = bench.record.controller[-1].chunks_refused, bench.positions.copy()
    bench.chunks.publish(spoilt(change)(operator))
    status = bench.wait_for(
        lambda: next((s for s in bench.record.controller if s.chunks_refused > refused), None),
        "a refusal",
    )
    assert words in status.last_refusal
    time.sleep(0.1)
    np.testing.assert_allclose(bench.positions[:7], before[:7], atol=0.02)


def test_without_an_instruction_it_holds(operator: Operator, bench: Any) -> None:
    operator.assert_moves()
    bench.instruct("")
    bench.wait_for_controller(ControllerStatus.HOLDING, "there is no instruction")
    operator.send(1.0)
    bench.wait_for_controller(ControllerStatus.HOLDING, "no chunk while there is no sentence")
    bench.wait_for(lambda: speed_of(bench.record.commands) == 0.0, "rest")


@pytest.mark.parametrize("fault", ["silence", "nan", "missing joint"])
def test_bad_joint_states_hold_and_good_ones_resume(
    operator: Operator, controller: Any, bench: Any, fault: str
) -> None:
    names = list(bench.profile.joint_names)
    operator.assert_moves()
    bench.publish_joints = False
    deadline = time.monotonic() + 0.4
    while time.monotonic() < deadline and fault != "silence":
        if fault == "nan":
            bench.send_joints(names, [float("nan")] * 7)
        else:
            bench.send_joints(names[:-1], list(bench.positions[:6]))
        time.sleep(0.01)
    bench.wait_for_controller(ControllerStatus.HOLDING, "no joint states for")
    bench.publish_joints = True
    if fault != "silence":
        assert "joint_states refused" in controller.output
    operator.assert_moves()


def test_permuted_joints_are_read_by_name(operator: Operator, bench: Any) -> None:
    order = np.array([6, 2, 7, 0, 1, 5, 3, 4])
    bench.publish_joints = False
    for _ in range(20):
        names = [bench.names[index] for index in order]
        bench.send_joints(names, list(bench.positions[order]))
        time.sleep(0.01)
    bench.publish_joints = True
    operator.assert_moves()
    assert bench.record.controller[-1].state != ControllerStatus.STOPPED


def test_leaving_the_limits_is_limited_and_said_without_flooding(
    operator: Operator, bench: Any
) -> None:
    start, events = time.monotonic(), len(bench.record.events)
    offset = -3.0 if bench.positions[0] > 0 else 3.0
    operator.send(offset)
    bench.wait_for(lambda: bench.has_moved(0.2), "limited motion")
    said = [event for event in bench.record.events[events:] if event.subject == "joint1"]
    assert said[0].severity == SafetyEvent.LIMITED
    per_limit = len([event for event in said if event.limit == said[0].limit])
    assert per_limit <= 2 + (time.monotonic() - start) / 0.2


def call(bench: Any, name: str) -> Trigger.Response:
    client = bench.node.create_client(Trigger, name)
    assert client.wait_for_service(5.0)
    future = client.call_async(Trigger.Request())
    bench.wait_for(future.done, f"an answer of {name}")
    return future.result()


def test_a_stop_latches_until_the_reset(operator: Operator, bench: Any) -> None:
    operator.assert_moves()
    assert call(bench, "controller_node/stop").success
    bench.wait_for_controller(ControllerStatus.STOPPED, "stop service")
    bench.wait_for(lambda: speed_of(bench.record.commands) == 0.0, "rest")
    before = bench.positions.copy()
    operator.send(1.0)
    time.sleep(0.3)
    np.testing.assert_array_equal(bench.positions, before)
    assert call(bench, "controller_node/reset").success
    bench.wait_for_controller(ControllerStatus.IDLE)


def test_a_lifecycle_deactivation_decelerates_and_then_is_silent(
    operator: Operator, bench: Any
) -> None:
    operator.assert_moves()
    assert speed_of(bench.record.commands) > 0.0
    assert change_state(bench, Transition.TRANSITION_DEACTIVATE)
    time.sleep(0.05)
    assert speed_of(bench.record.commands) == 0.0
    count = len(bench.record.commands)
    operator.send(1.0)
    time.sleep(0.2)
    assert len(bench.record.commands) == count
    answer = call(bench, "controller_node/stop")
    assert not answer.success
    assert "an active controller" in answer.message
    assert change_state(bench, Transition.TRANSITION_ACTIVATE)


def change_state(bench: Any, transition: int) -> bool:
    client = bench.node.create_client(ChangeState, "controller_node/change_state")
    assert client.wait_for_service(5.0)
    request = ChangeState.Request(transition=Transition(id=transition))
    future = client.call_async(request)
    bench.wait_for(future.done, "the transition")
    return future.result().success


def test_an_interrupt_decelerates_before_the_end(
    start_node: Callable[..., Any], controller: Any, bench: Any
) -> None:
    Operator(bench).assert_moves()
    assert speed_of(bench.record.commands) > 0.0
    controller.send(signal.SIGINT)
    assert controller.exit_code() == 0
    assert "Traceback" not in controller.output
    time.sleep(0.05)
    assert speed_of(bench.record.commands) == 0.0
    assert_within_limits(bench.record.commands, bench.profile)
