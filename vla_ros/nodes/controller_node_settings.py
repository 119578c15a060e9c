# SPDX-License-Identifier: Apache-2.0
"""Parameters of the controller node beside those of its motion controller."""

from dataclasses import dataclass

from vla_ros.core.config import setting


@dataclass(frozen=True)
class ControllerNodeSettings:
    """Which robot is commanded, and over which topic."""

    robot: str = setting("robot profile: a name of config/robots, or the path of a YAML file")
    sink: str = setting(
        "form of the commands",
        "forward_position",
        choices=("forward_position", "joint_trajectory"),
    )
    look_ahead_s: float = setting(
        "time to the first point of a joint trajectory; several periods, so that a late tick "
        "finds the robot still moving",
        0.05,
        unit="s",
        low=1e-3,
        high=1.0,
    )
