# SPDX-License-Identifier: Apache-2.0
"""All live chunks in one flat table, so that a look-up is a few array operations for any number.

    plan   0          1               2
    row    0 .. H0-1  H0 .. H0+H1-1   ...           positions (sum H, J)
    first_rows [0, H0, H0+H1]

A table never changes; a new chunk makes a new table. So the control loop reads one while a
callback builds the next, and neither waits for the other.
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import FloatArray
from vla_ros.execution.joint_plan import JointPlan
from vla_ros.execution.strategy import IntArray, Predictions

# Stamps are rounded to 1 ns, so a time that is meant to be step k may lie just before it.
# 1e-6 steps are 100 ns at dt = 0.1 s: above the rounding, below anything that moves.
_STEP_ROUNDING = 1e-6


@dataclass(frozen=True)
class ChunkTable:
    """N plans, the oldest first, and their numbers row below row.

    Attributes:
        plans: (N) the plans.
        stamps_ns: (N,) time of each first step [ns].
        ends_ns: (N,) time of each last step [ns].
        dts_ns: (N,) time between steps [ns].
        arrivals_ns: (N,) time of acceptance [ns].
        first_rows: (N,) row of each first step.
        last_steps: (N,) H - 1 of each plan.
        positions: (sum H, J) [rad].
        gripper_widths: (sum H,) [m], NaN where none.
    """

    plans: tuple[JointPlan, ...]
    stamps_ns: IntArray
    ends_ns: IntArray
    dts_ns: FloatArray
    arrivals_ns: IntArray
    first_rows: IntArray
    last_steps: IntArray
    positions: FloatArray
    gripper_widths: FloatArray

    @staticmethod
    def of(plans: tuple[JointPlan, ...]) -> "ChunkTable":
        """Stack N >= 0 plans, the oldest first."""
        chunks = [plan.chunk for plan in plans]
        horizons = np.array([chunk.horizon for chunk in chunks], dtype=np.int64)
        joints = plans[0].positions.shape[1] if plans else 0
        return ChunkTable(
            plans=plans,
            stamps_ns=np.array([chunk.stamp_ns for chunk in chunks], dtype=np.int64),
            ends_ns=np.array([chunk.end_ns for chunk in chunks], dtype=np.int64),
            dts_ns=np.array([chunk.dt_s * NS_PER_S for chunk in chunks]),
            arrivals_ns=np.array([plan.arrival_ns for plan in plans], dtype=np.int64),
            first_rows=np.cumsum(horizons) - horizons,
            last_steps=horizons - 1,
            positions=np.concatenate([np.empty((0, joints)), *(p.positions for p in plans)]),
            gripper_widths=np.concatenate([np.empty(0), *(p.gripper_widths for p in plans)]),
        )

    def predictions(self, time_ns: int, max_age_ns: int) -> Predictions | None:
        """What every chunk that covers a time says about it.

        Args:
            time_ns: time asked about [ns].
            max_age_ns: chunks whose stamp lies further back are left out [ns].

        Returns:
            The predictions, or None when no chunk covers the time.
        """
        ages = time_ns - self.stamps_ns
        live = np.flatnonzero((ages >= 0) & (time_ns <= self.ends_ns) & (ages <= max_age_ns))
        if live.size == 0:
            return None
        dts_ns, last, first = self.dts_ns[live], self.last_steps[live], self.first_rows[live]
        steps = ages[live] / dts_ns
        past = np.minimum(np.floor(steps + _STEP_ROUNDING).astype(np.int64), last)
        before = np.minimum(past, np.maximum(last - 1, 0))
        start = self.positions[first + before]
        rise = self.positions[first + np.minimum(before + 1, last)] - start
        share = np.clip(steps - before, 0.0, 1.0)
        return Predictions(
            time_ns=time_ns,
            chunks=tuple(self.plans[index].chunk for index in live),
            arrivals_ns=self.arrivals_ns[live],
            positions=start + share[:, None] * rise,
            velocities=rise * (NS_PER_S / dts_ns)[:, None],
            gripper_widths=self.gripper_widths[first + past],
        )
