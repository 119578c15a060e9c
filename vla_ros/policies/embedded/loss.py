# SPDX-License-Identifier: Apache-2.0
"""What the network is taught: the flow, and where the things that the sentence names are.

Flow matching (arXiv 2210.02747) with a clean prefix on a part of the draws, as in training-time
real-time chunking (arXiv 2512.05964): the prefix stays clean and the loss is on the rest.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vla_ros.policies.embedded.encoder import WHERE_SCALE_M, Condition
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.training_data import Batch

MAX_PREFIX = 8
_DRAWS = 4  # of noise and time for every encoded sample
_PREFIXED = 0.4  # share of the draws with a prefix
_WHERE_WEIGHT, _ATTENTION_WEIGHT, _PLACE_WEIGHT = 0.3, 0.2, 1.0


@dataclass(frozen=True)
class Losses:
    """Parts of the loss, each already weighted."""

    flow: Tensor
    where: Tensor
    attention: Tensor
    place: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum."""
        return self.flow + self.where + self.attention + self.place


def losses(network: Network, batch: Batch, generator: torch.Generator) -> Losses:
    """Compute the loss of a batch.

    Args:
        network: in training mode.
        batch: from the sampler.
        generator: of jitter, noise, time and prefix lengths.
    """
    pictures = jitter(torch.from_numpy(batch.pictures), generator)
    states = torch.from_numpy(batch.proprioception).float()
    condition = network.encode(pictures, states, torch.from_numpy(batch.tokens))
    where = torch.from_numpy(batch.where).float() / WHERE_SCALE_M
    attention, place = attention_losses(condition.attention, batch, network.looker.grid)
    return Losses(
        _flow_loss(network, condition, batch, generator),
        _WHERE_WEIGHT * F.smooth_l1_loss(condition.where, where),
        _ATTENTION_WEIGHT * attention,
        _PLACE_WEIGHT * place,
    )


def jitter(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Change colours a little and bring (B, C, S, S, 3) uint8 to (B, C, 3, S, S) in [-1, 1]."""
    scaled = pictures.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
    shape = (*scaled.shape[:2], 3, 1, 1)
    gain = 1 + 0.12 * torch.randn(shape, generator=generator)
    contrast = 1 + 0.15 * torch.randn((*shape[:2], 1, 1, 1), generator=generator)
    offset = 0.10 * torch.randn((*shape[:2], 1, 1, 1), generator=generator)
    jittered: Tensor = ((scaled + 1) * gain - 1) * contrast + offset
    return jittered


def _flow_loss(
    network: Network, condition: Condition, batch: Batch, generator: torch.Generator
) -> Tensor:
    chunk = torch.from_numpy(batch.chunk).float().repeat(_DRAWS, 1, 1)
    valid = torch.from_numpy(batch.valid).float().repeat(_DRAWS, 1)
    fused = condition.fused.repeat(_DRAWS, 1)
    count, horizon = chunk.shape[:2]
    noise = torch.randn(chunk.shape, generator=generator)
    # Beta(1.5, 1) by inversion: most draws lie near the noise, where the choice is made
    time = 1 - torch.rand(count, generator=generator) ** (1 / 1.5)
    length = torch.randint(1, MAX_PREFIX + 1, (count,), generator=generator)
    length = length * (torch.rand(count, generator=generator) < _PREFIXED)
    kept = (torch.arange(horizon) < length[:, None]).float()
    mixed = time[:, None, None] * chunk + (1 - time[:, None, None]) * noise
    mixed = torch.where(kept[..., None] > 0, chunk, mixed)
    error = network.head(mixed, time, kept, fused) - (chunk - noise)
    weight = (valid * (1 - kept))[..., None]
    loss: Tensor = (error.square() * weight).sum() / (weight.sum() * chunk.shape[-1]).clamp(min=1)
    return loss


def attention_losses(attention: Tensor, batch: Batch, grid: Tensor) -> tuple[Tensor, Tensor]:
    """Pull query 0 to the target and query 1 to the tray.

    Args:
        attention: (B, cameras, queries, h * w) log-probabilities.
        batch: its points; those outside the picture do not count, nor does the tray of a "pick".
        grid: (h * w, 2) column and row of each cell, -1 to 1.

    Returns:
        Cross-entropy of the map with the point, and distance of the map's mean from it: the second
        punishes faint attention far away, which the first forgives and which biases the mean.
    """
    side = round(attention.shape[-1] ** 0.5)
    points = torch.from_numpy(batch.points).float()
    goal, counts = splat(points, side)
    counts[..., 1] *= torch.from_numpy((batch.task == 1).astype(np.float32))[:, None]
    maps = attention[:, :, : points.shape[2]]
    entropy = -(goal * maps).sum(-1)
    mean = maps.exp() @ grid
    distance = (mean - torch.nan_to_num(2 * points - 1)).abs().sum(-1)
    total = counts.sum().clamp(min=1)
    return (entropy * counts).sum() / total, (distance * counts).sum() / total


def splat(points: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Spread points over the four nearest cells of a map, bilinearly.

    Args:
        points: (..., 2) column and row as fractions of the map.
        side: cells per row and column.

    Returns:
        (..., side * side) weights that sum to 1, and (...) 1 where the point is inside, else 0.
    """
    inside = ((points > 0) & (points < 1)).all(-1)
    place = torch.nan_to_num(points, 0.5) * side - 0.5
    cells = torch.arange(side)
    near = (1 - (place[..., None] - cells).abs()).clamp(min=0)
    weights: Tensor = (near[..., 1, :, None] * near[..., 0, None, :]).flatten(-2)
    total = weights.sum(-1, keepdim=True).clamp(min=1e-6)
    return weights / total, inside.float()
