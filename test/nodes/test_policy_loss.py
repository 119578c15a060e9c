# SPDX-License-Identifier: Apache-2.0
"""The policy's process dies or freezes in mid-motion: the arm decelerates and holds."""

import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from motion_checks import RATE_HZ, assert_within_limits, speed_of
from vla_ros.msg import ControllerStatus, PolicyStatus

pytestmark = pytest.mark.ros

CHUNK_TIMEOUT_S = 0.4  # the scripted chunks last 1 s, so the watchdog ends the motion mid-chunk
MOVING = 0.1  # [rad/s]; the sine's top speed is 0.24


@pytest.fixture(scope="module")
def controller(start_node: Callable[..., Any], bench: Any) -> Any:
    process = start_node(
        "controller_node", robot="demo_arm", chunk_timeout_s=CHUNK_TIMEOUT_S, strategy="ensemble"
    )
    bench.instruct("wave")
    bench.wait_for_controller(ControllerStatus.IDLE, timeout_s=20)
    return process


def start_policy(start_node: Callable[..., Any], bench: Any) -> Any:
    process = start_node("policy_node", policy="scripted")
    bench.wait_for_policy(PolicyStatus.RUNNING, timeout_s=20)
    bench.wait_for_controller(ControllerStatus.RUNNING)
    wait_for_speed(bench)
    return process


def wait_for_speed(bench: Any) -> None:
    bench.wait_for(lambda: speed_of(bench.record.commands) > MOVING, "fast motion")


def assert_smooth_hold(bench: Any, controller: Any, lost_at: int) -> None:
    """From the loss on: a hold with its reason, at rest, and never a step in the commands."""
    status = bench.wait_for_controller(ControllerStatus.HOLDING, "no chunks for")
    assert f"timeout {CHUNK_TIMEOUT_S:g} s" in status.reason
    bench.wait_for(lambda: speed_of(bench.record.commands) == 0.0, "rest")
    commands = np.array(bench.record.commands[lost_at:])
    speeds = np.abs(np.diff(commands, axis=0)).max(axis=1) * RATE_HZ
    assert speeds.max() > MOVING
    rest_after_s = np.flatnonzero(speeds > 0)[-1] / RATE_HZ
    assert rest_after_s < CHUNK_TIMEOUT_S + 0.3
    assert_within_limits(bench.record.commands, bench.profile)
    held = bench.record.commands[-1]
    time.sleep(0.3)
    np.testing.assert_array_equal(bench.record.commands[-1], held)
    assert controller.alive


def test_kill_9_then_a_new_policy_goes_on(
    start_node: Callable[..., Any], bench: Any, controller: Any
) -> None:
    policy = start_policy(start_node, bench)
    lost_at = len(bench.record.commands)
    policy.send(signal.SIGKILL)
    assert_smooth_hold(bench, controller, lost_at)
    policy = start_policy(start_node, bench)
    assert_within_limits(bench.record.commands, bench.profile)
    policy.close()
    bench.wait_for_controller(ControllerStatus.HOLDING)


def test_a_frozen_policy_holds_and_goes_on_when_it_thaws(
    start_node: Callable[..., Any], bench: Any, controller: Any
) -> None:
    policy = start_policy(start_node, bench)
    lost_at = len(bench.record.commands)
    policy.send(signal.SIGSTOP)
    assert_smooth_hold(bench, controller, lost_at)
    policy.send(signal.SIGCONT)
    bench.wait_for_controller(ControllerStatus.RUNNING)
    wait_for_speed(bench)
    assert_within_limits(bench.record.commands, bench.profile)


def test_bad_observations_in_motion_cause_no_jump(bench: Any, controller: Any) -> None:
    """A camera that falls silent starves the policy; the arm holds, and goes on afterwards."""
    bench.publish_images = False
    bench.wait_for_policy(PolicyStatus.WAITING, "camera_front/image")
    bench.wait_for_controller(ControllerStatus.HOLDING)
    picture = bench.picture()
    picture.encoding = "32FC1"
    bench.images["front"].publish(picture)
    bench.wait_for_policy(PolicyStatus.FAULT, "'32FC1'")
    bench.publish_images = True
    bench.wait_for_controller(ControllerStatus.RUNNING)
    wait_for_speed(bench)
    assert_within_limits(bench.record.commands, bench.profile)
    assert controller.alive
