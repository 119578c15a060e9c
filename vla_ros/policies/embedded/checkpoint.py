# SPDX-License-Identifier: Apache-2.0
"""The policy on disk: a safetensors file with half-precision weights, statistics and sizes."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vla_ros.core.exceptions import ConfigError
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.normalisation import Normalisation

SHIPPED = Path(__file__).parent / "weights.safetensors"
_FORMAT = "vla_ros.embedded/1"
_STATISTICS = ("chunk_std", "state_mean", "state_std")


def save(path: Path, network: Network, normalisation: Normalisation) -> None:
    """Write a checkpoint, complete or not at all."""
    tensors = {f"network.{k}": v.detach().half() for k, v in network.state_dict().items()}
    for name in _STATISTICS:
        tensors[f"statistics.{name}"] = torch.tensor(getattr(normalisation, name)).float()
    metadata = {"format": _FORMAT, "config": json.dumps(asdict(network.config))}
    partial = path.with_suffix(".partial")
    save_file({k: v.contiguous() for k, v in tensors.items()}, partial, metadata)
    partial.rename(path)


def load(path: Path) -> tuple[Network, Normalisation]:
    """Read a checkpoint.

    Args:
        path: a file that `save` wrote.

    Raises:
        ConfigError: no such file, or not a checkpoint of this policy.
    """
    remedy = "Name a file written by `python -m vla_ros train`, or leave the checkpoint empty."
    if not path.is_file():
        raise ConfigError("a checkpoint file", f"{path}, which is none", remedy)
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ConfigError("a safetensors file", f"{path}: {error}", remedy) from error
    if metadata.get("format") != _FORMAT:
        raise ConfigError(f"the format {_FORMAT}", f"{metadata.get('format')} in {path}", remedy)
    try:
        network = Network(NetworkConfig(**json.loads(metadata["config"])))
        network.load_state_dict(_part(tensors, "network."))
        statistics = _part(tensors, "statistics.")
        normalisation = Normalisation(*(statistics[n].double().numpy() for n in _STATISTICS))
        _check_widths(network.config, normalisation)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ConfigError("the weights of this network", f"{path}: {error}", remedy) from error
    return network.eval(), normalisation


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _check_widths(config: NetworkConfig, normalisation: Normalisation) -> None:
    joints, width = config.action_width - 1, config.proprioception_width
    wanted = ((config.horizon, joints), (width,), (width,))
    for name, shape in zip(_STATISTICS, wanted, strict=True):
        if getattr(normalisation, name).shape != shape:
            raise ValueError(f"{name} of shape {getattr(normalisation, name).shape}, not {shape}")
