# SPDX-License-Identifier: Apache-2.0
"""The demo's system under launch: simulator, controller, embedded policy.

ros2 launch vla_ros demo.launch.py
ros2 topic pub --once /instruction std_msgs/msg/String "{data: pick up the red cube}"
"""

from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution, ThisLaunchFileDir

from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Include bringup with the simulator in place of a robot."""
    bringup = PathJoinSubstitution([ThisLaunchFileDir(), "bringup.launch.py"])
    arguments = {"sim": "true", "overview_rate_hz": "10.0"}
    return LaunchDescription(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(bringup), launch_arguments=arguments.items()
            )
        ]
    )
