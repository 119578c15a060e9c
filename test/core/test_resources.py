# SPDX-License-Identifier: Apache-2.0
"""Resources are found from a checkout and from an installed prefix."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from vla_ros.core import resources
from vla_ros.core.exceptions import ConfigError


def resource_path_of(package: Path):
    """The function as it is when the package lies in that folder."""
    place = package / "core" / "resources.py"
    place.parent.mkdir(parents=True)
    shutil.copy(resources.__file__, place)
    spec = importlib.util.spec_from_file_location("resources_elsewhere", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.resource_path


def written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    return path


def test_from_this_checkout():
    path = resources.resource_path("urdf/demo_arm.urdf")
    assert path == Path(resources.__file__).parents[2] / "urdf" / "demo_arm.urdf"


def test_in_a_checkout_the_file_beside_the_package_wins(tmp_path):
    find = resource_path_of(tmp_path / "vla_ros")
    written(tmp_path / "share" / "vla_ros" / "urdf" / "a.urdf")
    beside = written(tmp_path / "urdf" / "a.urdf")
    assert find("urdf/a.urdf") == beside


@pytest.mark.parametrize(
    "python", ["lib/python3.12/site-packages", "local/lib/python3.12/dist-packages"]
)
def test_in_an_installed_prefix(tmp_path, python):
    find = resource_path_of(tmp_path / python / "vla_ros")
    shared = written(tmp_path / "share" / "vla_ros" / "config" / "robots" / "a.yaml")
    assert find("config/robots/a.yaml") == shared


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    find = resource_path_of(tmp_path / "vla_ros")
    (tmp_path / "urdf").mkdir()
    for name in ("urdf/none.urdf", "urdf"):
        with pytest.raises(ConfigError, match=f"the file {name} beside the package.*none around"):
            find(name)
