# SPDX-License-Identifier: Apache-2.0
"""Robot profiles from files."""

from pathlib import Path

import pytest

from vla_ros.core.exceptions import ConfigError
from vla_ros.core.resources import resource_path
from vla_ros.nodes.profile_files import load_profile, load_robot_description


@pytest.fixture
def demo_text() -> str:
    return resource_path("config/robots/demo_arm.yaml").read_text(encoding="utf-8")


def test_by_name() -> None:
    profile = load_profile("demo_arm")
    assert profile.name == "demo_arm"
    assert "<robot" in load_robot_description(profile)


def test_by_path(tmp_path: Path, demo_text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(demo_text.replace("name: demo_arm", "name: mine"))
    assert load_profile(str(path)).name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("base_frame: base", "base_frame: [", r"YAML in .*mine\.yaml:\d+"),
        ("max_velocity:", "max_velocty:", r"'max_velocty' in .*mine\.yaml"),
        ("base_frame: base\n", "", "a value for 'base_frame'"),
        ("base_frame: base\n", "base_frame: 3\n", r"type str for 'base_frame'.*mine\.yaml"),
        ("base_frame: base\n", "base_frame: base\nurdf: other\n", "'urdf' once .* on lines 4 and"),
    ],
)
def test_mistakes_are_named_with_their_place(
    tmp_path: Path, demo_text: str, old: str, new: str, words: str
) -> None:
    assert old in demo_text
    path = tmp_path / "mine.yaml"
    path.write_text(demo_text.replace(old, new))
    with pytest.raises(ConfigError, match=words):
        load_profile(str(path))


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("# nothing\n")
    with pytest.raises(ConfigError, match=r"`name: value` lines in .*mine\.yaml"):
        load_profile(str(path))


def test_files_that_do_not_exist(tmp_path: Path, demo_text: str) -> None:
    with pytest.raises(ConfigError, match="no_robot.yaml"):
        load_profile("no_robot")
    with pytest.raises(ConfigError, match="No such file"):
        load_profile(str(tmp_path / "none.yaml"))
    path = tmp_path / "mine.yaml"
    path.write_text(demo_text.replace("urdf: urdf/demo_arm.urdf", "urdf: urdf/none.urdf"))
    with pytest.raises(ConfigError, match="urdf/none.urdf"):
        load_robot_description(load_profile(str(path)))
