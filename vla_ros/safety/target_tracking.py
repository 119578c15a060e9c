# SPDX-License-Identifier: Apache-2.0
"""Which velocity brings the command to its target soonest without passing it.

In the frame that moves with the target, the command has a gap g left when the coming tick begins,
and full deceleration must end it at zero: the speed in that frame is the largest whose stop fits.

    v' = v_target + sign(g) fastest(|g|),      g = (q_target - v_target dt) - q

A ramp is met exactly (g = 0 gives v' = v_target), a gap that one tick can close is closed in one
tick (no chatter around the target), and a step takes the minimum time without overshoot.
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.safety.braking import Braking
from vla_ros.safety.motion_state import MotionState


@dataclass(frozen=True)
class TargetTracking:
    """The approach law above.

    Attributes:
        braking: the deceleration that the approach counts on.
    """

    braking: Braking

    def velocities(
        self, state: MotionState, positions: FloatArray, feedforward: FloatArray
    ) -> FloatArray:
        """Velocities to ask for in the coming tick, before any limit.

        Args:
            state: the last command.
            positions: (J,) targets for the end of the tick [rad].
            feedforward: (J,) velocities of the targets [rad/s].

        Returns:
            (J,) [rad/s].
        """
        gaps = positions - feedforward * self.braking.dt_s - state.positions
        return feedforward + np.copysign(self.braking.fastest(np.abs(gaps)), gaps)
