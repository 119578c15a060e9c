# SPDX-License-Identifier: Apache-2.0
"""A network with random weights, statistics, and a tiny set of made-up demonstrations."""

import numpy as np
import pytest
import torch

from vla_ros.core.resources import resource_path
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.policies.embedded.network import Network
from vla_ros.policies.embedded.network_config import NetworkConfig
from vla_ros.policies.embedded.normalisation import ARM_JOINTS, Normalisation
from vla_ros.policies.embedded.training_data import Demonstrations

HOME = np.array([0.0, -0.3774, 0.0, -2.4884, 0.0, 2.111, 0.7854])
HORIZON, SIDE = 16, 96


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Bit-equal sums, and no waiting for a core that another process has."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model():
    """Kinematics of the arm."""
    urdf = resource_path("urdf/demo_arm.urdf").read_text()
    return RobotModel.from_urdf(urdf, ARM_JOINTS, "base", "hand_tcp")


@pytest.fixture
def network():
    """Random weights, the same for every test."""
    torch.manual_seed(3)
    return Network(NetworkConfig()).eval()


@pytest.fixture(scope="session")
def normalisation():
    """Statistics of plausible size."""
    rng = np.random.default_rng(5)
    return Normalisation(
        rng.uniform(0.05, 0.3, (HORIZON, 7)), rng.normal(size=13), rng.uniform(0.1, 1, 13)
    )


@pytest.fixture(scope="session")
def demonstrations():
    """12 steps of each task; target and colour show in the pictures."""
    rng, count = np.random.default_rng(8), 24
    state = np.column_stack([HOME + rng.normal(0, 0.1, (count, 7)), rng.uniform(0, 0.08, count)])
    walk = np.cumsum(rng.normal(0, 0.02, (count, HORIZON, 7)), axis=1)
    widths = np.repeat(rng.choice([0.0, 0.08], count)[:, None], HORIZON, axis=1)
    valid = np.ones((count, HORIZON))
    valid[::4, 10:] = 0
    return Demonstrations(
        front=rng.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8),
        wrist=rng.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8),
        state=state,
        command=np.concatenate([state[:, None, :7] + walk, widths[..., None]], axis=2),
        valid=valid,
        points=rng.uniform(-0.2, 1.2, (count, 2, 2, 2)),
        target=rng.uniform(-0.2, 0.6, (count, 3)),
        task=np.repeat([0, 1], count // 2),
        colour=rng.integers(0, 4, count),
    )
