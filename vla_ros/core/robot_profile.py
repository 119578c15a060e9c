# SPDX-License-Identifier: Apache-2.0
"""What the stack must know about one robot; read from `config/robots/*.yaml`."""

from dataclasses import dataclass

from vla_ros.core.config import setting
from vla_ros.core.exceptions import ConfigError


@dataclass(frozen=True)
class RobotProfile:
    """Names, description and limits of a robot. Limits have no defaults.

    All per-joint lists are in the order of `joint_names`.
    """

    name: str = setting("name of the robot, also its hardware id in diagnostics")
    urdf: str = setting("robot description: a file path, or one inside this package")
    joint_names: tuple[str, ...] = setting("joints that the policy moves, in command order")
    base_frame: str = setting("link in which workspace and poses are written")
    tool_frame: str = setting("link whose origin the workspace box keeps inside")
    gripper_joint: str = setting("joint whose position is half of the opening width")
    gripper_closed_width: float = setting("opening when closed", unit="m", low=0.0)
    gripper_open_width: float = setting("opening when open", unit="m", low=0.0)
    home_positions: tuple[float, ...] = setting("rest posture", unit="rad")
    position_lower: tuple[float, ...] = setting("lowest joint position commanded", unit="rad")
    position_upper: tuple[float, ...] = setting("highest joint position commanded", unit="rad")
    max_velocity: tuple[float, ...] = setting("largest joint speed", unit="rad/s", low=1e-6)
    max_acceleration: tuple[float, ...] = setting(
        "largest joint acceleration", unit="rad/s^2", low=1e-6
    )
    workspace_lower: tuple[float, ...] = setting("lowest tool x, y, z in base_frame", unit="m")
    workspace_upper: tuple[float, ...] = setting("highest tool x, y, z in base_frame", unit="m")

    def __post_init__(self) -> None:
        """Refuse lists of the wrong length and inverted bounds.

        Raises:
            ConfigError: names the list, and the joint or axis.
        """
        for name in ("home_positions", "position_lower", "position_upper"):
            self._check_length(name, len(self.joint_names))
        for name in ("max_velocity", "max_acceleration"):
            self._check_length(name, len(self.joint_names))
        for name in ("workspace_lower", "workspace_upper"):
            self._check_length(name, 3)
        self._check_order("position", self.joint_names)
        self._check_order("workspace", ("x", "y", "z"))
        self._check_home()
        if self.gripper_closed_width >= self.gripper_open_width:
            raise ConfigError(
                "gripper_closed_width < gripper_open_width",
                f"{self.gripper_closed_width} and {self.gripper_open_width}",
                f"Correct the gripper of robot '{self.name}'.",
            )

    def _check_home(self) -> None:
        lowers, uppers = self.position_lower, self.position_upper
        for name, home, lower, upper in zip(
            self.joint_names, self.home_positions, lowers, uppers, strict=True
        ):
            if not lower <= home <= upper:
                raise ConfigError(
                    f"home_positions of '{name}' from {lower} to {upper} rad",
                    f"{home}",
                    f"Correct the home posture of robot '{self.name}'.",
                )

    def _check_length(self, name: str, length: int) -> None:
        values = getattr(self, name)
        if len(values) != length:
            raise ConfigError(
                f"{length} numbers in '{name}' of robot '{self.name}'",
                f"{len(values)}",
                "Give one per joint, in the order of joint_names (workspace: x, y, z).",
            )

    def _check_order(self, bound: str, axes: tuple[str, ...]) -> None:
        lowers, uppers = getattr(self, f"{bound}_lower"), getattr(self, f"{bound}_upper")
        for axis, lower, upper in zip(axes, lowers, uppers, strict=True):
            if lower >= upper:
                raise ConfigError(
                    f"{bound}_lower < {bound}_upper for '{axis}' of robot '{self.name}'",
                    f"{lower} and {upper}",
                    "Swap or widen the two.",
                )
