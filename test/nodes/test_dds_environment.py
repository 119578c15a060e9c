# SPDX-License-Identifier: Apache-2.0
"""What started processes get."""

from pathlib import Path

import pytest

from vla_ros.nodes import dds_environment as module
from vla_ros.nodes.dds_environment import dds_environment

pytestmark = pytest.mark.ros


def test_profile_exists_and_domain_is_set() -> None:
    variables = dds_environment(17)
    assert Path(variables["FASTRTPS_DEFAULT_PROFILES_FILE"]).is_file()
    assert variables["ROS_DOMAIN_ID"] == "17"
    assert variables["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    assert "ROS_DOMAIN_ID" not in dds_environment()


def test_the_choice_of_middleware_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RMW_IMPLEMENTATION", "rmw_zenoh_cpp")
    assert "RMW_IMPLEMENTATION" not in dds_environment()
    monkeypatch.delenv("RMW_IMPLEMENTATION")
    monkeypatch.setattr(module, "get_resources", lambda kind: {"rmw_zenoh_cpp": ""})
    assert "RMW_IMPLEMENTATION" not in dds_environment()
    monkeypatch.setattr(module, "get_resources", lambda kind: {"rmw_fastrtps_cpp": ""})
    assert dds_environment()["RMW_IMPLEMENTATION"] == "rmw_fastrtps_cpp"
