# SPDX-License-Identifier: Apache-2.0
"""Rollouts: what a policy is shown, and how its chunks are executed."""

import numpy as np
import pytest

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.sim.instructions import sentence
from vla_ros.sim.rollout import Rollout
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.world import ARM_JOINTS, HOME

LAYOUT = ActionLayout(
    (
        ActionGroup(ActionKind.JOINT_POSITION, ARM_JOINTS),
        ActionGroup(ActionKind.GRIPPER, ("finger_joint1",)),
    )
)


class Turner:
    """Turns joint 1 by 0.02 rad a step, closes the gripper, and keeps what it was shown."""

    def __init__(self):
        self.seen, self.seeds = [], []

    def reset(self, seed=None):
        self.seeds.append(seed)

    def infer(self, observation, prefix=None):
        self.seen.append(observation)
        actions = np.tile([*HOME, 0.0], (16, 1))
        actions[:, 0] = observation.state[0] + 0.02 * np.arange(16)
        return ActionChunk(observation.stamp_ns, 0.1, actions, LAYOUT)


@pytest.fixture(scope="module")
def played():
    policy = Turner()
    rollout = Rollout(policy, executed_steps=6)
    result = rollout.play(21, "place", held_out=True)
    rollout.close()
    return policy, result


def test_the_result_names_what_was_asked(played):
    policy, result = played
    scene = draw_scene(21, "place")
    assert (result.seed, result.task) == (21, "place")
    assert result.instruction == sentence("place", scene.target, 21, True)
    assert policy.seeds == [21]


def test_an_idle_policy_fails_at_the_time_limit(played):
    _, result = played
    assert not result.state.success
    assert not result.state.wrong_object
    assert result.state.elapsed_s == pytest.approx(12.0, abs=0.61)


def test_the_policy_sees_pictures_state_and_sentence(played):
    policy, result = played
    for observation in policy.seen:
        assert {name: image.shape for name, image in observation.images.items()} == {
            "front": (96, 96, 3),
            "wrist": (96, 96, 3),
        }
        assert observation.instruction == result.instruction
    np.testing.assert_allclose(policy.seen[0].state, [*HOME, 0.08], atol=2e-3)


def test_the_asked_number_of_steps_is_executed(played):
    policy, _ = played
    stamps = np.array([observation.stamp_ns for observation in policy.seen])
    np.testing.assert_allclose(np.diff(stamps) * 1e-9, 0.6, atol=1e-6)
    first, second = policy.seen[0].state, policy.seen[1].state
    assert second[0] - first[0] == pytest.approx(6 * 0.02, abs=0.02)
    assert second[7] < 0.01
