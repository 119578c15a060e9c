# SPDX-License-Identifier: Apache-2.0
"""`parse`: every way in which a value may not fit, and the words that say so."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.config import parse, setting
from vla_ros.core.exceptions import ConfigError


@dataclass(frozen=True)
class Pump:
    """A settings class with a field of every type."""

    pressure: float = setting("of the water", unit="bar", low=0.0, high=9.0)
    names: tuple[str, ...] = setting("of the valves", ("a",))
    limits: tuple[float, ...] = setting("of the valves", (1.0,), low=0.0)
    count: int = setting("of strokes", 3, low=1)
    wet: bool = setting("with water", True)
    mode: str = setting("of work", "slow", choices=("slow", "fast"))


def pump(**values):
    return parse(Pump, {"pressure": 1.0, **values}, "pump.yaml")


def test_defaults_and_values():
    assert pump() == Pump(1.0, ("a",), (1.0,), 3, True, "slow")
    parsed = pump(names=["x", "y"], limits=[1, 2.5], count=7, wet=False, mode="fast")
    assert parsed == Pump(1.0, ("x", "y"), (1.0, 2.5), 7, False, "fast")
    assert isinstance(parsed.limits[0], float)


@given(st.integers(0, 9))
def test_whole_numbers_are_floats_too(number):
    parsed = pump(pressure=number)
    assert isinstance(parsed.pressure, float)
    assert parsed.pressure == number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"presure": 1}, r"settings \['count'.*'presure' in pump.yaml. Did you mean 'pressure'"),
        ({"count": 1.5}, r"type int for 'count' \(of strokes\); got 1.5 in pump.yaml"),
        ({"count": True}, "type int for 'count'.*got True"),
        ({"pressure": True}, "type float for 'pressure'.*got True"),
        ({"pressure": "high"}, r"type float for 'pressure' \(of the water \[bar\]\); got 'high'"),
        ({"pressure": None}, "type float for 'pressure'.*got None"),
        ({"pressure": 9.5}, "finite number from 0 to 9 for 'pressure'.*got 9.5"),
        ({"pressure": -1}, "finite number from 0 to 9.*got -1.0"),
        ({"pressure": float("nan")}, "a finite number.*got nan.*Correct 'pressure'"),
        ({"count": 0}, "finite number from 1 up for 'count'.*got 0"),
        ({"wet": 1}, "type bool for 'wet'.*got 1"),
        ({"mode": "medium"}, r"one of \['slow', 'fast'\] for 'mode'.*got 'medium'"),
        ({"names": "a"}, "a list for 'names'.*got 'a'"),
        ({"names": [1]}, "type str for 'names'.*got 1"),
        ({"limits": 1.0}, "a list for 'limits'.*got 1.0"),
        ({"limits": [1.0, "b"]}, "type float for 'limits'.*got 'b'"),
        ({"limits": [1.0, float("inf")]}, "a finite number.*got inf"),
        ({"limits": [-1.0]}, "from 0 up for 'limits'.*got -1.0"),
    ],
)
def test_what_does_not_fit_is_refused(values, words):
    with pytest.raises(ConfigError, match=words):
        pump(**values)


def test_a_setting_without_default_must_be_given():
    words = r"a value for 'pressure' \(of the water \[bar\]\); got none in pump.yaml.*no default"
    with pytest.raises(ConfigError, match=words):
        parse(Pump, {}, "pump.yaml")


def test_an_error_carries_its_parts():
    with pytest.raises(ConfigError) as caught:
        pump(count="many")
    error = caught.value
    assert str(error) == f"expected {error.expected}; got {error.got}. {error.remedy}"
    assert error.got == "'many' in pump.yaml"
