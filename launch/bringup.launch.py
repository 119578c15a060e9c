# SPDX-License-Identifier: Apache-2.0
"""Controller and policy for a robot, or with sim:=true for the built-in simulator.

ros2 launch vla_ros bringup.launch.py robot:=demo_arm policy:=embedded sim:=true
"""

import dataclasses

from launch.action import Action
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchContext, LaunchDescription
from vla_ros.nodes.dds_environment import dds_environment
from vla_ros.nodes.system_description import SystemChoice, choice_from_text, describe_system

# On a robot the user chooses domain and discovery; only what keeps images from being lost is set.
_KEPT_FROM_USER = ("ROS_AUTOMATIC_DISCOVERY_RANGE", "ROS_DOMAIN_ID", "RMW_IMPLEMENTATION")


def generate_launch_description() -> LaunchDescription:
    """Declare one argument per field of `SystemChoice`, and start what they describe."""
    fields = dataclasses.fields(SystemChoice)
    arguments = [
        DeclareLaunchArgument(
            field.name,
            default_value=str(field.default),
            description=field.metadata["description"],
        )
        for field in fields
    ]
    arguments.append(
        DeclareLaunchArgument(
            "params_file",
            default_value="",
            description="YAML with further parameters of the nodes, such as chunk_timeout_s",
        )
    )
    variables = {k: v for k, v in dds_environment().items() if k not in _KEPT_FROM_USER}
    environment = [SetEnvironmentVariable(name, value) for name, value in variables.items()]
    return LaunchDescription([*arguments, *environment, OpaqueFunction(function=_start)])


def _start(context: LaunchContext) -> list[Action]:
    """Read the arguments, describe the system, make a launch action of each node."""
    names = [field.name for field in dataclasses.fields(SystemChoice)]
    texts = {name: LaunchConfiguration(name).perform(context) for name in names}
    params_file = LaunchConfiguration("params_file").perform(context)
    return [
        Node(
            package="vla_ros",
            executable=node.name,
            name=node.name,
            parameters=[node.parameters, *([params_file] if params_file else [])],
            output="screen",
            # without a policy the controller holds the arm; without a controller all must end
            respawn=not node.critical,
            respawn_delay=2.0,
            on_exit=Shutdown(reason=f"{node.name} ended") if node.critical else None,
        )
        for node in describe_system(choice_from_text(texts))
    ]
