# SPDX-License-Identifier: Apache-2.0
"""The whole system, started and ready to play: processes, a ROS domain of their own, a client."""

import os
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vla_ros.cli.process_group import ProcessGroup
from vla_ros.core.exceptions import VlaRosError
from vla_ros.nodes.dds_environment import dds_environment
from vla_ros.nodes.system_client import SystemClient, wait_until
from vla_ros.nodes.system_description import SystemChoice, describe_system

START_TIMEOUT_S = 60.0
CAMERAS = ("overview", "front", "wrist")


class StartError(VlaRosError):
    """The system did not come up in time."""


@dataclass(frozen=True)
class RunningSystem:
    """What the commands use.

    Attributes:
        processes: of the nodes.
        client: connected to them.
        domain_id: their ROS domain.
    """

    processes: ProcessGroup
    client: SystemClient
    domain_id: int


def free_domain_id() -> int:
    """A ROS domain in which nobody on this machine discovers at present.

    Domains above 101 use ports that Linux hands out to others (rmw_fastrtps documentation).
    """
    choices = list(range(1, 102))
    random.SystemRandom().shuffle(choices)
    for domain_id in choices:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                # unicast discovery port of the domain's first participant
                probe.bind(("127.0.0.1", 7410 + 250 * domain_id))
            except OSError:
                continue
        return domain_id
    raise StartError("a free ROS domain from 1 to 101", "none", "Stop other ROS programs.")


@contextmanager
def running_system(
    choice: SystemChoice,
    logs: Path,
    domain_id: int | None = None,
    on_wait: Callable[[str], None] = lambda text: None,
) -> Iterator[RunningSystem]:
    """Start a system and stop it at the end, whatever happens.

    Args:
        choice: which system.
        logs: folder for the logs of the nodes.
        domain_id: ROS domain; None for a free one.
        on_wait: told what is not there yet.

    Raises:
        NodeDiedError: a node ended while the system came up.
        StartError: a part of it did not answer in time.
    """
    domain = free_domain_id() if domain_id is None else domain_id
    os.environ.update(dds_environment(domain))  # for the client in this process
    nodes = describe_system(choice)
    with ProcessGroup(nodes, domain, logs) as processes, SystemClient(domain, CAMERAS) as client:

        def ready() -> bool:
            processes.check()
            missing = client.missing()
            on_wait(", ".join(missing))
            return not missing

        if not wait_until(ready, START_TIMEOUT_S):
            raise StartError(
                f"all parts within {START_TIMEOUT_S:g} s",
                f"nothing from {', '.join(client.missing())}",
                f"See the logs in {logs}.",
            )
        yield RunningSystem(processes, client, domain)
