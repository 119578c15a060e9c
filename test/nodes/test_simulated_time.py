# SPDX-License-Identifier: Apache-2.0
"""Nodes on /clock: faster than real time, and ending while it stands."""

import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from motion_checks import assert_within_limits
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState
from vla_ros.msg import ControllerStatus, PolicyStatus

from vla_ros.nodes.image_conversion import image_from_rgb

pytestmark = pytest.mark.ros

STEP_NS = 10_000_000
ANSWER_S = 0.1  # a busy machine may starve a node; time then stands, as in a real simulator


class SimulatedRobot:
    """Steps /clock and publishes sensors stamped with it."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.clock = bench.node.create_publisher(Clock, "/clock", 10)
        self.time_ns = 5_000_000_000
        bench.publish_joints = bench.publish_images = False

    def run(self, duration_s: float) -> None:
        for step in range(round(duration_s * 1e9 / STEP_NS)):
            self.time_ns += STEP_NS
            stamp = Time(sec=self.time_ns // 10**9, nanosec=self.time_ns % 10**9)
            self.clock.publish(Clock(clock=stamp))
            joints = JointState(name=self.bench.names, position=list(self.bench.positions))
            joints.header.stamp = stamp
            self.bench.joint_states.publish(joints)
            if step % 5 == 0:
                picture = image_from_rgb(np.zeros((96, 96, 3), np.uint8), self.time_ns, "optical")
                for publisher in self.bench.images.values():
                    publisher.publish(picture)
            self.wait_for_command()

    def wait_for_command(self) -> None:
        count, deadline = len(self.bench.record.commands), time.monotonic() + ANSWER_S
        while len(self.bench.record.commands) == count and time.monotonic() < deadline:
            time.sleep(0.0005)

    def run_until(self, condition: Callable[[], bool], what: str, limit_s: float = 60.0) -> None:
        end_ns = self.time_ns + limit_s * 1e9
        while not condition():
            assert self.time_ns < end_ns, f"not within {limit_s} simulated seconds: {what}"
            self.run(0.1)


@pytest.mark.slow
def test_faster_than_real_time(start_node: Callable[..., Any], bench: Any) -> None:
    robot, record = SimulatedRobot(bench), bench.record
    policy = start_node("policy_node", policy="scripted", use_sim_time=True)
    controller = start_node("controller_node", robot="demo_arm", use_sim_time=True)
    bench.wait_for(lambda: record.policy, "a policy status without any clock", 20)
    assert record.policy[-1].state == PolicyStatus.WAITING
    assert "/clock: use_sim_time is set" in record.policy[-1].waiting_for[0]
    bench.instruct("wave")
    robot.run_until(lambda: bool(record.commands), "commands")
    robot.run_until(lambda: bench.has_moved(), "motion")
    start, count = time.monotonic(), len(record.commands)
    robot.run(3.0)
    real_s, commands = time.monotonic() - start, len(record.commands) - count
    assert real_s < 3.0
    assert commands > 0.9 * 300
    assert record.controller[-1].state == ControllerStatus.RUNNING
    assert record.controller[-1].header.stamp.sec <= robot.time_ns // 10**9
    assert_within_limits(record.commands, bench.profile)
    robot.run_until(lambda: bench.has_moved(), "motion")
    for process in (policy, controller):
        process.send(signal.SIGINT)  # while /clock stands
    for process in (policy, controller):
        assert process.exit_code(15) == 0
