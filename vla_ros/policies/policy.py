# SPDX-License-Identifier: Apache-2.0
"""The seam between this stack and any policy: a spec and four methods."""

from dataclasses import dataclass
from typing import Protocol

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionLayout
from vla_ros.core.arrays import FloatArray
from vla_ros.core.observation import Observation


@dataclass(frozen=True)
class CameraSpec:
    """A picture that the policy needs.

    Attributes:
        name: key in `Observation.images`.
        height: rows [px].
        width: columns [px].
    """

    name: str
    height: int
    width: int


@dataclass(frozen=True)
class PolicySpec:
    """What a policy takes and gives.

    Attributes:
        name: family and version, for status and logs.
        cameras: pictures that it needs.
        joint_names: joints whose positions fill the state, in order [rad].
        gripper_joints: joints whose doubled position (the opening width) follows in the state [m].
        layout: meaning of the action columns.
        horizon: steps H of a chunk.
        dt_s: time between steps [s].
        takes_prefix: whether `infer` continues actions that are already committed.
        max_prefix: longest prefix that it was trained with [steps]; 0 without.
    """

    name: str
    cameras: tuple[CameraSpec, ...]
    joint_names: tuple[str, ...]
    gripper_joints: tuple[str, ...]
    layout: ActionLayout
    horizon: int
    dt_s: float
    takes_prefix: bool = False
    max_prefix: int = 0


class Policy(Protocol):
    """A vision-language-action policy: observation in, action chunk out."""

    @property
    def spec(self) -> PolicySpec:
        """What the policy takes and gives; constant."""

    def warm_up(self) -> None:
        """Run once on synthetic input, so that the first real inference is not slow."""

    def reset(self, seed: int | None = None) -> None:
        """Forget the episode: history, prefix, noise; seed the noise when a seed is given."""

    def infer(self, observation: Observation, prefix: FloatArray | None = None) -> ActionChunk:
        """Predict a chunk anchored at the observation's stamp.

        Args:
            observation: pictures and state as `spec` asks.
            prefix: (P, D) leading actions that the chunk must keep, P <= `spec.max_prefix`.

        Raises:
            ObservationError: a camera is missing or of another size, a state of another width.
            ChunkError: a prefix that the policy cannot take.
        """

    def close(self) -> None:
        """Release devices and connections."""
