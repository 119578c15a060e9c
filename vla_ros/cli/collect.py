# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros collect`: records the scripted expert, one file per episode."""

import argparse
import functools
import multiprocessing
import os
from pathlib import Path

from tqdm import tqdm

from vla_ros.cli.console import say
from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.demonstrations import Recorder

FIRST_SEED = {"pick": 100_000, "place": 200_000}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--pick", type=int, default=700, help="episodes of 'pick' (default: 700)")
    parser.add_argument("--place", type=int, default=800, help="of 'place' (default: 800)")
    parser.add_argument(
        "--out", type=Path, default=Path("out/demonstrations"), help="folder for the episodes"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 1,
        help="processes (default: one per core)",
    )


def run(options: argparse.Namespace) -> int:
    """Record what is not there yet; seeds count up from a fixed first one per task.

    Raises:
        ConfigError: a negative number of episodes, or no worker.
    """
    if min(options.pick, options.place) < 0 or options.workers < 1:
        raise ConfigError("numbers from 0 up, and a worker", f"{vars(options)}", "Correct them.")
    options.out.mkdir(parents=True, exist_ok=True)
    counts = {"pick": options.pick, "place": options.place}
    jobs = [
        (task, FIRST_SEED[task] + number, options.out / f"{task}_{FIRST_SEED[task] + number}.npz")
        for task, count in counts.items()
        for number in range(count)
    ]
    jobs = [job for job in jobs if not job[2].exists()]
    context = multiprocessing.get_context(
        "spawn"
    )  # each worker needs a rendering context of its own
    with context.Pool(options.workers) as pool:
        steps = list(tqdm(pool.imap_unordered(_record, jobs), total=len(jobs), unit="episode"))
    failed = steps.count(0)
    say(f"{len(steps) - failed} episodes, {sum(steps)} steps; {failed} that the expert failed")
    return 0


@functools.cache
def _recorder() -> Recorder:
    """One world per worker; building it takes longer than an episode."""
    return Recorder()


def _record(job: tuple[str, int, Path]) -> int:
    """Record one episode in a worker; returns its number of steps, 0 when the expert failed."""
    task, seed, path = job
    episode = _recorder().record(seed, task)
    if episode is None:
        return 0
    episode.save(path)
    return len(episode.front)
