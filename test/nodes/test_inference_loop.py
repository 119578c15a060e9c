# SPDX-License-Identifier: Apache-2.0
"""The inference thread: order, resets, faults, and its end."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.exceptions import ObservationError
from vla_ros.core.observation import Observation
from vla_ros.nodes.inference_loop import InferenceHooks, InferenceLoop
from vla_ros.policies.scripted_policy import ScriptedPolicy

PICTURE = np.zeros((96, 96, 3), np.uint8)


class Scene:
    """A policy whose inference the test shapes, and everything around the loop."""

    def __init__(self) -> None:
        self.instruction = "pick"
        self.inferring: Callable[[], None] = lambda: None
        self.resets: list[int | None] = []
        self.chunks: list[ActionChunk] = []
        self.faults: list[str] = []
        self.ended = threading.Event()
        self.time_ns = 0
        self.loop = InferenceLoop(
            self._policy(),
            InferenceHooks(
                take=self.take,
                instruction=lambda: self.instruction,
                publish=self.chunks.append,
                fault=self.faults.append,
                ended=self.ended.set,
            ),
            session="s",
            seed=7,
        )

    def _policy(self) -> Any:
        scene = self

        class Policy(ScriptedPolicy):
            def reset(self, seed: int | None = None) -> None:
                scene.resets.append(seed)

            def infer(self, observation: Observation, prefix: object = None) -> ActionChunk:
                scene.inferring()
                return super().infer(observation)

        return Policy()

    def take(self) -> Observation:
        self.time_ns += 1
        images = {"front": PICTURE, "wrist": PICTURE}
        return Observation(self.time_ns, images, np.zeros(8), self.instruction)

    def wait_for(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 3.0
        while not condition() and time.monotonic() < deadline:
            self.loop.notify()
            time.sleep(0.002)
        assert condition()


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.loop.stop()


def test_chunks_are_named_and_numbered(scene: Scene) -> None:
    scene.loop.start()
    scene.wait_for(lambda: len(scene.chunks) >= 3)
    assert [chunk.sequence for chunk in scene.chunks[:3]] == [0, 1, 2]
    assert {chunk.session for chunk in scene.chunks} == {"s"}
    assert {chunk.instruction for chunk in scene.chunks} == {"pick"}
    assert all(chunk.inference_s > 0 for chunk in scene.chunks)
    assert scene.resets == [7]


def test_a_new_instruction_resets_and_drops_the_inference_in_progress(scene: Scene) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(3.0)

    scene.inferring = wait
    scene.loop.start()
    scene.loop.notify()
    assert started.wait(3.0)
    scene.instruction = "place"
    scene.loop.reset_policy()
    go_on.set()
    scene.wait_for(lambda: scene.chunks)
    assert {chunk.instruction for chunk in scene.chunks} == {"place"}
    assert scene.resets == [7, None]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("CUDA out of memory"), ValueError("shape"), ObservationError("a", "b", "c")],
)
def test_a_failed_inference_is_told_and_the_next_one_works(scene: Scene, error: Exception) -> None:
    def fail() -> None:
        scene.inferring = lambda: None
        raise error

    scene.inferring = fail
    scene.loop.start()
    scene.wait_for(lambda: scene.chunks)
    assert len(scene.faults) == 1
    assert str(error) in scene.faults[0]
    assert not scene.ended.is_set()


def test_a_defect_ends_the_loop_and_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)

    def fail() -> None:
        raise KeyError("defect")

    scene.inferring = fail
    scene.loop.start()
    scene.loop.notify()
    assert scene.ended.wait(3.0)
    time.sleep(0.05)
    assert raised[0].exc_type is KeyError


def test_stop_waits_for_the_inference_and_publishes_it_not(scene: Scene) -> None:
    started = threading.Event()

    def slow() -> None:
        started.set()
        time.sleep(0.1)

    scene.inferring = slow
    scene.loop.start()
    scene.loop.notify()
    assert started.wait(3.0)
    assert scene.loop.stop()
    assert not scene.chunks
    assert not scene.ended.is_set()
