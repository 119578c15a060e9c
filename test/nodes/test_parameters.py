# SPDX-License-Identifier: Apache-2.0
"""Settings dataclasses as ROS parameters."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import rclpy
from rclpy.node import Node
from rclpy.parameter import Parameter

from vla_ros.core.config import setting
from vla_ros.core.exceptions import ConfigError
from vla_ros.nodes.parameters import declare_settings, read_settings

pytestmark = pytest.mark.ros


@dataclass(frozen=True)
class Settings:
    """Every kind of field."""

    limit: float = setting("a limit that must be given", unit="rad/s", low=0.0)
    rate_hz: float = setting("ticks per second", 100.0, unit="Hz", low=1.0, high=1000.0)
    count: int = setting("how many", 3, low=0)
    mode: str = setting("which way", "fast", choices=("fast", "slow"))
    gains: tuple[float, ...] = setting("gains", (1.0, 2.0))


@pytest.fixture
def make_node() -> Iterator[Callable[..., Node]]:
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=231)
    nodes = []

    def make(**values: Any) -> Node:
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        nodes.append(Node("settings_node", context=context, parameter_overrides=overrides))
        declare_settings(nodes[-1], Settings)
        return nodes[-1]

    yield make
    for node in nodes:
        node.destroy_node()
    rclpy.shutdown(context=context)


def test_defaults_and_overrides(make_node: Callable[..., Node]) -> None:
    settings = read_settings(make_node(limit=2.0, mode="slow"), Settings)
    assert settings == Settings(limit=2.0, mode="slow")


def test_a_whole_number_is_a_float_too(make_node: Callable[..., Node]) -> None:
    settings = read_settings(make_node(limit=2, rate_hz=50), Settings)
    assert (settings.limit, settings.rate_hz) == (2.0, 50.0)


def test_set_later(make_node: Callable[..., Node]) -> None:
    node = make_node(limit=1.0)
    node.set_parameters([Parameter("gains", value=[3.0])])
    assert read_settings(node, Settings).gains == (3.0,)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, r"a value for 'limit' \(a limit that must be given \[rad/s\]\).*/settings_node"),
        ({"limit": 1.0, "rate_hz": 0.5}, "from 1 to 1000 for 'rate_hz'.*got 0.5"),
        ({"limit": 1.0, "mode": "warp"}, r"one of \['fast', 'slow'\].*'warp'"),
        ({"limit": "much"}, "type float for 'limit'"),
        ({"limit": float("nan")}, "finite number"),
        ({"limit": 1.0, "gains": [1.0, float("inf")]}, "'gains'"),
    ],
)
def test_bad_values_are_refused_with_words(
    make_node: Callable[..., Node], values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        read_settings(make_node(**values), Settings)


def test_descriptions_say_unit_and_range(make_node: Callable[..., Node]) -> None:
    node = make_node()
    rate = node.describe_parameter("rate_hz")
    assert rate.description == "ticks per second [Hz]"
    assert rate.additional_constraints == "at least 1, at most 1000"
    assert node.describe_parameter("mode").additional_constraints == "one of fast, slow"
    assert node.describe_parameter("gains").additional_constraints == ""
