# SPDX-License-Identifier: Apache-2.0
"""The command line: one subcommand per module of this room."""

import argparse
import signal
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType

from vla_ros.cli.console import complain
from vla_ros.core.exceptions import VlaRosError

COMMANDS = {
    "demo": "watch the arm do what sentences say, in simulation",
    "up": "start simulator, policy and controller, and leave them running",
    "collect": "record scripted demonstrations",
    "train": "train the embedded policy on demonstrations",
    "evaluate": "measure the embedded policy in simulation, without ROS",
    "parameters": "print every parameter of the nodes as Markdown",
}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m vla_ros", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        commands.add_parser(name, help=help_text, add_help=False)
    known, rest = parser.parse_known_args(arguments)
    return _guarded(lambda: _run(known.command, rest))


def _run(command: str, rest: Sequence[str]) -> int:
    module = import_module(f"vla_ros.cli.{command}")
    own = argparse.ArgumentParser(
        prog=f"python -m vla_ros {command}", description=COMMANDS[command]
    )
    module.add_arguments(own)
    return int(module.run(own.parse_args(rest)))


def _guarded(run: Callable[[], int]) -> int:
    """Turn SIGTERM into Ctrl-C, and our own errors into one message."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore SIGINT
        signal.signal(number, _interrupt)
    try:
        return run()
    except KeyboardInterrupt:
        complain("\ninterrupted")
        return INTERRUPTED
    except VlaRosError as error:
        complain(f"error: {error}")
        return 2


def _interrupt(number: int, frame: FrameType | None) -> None:
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)  # what is started is being stopped, in a few seconds
    raise KeyboardInterrupt
