# SPDX-License-Identifier: Apache-2.0
"""One simulated world for all tests of the room, an expert, and a way to let it work."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from vla_ros.sim.expert import Expert
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.task import Judge

STEP_S, SUBSTEPS = 0.1, 20


@pytest.fixture(scope="session")
def world() -> Iterator[Simulator]:
    """The world; compile it once."""
    simulator = Simulator(draw_scene(0))
    yield simulator
    simulator.close()


@pytest.fixture
def simulator(world: Simulator) -> Simulator:
    """The world, freshly reset."""
    world.reset(draw_scene(0))
    return world


@pytest.fixture(scope="session")
def expert() -> Expert:
    """The scripted expert."""
    return Expert()


@pytest.fixture
def work(simulator: Simulator, expert: Expert) -> Callable[..., None]:
    """Let the expert work under the eyes of a judge until a condition holds, at most 12 s."""

    def until(judge: Judge, condition: Callable[[], bool], limit_s: float = 12.0) -> None:
        end_s = simulator.time_s + limit_s
        command = np.array(simulator.joint_positions[:7])
        while simulator.time_s < end_s:
            action = expert.act(simulator)
            for substep in range(1, SUBSTEPS + 1):
                share = substep / SUBSTEPS
                positions = command + (action.positions - command) * share
                simulator.command(positions, action.gripper_width)
                simulator.step()
                judge.update()
                if condition():
                    return
            command = action.positions

    return until
