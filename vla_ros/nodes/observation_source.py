# SPDX-License-Identifier: Apache-2.0
"""Turns matched inputs and the sentence in force into what a policy sees. No ROS in here."""

import threading

import numpy as np

from vla_ros.core.arrays import FloatArray, ImageArray
from vla_ros.core.observation import Observation
from vla_ros.nodes.input_matcher import InputMatcher
from vla_ros.nodes.policy_settings import PolicySettings
from vla_ros.policies.image_preparation import fit_image
from vla_ros.policies.policy import PolicySpec


class ObservationSource:
    """The newest inputs, shared by the callbacks that fill it and the inference that drains it."""

    def __init__(self, spec: PolicySpec, settings: PolicySettings) -> None:
        """Start without inputs and without a sentence.

        Args:
            spec: cameras with their sizes, joints and grippers of the state.
            settings: matching and ablation.
        """
        self._spec = spec
        self._settings = settings
        self._lock = threading.Lock()
        self._instruction = ""
        self._used_ns = -1
        joints = (*spec.joint_names, *spec.gripper_joints)
        self._matcher = InputMatcher(
            [camera.name for camera in spec.cameras],
            joints,
            settings.max_skew_s,
            settings.max_observation_age_s,
        )

    @property
    def instruction(self) -> str:
        """The sentence in force; empty when there is none."""
        return self._instruction

    def set_instruction(self, text: str) -> bool:
        """Take a sentence; surrounding space does not count.

        Returns:
            Whether it is another one than before.
        """
        with self._lock:
            changed = text.strip() != self._instruction
            self._instruction = text.strip()
        return changed

    def add_image(self, camera: str, stamp_ns: int, image: ImageArray, now_ns: int) -> None:
        """See `InputMatcher.add_image`."""
        with self._lock:
            self._matcher.add_image(camera, stamp_ns, image, now_ns)

    def add_joint_state(
        self, stamp_ns: int, names: list[str], positions: list[float], now_ns: int
    ) -> None:
        """See `InputMatcher.add_joint_state`."""
        with self._lock:
            self._matcher.add_joint_state(stamp_ns, names, positions, now_ns)

    def waiting_for(self, now_ns: int) -> tuple[str, ...]:
        """What is missing for the next observation, one sentence each."""
        with self._lock:
            sentences = self._matcher.waiting_for(now_ns)
        if now_ns == 0:
            sentences = ("/clock: use_sim_time is set and no time has come",)
        if self._instruction:
            return sentences
        return (*sentences, "instruction: empty; publish a sentence on the topic instruction")

    def take(self, now_ns: int) -> Observation | None:
        """The newest complete observation, or None when there is none that was not taken before.

        Args:
            now_ns: node time [ns].

        Raises:
            ObservationError: a picture that cannot be brought to the policy's size.
        """
        with self._lock:
            instruction, inputs = self._instruction, self._matcher.newest(now_ns)
            if not instruction or inputs is None or not self._is_due(inputs.stamp_ns):
                return None
            self._used_ns = inputs.stamp_ns
        images = {
            camera.name: self._picture(inputs.images[camera.name], camera.height, camera.width)
            for camera in self._spec.cameras
        }
        muted = self._settings.ablation == "mute"
        return Observation(
            inputs.stamp_ns, images, self._state(inputs.positions), "" if muted else instruction
        )

    def reset(self) -> None:
        """Forget every input; the sentence stays."""
        with self._lock:
            self._matcher.reset()
            self._used_ns = -1

    def _is_due(self, stamp_ns: int) -> bool:
        since_ns = stamp_ns - self._used_ns
        # A stamp before the last one used: the clock has jumped back, and a new run begins.
        return since_ns < 0 or since_ns > 0 and since_ns * 1e-9 >= self._settings.replan_interval_s

    def _picture(self, image: ImageArray, height: int, width: int) -> ImageArray:
        if self._settings.ablation == "blackout":
            return np.zeros((height, width, 3), np.uint8)
        return fit_image(image, height, width)

    def _state(self, positions: FloatArray) -> FloatArray:
        state = positions.copy()
        state[len(self._spec.joint_names) :] *= 2.0  # a finger's way is half of the opening
        return state
