# SPDX-License-Identifier: Apache-2.0
"""From pictures, the arm's own state and a sentence to the condition of the flow."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.text import PADDING, VOCABULARY

WHERE_SCALE_M = 0.03  # the auxiliary output counts in these: a grasp tolerates about as much
_PLACE_GAIN = 3.0


@dataclass(frozen=True)
class Condition:
    """What the encoder hands to the flow head and to the auxiliary losses.

    Attributes:
        fused: (B, fusion_width).
        where: (B, 6) target, and target minus tool, in the base frame [`WHERE_SCALE_M`].
        attention: (B, cameras, queries, rows * columns) log-probabilities over the feature map.
    """

    fused: Tensor
    where: Tensor
    attention: Tensor


class TextEncoder(nn.Module):
    """Embeds hashed words and pools them by attention; unknown words learn to weigh little."""

    def __init__(self, width: int) -> None:
        """Make the embedding table; the start token gives an empty sentence a meaning too."""
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.start = nn.Parameter(torch.zeros(width))
        self.score = nn.Linear(width, 1)
        self.output = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        nn.init.normal_(self.embedding.weight, std=0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Pool tokens (B, T) into (B, width)."""
        start = self.start.expand(len(tokens), 1, -1)
        words = torch.cat([start, self.embedding(tokens)], dim=1)
        score = self.score(words).squeeze(-1)
        padding = F.pad(tokens == PADDING, (1, 0), value=False)
        weights = score.masked_fill(padding, -torch.inf).softmax(dim=1)
        pooled = torch.einsum("bt,btw->bw", weights, words)
        return self.output(pooled)  # type: ignore[no-any-return]


class VisionEncoder(nn.Module):
    """A small convolution net for every camera: (N, 3, S, S) -> (N, channels, S/4, S/4)."""

    def __init__(self, channels: int) -> None:
        """Make the layers; the last one is dilated to see about a third of the picture's width."""
        super().__init__()
        half = channels // 2
        self.layers = nn.Sequential(
            nn.Conv2d(3, half, 4, stride=2, padding=1),
            nn.GroupNorm(4, half),
            nn.SiLU(),
            nn.Conv2d(half, channels, 3, stride=2, padding=1),
            nn.GroupNorm(4, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GroupNorm(4, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, padding=2, dilation=2),
            nn.GroupNorm(4, channels),
            nn.SiLU(),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures in [-1, 1]."""
        return self.layers(pictures)  # type: ignore[no-any-return]


class Looker(nn.Module):
    """Where the sentence looks: attention maps, their expected place, and what is there."""

    grid: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Make the projections; every camera has its own queries and free maps."""
        super().__init__()
        self._config = config
        channels, cameras = config.channels, config.cameras
        self.queries = nn.Linear(config.text_width, cameras * config.queries * channels)
        self.keys = nn.Conv2d(channels, channels, 1)
        self.values = nn.Conv2d(channels, config.value_width, 1)
        self.free = nn.Parameter(torch.randn(cameras, config.free_maps, channels))
        side = config.picture_px // 4
        line = (torch.arange(side) + 0.5) / side * 2 - 1
        grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1)
        self.register_buffer("grid", grid.reshape(-1, 2), persistent=False)

    @property
    def width(self) -> int:
        """Numbers that come out per sample."""
        per_query = 2 + 1 + self._config.value_width
        per_camera = self._config.queries * per_query + 2 * self._config.free_maps
        return self._config.cameras * per_camera

    def forward(self, features: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        """Look.

        Args:
            features: (B, cameras, channels, h, w).
            text: (B, text_width).

        Returns:
            (B, width) what was found, and (B, cameras, queries, h * w) log-probabilities.
        """
        config, (batch, cameras) = self._config, features.shape[:2]
        flat = features.flatten(0, 1)
        keys = self.keys(flat).flatten(2).unflatten(0, (batch, cameras))
        values = self.values(flat).flatten(2).unflatten(0, (batch, cameras))
        queries = self.queries(text).reshape(batch, cameras, config.queries, config.channels)
        scores = queries @ keys / math.sqrt(config.channels)
        attention = scores.softmax(-1)
        strength = scores.logsumexp(-1, keepdim=True)
        seen = attention @ values.transpose(-1, -2)
        # A place is what a grasp needs to the millimetre: it must not drown in larger numbers.
        place, strength = _PLACE_GAIN * attention @ self.grid, (strength - 6) / 6
        found = torch.cat([place, strength, torch.tanh(seen)], dim=-1)
        free = (self.free @ keys / math.sqrt(config.channels)).softmax(-1) @ self.grid
        out = torch.cat([found.flatten(1), _PLACE_GAIN * free.flatten(1)], dim=1)
        return out, scores.log_softmax(-1)


class Fusion(nn.Module):
    """What was found, the arm's own state and the sentence in one vector.

    It says first where the target is, in metres, and hands that on beside the rest.
    """

    def __init__(self, inputs: int, width: int) -> None:
        """Make a residual network of three layers."""
        super().__init__()
        self.input = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.where = nn.Linear(width, 6)
        self.output = nn.Sequential(nn.Linear(width + 6, width), nn.LayerNorm(width))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse (B, inputs) into (B, width), and say (B, 6) where the target is."""
        x = F.silu(self.input(inputs))
        for layer in self.layers:
            x = x + F.silu(layer(x))
        where = self.where(x)
        return self.output(torch.cat([x, where], dim=1)), where
