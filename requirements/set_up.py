# SPDX-License-Identifier: Apache-2.0
"""Prepares everything that `make` needs: environment, packages, interfaces, off-screen rendering.

Runs on the standard library alone. Each stage has a key; a stage whose key is stamped is skipped:

    venv -> tools -> ros -> demo -> test -> torch -> interfaces -> rendering -> environment

When all keys match, nothing is started and the script returns at once.
"""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - before any import that an older one cannot parse
    sys.exit("set-up: Python 3.10 or later is needed; install it and run `make PYTHON=python3.x`.")

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import checks
import stages
from stamps import Stamps


def main() -> int:
    """Run the stages that are not ready; returns the exit status for the shell."""
    root = Path(__file__).resolve().parent.parent
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        prepare(root)
    except checks.SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def prepare(root: Path) -> None:
    """Bring every stage up to date.

    Args:
        root: top of the checkout.

    Raises:
        SetUpError: something is missing that this script may not or cannot provide.
    """
    plan = stages.plan(root, os.environ)
    if all(is_ready(stage, root) for stage in plan):
        return
    checks.check_platform()
    (root / ".build").mkdir(exist_ok=True)
    with locked(root / ".build" / "lock"):
        for stage in plan:  # looked at one by one: a new environment forgets what it held
            if not is_ready(stage, root):
                run_stage(stage, root)


def is_ready(stage: stages.Stage, root: Path) -> bool:
    """Whether the stage is stamped with its present key."""
    return stage.is_ready(Stamps.read(stages.stamp_file(root)))


def run_stage(stage: stages.Stage, root: Path) -> None:
    """Run one stage between its two stamps and say how long it took."""
    path = stages.stamp_file(root)
    broken = Stamps.read(path).was_interrupted(stage.name)
    if path.parent.is_dir():  # the first stage makes the folder that holds the stamps
        Stamps.read(path).started(stage.name).write(path)
    print(f"set-up: {stage.sentence} ... ", end="", flush=True)
    began = time.monotonic()
    try:
        stage.action(broken)
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)
    Stamps.read(path).finished(stage.name, stage.key).write(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one set-up at a time run in a checkout; a second one waits and then finds it done."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("set-up: waiting for another set-up of this checkout ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        # A compiler that outlives a killed set-up keeps the lock, and with it the build folder.
        os.set_inheritable(lock.fileno(), True)
        yield


if __name__ == "__main__":
    sys.exit(main())
