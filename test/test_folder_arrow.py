# SPDX-License-Identifier: Apache-2.0
"""core <- kinematics <- {policies, execution, safety} <- {serving, sim} <- nodes <- {cli, launch}.

Reads the imports of every file, those inside functions too, and names each one that breaks it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANK = {
    "core": 0,
    "kinematics": 1,
    "policies": 2,
    "execution": 2,
    "safety": 2,
    "serving": 3,
    "sim": 3,
    "nodes": 4,
    "cli": 5,
    "launch": 5,
}
GENERATED = ("msg", "srv", "action")
ROS_PREFIXES = ("rclpy", "launch", "launch_ros", "ament_index_python", "cv_bridge", "tf2_ros")
ROS_SUFFIXES = ("_msgs", "_srvs", "_interfaces")
SPEAKS_ROS = ("nodes", "launch")
CORE_ALLOWED = {*sys.stdlib_module_names, "numpy", "vla_ros"}


def room_of(path: Path, root: Path) -> str:
    """Room that a file lives in: a folder of vla_ros/, "launch", or "cli" for `__main__.py`."""
    parts = path.relative_to(root).parts
    if parts[0] == "launch":
        return "launch"
    if len(parts) == 2:
        return "cli" if parts[1] == "__main__.py" else "core"
    return parts[1]


def imported_modules(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything that a file imports."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            for name in node.names:
                yield node.lineno, ".".join([*base, *filter(None, [node.module]), name.name])


def complaint(room: str, module: str) -> str:
    """What is wrong with a room importing a module; nothing when it may."""
    parts = module.split(".")
    generated = parts[0] == "vla_ros" and len(parts) > 1 and parts[1] in GENERATED
    ros = generated or parts[0] in ROS_PREFIXES or parts[0].endswith(ROS_SUFFIXES)
    if ros:
        return "" if room in SPEAKS_ROS else "only nodes/ and launch/ speak ROS"
    if parts[0] == "vla_ros" and len(parts) > 1 and parts[1] in RANK:
        other = parts[1]
        allowed = room == other or RANK[other] < RANK[room]
        return "" if allowed else f"the arrow points from {other} to {room}"
    if room == "core" and parts[0] not in CORE_ALLOWED:
        return "core imports numpy and the standard library only"
    return ""


def wrong_arrows(root: Path) -> list[str]:
    """All imports under a root that break the arrow, as `file:line imports module: why`."""
    found = []
    for path in sorted([*root.glob("vla_ros/**/*.py"), *root.glob("launch/**/*.py")]):
        room = room_of(path, root)
        if room not in RANK:
            found.append(f"{path.relative_to(root)}: vla_ros/{room}/ is not a room")
            continue
        for line, module in imported_modules(path, root):
            if why := complaint(room, module):
                found.append(f"{path.relative_to(root)}:{line} imports {module}: {why}")
    return found


def test_every_import_follows_the_arrow():
    assert wrong_arrows(ROOT) == []


def test_the_walk_sees_the_package():
    assert len(list((ROOT / "vla_ros").glob("**/*.py"))) > 10


def test_package_init_holds_a_docstring_and_nothing_else():
    """Generated modules share the package: code there would run or vanish with the build."""
    body = ast.parse((ROOT / "vla_ros" / "__init__.py").read_text()).body
    assert [type(node) for node in body] == [ast.Expr]


@pytest.mark.parametrize(
    ("file", "source", "why"),
    [
        ("vla_ros/core/a.py", "import vla_ros.safety.limit", "from safety to core"),
        ("vla_ros/core/a.py", "import torch", "numpy and the standard library only"),
        ("vla_ros/top.py", "import torch", "numpy and the standard library only"),
        ("vla_ros/kinematics/a.py", "from vla_ros.execution import x", "from execution to kine"),
        ("vla_ros/safety/a.py", "from vla_ros import execution", "from execution to safety"),
        ("vla_ros/safety/a.py", "from ..policies import policy", "from policies to safety"),
        ("vla_ros/safety/b/a.py", "from ...policies.x import y", "from policies to safety"),
        ("vla_ros/sim/a.py", "from vla_ros.serving import x", "from serving to sim"),
        ("vla_ros/sim/a.py", "def f():\n    import rclpy.node", "speak ROS"),
        ("vla_ros/sim/a.py", "from vla_ros.msg import ActionChunk", "speak ROS"),
        ("vla_ros/sim/a.py", "from vla_ros import srv", "speak ROS"),
        ("vla_ros/cli/a.py", "from sensor_msgs.msg import Image", "speak ROS"),
        ("vla_ros/__main__.py", "import std_srvs.srv", "speak ROS"),
        ("vla_ros/nodes/a.py", "from vla_ros.cli import demo", "from cli to nodes"),
        ("vla_ros/cli/a.py", "from vla_ros.launch import x", "from launch to cli"),
        ("vla_ros/helpers/a.py", "", "is not a room"),
    ],
)
def test_a_planted_violation_is_named(tmp_path, file, source, why):
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    planted.write_text(source)
    found = wrong_arrows(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(file)
    assert why in found[0]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("vla_ros/core/a.py", "import math, numpy.typing\nfrom vla_ros.core.clock import x"),
        ("vla_ros/core/a.py", "from . import b\nfrom .b import c"),
        ("vla_ros/execution/a.py", "from vla_ros.kinematics.model import x\nimport torch"),
        (
            "vla_ros/nodes/a.py",
            "import rclpy\nfrom vla_ros.msg import A\nimport vla_ros.sim.world",
        ),
        ("vla_ros/cli/a.py", "import vla_ros.nodes.policy_node"),
        ("launch/demo.launch.py", "import launch_ros\nfrom vla_ros.nodes import system"),
    ],
)
def test_an_import_along_the_arrow_passes(tmp_path, file, source):
    fine = tmp_path / file
    fine.parent.mkdir(parents=True)
    fine.write_text(source)
    assert wrong_arrows(tmp_path) == []
