# SPDX-License-Identifier: Apache-2.0
"""Node processes: an early death is told with its log, and none outlives its parent."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("rclpy", reason="the processes are ROS nodes")
from vla_ros.cli.process_group import NodeDiedError, ProcessGroup
from vla_ros.nodes.system_description import NodeDescription

pytestmark = pytest.mark.ros

SIM = NodeDescription("sim_node", {"camera_rate_hz": 1.0})
PARENT = """
import sys, time
from pathlib import Path
from vla_ros.cli.process_group import ProcessGroup
from vla_ros.nodes.system_description import NodeDescription
group = ProcessGroup([NodeDescription("sim_node")], int(sys.argv[1]), Path(sys.argv[2]))
with group:
    print(group.process_id("sim_node"), flush=True)
    time.sleep(60)
"""


def domain() -> int:
    return random.randrange(1, 100)


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(number: int, timeout_s: float = 5.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while is_running(number) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_running(number)


def died(group: ProcessGroup, timeout_s: float = 20.0) -> NodeDiedError:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            group.check()
        except NodeDiedError as error:
            return error
        time.sleep(0.05)
    raise AssertionError("the node did not end")


def test_a_node_that_ends_is_told_with_the_end_of_its_log(tmp_path):
    bad = NodeDescription("sim_node", {"camera_size_px": 5})
    with ProcessGroup([bad], domain(), tmp_path / "log") as group:
        text = str(died(group))
    assert text.startswith("expected sim_node to keep running; got exit code 1. Its log, ")
    assert "finite number from 16 to 480 for 'camera_size_px'" in text
    assert f"Its log, {tmp_path / 'log' / 'sim_node.log'}, ends:" in text


def test_parameters_arrive_with_their_types(tmp_path):
    values = {"task": "yes: 'no'", "publish_clock": True, "seed": 3, "real_time_factor": 2.0}
    with ProcessGroup([NodeDescription("sim_node", values)], domain(), tmp_path) as group:
        text = str(died(group))
    assert "got 'yes: 'no''" in text  # the task is refused; types before it were right


def test_stop_leaves_no_process(tmp_path):
    with ProcessGroup([SIM], domain(), tmp_path) as group:
        number = group.process_id("sim_node")
        time.sleep(1.5)
        group.check()
        assert is_running(number)
    assert not is_running(number)
    group.stop()  # again does no harm


def test_a_process_that_ignores_signals_is_ended(tmp_path):
    with ProcessGroup([SIM], domain(), tmp_path) as group:
        number = group.process_id("sim_node")
        os.kill(number, signal.SIGSTOP)
        start_s = time.monotonic()
        group.stop()
        assert not is_running(number)
        assert time.monotonic() - start_s < 8


def test_when_the_parent_is_killed_nothing_is_left(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(domain()), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "_ROS_WHEELS_BOOTSTRAP_COMPLETE"},
    )
    number = int(parent.stdout.readline())
    assert is_running(number)
    parent.kill()
    parent.wait()
    assert wait_until_gone(number)


@pytest.mark.slow
def test_what_may_end_alone_is_started_again_once_it_had_lived(tmp_path):
    spare = NodeDescription("sim_node", {"camera_rate_hz": 1.0}, critical=False)
    with ProcessGroup([spare], domain(), tmp_path / "log") as group:
        first = group.process_id("sim_node")
        time.sleep(5.5)
        os.kill(first, signal.SIGKILL)
        deadline, revived = time.monotonic() + 5, []
        while not revived and time.monotonic() < deadline:
            revived = group.revive()  # its other threads may end after the first
        assert revived == ["sim_node"]
        second = group.process_id("sim_node")
        assert second != first
        os.kill(second, signal.SIGKILL)  # so soon that it would only end again
        assert "exit code -9" in str(died(group))
        assert group.process_id("sim_node") == second


def test_what_must_not_end_is_not_started_again(tmp_path):
    with ProcessGroup([SIM], domain(), tmp_path / "log") as group:
        number = group.process_id("sim_node")
        os.kill(number, signal.SIGKILL)
        assert "sim_node to keep running" in str(died(group))
        with pytest.raises(NodeDiedError, match="sim_node to keep running"):
            group.revive()
        assert group.process_id("sim_node") == number
