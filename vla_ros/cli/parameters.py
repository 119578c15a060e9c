# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros parameters`: every parameter as Markdown, from the settings dataclasses."""

import argparse
import dataclasses
import math
import typing

from vla_ros.cli.console import say
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.nodes.controller_node_settings import ControllerNodeSettings
from vla_ros.nodes.controller_settings import ControllerSettings
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.nodes.sim_settings import SimSettings
from vla_ros.nodes.system_description import SystemChoice

SECTIONS = {
    "policy_node": (PolicySettings,),
    "controller_node": (ControllerNodeSettings, ControllerSettings),
    "sim_node": (SimSettings,),
    "Robot profile (config/robots/*.yaml)": (RobotProfile,),
    "Arguments of bringup.launch.py": (SystemChoice,),
}
_INTRODUCTION = """# Parameters

Made by `python -m vla_ros parameters`. Every node also takes `autostart` (true: it configures
and activates itself) and `use_sim_time`. A value of another type or out of range is refused at
configure time with a message that names it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are no options."""


def run(options: argparse.Namespace) -> int:
    """Print the page."""
    say(page().rstrip())
    return 0


def page() -> str:
    """The Markdown page."""
    parts = [_INTRODUCTION]
    for title, configs in SECTIONS.items():
        rows = [row for config in configs for row in _rows(config)]
        head = "| name | type | default | what it is |\n|---|---|---|---|\n"
        parts.append(f"## {title}\n\n{head}" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _rows(config: type) -> list[str]:
    types = typing.get_type_hints(config)
    return [_row(field, types[field.name]) for field in dataclasses.fields(config)]


def _row(field: "dataclasses.Field[typing.Any]", kind: typing.Any) -> str:
    many = typing.get_origin(kind) is tuple
    name = f"list of {typing.get_args(kind)[0].__name__}" if many else kind.__name__
    required = field.default is dataclasses.MISSING
    default = "required" if required else f"`{field.default!r}`".replace("'", '"')
    unit = f" [{field.metadata['unit']}]" if field.metadata["unit"] else ""
    text = f"{field.metadata['description']}{unit}{_range(field)}"
    return f"| `{field.name}` | {name} | {default} | {text} |"


def _range(field: "dataclasses.Field[typing.Any]") -> str:
    if field.metadata["choices"]:
        return "; one of " + ", ".join(f"`{choice}`" for choice in field.metadata["choices"])
    low, high = field.metadata["low"], field.metadata["high"]
    if math.isfinite(low) and math.isfinite(high):
        return f"; {low:g} to {high:g}"
    if math.isfinite(low):
        return f"; at least {low:g}"
    return f"; at most {high:g}" if math.isfinite(high) else ""
