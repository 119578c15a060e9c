# SPDX-License-Identifier: Apache-2.0
"""policy_node over real DDS: what it waits for, what it publishes, what it refuses."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from vla_ros.msg import PolicyStatus

pytestmark = pytest.mark.ros


@pytest.fixture(scope="module")
def policy(start_node: Callable[..., Any], bench: Any) -> Any:
    process = start_node("policy_node", policy="scripted")
    bench.wait_for_policy(PolicyStatus.WAITING, timeout_s=20)
    return process


@pytest.fixture(autouse=True)
def works_before_and_after(bench: Any, policy: Any) -> Any:
    bench.publish_joints = bench.publish_images = True
    bench.instruct("wave")
    bench.wait_for_policy(PolicyStatus.RUNNING)
    yield
    bench.publish_joints = bench.publish_images = True
    bench.instruct("wave")
    count = len(bench.record.chunks)
    bench.wait_for(lambda: len(bench.record.chunks) > count, "chunks after the test")
    assert policy.alive


def test_chunks_are_anchored_numbered_and_never_repeat_an_observation(bench: Any) -> None:
    start = len(bench.record.chunks)
    bench.wait_for(lambda: len(bench.record.chunks) > start + 20, "20 chunks")
    chunks = bench.record.chunks[start:]
    stamps = [chunk.header.stamp.sec * 10**9 + chunk.header.stamp.nanosec for chunk in chunks]
    assert len({chunk.session for chunk in chunks}) == 1
    assert (np.diff([chunk.sequence for chunk in chunks]) == 1).all()
    assert (np.diff(stamps) > 0).all()
    assert {chunk.instruction for chunk in chunks} == {"wave"}
    assert (chunks[0].horizon, chunks[0].width) == (20, 8)
    status = bench.record.policy[-1]
    assert 0 < status.observation_age < 0.5
    assert status.chunks_published >= 20


def test_no_instruction_no_chunks(bench: Any) -> None:
    bench.instruct("   ")
    status = bench.wait_for_policy(PolicyStatus.WAITING, "waits for an instruction")
    assert any("publish a sentence" in sentence for sentence in status.waiting_for)
    count = len(bench.record.chunks)
    time.sleep(0.3)
    assert len(bench.record.chunks) == count


def test_another_instruction_is_used_from_the_next_inference_on(bench: Any) -> None:
    bench.instruct("wave slowly")
    bench.wait_for(lambda: bench.record.chunks[-1].instruction == "wave slowly", "new sentence")
    count = len(bench.record.chunks)
    bench.wait_for(lambda: len(bench.record.chunks) > count + 5, "more chunks")
    assert {chunk.instruction for chunk in bench.record.chunks[count:]} == {"wave slowly"}


def test_unknown_encoding_and_short_data(bench: Any) -> None:
    refused = bench.record.policy[-1].observations_refused
    message = bench.picture()
    message.encoding = "16UC1"
    bench.images["front"].publish(message)
    status = bench.wait_for_policy(PolicyStatus.FAULT, "camera_front/image with an encoding")
    assert "'16UC1'" in status.text
    assert status.observations_refused == refused + 1
    bench.wait_for_policy(PolicyStatus.RUNNING)
    message = bench.picture()
    message.data = bytes(10)
    bench.images["wrist"].publish(message)
    bench.wait_for_policy(PolicyStatus.FAULT, "57600 bytes; got 10")
    bench.wait_for_policy(PolicyStatus.RUNNING)


def test_joint_states_with_nan(bench: Any) -> None:
    bench.send_joints(bench.names, [float("nan")] * 8)
    bench.wait_for_policy(PolicyStatus.FAULT, "nan for 'joint1'")
    bench.wait_for_policy(PolicyStatus.RUNNING)


def test_silent_inputs_are_named_with_their_age(bench: Any) -> None:
    bench.publish_images = False
    bench.wait_for_policy(PolicyStatus.WAITING, "camera_front/image: the last picture is")
    bench.publish_images, bench.publish_joints = True, False
    bench.wait_for_policy(PolicyStatus.WAITING, "away from the pictures")


def test_permuted_joints_are_read_by_name(bench: Any) -> None:
    names, positions = bench.names, bench.positions
    bench.instruct("")
    bench.wait_for_policy(PolicyStatus.WAITING, "waits for an instruction")
    order = [3, 1, 7, 0, 2, 6, 5, 4]
    try:
        bench.names = [names[index] for index in order]
        bench.positions = positions[order]
        time.sleep(0.2)
        start = len(bench.record.chunks)
        bench.instruct("wave")
        bench.wait_for(lambda: len(bench.record.chunks) > start, "a chunk")
        first = np.reshape(bench.record.chunks[start].actions, (20, 8))[0]
        np.testing.assert_allclose(first[:7], positions[:7])
        assert first[7] == pytest.approx(2 * positions[7])
    finally:
        bench.names, bench.positions = names, positions
