# SPDX-License-Identifier: Apache-2.0
"""Runs programs for the set-up: clean variables, output into a log, its tail on failure."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checks import SetUpError

# Left by another environment's Python, they would make ours load that one's libraries.
_FOREIGN = ("VIRTUAL_ENV", "PYTHONHOME", "_ROS_WHEELS_BOOTSTRAP_COMPLETE", "__PYVENV_LAUNCHER__")
_TAIL_LINES = 15
Command = list[str | Path]


@dataclass(frozen=True)
class Answer:
    """What a program said.

    Attributes:
        status: its exit status.
        out: its standard output.
        err: its standard error.
    """

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        """The end of what it complained about."""
        lines = self.err.strip().splitlines()
        return lines[-1] if lines else f"exit status {self.status}"


def clean_environment(environ: Mapping[str, str], venv: Path, ros_sourced: bool) -> dict[str, str]:
    """Environment for programs of `.venv`.

    Args:
        environ: that of this process.
        venv: the virtual environment.
        ros_sourced: whether a ROS install provides rclpy; its paths are kept then.

    Returns:
        A copy in which `.venv` comes first and nothing of another environment is left.
    """
    clean = {name: value for name, value in environ.items() if name not in _FOREIGN}
    if not ros_sourced:
        for name in ("PYTHONPATH", "AMENT_PREFIX_PATH", "CMAKE_PREFIX_PATH", "COLCON_PREFIX_PATH"):
            clean.pop(name, None)
        if "_ROS_WHEELS_BOOTSTRAP_COMPLETE" in environ:
            clean.pop("LD_LIBRARY_PATH", None)
        clean |= {"AMENT_PREFIX_PATH": str(venv), "CMAKE_PREFIX_PATH": str(venv)}
    clean["PATH"] = f"{venv / 'bin'}{os.pathsep}{environ.get('PATH', os.defpath)}"
    return clean | {"VIRTUAL_ENV": str(venv), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run(command: Command, log: Path, environment: Mapping[str, str], advice: str) -> None:
    """Run a program to its end, its output going to a log.

    Args:
        command: program and arguments.
        log: file for the output; replaced.
        environment: variables of the program.
        advice: what to do when it fails.

    Raises:
        SetUpError: it failed; with the tail of its output and the log's place.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as stream:
        try:
            status = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                close_fds=False,  # the lock goes along
                check=False,
            ).returncode
        except FileNotFoundError:
            raise SetUpError(f"the program {command[0]} is missing; {advice}") from None
    if status:
        raise SetUpError(failure(log, log.read_text(errors="replace"), advice))


def ask(command: Command, environment: Mapping[str, str]) -> Answer:
    """Run a program and keep what it says.

    Args:
        command: program and arguments.
        environment: variables of the program.
    """
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=dict(environment),
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def failure(log: Path, output: str, advice: str) -> str:
    """The message for a failed program: the end of what it printed, the log, what to do.

    Args:
        log: where all of the output is.
        output: the output.
        advice: what to do.
    """
    tail = "\n".join(f"  | {line}" for line in output.strip().splitlines()[-_TAIL_LINES:])
    return f"{advice}\n{tail}\n  The whole output is in {log}."
