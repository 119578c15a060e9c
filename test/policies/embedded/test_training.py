# SPDX-License-Identifier: Apache-2.0
"""Training: reproducible bit by bit, and it learns."""

import numpy as np
import pytest
import torch

from vla_ros.core.config import parse
from vla_ros.core.exceptions import ConfigError
from vla_ros.policies.embedded.training import Trainer, TrainingSettings
from vla_ros.policies.embedded.training_data import Sampler

SENTENCES = {0: ("lift the {} cube",), 1: ("put {} away",)}
COLOURS = ("red", "green", "blue", "yellow")


def trained(demonstrations, model, seed=0, **settings):
    sampler = Sampler(demonstrations, model, SENTENCES, COLOURS, seed)
    trainer = Trainer(sampler, TrainingSettings(batch_size=8, seed=seed, **settings))
    return trainer, list(trainer.run())


def weights(trainer):
    return {name: value.clone() for name, value in trainer.network.state_dict().items()}


def test_one_seed_gives_bit_equal_weights(demonstrations, model):
    runs = [trained(demonstrations, model, steps=3) for _ in range(2)]
    first, second = (weights(trainer) for trainer, _ in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert runs[0][1] == runs[1][1]
    other = weights(trained(demonstrations, model, seed=1, steps=3)[0])
    assert not torch.equal(first["head.input.weight"], other["head.input.weight"])


def test_the_loss_falls(demonstrations, model):
    trainer, progress = trained(demonstrations, model, steps=30)
    assert [p.step for p in progress] == list(range(1, 31))
    totals = [p.flow + p.where + p.attention + p.place for p in progress]
    assert np.mean(totals[-5:]) < 0.9 * np.mean(totals[:5])
    assert np.isfinite(totals).all()
    assert all(value.isfinite().all() for value in weights(trainer).values())


def test_the_network_handed_out_is_the_average_in_evaluation_mode(demonstrations, model):
    trainer, _ = trained(demonstrations, model, steps=3)
    assert not trainer.network.training
    trained_weights = dict(trainer._network.named_parameters())
    average = dict(trainer.network.named_parameters())
    assert any(not torch.equal(average[name], trained_weights[name]) for name in average)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"steps": 0}, "from 1 up for 'steps'"),
        ({"batch_size": 1}, "from 2 up for 'batch_size'"),
        ({"ema": 1.5}, "from 0 to 1 for 'ema'"),
        ({"seed": -1}, "from 0 up for 'seed'"),
    ],
)
def test_settings_out_of_range(values, words):
    with pytest.raises(ConfigError, match=words):
        parse(TrainingSettings, values, "the options")
