# SPDX-License-Identifier: Apache-2.0
"""Robot profiles from YAML, and the robot descriptions that they name."""

from pathlib import Path
from typing import Any

import yaml

from vla_ros.core.config import parse
from vla_ros.core.exceptions import ConfigError
from vla_ros.core.resources import resource_path
from vla_ros.core.robot_profile import RobotProfile


def load_profile(robot: str) -> RobotProfile:
    """Read a robot profile.

    Args:
        robot: a name, for `config/robots/<name>.yaml` of this package, or the path of a YAML file.

    Raises:
        ConfigError: no such file, no YAML (with file and line), or a profile that is not valid.
    """
    path = Path(robot) if _is_path(robot) else resource_path(f"config/robots/{robot}.yaml")
    return parse(RobotProfile, _mapping(path, _read(path)), str(path))


def load_robot_description(profile: RobotProfile) -> str:
    """Read the URDF that a profile names, a path or a file of this package.

    Raises:
        ConfigError: there is no such file.
    """
    path = Path(profile.urdf)
    return _read(path if path.is_absolute() else resource_path(profile.urdf))


def _is_path(robot: str) -> bool:
    return "/" in robot or robot.endswith((".yaml", ".yml"))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the file {path}", f"{error.strerror}", "Correct the path of the robot profile."
        ) from error


def _mapping(path: Path, text: str) -> dict[str, Any]:
    try:
        tree = yaml.compose(text, yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else f"{path}"
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError(f"YAML in {place}", problem, "Correct that line.") from error
    if not isinstance(tree, yaml.MappingNode):
        raise ConfigError(
            f"`name: value` lines in {path}", "none", "See config/robots/demo_arm.yaml."
        )
    _check_unique(path, tree)
    return dict(values)


def _check_unique(path: Path, tree: yaml.MappingNode) -> None:
    # YAML readers silently keep the last of two equal keys: a limit would be changed unseen.
    lines: dict[str, int] = {}
    for key, _ in tree.value:
        line = key.start_mark.line + 1
        if key.value in lines:
            raise ConfigError(
                f"'{key.value}' once in {path}",
                f"it on lines {lines[key.value]} and {line}",
                "Delete one of the two.",
            )
        lines[key.value] = line
