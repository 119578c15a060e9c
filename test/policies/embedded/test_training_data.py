# SPDX-License-Identifier: Apache-2.0
"""Demonstrations in memory, and the batches drawn from them."""

from dataclasses import replace

import numpy as np
import pytest

from vla_ros.core.exceptions import ConfigError
from vla_ros.policies.embedded.text import PADDING, tokenize
from vla_ros.policies.embedded.training_data import Demonstrations, Sampler

SENTENCES = {0: ("lift the {} cube", "take {}"), 1: ("put {} away",)}
COLOURS = ("red", "green", "blue", "yellow")


def write_episode(path, count, segment, task=0):
    rng = np.random.default_rng(count)
    np.savez(
        path,
        front=rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8),
        wrist=rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8),
        state=rng.normal(size=(count, 8)),
        command=rng.normal(size=(count, 8)),
        segment=np.array(segment),
        points=rng.normal(size=(count, 2, 2, 2)),
        target=rng.normal(size=(count, 3)),
        task=np.array(task),
        colour=np.array(2),
    )


def test_chunks_end_with_the_segment_and_the_episode(tmp_path):
    segments = [[0, 0, 0, 1, 1], [0, 0, 0]]
    for number, segment in enumerate(segments):
        write_episode(tmp_path / f"pick_{number}.npz", len(segment), segment, number)
    data = Demonstrations.load(tmp_path, horizon=4)
    assert len(data) == 8
    row = 0
    for number, segment in enumerate(segments):
        commands = np.load(tmp_path / f"pick_{number}.npz")["command"]
        for step in range(len(segment)):
            for ahead in range(4):
                there = step + ahead
                valid = there < len(segment) and segment[there] == segment[step]
                assert data.valid[row, ahead] == valid
                if valid:
                    np.testing.assert_array_equal(data.command[row, ahead], commands[there])
            assert (data.task[row], data.colour[row]) == (number, 2)
            row += 1


def test_no_demonstrations(tmp_path):
    with pytest.raises(ConfigError, match="demonstrations .*npz.*got none. Run .*collect"):
        Demonstrations.load(tmp_path, 4)


@pytest.fixture
def sampler(demonstrations, model):
    return Sampler(demonstrations, model, SENTENCES, COLOURS, seed=1)


def test_a_batch_has_half_of_each_task(sampler, demonstrations):
    batch = sampler.batch(10)
    np.testing.assert_array_equal(batch.task, [0] * 5 + [1] * 5)
    assert batch.pictures.shape == (10, 2, 96, 96, 3)
    assert batch.chunk.shape == (10, 16, 8)
    rows = [
        np.flatnonzero((demonstrations.front == pictures[0]).all(axis=(1, 2, 3)))[0]
        for pictures in batch.pictures
    ]
    np.testing.assert_array_equal(demonstrations.task[rows], batch.task)
    np.testing.assert_array_equal(demonstrations.valid[rows], batch.valid)
    np.testing.assert_array_equal(demonstrations.target[rows], batch.where[:, :3])
    joints = demonstrations.state[rows, :7]
    back = sampler.normalisation.chunk_out(batch.chunk, joints)
    np.testing.assert_allclose(back, demonstrations.command[rows], atol=1e-9)


def test_where_is_relative_to_the_tool_too(sampler, demonstrations, model):
    batch = sampler.batch(4)
    for pictures, where in zip(batch.pictures, batch.where, strict=True):
        row = np.flatnonzero((demonstrations.front == pictures[0]).all(axis=(1, 2, 3)))[0]
        tool = model.tool_position(demonstrations.state[row, :7])
        np.testing.assert_allclose(where[:3] - where[3:], tool)


def test_sentences_name_the_task_and_colour_of_their_row(sampler, demonstrations):
    """Most tokens come from a template of the row; some are left out, at most 3 are stray."""
    for _ in range(5):
        batch = sampler.batch(8)
        for pictures, tokens, task in zip(batch.pictures, batch.tokens, batch.task, strict=True):
            row = np.flatnonzero((demonstrations.front == pictures[0]).all(axis=(1, 2, 3)))[0]
            colour = COLOURS[demonstrations.colour[row]]
            texts = [tokenize(text.format(colour)) for text in SENTENCES[int(task)]]
            said = set(tokens[tokens != PADDING].tolist())
            assert min(len(said - set(text.tolist())) for text in texts) <= 3


def test_the_seed_decides_what_is_drawn(demonstrations, model):
    batches = [
        Sampler(demonstrations, model, SENTENCES, COLOURS, seed).batch(6) for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(batches[0].tokens, batches[1].tokens)
    np.testing.assert_array_equal(batches[0].pictures, batches[1].pictures)
    assert (batches[0].tokens != batches[2].tokens).any()


def test_a_task_without_demonstrations_is_refused(demonstrations, model):
    alone = replace(demonstrations, task=np.zeros(len(demonstrations), int))
    with pytest.raises(ConfigError, match="demonstrations of task 1; got none. Run .*collect"):
        Sampler(alone, model, SENTENCES, COLOURS, seed=1)
