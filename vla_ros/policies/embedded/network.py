# SPDX-License-Identifier: Apache-2.0
"""The network: text asks the pictures where to look, a flow head turns the answer into a chunk.

sentence -> TextEncoder --- queries --+
pictures -> VisionEncoder -> keys, values -> where and what --+
joints, opening, tool pose -----------------------------------+-> fusion -> FlowHead -> chunk
"""

import torch
from torch import Tensor, nn

from vla_ros.policies.embedded.encoder import (
    Condition,
    Fusion,
    Looker,
    TextEncoder,
    VisionEncoder,
)
from vla_ros.policies.embedded.flow_head import FlowHead
from vla_ros.policies.embedded.network_config import NetworkConfig


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
