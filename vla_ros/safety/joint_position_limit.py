# SPDX-License-Identifier: Apache-2.0
"""Joint position limit by viability: never faster than a stop before the bound allows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.safety.braking import Braking
from vla_ros.safety.motion_state import MotionState
from vla_ros.safety.velocity_interval import VelocityInterval


@dataclass(frozen=True)
class JointPositionLimit:
    """lower <= q <= upper, at present and during the stop that is always possible.

    v' is admitted when T(v') of `Braking` fits between the position and the bound. After such a
    tick the room is smaller by v' dt, and T(v' - step) = T(v') - v' dt fits into it: so full
    deceleration is admitted in the next tick too, and in every later one.

    Attributes:
        lower: (J,) [rad].
        upper: (J,) [rad].
        braking: the deceleration that is counted on.
    """

    name: ClassVar[str] = "joint_position"
    lower: FloatArray
    upper: FloatArray
    braking: Braking

    def interval(self, state: MotionState) -> VelocityInterval:
        """Velocities from which the joints can stop at or before their bounds."""
        # Rounding may put a joint 1e-16 past its bound, where there is no room left.
        below = np.maximum(state.positions - self.lower, 0.0)
        above = np.maximum(self.upper - state.positions, 0.0)
        return VelocityInterval(-self.braking.fastest(below), self.braking.fastest(above))

    def nearest(self, positions: FloatArray) -> FloatArray:
        """(J,) positions [rad] within the bounds that are nearest to (J,) positions."""
        return np.minimum(np.maximum(positions, self.lower), self.upper)
