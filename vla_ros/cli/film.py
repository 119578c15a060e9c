# SPDX-License-Identifier: Apache-2.0
"""The film of a run: every frame to an MP4, some frames of some episodes to a strip.

+----------------------+---------+
|                      |  front  |   the two small pictures are all that the policy sees
|       overview       +---------+
|                      |  wrist  |
+----------------------+---------+
|  "put the red cube on the tray"     carry  2.4 s |
+--------------------------------------------------+
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import cv2
import imageio.v2 as imageio
import numpy as np

from vla_ros.core.arrays import ImageArray

FRAME_RATE_HZ = 10
_HEIGHT, _WIDTH, _SIDE, _CAPTION = 480, 640, 240, 40
_STRIP_FRAMES, _STRIP_EPISODES, _STRIP_HEIGHT = 5, 4, 260
_INK, _PAPER = (240, 240, 240), 24


def compose(pictures: Mapping[str, ImageArray], left: str, right: str) -> ImageArray:
    """Lay out one frame.

    Args:
        pictures: "overview", "front" and "wrist"; one that is missing stays dark.
        left: caption, left.
        right: caption, right.

    Returns:
        (520, 880, 3) uint8, RGB.
    """
    frame = np.full((_HEIGHT + _CAPTION, _WIDTH + _SIDE, 3), _PAPER, dtype=np.uint8)
    for name, top, side, height, width in (
        ("overview", 0, 0, _HEIGHT, _WIDTH),
        ("front", 0, _WIDTH, _SIDE, _SIDE),
        ("wrist", _SIDE, _WIDTH, _SIDE, _SIDE),
    ):
        if name in pictures:
            picture = np.ascontiguousarray(pictures[name])
            frame[top : top + height, side : side + width] = cv2.resize(picture, (width, height))
    _write(frame, left, 12)
    width = cv2.getTextSize(right, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)[0][0]
    _write(frame, right, _WIDTH + _SIDE - width - 12)
    return frame


def _write(frame: ImageArray, text: str, column: int) -> None:
    place = (column, _HEIGHT + 27)
    cv2.putText(frame, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, _INK, 1, cv2.LINE_AA)


class Film:
    """Writes the MP4 as frames come, and keeps what the strip needs; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Open the files.

        Args:
            folder: gets `demo.mp4` and `demo.png`; made when missing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.movie, self.strip = folder / "demo.mp4", folder / "demo.png"
        self.strip.unlink(missing_ok=True)  # it would show another run than the movie
        self._writer = imageio.get_writer(
            self.movie, fps=FRAME_RATE_HZ, codec="libx264", quality=7, macro_block_size=8
        )
        self._lock, self._open = threading.Lock(), True
        self.problem = ""
        self._rows: list[ImageArray] = []
        self._frames: list[ImageArray] = []

    def __enter__(self) -> "Film":
        """Ready."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the MP4 and write the strip."""
        with self._lock:
            if not self.problem:
                self._writer.close()
            self._open = False
        if self._rows:
            imageio.imwrite(self.strip, np.vstack(self._rows))

    def add(self, frame: ImageArray) -> None:
        """Add a frame that `compose` made; called by the thread that gets the pictures."""
        with self._lock:
            if not self._open:
                return
            try:
                self._writer.append_data(frame)
            except OSError as error:
                self._open, self.problem = False, str(error).splitlines()[0]
                return
            if len(self._rows) < _STRIP_EPISODES:
                self._frames.append(_small(frame))

    def end_episode(self) -> None:
        """Choose frames of the episode for the strip; frames from now on belong to another one."""
        with self._lock:
            frames, self._frames = self._frames, []
        if frames:
            places = np.linspace(0, len(frames) - 1, _STRIP_FRAMES).round().astype(int)
            self._rows.append(np.hstack([frames[place] for place in places]))


def _small(frame: ImageArray) -> ImageArray:
    height, width = frame.shape[:2]
    size = (width * _STRIP_HEIGHT // height, _STRIP_HEIGHT)
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
