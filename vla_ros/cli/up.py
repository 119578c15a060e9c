# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros up`: the demo's system without an end, to play with."""

import argparse
import os
import shutil
import time
from contextlib import ExitStack
from pathlib import Path

from vla_ros.cli.console import LiveLine, say
from vla_ros.cli.live_page import LivePage
from vla_ros.cli.running_system import running_system
from vla_ros.core.config import parse
from vla_ros.nodes.system_description import SystemChoice
from vla_ros.sim.scene import draw_scene


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--seed", type=int, default=7002, help="of the scene (default: 7002)")
    parser.add_argument("--policy", default="embedded", help="policy family (default: embedded)")
    parser.add_argument("--instruction", default="", help="first sentence (default: none)")
    parser.add_argument("--view", action="store_true", help="show and command it on a web page")
    parser.add_argument(
        "--checkpoint", default="", help="weights (default: those that come along)"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds per second")
    parser.add_argument(
        "--domain", type=int, help="ROS domain (default: ROS_DOMAIN_ID, else a free one)"
    )
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for logs")


def run(options: argparse.Namespace) -> int:
    """Run until Ctrl-C.

    Raises:
        VlaRosError: bad options, or a part of the system failed.
    """
    values = {
        "sim": True,
        "policy": options.policy,
        "checkpoint": str(Path(options.checkpoint).resolve()) if options.checkpoint else "",
        "seed": options.seed,
        "speed": options.speed,
        "overview_rate_hz": 10.0 if options.view else 0.0,
    }
    choice, line = parse(SystemChoice, values, "the options"), LiveLine()
    domain = options.domain
    if domain is None and "ROS_DOMAIN_ID" in os.environ:
        domain = int(os.environ["ROS_DOMAIN_ID"])
    with ExitStack() as stack:
        system = stack.enter_context(
            running_system(
                choice, options.out / "log", domain, lambda what: line.show(f"waiting for {what}")
            )
        )
        line.finish("Running; Ctrl-C stops it.")
        cubes = tuple(cube.colour for cube in draw_scene(options.seed).cubes)
        system.client.cubes = cubes
        address = stack.enter_context(LivePage(system.client)).address if options.view else None
        _explain(system.domain_id, cubes, address)
        if options.instruction:
            system.client.instruct(options.instruction)
        while True:
            for name in system.processes.revive():
                say(f"{name} had ended and was started again; the controller held the arm")
            time.sleep(0.2)


def _explain(domain_id: int, cubes: tuple[str, ...], address: str | None) -> None:
    """Say how to command the system with what is there."""
    sentence = f"pick up the {cubes[0]} cube"
    say(f"  cubes        {', '.join(cubes)}; the policy does not notice a cube that is not there")
    if address:
        say(f"  watch        {address}")
        say(f"  instruct     on the page, or: curl -d '{sentence}' {address}instruction")
        say(f"  new scene    on the page, or: curl -d 7003 {address}reset")
    else:
        say("  watch        --view serves a page that shows and commands it")
    say(f"  ROS domain   export ROS_DOMAIN_ID={domain_id}")
    if shutil.which("ros2"):
        say("  instruct     ros2 topic pub --once /instruction std_msgs/msg/String \\")
        say(f'                 "{{data: {sentence}}}"')
