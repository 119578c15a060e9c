# SPDX-License-Identifier: Apache-2.0
"""What the commands print: lines, and one line that is rewritten where a terminal shows it."""

import sys


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class LiveLine:
    """A line of progress: rewritten on a terminal, silent elsewhere until it is finished."""

    def __init__(self) -> None:
        """Look whether there is a terminal."""
        self._terminal = sys.stdout.isatty()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._terminal:
            sys.stdout.write(f"\r\033[K{text}")
            sys.stdout.flush()

    def finish(self, text: str) -> None:
        """Replace the line for good."""
        self.show("")
        say(text)
