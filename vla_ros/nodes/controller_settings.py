# SPDX-License-Identifier: Apache-2.0
"""Settings of the controller; the one home of their defaults."""

from dataclasses import dataclass

from vla_ros.core.config import setting
from vla_ros.execution.latest_chunk import LatestChunk
from vla_ros.execution.strategy import Strategy
from vla_ros.execution.temporal_ensemble import TemporalEnsemble


@dataclass(frozen=True)
class ControllerSettings:
    """How chunks are executed, when motion holds or stops. Limits are in the robot profile."""

    rate_hz: float = setting("commands per second", 100.0, unit="Hz", low=10.0, high=1000.0)
    chunk_timeout_s: float = setting(
        "hold when no chunk was accepted for this long, even if an old one still has steps left",
        0.5,
        unit="s",
        low=0.05,
        high=60.0,
    )
    max_chunk_age_s: float = setting(
        "a prediction is not used when its observation is older",
        2.0,
        unit="s",
        low=0.05,
        high=60.0,
    )
    joint_state_timeout_s: float = setting(
        "hold when no valid joint state came for this long", 0.2, unit="s", low=0.01, high=5.0
    )
    max_tracking_error_rad: float = setting(
        "stop instead of resuming when a joint is further than this from its command",
        0.2,
        unit="rad",
        low=1e-3,
        high=3.2,
    )
    max_clock_jump_s: float = setting(
        "stop when the clock moves by more than this between two ticks, or back; a scheduler's "
        "worst hiccup is below, a clock that was set is above; raise it for fast simulated time",
        0.5,
        unit="s",
        low=0.02,
        high=60.0,
    )
    strategy: str = setting(
        "how overlapping chunks are combined", "ensemble", choices=("latest", "ensemble")
    )
    ensemble_m: float = setting(
        "decay of the ensemble's weights exp(-m i), i = 0 the oldest; below 0 favours the newest",
        0.1,
        low=-10.0,
        high=10.0,
    )

    ensemble_window_s: float = setting(
        "the ensemble leaves out predictions whose observation is this much older than the newest",
        0.3,
        unit="s",
        low=0.0,
        high=60.0,
    )

    def make_strategy(self) -> Strategy:
        """The strategy that is named."""
        if self.strategy == "ensemble":
            return TemporalEnsemble(self.ensemble_m, self.ensemble_window_s)
        return LatestChunk()
