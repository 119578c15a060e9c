# SPDX-License-Identifier: Apache-2.0
"""Gripper opening limit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GripperLimit:
    """closed <= width <= open.

    Attributes:
        closed_width: smallest opening [m].
        open_width: largest opening [m].
    """

    closed_width: float
    open_width: float

    def nearest(self, width: float) -> float:
        """Nearest opening that is admitted [m]."""
        return min(max(width, self.closed_width), self.open_width)
