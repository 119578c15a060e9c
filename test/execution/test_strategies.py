# SPDX-License-Identifier: Apache-2.0
"""Weights of the strategies, against ACT's online form."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.exceptions import ConfigError
from vla_ros.execution.latest_chunk import LatestChunk
from vla_ros.execution.strategy import Predictions, Strategy
from vla_ros.execution.temporal_ensemble import TemporalEnsemble

ChunkMaker = Callable[..., ActionChunk]


@pytest.fixture
def predictions(make_chunk: ChunkMaker) -> Predictions:
    zeros = np.zeros((4, 2))
    arrivals = np.zeros(4, dtype=np.int64)
    return Predictions(0, (make_chunk(),) * 4, arrivals, zeros, zeros, zeros[:, 0])


@pytest.mark.parametrize(
    "strategy", [LatestChunk(), *(TemporalEnsemble(m) for m in (0.01, -2.0, 900.0, -900.0))]
)
def test_weights_are_shares(strategy: Strategy, predictions: Predictions) -> None:
    weights = strategy.weights(predictions)
    assert weights.shape == (4,)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_sign_of_m_chooses_the_favourite(predictions: Predictions) -> None:
    assert np.argmax(TemporalEnsemble(0.5).weights(predictions)) == 0
    assert np.argmax(TemporalEnsemble(-0.5).weights(predictions)) == 3
    with pytest.raises(ConfigError, match="finite"):
        TemporalEnsemble(float("nan"))


def test_a_window_leaves_the_old_ones_out(make_chunk: ChunkMaker) -> None:
    stamps = [0, 100, 250, 300, 400]
    chunks = tuple(
        dataclasses.replace(make_chunk(), stamp_ns=stamp * 1_000_000) for stamp in stamps
    )
    zeros, arrivals = np.zeros((5, 2)), np.zeros(5, dtype=np.int64)
    given_values = Predictions(0, chunks, arrivals, zeros, zeros, zeros[:, 0])
    weights = TemporalEnsemble(0.1, window_s=0.15).weights(given_values)
    inside = np.exp(-0.1 * np.arange(3))
    np.testing.assert_allclose(weights, [0, 0, *(inside / inside.sum())], atol=1e-12)
    np.testing.assert_array_equal(
        TemporalEnsemble(0.1, window_s=0.0).weights(given_values), [0, 0, 0, 0, 1]
    )
    with pytest.raises(ConfigError, match="window"):
        TemporalEnsemble(0.1, window_s=float("nan"))


@given(m=st.floats(-1, 1), values=st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_ensemble_equals_the_online_form(m: float, values: list[float]) -> None:
    """LeRobot's update: avg = (avg * cumsum[n-1] + new * w[n]) / cumsum[n]."""
    weights = np.exp(-m * np.arange(4))
    cumulated = np.cumsum(weights)
    average = values[0]
    for n in range(1, 4):
        average = (average * cumulated[n - 1] + values[n] * weights[n]) / cumulated[n]
    zeros = np.zeros((4, 1))
    arrivals = np.zeros(4, dtype=np.int64)
    given_values = Predictions(0, (None,) * 4, arrivals, zeros, zeros, zeros[:, 0])  # type: ignore[arg-type]
    shares = TemporalEnsemble(m).weights(given_values)
    assert float(shares @ np.array(values)) == pytest.approx(average, abs=1e-9)
