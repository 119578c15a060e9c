# SPDX-License-Identifier: Apache-2.0
"""A bench and node processes on a ROS domain of their own, one set per test file."""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vla_ros.core.robot_profile import RobotProfile


@pytest.fixture(scope="module")
def profile() -> RobotProfile:
    """The demo arm."""
    from vla_ros.nodes.profile_files import load_profile

    return load_profile("demo_arm")


@pytest.fixture(scope="module")
def bench(profile: RobotProfile) -> Iterator[Any]:
    """A running `RobotBench` that no other process on this machine or network hears."""
    from robot_bench import RobotBench

    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    running = RobotBench(random.randrange(1, 100), profile)
    yield running
    running.close()


@pytest.fixture(scope="module")
def start_node(
    bench: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Any]]:
    """Starts node processes on the bench's domain and ends them after the last test of a file."""
    from node_process import NodeProcess

    processes = []

    def start(name: str, **parameters: Any) -> NodeProcess:
        log = tmp_path_factory.mktemp(name) / "output.txt"
        processes.append(NodeProcess(name, bench.domain_id, log, parameters))
        return processes[-1]

    yield start
    for process in processes:
        process.close()
