# SPDX-License-Identifier: Apache-2.0
"""A node of ours in a process of its own, as a robot would run it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from vla_ros.nodes.dds_environment import dds_environment


class NodeProcess:
    """Runs `python -m vla_ros.nodes.<name>` until `close`; its output is kept in a file."""

    def __init__(self, name: str, domain_id: int, log: Path, parameters: dict[str, Any]) -> None:
        """Start it."""
        self.log = log
        arguments = [f"{key}:={_written(value)}" for key, value in parameters.items()]
        command = [sys.executable, "-m", f"vla_ros.nodes.{name}", "--ros-args"]
        for argument in arguments:
            command += ["-p", argument]
        with log.open("w") as output:
            self.popen = subprocess.Popen(
                command,
                env={**os.environ, **dds_environment(domain_id)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.popen.poll() is None

    @property
    def output(self) -> str:
        """What it has written."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.popen.send_signal(number)

    def exit_code(self, timeout_s: float = 10.0) -> int:
        """Wait for its end."""
        return self.popen.wait(timeout_s)

    def close(self) -> None:
        """End it, if need be by force."""
        if self.alive:
            self.send(signal.SIGCONT)
            self.send(signal.SIGINT)
            try:
                self.exit_code(5.0)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
