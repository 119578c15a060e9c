# SPDX-License-Identifier: Apache-2.0
"""The shipped weights: small, able, and driven by what they see and are told.

The scenes are in no training or validation set: `collect` counts up from 100000 and 200000, the
curve of `train` from 50000.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from vla_ros.core.observation import Observation
from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.policies.embedded import checkpoint
from vla_ros.policies.embedded.policy import load
from vla_ros.sim.demonstrations import policy_picture
from vla_ros.sim.rollout import Rollout
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.world import ARM_JOINTS, HOME

pytestmark = pytest.mark.slow

SEEDS = range(60_000, 60_008)
TASKS = ("pick", "place")


@pytest.fixture(scope="module")
def policy():
    return load()


class Impaired:
    """The policy behind something that changes what it sees or hears."""

    def __init__(self, policy, impair):
        self.policy, self.impair, self.reset = policy, impair, policy.reset

    def infer(self, observation, prefix=None):
        return self.policy.infer(self.impair(observation), prefix)


def black(observation: Observation) -> Observation:
    images = {name: np.zeros_like(image) for name, image in observation.images.items()}
    return replace(observation, images=images)


def mute(observation: Observation) -> Observation:
    return replace(observation, instruction=" ")


def successes(policy, task, held_out=False):
    rollout = Rollout(policy)
    count = sum(rollout.play(seed, task, held_out).state.success for seed in SEEDS)
    rollout.close()
    return count


@pytest.fixture(scope="module")
def able(policy) -> Mapping[str, int]:
    """Successes of the policy as it is."""
    return {task: successes(policy, task) for task in TASKS}


def test_the_file_is_small():
    assert checkpoint.SHIPPED.stat().st_size < 10e6


@pytest.mark.parametrize("task", TASKS)
def test_it_does_what_it_is_told(able, task):
    assert able[task] >= 6


@pytest.mark.parametrize("task", TASKS)
def test_it_understands_words_that_training_did_not_use(policy, task):
    assert successes(policy, task, held_out=True) >= 5


@pytest.mark.parametrize("task", TASKS)
def test_it_needs_its_pictures(policy, task):
    assert successes(Impaired(policy, black), task) <= 2


@pytest.mark.parametrize("task", TASKS)
def test_it_needs_its_sentence(policy, able, task):
    assert successes(Impaired(policy, mute), task) < able[task]


def test_another_colour_in_the_same_scene_is_another_motion(policy):
    """After the first chunk the tool is nearer to the named cube than to any other."""
    urdf = resource_path("urdf/demo_arm.urdf").read_text()
    model = RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")
    simulator, right, asked = Simulator(draw_scene(0)), 0, 0
    for seed in SEEDS:
        scene = draw_scene(seed, "pick")
        simulator.reset(scene)
        images = {name: policy_picture(simulator, name) for name in ("front", "wrist")}
        ends = []
        for cube in scene.cubes:
            text = f"pick up the {cube.colour} cube"
            state = np.array([*HOME, simulator.gripper_width])
            policy.reset(0)
            chunk = policy.infer(Observation(0, images, state, text))
            ends.append(chunk.actions[-1, :7])
            tool = model.tool_position(chunk.actions[-1, :7])[:2]
            distances = [np.hypot(tool[0] - other.x, tool[1] - other.y) for other in scene.cubes]
            right += scene.cubes[int(np.argmin(distances))] is cube
            asked += 1
        differences = [np.abs(a - b).max() for a in ends for b in ends if a is not b]
        assert min(differences) > 0.03
    simulator.close()
    assert right >= 0.9 * asked
