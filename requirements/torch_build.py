# SPDX-License-Identifier: Apache-2.0
"""Installs the CPU build of torch: the plain package pulls gigabytes of CUDA libraries."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks import SetUpError
from commands import Command, ask, run

WHEEL_VARIABLE = "VLA_ROS_TORCH_WHEEL"
_CUDA = re.compile(r"^(nvidia|cuda|triton)", re.IGNORECASE)
ADVICE = (
    "no CPU build of torch could be installed; check the connection, or download a wheel of the "
    f"version in requirements/torch.txt and set {WHEEL_VARIABLE} to its path."
)


def needs_cuda(report: Mapping[str, Any]) -> bool:
    """Whether pip's report is about a build that asks for CUDA libraries.

    Args:
        report: what `pip install --dry-run --no-deps --report -` printed.

    Raises:
        SetUpError: the report names no package.
    """
    try:
        metadata = report["install"][0]["metadata"]
    except (KeyError, IndexError):
        raise SetUpError(ADVICE) from None
    required = metadata.get("requires_dist", [])
    return any(_CUDA.match(name) and "extra ==" not in name for name in required)


def pinned_version(requirements: str) -> str:
    """The torch version of a requirements file.

    Args:
        requirements: text with a line `torch==X`.
    """
    found = re.search(r"^torch==(\S+)", requirements, re.MULTILINE)
    if found is None:
        raise SetUpError("requirements/torch.txt has no line `torch==X`; restore the file.")
    return found[1]


def install(root: Path, python: Path, environment: Mapping[str, str], broken: bool) -> None:
    """Install torch and what it imports, keeping a torch of the right version.

    Args:
        root: top of the checkout.
        python: interpreter of the virtual environment.
        environment: variables for pip and uv.
        broken: whether an earlier try was cut short.

    Raises:
        SetUpError: no CPU build can be had.
    """
    requirements = root / "requirements" / "torch.txt"
    version = pinned_version(requirements.read_text(encoding="utf-8"))
    logs = root / ".build" / "logs"
    if not _is_present(python, version, environment, broken):
        command = _command(python, f"torch=={version}", environment)
        run(command, logs / "torch.log", environment, ADVICE)
    _install_imports(requirements, python, logs / "torch_imports.log", environment)


def _command(python: Path, target: str, environment: Mapping[str, str]) -> Command:
    """The installation of a CPU build: a given wheel, what pip finds, or what uv knows."""
    pip: Command = [python, "-m", "pip", "install", "--no-deps", "--force-reinstall"]
    if wheel := environment.get(WHEEL_VARIABLE):
        return [*pip, Path(wheel).expanduser().absolute()]
    if not needs_cuda(_report(python, target, environment)):
        return [*pip, target]
    uv: Command = [
        python.parent / "uv",
        "pip",
        "install",
        "--python",
        python,
        "--no-deps",
        "--reinstall",
    ]
    return [*uv, "--torch-backend", "cpu", target]


def _is_present(python: Path, version: str, environment: Mapping[str, str], broken: bool) -> bool:
    code = "import torch; print(torch.__version__)"
    if broken:  # an installer writes the RECORD last: without it, files may be missing
        code += "; import importlib.metadata as m; m.distribution('torch').read_text('RECORD')[0]"
    found = ask([python, "-c", code], environment)
    return found.status == 0 and found.out.strip().split("+")[0] == version


def _report(python: Path, target: str, environment: Mapping[str, str]) -> Mapping[str, Any]:
    pip: Command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
    found = ask([*pip, "--ignore-installed", "--report", "-", target], environment)
    try:
        report: Mapping[str, Any] = json.loads(found.out)
    except ValueError:
        raise SetUpError(f"{ADVICE}\n  | {found.last_line}") from None
    return report


def _install_imports(
    requirements: Path, python: Path, log: Path, environment: Mapping[str, str]
) -> None:
    """Install the pins beside torch; torch itself is there already."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = log.parent / "torch_imports.txt"
    pins.parent.mkdir(parents=True, exist_ok=True)
    pins.write_text("\n".join(line for line in lines if not line.startswith("torch==")))
    uv: Command = [python.parent / "uv", "pip", "install", "--python", python, "--no-deps"]
    run(
        [*uv, "-r", pins],
        log,
        environment,
        "what torch imports could not be installed; check the connection.",
    )
