# SPDX-License-Identifier: Apache-2.0
"""Where the command is and how fast it moves: the state that every limit looks at."""

from dataclasses import dataclass

from vla_ros.core.arrays import FloatArray


@dataclass(frozen=True)
class MotionState:
    """The last command.

    Attributes:
        positions: (J,) [rad].
        velocities: (J,) [rad/s]; the last tick moved by `velocities * dt`.
    """

    positions: FloatArray
    velocities: FloatArray

    def after(self, velocities: FloatArray, dt_s: float) -> "MotionState":
        """State one tick later.

        Args:
            velocities: (J,) velocities of that tick [rad/s].
            dt_s: length of the tick [s].
        """
        return MotionState(self.positions + velocities * dt_s, velocities)
