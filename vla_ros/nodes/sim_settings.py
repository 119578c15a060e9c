# SPDX-License-Identifier: Apache-2.0
"""Parameters of the simulator node."""

from dataclasses import dataclass

from vla_ros.core.config import setting
from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.world import TIME_STEP_S


@dataclass(frozen=True)
class SimSettings:
    """What the simulated robot publishes, and how fast its time runs."""

    seed: int = setting("scene at the start", 0, low=0)
    task: str = setting("task at the start; empty: drawn from the seed", "")
    real_time_factor: float = setting(
        "simulated seconds per second; other than 1 needs publish_clock; 0: as fast as it can",
        1.0,
        low=0.0,
        high=50.0,
    )
    publish_clock: bool = setting("publish /clock, and stamp with simulated time", False)
    joint_state_rate_hz: float = setting("of joint_states and wrench", 200.0, unit="Hz", low=1.0)
    camera_rate_hz: float = setting("of the cameras front and wrist", 20.0, unit="Hz", low=0.1)
    camera_size_px: int = setting("height and width of both", 192, unit="px", low=16, high=480)
    overview_rate_hz: float = setting("of a camera for people; 0: off", 0.0, unit="Hz", low=0.0)

    def __post_init__(self) -> None:
        """Refuse rates above that of physics, and fast time without a clock.

        Raises:
            ConfigError: names the setting.
        """
        for name in ("joint_state_rate_hz", "camera_rate_hz", "overview_rate_hz"):
            if getattr(self, name) * TIME_STEP_S > 1:
                raise ConfigError(
                    f"{name} <= {1 / TIME_STEP_S:g} Hz, the rate of physics",
                    f"{getattr(self, name)}",
                    "Lower it.",
                )
        if self.real_time_factor != 1 and not self.publish_clock:
            raise ConfigError(
                "publish_clock with a real_time_factor other than 1",
                f"real_time_factor {self.real_time_factor} without it",
                "Set publish_clock here and use_sim_time on every node.",
            )

    def every(self, rate_hz: float) -> int:
        """Physics steps from one publication to the next at a rate [Hz]."""
        return max(1, round(1 / (rate_hz * TIME_STEP_S)))
