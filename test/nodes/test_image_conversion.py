# SPDX-License-Identifier: Apache-2.0
"""Images from messages: every accepted encoding against a picture known pixel by pixel."""

import numpy as np
import pytest
from sensor_msgs.msg import Image

from vla_ros.core.exceptions import ObservationError
from vla_ros.nodes.image_conversion import CHANNELS, image_from_rgb, rgb_from_image

pytestmark = pytest.mark.ros

RGB = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
ALPHA = np.full((2, 3, 1), 255, np.uint8)
ENCODED = {
    "rgb8": RGB,
    "bgr8": RGB[:, :, ::-1],
    "rgba8": np.concatenate([RGB, ALPHA], axis=2),
    "bgra8": np.concatenate([RGB[:, :, ::-1], ALPHA], axis=2),
}


def message_of(pixels: np.ndarray, encoding: str, padding: int = 0) -> Image:
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    return Image(
        encoding=encoding, height=height, width=width, step=padded.shape[1], data=padded.tobytes()
    )


@pytest.mark.parametrize("padding", [0, 5])
@pytest.mark.parametrize("encoding", sorted(ENCODED))
def test_colour_encodings_give_the_same_rgb(encoding: str, padding: int) -> None:
    message = message_of(ENCODED[encoding], encoding, padding)
    np.testing.assert_array_equal(rgb_from_image(message, "t"), RGB)


@pytest.mark.parametrize("padding", [0, 3])
def test_mono_repeats_the_grey_value(padding: int) -> None:
    grey = RGB[:, :, :1]
    image = rgb_from_image(message_of(grey, "mono8", padding), "t")
    np.testing.assert_array_equal(image, np.repeat(grey, 3, axis=2))


def test_unpadded_rgb_is_a_view_into_the_message() -> None:
    message = message_of(RGB, "rgb8")
    image = rgb_from_image(message, "t")
    assert np.shares_memory(image, np.frombuffer(message.data, np.uint8))
    assert image.flags.c_contiguous


def test_round_trip_with_stamp() -> None:
    message = image_from_rgb(RGB, 3_000_000_007, "front_optical")
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (3, 7)
    assert message.header.frame_id == "front_optical"
    np.testing.assert_array_equal(rgb_from_image(message, "t"), RGB)


@pytest.mark.parametrize("encoding", ["16UC1", "yuv422", "", "bayer_rggb8"])
def test_other_encodings_are_named_with_what_is_accepted(encoding: str) -> None:
    message = message_of(RGB, "rgb8")
    message.encoding = encoding
    with pytest.raises(ObservationError, match="camera_front/image.*bgr8.*rgba8") as raised:
        rgb_from_image(message, "camera_front/image")
    assert raised.value.got == f"'{encoding}'"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("data", RGB.tobytes()[:-1], "rgb8, 3 x 2.*18 bytes; got 17"),
        ("data", b"", "18 bytes; got 0"),
        ("height", 0, "at least one pixel; got 3 x 0"),
        ("width", 0, "at least one pixel; got 0 x 2"),
        ("step", 8, "rows of at least 9 bytes; got step 8"),
        ("width", 2**31, "rows of at least"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(
    field: str, value: object, words: str
) -> None:
    message = message_of(RGB, "rgb8")
    setattr(message, field, value)
    with pytest.raises(ObservationError, match=words):
        rgb_from_image(message, "camera_front/image")


@pytest.mark.parametrize("encoding", sorted(CHANNELS))
def test_agrees_with_cv_bridge(encoding: str) -> None:
    cv_bridge = pytest.importorskip("cv_bridge", reason="cv_bridge comes with a ROS install only")
    pixels = ENCODED.get(encoding, RGB[:, :, :1])
    message = message_of(pixels, encoding)
    expected = cv_bridge.CvBridge().imgmsg_to_cv2(message, "rgb8")
    np.testing.assert_array_equal(rgb_from_image(message, "t"), expected)
