# SPDX-License-Identifier: Apache-2.0
"""Parts that come from the distribution: installed when this is root, otherwise named."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from checks import SetUpError
from commands import Command, ask, run

# EGL, the GL entry points that PyOpenGL loads, and Mesa's software renderer.
RENDERING_PACKAGES = ("libegl1", "libopengl0", "libgl1-mesa-dri")

# What is tried in the chosen Python, what its failure means, and the packages that cure it.
_TRIALS = (
    (
        "import os, sysconfig; os.stat(sysconfig.get_path('include') + '/Python.h')",
        "{python} has no headers (Python.h)",
        ("{name}-dev",),
    ),
    (
        "import venv, ensurepip",
        "{python} cannot make virtual environments",
        ("{name}-venv",),
    ),
    (
        "import ctypes, os; os.getenv('MUJOCO_GL', 'egl') == 'egl' and ctypes.CDLL('libEGL.so.1')",
        "there is no GL library for off-screen rendering (libEGL)",
        RENDERING_PACKAGES,
    ),
)


def missing_parts(
    python: str, environment: Mapping[str, str]
) -> tuple[Callable[[], str], list[str]]:
    """What the environment will need from the distribution and does not find.

    Args:
        python: interpreter that the environment will be made from.
        environment: its variables.

    Returns:
        A function that says what is missing at present, and the packages to install for it.
    """
    name = Path(os.path.realpath(python)).name
    names = {"python": python, "name": name if name.startswith("python3.") else "python3"}

    def failed() -> list[tuple[str, tuple[str, ...]]]:
        return [
            (meaning, packages)
            for code, meaning, packages in _TRIALS
            if ask([python, "-c", code], environment).status
        ]

    def problem() -> str:
        return " and ".join(meaning for meaning, _ in failed()).format(**names)

    return problem, [part.format(**names) for _, packages in failed() for part in packages]


def command(packages: Sequence[str], *, as_root: bool) -> str:
    """The line that installs packages.

    Args:
        packages: their names.
        as_root: whether it will run as root.
    """
    sudo = "" if as_root else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {' '.join(packages)}"


def install(packages: Sequence[str], log: Path, environment: Mapping[str, str]) -> None:
    """Install packages of the distribution; only root may.

    Args:
        packages: their names.
        log: file for the installer's output.
        environment: its variables.
    """
    line = command(packages, as_root=True)
    shell: Command = ["sh", "-c", f"export DEBIAN_FRONTEND=noninteractive; {line}"]
    run(shell, log, environment, f"{' '.join(packages)} could not be installed; run: {line}")


def provide(
    problem: Callable[[], str],
    packages: Sequence[str],
    installer: Callable[[], None],
    *,
    may_install: bool | None = None,
) -> None:
    """Look for a problem, install what cures it if that is allowed, and look again.

    Args:
        problem: returns what is wrong in a few words, or nothing.
        packages: what cures it.
        installer: installs them.
        may_install: whether this process may; true for root on a system with apt when None.

    Raises:
        SetUpError: it may not install, or the problem stays.
    """
    if may_install is None:
        may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    found = problem()
    if found and not may_install:
        line = command(packages, as_root=os.geteuid() == 0)
        raise SetUpError(f"{found}; run: {line}")
    if found:
        installer()
        found = problem()
    if found:
        raise SetUpError(f"{found}, even with {' '.join(packages)} installed.")
