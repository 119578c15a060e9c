# SPDX-License-Identifier: Apache-2.0
"""The newest chunk alone decides; the simplest strategy and the one without hidden averaging."""

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.execution.strategy import Predictions


class LatestChunk:
    """Newest wins. A switch of chunks may step the targets; safety turns the step into motion."""

    def weights(self, predictions: Predictions) -> FloatArray:
        """Weight 1 for the newest prediction, 0 for the others.

        Args:
            predictions: N >= 1 predictions, the oldest first.

        Returns:
            (N,) weights.
        """
        weights = np.zeros(len(predictions.chunks))
        weights[-1] = 1.0
        return weights
