# SPDX-License-Identifier: Apache-2.0
"""Sizes of the network; stored with its weights."""

from dataclasses import dataclass


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
