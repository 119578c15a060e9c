# SPDX-License-Identifier: Apache-2.0
"""What a policy sees at one moment: pictures, joint state, and the sentence it was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from vla_ros.core.arrays import FloatArray, ImageArray, frozen_array
from vla_ros.core.exceptions import ObservationError


@dataclass(frozen=True)
class Observation:
    """One moment, seen by every sensor that the policy uses.

    Attributes:
        stamp_ns: capture time of the oldest picture [ns, ROS time].
        images: camera name -> (H, W, 3) uint8, RGB; size as the policy's spec asks.
        state: (S,) proprioception in the order of the policy's spec: joint positions [rad], then
            gripper widths [m].
        instruction: the sentence; never empty.
    """

    stamp_ns: int
    images: Mapping[str, ImageArray]
    state: FloatArray
    instruction: str

    def __post_init__(self) -> None:
        """Freeze the state and refuse pictures that are not (H, W, 3) uint8, and NaN.

        Raises:
            ObservationError: a picture of another form, or a state that is not finite.
        """
        object.__setattr__(self, "state", frozen_array(self.state))
        object.__setattr__(self, "images", MappingProxyType(dict(self.images)))
        for camera, image in self.images.items():
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise ObservationError(
                    f"camera '{camera}' as (H, W, 3) uint8",
                    f"{image.shape} {image.dtype}",
                    "Convert the picture to RGB before it enters an observation.",
                )
        if self.state.ndim != 1 or not np.isfinite(self.state).all():
            raise ObservationError(
                "a state of shape (S,) with finite numbers",
                f"{self.state}",
                "Check the joint state source.",
            )
