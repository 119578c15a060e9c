# SPDX-License-Identifier: Apache-2.0
r"""The scripted expert: a stateless feedback law from poses to the next targets.

Its answer depends on nothing but the present tool pose, cube poses and finger width, so a policy
that sees the same can learn it, and a disturbed arm recovers from wherever it is.

    height   \        /     far from the cube's axis the tool is kept high,
    above     \      /      near the axis it may come down: a funnel
    cube       \____/
"""

from dataclasses import dataclass

import numpy as np

from vla_ros.core.arrays import FloatArray
from vla_ros.core.resources import resource_path
from vla_ros.kinematics.inverse_kinematics import InverseKinematics
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.sim.scene import CUBE_SIDE_M
from vla_ros.sim.simulator import Simulator
from vla_ros.sim.world import ARM_JOINTS, GRIPPER_OPEN_M, HOME, TRAY_TOP_M

_STEP_M = 0.05  # largest motion in one step of 0.1 s
_TURN_RAD = 0.16
_STEP_RAD = 0.16  # of any joint; 1.6 rad/s, below the limits of the arm
_FUNNEL_RADIUS_M, _FUNNEL_SLOPE, _FUNNEL_HEIGHT_M = 0.006, 2.0, 0.10
_GRASP_HEIGHT_M = 0.018  # tool above the table when the fingers close
_LIFT_HEIGHT_M = 0.20
_CARRY_HEIGHT_M = 0.13
_HELD_WIDTH_M = (0.030, 0.046)


@dataclass(frozen=True)
class ExpertAction:
    """Targets for the next step.

    Attributes:
        positions: (7,) joint positions to reach after 0.1 s [rad].
        gripper_width: opening from now on [m].
    """

    positions: FloatArray
    gripper_width: float


class Expert:
    """Solves both tasks from the simulator's true state."""

    def __init__(self) -> None:
        """Load the arm's kinematics."""
        urdf = resource_path("urdf/demo_arm.urdf").read_text()
        model = RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")
        self._kinematics = InverseKinematics(model, "base", "hand_tcp")

    def act(self, simulator: Simulator) -> ExpertAction:
        """Decide the next step.

        Args:
            simulator: its present state is all that the answer depends on.

        Raises:
            UnreachableError: the wanted tool pose is out of reach.
        """
        goal, yaw, width = self._goal(simulator)
        pose = simulator.tool_pose
        position = pose[:3, 3] + _shortened(goal - pose[:3, 3], _STEP_M)
        now = float(np.arctan2(pose[1, 0], pose[0, 0]))
        angle = now + float(np.clip(_wrapped(yaw - now, 2 * np.pi), -_TURN_RAD, _TURN_RAD))
        measured = simulator.joint_positions[: len(ARM_JOINTS)]
        change = self.inverse(position, angle) - measured
        share = min(1.0, _STEP_RAD / float(np.abs(change).max() + 1e-9))
        return ExpertAction(measured + share * change, width)

    def inverse(self, position: FloatArray, yaw: float) -> FloatArray:
        """Joint positions (7,) [rad] for a tool position (3,) [m] and yaw [rad], pointing down."""
        pose = np.eye(4)
        c, s = np.cos(yaw), np.sin(yaw)
        pose[:3, :3] = [[c, s, 0], [s, -c, 0], [0, 0, -1]]
        pose[:3, 3] = position
        return self._kinematics.solve(pose, np.array(HOME))

    def _goal(self, simulator: Simulator) -> tuple[FloatArray, float, float]:
        """Tool position, yaw and gripper width to strive for."""
        scene, tool = simulator.scene, simulator.tool_pose[:3, 3]
        cube = simulator.cube(scene.target)
        yaw = _wrapped(cube.yaw, np.pi / 2)
        near = np.linalg.norm(tool - cube.position) < 0.022
        held = near and _HELD_WIDTH_M[0] < simulator.gripper_width < _HELD_WIDTH_M[1]
        if scene.task == "place":
            tray = np.array([scene.tray_x, scene.tray_y, TRAY_TOP_M])
            if np.abs(cube.position - tray)[:2].max() < 0.05 and cube.position[2] < 0.035:
                return np.array([*cube.position[:2], _CARRY_HEIGHT_M]), yaw, GRIPPER_OPEN_M
            if held:
                return self._carry(tool, cube.position, tray)
        elif held:
            return np.array([*tool[:2], _LIFT_HEIGHT_M]), yaw, 0.0
        return self._approach(tool, cube.position, yaw)

    def _approach(
        self, tool: FloatArray, cube: FloatArray, yaw: float
    ) -> tuple[FloatArray, float, float]:
        aside = float(np.linalg.norm(tool[:2] - cube[:2]))
        grasp_z = cube[2] - CUBE_SIDE_M / 2 + _GRASP_HEIGHT_M
        rise = _FUNNEL_SLOPE * max(0.0, aside - _FUNNEL_RADIUS_M)
        goal = np.array([cube[0], cube[1], grasp_z + min(rise, _FUNNEL_HEIGHT_M)])
        ready = aside < 0.010 and tool[2] - grasp_z < 0.008
        return goal, yaw, 0.0 if ready else GRIPPER_OPEN_M

    def _carry(
        self, tool: FloatArray, cube: FloatArray, tray: FloatArray
    ) -> tuple[FloatArray, float, float]:
        aside = float(np.linalg.norm(cube[:2] - tray[:2]))
        low = tray[2] + _GRASP_HEIGHT_M + 0.004
        rise = _FUNNEL_SLOPE * max(0.0, aside - 0.03)
        height = low + min(rise, _CARRY_HEIGHT_M - low)
        # first up, then across: do not drag the cube over its neighbours
        across = tray[:2] if tool[2] > min(height, _CARRY_HEIGHT_M) - 0.04 else tool[:2]
        release = aside < 0.035 and tool[2] < low + 0.008
        return np.array([*across, height]), 0.0, GRIPPER_OPEN_M if release else 0.0


def _shortened(vector: FloatArray, longest: float) -> FloatArray:
    length = float(np.linalg.norm(vector))
    return vector if length <= longest else vector * (longest / length)


def _wrapped(angle: float, period: float) -> float:
    """The angle plus a multiple of the period that is nearest to 0."""
    return float((angle + period / 2) % period - period / 2)
