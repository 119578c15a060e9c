# SPDX-License-Identifier: Apache-2.0
"""The MuJoCo model: the arm of our URDF, a table, a tray, cubes, cameras and actuators.

y                 tray (either side)
|            . . . . . . . . .
|   base     .  cubes: x .36-.64, y +-.18   <- camera_front at (1.05, 0, .62), looking back
+---x        . . . . . . . . .
"""

import mujoco
import numpy as np

from vla_ros.core.resources import resource_path
from vla_ros.sim.scene import COLOURS, CUBE_SIDE_M, TRAY_SIDE_M

TIME_STEP_S = 0.005
ARM_JOINTS = tuple(f"joint{number}" for number in range(1, 8))
FINGER_JOINTS = ("finger_joint1", "finger_joint2")
CAMERAS = ("front", "wrist", "overview")
TRAY_TOP_M = 0.008
HOME = (
    0.0,
    -0.3774,
    0.0,
    -2.4884,
    0.0,
    2.111,
    0.7854,
)  # [rad] tool at x .42, z .32, pointing down
GRIPPER_OPEN_M = 0.08
_RGBA = {
    "red": (0.85, 0.12, 0.10, 1),
    "green": (0.10, 0.60, 0.18, 1),
    "blue": (0.10, 0.25, 0.85, 1),
    "yellow": (0.95, 0.78, 0.10, 1),
}
_ARM_STIFFNESS = (4500, 4500, 3500, 3500, 2000, 2000, 2000)
_SHOWN, _HIDDEN, BACKDROP = 1, 3, 4  # geom groups; the renderer draws groups 0 to 2


def build_model() -> mujoco.MjModel:
    """Compile the world; every episode uses the same model and moves what is in it."""
    spec = mujoco.MjSpec.from_string(resource_path("urdf/demo_arm.urdf").read_text())
    _set_options(spec)
    _prepare_arm(spec)
    _add_table(spec)
    _add_cubes(spec)
    _add_cameras(spec)
    _add_actuators(spec)
    _add_wrist_sensors(spec)
    return spec.compile()


def _set_options(spec: mujoco.MjSpec) -> None:
    spec.option.timestep = TIME_STEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    spec.visual.global_.offwidth, spec.visual.global_.offheight = 640, 480
    spec.visual.quality.offsamples = 0  # multisampling is slow without a GPU
    spec.visual.headlight.ambient = [0.45, 0.45, 0.45]
    spec.visual.headlight.diffuse = [0.35, 0.35, 0.35]
    spec.stat.extent, spec.visual.map.znear = 1.0, 0.01  # near plane: their product [m]


def _prepare_arm(spec: mujoco.MjSpec) -> None:
    for body in spec.bodies[1:]:
        body.gravcomp = 1  # as the robot's own controller does
        for geom in body.geoms:
            collides = geom.contype != 0
            geom.group = _HIDDEN if collides else _SHOWN
            # the arm touches the world (contype 1), not itself
            geom.contype, geom.conaffinity = 0, int(collides)
    for joint in spec.joints:
        finger = joint.name in FINGER_JOINTS
        joint.armature = 0.05 if finger else 0.1
        if not finger:
            # MuJoCo cuts the servo's damping with its force and then chatters at 100 Hz: a jump of
            # 0.05 rad left the wrist at +-0.28 rad/s and 0.02 rad beside its target for good.
            joint.actfrclimited = False
        joint.damping = np.array([5.0 if finger else 1.0, 0, 0])
    for name in ("left_finger", "right_finger"):
        for geom in spec.body(name).geoms:
            geom.friction = [1.5, 0.05, 0.001]
            geom.condim = 4
    tool = spec.body("hand_tcp")
    tool.add_site(name="tool", size=[0.005, 0.005, 0.005], group=_HIDDEN)


def _add_table(spec: mujoco.MjSpec) -> None:
    world = spec.worldbody
    box = mujoco.mjtGeom.mjGEOM_BOX
    spec.add_material(name="matt", rgba=[0.72, 0.66, 0.58, 1], specular=0.0)
    world.add_light(pos=[0.3, 0.5, 1.8], dir=[0.1, -0.25, -1], diffuse=[0.45, 0.45, 0.45])
    world.add_geom(
        name="table",
        type=box,
        size=[0.62, 0.62, 0.02],
        pos=[0.42, 0, -0.02],
        material="matt",
        contype=1,
        conaffinity=1,
    )
    world.add_geom(
        name="floor",
        type=box,
        size=[3, 3, 0.01],
        pos=[0, 0, -0.75],
        rgba=[0.33, 0.36, 0.40, 1],
        contype=1,
        conaffinity=1,
    )
    for name, size, place in (
        ("back", [0.01, 6, 4], [-1.6, 0, 0]),
        ("side", [6, 0.01, 4], [0, 2.0, 0]),
    ):
        wall = world.add_geom(name=name, type=box, size=size, pos=place, rgba=[0.8, 0.83, 0.86, 1])
        wall.group, wall.contype, wall.conaffinity = BACKDROP, 0, 0
    tray = world.add_body(name="tray", mocap=True, pos=[0.5, 0.32, TRAY_TOP_M / 2])
    half = TRAY_SIDE_M / 2
    tray.add_geom(
        name="tray",
        type=box,
        size=[half, half, TRAY_TOP_M / 2],
        rgba=[0.20, 0.20, 0.24, 1],
        contype=1,
        conaffinity=1,
    )


def _add_cubes(spec: mujoco.MjSpec) -> None:
    half = CUBE_SIDE_M / 2
    for number, colour in enumerate(COLOURS):
        body = spec.worldbody.add_body(name=colour, pos=[-0.5, 0.2 * number, half])
        body.add_freejoint(name=colour)
        body.add_geom(
            name=colour,
            type=mujoco.mjtGeom.mjGEOM_BOX,
            size=[half, half, half],
            rgba=_RGBA[colour],
            mass=0.06,
            friction=[1.5, 0.05, 0.001],
            condim=4,
            contype=1,
            conaffinity=1,
        )


def _add_cameras(spec: mujoco.MjSpec) -> None:
    world, hand, up = spec.worldbody, spec.body("hand"), (0, 0, 1)
    _look(world.add_camera(name="front", fovy=56), (1.05, 0, 0.62), (0.47, 0, 0.05), up)
    _look(world.add_camera(name="overview", fovy=45), (1.40, -1.0, 0.90), (0.36, 0, 0.24), up)
    # tilted a little towards the finger tips, so that a grasped cube stays in view
    _look(hand.add_camera(name="wrist", fovy=75), (0.075, 0, 0), (0.035, 0, 0.12), (1, 0, 0))


def _look(
    camera: mujoco.MjsCamera,
    eye: tuple[float, ...],
    target: tuple[float, ...],
    up: tuple[float, ...],
) -> None:
    backward = np.subtract(eye, target) / np.linalg.norm(np.subtract(eye, target))
    right = np.cross(up, backward)
    right /= np.linalg.norm(right)
    rotation = np.column_stack([right, np.cross(backward, right), backward])
    quat_wxyz = np.empty(4)
    mujoco.mju_mat2Quat(quat_wxyz, rotation.ravel())
    camera.pos, camera.quat = np.array(eye), quat_wxyz


def _add_actuators(spec: mujoco.MjSpec) -> None:
    for name, stiffness in zip(ARM_JOINTS, _ARM_STIFFNESS, strict=True):
        _position_actuator(spec, name, stiffness, stiffness / 20)
    for name in FINGER_JOINTS:
        actuator = _position_actuator(spec, name, 800, 40)
        actuator.forcelimited, actuator.forcerange = 1, [-20, 20]


def _position_actuator(
    spec: mujoco.MjSpec, joint: str, stiffness: float, damping: float
) -> mujoco.MjsActuator:
    actuator = spec.add_actuator(name=joint, target=joint, trntype=mujoco.mjtTrn.mjTRN_JOINT)
    actuator.set_to_position(kp=stiffness, kv=damping)
    return actuator


def _add_wrist_sensors(spec: mujoco.MjSpec) -> None:
    spec.body("hand").add_site(name="wrist", size=[0.005, 0.005, 0.005], group=_HIDDEN)
    site = mujoco.mjtObj.mjOBJ_SITE
    for name, kind in (("force", "mjSENS_FORCE"), ("torque", "mjSENS_TORQUE")):
        sensor = getattr(mujoco.mjtSensor, kind)
        spec.add_sensor(name=f"wrist_{name}", type=sensor, objtype=site, objname="wrist")
