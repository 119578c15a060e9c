# SPDX-License-Identifier: Apache-2.0
"""The client of demo and page, against publishers that it does not trust."""

import random
import threading

import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from sensor_msgs.msg import Image

from vla_ros.nodes import qos
from vla_ros.nodes.image_conversion import image_from_rgb
from vla_ros.nodes.system_client import SystemClient, UnansweredError, wait_until

pytestmark = pytest.mark.ros


@pytest.fixture
def domain():
    return random.randrange(1, 100)


def test_a_picture_of_another_encoding_is_dropped_and_the_next_is_shown(domain):
    context = Context()
    rclpy.init(context=context, domain_id=domain)
    node = Node("camera", context=context)
    publisher = node.create_publisher(Image, "camera_front/image", qos.IMAGES)
    with SystemClient(domain, ("front",)) as client:
        assert wait_until(lambda: publisher.get_subscription_count() > 0, 10)
        publisher.publish(Image(encoding="32FC1", width=1, height=1, step=4, data=bytes(4)))
        picture = np.full((2, 2, 3), 9, np.uint8)

        def shown() -> bool:
            publisher.publish(image_from_rgb(picture, 1, "front"))
            return "front" in client.pictures

        assert wait_until(shown, 10)
        np.testing.assert_array_equal(client.pictures["front"], picture)
    node.destroy_node()
    context.try_shutdown()


def test_two_resets_at_once_are_refused_in_words(domain, monkeypatch):
    monkeypatch.setattr("vla_ros.nodes.system_client.CALL_TIMEOUT_S", 1.0)
    errors = []

    def reset(client):
        with pytest.raises(UnansweredError) as caught:
            client.reset(1)
        errors.append(str(caught.value))

    with SystemClient(domain, ()) as client:
        threads = [threading.Thread(target=reset, args=(client,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum("one reset at a time" in text for text in errors) == 1
    assert sum("controller_node/change_state" in text for text in errors) == 1
