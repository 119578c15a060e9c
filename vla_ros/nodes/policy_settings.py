# SPDX-License-Identifier: Apache-2.0
"""Parameters of the policy node."""

from dataclasses import dataclass

from vla_ros.core.config import setting


@dataclass(frozen=True)
class PolicySettings:
    """Which policy runs, on which inputs, how often."""

    policy: str = setting("registered name of the policy", "embedded")
    checkpoint: str = setting("path of the weights; empty: the family's own", "")
    seed: int = setting("seed of the policy's noise", 0, low=0)
    base_frame: str = setting("frame_id of the chunks: the robot's base frame", "base")
    max_skew_s: float = setting(
        "largest distance between the stamps of pictures and joint states of one observation",
        0.04,  # a frame period at 30 Hz and some delay
        unit="s",
        low=0.0,
        high=1.0,
    )
    max_observation_age_s: float = setting(
        "an observation whose oldest picture is older is not used", 0.5, unit="s", low=1e-3
    )
    replan_interval_s: float = setting(
        "shortest time between the stamps of two observations used; 0: each new one",
        0.0,
        unit="s",
        low=0.0,
    )
    ablation: str = setting(
        "diagnostic that must make a policy fail if it sees and reads: blackout replaces the "
        "pictures by zeros, mute blanks the sentence before the policy gets it",
        "none",
        choices=("none", "blackout", "mute"),
    )
