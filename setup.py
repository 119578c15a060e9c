# SPDX-License-Identifier: Apache-2.0
"""The same Python package for machines and processes without ROS; with ROS, colcon installs it."""

import re
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
TORCH = "torch>=2.6"
SHARED = ("config", "docs", "launch", "urdf")  # go to share/vla_ros, as colcon puts them


def requirements(purpose: str) -> list[str]:
    """Read the direct requirements of a purpose, without comments."""
    lines = (ROOT / "requirements" / f"{purpose}.in").read_text(encoding="utf-8").splitlines()
    return sorted({re.split(r"\s*#", line)[0] for line in lines} - {""})


def shared_files() -> list[tuple[str, list[str]]]:
    """List the files of share/vla_ros, folder by folder."""
    found: dict[str, list[str]] = {}
    for top in SHARED:
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                relative = path.relative_to(ROOT)
                target = f"share/vla_ros/{relative.parent.as_posix()}"
                found.setdefault(target, []).append(relative.as_posix())
    return list(found.items())


setup(
    name="vla_ros",
    version="0.1.0",
    description="Vision-language-action policies on ROS 2 robots",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=["vla_ros", "vla_ros.*"]),
    package_data={"vla_ros": ["**/*.safetensors", "**/*.json", "**/*.txt"]},
    data_files=shared_files(),
    install_requires=["numpy>=1.26", "pyyaml", "transforms3d"],
    extras_require={
        # What each part of the package imports. torch comes as a CUDA build unless the installer
        # is told otherwise (`uv pip install --torch-backend cpu`).
        "demo": [*requirements("demo"), TORCH],
        "train": [*requirements("demo"), TORCH],
        "serve": [TORCH, "safetensors", "opencv-python-headless"],
        "dev": requirements("test"),
    },
)
