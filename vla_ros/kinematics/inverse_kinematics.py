# SPDX-License-Identifier: Apache-2.0
"""Joint positions for a tool pose: differential inverse kinematics (pink), iterated."""

import numpy as np
import pink
import pinocchio as pin
from pink.tasks import FrameTask, PostureTask

from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import VlaRosError
from vla_ros.kinematics.robot_model import RobotModel, check_names


class UnreachableError(VlaRosError):
    """No joint positions bring the tool to the pose."""


class InverseKinematics:
    """Solves from a fixed start posture, so that the answer is a function of the pose alone."""

    def __init__(self, model: RobotModel, base_frame: str, tool_frame: str) -> None:
        """Prepare the tasks.

        Args:
            model: the robot; its joints are all of the answer.
            base_frame: link in which target poses are given.
            tool_frame: link that is brought to the target.

        Raises:
            ConfigError: the robot description has no such frame.
        """
        self._model, self._order = model.pinocchio_model, model.order
        known = [frame.name for frame in self._model.frames]
        check_names("frame", (base_frame, tool_frame), known)
        frame = self._model.frames[self._model.getFrameId(base_frame)]
        self._base = frame.placement
        self._tool = FrameTask(tool_frame, position_cost=1.0, orientation_cost=0.3)
        self._posture = PostureTask(cost=1e-3)

    def solve(
        self, pose: FloatArray, start: FloatArray, tolerance: float = 1e-3, iterations: int = 60
    ) -> FloatArray:
        """Find joint positions for a tool pose.

        Args:
            pose: (4, 4) T_base_tool [m].
            start: (J,) [rad], start and preferred posture, in the order of the model's joints.
            tolerance: largest norm of the pose error accepted [m, rad].
            iterations: steps before giving up.

        Returns:
            (J,) [rad], in the same order.

        Raises:
            UnreachableError: the error stayed above the tolerance.
        """
        target = self._base * pin.SE3(np.asarray(pose))
        self._tool.set_target(target)
        posture = pin.neutral(self._model)
        posture[self._order] = start
        self._posture.set_target(posture)
        configuration = pink.Configuration(self._model, self._model.createData(), posture)
        for _ in range(iterations):
            if np.linalg.norm(self._tool.compute_error(configuration)) < tolerance:
                return np.array(configuration.q[self._order])
            velocity = pink.solve_ik(configuration, [self._tool, self._posture], 1.0, "daqp")
            configuration.integrate_inplace(velocity, 1.0)
        raise UnreachableError(
            "a tool pose within reach",
            f"position {np.round(pose[:3, 3], 3).tolist()} m",
            "Move the target closer, or change the start posture.",
        )
