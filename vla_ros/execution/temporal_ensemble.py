# SPDX-License-Identifier: Apache-2.0
"""Temporal ensembling of ACT (Zhao et al., arXiv 2304.13705, section IV-B and algorithm 2).

    w_i = exp(-m i) / sum_j exp(-m j),     i = 0 the OLDEST live prediction

    m > 0   favours the oldest prediction (ACT: m = 0.01), smooth and slow to react
    m = 0   plain mean
    m < 0   favours the newest

It averages, so it is wrong where predictions disagree about the way round an obstacle.
"""

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import ConfigError
from vla_ros.execution.strategy import Predictions


class TemporalEnsemble:
    """Exponentially weighted mean over all live predictions."""

    def __init__(self, m: float) -> None:
        """Set the decay.

        Args:
            m: decay per chunk of age order [1]; may be negative.

        Raises:
            ConfigError: m is not finite.
        """
        if not np.isfinite(m):
            raise ConfigError("a finite ensembling decay m", f"{m}", "ACT uses 0.01.")
        self._m = m

    def weights(self, predictions: Predictions) -> FloatArray:
        """ACT weights, normalised.

        Args:
            predictions: N >= 1 predictions, the oldest first.

        Returns:
            (N,) weights.
        """
        exponents = -self._m * np.arange(len(predictions.chunks), dtype=np.float64)
        # Shifted by the largest exponent: exp cannot overflow for any m.
        weights: FloatArray = np.exp(exponents - exponents.max())
        weights /= weights.sum()
        return weights
