# SPDX-License-Identifier: Apache-2.0
"""Settings as frozen dataclasses: one home for each default, its unit and its range.

A field made by `setting` carries what the docs, the ROS parameter and the validation need. A field
without a default must be given: limits have no silent default.
"""

import dataclasses
import difflib
import math
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from vla_ros.core.exceptions import ConfigError

Config = TypeVar("Config")


def setting(
    description: str,
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one field of a settings dataclass.

    Args:
        description: one sentence for the parameter's documentation.
        default: value when not given; without one the setting is required.
        unit: unit of the number or numbers.
        low: smallest value allowed.
        high: largest value allowed.
        choices: the only strings allowed.

    Returns:
        A dataclass field.
    """
    metadata = {
        "description": description,
        "unit": unit,
        "low": low,
        "high": high,
        "choices": choices,
    }
    return dataclasses.field(default=default, metadata=metadata)


def parse(config: type[Config], values: Mapping[str, Any], source: str) -> Config:
    """Build a settings dataclass from a mapping, refusing whatever does not fit.

    Args:
        config: dataclass whose fields were made by `setting`.
        values: name -> value, as YAML or ROS parameters give them.
        source: file or node that the values come from, for the message.

    Raises:
        ConfigError: an unknown or missing name, a wrong type, a value out of range.
    """
    fields = {field.name: field for field in dataclasses.fields(typing.cast("Any", config))}
    for name in values:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else "Check the spelling."
            raise ConfigError(f"settings {sorted(fields)}", f"'{name}' in {source}", hint)
    types = typing.get_type_hints(config)
    given = {}
    for name, field in fields.items():
        if name in values:
            given[name] = _checked(values[name], types[name], field, source)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise ConfigError(
                f"a value for '{name}' ({_described(field)})",
                f"none in {source}",
                "Add it; there is no default on purpose.",
            )
    return config(**given)


def _described(field: "dataclasses.Field[Any]") -> str:
    unit = f" [{field.metadata['unit']}]" if field.metadata.get("unit") else ""
    return f"{field.metadata.get('description', field.name)}{unit}"


def _checked(value: Any, kind: Any, field: "dataclasses.Field[Any]", source: str) -> Any:
    if typing.get_origin(kind) is tuple:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            _refuse("a list", value, field, source)
        return tuple(_scalar(item, typing.get_args(kind)[0], field, source) for item in value)
    return _scalar(value, kind, field, source)


def _scalar(value: Any, kind: type, field: "dataclasses.Field[Any]", source: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        _refuse(f"a value of type {kind.__name__}", value, field, source)
    low, high = field.metadata.get("low", -math.inf), field.metadata.get("high", math.inf)
    if isinstance(value, int | float) and not (low <= value <= high and math.isfinite(value)):
        _refuse(f"a finite number {_range(low, high)}".rstrip(), value, field, source)
    choices = field.metadata.get("choices", ())
    if choices and value not in choices:
        _refuse(f"one of {list(choices)}", value, field, source)
    return value


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return "" if math.isinf(low) else f"from {low:g} up"
    return f"up to {high:g}" if math.isinf(low) else f"from {low:g} to {high:g}"


def _refuse(expected: str, value: Any, field: "dataclasses.Field[Any]", source: str) -> None:
    raise ConfigError(
        f"{expected} for '{field.name}' ({_described(field)})",
        f"{value!r} in {source}",
        f"Correct '{field.name}'.",
    )
