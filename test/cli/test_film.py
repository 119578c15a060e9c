# SPDX-License-Identifier: Apache-2.0
"""The film: frames laid out, an MP4 that plays, a strip with a row per episode."""

import imageio.v2 as imageio
import numpy as np
import pytest

from vla_ros.cli.film import Film, compose

RED, GREEN, BLUE = (np.full((12, 16, 3), colour) for colour in np.eye(3, dtype=np.uint8) * 200)
PICTURES = {"overview": RED, "front": GREEN, "wrist": BLUE}


def test_pictures_have_their_places():
    frame = compose(PICTURES, "", "")
    assert frame.shape == (520, 880, 3)
    for place, picture in (((240, 320), RED), ((120, 760), GREEN), ((360, 760), BLUE)):
        np.testing.assert_array_equal(frame[place], picture[0, 0])
    assert (frame[480:] == 24).all()


def test_missing_and_turned_pictures():
    assert (compose({}, "", "") == 24).all()
    turned = compose({"front": GREEN[:, ::-1, ::-1]}, "", "")
    np.testing.assert_array_equal(turned[120, 760], GREEN[0, 0, ::-1])


def test_captions_are_left_and_right():
    left, right = compose({}, "left", "")[480:], compose({}, "", "right")[480:]
    assert (left[:, :100] > 100).any()
    assert not (left[:, 440:] > 100).any()
    assert (right[:, -100:] > 100).any()
    assert not (right[:, :440] > 100).any()


@pytest.mark.parametrize(("episodes", "rows"), [(1, 1), (3, 3), (6, 4)])
def test_a_film_and_its_strip(tmp_path, episodes, rows):
    folder = tmp_path / "new"
    with Film(folder) as film:
        for _ in range(episodes):
            for _ in range(3):
                film.add(compose(PICTURES, "x", "y"))
            film.end_episode()
    frames = imageio.mimread(film.movie, memtest=False)
    assert len(frames) == 3 * episodes
    assert frames[0].shape == (520, 880, 3)
    np.testing.assert_allclose(frames[0][240, 320], [200, 0, 0], atol=12)
    strip = imageio.imread(film.strip)
    assert strip.shape == (260 * rows, 440 * 5, 3)


def test_the_strip_runs_from_the_first_frame_to_the_last(tmp_path):
    with Film(tmp_path) as film:
        for grey in np.linspace(0, 200, 9).astype(np.uint8):
            film.add(np.full((520, 880, 3), grey))
        film.end_episode()
    strip = imageio.imread(film.strip)
    assert [int(strip[100, 440 * place + 200, 0]) for place in range(5)] == [0, 50, 100, 150, 200]


def test_episodes_without_frames_have_no_row(tmp_path):
    with Film(tmp_path) as film:
        film.end_episode()
        film.add(compose({}, "", ""))
        film.end_episode()
        film.end_episode()
    assert imageio.imread(film.strip).shape[0] == 260


def test_no_frames_at_all(tmp_path):
    with Film(tmp_path) as film:
        film.end_episode()
    assert not film.strip.exists()


def test_an_error_still_finishes_the_movie(tmp_path):
    def interrupted():
        with Film(tmp_path) as film:
            film.add(compose(PICTURES, "", ""))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(imageio.mimread(tmp_path / "demo.mp4", memtest=False)) == 1
