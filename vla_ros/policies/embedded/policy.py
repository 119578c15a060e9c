# SPDX-License-Identifier: Apache-2.0
"""The embedded policy behind the policy seam."""

import time
from pathlib import Path

import numpy as np
import torch

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import ChunkError, ObservationError
from vla_ros.core.observation import Observation
from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.policies.embedded import checkpoint
from vla_ros.policies.embedded.loss import MAX_PREFIX
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.normalisation import (
    ARM_JOINTS,
    GRIPPER_JOINT,
    Normalisation,
    proprioception,
)
from vla_ros.policies.embedded.text import tokenize
from vla_ros.policies.policy import CameraSpec, PolicySpec

_LAYOUT = ActionLayout(
    (
        ActionGroup(ActionKind.JOINT_POSITION, ARM_JOINTS),
        ActionGroup(ActionKind.GRIPPER, (GRIPPER_JOINT,)),
    )
)
_DT_S = 0.1


class EmbeddedPolicy:
    """Picks up cubes and puts them on the tray, from two cameras, the joints and a sentence."""

    def __init__(self, network: Network, normalisation: Normalisation, seed: int = 0) -> None:
        """Wrap a trained network.

        Args:
            network: in evaluation mode.
            normalisation: statistics of its training set.
            seed: of the noise that chunks grow from.
        """
        self._network, self._normalisation = network, normalisation
        urdf = resource_path("urdf/demo_arm.urdf").read_text()
        self._model = RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")
        side = network.config.picture_px
        self.spec = PolicySpec(
            name="embedded/1",
            cameras=(CameraSpec("front", side, side), CameraSpec("wrist", side, side)),
            joint_names=ARM_JOINTS,
            gripper_joints=(GRIPPER_JOINT,),
            layout=_LAYOUT,
            horizon=network.config.horizon,
            dt_s=_DT_S,
            takes_prefix=True,
            max_prefix=MAX_PREFIX,
        )
        self.reset(seed)

    def warm_up(self) -> None:
        """Run once on black pictures, so that the first real inference is not slow."""
        black = np.zeros((self.spec.cameras[0].height, self.spec.cameras[0].width, 3), np.uint8)
        images = {camera.name: black for camera in self.spec.cameras}
        state = self._generator.get_state()
        self.infer(Observation(0, images, np.zeros(len(ARM_JOINTS) + 1), "warm up"))
        self._generator.set_state(state)

    def reset(self, seed: int | None = None) -> None:
        """Start the noise anew when a seed is given; the policy remembers nothing else.

        Every chunk grows from noise of its own: with noise that is kept through an episode the arm
        gets stuck in places that other noise leads out of.
        """
        if seed is not None:
            self._generator = torch.Generator().manual_seed(seed)

    def infer(self, observation: Observation, prefix: FloatArray | None = None) -> ActionChunk:
        """Predict 16 steps of 0.1 s: 7 joint positions [rad] and the opening [m].

        Args:
            observation: cameras "front" and "wrist", state (8,).
            prefix: (P, 8) absolute actions that the chunk must begin with, P <= 8.

        Raises:
            ObservationError: a camera is missing or of another size, a state of another width.
            ChunkError: a prefix of another width, or longer than 8.
        """
        start = time.monotonic()
        pictures = self._pictures(observation)
        if observation.state.shape != (len(ARM_JOINTS) + 1,):
            raise ObservationError(
                "a state of 7 joints and an opening",
                f"{observation.state.shape}",
                "Send 8 numbers.",
            )
        joints = observation.state[: len(ARM_JOINTS)]
        state = self._normalisation.state_in(proprioception(self._model, observation.state))
        kept, known = self._prefix(prefix, joints)
        shape = (1, self.spec.horizon, self.spec.layout.width)
        noise = torch.randn(shape, generator=self._generator)
        with torch.inference_mode():
            condition = self._network.encode(
                pictures,
                torch.from_numpy(state).float()[None],
                torch.from_numpy(tokenize(observation.instruction))[None],
            )
            chunk = self._network.sample(condition, noise, kept, known)[0]
        actions = self._normalisation.chunk_out(chunk.double().numpy(), joints)
        length = 0 if prefix is None else len(prefix)
        if prefix is not None:
            actions[:length] = prefix
        return ActionChunk(
            observation.stamp_ns,
            _DT_S,
            actions,
            _LAYOUT,
            observation.instruction,
            prefix_length=length,
            inference_s=time.monotonic() - start,
        )

    def close(self) -> None:
        """Nothing to release."""

    def _pictures(self, observation: Observation) -> torch.Tensor:
        pictures = []
        for camera in self.spec.cameras:
            picture = observation.images.get(camera.name)
            shape = (camera.height, camera.width, 3)
            if picture is None or picture.shape != shape:
                raise ObservationError(
                    f"camera '{camera.name}' as {shape}",
                    "none" if picture is None else f"{picture.shape}",
                    "Resize the picture to the policy's spec.",
                )
            pictures.append(picture)
        stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
        return (stacked.float() / 127.5 - 1)[None]

    def _prefix(
        self, prefix: FloatArray | None, joints: FloatArray
    ) -> tuple[torch.Tensor, torch.Tensor]:
        horizon, width = self.spec.horizon, self.spec.layout.width
        kept, known = torch.zeros(1, horizon), torch.zeros(1, horizon, width)
        if prefix is None:
            return kept, known
        if prefix.ndim != 2 or prefix.shape[1] != width or len(prefix) > MAX_PREFIX:
            raise ChunkError(
                f"a prefix of at most {MAX_PREFIX} steps of {width} columns",
                f"shape {prefix.shape}",
                "Shorten it, or describe it by the policy's layout.",
            )
        kept[0, : len(prefix)] = 1
        normalised = self._normalisation.chunk_in(prefix, joints)
        known[0, : len(prefix)] = torch.from_numpy(normalised).float()
        return kept, known


def load(checkpoint_path: str | None = None, seed: int = 0) -> EmbeddedPolicy:
    """Load the policy.

    Args:
        checkpoint_path: a file written by `python -m vla_ros train`; None: the shipped weights.
        seed: of the noise that chunks grow from.

    Raises:
        ConfigError: the file is missing or not a checkpoint of this policy.
    """
    path = Path(checkpoint_path) if checkpoint_path else checkpoint.SHIPPED
    return EmbeddedPolicy(*checkpoint.load(path), seed=seed)
