# SPDX-License-Identifier: Apache-2.0
"""Results: percentiles, the JSON that programs read, the table that people read."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vla_ros.cli.episode_plan import PlannedEpisode
from vla_ros.cli.episode_player import EpisodeResult
from vla_ros.cli.summary import as_json, milliseconds, success_rate, table, write_json


def result(success=True, task="pick", wording="training", latencies=(0.05, 0.07), **others):
    plan = PlannedEpisode(7, task, "red", f"{task} the red cube", wording, success is not None)
    values = {"wrong_object": False, "phase": "done", "duration_s": 2.345, **others}
    return EpisodeResult(
        plan,
        ("red", "blue"),
        success,
        values["wrong_object"],
        values["phase"],
        values["duration_s"],
        latencies,
        (0.02,),
    )


@given(st.lists(st.floats(1e-4, 10), min_size=1, max_size=200))
def test_percentiles_are_in_milliseconds(seconds):
    figures = milliseconds(seconds)
    ordered = sorted(seconds)
    assert figures["count"] == len(seconds)
    assert figures["p50"] == pytest.approx(1e3 * float(np.median(ordered)), abs=0.006)
    assert figures["p50"] <= figures["p99"] <= round(1e3 * ordered[-1], 2)


def test_nothing_measured():
    assert milliseconds([]) == {"p50": None, "p99": None, "count": 0}


def test_success_rate_counts_the_judged_ones():
    assert success_rate([result(True), result(False), result(None), result(True)]) == 2 / 3
    assert success_rate([result(None)]) is None
    assert success_rate([]) is None


def test_json_has_exactly_these_keys(tmp_path):
    path = tmp_path / "new" / "results.json"
    results = [result(), result(False, phase="grasp", latencies=(), duration_s=15.04)]
    write_json(path, results, {"episodes": 2})
    values = json.loads(path.read_text())
    assert values == as_json(results, {"episodes": 2})
    assert set(values) == {"success_rate", "episodes", "latency_ms", "inference_ms", "settings"}
    assert values["success_rate"] == 0.5
    assert values["latency_ms"] == {"p50": 60.0, "p99": 69.8, "count": 2}
    assert values["inference_ms"] == {"p50": 20.0, "p99": 20.0, "count": 2}
    assert values["episodes"][0] == {
        "seed": 7,
        "task": "pick",
        "target": "red",
        "cubes": ["red", "blue"],
        "instruction": "pick the red cube",
        "wording": "training",
        "success": True,
        "wrong_object": False,
        "phase": "done",
        "steps": 23,
        "duration_s": 2.35,
        "latency_ms": {"p50": 60.0, "p99": 69.8, "count": 2},
        "inference_ms": {"p50": 20.0, "p99": 20.0, "count": 1},
    }
    assert values["episodes"][1]["latency_ms"] == {"p50": None, "p99": None, "count": 0}
    assert values["episodes"][1]["steps"] == 150


def test_the_table_has_a_row_per_task_and_wording():
    lines = table(
        [
            result(duration_s=2.0),
            result(duration_s=4.0),
            result(False, "place", "held out", wrong_object=True),
        ]
    ).splitlines()
    assert lines[2].split() == ["pick", "training", "2/2", "0", "3.0", "s"]
    assert lines[3].split() == ["place", "held", "out", "0/1", "1", "-"]
    assert lines[4].split() == ["all", "2/3", "1", "3.0", "s"]
    assert "p50 60.0 ms, p99 70.0 ms (6 chunks)" in lines[6]


def test_the_table_of_what_was_neither_judged_nor_measured():
    text = table([result(None, wording="free", latencies=())])
    assert "not judged" in text
    assert "none measured" in text
    assert "all" not in text.splitlines()[3]
