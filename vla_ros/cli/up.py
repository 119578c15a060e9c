# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros up`: the demo's system without an end, to play with."""

import argparse
import os
import time
from contextlib import ExitStack
from pathlib import Path

from vla_ros.cli.console import LiveLine, say
from vla_ros.cli.live_page import LivePage
from vla_ros.cli.running_system import running_system
from vla_ros.core.config import parse
from vla_ros.nodes.system_description import SystemChoice


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--seed", type=int, default=7000, help="of the scene (default: 7000)")
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
        say(f"  ROS domain   export ROS_DOMAIN_ID={system.domain_id}")
        say("  instruct     ros2 topic pub --once /instruction std_msgs/msg/String")
        say('                 "{data: pick up the red cube}"')
        say("  new scene    --view has a button; without it: ros2 lifecycle set /controller_node")
        say("               deactivate, ros2 service call /sim_node/reset vla_ros/srv/ResetWorld")
        say("               '{seed: 3}', ros2 lifecycle set /controller_node activate")
        if options.view:
            page = stack.enter_context(LivePage(system.client))
            say(f"  watch        {page.address}")
        if options.instruction:
            system.client.instruct(options.instruction)
        while True:
            system.processes.check()
            time.sleep(0.2)
