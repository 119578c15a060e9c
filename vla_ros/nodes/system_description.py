# SPDX-License-Identifier: Apache-2.0
"""The one description of the system: which nodes run, with which parameters.

The launch files and `python -m vla_ros demo|up` both read it, so that they cannot drift apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from vla_ros.core.config import parse, setting
from vla_ros.nodes.controller_node_settings import ControllerNodeSettings
from vla_ros.nodes.controller_settings import ControllerSettings
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.nodes.profile_files import load_profile

ParameterValue = bool | int | float | str


@dataclass(frozen=True)
class SystemChoice:
    """What the user chooses."""

    robot: str = setting(
        "robot profile: a name of config/robots, or the path of a YAML", "demo_arm"
    )
    policy: str = setting("policy family", PolicySettings.policy)
    checkpoint: str = setting("weights of the policy; empty: those that come with it", "")
    sim: bool = setting("start the built-in simulator in place of a robot", False)
    sink: str = setting(
        "which ros2_control controller is commanded",
        ControllerNodeSettings.sink,
        choices=("forward_position", "joint_trajectory"),
    )
    strategy: str = setting(
        "how overlapping chunks are combined",
        ControllerSettings.strategy,
        choices=("ensemble", "latest"),
    )
    ablation: str = setting(
        "hide an input from the policy, to show that it uses it",
        "none",
        choices=("none", "blackout", "mute"),
    )
    seed: int = setting("of the scene and of the policy's noise", 0, low=0)
    speed: float = setting(
        "simulated seconds per second; other than 1 runs on simulated time",
        1.0,
        low=0.1,
        high=20.0,
    )
    overview_rate_hz: float = setting("rate of the simulator's camera for people; 0: off", 0.0)


@dataclass(frozen=True)
class NodeDescription:
    """One process.

    Attributes:
        name: node name, and name of its executable and of its module in `vla_ros.nodes`.
        parameters: name -> value.
        critical: whether all must end with it; without a policy the controller holds the arm.
    """

    name: str
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    critical: bool = True


def describe_system(choice: SystemChoice) -> tuple[NodeDescription, ...]:
    """The nodes of a choice, in the order in which they start."""
    simulated_time = choice.sim and choice.speed != 1.0
    common: dict[str, ParameterValue] = {"use_sim_time": simulated_time}
    controller = NodeDescription(
        "controller_node",
        {
            **common,
            "robot": choice.robot,
            "sink": choice.sink,
            "strategy": choice.strategy,
            # a hiccup of one second, in the seconds that the controller counts in
            **({"max_clock_jump_s": choice.speed} if simulated_time else {}),
        },
    )
    policy = NodeDescription(
        "policy_node",
        {
            **common,
            "policy": choice.policy,
            "base_frame": load_profile(choice.robot).base_frame,
            "checkpoint": choice.checkpoint,
            "ablation": choice.ablation,
            "seed": choice.seed,
        },
        critical=False,
    )
    sim = NodeDescription(
        "sim_node",
        {
            "seed": choice.seed,
            "real_time_factor": choice.speed,
            "publish_clock": simulated_time,
            "overview_rate_hz": choice.overview_rate_hz,
        },
    )
    return (sim, controller, policy) if choice.sim else (controller, policy)


def choice_from_text(texts: Mapping[str, str]) -> SystemChoice:
    """Read a choice from words, as launch arguments give them.

    Args:
        texts: name -> value, written as YAML scalars.

    Raises:
        ConfigError: an unknown name, a wrong type, a value out of range.
    """
    defaults = vars(SystemChoice())
    values: dict[str, Any] = {}
    for name, text in texts.items():
        is_text = isinstance(defaults.get(name), str)
        values[name] = text if is_text else yaml.safe_load(text)
    return parse(SystemChoice, values, "the launch arguments")
