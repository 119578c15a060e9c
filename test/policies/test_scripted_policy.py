# SPDX-License-Identifier: Apache-2.0
"""The policy without weights."""

import numpy as np
import pytest

from vla_ros.core.exceptions import ChunkError, ConfigError, ObservationError
from vla_ros.core.observation import Observation
from vla_ros.policies.scripted_policy import (
    AMPLITUDE,
    DT_S,
    HORIZON,
    PERIOD_S,
    ScriptedPolicy,
    load,
)

STATE = np.array([0.0, -0.4, 0.0, -2.2, 0.0, 1.8, 0.8, 0.05])
SECOND_NS = 1_000_000_000


def observation(stamp_ns: int = 0, size: int = 96, state: np.ndarray = STATE) -> Observation:
    picture = np.zeros((size, size, 3), np.uint8)
    return Observation(stamp_ns, {"front": picture, "wrist": picture}, state, "wave")


def test_first_action_is_the_present_posture() -> None:
    chunk = ScriptedPolicy().infer(observation())
    assert chunk.actions.shape == (HORIZON, 8)
    np.testing.assert_array_equal(chunk.actions[0], STATE)


def test_chunks_of_one_episode_lie_on_one_sine() -> None:
    policy = ScriptedPolicy()
    first = policy.infer(observation())
    moved = STATE + 0.05
    second = policy.infer(observation(round(4 * DT_S * SECOND_NS), state=moved))
    np.testing.assert_allclose(second.actions[:-4], first.actions[4:])
    quarter = policy.infer(observation(round(PERIOD_S / 4 * SECOND_NS)))
    np.testing.assert_allclose(quarter.actions[0, :7], STATE[:7] + AMPLITUDE)
    assert (quarter.actions[:, 7] == STATE[7]).all()


def test_reset_starts_from_the_next_posture() -> None:
    policy = ScriptedPolicy()
    policy.infer(observation())
    policy.reset()
    chunk = policy.infer(observation(SECOND_NS, state=STATE + 0.1))
    np.testing.assert_array_equal(chunk.actions[0], STATE + 0.1)


def test_other_inputs_are_refused() -> None:
    policy = ScriptedPolicy()
    with pytest.raises(ObservationError, match="camera 'front'.*48"):
        policy.infer(observation(size=48))
    with pytest.raises(ObservationError, match=r"shape \(8,\); got \(7,\)"):
        policy.infer(observation(state=STATE[:7]))
    with pytest.raises(ChunkError, match="no prefix"):
        policy.infer(observation(), np.zeros((1, 8)))


def test_a_robot_profile_names_the_joints(tmp_path):
    profile = tmp_path / "robot.yaml"
    profile.write_text("joint_names: [a, b]\ngripper_joint: g\nname: two\n")
    spec = load(str(profile), 0).spec
    assert spec.joint_names == ("a", "b")
    assert spec.gripper_joints == ("g",)
    profile.write_text("name: none\n")
    with pytest.raises(ConfigError, match="joint_names and gripper_joint"):
        load(str(profile), 0)
    with pytest.raises(ConfigError, match="absent.yaml"):
        load(str(tmp_path / "absent.yaml"), 0)
