# SPDX-License-Identifier: Apache-2.0
"""Policies by name."""

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from vla_ros.core.exceptions import ConfigError, DependencyError
from vla_ros.policies import registry
from vla_ros.policies.registry import load_policy, registered_policies
from vla_ros.policies.scripted_policy import ScriptedPolicy


def test_known_name() -> None:
    assert isinstance(load_policy("scripted"), ScriptedPolicy)


def test_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"'embedded', .*'scripted'.*got 'pi9'"):
        load_policy("pi9")


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "lost", "no_such_library.policy:load")
    with pytest.raises(DependencyError, match="no_such_library"):
        load_policy("lost")


def test_third_party_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("third_party_policy")
    given = []
    module.load = lambda checkpoint, seed: given.append((checkpoint, seed)) or ScriptedPolicy()
    monkeypatch.setitem(sys.modules, "third_party_policy", module)
    entry = EntryPoint("mine", "third_party_policy:load", registry.ENTRY_POINT_GROUP)
    clash = EntryPoint("scripted", "third_party_policy:load", "")
    monkeypatch.setattr(registry, "entry_points", lambda group: (entry, clash))
    load_policy("mine", "weights", 3)
    assert given == [("weights", 3)]
    assert registered_policies()["scripted"] == registry.BUILT_IN["scripted"]


def test_entry_point_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUILT_IN, "broken", "vla_ros.policies.scripted_policy:nothing")
    with pytest.raises(ConfigError, match="a module without 'nothing'"):
        load_policy("broken")
