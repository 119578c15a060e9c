# SPDX-License-Identifier: Apache-2.0
"""Chunks for the execution tests."""

from collections.abc import Callable

import numpy as np
import pytest

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout

JOINTS = ("joint1", "joint2")
ARM_ONLY = ActionLayout((ActionGroup(ActionKind.JOINT_POSITION, JOINTS),))
ARM_AND_GRIPPER = ActionLayout((*ARM_ONLY.groups, ActionGroup(ActionKind.GRIPPER, ("finger",))))


@pytest.fixture
def make_chunk() -> Callable[..., ActionChunk]:
    """Chunk of 5 steps of 0.1 s whose two joints are `value` and whose gripper is 0.04 m."""

    def make(
        stamp_s: float = 0.0,
        sequence: int = 1,
        value: float = 0.0,
        *,
        actions: object = None,
        layout: ActionLayout = ARM_AND_GRIPPER,
        dt_s: float = 0.1,
        session: str = "a",
        instruction: str = "pick",
    ) -> ActionChunk:
        if actions is None:
            actions = np.full((5, layout.width), value)
            actions[:, 2:] = 0.04
        return ActionChunk(
            stamp_ns=round(stamp_s * 1e9),
            dt_s=dt_s,
            actions=np.asarray(actions, dtype=float),
            layout=layout,
            instruction=instruction,
            session=session,
            sequence=sequence,
        )

    return make
