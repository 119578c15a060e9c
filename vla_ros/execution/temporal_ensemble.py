# SPDX-License-Identifier: Apache-2.0
"""Temporal ensembling of ACT (Zhao et al., arXiv 2304.13705, section IV-B and algorithm 2).

    w_i = exp(-m i) / sum_j exp(-m j),     i = 0 the OLDEST live prediction

    m > 0   favours the oldest prediction (ACT: m = 0.01), smooth and slow to react
    m = 0   plain mean
    m < 0   favours the newest

ACT asks once a step and has as many predictions as a chunk has steps. A policy that replans faster
has many more, most of them old, so those outside a window before the newest do not count:

    stamps     x    x    x  [  x    x    x    x  ]     window_s before the newest; i counts inside

It averages, so it is wrong where predictions disagree about the way round an obstacle.
"""

import math

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import FloatArray
from vla_ros.core.exceptions import ConfigError
from vla_ros.execution.strategy import Predictions


class TemporalEnsemble:
    """Exponentially weighted mean over all live predictions."""

    def __init__(self, m: float, window_s: float = math.inf) -> None:
        """Set the decay and the window.

        Args:
            m: decay per chunk of age order [1]; may be negative.
            window_s: predictions whose observation is this much older than the newest one's do
                not count [s].

        Raises:
            ConfigError: m is not finite, or the window is negative or NaN.
        """
        if not window_s >= 0:
            raise ConfigError("an ensembling window >= 0 s", f"{window_s}", "0.3 is a start.")
        if not np.isfinite(m):
            raise ConfigError("a finite ensembling decay m", f"{m}", "ACT uses 0.01.")
        self._m = m
        self._window_ns = window_s * NS_PER_S

    def weights(self, predictions: Predictions) -> FloatArray:
        """ACT weights, normalised.

        Args:
            predictions: N >= 1 predictions, the oldest first.

        Returns:
            (N,) weights.
        """
        counted = self._counted(predictions)
        exponents = -self._m * np.arange(counted, dtype=np.float64)
        # Shifted by the largest exponent: exp cannot overflow for any m.
        weights: FloatArray = np.exp(exponents - exponents.max())
        weights /= weights.sum()
        return np.concatenate([np.zeros(len(predictions.chunks) - counted), weights])

    def _counted(self, predictions: Predictions) -> int:
        """How many predictions, from the newest back, lie in the window."""
        if math.isinf(self._window_ns):
            return len(predictions.chunks)
        since_ns = predictions.chunks[-1].stamp_ns - self._window_ns
        return sum(chunk.stamp_ns >= since_ns for chunk in predictions.chunks)
