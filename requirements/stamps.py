# SPDX-License-Identifier: Apache-2.0
"""Remembers which stages are done: a JSON file of stage name -> key of what it was made from."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_STARTED = "started"


@dataclass(frozen=True)
class Stamps:
    """What the last runs have finished or begun.

    Attributes:
        keys: stage name -> its key, or "started" when the stage was cut short.
    """

    keys: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Stamps":
        """Read the file; a missing or half-written one means that nothing is done."""
        try:
            keys = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return cls()
        return cls(keys if isinstance(keys, dict) else {})

    def write(self, path: Path) -> None:
        """Replace the file in one step, so that a kill leaves the old or the new one."""
        scratch = path.with_suffix(".new")
        scratch.write_text(json.dumps(dict(self.keys), indent=1), encoding="utf-8")
        os.replace(scratch, path)

    def is_finished(self, stage: str, key: str) -> bool:
        """Whether the stage was finished with this very key."""
        return self.keys.get(stage) == key

    def was_interrupted(self, stage: str) -> bool:
        """Whether the stage has begun and not finished."""
        return self.keys.get(stage) == _STARTED

    def started(self, stage: str) -> "Stamps":
        """The same, with the stage begun."""
        return Stamps({**self.keys, stage: _STARTED})

    def finished(self, stage: str, key: str) -> "Stamps":
        """The same, with the stage done."""
        return Stamps({**self.keys, stage: key})


def digest(root: Path, patterns: Iterable[str], *extra: str) -> str:
    """Hash the names and contents of files, and strings.

    Args:
        root: folder that the patterns are relative to.
        patterns: globs; one that matches nothing adds nothing.
        extra: whatever else the stage depends on.

    Returns:
        A short hexadecimal string.
    """
    found = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        if path.is_file():
            found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    for text in extra:
        found.update(text.encode() + b"\0")
    return found.hexdigest()[:16]
