# SPDX-License-Identifier: Apache-2.0
"""Plays planned episodes on the running system and notes how they went."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vla_ros.cli.episode_plan import PlannedEpisode

if TYPE_CHECKING:  # so that results are summarised, and tested, without ROS
    from vla_ros.nodes.system_client import SystemClient

LIMIT_S = 15.0  # simulated time after which an episode has failed
STEP_S = 0.1  # of the policy
_AFTER_S = 0.6  # the film goes on this long after the end
_POLL_S = 0.05


@dataclass(frozen=True)
class EpisodeResult:
    """How an episode went.

    Attributes:
        plan: what was played.
        cubes: colours in the scene.
        success: None when the sentence names no single colour.
        wrong_object: another cube was lifted.
        phase: the last phase.
        duration_s: simulated time [s].
        latencies_s: camera stamp to first command that depends on it, one per executed chunk.
        inferences_s: one per chunk.
    """

    plan: PlannedEpisode
    cubes: tuple[str, ...]
    success: bool | None
    wrong_object: bool
    phase: str
    duration_s: float
    latencies_s: tuple[float, ...]
    inferences_s: tuple[float, ...]

    @property
    def steps(self) -> int:
        """Duration in steps of the policy."""
        return round(self.duration_s / STEP_S)


class EpisodePlayer:
    """Plays one episode after another."""

    def __init__(
        self,
        client: "SystemClient",
        check: Callable[[], None],
        on_phase: Callable[[str, float], None] = lambda phase, elapsed_s: None,
    ) -> None:
        """Use a running system.

        Args:
            client: connected to it.
            check: raises when a part of the system has died.
            on_phase: told the phase and the elapsed time [s] at every look.
        """
        self._client, self._check, self._on_phase = client, check, on_phase

    def play(self, plan: PlannedEpisode) -> EpisodeResult:
        """Reset the world, say the sentence, watch until it is done, wrong, or too late."""
        client = self._client
        reset = client.reset(plan.seed, plan.task, plan.target)
        client.clear_figures()
        client.instruct(plan.instruction)
        state = client.task_state()
        while state.elapsed < LIMIT_S and not (state.success or state.wrong_object):
            time.sleep(_POLL_S)
            self._check()
            state = client.task_state()
            self._on_phase(state.phase, state.elapsed)
        time.sleep(_AFTER_S)
        return EpisodeResult(
            plan,
            tuple(reset.cubes),
            bool(state.success) if plan.judged else None,
            bool(state.wrong_object) and plan.judged,
            state.phase,
            state.elapsed,
            tuple(client.latencies_s),
            tuple(client.inferences_s),
        )
