# SPDX-License-Identifier: Apache-2.0
"""The launch files parse, show their arguments, and resolve to the nodes of the description."""

import dataclasses
from pathlib import Path

import pytest

pytest.importorskip("launch_ros", reason="launch_ros comes with a ROS installation only")
pytestmark = pytest.mark.ros

LAUNCH = Path(__file__).resolve().parent.parent / "launch"


def described(name):
    from launch.launch_description_sources import get_launch_description_from_python_launch_file

    return get_launch_description_from_python_launch_file(str(LAUNCH / name))


def resolved(name, **arguments):
    """Names of the nodes that the launch file starts with these arguments."""
    from launch_ros.actions import Node

    from launch import LaunchContext

    context = LaunchContext()
    context.launch_configurations.update(arguments)
    waiting, names = list(described(name).entities), []
    while waiting:
        entity = waiting.pop(0)
        if isinstance(entity, Node):
            names.append(entity.node_executable)
        else:
            waiting[:0] = entity.visit(context) or []
    return names


def test_bringup_has_an_argument_per_choice():
    from vla_ros.nodes.system_description import SystemChoice

    shown = {argument.name for argument in described("bringup.launch.py").get_launch_arguments()}
    assert shown == {field.name for field in dataclasses.fields(SystemChoice)}


def test_the_demo_shows_the_arguments_of_bringup():
    shown = [argument.name for argument in described("demo.launch.py").get_launch_arguments()]
    assert "policy" in shown


@pytest.mark.parametrize(
    ("name", "arguments", "nodes"),
    [
        ("bringup.launch.py", {}, ["controller_node", "policy_node"]),
        ("bringup.launch.py", {"sim": "true"}, ["sim_node", "controller_node", "policy_node"]),
        ("demo.launch.py", {}, ["sim_node", "controller_node", "policy_node"]),
    ],
)
def test_the_nodes_of_the_description_are_started(name, arguments, nodes):
    assert resolved(name, **arguments) == nodes


def test_a_wrong_argument_is_refused_in_words():
    from vla_ros.core.exceptions import ConfigError

    with pytest.raises(ConfigError, match="'sink'.*'magic' in the launch arguments"):
        resolved("bringup.launch.py", sink="magic")
