# SPDX-License-Identifier: Apache-2.0
"""Trains the network: AdamW, cosine schedule, an exponential average of the weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from vla_ros.core.config import setting
from vla_ros.policies.embedded.loss import losses
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.training_data import Sampler


@dataclass(frozen=True)
class TrainingSettings:
    """How long and how fast to learn."""

    steps: int = setting("optimiser steps", 6000, low=1)
    batch_size: int = setting("samples per step", 64, low=2)
    learning_rate: float = setting("largest learning rate", 1e-3, low=0.0)
    weight_decay: float = setting("of AdamW", 1e-3, low=0.0)
    ema: float = setting("decay of the averaged weights", 0.999, low=0.0, high=1.0)
    seed: int = setting("of weights, batches and noise", 0, low=0)


@dataclass(frozen=True)
class Progress:
    """Losses after a step."""

    step: int
    flow: float
    where: float
    attention: float
    place: float


class Trainer:
    """Runs the optimisation; `network` is the averaged one, ready to use at any time."""

    def __init__(self, sampler: Sampler, settings: TrainingSettings) -> None:
        """Make network and optimiser from the seed."""
        torch.manual_seed(settings.seed)
        self._sampler, self._settings = sampler, settings
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._network = Network(NetworkConfig())
        self._average = AveragedModel(self._network, avg_fn=self._averaged)
        self._optimizer = torch.optim.AdamW(
            self._network.parameters(),
            lr=settings.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=settings.weight_decay,
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer,
            settings.learning_rate,
            total_steps=settings.steps + 1,
            pct_start=0.05,
            cycle_momentum=False,
        )

    @property
    def network(self) -> Network:
        """The averaged network, in evaluation mode."""
        # AveragedModel does not keep the type of what it averages
        return cast("Network", self._average.module).eval()

    def run(self) -> Iterator[Progress]:
        """Train; yield after every step."""
        for step in range(1, self._settings.steps + 1):
            parts = losses(
                self._network, self._sampler.batch(self._settings.batch_size), self._generator
            )
            self._optimizer.zero_grad(set_to_none=True)
            parts.total.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
            self._optimizer.step()
            self._schedule.step()
            self._average.update_parameters(self._network)
            yield Progress(step, **{name: part.item() for name, part in vars(parts).items()})

    def _averaged(self, average: Tensor, newest: Tensor, count: Tensor | int) -> Tensor:
        """Move the average; early on faster, so that it does not remember the first weights."""
        decay = min(self._settings.ema, (1 + int(count)) / (10 + int(count)))
        return average.lerp(newest, 1 - decay)
