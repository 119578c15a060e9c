# SPDX-License-Identifier: Apache-2.0
"""What a policy gets to see."""

import numpy as np
import pytest

from vla_ros.core.config import parse
from vla_ros.core.observation import Observation
from vla_ros.nodes.observation_source import ObservationSource
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.policies.scripted_policy import GRIPPER_JOINT, JOINT_NAMES, ScriptedPolicy

MS = 1_000_000
T0 = 1_000_000 * MS
NAMES = [GRIPPER_JOINT, *reversed(JOINT_NAMES)]


def source(**values: object) -> ObservationSource:
    made = ObservationSource(ScriptedPolicy().spec, parse(PolicySettings, values, "test"))
    made.set_instruction("pick up the red cube")
    return made


def see(made: ObservationSource, stamp_ns: int = T0) -> Observation | None:
    for camera in ("front", "wrist"):
        made.add_image(camera, stamp_ns, np.full((120, 160, 3), 9, np.uint8), stamp_ns)
    made.add_joint_state(stamp_ns, NAMES, [0.02, 7, 6, 5, 4, 3, 2, 1], stamp_ns)
    return made.take(stamp_ns)


def test_pictures_have_the_policys_size_and_the_state_its_order() -> None:
    observation = see(source())
    assert observation is not None
    assert {image.shape for image in observation.images.values()} == {(96, 96, 3)}
    np.testing.assert_allclose(observation.state, [1, 2, 3, 4, 5, 6, 7, 0.04])
    assert observation.instruction == "pick up the red cube"
    assert observation.stamp_ns == T0


def test_the_same_observation_is_given_once() -> None:
    made = source()
    assert see(made) is not None
    assert made.take(T0 + MS) is None
    assert see(made, T0 + 33 * MS) is not None


def test_the_replan_interval_counts_between_stamps() -> None:
    made = source(replan_interval_s=0.1)
    taken = [t for t in range(0, 400, 25) if see(made, T0 + t * MS)]
    assert taken == [0, 100, 200, 300]


def test_no_instruction_no_observation() -> None:
    made = source()
    assert made.set_instruction("  ")
    assert see(made) is None
    assert "instruction: empty" in made.waiting_for(T0)[-1]
    assert not made.set_instruction("")


def test_surrounding_space_is_no_other_instruction() -> None:
    assert not source().set_instruction(" pick up the red cube\n")


def test_blackout_takes_the_pictures_only() -> None:
    observation = see(source(ablation="blackout"))
    assert observation is not None
    assert not any(image.any() for image in observation.images.values())
    assert observation.instruction


def test_mute_takes_the_sentence_only() -> None:
    observation = see(source(ablation="mute"))
    assert observation is not None
    assert observation.instruction == ""
    assert all(image.any() for image in observation.images.values())


def test_a_clock_that_jumped_back_begins_a_new_run() -> None:
    made = source()
    assert see(made) is not None
    assert see(made, T0 - 60_000 * MS) is not None


@pytest.mark.parametrize("now_ns", [0])
def test_no_simulated_time_is_said(now_ns: int) -> None:
    assert source().waiting_for(now_ns) == ("/clock: use_sim_time is set and no time has come",)
