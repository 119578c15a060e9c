# SPDX-License-Identifier: Apache-2.0
"""Physical units to normalised numbers and back."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vla_ros.policies.embedded.normalisation import Normalisation, proprioception

JOINTS = arrays(float, 7, elements=st.floats(-2.8, 2.8))
ACTIONS = arrays(float, (16, 7), elements=st.floats(-3, 3))
WIDTHS = arrays(float, (16, 1), elements=st.sampled_from([0.0, 0.08]))


@given(JOINTS, ACTIONS, WIDTHS)
def test_round_trip(normalisation, joints, positions, widths):
    actions = np.concatenate([positions, widths], axis=1)
    back = normalisation.chunk_out(normalisation.chunk_in(actions, joints), joints)
    np.testing.assert_allclose(back, actions, atol=1e-9)


@given(JOINTS, ACTIONS)
def test_a_prefix_is_normalised_as_the_chunk_that_it_begins(normalisation, joints, positions):
    actions = np.concatenate([positions, np.zeros((16, 1))], axis=1)
    whole = normalisation.chunk_in(actions, joints)
    np.testing.assert_array_equal(normalisation.chunk_in(actions[:5], joints), whole[:5])


def test_batches_are_normalised_row_by_row(normalisation):
    rng = np.random.default_rng(0)
    actions, joints = rng.normal(size=(3, 16, 8)), rng.normal(size=(3, 7))
    rows = [normalisation.chunk_in(a, j) for a, j in zip(actions, joints, strict=True)]
    np.testing.assert_array_equal(normalisation.chunk_in(actions, joints), rows)


@given(arrays(float, (16, 8), elements=st.floats(-3, 3)))
def test_the_hand_is_open_or_closed_never_between(normalisation, chunk):
    widths = normalisation.chunk_out(chunk, np.zeros(7))[:, 7]
    np.testing.assert_array_equal(widths, np.where(chunk[:, 7] < 0, 0.0, 0.08))
    assert normalisation.chunk_in(np.full((1, 8), 0.08), np.zeros(7))[0, 7] == 1


def test_statistics_are_those_of_the_valid_samples():
    rng = np.random.default_rng(1)
    relative, states = rng.normal(0, 2, (50, 16, 7)), rng.normal(3, 2, (50, 13))
    valid = (rng.random((50, 16)) < 0.7).astype(float)
    relative[valid == 0] = 1e6  # must not count
    measured = Normalisation.from_samples(relative, valid, states)
    for step in range(16):
        kept = relative[valid[:, step] > 0, step]
        np.testing.assert_allclose(measured.chunk_std[step], np.sqrt((kept**2).mean(axis=0)))
    normalised = measured.state_in(states)
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(normalised.std(axis=0), 1)


def test_what_hardly_varies_is_not_blown_up():
    still = Normalisation.from_samples(np.zeros((9, 16, 7)), np.ones((9, 16)), np.ones((9, 13)))
    assert still.chunk_std.min() == still.state_std.min() == 0.01


def test_proprioception_is_state_tool_and_yaw(model):
    state = np.array([0.3, -0.3774, 0.0, -2.4884, 0.0, 2.111, 0.7854, 0.05])
    felt = proprioception(model, state)
    pose = model.tool_pose(state[:7])
    np.testing.assert_array_equal(felt[:8], state)
    np.testing.assert_array_equal(felt[8:11], pose[:3, 3])
    assert np.arctan2(felt[12], felt[11]) == np.arctan2(pose[1, 0], pose[0, 0])
