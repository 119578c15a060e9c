# SPDX-License-Identifier: Apache-2.0
"""Tool workspace limit: a velocity is admitted only if its whole stop keeps the tool in the box.

    q  --v'-->  q'  --brake-->  .  --brake-->  .  rest          every dot is checked by FK

The stop that was checked at one tick contains the stop of the next tick, so braking is admitted
for ever after (recursive feasibility). The tool is checked at ticks: between two of them it may
bulge out by the sagitta of one tick's arc, 0.1 mm at 2 m/s, 100 Hz and a lever of 0.5 m.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.safety.braking import Braking
from vla_ros.safety.motion_state import MotionState

# Halvings of the search between braking and the wanted velocity: 1/64 of their difference is less
# than a tick's change of speed for every robot whose stop takes fewer than 64 ticks.
_HALVINGS = 6
# [rad/s] Not worth a check: 1e-8 rad in a tick at 100 Hz.
_STILL = 1e-6


@dataclass(frozen=True)
class WorkspaceLimit:
    """An axis-aligned box around the tool's origin, in the base frame.

    Attributes:
        lower: (3,) [m].
        upper: (3,) [m].
        tool_position: (J,) [rad] -> (3,) [m], forward kinematics.
        braking: the stop that is checked.
    """

    lower: FloatArray
    upper: FloatArray
    tool_position: Callable[[FloatArray], FloatArray]
    braking: Braking

    def excess(self, positions: FloatArray) -> FloatArray:
        """How far the tool is outside, per axis.

        Args:
            positions: (J,) [rad].

        Returns:
            (3,) [m]: 0 inside, negative below the box, positive above it.
        """
        tool = self.tool_position(positions)
        return np.minimum(tool - self.lower, 0.0) + np.maximum(tool - self.upper, 0.0)

    def nearest(
        self, state: MotionState, wanted: FloatArray, braking: FloatArray
    ) -> tuple[FloatArray, FloatArray | None]:
        """Admitted velocities near the wanted ones: a blend with braking, then joint by joint.

        Every joint stays between its braking and its wanted velocity, so joint limits still hold.
        A tool that is a little outside (see `SafetyPipeline.start`) may not go further out.

        Args:
            state: the last command.
            wanted: (J,) velocities of the coming tick [rad/s].
            braking: (J,) velocities of full deceleration [rad/s], always admitted.

        Returns:
            (J,) velocities [rad/s], and the (3,) tool position [m] outside the box that the wanted
            ones lead to; None when they are admitted.
        """
        here = self.tool_position(state.positions)
        bounds = np.minimum(self.lower, here), np.maximum(self.upper, here)
        breach = self._breach(state, wanted, bounds)
        if breach is None:
            return wanted, None
        admitted, low, high = braking, 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            candidate = braking + middle * (wanted - braking)
            if self._breach(state, candidate, bounds) is None:
                admitted, low = candidate, middle
            else:
                high = middle
        return self._slide(state, admitted, wanted, bounds), breach

    def _slide(
        self,
        state: MotionState,
        admitted: FloatArray,
        wanted: FloatArray,
        bounds: tuple[FloatArray, FloatArray],
    ) -> FloatArray:
        """Let every joint that leads inward alone have its wish, so that the tool cannot stick.

        When the straight way to a target leads inward, at least one joint's share of it does.
        """
        for joint in np.flatnonzero(np.abs(wanted - admitted) > _STILL):
            candidate = admitted.copy()
            candidate[joint] = wanted[joint]
            if self._breach(state, candidate, bounds) is None:
                admitted = candidate
        return admitted

    def _breach(
        self, state: MotionState, velocities: FloatArray, bounds: tuple[FloatArray, FloatArray]
    ) -> FloatArray | None:
        """Tool position outside the bounds on the way to rest after a tick, the furthest first."""
        lower, upper = bounds
        path = self.braking.path(state.after(velocities, self.braking.dt_s))
        # The rest posture is the likeliest to be outside, and one FK refuses it.
        rest = self.tool_position(path[-1])
        if ((rest < lower) | (rest > upper)).any():
            return rest
        if len(path) == 1:
            return None
        tools = np.array([self.tool_position(positions) for positions in path[:-1]])
        outside = ((tools < lower) | (tools > upper)).any(axis=1)
        return tools[np.argmax(outside)] if outside.any() else None
