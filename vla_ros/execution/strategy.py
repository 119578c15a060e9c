# SPDX-License-Identifier: Apache-2.0
"""How predictions of several chunks for one time are weighed against each other.

A strategy sees every live prediction, so that a crossfade (arrival times), a disagreement gate
(positions) or a plain average are all one function of the same argument.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.arrays import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Predictions:
    """What N live chunks say about one time, the oldest chunk first.

    Attributes:
        time_ns: the time that is asked about [ns, ROS time].
        chunks: (N) the chunks themselves.
        arrivals_ns: (N,) when each chunk was accepted [ns, ROS time].
        positions: (N, J) [rad], interpolated between steps.
        velocities: (N, J) [rad/s], slope of the step that the time lies in.
        gripper_widths: (N,) [m], value of the nearest past step; NaN where a chunk has none.
    """

    time_ns: int
    chunks: tuple[ActionChunk, ...]
    arrivals_ns: IntArray
    positions: FloatArray
    velocities: FloatArray
    gripper_widths: FloatArray


class Strategy(Protocol):
    """Weighs the live predictions of one time."""

    def weights(self, predictions: Predictions) -> FloatArray:
        """Share of each prediction in the joint targets.

        Args:
            predictions: N >= 1 predictions, the oldest first.

        Returns:
            (N,) weights that are not negative and sum to 1.
        """
