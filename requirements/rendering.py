# SPDX-License-Identifier: Apache-2.0
"""Tries whether MuJoCo renders off screen: a GL library that needs no display."""

from collections.abc import Mapping
from pathlib import Path

from commands import ask

_RENDER = """
import mujoco
model = mujoco.MjModel.from_xml_string('<mujoco><worldbody><geom size="1"/></worldbody></mujoco>')
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
with mujoco.Renderer(model, 16, 16) as renderer:
    renderer.update_scene(data)
    assert renderer.render().any(), "the picture is black"
"""


def problem(python: Path, environment: Mapping[str, str]) -> str:
    """Render a tiny picture in a process of its own.

    Args:
        python: interpreter of the virtual environment.
        environment: its variables; `MUJOCO_GL` chooses another library than EGL.

    Returns:
        What is wrong, or nothing when the picture came out.
    """
    answer = ask([python, "-c", _RENDER], {"MUJOCO_GL": "egl", **environment})
    return f"MuJoCo cannot render off screen ({answer.last_line})" if answer.status else ""
