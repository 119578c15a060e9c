# SPDX-License-Identifier: Apache-2.0
"""What execution asks of the robot at one time, before safety has looked at it."""

from dataclasses import dataclass

from vla_ros.core.arrays import FloatArray, frozen_array


@dataclass(frozen=True)
class DesiredMotion:
    """Joint and gripper targets for one controller tick.

    Attributes:
        stamp_ns: the time that the targets are for [ns, ROS time].
        positions: (J,) [rad], in the robot's joint order.
        velocities: (J,) [rad/s], slope of the targets; a feed-forward, not a limit.
        gripper_width: opening [m], or None when no live chunk says one.
        source: (session, sequence) of the newest chunk that the targets depend on.
    """

    stamp_ns: int
    positions: FloatArray
    velocities: FloatArray
    gripper_width: float | None
    source: tuple[str, int]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "positions", frozen_array(self.positions))
        object.__setattr__(self, "velocities", frozen_array(self.velocities))
