# SPDX-License-Identifier: Apache-2.0
"""The simulated robot: takes targets, steps physics, measures and takes pictures."""

from dataclasses import dataclass

import mujoco
import numpy as np

from vla_ros.core.arrays import FloatArray, ImageArray, frozen_array
from vla_ros.core.exceptions import ConfigError
from vla_ros.sim.scene import COLOURS, CUBE_SIDE_M, Scene
from vla_ros.sim.world import (
    ARM_JOINTS,
    BACKDROP,
    FINGER_JOINTS,
    GRIPPER_OPEN_M,
    HOME,
    TIME_STEP_S,
    TRAY_TOP_M,
    build_model,
)

_PARKED_X_M = -0.6  # cubes that a scene does not use lie on the floor behind the robot


@dataclass(frozen=True)
class CubeState:
    """Pose and speed of a cube.

    Attributes:
        position: (3,) centre in the base frame [m].
        yaw: rotation about z [rad].
        speed: norm of the linear velocity [m/s].
    """

    position: FloatArray
    yaw: float
    speed: float


class Simulator:
    """One arm, one table, one scene at a time.

    Attributes:
        joint_names: arm joints, then finger joints; the order of `joint_positions`.
        scene: what the present episode started from.
    """

    joint_names = (*ARM_JOINTS, *FINGER_JOINTS)

    def __init__(self, scene: Scene) -> None:
        """Compile the world and reset it to a scene."""
        self._model = build_model()
        self._data = mujoco.MjData(self._model)
        self._arm_qpos = self._addresses(ARM_JOINTS, self._model.jnt_qposadr)
        self._all_qpos = self._addresses(self.joint_names, self._model.jnt_qposadr)
        self._all_qvel = self._addresses(self.joint_names, self._model.jnt_dofadr)
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        self.reset(scene)

    def _addresses(self, names: tuple[str, ...], table: FloatArray) -> FloatArray:
        return np.array([table[self._model.joint(name).id] for name in names])

    def reset(self, scene: Scene) -> None:
        """Put the arm home, gripper open, and the cubes where the scene says; time goes on."""
        self.scene = scene
        time_s = self._data.time
        mujoco.mj_resetData(self._model, self._data)
        self._data.time = time_s
        self._data.qpos[self._arm_qpos] = HOME
        for name in FINGER_JOINTS:
            self._data.joint(name).qpos[0] = GRIPPER_OPEN_M / 2
        self._place_cubes(scene)
        self._data.mocap_pos[0] = (scene.tray_x, scene.tray_y, TRAY_TOP_M / 2)
        self.command(np.array(HOME), GRIPPER_OPEN_M)
        for _ in range(round(0.1 / TIME_STEP_S)):
            self.step()

    def _place_cubes(self, scene: Scene) -> None:
        cubes = {cube.colour: cube for cube in scene.cubes}
        for number, colour in enumerate(COLOURS):
            qpos = self._data.joint(colour).qpos
            if colour in cubes:
                cube = cubes[colour]
                qpos[:3] = cube.x, cube.y, CUBE_SIDE_M / 2
                qpos[3:] = np.cos(cube.yaw / 2), 0, 0, np.sin(cube.yaw / 2)
            else:
                qpos[:3] = _PARKED_X_M, 0.2 * number, -0.74 + CUBE_SIDE_M / 2
                qpos[3:] = 1, 0, 0, 0

    @property
    def time_s(self) -> float:
        """Simulated time since the start of the program [s]; a reset does not turn it back."""
        return float(self._data.time)

    def command(self, positions: FloatArray, gripper_width: float) -> None:
        """Set the targets of the position servos.

        Args:
            positions: (7,) arm joints [rad].
            gripper_width: opening [m].
        """
        self._data.ctrl[: len(ARM_JOINTS)] = positions
        self._data.ctrl[len(ARM_JOINTS) :] = np.clip(gripper_width, 0, GRIPPER_OPEN_M) / 2

    def step(self) -> None:
        """Advance physics by `TIME_STEP_S`."""
        mujoco.mj_step(self._model, self._data)

    @property
    def joint_positions(self) -> FloatArray:
        """(9,) measured positions in the order of `joint_names` [rad, m]."""
        return frozen_array(self._data.qpos[self._all_qpos])

    @property
    def joint_velocities(self) -> FloatArray:
        """(9,) measured velocities in the order of `joint_names` [rad/s, m/s]."""
        return frozen_array(self._data.qvel[self._all_qvel])

    @property
    def joint_efforts(self) -> FloatArray:
        """(9,) actuator efforts in the order of `joint_names` [Nm, N]."""
        return frozen_array(self._data.actuator_force)

    @property
    def wrench(self) -> FloatArray:
        """(6,) force [N] and torque [Nm] at the wrist, in the hand's frame."""
        force, torque = self._data.sensor("wrist_force"), self._data.sensor("wrist_torque")
        return frozen_array(np.concatenate([force.data, torque.data]))

    @property
    def tool_pose(self) -> FloatArray:
        """(4, 4) pose of the tool in the base frame [m]."""
        pose = np.eye(4)
        pose[:3, :3] = self._data.site("tool").xmat.reshape(3, 3)
        pose[:3, 3] = self._data.site("tool").xpos
        return frozen_array(pose)

    @property
    def gripper_width(self) -> float:
        """Measured opening [m]."""
        return float(sum(self._data.joint(name).qpos[0] for name in FINGER_JOINTS))

    def cube(self, colour: str) -> CubeState:
        """State of one cube."""
        joint = self._data.joint(colour)
        w, x, y, z = joint.qpos[3:]
        yaw = float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
        return CubeState(frozen_array(joint.qpos[:3]), yaw, float(np.linalg.norm(joint.qvel[:3])))

    def picture(self, camera: str, height: int, width: int) -> ImageArray:
        """Render one camera off screen.

        Args:
            camera: one of `world.CAMERAS`.
            height: rows [px], at most 480.
            width: columns [px], at most 640.

        Returns:
            (height, width, 3) uint8, RGB.
        """
        if height > 480 or width > 640:
            raise ConfigError("a picture of at most 640 x 480", f"{width} x {height}", "Ask less.")
        renderer = self._renderers.get((height, width)) or self._new_renderer(height, width)
        option = mujoco.MjvOption()
        option.geomgroup[BACKDROP] = camera == "overview"  # for people only
        renderer.update_scene(self._data, camera=camera, scene_option=option)
        return np.asarray(renderer.render())

    def _new_renderer(self, height: int, width: int) -> mujoco.Renderer:
        renderer = mujoco.Renderer(self._model, height, width)
        for flag in ("mjRND_SHADOW", "mjRND_REFLECTION", "mjRND_SKYBOX"):
            # slow where no GPU draws, and nothing that the task needs
            renderer.scene.flags[getattr(mujoco.mjtRndFlag, flag)] = 0
        self._renderers[height, width] = renderer
        return renderer

    def focal_length_px(self, camera: str, height: int) -> float:
        """Focal length of a camera for pictures of a height [px]."""
        fovy = np.deg2rad(self._model.camera(camera).fovy[0])
        return float(height / 2 / np.tan(fovy / 2))

    def project(self, camera: str, point: FloatArray) -> FloatArray:
        """Where a point of the base frame appears in a square picture.

        Args:
            camera: one of `world.CAMERAS`.
            point: (3,) [m].

        Returns:
            (2,) column and row as fractions of the picture, 0 to 1 inside; NaN behind the camera.
        """
        view = self._data.camera(camera)
        x, y, z = view.xmat.reshape(3, 3).T @ (np.asarray(point) - view.xpos)
        if z > -1e-3:
            return np.full(2, np.nan)
        focal = self.focal_length_px(camera, 1)
        return np.array([0.5 - focal * x / z, 0.5 + focal * y / z])

    def close(self) -> None:
        """Free the renderers."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
