# SPDX-License-Identifier: Apache-2.0
"""Read-only float arrays: what is inside a frozen dataclass must not change either."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ImageArray = npt.NDArray[np.uint8]


def frozen_array(values: npt.ArrayLike) -> FloatArray:
    """Copy into a float64 array that refuses writes.

    Args:
        values: numbers of any shape.

    Returns:
        An array of the same shape; writing to it raises ValueError.
    """
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array
