# SPDX-License-Identifier: Apache-2.0
"""The only type that a command sink accepts; only the safety pipeline makes one."""

from dataclasses import InitVar, dataclass

from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import SafetyError

_PIPELINE_ONLY = object()


@dataclass(frozen=True)
class SafeCommand:
    """A command that has passed every limit.

    Attributes:
        stamp_ns: time that the command is for [ns, ROS time].
        joint_names: (J) order of the arrays.
        positions: (J,) [rad].
        velocities: (J,) [rad/s], of the tick that ends at `positions`.
        gripper_width: opening [m]; None before any was asked for.
        token: proof that the pipeline makes it; not kept.
    """

    stamp_ns: int
    joint_names: tuple[str, ...]
    positions: FloatArray
    velocities: FloatArray
    gripper_width: float | None
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        """Freeze the arrays and refuse whoever is not the pipeline.

        Raises:
            SafetyError: the token is another one.
        """
        if token is not _PIPELINE_ONLY:
            raise SafetyError(
                "a SafeCommand made by SafetyPipeline",
                "one made elsewhere",
                "Send the motion through SafetyPipeline.step; nothing may pass beside it.",
            )
        object.__setattr__(self, "positions", frozen_array(self.positions))
        object.__setattr__(self, "velocities", frozen_array(self.velocities))
