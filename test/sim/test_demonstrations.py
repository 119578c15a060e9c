# SPDX-License-Identifier: Apache-2.0
"""Recorded demonstrations: shapes, segments between kicks, files."""

from dataclasses import fields

import numpy as np
import pytest

from vla_ros.sim.demonstrations import Episode, Recorder, policy_picture
from vla_ros.sim.scene import COLOURS, TASKS, draw_scene
from vla_ros.sim.world import HOME

KICKED, CALM = 102, 101  # seeds whose disturbances are two kicks, and none


@pytest.fixture(scope="module")
def recorder():
    return Recorder()


@pytest.fixture(scope="module")
def kicked(recorder):
    return recorder.record(KICKED, "pick")


@pytest.fixture(scope="module")
def calm(recorder):
    return recorder.record(CALM, "place")


def test_shapes_and_labels(calm):
    count = len(calm.front)
    scene = draw_scene(CALM, "place")
    shapes = {field.name: getattr(calm, field.name).shape for field in fields(Episode)}
    assert shapes == {
        "front": (count, 96, 96, 3),
        "wrist": (count, 96, 96, 3),
        "state": (count, 8),
        "command": (count, 8),
        "segment": (count,),
        "points": (count, 2, 2, 2),
        "target": (count, 3),
        "task": (),
        "colour": (),
    }
    assert calm.front.dtype == calm.wrist.dtype == np.uint8
    assert TASKS[int(calm.task)] == "place"
    assert COLOURS[int(calm.colour)] == scene.target


def test_an_episode_starts_at_home_and_ends_on_the_tray(calm):
    scene = draw_scene(CALM, "place")
    np.testing.assert_allclose(calm.state[0], [*HOME, 0.08], atol=2e-3)
    np.testing.assert_allclose(calm.target[-1, :2], [scene.tray_x, scene.tray_y], atol=0.07)
    assert calm.state[-1, 7] > 0.05


def test_the_arm_does_what_is_recorded_as_commanded(calm):
    error = np.abs(calm.state[1:, :7] - calm.command[1:, :7])
    assert np.median(error) < 0.03


def test_without_a_kick_there_is_one_segment(calm):
    assert not calm.segment.any()


def test_kicks_separate_segments_and_are_not_recorded(kicked):
    steps = np.diff(kicked.segment)
    assert set(steps) <= {0, 1}
    assert kicked.segment[-1] == 2
    moved = np.abs(np.diff(kicked.state[:, :7], axis=0)).max(axis=1)
    # one step of the expert moves no joint by more than 0.16 rad and some lag
    assert moved[steps == 0].max() < 0.25
    assert moved[steps == 1].max() > moved[steps == 0].max()


def test_the_same_seed_records_the_same(recorder, kicked):
    again = recorder.record(KICKED, "pick")
    for field in fields(Episode):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(kicked, field.name))


def test_points_follow_the_target_in_the_front_picture(calm):
    place, picture = calm.points[0, 0, 0], calm.front[0].astype(int)
    column, row = (place * 96).astype(int)
    patch = picture[row - 1 : row + 2, column - 1 : column + 2].mean(axis=(0, 1))
    assert np.ptp(patch) > 60  # a coloured cube, not the table


def test_saved_and_loaded_again(calm, tmp_path):
    path = tmp_path / "place_101.npz"
    calm.save(path)
    assert list(tmp_path.iterdir()) == [path]
    loaded = Episode.load(path)
    for field in fields(Episode):
        np.testing.assert_array_equal(getattr(loaded, field.name), getattr(calm, field.name))


def test_an_interrupted_save_leaves_nothing_that_training_would_read(calm, tmp_path):
    (tmp_path / "place_101.npz").mkdir()  # the last step, the renaming, fails
    with pytest.raises(OSError, match="place_101.npz"):
        calm.save(tmp_path / "place_101.npz")
    assert [path.name for path in tmp_path.glob("*_*.npz")] == ["place_101.npz"]


def test_policy_pictures_average_the_camera(simulator):
    small = policy_picture(simulator, "front").astype(float)
    large = simulator.picture("front", 192, 192).astype(float)
    mean = large.reshape(96, 2, 96, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(small, mean, atol=0.51)
