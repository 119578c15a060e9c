# SPDX-License-Identifier: Apache-2.0
import pytest

from vla_ros.core.resources import resource_path

pytest.importorskip("rclpy", reason="the settings of the nodes import with ROS only")
pytestmark = pytest.mark.ros


def test_the_page_in_docs_is_what_the_program_prints():
    from vla_ros.cli.parameters import page

    written = resource_path("docs/parameters.md").read_text()
    fresh = page().rstrip() + "\n"
    assert written == fresh, "run: python -m vla_ros parameters > docs/parameters.md"
