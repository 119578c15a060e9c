# SPDX-License-Identifier: Apache-2.0
"""sensor_msgs/Image to RGB arrays and back, without a copy where the layout allows it."""

import numpy as np
from sensor_msgs.msg import Image

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import ImageArray
from vla_ros.core.exceptions import ObservationError

CHANNELS = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}


def rgb_from_image(message: Image, topic: str) -> ImageArray:
    """View a picture as RGB; no pixel is copied.

    Args:
        message: encodings rgb8, bgr8, rgba8, bgra8, mono8; rows may be padded.
        topic: where it came from, for the message of the error.

    Returns:
        (H, W, 3) uint8, RGB; a view into the message, contiguous only for unpadded rgb8.

    Raises:
        ObservationError: another encoding, no pixel, or data of another length than it says.
    """
    channels = _checked_channels(message, topic)
    rows = np.frombuffer(message.data, dtype=np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : message.width * channels]
    image = np.lib.stride_tricks.as_strided(
        pixels,
        shape=(message.height, message.width, channels),
        strides=(message.step, channels, 1),
        writeable=False,
    )
    if message.encoding == "mono8":
        return np.broadcast_to(image, (message.height, message.width, 3))
    return image[:, :, 2::-1] if message.encoding.startswith("bgr") else image[:, :, :3]


def image_from_rgb(image: ImageArray, stamp_ns: int, frame_id: str) -> Image:
    """Write a picture as an rgb8 message.

    Args:
        image: (H, W, 3) uint8, RGB.
        stamp_ns: capture time [ns].
        frame_id: optical frame of the camera.
    """
    message = Image(encoding="rgb8", height=image.shape[0], width=image.shape[1])
    message.step = image.shape[1] * 3
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, NS_PER_S)
    message.header.frame_id = frame_id
    message.data = image.tobytes()  # assigning the array itself goes value by value
    return message


def _checked_channels(message: Image, topic: str) -> int:
    channels = CHANNELS.get(message.encoding)
    if channels is None:
        raise ObservationError(
            f"{topic} with an encoding out of {sorted(CHANNELS)}",
            f"'{message.encoding}'",
            "Set the camera driver to one of them, or convert with image_proc.",
        )
    if not message.height or not message.width:
        raise ObservationError(
            f"{topic} ({message.encoding}) with at least one pixel",
            f"{message.width} x {message.height}",
            "Check the camera driver.",
        )
    if message.step < message.width * channels:
        raise ObservationError(
            f"{topic} ({message.encoding}) with rows of at least {message.width * channels} bytes",
            f"step {message.step}",
            "Check the camera driver.",
        )
    if len(message.data) != message.height * message.step:
        raise ObservationError(
            f"{topic} ({message.encoding}, {message.width} x {message.height}) with "
            f"{message.height * message.step} bytes",
            f"{len(message.data)}",
            "Check the camera driver; the picture was cut or its size is wrong.",
        )
    return channels
