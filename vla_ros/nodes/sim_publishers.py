# SPDX-License-Identifier: Apache-2.0
"""What the simulated robot's drivers publish."""

from geometry_msgs.msg import Vector3, WrenchStamped
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Header

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.nodes import qos
from vla_ros.nodes.image_conversion import image_from_rgb
from vla_ros.sim.simulator import Simulator

WRENCH_FRAME = "hand"


class CameraPublisher:
    """`camera_<name>/image` and `camera_<name>/camera_info`, stamped at capture."""

    def __init__(self, node: Node, camera: str, height: int, width: int) -> None:
        """Create the publishers.

        Args:
            node: publishes.
            camera: one of `sim.world.CAMERAS`.
            height: rows [px].
            width: columns [px].
        """
        self._camera, self._height, self._width = camera, height, width
        self._images = node.create_publisher(Image, f"camera_{camera}/image", qos.IMAGES)
        self._infos = node.create_publisher(CameraInfo, f"camera_{camera}/camera_info", qos.IMAGES)

    def publish(self, simulator: Simulator, stamp_ns: int) -> None:
        """Render and publish one picture, captured at `stamp_ns`."""
        picture = simulator.picture(self._camera, self._height, self._width)
        message = image_from_rgb(picture, stamp_ns, f"camera_{self._camera}_optical_frame")
        self._images.publish(message)
        self._infos.publish(self._info(simulator, message.header))

    def _info(self, simulator: Simulator, header: Header) -> CameraInfo:
        focal = simulator.focal_length_px(self._camera, self._height)
        column, row = self._width / 2, self._height / 2
        info = CameraInfo(header=header, height=self._height, width=self._width)
        info.distortion_model, info.d = "plumb_bob", [0.0] * 5
        info.k = [focal, 0.0, column, 0.0, focal, row, 0.0, 0.0, 1.0]
        info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        info.p = [focal, 0.0, column, 0.0, 0.0, focal, row, 0.0, 0.0, 0.0, 1.0, 0.0]
        return info


class StatePublisher:
    """`joint_states` and `wrench`."""

    def __init__(self, node: Node) -> None:
        """Create the publishers."""
        # Reliable, as drivers publish them; our subscribers ask for best effort and hear both.
        self._states = node.create_publisher(JointState, "joint_states", 10)
        self._wrenches = node.create_publisher(WrenchStamped, "wrench", 10)

    def publish(self, simulator: Simulator, stamp_ns: int) -> None:
        """Publish what the joints and the wrist measure at `stamp_ns`."""
        state = JointState(header=_header(stamp_ns, ""), name=list(simulator.joint_names))
        state.position = simulator.joint_positions.tolist()
        state.velocity = simulator.joint_velocities.tolist()
        state.effort = simulator.joint_efforts.tolist()
        self._states.publish(state)
        x, y, z, roll, pitch, yaw = simulator.wrench.tolist()
        wrench = WrenchStamped(header=_header(stamp_ns, WRENCH_FRAME))
        wrench.wrench.force = Vector3(x=x, y=y, z=z)
        wrench.wrench.torque = Vector3(x=roll, y=pitch, z=yaw)
        self._wrenches.publish(wrench)


def clock_message(time_ns: int) -> Clock:
    """The simulated time as `/clock` says it."""
    return Clock(clock=_header(time_ns, "").stamp)


def _header(stamp_ns: int, frame_id: str) -> Header:
    header = Header(frame_id=frame_id)
    header.stamp.sec, header.stamp.nanosec = divmod(stamp_ns, NS_PER_S)
    return header
