# SPDX-License-Identifier: Apache-2.0
"""An action chunk: H future actions, anchored at the capture time of the observation behind them.

    stamp_ns            + dt          + 2 dt        + 3 dt
    |                   |             |             |
    actions[0]          actions[1]    actions[2]    actions[3]      (H, D)

Step k is meant for `stamp + k * dt`, whatever the time at which the chunk arrives.
"""

from dataclasses import dataclass, field

import numpy as np

from vla_ros.core.action_layout import ActionLayout
from vla_ros.core.arrays import FloatArray, frozen_array
from vla_ros.core.exceptions import ChunkError

NS_PER_S = 1_000_000_000


@dataclass(frozen=True)
class ActionChunk:
    """H actions of D dimensions with all that is needed to execute them.

    Attributes:
        stamp_ns: capture time of the observation [ns, ROS time].
        dt_s: time between steps [s].
        actions: (H, D), read-only; columns as `layout` says.
        layout: meaning of the columns.
        instruction: the sentence that the policy was given.
        session: random name of the policy's run; sequence numbers count within it.
        sequence: grows by one with every chunk of the session.
        prefix_length: leading steps that were given to the policy and that it had to keep.
        inference_s: time that the inference took [s].
    """

    stamp_ns: int
    dt_s: float
    actions: FloatArray
    layout: ActionLayout
    instruction: str = ""
    session: str = ""
    sequence: int = 0
    prefix_length: int = 0
    inference_s: float = field(default=0.0, compare=False)

    def __post_init__(self) -> None:
        """Freeze the array and refuse what cannot be executed.

        Raises:
            ChunkError: wrong shape or width, NaN or Inf, a time step that is not positive.
        """
        object.__setattr__(self, "actions", frozen_array(self.actions))
        if self.actions.ndim != 2 or self.actions.shape[0] == 0:
            raise ChunkError(
                "actions of shape (H, D) with H >= 1",
                f"shape {self.actions.shape}",
                "Publish one row per step.",
            )
        if self.actions.shape[1] != self.layout.width:
            raise ChunkError(
                f"{self.layout.width} columns, as the layout describes",
                f"{self.actions.shape[1]} columns",
                "Let the layout describe every column once.",
            )
        if not np.isfinite(self.actions).all():
            step, column = np.argwhere(~np.isfinite(self.actions))[0]
            raise ChunkError(
                "finite numbers",
                f"{self.actions[step, column]} at step {step}, column {column}",
                "Check the policy's normalisation and its input.",
            )
        if not (np.isfinite(self.dt_s) and self.dt_s > 0):
            raise ChunkError("dt > 0 s", f"{self.dt_s}", "Set the policy's time step in seconds.")
        if not 0 <= self.prefix_length <= self.horizon:
            raise ChunkError(
                f"a prefix of 0 to {self.horizon} steps",
                f"{self.prefix_length}",
                "The prefix is a part of the chunk.",
            )

    @property
    def horizon(self) -> int:
        """Number of steps H."""
        return int(self.actions.shape[0])

    @property
    def end_ns(self) -> int:
        """Time of the last step [ns]."""
        return self.stamp_ns + round((self.horizon - 1) * self.dt_s * NS_PER_S)

    def step_at(self, time_ns: int) -> float:
        """Position of a time on the chunk's own axis, in steps (0 = first action).

        Args:
            time_ns: ROS time [ns].

        Returns:
            A real number; below 0 before the chunk, above H - 1 after it.
        """
        return (time_ns - self.stamp_ns) / (self.dt_s * NS_PER_S)
