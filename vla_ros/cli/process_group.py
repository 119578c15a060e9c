# SPDX-License-Identifier: Apache-2.0
"""Starts the nodes as processes and leaves none behind, however this process ends."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from vla_ros.core.exceptions import VlaRosError
from vla_ros.nodes.dds_environment import dds_environment
from vla_ros.nodes.system_description import NodeDescription

_GRACE_S = (3.0, 2.0)  # after SIGINT, after SIGTERM
_PR_SET_PDEATHSIG = 1
_LOG_TAIL_LINES = 12
_LIVED_S = 5.0  # a node that ends sooner would only end again


class NodeDiedError(VlaRosError):
    """A node's process ended by itself."""


class ProcessGroup:
    """The processes of one system, each with a log file; a context manager."""

    def __init__(
        self, nodes: Sequence[NodeDescription], domain_id: int | None, logs: Path
    ) -> None:
        """Prepare; `__enter__` starts them.

        Args:
            nodes: what to start, in this order.
            domain_id: ROS domain of all of them; None for that of this process.
            logs: folder for one log file per node.
        """
        self._nodes, self._logs = tuple(nodes), logs
        self._environment = {**os.environ, **dds_environment(domain_id)}
        # the ROS wheels set the library path of the next Python themselves, once
        self._environment.pop("_ROS_WHEELS_BOOTSTRAP_COMPLETE", None)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started_s: dict[str, float] = {}
        self._libc = ctypes.CDLL(None)

    def __enter__(self) -> "ProcessGroup":
        """Start every node."""
        self._logs.mkdir(parents=True, exist_ok=True)
        for node in self._nodes:
            self._log(node.name).unlink(missing_ok=True)
        try:
            for node in self._nodes:
                self._processes[node.name] = self._start(node)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop every node."""
        self.stop()

    def process_id(self, name: str) -> int:
        """Number of a node's process."""
        return self._processes[name].pid

    def check(self) -> None:
        """Say so when a node has ended.

        Raises:
            NodeDiedError: with the end of its log.
        """
        for node in self._nodes:
            if self._processes[node.name].poll() is not None:
                raise self._death(node)

    def revive(self) -> list[str]:
        """Start again what may end alone, a policy; the controller holds the arm meanwhile.

        Returns:
            Names of the nodes that were started again.

        Raises:
            NodeDiedError: another node has ended, or one soon after its start.
        """
        revived = []
        for node in self._nodes:
            if self._processes[node.name].poll() is None:
                continue
            lived_s = time.monotonic() - self._started_s[node.name]
            if node.critical or lived_s < _LIVED_S:
                raise self._death(node)
            self._processes[node.name] = self._start(node)
            revived.append(node.name)
        return revived

    def _death(self, node: NodeDescription) -> NodeDiedError:
        return NodeDiedError(
            f"{node.name} to keep running",
            f"exit code {self._processes[node.name].returncode}",
            f"Its log, {self._log(node.name)}, ends:\n{self._log_tail(node.name)}",
        )

    def stop(self) -> None:
        """Ask with SIGINT, then with SIGTERM, then end by SIGKILL; last started first."""
        alive = [process for process in reversed(self._processes.values())]
        for number, grace_s in zip((signal.SIGINT, signal.SIGTERM), _GRACE_S, strict=True):
            for process in alive:
                if process.poll() is None:
                    process.send_signal(number)
            deadline = time.monotonic() + grace_s
            while alive and time.monotonic() < deadline:
                alive = [process for process in alive if process.poll() is None]
                time.sleep(0.02)
        for process in alive:
            process.kill()
            process.wait()

    def _start(self, node: NodeDescription) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", f"vla_ros.nodes.{node.name}", "--ros-args"]
        for name, value in node.parameters.items():
            command += ["-p", f"{name}:={_yaml(value)}"]
        parent = os.getpid()

        def before_exec() -> None:
            # a new session: Ctrl-C in the terminal reaches this program, which stops the nodes
            os.setsid()
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        self._started_s[node.name] = time.monotonic()
        with self._log(node.name).open("ab") as log:
            return subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=before_exec,  # takes no lock, so other threads may run
            )

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _log_tail(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_LOG_TAIL_LINES:])


def _yaml(value: object) -> str:
    """A parameter as `--ros-args -p` reads it; quoted, so that 1e3 or "" stay strings."""
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
