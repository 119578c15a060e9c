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
    """Resize a picture by area averaging, keeping its aspect ratio, and pad it evenly with black.

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
    share = min(height / contiguous.shape[0], width / contiguous.shape[1])
    rows = min(height, max(1, round(contiguous.shape[0] * share)))
    columns = min(width, max(1, round(contiguous.shape[1] * share)))
    fitted = cv2.resize(contiguous, (columns, rows), interpolation=cv2.INTER_AREA)
    top, left = (height - rows) // 2, (width - columns) // 2
    padded = np.zeros((height, width, 3), np.uint8)
    padded[top : top + rows, left : left + columns] = fitted
    return padded
