# SPDX-License-Identifier: Apache-2.0
"""The network: text asks the pictures where to look, a flow head turns the answer into a chunk.

sentence -> TextEncoder --- queries --+
pictures -> VisionEncoder -> keys, values -> where and what --+
joints, opening, tool pose -----------------------------------+-> fusion -> FlowHead -> chunk
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vla_ros.policies.embedded.text import PADDING, VOCABULARY

WHERE_SCALE_M = 0.03  # the auxiliary output counts in these: a grasp tolerates about as much
_PLACE_GAIN = 3.0


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes; stored with the weights.

    Attributes:
        horizon: steps H of a chunk.
        action_width: columns D of an action.
        proprioception_width: numbers that describe the arm's own state.
        picture_px: height and width of a picture.
        cameras: number of pictures.
        queries: attention queries per camera that the text emits.
        free_maps: attention maps per camera that do not depend on the text.
        channels: channels of the feature map.
        value_width: size of the value that each query pools.
        text_width: size of a word's embedding.
        fusion_width: size of the fused condition.
        head_width: size of a flow block.
        head_blocks: number of flow blocks.
    """

    horizon: int = 16
    action_width: int = 8
    proprioception_width: int = 13
    picture_px: int = 96
    cameras: int = 2
    queries: int = 4
    free_maps: int = 8
    channels: int = 32
    value_width: int = 16
    text_width: int = 64
    fusion_width: int = 384
    head_width: int = 320
    head_blocks: int = 3


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


class FlowBlock(nn.Module):
    """A residual MLP whose normalisation is scaled, shifted and gated by the condition (AdaLN)."""

    def __init__(self, width: int, condition_width: int) -> None:
        """Start as the identity: the gate's weights are zero."""
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = nn.Linear(condition_width, 3 * width)
        self.layers = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Refine (B, width) under a condition (B, condition_width)."""
        scale, shift, gate = self.modulation(condition).chunk(3, dim=-1)
        return x + gate * self.layers(self.norm(x) * (1 + scale) + shift)  # type: ignore[no-any-return]


class FlowHead(nn.Module):
    """The velocity field of the flow: noise at time 0, a chunk at time 1."""

    frequencies: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Make the blocks over the flattened chunk and the prefix mask."""
        super().__init__()
        self._config = config
        size, width = config.horizon * config.action_width, config.head_width
        self.input = nn.Linear(size + config.horizon + config.fusion_width, width)
        self.register_buffer("frequencies", torch.logspace(0, 2, 32), persistent=False)
        self.time = nn.Sequential(nn.Linear(64, config.fusion_width), nn.SiLU())
        self.blocks = nn.ModuleList(
            FlowBlock(width, config.fusion_width) for _ in range(config.head_blocks)
        )
        self.output = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, size))

    def forward(self, chunk: Tensor, time: Tensor, kept: Tensor, fused: Tensor) -> Tensor:
        """Velocity of a partly denoised chunk.

        Args:
            chunk: (B, H, D), normalised; steps of the prefix hold the clean prefix.
            time: (B,) flow time in [0, 1].
            kept: (B, H) 1 where a step belongs to the prefix, else 0.
            fused: (B, fusion_width) condition.

        Returns:
            (B, H, D); meaningless at the steps of the prefix.
        """
        phase = time[:, None] * self.frequencies
        waves = torch.cat([torch.sin(phase), torch.cos(phase)], dim=-1)
        condition = F.silu(fused + self.time(waves))
        x = self.input(torch.cat([chunk.flatten(1), kept, fused], dim=1))
        for block in self.blocks:
            x = block(x, condition)
        return self.output(x).reshape(chunk.shape)  # type: ignore[no-any-return]


class Network(nn.Module):
    """Encoder and flow head."""

    def __init__(self, config: NetworkConfig) -> None:
        """Make all parts."""
        super().__init__()
        self.config = config
        self.text = TextEncoder(config.text_width)
        self.vision = VisionEncoder(config.channels)
        self.looker = Looker(config)
        inputs = self.looker.width + config.proprioception_width + config.text_width
        self.fusion = Fusion(inputs, config.fusion_width)
        self.head = FlowHead(config)

    def encode(self, pictures: Tensor, proprioception: Tensor, tokens: Tensor) -> Condition:
        """Fuse what is seen, felt and asked.

        Args:
            pictures: (B, cameras, 3, S, S) in [-1, 1].
            proprioception: (B, proprioception_width), normalised.
            tokens: (B, T) from `text.tokenize`.
        """
        text = self.text(tokens)
        features = self.vision(pictures.flatten(0, 1)).unflatten(0, pictures.shape[:2])
        found, attention = self.looker(features, text)
        fused, where = self.fusion(torch.cat([found, proprioception, text], dim=1))
        return Condition(fused, where, attention)

    def sample(self, condition: Condition, noise: Tensor, kept: Tensor, prefix: Tensor) -> Tensor:
        """Integrate the flow from noise to a chunk by 5 Euler steps.

        Args:
            condition: from `encode`.
            noise: (B, H, D) standard normal.
            kept: (B, H) 1 where the prefix rules.
            prefix: (B, H, D), normalised; read only where `kept` is 1.

        Returns:
            (B, H, D), normalised; equal to the prefix where it rules.
        """
        steps, mask = 5, kept[..., None]
        chunk = noise
        for step in range(steps):
            chunk = torch.where(mask > 0, prefix, chunk)
            time = torch.full((len(noise),), step / steps)
            chunk = chunk + self.head(chunk, time, kept, condition.fused) / steps
        return torch.where(mask > 0, prefix, chunk)
