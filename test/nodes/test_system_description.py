# SPDX-License-Identifier: Apache-2.0
"""The one description of the system, and that its nodes take what it says."""

import dataclasses

import pytest

pytest.importorskip("rclpy", reason="the settings of the nodes import with ROS only")
from vla_ros.core.config import parse
from vla_ros.core.exceptions import ConfigError
from vla_ros.nodes.controller_node_settings import ControllerNodeSettings
from vla_ros.nodes.controller_settings import ControllerSettings
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.nodes.sim_settings import SimSettings
from vla_ros.nodes.system_description import SystemChoice, choice_from_text, describe_system

pytestmark = pytest.mark.ros

SETTINGS = {
    "sim_node": (SimSettings,),
    "controller_node": (ControllerNodeSettings, ControllerSettings),
    "policy_node": (PolicySettings,),
}


def described(**choice):
    return {node.name: node for node in describe_system(SystemChoice(**{"sim": True, **choice}))}


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"speed": 4.0, "overview_rate_hz": 10.0, "seed": 9},
        {"sink": "joint_trajectory", "strategy": "latest", "ablation": "mute"},
        {"sim": False, "speed": 4.0, "policy": "scripted", "checkpoint": "/a/b"},
    ],
)
def test_every_node_takes_its_parameters(choice):
    for node in describe_system(SystemChoice(**{"sim": True, **choice})):
        known = set()
        for config in SETTINGS[node.name]:
            names = {field.name for field in dataclasses.fields(config)}
            values = {k: v for k, v in node.parameters.items() if k in names}
            parse(config, values, node.name)
            known |= names
        assert set(node.parameters) <= {*known, "use_sim_time"}


def test_the_simulator_starts_first_and_only_where_it_is_asked_for():
    assert list(described()) == ["sim_node", "controller_node", "policy_node"]
    assert list(described(sim=False)) == ["controller_node", "policy_node"]


def test_only_the_policy_may_end_alone():
    assert {name: node.critical for name, node in described().items()} == {
        "sim_node": True,
        "controller_node": True,
        "policy_node": False,
    }


@pytest.mark.parametrize(
    ("choice", "simulated"), [({}, False), ({"speed": 3.0}, True), ({"sim": False}, False)]
)
def test_simulated_time_is_used_by_all_or_none(choice, simulated):
    nodes = described(**choice)
    for name in ("controller_node", "policy_node"):
        assert nodes[name].parameters["use_sim_time"] is simulated
    if "sim_node" in nodes:
        assert nodes["sim_node"].parameters["publish_clock"] is simulated


def test_a_robot_never_runs_on_simulated_time():
    nodes = described(sim=False, speed=3.0)
    assert not any(node.parameters["use_sim_time"] for node in nodes.values())


def test_one_seed_for_scene_and_noise():
    nodes = described(seed=5)
    assert nodes["sim_node"].parameters["seed"] == nodes["policy_node"].parameters["seed"] == 5


def test_choices_come_as_words():
    texts = {"sim": "false", "speed": "2", "seed": "7", "policy": "scripted", "checkpoint": "1e3"}
    expected = SystemChoice(sim=False, speed=2.0, seed=7, policy="scripted", checkpoint="1e3")
    assert choice_from_text(texts) == expected
    assert choice_from_text({}) == SystemChoice()


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"polcy": "a"}, "'polcy' in the launch arguments"),
        ({"sim": "maybe"}, "type bool for 'sim'.*'maybe' in the launch arguments"),
        ({"seed": "1.5"}, "type int for 'seed'"),
        ({"speed": "50"}, "from 0.1 to 20 for 'speed'"),
        ({"sink": "magic"}, r"one of \['forward_position', 'joint_trajectory'\] for 'sink'"),
        ({"speed": ""}, "type float for 'speed'.*None"),
    ],
)
def test_words_that_are_no_choice_are_refused(texts, words):
    with pytest.raises(ConfigError, match=words):
        choice_from_text(texts)
