# SPDX-License-Identifier: Apache-2.0
"""Start, failure and end of a node process, seen from outside."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from vla_ros.msg import PolicyStatus

from vla_ros.nodes.dds_environment import dds_environment

pytestmark = pytest.mark.ros


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_running_node_cleanly(
    start_node: Callable[..., Any], bench: Any, number: signal.Signals
) -> None:
    process = start_node("policy_node", policy="scripted")
    bench.wait_for_policy(PolicyStatus.WAITING, timeout_s=20)
    process.send(number)
    assert process.exit_code() == 0
    assert "Traceback" not in process.output


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"policy": "pi9"}, "cannot configure: expected a policy out of"),
        ({"policy": "scripted", "max_skew_s": -1}, "from 0 to 1 for 'max_skew_s'"),
        ({"policy": "scripted", "ablation": "blind"}, "one of ['none', 'blackout', 'mute']"),
    ],
)
def test_a_failed_configuration_ends_with_one_sentence(
    start_node: Callable[..., Any], parameters: dict[str, Any], words: str
) -> None:
    process = start_node("policy_node", **parameters)
    assert process.exit_code(20) == 1
    assert process.output.count(words) == 1
    assert "Traceback" not in process.output


DEFECT = """
from vla_ros.nodes.managed_node import ManagedNode, run

class Broken(ManagedNode):
    def activate(self):
        self.create_timer(0.01, self.tick)

    def deactivate(self):
        self.get_logger().info("deactivated")

    def tick(self):
        raise KeyError("a defect")

raise SystemExit(run(lambda: Broken("broken")))
"""


def test_a_defect_in_a_callback_deactivates_and_ends_with_its_traceback(bench: Any) -> None:
    environment = {**os.environ, **dds_environment(bench.domain_id)}
    ended = subprocess.run(
        [sys.executable, "-c", DEFECT], env=environment, capture_output=True, timeout=20, text=True
    )
    assert ended.returncode == 1
    assert "KeyError: 'a defect'" in ended.stderr
    assert "deactivated" in ended.stderr


def call(bench: Any, kind: Any, name: str, request: Any) -> Any:
    client = bench.node.create_client(kind, name)
    assert client.wait_for_service(20.0)
    future = client.call_async(request)
    bench.wait_for(future.done, f"an answer of {name}")
    return future.result()


def test_a_lifecycle_manager_leads_it_through_its_states(
    start_node: Callable[..., Any], bench: Any
) -> None:
    process = start_node("policy_node", policy="scripted", autostart=False)

    def change(transition: int) -> bool:
        request = ChangeState.Request(transition=Transition(id=transition))
        return call(bench, ChangeState, "policy_node/change_state", request).success

    assert change(Transition.TRANSITION_CONFIGURE)
    bench.wait_for_policy(PolicyStatus.INACTIVE, "configured, not active")
    assert change(Transition.TRANSITION_ACTIVATE)
    first = bench.wait_for_policy(PolicyStatus.WAITING, "waits for an instruction")
    for impossible in (Transition.TRANSITION_CLEANUP, Transition.TRANSITION_CONFIGURE, 250):
        assert not change(impossible)
    bench.wait_for_policy(PolicyStatus.WAITING)
    assert change(Transition.TRANSITION_DEACTIVATE)
    bench.wait_for_policy(PolicyStatus.INACTIVE)
    assert change(Transition.TRANSITION_ACTIVATE)
    second = bench.wait_for_policy(PolicyStatus.WAITING)
    assert first.session != second.session
    assert change(Transition.TRANSITION_DEACTIVATE)
    assert change(Transition.TRANSITION_CLEANUP)
    state = call(bench, GetState, "policy_node/get_state", GetState.Request())
    assert state.current_state.id == State.PRIMARY_STATE_UNCONFIGURED
    assert change(Transition.TRANSITION_CONFIGURE)
    assert change(Transition.TRANSITION_ACTIVATE)
    bench.wait_for_policy(PolicyStatus.WAITING)
    call(
        bench,
        ChangeState,
        "policy_node/change_state",
        ChangeState.Request(transition=Transition(id=Transition.TRANSITION_ACTIVE_SHUTDOWN)),
    )
    assert process.exit_code() == 0
