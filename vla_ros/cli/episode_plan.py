# SPDX-License-Identifier: Apache-2.0
"""Which episodes are played, with which sentences."""

import re
from dataclasses import dataclass

from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.instructions import sentence
from vla_ros.sim.scene import COLOURS, TASKS, draw_scene

_TRAY_WORDS = {"tray", "plate", "platter"}


MAX_EPISODES = 100_000
MAX_SEED = 2**63 - 1  # of the service that resets the world


@dataclass(frozen=True)
class PlannedEpisode:
    """One episode before it is played.

    Attributes:
        seed: of the scene.
        task: "pick" or "place".
        target: colour of the cube that counts.
        instruction: what is said to the policy.
        wording: "training", "held out" or "free".
        judged: whether the sentence names a colour, so that success can be told.
    """

    seed: int
    task: str
    target: str
    instruction: str
    wording: str
    judged: bool = True


def plan_episodes(count: int, seed: int, instruction: str | None) -> list[PlannedEpisode]:
    """Plan episodes with seeds counting up from `seed`.

    Args:
        count: number of episodes.
        seed: of the first scene.
        instruction: free text for all of them, or None: sentences for the tasks drawn from the
            seeds, every other one in words that training did not use.

    Raises:
        ConfigError: no episodes, or an instruction without a word.
    """
    if count < 1:
        raise ConfigError("at least 1 episode", f"{count}", "Give --episodes a number from 1 up.")
    if count > MAX_EPISODES or not 0 <= seed <= MAX_SEED - count:
        raise ConfigError(
            f"at most {MAX_EPISODES} episodes and seeds from 0 to {MAX_SEED}",
            f"{count} episodes from seed {seed}",
            "Give numbers in that range.",
        )
    if instruction is not None and not instruction.isprintable():
        raise ConfigError("printable text", repr(instruction), "Leave out control characters.")
    if instruction is not None and not re.search(r"\w", instruction):
        raise ConfigError(
            "an instruction with words",
            repr(instruction),
            'Say what to do, for example "pick up the red cube".',
        )
    seeds = range(seed, seed + count)
    if instruction is not None:
        return [_free(number, instruction) for number in seeds]
    return [_drawn(number, held_out=index % 2 == 1) for index, number in enumerate(seeds)]


def _drawn(seed: int, held_out: bool) -> PlannedEpisode:
    scene = draw_scene(seed)
    text = sentence(scene.task, scene.target, seed // 2, held_out)
    wording = "held out" if held_out else "training"
    return PlannedEpisode(seed, scene.task, scene.target, text, wording)


def _free(seed: int, instruction: str) -> PlannedEpisode:
    """Judge free text by its words: the one colour, and whether it names the tray."""
    words = re.findall(r"[a-z]+", instruction.lower())
    named = [colour for colour in COLOURS if colour in words]
    task = TASKS[1] if _TRAY_WORDS & set(words) else TASKS[0]
    judged = len(named) == 1
    target = named[0] if judged else ""
    scene = draw_scene(seed, task, target)
    return PlannedEpisode(seed, task, scene.target, instruction, "free", judged)
