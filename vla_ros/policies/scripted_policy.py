# SPDX-License-Identifier: Apache-2.0
"""A policy without weights: a slow sine around the posture at reset.

It proves the wiring of a robot (cameras, joint names, command topic, limits) before a real policy
is trusted with it, and the nodes' tests run on it. It looks at no pixel and reads no word.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from vla_ros.core.action_chunk import NS_PER_S, ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import ChunkError, ConfigError, ObservationError
from vla_ros.core.observation import Observation
from vla_ros.policies.policy import CameraSpec, PolicySpec

JOINT_NAMES = tuple(f"joint{index}" for index in range(1, 8))
GRIPPER_JOINT = "finger_joint1"
IMAGE_SIZE = 96  # [px], as the embedded policy's cameras
AMPLITUDE = 0.15  # [rad]
PERIOD_S = 4.0  # top speed is then 2 pi / 4 * 0.15 = 0.24 rad/s
HORIZON = 20
DT_S = 0.05


@dataclass(frozen=True)
class _Start:
    stamp_ns: int
    state: FloatArray


class ScriptedPolicy:
    """Moves every joint by `q(t) = q(0) + A sin(2 pi t / T)`; the gripper keeps its opening."""

    def __init__(
        self, joint_names: tuple[str, ...] = JOINT_NAMES, gripper_joint: str = GRIPPER_JOINT
    ) -> None:
        """Describe what it takes and gives.

        Args:
            joint_names: joints that it moves.
            gripper_joint: gripper that it leaves as it is.
        """
        layout = ActionLayout(
            (
                ActionGroup(ActionKind.JOINT_POSITION, joint_names),
                ActionGroup(ActionKind.GRIPPER, (gripper_joint,)),
            )
        )
        cameras = tuple(CameraSpec(name, IMAGE_SIZE, IMAGE_SIZE) for name in ("front", "wrist"))
        self._spec = PolicySpec(
            "scripted sine", cameras, joint_names, (gripper_joint,), layout, HORIZON, DT_S
        )
        self._start: _Start | None = None

    @property
    def spec(self) -> PolicySpec:
        """Two 96 x 96 cameras, the joints, one gripper; 20 steps of 50 ms."""
        return self._spec

    def warm_up(self) -> None:
        """Nothing to warm."""

    def reset(self, seed: int | None = None) -> None:
        """Let the sine start anew from the posture of the next observation; the seed is unused."""
        self._start = None

    def infer(self, observation: Observation, prefix: FloatArray | None = None) -> ActionChunk:
        """Continue the sine from the observation's stamp on.

        Args:
            observation: both pictures and the state (8,).
            prefix: not taken.

        Raises:
            ObservationError: a camera is missing or of another size, a state of another width.
            ChunkError: a prefix was given.
        """
        if prefix is not None:
            raise ChunkError("no prefix", f"{len(prefix)} steps", "See `spec.takes_prefix`.")
        self._check(observation)
        start = self._start or _Start(observation.stamp_ns, frozen_array(observation.state))
        self._start = start
        elapsed_s = (observation.stamp_ns - start.stamp_ns) / NS_PER_S
        times = elapsed_s + DT_S * np.arange(HORIZON)
        actions = np.tile(start.state, (HORIZON, 1))
        offsets = AMPLITUDE * np.sin(2 * math.pi * times / PERIOD_S)
        actions[:, : len(self.spec.joint_names)] += offsets[:, np.newaxis]
        return ActionChunk(
            observation.stamp_ns, DT_S, actions, self.spec.layout, observation.instruction
        )

    def close(self) -> None:
        """Nothing to release."""

    def _check(self, observation: Observation) -> None:
        for camera in self.spec.cameras:
            wanted = (camera.height, camera.width, 3)
            image = observation.images.get(camera.name)
            if image is None or image.shape != wanted:
                raise ObservationError(
                    f"camera '{camera.name}' with a picture of shape {wanted}",
                    "none" if image is None else f"{image.shape}",
                    "Give every camera of `spec.cameras` in its size.",
                )
        width = len(self.spec.joint_names) + 1
        if observation.state.shape != (width,):
            raise ObservationError(
                f"a state of shape ({width},)",
                f"{observation.state.shape}",
                "Give the joints, then the gripper's opening.",
            )


def load(checkpoint: str | None, seed: int) -> ScriptedPolicy:
    """Factory for the registry.

    Args:
        checkpoint: a robot profile (YAML) whose joints it shall move; None: the demo arm's.
        seed: unused; there is no noise.

    Raises:
        ConfigError: no such file, or it does not name joints and a gripper.
    """
    if checkpoint is None:
        return ScriptedPolicy()
    try:
        profile = yaml.safe_load(Path(checkpoint).read_text(encoding="utf-8"))
        return ScriptedPolicy(tuple(profile["joint_names"]), profile["gripper_joint"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigError(
            "a robot profile with joint_names and gripper_joint as the checkpoint",
            f"{checkpoint}: {error!r}",
            "Give the path of the robot's YAML, or leave the checkpoint empty.",
        ) from error
