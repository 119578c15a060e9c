# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros evaluate`: success of the embedded policy in simulation, without ROS."""

import argparse
from pathlib import Path

from tqdm import tqdm

from vla_ros.cli.console import say
from vla_ros.core.exceptions import ConfigError
from vla_ros.policies.embedded.policy import load
from vla_ros.policies.policy import Policy
from vla_ros.sim.rollout import Rollout
from vla_ros.sim.scene import TASKS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--episodes", type=int, default=50, help="per task and wording")
    parser.add_argument("--seed", type=int, default=7000, help="of the first scene")
    parser.add_argument("--checkpoint", type=Path, help="weights (default: those that come along)")
    parser.add_argument(
        "--executed-steps", type=int, default=4, help="steps of a chunk before the next inference"
    )


def run(options: argparse.Namespace) -> int:
    """Play and print a table.

    Raises:
        ConfigError: no episodes, or more steps than a chunk has.
    """
    policy = load(options.checkpoint and str(options.checkpoint))
    if options.episodes < 1 or not 1 <= options.executed_steps < policy.spec.horizon:
        raise ConfigError(
            f"episodes >= 1 and 1 to {policy.spec.horizon - 1} executed steps",
            f"{options.episodes} and {options.executed_steps}",
            "Correct the options.",
        )
    seeds = range(options.seed, options.seed + options.episodes)
    for task in TASKS:
        for held_out in (False, True):
            rate, wrong = success(policy, task, seeds, held_out, options.executed_steps)
            wording = "held-out words" if held_out else "training words"
            say(f"{task:6} {wording:15} {rate:6.1%} success, {wrong} times the wrong cube")
    return 0


def success(
    policy: Policy, task: str, seeds: range, held_out: bool, executed_steps: int = 4
) -> tuple[float, int]:
    """Success rate over seeds, and how often the wrong cube was lifted."""
    rollout = Rollout(policy, executed_steps)
    bar = tqdm(seeds, desc=task, unit="episode", leave=False)
    states = [rollout.play(seed, task, held_out).state for seed in bar]
    rollout.close()
    wrong = sum(state.wrong_object for state in states)
    return sum(state.success for state in states) / len(states), wrong
