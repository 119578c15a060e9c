# SPDX-License-Identifier: Apache-2.0
"""The embedded policy behind the seam, with random weights."""

import numpy as np
import pytest

from vla_ros.core.action_layout import ActionKind
from vla_ros.core.exceptions import ChunkError, ConfigError, ObservationError
from vla_ros.core.observation import Observation
from vla_ros.policies.embedded.policy import EmbeddedPolicy, load

STATE = np.array([0.0, -0.3774, 0.0, -2.4884, 0.0, 2.111, 0.7854, 0.08])
PICTURE = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)


@pytest.fixture
def policy(network, normalisation):
    return EmbeddedPolicy(network, normalisation, seed=1)


def observation(state=STATE, text="pick up the red cube", **images):
    pictures = {"front": PICTURE, "wrist": PICTURE[::-1], **images}
    return Observation(123, {k: v for k, v in pictures.items() if v is not None}, state, text)


def prefix(length=5, width=8):
    rng = np.random.default_rng(9)
    return STATE[:width] + rng.normal(0, 0.02, (length, width))


def test_the_spec(policy):
    spec = policy.spec
    cameras = [(camera.name, camera.height, camera.width) for camera in spec.cameras]
    assert cameras == [("front", 96, 96), ("wrist", 96, 96)]
    assert spec.layout.names(ActionKind.JOINT_POSITION) == spec.joint_names
    assert spec.layout.names(ActionKind.GRIPPER) == spec.gripper_joints == ("finger_joint1",)
    assert (spec.horizon, spec.dt_s, spec.layout.width) == (16, 0.1, 8)
    assert (spec.takes_prefix, spec.max_prefix) == (True, 8)


def test_a_chunk_is_anchored_at_its_observation(policy):
    chunk = policy.infer(observation())
    assert (chunk.stamp_ns, chunk.dt_s, chunk.horizon) == (123, 0.1, 16)
    assert chunk.layout == policy.spec.layout
    assert chunk.instruction == "pick up the red cube"
    assert chunk.prefix_length == 0
    assert chunk.inference_s > 0
    assert set(chunk.actions[:, 7]) <= {0.0, 0.08}


def test_the_same_seed_and_observations_give_the_same_chunks(policy, network, normalisation):
    first, second = (policy.infer(observation()).actions for _ in range(2))
    assert (first != second).any()  # every chunk grows from noise of its own
    again = EmbeddedPolicy(network, normalisation, seed=1)
    np.testing.assert_array_equal(again.infer(observation()).actions, first)
    policy.reset()
    assert (policy.infer(observation()).actions != first).any()
    policy.reset(1)
    np.testing.assert_array_equal(policy.infer(observation()).actions, first)
    np.testing.assert_array_equal(policy.infer(observation()).actions, second)


@pytest.mark.parametrize("length", [0, 1, 5, 8])
def test_a_prefix_is_returned_exactly(policy, length):
    given = prefix(length)
    chunk = policy.infer(observation(), given)
    np.testing.assert_array_equal(chunk.actions[:length], given)
    assert chunk.prefix_length == length


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (prefix(9), r"at most 8 steps of 8 columns; got shape \(9, 8\). Shorten it"),
        (prefix(2, 7), r"got shape \(2, 7\)"),
        (STATE, r"got shape \(8,\)"),
        (np.full((2, 8), np.nan), "finite numbers; got nan"),
    ],
)
def test_a_bad_prefix_is_refused(policy, given, words):
    with pytest.raises(ChunkError, match=words):
        policy.infer(observation(), given)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"wrist": None}, r"camera 'wrist' as \(96, 96, 3\); got none"),
        ({"front": PICTURE[:48]}, r"camera 'front' as .*got \(48, 96, 3\). Resize the picture"),
        ({"state": STATE[:7]}, r"7 joints and an opening; got \(7,\)"),
        ({"state": np.zeros(9)}, r"got \(9,\). Send 8 numbers"),
    ],
)
def test_bad_observations_are_refused(policy, seen, words):
    with pytest.raises(ObservationError, match=words):
        policy.infer(observation(**seen))


def test_pictures_in_any_memory_order(policy):
    expected = policy.infer(observation()).actions
    turned = np.asfortranarray(PICTURE)
    policy.reset(1)
    np.testing.assert_array_equal(policy.infer(observation(front=turned)).actions, expected)


def test_more_cameras_and_blank_sentences_do_no_harm(policy):
    expected = policy.infer(observation()).actions
    seen = observation(overview=np.zeros((480, 640, 3), np.uint8))
    policy.reset(1)
    np.testing.assert_array_equal(policy.infer(seen).actions, expected)
    assert np.isfinite(policy.infer(observation(text=" ")).actions).all()


def test_warming_up_changes_nothing(policy):
    expected = policy.infer(observation()).actions
    policy.reset(1)
    policy.warm_up()
    np.testing.assert_array_equal(policy.infer(observation()).actions, expected)
    policy.close()


def test_a_missing_checkpoint_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="a checkpoint file; got .*absent"):
        load(str(tmp_path / "absent.safetensors"))
