# SPDX-License-Identifier: Apache-2.0
"""The policy of docs/policy.md is what the page says: whole."""

import re

import numpy as np

from vla_ros.core.observation import Observation
from vla_ros.core.resources import resource_path


def test_it_holds_the_arm():
    page = resource_path("docs/policy.md").read_text()
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], names)
    policy = names["load"](None, 0)
    state = np.linspace(-1, 1, 7)
    chunk = policy.infer(Observation(5, {}, state, "hold"))
    np.testing.assert_array_equal(chunk.actions, np.tile(state, (policy.spec.horizon, 1)))
    assert chunk.stamp_ns == 5
    assert chunk.layout == policy.spec.layout
