# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros demo`: plays episodes, prints how they went, writes a film of them."""

import argparse
import time
from contextlib import ExitStack
from pathlib import Path

from vla_ros.cli.console import LiveLine, say
from vla_ros.cli.episode_plan import PlannedEpisode, plan_episodes
from vla_ros.cli.episode_player import EpisodePlayer, EpisodeResult
from vla_ros.cli.film import FRAME_RATE_HZ, Film, compose
from vla_ros.cli.live_page import LivePage
from vla_ros.cli.running_system import RunningSystem, running_system
from vla_ros.cli.summary import milliseconds, success_rate, table, write_json
from vla_ros.core.config import parse
from vla_ros.core.exceptions import ConfigError
from vla_ros.nodes.system_description import SystemChoice

REQUIRED_RATE = 0.8
# options that change what happens; the others say where things go
_RECORDED = ("episodes", "seed", "instruction", "blackout", "mute", "strategy", "sink", "speed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--episodes", type=int, default=5, help="number of episodes (default: 5)")
    parser.add_argument(
        "--seed", type=int, default=7000, help="of the first scene (default: 7000)"
    )
    parser.add_argument(
        "--instruction", help='one sentence for all episodes, for example "lift the blue cube"'
    )
    parser.add_argument("--view", action="store_true", help="show it live on a web page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to FILE")
    hidden = parser.add_mutually_exclusive_group()
    hidden.add_argument("--blackout", action="store_true", help="black pictures for the policy")
    hidden.add_argument("--mute", action="store_true", help="a blank sentence for the policy")
    parser.add_argument(
        "--checkpoint", default="", help="weights (default: those that come along)"
    )
    parser.add_argument(
        "--strategy",
        default=SystemChoice.strategy,
        choices=("ensemble", "latest"),
        help="chunk execution",
    )
    parser.add_argument(
        "--sink",
        default=SystemChoice.sink,
        choices=("forward_position", "joint_trajectory"),
        help="ros2_control controller that is commanded",
    )
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="simulated seconds per second, 0.1 to 20 (default: 1); inference does not get faster",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out"), help="folder for film and logs (default: out)"
    )
    parser.add_argument("--no-film", action="store_true", help="write no MP4 and no PNG")


def choice_from(options: argparse.Namespace) -> SystemChoice:
    """The system that the options describe.

    Raises:
        ConfigError: a value out of range.
    """
    ablation = "blackout" if options.blackout else "mute" if options.mute else "none"
    watched = options.view or not options.no_film
    values = {
        "sim": True,
        "checkpoint": str(Path(options.checkpoint).resolve()) if options.checkpoint else "",
        "sink": options.sink,
        "strategy": options.strategy,
        "ablation": ablation,
        "seed": options.seed,
        "speed": options.speed,
        "overview_rate_hz": float(FRAME_RATE_HZ) if watched else 0.0,
    }
    return parse(SystemChoice, values, "the options")


def check_outputs(options: argparse.Namespace) -> None:
    """Try what will be written, before the minutes of playing.

    Raises:
        ConfigError: a folder or file that cannot be written.
    """
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        if options.json:
            options.json.parent.mkdir(parents=True, exist_ok=True)
            with options.json.open("a") as file:
                file.write("")
                file.flush()
    except OSError as error:
        raise ConfigError(
            "an --out and a --json that can be written", str(error), "Choose another place."
        ) from error


def run(options: argparse.Namespace) -> int:
    """Play; returns 0 when at least 80 % of the judged episodes succeeded.

    Raises:
        VlaRosError: bad options, or a part of the system failed.
    """
    plans = plan_episodes(options.episodes, options.seed, options.instruction)
    choice = choice_from(options)
    check_outputs(options)
    line, started_s = LiveLine(), time.monotonic()
    say("Starting simulator, controller and policy, each in its own process ...")
    with ExitStack() as stack:
        system = stack.enter_context(
            running_system(
                choice, options.out / "log", on_wait=lambda what: line.show(f"waiting for {what}")
            )
        )
        line.finish(f"Ready after {time.monotonic() - started_s:.1f} s.")
        film = None if options.no_film else stack.enter_context(Film(options.out))
        page = stack.enter_context(LivePage(system.client)) if options.view else None
        if page:
            say(f"Watch it at {page.address}")
        results = [_play(system, plan, film, line, number) for number, plan in enumerate(plans, 1)]
    return _report(results, options, film)


def _play(
    system: RunningSystem, plan: PlannedEpisode, film: Film | None, line: LiveLine, number: int
) -> EpisodeResult:
    client, latest = system.client, ["", 0.0]
    words = f'{number:3}  "{plan.instruction}"'

    def on_phase(phase: str, elapsed_s: float) -> None:
        latest[:] = [phase, elapsed_s]
        line.show(f"{words:60} {phase:12} {elapsed_s:4.1f} s")

    def on_picture(camera: str) -> None:
        if film and camera == "overview" and latest[0]:
            caption = f"{latest[0]}   {latest[1]:4.1f} s"
            film.add(compose(client.pictures, f'"{plan.instruction}"', caption))

    client.on_picture = on_picture
    result = EpisodePlayer(client, system.processes.check, on_phase).play(plan)
    client.on_picture = None
    if film:
        film.end_episode()
    verdict = {True: "success", False: "FAILED", None: "not judged (no colour)"}[result.success]
    if not result.success and result.success is not None:
        verdict += " (wrong cube)" if result.wrong_object else f" (at: {result.phase})"
    p50 = milliseconds(result.latencies_s)["p50"]
    latency = "-" if p50 is None else f"{p50:.1f}"
    line.finish(
        f"{words:60} {verdict:24} {result.duration_s:4.1f} s   latency p50 {latency} ms"
        f"   [{plan.wording} words]"
    )
    return result


def _report(results: list[EpisodeResult], options: argparse.Namespace, film: Film | None) -> int:
    say(table(results))
    if film and film.problem:
        say(f"\nThe film could not be written: {film.problem}")
    elif film:
        say(f"\nfilm: {film.movie}   strip: {film.strip}")
    if options.json:
        settings = {name: getattr(options, name) for name in _RECORDED}
        write_json(options.json, results, settings)
        say(f"results: {options.json}")
    rate = success_rate(results)
    if rate is None:
        say("\nNo success is stated: the sentence names no single colour of a cube.")
        return 0
    if rate < REQUIRED_RATE:
        say(f"\n{rate:.0%} succeeded; fewer than {REQUIRED_RATE:.0%} count as a failure.")
        return 1
    return 0
