# SPDX-License-Identifier: Apache-2.0
"""The demo's results as a table and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vla_ros.cli.episode_player import EpisodeResult


def milliseconds(seconds: Sequence[float]) -> dict[str, float | int | None]:
    """Median and 99th percentile [ms] of durations [s]; None where there are none."""
    if not seconds:
        return {"p50": None, "p99": None, "count": 0}
    p50, p99 = np.percentile(np.array(seconds) * 1e3, [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "count": len(seconds)}


def success_rate(results: Sequence[EpisodeResult]) -> float | None:
    """Share of the judged episodes that succeeded; None when none was judged."""
    judged = [result.success for result in results if result.success is not None]
    return sum(judged) / len(judged) if judged else None


def as_json(results: Sequence[EpisodeResult], settings: dict[str, Any]) -> dict[str, Any]:
    """Everything that a program may want to know."""
    return {
        "success_rate": success_rate(results),
        "episodes": [_episode(result) for result in results],
        "latency_ms": milliseconds([s for result in results for s in result.latencies_s]),
        "inference_ms": milliseconds([s for result in results for s in result.inferences_s]),
        "settings": settings,
    }


def write_json(path: Path, results: Sequence[EpisodeResult], settings: dict[str, Any]) -> None:
    """Write `as_json` to a file, creating its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(results, settings), indent=1) + "\n")


def table(results: Sequence[EpisodeResult]) -> str:
    """A summary for people: success by task and wording, times, latencies."""
    lines = ["", f"{'task':8}{'wording':12}{'success':>12}{'wrong cube':>12}{'median time':>14}"]
    groups = sorted({(result.plan.task, result.plan.wording) for result in results})
    for task, wording in groups:
        chosen = [r for r in results if (r.plan.task, r.plan.wording) == (task, wording)]
        lines.append(f"{task:8}{wording:12}{_row(chosen)}")
    if len(groups) > 1:
        lines.append(f"{'all':20}{_row(list(results))}")
    latency = milliseconds([s for result in results for s in result.latencies_s])
    inference = milliseconds([s for result in results for s in result.inferences_s])
    lines += [
        "",
        f"camera stamp to first command that depends on it: {_figures(latency)}",
        f"inference:                                        {_figures(inference)}",
    ]
    return "\n".join(lines)


def _row(results: list[EpisodeResult]) -> str:
    judged = [result for result in results if result.success is not None]
    done = [result for result in judged if result.success]
    success = f"{len(done)}/{len(judged)}" if judged else "not judged"
    wrong = sum(result.wrong_object for result in judged)
    times = [result.duration_s for result in done]
    median = f"{np.median(times):.1f} s" if times else "-"
    return f"{success:>12}{wrong:>12}{median:>14}"


def _figures(figures: dict[str, float | int | None]) -> str:
    if not figures["count"]:
        return "none measured"
    return f"p50 {figures['p50']:.1f} ms, p99 {figures['p99']:.1f} ms ({figures['count']} chunks)"


def _episode(result: EpisodeResult) -> dict[str, Any]:
    plan = result.plan
    return {
        "seed": plan.seed,
        "task": plan.task,
        "target": plan.target,
        "cubes": list(result.cubes),
        "instruction": plan.instruction,
        "wording": plan.wording,
        "success": result.success,
        "wrong_object": result.wrong_object,
        "phase": result.phase,
        "steps": result.steps,
        "duration_s": round(result.duration_s, 2),
        "latency_ms": milliseconds(result.latencies_s),
        "inference_ms": milliseconds(result.inferences_s),
    }
