# SPDX-License-Identifier: Apache-2.0
"""The seam that every joint limit fits: a state in, an interval of next velocities out.

What every limit owes the pipeline, and one property suite checks:
- from a state that it admits, the braking velocity (full deceleration) is in its interval;
- any velocity of the intersection of all intervals leads to a state that it admits again.
So the intersection is never empty, and the robot can always stop inside all limits.
"""

from typing import ClassVar, Protocol

from vla_ros.safety.motion_state import MotionState
from vla_ros.safety.velocity_interval import VelocityInterval


class JointLimit(Protocol):
    """A bound on the next tick's joint velocities.

    Attributes:
        name: name in safety events.
    """

    name: ClassVar[str]

    def interval(self, state: MotionState) -> VelocityInterval:
        """Velocities that this limit admits for the tick after `state`."""
