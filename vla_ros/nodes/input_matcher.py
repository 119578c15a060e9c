# SPDX-License-Identifier: Apache-2.0
"""Joins pictures and joint states that belong to one moment. No ROS in here.

front        f1      f2      f3      f4
wrist           w1      w2      w3                    newest within max_skew: f3, w3
joint states ................................         interpolated at the older of the two
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vla_ros.core.action_chunk import NS_PER_S
from vla_ros.core.arrays import FloatArray, ImageArray
from vla_ros.core.exceptions import ObservationError
from vla_ros.nodes.joint_history import JointHistory

FRAMES_KEPT = 4  # enough for cameras that differ by three frame periods in their delay


@dataclass(frozen=True)
class MatchedInputs:
    """Pictures and joint positions of one moment.

    Attributes:
        stamp_ns: capture time of the oldest picture [ns].
        images: camera name -> (H, W, 3) uint8, RGB, in the camera's own size.
        positions: (J,) at `stamp_ns`, in the order asked for [rad] or [m].
    """

    stamp_ns: int
    images: Mapping[str, ImageArray]
    positions: FloatArray


class InputMatcher:
    """Keeps the newest inputs and gives the newest complete set of them."""

    def __init__(
        self, cameras: Sequence[str], joints: Sequence[str], max_skew_s: float, max_age_s: float
    ) -> None:
        """Start without inputs.

        Args:
            cameras: names of the cameras; their topics are `camera_<name>/image`.
            joints: joints whose positions are needed.
            max_skew_s: largest distance between the stamps of a set [s].
            max_age_s: a set whose oldest picture is older is not used [s].
        """
        self._frames: dict[str, deque[tuple[int, ImageArray]]] = {
            camera: deque(maxlen=FRAMES_KEPT) for camera in cameras
        }
        self._joints = JointHistory(joints)
        self._max_skew_ns = round(max_skew_s * NS_PER_S)
        self._max_age_ns = round(max_age_s * NS_PER_S)
        self._now_ns = 0

    def add_image(self, camera: str, stamp_ns: int, image: ImageArray, now_ns: int) -> None:
        """Take a picture; one that is not newer than the camera's last is dropped.

        Raises:
            ObservationError: its stamp lies in the future.
        """
        self._follow_clock(now_ns)
        self._check_stamp(f"camera_{camera}/image", stamp_ns, now_ns)
        frames = self._frames[camera]
        if not frames or frames[-1][0] < stamp_ns:
            frames.append((stamp_ns, image))

    def add_joint_state(
        self, stamp_ns: int, names: Sequence[str], positions: Sequence[float], now_ns: int
    ) -> None:
        """Take a joint state, complete or of some joints only.

        Raises:
            ObservationError: NaN, lists of different length, or a stamp in the future.
        """
        self._follow_clock(now_ns)
        self._check_stamp("joint_states", stamp_ns, now_ns)
        self._joints.add(stamp_ns, names, positions)

    def newest(self, now_ns: int) -> MatchedInputs | None:
        """The newest complete set, or None while something is missing or late."""
        self._follow_clock(now_ns)
        frames = self._matched_frames()
        if frames is None:
            return None
        stamp_ns = min(stamp for stamp, _ in frames.values())
        positions = self._joints.at(stamp_ns, self._max_skew_ns)
        if positions is None or now_ns - stamp_ns > self._max_age_ns:
            return None
        images = {camera: image for camera, (_, image) in frames.items()}
        return MatchedInputs(stamp_ns, images, positions)

    def waiting_for(self, now_ns: int) -> tuple[str, ...]:
        """Say what is missing or late, one sentence per input; empty when a set is complete."""
        self._follow_clock(now_ns)
        sentences = [
            sentence
            for camera, frames in self._frames.items()
            if (sentence := self._camera_complaint(camera, frames, now_ns))
        ]
        if not sentences and self._frames and self._matched_frames() is None:
            newest = {camera: frames[-1][0] for camera, frames in self._frames.items()}
            spread_s = (max(newest.values()) - min(newest.values())) / NS_PER_S
            sentences.append(
                f"camera_{min(newest, key=newest.__getitem__)}/image: {spread_s:.3f} s behind the "
                f"newest camera (max_skew_s {self._max_skew_ns / NS_PER_S:.3f})"
            )
        stamp_ns = min((f[-1][0] for f in self._frames.values() if f), default=now_ns)
        return (*sentences, *self._joints.complaints(stamp_ns, self._max_skew_ns))

    def reset(self) -> None:
        """Forget every input."""
        for frames in self._frames.values():
            frames.clear()
        self._joints.clear()

    def _follow_clock(self, now_ns: int) -> None:
        # Anything kept from before a jump back would look newer than all that comes after it.
        if now_ns < self._now_ns - self._max_age_ns:
            self.reset()
        self._now_ns = now_ns

    def _check_stamp(self, topic: str, stamp_ns: int, now_ns: int) -> None:
        if stamp_ns - now_ns > self._max_age_ns:
            raise ObservationError(
                f"{topic} stamped at most {self._max_age_ns / NS_PER_S:.3f} s ahead of the clock",
                f"{(stamp_ns - now_ns) / NS_PER_S:.3f} s ahead",
                "Synchronise the clocks, or set use_sim_time on every node or on none.",
            )

    def _camera_complaint(
        self, camera: str, frames: deque[tuple[int, ImageArray]], now_ns: int
    ) -> str:
        topic = f"camera_{camera}/image"
        if not frames:
            return f"{topic}: no picture has come yet"
        if frames[-1][0] == 0:
            return f"{topic}: the stamp is 0; let the driver stamp its pictures at capture"
        if (age_ns := now_ns - frames[-1][0]) > self._max_age_ns:
            return (
                f"{topic}: the last picture is {age_ns / NS_PER_S:.3f} s old "
                f"(max_observation_age_s {self._max_age_ns / NS_PER_S:.3f})"
            )
        return ""

    def _matched_frames(self) -> dict[str, tuple[int, ImageArray]] | None:
        """Around the newest picture of the slowest camera, each camera's nearest one."""
        if not all(self._frames.values()):
            return None
        anchor_ns = min((f[-1][0] for f in self._frames.values()), default=0)
        chosen = {
            camera: min(frames, key=lambda frame: abs(frame[0] - anchor_ns))
            for camera, frames in self._frames.items()
        }
        stamps = [stamp for stamp, _ in chosen.values()]
        if not stamps or max(stamps) - min(stamps) > self._max_skew_ns:
            return None
        return chosen
