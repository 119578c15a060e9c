# SPDX-License-Identifier: Apache-2.0
"""The flow head: a velocity field over whole chunks, conditioned on what the encoder found."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vla_ros.policies.embedded.network_config import NetworkConfig


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
