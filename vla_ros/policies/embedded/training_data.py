# SPDX-License-Identifier: Apache-2.0
"""Recorded demonstrations in memory, and batches of them with sentences drawn anew each time.

step of an episode    5    6    7    8    9        (segment ends after 9)
chunk at step 5       c5   c6   c7   c8   c9   -    -   ...   valid = 1 1 1 1 1 0 0 ...
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vla_ros.core.arrays import FloatArray, ImageArray
from vla_ros.core.exceptions import ConfigError
from vla_ros.kinematics.robot_model import RobotModel
from vla_ros.policies.embedded.normalisation import Normalisation, proprioception
from vla_ros.policies.embedded.text import MAX_TOKENS, PADDING, VOCABULARY, tokenize

_DROPPED, _STRAY = 0.15, 3  # share of tokens left out; largest number of meaningless ones mixed in


@dataclass(frozen=True)
class Batch:
    """B samples.

    Attributes:
        pictures: (B, 2, S, S, 3) uint8.
        proprioception: (B, P), normalised.
        tokens: (B, T).
        chunk: (B, H, D), normalised.
        valid: (B, H) 1 where the step exists, else 0.
        points: (B, 2 cameras, 2 points, 2) target and tray as fractions of the picture, NaN
            behind the camera.
        where: (B, 6) target, and target minus tool, in the base frame [m].
        task: (B,) index of the task.
    """

    pictures: ImageArray
    proprioception: FloatArray
    tokens: npt.NDArray[np.int64]
    chunk: FloatArray
    valid: FloatArray
    points: FloatArray
    where: FloatArray
    task: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Demonstrations:
    """All recorded steps, one row each.

    Attributes:
        front: (N, S, S, 3) uint8.
        wrist: (N, S, S, 3) uint8.
        state: (N, 8) joints [rad] and opening [m].
        command: (N, H, 8) absolute chunk [rad, m].
        valid: (N, H) 1 where the step exists, else 0.
        points: (N, 2, 2, 2) target and tray in the pictures.
        target: (N, 3) target in the base frame [m].
        task: (N,) index of the task.
        colour: (N,) index of the target's colour.
    """

    front: ImageArray
    wrist: ImageArray
    state: FloatArray
    command: FloatArray
    valid: FloatArray
    points: FloatArray
    target: FloatArray
    task: npt.NDArray[np.int64]
    colour: npt.NDArray[np.int64]

    @classmethod
    def load(cls, folder: Path, horizon: int) -> "Demonstrations":
        """Read every episode of a folder.

        Args:
            folder: holds the .npz files that `collect` writes.
            horizon: steps H of a chunk.

        Raises:
            ConfigError: there are none.
        """
        paths = sorted(folder.glob("*_*.npz"))
        if not paths:
            raise ConfigError(
                f"demonstrations (*.npz) in {folder}", "none", "Run `python -m vla_ros collect`."
            )
        parts = [_episode_rows(path, horizon) for path in paths]
        names = [field.name for field in fields(cls)]
        return cls(**{name: np.concatenate([part.pop(name) for part in parts]) for name in names})

    def __len__(self) -> int:
        """Number of steps N."""
        return len(self.state)


def _episode_rows(path: Path, horizon: int) -> dict[str, npt.NDArray[np.generic]]:
    with np.load(path, allow_pickle=False) as data:
        rows = {name: data[name] for name in data.files}
    count, segment = len(rows["state"]), rows.pop("segment")
    steps = np.arange(count)[:, None] + np.arange(horizon)
    inside = np.minimum(steps, count - 1)
    rows["valid"] = ((steps < count) & (segment[inside] == segment[:, None])).astype(float)
    rows["command"] = rows["command"][inside]
    rows["task"] = np.repeat(rows["task"], count)
    rows["colour"] = np.repeat(rows["colour"], count)
    return rows


class Sampler:
    """Draws batches, half of them from each task."""

    def __init__(
        self,
        data: Demonstrations,
        model: RobotModel,
        sentences: Mapping[int, Sequence[str]],
        colours: Sequence[str],
        seed: int,
    ) -> None:
        """Measure the statistics and number the sentences.

        Args:
            data: the demonstrations.
            model: kinematics of the arm.
            sentences: task index -> templates with one {} for the colour.
            colours: names, in the order of the data's indices.
            seed: of everything that is drawn.

        Raises:
            ConfigError: a task without demonstrations.
        """
        for task in sentences:
            if task not in data.task:
                raise ConfigError(
                    f"demonstrations of task {task}", "none", "Run `python -m vla_ros collect`."
                )
        self._data = data
        self._rng = np.random.default_rng(seed)
        states = np.stack([proprioception(model, state) for state in data.state])
        relative = data.command[..., :7] - data.state[:, None, :7]
        self.normalisation = Normalisation.from_samples(relative, data.valid, states)
        self._states = self.normalisation.state_in(states)
        self._tool = states[:, 8:11]
        self._rows = [np.flatnonzero(data.task == task) for task in sorted(sentences)]
        self._tokens = {
            (task, colour): np.stack([tokenize(text.format(name)) for text in templates])
            for task, templates in sentences.items()
            for colour, name in enumerate(colours)
        }

    def batch(self, size: int) -> Batch:
        """Draw a batch of `size` samples."""
        data, rng = self._data, self._rng
        share, rest = divmod(size, len(self._rows))
        if rest:
            raise ConfigError(
                f"a batch size that {len(self._rows)} tasks share evenly",
                f"{size}",
                "Choose an even one.",
            )
        rows = np.concatenate([rng.choice(part, share) for part in self._rows])
        tokens = np.stack([self._sentence(data.task[row], data.colour[row]) for row in rows])
        return Batch(
            np.stack([data.front[rows], data.wrist[rows]], axis=1),
            self._states[rows],
            tokens,
            self.normalisation.chunk_in(data.command[rows], data.state[rows, :7]),
            data.valid[rows],
            data.points[rows],
            np.concatenate([data.target[rows], data.target[rows] - self._tool[rows]], axis=1),
            data.task[rows],
        )

    def _sentence(self, task: int, colour: int) -> npt.NDArray[np.int64]:
        """Tokens of a random template, some left out, some meaningless ones mixed in."""
        rng = self._rng
        choices = self._tokens[int(task), int(colour)]
        tokens = choices[rng.integers(len(choices))]
        kept = tokens[(tokens != PADDING) & (rng.random(MAX_TOKENS) > _DROPPED)]
        stray = rng.integers(1, VOCABULARY, size=rng.integers(0, _STRAY + 1))
        mixed = np.concatenate([kept, stray])[:MAX_TOKENS]
        return np.pad(mixed, (0, MAX_TOKENS - len(mixed)), constant_values=PADDING)
