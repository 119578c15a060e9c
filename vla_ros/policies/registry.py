# SPDX-License-Identifier: Apache-2.0
"""Policies by name. A family's libraries are imported only when one of its policies is loaded.

Other packages add families by an entry point of the group `vla_ros.policies`, for example in
their `pyproject.toml`:

    [project.entry-points."vla_ros.policies"]
    my_family = "my_package.my_policy:load"
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points

from vla_ros.core.exceptions import ConfigError, DependencyError
from vla_ros.policies.policy import Policy

PolicyFactory = Callable[[str | None, int], Policy]
"""Takes the checkpoint (a path; None: the family's own weights) and the seed of the noise."""

ENTRY_POINT_GROUP = "vla_ros.policies"
BUILT_IN = {
    "embedded": "vla_ros.policies.embedded.policy:load",
    "scripted": "vla_ros.policies.scripted_policy:load",
}


def registered_policies() -> Mapping[str, str]:
    """Every name with its factory as `module:function`; nobody can take a built-in name."""
    third_party = {entry.name: entry.value for entry in entry_points(group=ENTRY_POINT_GROUP)}
    return third_party | BUILT_IN


def load_policy(name: str, checkpoint: str | None = None, seed: int = 0) -> Policy:
    """Load a policy by its registered name.

    Args:
        name: one of `registered_policies`.
        checkpoint: path of the weights; None for the family's own.
        seed: seed of the policy's noise.

    Raises:
        ConfigError: no policy of that name, or its entry point names nothing.
        DependencyError: a library that it needs is not installed.
    """
    known = registered_policies()
    if name not in known:
        raise ConfigError(
            f"a policy out of {sorted(known)}",
            f"'{name}'",
            f"Correct the name, or install the package whose '{ENTRY_POINT_GROUP}' has it.",
        )
    return _factory(name, known[name])(checkpoint, seed)


def _factory(name: str, target: str) -> PolicyFactory:
    module, _, function = target.partition(":")
    try:
        factory: PolicyFactory = getattr(import_module(module), function)
    except AttributeError as error:
        raise ConfigError(
            f"a factory for the policy '{name}' at {target}",
            f"a module without '{function}'",
            "Correct the entry point of the package that registers it.",
        ) from error
    except ImportError as error:
        raise DependencyError(
            f"the libraries of the policy '{name}' ({module})",
            f"{error}",
            "Install the requirements of that policy in the environment of this process.",
        ) from error
    return factory
