# SPDX-License-Identifier: Apache-2.0
"""The losses against brute force."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.policies.embedded.loss import MAX_PREFIX, attention_losses, jitter, losses, splat
from vla_ros.policies.embedded.text import tokenize
from vla_ros.policies.embedded.training_data import Batch

COUNT, HORIZON, WIDTH, DRAWS, SIDE = 4, 16, 8, 4, 24


@pytest.fixture
def batch():
    rng = np.random.default_rng(2)
    valid = np.ones((COUNT, HORIZON))
    valid[1, 9:] = valid[3, 3:] = 0
    return Batch(
        pictures=rng.integers(0, 256, (COUNT, 2, 96, 96, 3), dtype=np.uint8),
        proprioception=rng.normal(size=(COUNT, 13)),
        tokens=np.stack([tokenize("pick up the red cube")] * COUNT),
        chunk=rng.normal(size=(COUNT, HORIZON, WIDTH)),
        valid=valid,
        points=rng.uniform(0.1, 0.9, (COUNT, 2, 2, 2)),
        where=rng.normal(size=(COUNT, 6)),
        task=np.array([0, 0, 1, 1]),
    )


def seeded():
    return torch.Generator().manual_seed(4)


@pytest.fixture
def blind(network):
    """A network whose flow head ignores the chunk it is given, so that only the target counts."""
    torch.nn.init.zeros_(network.head.input.weight)
    return network


def brute_force_flow(network, batch):
    """Mean squared error over the steps that exist and are not prefix, step by step."""
    generator = seeded()
    pictures = jitter(torch.from_numpy(batch.pictures), generator)
    felt = torch.from_numpy(batch.proprioception).float()
    fused = network.encode(pictures, felt, torch.from_numpy(batch.tokens)).fused
    shape = (DRAWS * COUNT, HORIZON, WIDTH)
    noise = torch.randn(shape, generator=generator)
    times = 1 - torch.rand(len(noise), generator=generator) ** (1 / 1.5)
    lengths = torch.randint(1, MAX_PREFIX + 1, (len(noise),), generator=generator)
    prefixed = torch.rand(len(noise), generator=generator) < 0.4
    errors = []
    for draw in range(len(noise)):
        row = draw % COUNT
        clean = torch.from_numpy(batch.chunk[row]).float()
        length = int(lengths[draw]) if prefixed[draw] else 0
        mixed = times[draw] * clean + (1 - times[draw]) * noise[draw]
        mixed[:length] = clean[:length]
        kept = torch.tensor([[float(step < length) for step in range(HORIZON)]])
        flow = network.head(mixed[None], times[draw : draw + 1], kept, fused[row : row + 1])[0]
        for step in range(length, HORIZON):
            if batch.valid[row, step]:
                errors.append((flow[step] - (clean[step] - noise[draw][step])) ** 2)
    assert 0 < int(prefixed.sum()) < len(noise)
    return torch.stack(errors).mean()


def test_flow_loss_is_the_brute_force_one(network, batch):
    with torch.no_grad():
        torch.testing.assert_close(
            losses(network, batch, seeded()).flow, brute_force_flow(network, batch)
        )


def test_targets_of_steps_that_do_not_exist_are_ignored(blind, batch):
    wild = batch.chunk.copy()
    wild[batch.valid == 0] = 1e6
    with torch.no_grad():
        plain = losses(blind, batch, seeded())
        other = losses(blind, replace(batch, chunk=wild), seeded())
    assert other.flow == plain.flow


def test_targets_of_the_prefix_are_ignored(blind, batch):
    """Only draws without a prefix may feel a change of the first step's target."""
    wild = batch.chunk.copy()
    wild[:, 0] += 1e3
    generator = seeded()
    jitter(torch.from_numpy(batch.pictures), generator)
    torch.randn((DRAWS * COUNT, HORIZON, WIDTH), generator=generator)
    torch.rand(DRAWS * COUNT, generator=generator)
    lengths = torch.randint(1, MAX_PREFIX + 1, (DRAWS * COUNT,), generator=generator)
    lengths *= torch.rand(DRAWS * COUNT, generator=generator) < 0.4
    valid = torch.from_numpy(batch.valid).repeat(DRAWS, 1)
    counted = sum(float(row[int(n) :].sum()) for row, n in zip(valid, lengths, strict=True))
    share = float((lengths == 0).sum()) / counted
    with torch.no_grad():
        other = losses(blind, replace(batch, chunk=wild), seeded())
    assert float(other.flow) == pytest.approx(1e6 * share, rel=0.01)


def test_the_total_is_the_sum_and_teaches_every_parameter(network, batch):
    network.train()
    parts = losses(network, batch, seeded())
    torch.testing.assert_close(
        parts.total, parts.flow + parts.where + parts.attention + parts.place
    )
    for block in network.head.blocks:  # they begin as the identity, which hides their insides
        torch.nn.init.normal_(block.modulation.weight, std=0.05)
    losses(network, batch, seeded()).total.backward()
    dead = [name for name, p in network.named_parameters() if not p.grad.abs().sum() > 0]
    assert dead == []


@given(st.floats(0.5 / SIDE, 1 - 0.5 / SIDE), st.floats(0.5 / SIDE, 1 - 0.5 / SIDE))
def test_splat_sums_to_one_and_its_mean_is_the_point(column, row):
    weights, inside = splat(torch.tensor([column, row]), SIDE)
    map_ = weights.reshape(SIDE, SIDE)
    centres = (torch.arange(SIDE) + 0.5) / SIDE
    assert inside == 1
    assert float(map_.sum()) == pytest.approx(1, abs=1e-5)
    assert float((map_.sum(0) * centres).sum()) == pytest.approx(column, abs=1e-5)
    assert float((map_.sum(1) * centres).sum()) == pytest.approx(row, abs=1e-5)
    assert int((map_ > 0).sum()) <= 4


@pytest.mark.parametrize("point", [(-0.1, 0.5), (0.5, 1.2), (np.nan, np.nan), (30.0, -7.0)])
def test_points_outside_do_not_count(point):
    weights, inside = splat(torch.tensor(point), SIDE)
    assert inside == 0
    assert weights.isfinite().all()


def perfect_maps(points):
    """Log-probabilities that are 1 where the points are."""
    goal, _ = splat(torch.from_numpy(points).float(), SIDE)
    maps = torch.full((len(points), 2, 4, SIDE * SIDE), 1 / SIDE**2)
    maps[:, :, :2] = goal
    return maps.clamp(min=1e-9).log()


def test_perfect_maps_cost_nothing(network, batch):
    rng = np.random.default_rng(0)
    centres = (rng.integers(2, 22, (COUNT, 2, 2, 2)) + 0.5) / SIDE
    exact = replace(batch, points=centres)
    entropy, distance = attention_losses(perfect_maps(centres), exact, network.looker.grid)
    assert float(entropy) == pytest.approx(0, abs=1e-4)
    assert float(distance) == pytest.approx(0, abs=1e-4)
    shifted = replace(batch, points=centres + 2 / SIDE)
    entropy, distance = attention_losses(perfect_maps(centres), shifted, network.looker.grid)
    assert float(entropy) > 5
    assert float(distance) == pytest.approx(2 * 2 * 2 / SIDE, rel=1e-3)


def test_the_tray_counts_in_place_alone_and_the_outside_never(network, batch):
    centres = np.full((COUNT, 2, 2, 2), 10.5 / SIDE)
    maps = perfect_maps(centres)
    elsewhere = centres.copy()
    elsewhere[batch.task == 0, :, 1] = 3.5 / SIDE  # the tray of a "pick"
    elsewhere[0, 0, 0] = np.nan
    elsewhere[1, 0, 0] = 1.5
    for value in attention_losses(maps, replace(batch, points=elsewhere), network.looker.grid):
        assert float(value) == pytest.approx(0, abs=1e-4)
    elsewhere[batch.task == 1, :, 1] = 3.5 / SIDE
    for value in attention_losses(maps, replace(batch, points=elsewhere), network.looker.grid):
        assert float(value) > 0.1


def test_jitter_is_centred_on_the_plain_scaling():
    pictures = torch.full((200, 2, 4, 4, 3), 191, dtype=torch.uint8)
    out = jitter(pictures, seeded())
    assert out.shape == (200, 2, 3, 4, 4)
    assert float(out.mean()) == pytest.approx(191 / 127.5 - 1, abs=0.03)
    assert float(out.std()) > 0.05
    assert (out[0, 0, 0] == out[0, 0, 0, 0, 0]).all()  # a colour, not speckles
