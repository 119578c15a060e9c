# SPDX-License-Identifier: Apache-2.0
"""The network: shapes, the prefix, blank sentences."""

import pytest
import torch

from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.text import tokenize

BATCH, HORIZON, WIDTH = 3, 16, 8


def encoded(network, sentence="pick up the red cube", seed=0):
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.rand((BATCH, 2, 3, 96, 96), generator=generator) * 2 - 1
    felt = torch.randn((BATCH, 13), generator=generator)
    tokens = torch.from_numpy(tokenize(sentence)).expand(BATCH, -1)
    with torch.inference_mode():
        return network.encode(pictures, felt, tokens)


@pytest.fixture
def drawn():
    """Noise and a prefix."""
    generator = torch.Generator().manual_seed(1)
    shape = (BATCH, HORIZON, WIDTH)
    return torch.randn(shape, generator=generator), torch.randn(shape, generator=generator)


def sampled(network, condition, noise, length, prefix):
    kept = torch.zeros(BATCH, HORIZON)
    kept[:, :length] = 1
    with torch.inference_mode():
        return network.sample(condition, noise, kept, prefix)


def test_shapes_and_attention(network):
    condition = encoded(network)
    assert condition.fused.shape[0] == BATCH
    assert condition.attention.shape == (BATCH, 2, 4, 24 * 24)
    torch.testing.assert_close(condition.attention.exp().sum(-1), torch.ones(BATCH, 2, 4))


def test_the_chunk_is_finite_and_depends_on_noise_and_scene(network, drawn):
    noise, prefix = drawn
    torch.nn.init.normal_(network.head.blocks[0].modulation.weight, std=0.05)
    chunk = sampled(network, encoded(network), noise, 0, prefix)
    assert chunk.shape == (BATCH, HORIZON, WIDTH)
    assert chunk.isfinite().all()
    assert (sampled(network, encoded(network), -noise, 0, prefix) != chunk).any()
    assert (sampled(network, encoded(network, seed=2), noise, 0, prefix) != chunk).any()
    assert (sampled(network, encoded(network, "place it"), noise, 0, prefix) != chunk).any()


@pytest.mark.parametrize("length", [0, 1, 5, 8, 16])
def test_a_prefix_is_kept_exactly_and_nothing_else_of_it_is_read(network, drawn, length):
    noise, prefix = drawn
    condition = encoded(network)
    chunk = sampled(network, condition, noise, length, prefix)
    torch.testing.assert_close(chunk[:, :length], prefix[:, :length], rtol=0, atol=0)
    other = prefix.clone()
    other[:, length:] = 99.0
    assert (sampled(network, condition, noise, length, other) == chunk).all()


def test_the_rest_follows_the_prefix(network, drawn):
    noise, prefix = drawn
    condition = encoded(network)
    one = sampled(network, condition, noise, 4, prefix)
    other = sampled(network, condition, noise, 4, prefix + 1)
    assert (one[:, 4:] != other[:, 4:]).any()


@pytest.mark.parametrize("sentence", ["", "   ", "?"])
def test_a_blank_sentence_is_finite(network, drawn, sentence):
    condition = encoded(network, sentence)
    assert condition.fused.isfinite().all()
    assert condition.attention.isfinite().all()
    assert sampled(network, condition, drawn[0], 0, drawn[1]).isfinite().all()


def test_padding_does_not_count(network):
    words = torch.from_numpy(tokenize("red cube"))[None]
    longer = torch.nn.functional.pad(words, (0, 9))
    with torch.inference_mode():
        torch.testing.assert_close(network.text(words), network.text(longer))


def test_samples_of_a_batch_do_not_mix(network, drawn):
    noise, prefix = drawn
    condition = encoded(network)
    together = sampled(network, condition, noise, 0, prefix)
    changed = noise.clone()
    changed[1:] = 0
    torch.testing.assert_close(sampled(network, condition, changed, 0, prefix)[0], together[0])


def test_sizes_follow_the_configuration():
    config = NetworkConfig(horizon=4, picture_px=32, queries=2, free_maps=3, head_width=32)
    network = Network(config).eval()
    tokens = torch.from_numpy(tokenize("go"))[None]
    condition = network.encode(torch.zeros(1, 2, 3, 32, 32), torch.zeros(1, 13), tokens)
    assert condition.attention.shape == (1, 2, 2, 64)
    chunk = network.sample(
        condition, torch.zeros(1, 4, 8), torch.zeros(1, 4), torch.zeros(1, 4, 8)
    )
    assert chunk.shape == (1, 4, 8)
