# SPDX-License-Identifier: Apache-2.0
"""The live page over HTTP, before a stand-in for the running system."""

import json
from http.client import HTTPConnection
from types import SimpleNamespace
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from vla_ros.cli.live_page import LivePage
from vla_ros.core.exceptions import VlaRosError


class System:
    """What the page uses of `SystemClient`."""

    def __init__(self):
        self.forget()

    def forget(self):
        self.policy_status = self.controller_status = None
        self.cubes = ("red", "blue")
        self.latencies_s, self.said, self.seeds = [], [], []
        self.pictures = {"overview": np.full((480, 640, 3), (200, 0, 0), np.uint8)}

    def instruct(self, text):
        self.said.append(text)

    def reset(self, seed):
        if seed == 13:
            raise VlaRosError("the simulator to reset", "a refusal", "Try another seed.")
        self.seeds.append(seed)


@pytest.fixture(scope="module")
def served():
    """One page for all tests: a server takes half a second to end."""
    system = System()
    with LivePage(system) as running:
        yield running, system


@pytest.fixture
def page(served):
    return served[0]


@pytest.fixture
def system(served):
    served[1].forget()
    return served[1]


@pytest.fixture
def ask(page, system):
    """Sends one request and reads the answer."""

    def send(method, path, body=None, **headers):
        connection = HTTPConnection(urlsplit(page.address).netloc, timeout=5)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return SimpleNamespace(status=answer.status, reason=answer.reason, text=text)

    return send


def test_only_this_machine_can_connect(page):
    assert page.address.startswith("http://127.0.0.1:")


def test_the_page(ask):
    answer = ask("GET", "/")
    assert answer.status == 200
    assert "<title>vla_ros</title>" in answer.text
    assert "http://" not in answer.text  # nothing from elsewhere
    assert "https://" not in answer.text


def test_status_before_anything_was_heard(ask):
    assert json.loads(ask("GET", "/status").text) == {
        "instruction": "",
        "policy": "not heard of yet",
        "waiting_for": [],
        "controller": "not heard of yet",
        "reason": "",
        "latency_ms": None,
        "cubes": ["red", "blue"],
    }


def test_status(ask, system):
    system.policy_status = SimpleNamespace(instruction="go", text="runs", waiting_for=["a", "b"])
    system.controller_status = SimpleNamespace(state=3, reason="no chunk")
    system.latencies_s = [0.2, 0.0512]
    assert json.loads(ask("GET", "/status").text) == {
        "instruction": "go",
        "policy": "runs",
        "waiting_for": ["a", "b"],
        "controller": "holding",
        "reason": "no chunk",
        "latency_ms": 51.2,
        "cubes": ["red", "blue"],
    }
    system.controller_status.state = 99
    assert json.loads(ask("GET", "/status").text)["controller"] == "?"


def test_the_stream_is_motion_jpeg(page):
    connection = HTTPConnection(urlsplit(page.address).netloc, timeout=5)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=frame"
    data = b""
    while data.count(b"--frame\r\n") < 2:
        data += answer.read(1000)
    connection.close()
    jpeg = data.split(b"--frame\r\n")[1].split(b"\r\n\r\n", 1)[1]
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
    assert picture.shape == (520, 880, 3)
    np.testing.assert_allclose(picture[240, 320], (200, 0, 0), atol=8)


@pytest.mark.parametrize(
    ("body", "said"),
    [("pick up the red cube", "pick up the red cube"), ("  lift ü \n", "lift ü"), ("", "")],
)
def test_an_instruction(ask, system, body, said):
    assert ask("POST", "/instruction", body.encode()).status == 200
    assert system.said == [said]


def test_a_reset(ask, system):
    assert ask("POST", "/reset", "7005").text == "ok"
    assert system.seeds == [7005]
    answer = ask("POST", "/reset", "13")
    assert (answer.status, system.seeds) == (409, [7005])
    assert "expected the simulator to reset; got a refusal" in answer.reason


@pytest.mark.parametrize("seed", ["", "-1", "1.5", "x", "1 2", str(2**63), "9" * 900])
def test_seeds_that_are_none_are_refused(ask, system, seed):
    answer = ask("POST", "/reset", seed)
    assert (answer.status, system.seeds) == (400, [])
    assert "POST /instruction or /reset with a seed" in answer.reason


def test_the_page_itself_may_post(ask, page, system):
    origin = page.address.rstrip("/")
    assert ask("POST", "/instruction", "go", Origin=origin).status == 200
    assert system.said == ["go"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"Host": ""},
    ],
)
def test_other_sites_cannot_move_the_arm(ask, system, headers):
    answer = ask("POST", "/instruction", "go", **headers)
    assert (answer.status, system.said) == (403, [])
    assert answer.reason.startswith("only from this")


@pytest.mark.parametrize("length", ["1001", "99999999999", "-1", "many"])
def test_huge_bodies_are_refused_unread(ask, system, length):
    answer = ask("POST", "/instruction", None, Content_Length=length)
    assert (answer.status, system.said) == (400, [])
    assert answer.reason == "a body of at most 1000 bytes"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/../etc/passwd", 404),
        ("POST", "/", 400),
        ("POST", "/status", 400),
        ("PUT", "/instruction", 501),
    ],
)
def test_other_requests_are_refused(ask, method, path, status):
    assert ask(method, path, b"x").status == status


def test_after_the_end_nobody_answers(system):
    with LivePage(system) as page:
        netloc = urlsplit(page.address).netloc
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(netloc, timeout=5).connect()
