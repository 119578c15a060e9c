# SPDX-License-Identifier: Apache-2.0
"""What the machine must have, and the one sentence that says so when it has not."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Which = Callable[[str], str | None]

NEEDED_GB = 5.0  # environment 2.2, caches of the installers 1.4 (linked or copied), unpacking
_OLDEST_GLIBC = (2, 28)
_PYTHONS = ("python3.12", "python3.11", "python3.10", "python3.13")


class SetUpError(Exception):
    """Set-up cannot go on; the message is one sentence for the person at the keyboard."""


def check_platform(
    system: str | None = None,
    machine: str | None = None,
    libc: tuple[str, str] | None = None,
) -> None:
    """Refuse platforms for which no wheels exist.

    Args:
        system: name of the operating system; this one when None.
        machine: processor architecture; this one when None.
        libc: name and version of the C library; this one when None.

    Raises:
        SetUpError: not Linux, not x86-64, or no glibc >= 2.28.
    """
    system, machine = system or platform.system(), machine or platform.machine()
    if (system, machine) != ("Linux", "x86_64"):
        raise SetUpError(
            f"this is {system} on {machine}, and the packages exist for Linux on x86-64 only; "
            "use such a machine, a virtual one or a container."
        )
    name, version = libc or platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name != "glibc" or numbers < _OLDEST_GLIBC:
        raise SetUpError(
            f"the C library is {name or 'not glibc'} {version}, and glibc 2.28 or later is "
            "needed; use Debian 12, Ubuntu 22.04 or a later one."
        )


def check_compiler(which: Which = shutil.which) -> None:
    """Refuse to begin an interface build that cannot end.

    Raises:
        SetUpError: no C++ compiler, cmake or make.
    """
    missing = [
        name
        for name, found in (
            ("a C++ compiler", which("c++") or which("g++") or which("clang++")),
            ("a C compiler", which("cc") or which("gcc") or which("clang")),
            ("cmake", which("cmake")),
            ("make", which("make")),
        )
        if not found
    ]
    if missing:
        raise SetUpError(
            f"{' and '.join(missing)} not found, which the interface build needs; "
            "run: apt-get install g++ cmake make"
        )


def check_disk(root: Path, free_gb: float | None = None) -> None:
    """Refuse to fill a disk.

    Args:
        root: folder in which the environment will stand.
        free_gb: free space; measured when None.

    Raises:
        SetUpError: less free space than the environment takes.
    """
    if free_gb is None:
        free_gb = shutil.disk_usage(root).free / 1e9
    if free_gb < NEEDED_GB:
        raise SetUpError(
            f"{free_gb:.1f} GB are free on the disk of {root}, and the set-up needs "
            f"{NEEDED_GB:.0f} GB; free some space, or move the checkout to another disk."
        )


def choose_python(
    running: tuple[int, int] = sys.version_info[:2], which: Which = shutil.which
) -> str:
    """Choose the interpreter that the environment is made from.

    Args:
        running: version of the interpreter that runs this script.
        which: finds a program on PATH.

    Returns:
        Path of a Python 3.10 to 3.13, for which all wheels exist.

    Raises:
        SetUpError: there is none.
    """
    if (3, 10) <= running <= (3, 13):
        return str(getattr(sys, "_base_executable", sys.executable))  # outside any environment
    for name in _PYTHONS:
        if (found := which(name)) and _runs(found):
            return found
    raise SetUpError(
        f"Python {running[0]}.{running[1]} has no wheels of all packages, and none of "
        f"{', '.join(_PYTHONS)} is on PATH; install one of them."
    )


def _runs(python: str) -> bool:
    """Whether a program starts: a version manager may only pretend to have one."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def choose_ros_python(candidates: tuple[str, ...] = ("/usr/bin/python3", sys.executable)) -> str:
    """Choose the interpreter that the sourced ROS install was built for.

    Args:
        candidates: interpreters to try, in order.

    Returns:
        The first that imports rclpy.

    Raises:
        SetUpError: none does.
    """
    for python in candidates:
        tried = subprocess.run([python, "-c", "import rclpy"], capture_output=True, check=False)
        if tried.returncode == 0:
            return python
    raise SetUpError(
        f"ROS_DISTRO is set and rclpy does not import in {' or '.join(candidates)}; source the "
        "distribution's setup.bash again, or unset ROS_DISTRO to use the ROS packages from wheels."
    )
