# SPDX-License-Identifier: Apache-2.0
"""The discrete stop: what full deceleration in ticks of dt does, exactly.

A tick moves by v dt, and the next tick's speed may differ by at most step = a dt. A joint that
moves at v in the coming tick and then brakes covers

    T(v) = dt (v + (v - step) + (v - 2 step) + ... down to the last positive term)
         = dt ((n + 1) v - step n (n + 1) / 2)         for n step <= v <= (n + 1) step

which is continuous, increasing and convex, with T(n step) = dt step n (n + 1) / 2. So the largest
speed whose stop fits into a room r solves T(v) = r: with rho = r / (dt step),

    n = floor((sqrt(1 + 8 rho) - 1) / 2),     v = (r / dt + step n (n + 1) / 2) / (n + 1)

The continuous v = sqrt(2 a r) is wrong by up to step / 2, and would pass the bound by that.
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.safety.motion_state import MotionState


@dataclass(frozen=True)
class Braking:
    """Full deceleration of every joint for itself.

    Attributes:
        max_acceleration: (J,) [rad/s^2].
        dt_s: length of a tick [s].
    """

    max_acceleration: FloatArray
    dt_s: float

    @property
    def step(self) -> FloatArray:
        """(J,) change of speed in one tick [rad/s]."""
        return self.max_acceleration * self.dt_s

    def next_velocities(self, velocities: FloatArray) -> FloatArray:
        """(J,) velocities [rad/s] of the tick after (J,) velocities at full deceleration."""
        speeds: FloatArray = np.maximum(np.abs(velocities) - self.step, 0.0)
        return np.copysign(speeds, velocities)

    def distance(self, speeds: FloatArray) -> FloatArray:
        """Way to standstill, T(v) above.

        Args:
            speeds: (J,) speeds of the coming tick [rad/s], >= 0.

        Returns:
            (J,) [rad].
        """
        n = np.floor(speeds / self.step)
        way: FloatArray = self.dt_s * ((n + 1) * speeds - self.step * n * (n + 1) / 2)
        return way

    def fastest(self, rooms: FloatArray) -> FloatArray:
        """Largest speed of the coming tick whose whole stop fits, the inverse of T.

        Args:
            rooms: (J,) [rad], >= 0.

        Returns:
            (J,) speeds [rad/s].
        """
        ticks = rooms / self.dt_s
        n = np.floor((np.sqrt(1.0 + 8.0 * ticks / self.step) - 1.0) / 2.0)
        speeds: FloatArray = (ticks + self.step * n * (n + 1) / 2) / (n + 1)
        return speeds

    def path(self, state: MotionState) -> FloatArray:
        """Positions of the stop that begins in the tick after a state.

        Returns:
            (T + 1, J) [rad]: the state itself, then one row per tick; the last is at rest.
        """
        speeds = np.abs(state.velocities)
        ticks = int(np.ceil((speeds / self.step).max()))
        lost = np.arange(1, ticks + 1)[:, None] * self.step
        remaining = np.maximum(speeds - lost, 0.0) * np.sign(state.velocities)
        moved = np.cumsum(remaining, axis=0) * self.dt_s
        return np.vstack([state.positions, state.positions + moved])
