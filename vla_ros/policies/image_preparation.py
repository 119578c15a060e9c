# SPDX-License-Identifier: Apache-2.0
"""Brings a camera picture to the size that a policy was trained with, without distorting it.

640 x 480              640 x 640 (padded)         96 x 96 (resized)
+--------+             +--------+ black
|        |    --->     |        |         --->    +----+
+--------+             |        |                 +----+
                       +--------+ black
"""

import cv2
import numpy as np

from vla_ros.core.arrays import ImageArray
from vla_ros.core.exceptions import ObservationError


def fit_image(image: ImageArray, height: int, width: int) -> ImageArray:
    """Pad a picture evenly with black to the wanted aspect ratio, then resize by area averaging.

    Args:
        image: (h, w, 3) uint8 of any size and any memory order.
        height: rows wanted [px].
        width: columns wanted [px].

    Returns:
        (height, width, 3) uint8, contiguous; the input itself when it is that already.

    Raises:
        ObservationError: not (h, w, 3) uint8, or no pixel at all.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ObservationError(
            "a picture of shape (h, w, 3) uint8",
            f"{image.shape} {image.dtype}",
            "Convert it to RGB first.",
        )
    contiguous: ImageArray = np.ascontiguousarray(image)
    if contiguous.shape[:2] == (height, width):
        return contiguous
    padded = _padded(contiguous, height / width)
    if padded.shape[:2] == (height, width):
        return padded
    return np.asarray(cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _padded(image: ImageArray, aspect: float) -> ImageArray:
    rows, columns = image.shape[:2]
    more_rows = max(0, round(columns * aspect) - rows)
    more_columns = max(0, round(rows / aspect) - columns)
    if not more_rows and not more_columns:
        return image
    top, left = more_rows // 2, more_columns // 2
    borders = (top, more_rows - top, left, more_columns - left)
    return np.asarray(
        cv2.copyMakeBorder(image, *borders, cv2.BORDER_CONSTANT, value=(0, 0, 0)), np.uint8
    )
