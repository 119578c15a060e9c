# SPDX-License-Identifier: Apache-2.0
"""A robot's geometry and limits from its URDF, by Pinocchio."""

from collections.abc import Sequence

import numpy as np
import pinocchio as pin

from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import ConfigError


class RobotModel:
    """Forward kinematics of chosen joints; all other joints are locked at zero.

    Attributes:
        joint_names: (J,) joints, in the order of every array of this class.
        order: (J,) place of each joint in Pinocchio's configuration vector.
        position_lower: (J,) [rad] from the URDF.
        position_upper: (J,) [rad] from the URDF.
        max_velocity: (J,) [rad/s] from the URDF.
    """

    def __init__(
        self, model: pin.Model, joint_names: Sequence[str], frames: tuple[int, int]
    ) -> None:
        """Use `from_urdf`, which checks the names."""
        self.joint_names = tuple(joint_names)
        self.pinocchio_model = model
        self._data = model.createData()
        self._base, self._tool = frames
        self.order = np.array([model.idx_qs[model.getJointId(name)] for name in joint_names])
        self._positions = pin.neutral(model)
        self.position_lower = frozen_array(model.lowerPositionLimit[self.order])
        self.position_upper = frozen_array(model.upperPositionLimit[self.order])
        self.max_velocity = frozen_array(model.velocityLimit[self.order])

    @classmethod
    def from_urdf(
        cls, urdf_xml: str, joint_names: Sequence[str], base_frame: str, tool_frame: str
    ) -> "RobotModel":
        """Build the model.

        Args:
            urdf_xml: the robot description itself, not its path.
            joint_names: joints of interest, each with one degree of freedom.
            base_frame: link in which poses are given.
            tool_frame: link whose pose is asked for.

        Raises:
            ConfigError: the text is no URDF, or a joint or frame is not in it.
        """
        try:
            full = pin.buildModelFromXML(urdf_xml)
        except (ValueError, RuntimeError) as error:
            raise ConfigError("a URDF", str(error), "Check the robot description.") from error
        check_names("joint", joint_names, list(full.names[1:]))
        others = [full.getJointId(name) for name in full.names[1:] if name not in joint_names]
        model = pin.buildReducedModel(full, others, pin.neutral(full))
        check_names("frame", (base_frame, tool_frame), [frame.name for frame in model.frames])
        frames = (model.getFrameId(base_frame), model.getFrameId(tool_frame))
        return cls(model, joint_names, frames)

    def tool_pose(self, positions: FloatArray) -> FloatArray:
        """Pose of the tool in the base frame.

        Args:
            positions: (J,) [rad], in the order of `joint_names`.

        Returns:
            (4, 4) homogeneous transform T_base_tool [m].
        """
        self._update(positions)
        relative = self._data.oMf[self._base].actInv(self._data.oMf[self._tool])
        return np.asarray(relative.homogeneous)

    def tool_position(self, positions: FloatArray) -> FloatArray:
        """Position of the tool in the base frame, (3,) [m], for positions (J,) [rad]."""
        return np.array(self.tool_pose(positions)[:3, 3])

    def _update(self, positions: FloatArray) -> None:
        self._positions[self.order] = positions
        pin.forwardKinematics(self.pinocchio_model, self._data, self._positions)
        pin.updateFramePlacement(self.pinocchio_model, self._data, self._base)
        pin.updateFramePlacement(self.pinocchio_model, self._data, self._tool)


def check_names(kind: str, wanted: Sequence[str], known: list[str]) -> None:
    """Refuse names that the robot description does not have.

    Args:
        kind: "joint" or "frame".
        wanted: names that are asked for.
        known: names that there are.

    Raises:
        ConfigError: names those that are missing.
    """
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ConfigError(
            f"{kind}s of the robot description {known}",
            f"{missing}",
            f"Correct the {kind} names of the robot profile.",
        )
