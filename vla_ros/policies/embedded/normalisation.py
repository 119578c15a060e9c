# SPDX-License-Identifier: Apache-2.0
"""Between physical units and the numbers that the network works with."""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.kinematics.robot_model import RobotModel

ARM_JOINTS = tuple(f"joint{number}" for number in range(1, 8))
GRIPPER_JOINT = "finger_joint1"
_GRIPPER_CENTRE_M = _GRIPPER_SCALE_M = 0.04
_MIN_STD = 0.01  # rad or m; a step that hardly varies must not be blown up


@dataclass(frozen=True)
class Normalisation:
    """Statistics of the training set.

    Joint targets are taken relative to the measured joints and divided by `chunk_std`; the
    gripper's opening is mapped from 0..0.08 m to -1..1.

    Attributes:
        chunk_std: (H, 7) standard deviation of target minus measured position [rad].
        state_mean: (P,) mean of the proprioception.
        state_std: (P,) standard deviation of the proprioception.
    """

    chunk_std: FloatArray
    state_mean: FloatArray
    state_std: FloatArray

    @classmethod
    def from_samples(
        cls, relative: FloatArray, valid: FloatArray, states: FloatArray
    ) -> "Normalisation":
        """Measure the statistics.

        Args:
            relative: (N, H, 7) target minus measured position [rad].
            valid: (N, H) 1 where the step exists, else 0.
            states: (N, P) proprioception.
        """
        count = valid.sum(axis=0)[:, None]
        chunk_std = np.sqrt((relative**2 * valid[..., None]).sum(axis=0) / count)
        return cls(
            np.maximum(chunk_std, _MIN_STD),
            states.mean(axis=0),
            np.maximum(states.std(axis=0), _MIN_STD),
        )

    def chunk_in(self, actions: FloatArray, joints: FloatArray) -> FloatArray:
        """Normalise absolute actions (..., H, 8) seen from measured joints (..., 7)."""
        relative = (actions[..., :7] - joints[..., None, :]) / self.chunk_std[: actions.shape[-2]]
        gripper = (actions[..., 7:] - _GRIPPER_CENTRE_M) / _GRIPPER_SCALE_M
        return np.concatenate([relative, gripper], axis=-1)

    def chunk_out(self, chunk: FloatArray, joints: FloatArray) -> FloatArray:
        """Undo `chunk_in`; the opening becomes 0 or 0.08 m, as in every demonstration.

        A hand that is half open because the network is undecided meets the cube with its fingers.
        """
        positions = chunk[..., :7] * self.chunk_std + joints[..., None, :]
        closed, opened = _GRIPPER_CENTRE_M - _GRIPPER_SCALE_M, _GRIPPER_CENTRE_M + _GRIPPER_SCALE_M
        gripper = np.where(chunk[..., 7:] < 0, closed, opened)
        return np.concatenate([positions, gripper], axis=-1)

    def state_in(self, states: FloatArray) -> FloatArray:
        """Normalise proprioception (..., P)."""
        return (states - self.state_mean) / self.state_std


def proprioception(model: RobotModel, state: FloatArray) -> FloatArray:
    """What the network is told of the arm.

    Args:
        model: kinematics of the arm.
        state: (8,) joints [rad] and opening [m].

    Returns:
        (13,): the state, tool xyz [m], and the first two numbers of the tool's x axis (its yaw).
    """
    pose = model.tool_pose(state[:7])
    return np.concatenate([state, pose[:3, 3], pose[:2, 0]])
