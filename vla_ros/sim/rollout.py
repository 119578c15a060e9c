# SPDX-License-Identifier: Apache-2.0
"""Plays a policy in the simulator without ROS: infer, execute some steps, infer again.

The world waits during the inference.
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.observation import Observation
from vla_ros.policies.policy import Policy
from vla_ros.sim.demonstrations import STEP_S, policy_picture
from vla_ros.sim.instructions import sentence
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.task import Judge, TaskState
from vla_ros.sim.world import ARM_JOINTS, GRIPPER_OPEN_M, HOME, TIME_STEP_S

_SUBSTEPS = round(STEP_S / TIME_STEP_S)
_LIMIT_S = 12.0


@dataclass(frozen=True)
class RolloutResult:
    """How one episode went.

    Attributes:
        seed: of the scene.
        task: what was asked.
        instruction: the sentence.
        state: the judge's last word.
    """

    seed: int
    task: str
    instruction: str
    state: TaskState


class Rollout:
    """Evaluates a policy that takes the simulator's cameras and joints."""

    def __init__(self, policy: Policy, executed_steps: int = 4) -> None:
        """Build the world.

        Args:
            policy: its chunks are joint positions and an opening every 0.1 s.
            executed_steps: steps of each chunk that are executed before the next inference.
        """
        self._policy, self._executed = policy, executed_steps
        self._simulator = Simulator(draw_scene(0))

    def play(self, seed: int, task: str, held_out: bool = False) -> RolloutResult:
        """Play one episode until success, the wrong object, or 12 s.

        Args:
            seed: of scene, wording and noise.
            task: one of `scene.TASKS`.
            held_out: whether to ask in words that training did not use.
        """
        simulator, scene = self._simulator, draw_scene(seed, task)
        simulator.reset(scene)
        judge = Judge(simulator)
        text = sentence(task, scene.target, seed, held_out)
        self._policy.reset(seed)
        command = np.array([*HOME, GRIPPER_OPEN_M])
        while judge.state.elapsed_s < _LIMIT_S:
            actions = self._policy.infer(self._observe(text)).actions
            for step in range(self._executed):
                command = self._move(judge, command, actions[step + 1], actions[step, -1])
            if judge.state.success or judge.state.wrong_object:
                break
        return RolloutResult(seed, task, text, judge.state)

    def close(self) -> None:
        """Free the renderers."""
        self._simulator.close()

    def _observe(self, text: str) -> Observation:
        simulator = self._simulator
        images = {name: policy_picture(simulator, name) for name in ("front", "wrist")}
        state = [*simulator.joint_positions[: len(ARM_JOINTS)], simulator.gripper_width]
        return Observation(round(simulator.time_s * 1e9), images, np.array(state), text)

    def _move(self, judge: Judge, start: np.ndarray, goal: np.ndarray, width: float) -> np.ndarray:
        for substep in range(1, _SUBSTEPS + 1):
            share = substep / _SUBSTEPS
            self._simulator.command((start + share * (goal - start))[:-1], float(width))
            self._simulator.step()
            judge.update()
        return goal
