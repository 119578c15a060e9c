# SPDX-License-Identifier: Apache-2.0
"""Settings dataclasses as ROS parameters: declared from the fields, read back through `parse`."""

import dataclasses
import math
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.parameter import Parameter

from vla_ros.core.config import parse

if TYPE_CHECKING:
    from rclpy.node import Node

Config = TypeVar("Config")


def declare_settings(node: "Node", config: type) -> None:
    """Declare every field of a settings dataclass as a parameter of the same name.

    Types stay dynamic, so that `rate_hz:=100` may be given for a float; `read_settings` checks
    them. A field without a default stays unset until somebody sets it.

    Args:
        node: its parameters are declared.
        config: dataclass whose fields were made by `core.config.setting`.
    """
    for field in dataclasses.fields(config):
        missing = field.default is dataclasses.MISSING
        value = None if missing else field.default
        node.declare_parameter(
            field.name, list(value) if isinstance(value, tuple) else value, _descriptor(field)
        )


def read_settings(node: "Node", config: type[Config]) -> Config:
    """Read the parameters that `declare_settings` declared.

    Raises:
        ConfigError: a required one is not set, a wrong type, a value out of range.
    """
    fields = dataclasses.fields(typing.cast("Any", config))
    parameters = [node.get_parameter(field.name) for field in fields]
    values = {
        parameter.name: parameter.value
        for parameter in parameters
        if parameter.type_ is not Parameter.Type.NOT_SET
    }
    return parse(config, values, f"the parameters of {node.get_fully_qualified_name()}")


def _descriptor(field: "dataclasses.Field[Any]") -> ParameterDescriptor:
    unit = f" [{field.metadata['unit']}]" if field.metadata["unit"] else ""
    return ParameterDescriptor(
        description=f"{field.metadata['description']}{unit}",
        additional_constraints=_constraints(field),
        dynamic_typing=True,
    )


def _constraints(field: "dataclasses.Field[Any]") -> str:
    # In words, not as rcl ranges: an override that breaks those ends the process by a traceback.
    low, high, choices = (field.metadata[key] for key in ("low", "high", "choices"))
    if choices:
        return f"one of {', '.join(choices)}"
    bounds = [f"at least {low:g}"] if math.isfinite(low) else []
    bounds += [f"at most {high:g}"] if math.isfinite(high) else []
    return ", ".join(bounds)
