# SPDX-License-Identifier: Apache-2.0
"""Observations: frozen, and refused when a picture or a number is not what it should be."""

import numpy as np
import pytest

from vla_ros.core.exceptions import ObservationError
from vla_ros.core.observation import Observation

PICTURE = np.zeros((4, 6, 3), np.uint8)


def test_state_and_cameras_cannot_change():
    images = {"front": PICTURE}
    observation = Observation(7, images, [1, 2], "go")
    images["wrist"] = PICTURE
    assert list(observation.images) == ["front"]
    assert observation.state.dtype == np.float64
    with pytest.raises(TypeError, match="does not support item assignment"):
        observation.images["wrist"] = PICTURE
    with pytest.raises(ValueError, match="read-only"):
        observation.state[0] = 0


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.zeros((4, 6), np.uint8), "camera 'front' as .H, W, 3. uint8; got .4, 6. uint8"),
        (np.zeros((4, 6, 4), np.uint8), "got .4, 6, 4. uint8"),
        (np.zeros((4, 6, 3)), "got .4, 6, 3. float64. Convert the picture to RGB"),
    ],
)
def test_other_pictures_are_refused(picture, words):
    with pytest.raises(ObservationError, match=words):
        Observation(0, {"front": picture}, [0.0], "go")


@pytest.mark.parametrize("state", [[0.0, np.nan], [np.inf], [[0.0]], 0.0])
def test_states_that_are_no_finite_vector_are_refused(state):
    with pytest.raises(ObservationError, match="shape .S,. with finite numbers.*joint state"):
        Observation(0, {}, state, "go")
