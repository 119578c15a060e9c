# SPDX-License-Identifier: Apache-2.0
"""Pictures brought to a policy's size."""

import numpy as np
import pytest

from vla_ros.core.exceptions import ObservationError
from vla_ros.policies.image_preparation import fit_image


def test_same_size_is_the_same_picture() -> None:
    image = np.zeros((96, 96, 3), np.uint8)
    assert fit_image(image, 96, 96) is image


def test_any_memory_order_becomes_contiguous() -> None:
    image = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)[:, :, ::-1]
    fitted = fit_image(image, 3, 3)
    assert fitted.flags.c_contiguous
    np.testing.assert_array_equal(fitted, image)


@pytest.mark.parametrize(
    ("size", "wanted", "bars"),
    [
        ((480, 640), (64, 64), (slice(0, 8), slice(None))),
        ((640, 480), (64, 64), (slice(None), slice(0, 8))),
        ((100, 100), (50, 100), (slice(None), slice(0, 25))),
    ],
)
def test_the_picture_is_padded_evenly_and_not_distorted(
    size: tuple[int, int], wanted: tuple[int, int], bars: tuple[slice, slice]
) -> None:
    fitted = fit_image(np.full((*size, 3), 200, np.uint8), *wanted)
    assert fitted.shape == (*wanted, 3)
    assert not fitted[bars].any()
    assert not fitted[::-1, ::-1][bars].any()
    share = (fitted == 200).mean()
    assert share == pytest.approx(1 - (fitted[bars].size * 2) / fitted.size)


def test_shrinking_averages_areas() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    image[::2] = 100
    np.testing.assert_array_equal(fit_image(image, 2, 2), np.full((2, 2, 3), 50, np.uint8))


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
)
def test_other_arrays_are_refused(image: np.ndarray) -> None:
    with pytest.raises(ObservationError, match="shape .h, w, 3. uint8"):
        fit_image(image, 4, 4)


def test_a_thin_picture_costs_no_more_than_its_pixels() -> None:
    fitted = fit_image(np.full((1, 65535, 3), 200, np.uint8), 96, 96)  # padded first: 12 GB
    assert fitted.shape == (96, 96, 3)
    assert fitted[47].any()
    assert not fitted[:47].any()
