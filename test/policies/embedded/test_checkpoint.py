# SPDX-License-Identifier: Apache-2.0
"""The checkpoint: round trip, and every other file is refused in words."""

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from vla_ros.core.exceptions import ConfigError
from vla_ros.policies.embedded import checkpoint
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.network_config import NetworkConfig


@pytest.fixture
def saved(network, normalisation, tmp_path):
    path = tmp_path / "weights.safetensors"
    checkpoint.save(path, network, normalisation)
    return path


def rewritten(path, change):
    """Write the file anew after `change(tensors, metadata)`."""
    with safe_open(path, "pt") as file:
        metadata, tensors = dict(file.metadata()), {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
    change(tensors, metadata)
    save_file(tensors, path, metadata)
    return path


def test_round_trip_in_half_precision(network, normalisation, saved):
    loaded, statistics = checkpoint.load(saved)
    assert loaded.config == network.config
    assert not loaded.training
    for name, value in network.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value.half().float())
    for name in ("chunk_std", "state_mean", "state_std"):
        wanted = getattr(normalisation, name)
        np.testing.assert_allclose(getattr(statistics, name), wanted, rtol=1e-6)
    assert saved.stat().st_size < 10e6


def test_saving_leaves_no_other_file(saved):
    assert list(saved.parent.iterdir()) == [saved]


def test_other_sizes_come_back(tmp_path, normalisation):
    config = NetworkConfig(head_width=64, head_blocks=1, queries=2)
    checkpoint.save(tmp_path / "w.safetensors", Network(config), normalisation)
    assert checkpoint.load(tmp_path / "w.safetensors")[0].config == config


def test_no_file(tmp_path):
    with pytest.raises(ConfigError, match="a checkpoint file; got .*none.st, which is none. Name"):
        checkpoint.load(tmp_path / "none.st")
    with pytest.raises(ConfigError, match="which is none"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("length", [0, 5, 100, 50_000])
def test_truncated_files(saved, length):
    saved.write_bytes(saved.read_bytes()[:length])
    with pytest.raises(ConfigError, match="expected a safetensors file; got .*weights.safetens"):
        checkpoint.load(saved)


class Bomb:
    """Leaves a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("writer", [pickle.dump, torch.save])
def test_pickles_are_refused_and_never_executed(tmp_path, writer):
    trace, path = tmp_path / "executed", tmp_path / "weights.safetensors"
    with path.open("wb") as file:
        writer(Bomb(trace), file)
    with pytest.raises(ConfigError, match="expected a safetensors file.*vla_ros train"):
        checkpoint.load(path)
    assert not trace.exists()


def test_safetensors_of_another_kind(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(ConfigError, match="the format vla_ros.embedded/1; got None in .*other"):
        checkpoint.load(path)
    save_file({"a": torch.zeros(2)}, path, {"format": "vla_ros.embedded/99"})
    with pytest.raises(ConfigError, match="got vla_ros.embedded/99 in"):
        checkpoint.load(path)


def _sizes(**changes):
    def change(tensors, metadata):
        metadata["config"] = json.dumps({**json.loads(metadata["config"]), **changes})

    return change


def _broken_json(tensors, metadata):
    metadata["config"] = "{"


def _no_config(tensors, metadata):
    del metadata["config"]


def _no_statistics(tensors, metadata):
    del tensors["statistics.state_mean"]


def _short_statistics(tensors, metadata):
    tensors["statistics.chunk_std"] = torch.ones(4, 7)


def _missing_weights(tensors, metadata):
    del tensors["network.text.start"]


def _extra_weights(tensors, metadata):
    tensors["network.extra"] = torch.zeros(1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_sizes(head_width=64), "size mismatch for head.input.weight"),
        (_sizes(wheels=4), "wheels"),
        (_sizes(cameras=-1), "weights of this network"),
        (_broken_json, "Expecting property name"),
        (_no_config, "'config'"),
        (_no_statistics, "'state_mean'"),
        (_short_statistics, r"chunk_std of shape \(4, 7\), not \(16, 7\)"),
        (_missing_weights, "text.start"),
        (_extra_weights, "Unexpected key"),
    ],
)
def test_contents_that_do_not_fit(saved, change, words):
    rewritten(saved, change)
    with pytest.raises(ConfigError, match="expected the weights of this network") as caught:
        checkpoint.load(saved)
    caught.match(words)


def test_an_interrupted_save_keeps_the_old_file(saved, network, normalisation):
    before = saved.read_bytes()
    with pytest.raises(TypeError):
        checkpoint.save(saved, network, replace(normalisation, state_mean="nonsense"))
    assert saved.read_bytes() == before
