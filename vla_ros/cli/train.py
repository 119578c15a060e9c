# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros train`: trains the embedded policy, with a plot of loss and success."""

import argparse
import json
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from tqdm import tqdm

from vla_ros.cli.console import say
from vla_ros.cli.evaluate import success
from vla_ros.core.config import parse
from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.policies.embedded import checkpoint
from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.normalisation import ARM_JOINTS
from vla_ros.policies.embedded.policy import EmbeddedPolicy
from vla_ros.policies.embedded.training import Progress, Trainer, TrainingSettings
from vla_ros.policies.embedded.training_data import Demonstrations, Sampler
from vla_ros.sim.instructions import TRAINING
from vla_ros.sim.scene import COLOURS, TASKS

_LOSSES = ("flow", "where", "attention", "place")
_VALIDATION_SEED = 50_000  # scenes of the curve; neither trained on nor used by the demo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    defaults = TrainingSettings()
    parser.add_argument(
        "--demonstrations", type=Path, default=Path("out/demonstrations"), help="from `collect`"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out/training"), help="folder for results"
    )
    parser.add_argument("--steps", type=int, default=defaults.steps, help="optimiser steps")
    parser.add_argument("--batch-size", type=int, default=defaults.batch_size)
    parser.add_argument("--seed", type=int, default=defaults.seed, help="of everything drawn")
    parser.add_argument(
        "--threads", type=int, default=1, help="of torch; part of what is reproduced"
    )
    parser.add_argument(
        "--evaluate-every", type=int, default=1500, help="steps between evaluations"
    )
    parser.add_argument("--episodes", type=int, default=25, help="per task at each evaluation")


def run(options: argparse.Namespace) -> int:
    """Train; writes weights.safetensors, training.json and training.png.

    Raises:
        ConfigError: bad options, or no demonstrations.
    """
    torch.set_num_threads(options.threads)
    names = ("steps", "batch_size", "seed")
    settings = parse(TrainingSettings, {n: getattr(options, n) for n in names}, "the options")
    data = Demonstrations.load(options.demonstrations, NetworkConfig().horizon)
    say(f"{len(data)} steps of demonstrations")
    urdf = resource_path("urdf/demo_arm.urdf").read_text()
    model = RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")
    sentences = {number: TRAINING[task] for number, task in enumerate(TASKS)}
    sampler = Sampler(data, model, sentences, COLOURS, settings.seed)
    trainer = Trainer(sampler, settings)
    options.out.mkdir(parents=True, exist_ok=True)
    curve = _Curve()
    for progress in tqdm(trainer.run(), total=settings.steps, unit="step"):
        curve.add(progress)
        if progress.step % options.evaluate_every == 0 or progress.step == settings.steps:
            checkpoint.save(
                options.out / "weights.safetensors", trainer.network, sampler.normalisation
            )
            policy = EmbeddedPolicy(trainer.network, sampler.normalisation)
            curve.evaluate(progress.step, policy, options.episodes)
            curve.write(options.out)
    say(f"weights: {options.out / 'weights.safetensors'}   plot: {options.out / 'training.png'}")
    return 0


class _Curve:
    """Losses averaged over 50 steps, and success at the evaluations."""

    def __init__(self) -> None:
        self._window: list[Progress] = []
        self.losses: dict[str, list[float]] = defaultdict(list)
        self.success: dict[str, list[float]] = defaultdict(list)

    def add(self, progress: Progress) -> None:
        """Note one step."""
        self._window.append(progress)
        if len(self._window) == 50:
            self.losses["step"].append(progress.step)
            for name in _LOSSES:
                mean = float(np.mean([getattr(p, name) for p in self._window]))
                self.losses[name].append(round(mean, 5))
            self._window.clear()

    def evaluate(self, step: int, policy: EmbeddedPolicy, episodes: int) -> None:
        """Play scenes that are in no training set."""
        self.success["step"].append(step)
        seeds = range(_VALIDATION_SEED, _VALIDATION_SEED + episodes)
        for task in TASKS:
            rate, _ = success(policy, task, seeds, held_out=False)
            self.success[task].append(rate)
            say(f"\nstep {step}: {task} {rate:.0%} of {episodes}")

    def write(self, folder: Path) -> None:
        """Write training.json and training.png."""
        values = {"losses": self.losses, "success": self.success}
        (folder / "training.json").write_text(json.dumps(values) + "\n")
        mpl.use("Agg")
        from matplotlib import pyplot as plt

        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
        for name in _LOSSES:
            left.plot(self.losses["step"], self.losses[name], label=name)
        left.set(yscale="log", xlabel="step", title="loss")
        for task in TASKS:
            right.plot(self.success["step"], self.success[task], "o-", label=task)
        right.set(xlabel="step", ylim=(0, 1.03), title="success in simulation")
        for axes in (left, right):
            axes.legend()
            axes.grid(alpha=0.3)
        figure.savefig(folder / "training.png", dpi=110)
        plt.close(figure)
