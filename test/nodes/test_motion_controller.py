# SPDX-License-Identifier: Apache-2.0
"""The controller without ROS: what makes it run, hold and stop, and what it then commands."""

import contextlib
import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vla_ros.core.action_chunk import ActionChunk
from vla_ros.core.action_layout import ActionGroup, ActionKind, ActionLayout
from vla_ros.core.exceptions import ChunkError, ObservationError, SafetyError
from vla_ros.core.robot_profile import RobotProfile
from vla_ros.nodes.motion_controller import ControllerSettings, MotionController, TickResult

S = 1_000_000_000
TICK = S // 100
JOINTS = ("shoulder", "elbow")
HOME = (0.3, 1.0)
LAYOUT = ActionLayout(
    (
        ActionGroup(ActionKind.JOINT_POSITION, JOINTS),
        ActionGroup(ActionKind.GRIPPER, ("finger",)),
    )
)
PROFILE = RobotProfile(
    name="planar",
    urdf="none",
    joint_names=JOINTS,
    base_frame="base",
    tool_frame="tool",
    gripper_joint="finger",
    gripper_closed_width=0.0,
    gripper_open_width=0.08,
    home_positions=HOME,
    position_lower=(-1.5, -2.5),
    position_upper=(1.2, 2.5),
    max_velocity=(2.0, 3.0),
    max_acceleration=(5.0, 11.0),
    workspace_lower=(-2.0, -2.0, -2.0),
    workspace_upper=(2.0, 2.0, 2.0),
)


class Rig:
    """A controller and a clock; the arm is where the command is unless it is moved."""

    def __init__(self) -> None:
        self.controller = MotionController(
            PROFILE, lambda q: np.array([q[0], q[1], 0.0]), ControllerSettings(chunk_timeout_s=2.0)
        )
        self.now_ns = 10 * S
        self.measured = np.array(HOME)
        self.sequence = 0
        self.results: list[TickResult] = []

    def sense(self) -> None:
        self.controller.on_joint_state(JOINTS, list(self.measured), self.now_ns)

    def chunk(self, goal: float, steps: int = 10, **changes: object) -> ActionChunk:
        """Chunk of 0.1 s steps from home to `goal` rad further, captured now."""
        self.sequence += 1
        rise = np.linspace(0.0, goal, steps)
        actions = np.column_stack([HOME[0] + rise, HOME[1] + rise, np.full(steps, 0.04)])
        fields = {
            "stamp_ns": self.now_ns,
            "dt_s": 0.1,
            "actions": actions,
            "layout": LAYOUT,
            "instruction": "pick",
            "session": "a",
            "sequence": self.sequence,
        }
        return ActionChunk(**(fields | changes))

    def send(self, goal: float, steps: int = 10) -> None:
        self.controller.on_chunk(self.chunk(goal, steps), self.now_ns)

    def run(self, ticks: int, *, sensing: bool = True, moving: bool = True) -> TickResult:
        for _ in range(ticks):
            self.now_ns += TICK
            if sensing:
                self.sense()
            result = self.controller.tick(self.now_ns)
            self.results.append(result)
            if moving and result.command is not None:
                self.measured = result.command.positions
        return self.results[-1]

    def names(self) -> list[tuple[str, str]]:
        return [
            (event.severity.name, event.limit)
            for result in self.results
            for event in result.events
            if event.severity.name != "LIMITED"
        ]


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.sense()
    rig.controller.start(rig.now_ns)
    return rig


def test_nothing_is_commanded_before_a_joint_state() -> None:
    rig = Rig()
    with pytest.raises(SafetyError, match="no joint states yet"):
        rig.controller.start(rig.now_ns)
    result = rig.run(3, sensing=False)
    assert (result.command, result.state.name) == (None, "IDLE")
    assert result.reason == "waits for the first joint state"
    result = rig.run(1)
    assert result.command is not None
    np.testing.assert_array_equal(result.command.positions, HOME)


def test_an_unset_clock_starts_nothing() -> None:
    rig = Rig()
    rig.now_ns = -TICK
    assert rig.run(1).command is None
    rig.now_ns = 99 * S
    assert rig.run(1).state.name == "IDLE"


def test_chunks_are_executed_and_counted(rig: Rig) -> None:
    rig.send(0.1)
    result = rig.run(1)
    assert result.state.name == "RUNNING"
    assert result.first_used == (0.01,)
    assert rig.run(1).first_used == ()
    report = rig.controller.report()
    assert (report.session, report.sequence, report.instruction) == ("a", 1, "pick")
    assert (report.live_chunks, report.chunks_accepted) == (1, 1)
    assert report.gripper_width == 0.04
    rig.run(86)
    assert rig.results[-1].command is not None
    np.testing.assert_allclose(rig.results[-1].command.positions, np.add(HOME, 0.1 * 88 / 90))


@pytest.mark.parametrize(
    ("names", "positions"),
    [
        (JOINTS[:1], [0.0]),
        (JOINTS, [0.0]),
        (JOINTS, [0.0, float("nan")]),
        (("shoulder", "elbow", "elbow"), [0.0, 0.0, 0.0]),
    ],
)
def test_a_bad_joint_state_is_never_used(
    rig: Rig, names: tuple[str, ...], positions: list[float]
) -> None:
    for _ in range(30):
        with pytest.raises(ObservationError):
            rig.controller.on_joint_state(names, positions, rig.now_ns)
        rig.run(1, sensing=False)
    assert "no joint states for" in rig.results[-1].reason
    with pytest.raises(SafetyError, match="fresh joint state"):
        rig.controller.reset(rig.now_ns)


def test_joint_states_come_in_any_order(rig: Rig) -> None:
    names, positions = ("finger", "elbow", "shoulder"), [0.02, 1.1, 0.2]
    rig.controller.on_joint_state(names, positions, rig.now_ns)
    rig.controller.reset(rig.now_ns)
    result = rig.run(1, sensing=False)
    assert result.command is not None
    np.testing.assert_array_equal(result.command.positions, [0.2, 1.1])


def test_it_holds_at_the_end_of_a_chunk_and_goes_on_with_the_next(rig: Rig) -> None:
    rig.send(0.5, steps=4)
    rig.run(40)
    assert rig.results[-1].state.name == "HOLDING"
    assert rig.results[-1].reason == "no live chunk covers the present"
    rig.run(60)
    assert rig.controller.at_rest
    assert rig.controller.report().live_chunks == 0
    rig.send(0.1)
    assert rig.run(1).state.name == "RUNNING"
    assert rig.names() == [("HOLD", "chunks")]


def test_it_holds_when_chunks_stop_coming(rig: Rig) -> None:
    controller = MotionController(
        PROFILE, lambda q: np.zeros(3), ControllerSettings(chunk_timeout_s=0.1)
    )
    rig.controller = controller
    rig.send(0.1)
    rig.run(9)
    assert rig.results[-1].state.name == "RUNNING"
    rig.run(3)
    assert "no chunks for" in rig.results[-1].reason


def test_joint_silence_holds_and_freshness_resumes(rig: Rig) -> None:
    rig.send(0.2, steps=20)
    rig.run(20)
    rig.run(25, sensing=False)
    assert rig.results[-1].state.name == "HOLDING"
    assert rig.run(1).state.name == "RUNNING"


@pytest.mark.parametrize("while_silent", [True, False])
def test_an_arm_that_was_moved_while_holding_is_not_jumped(rig: Rig, while_silent: bool) -> None:
    rig.send(0.2, steps=20 if while_silent else 3)
    rig.run(60, sensing=not while_silent)
    rig.measured = rig.measured + [0.0, 0.4]
    rig.run(1, moving=False)
    if not while_silent:
        rig.send(0.0)
        rig.run(1, moving=False)
    assert rig.results[-1].state.name == "STOPPED"
    assert "'elbow' is 0.400 rad from its command" in rig.results[-1].reason
    assert rig.names()[-1] == ("STOP", "tracking_error")


@pytest.mark.parametrize("jump_ns", [-1, -5 * S, S])
def test_a_clock_jump_is_a_latched_stop(rig: Rig, jump_ns: int) -> None:
    rig.send(0.5)
    rig.run(20)
    rig.now_ns += jump_ns - TICK
    rig.run(1)
    assert rig.results[-1].state.name == "STOPPED"
    assert "the clock jumped by" in rig.results[-1].reason
    rig.run(100)
    assert rig.controller.at_rest
    assert rig.results[-1].state.name == "STOPPED"
    rig.controller.reset(rig.now_ns)
    rig.controller.on_chunk(rig.chunk(0.1), rig.now_ns)
    assert rig.run(1).state.name == "RUNNING"


def test_a_stop_is_smooth_latched_and_reset_only_at_rest(rig: Rig) -> None:
    rig.send(0.9)
    rig.run(30)
    rig.controller.stop("e-stop", rig.now_ns)
    rig.run(1)
    with pytest.raises(SafetyError, match="at rest"):
        rig.controller.reset(rig.now_ns)
    rig.send(0.5)
    rig.run(50)
    assert (rig.results[-1].state.name, rig.results[-1].reason) == ("STOPPED", "e-stop")
    assert rig.results[-1].command is not None
    assert rig.names() == [("STOP", "stop")]
    rig.controller.reset(rig.now_ns)
    assert rig.run(1).state.name == "IDLE"


def test_the_empty_instruction_holds(rig: Rig) -> None:
    rig.controller.on_instruction("pick")
    rig.send(0.5)
    rig.run(10)
    rig.controller.on_instruction("")
    assert rig.run(1).reason == "there is no instruction"
    with pytest.raises(ChunkError, match="no sentence"):
        rig.send(0.5)
    rig.controller.on_instruction("place")
    with pytest.raises(ChunkError, match="place"):
        rig.send(0.5)
    report = rig.controller.report()
    assert (report.chunks_accepted, report.chunks_refused) == (1, 2)
    assert "place" in report.last_refusal


def test_a_start_outside_the_limits_stops_and_says_so() -> None:
    rig = Rig()
    rig.measured = np.array([0.3, 2.7])
    result = rig.run(2)
    assert (result.command, result.state.name) == (None, "STOPPED")
    assert "'elbow' within 2.5000 rad" in result.reason
    assert rig.names() == [("STOP", "start_posture")]
    rig.measured = np.array(HOME)
    rig.sense()
    rig.controller.reset(rig.now_ns)
    assert rig.run(1).command is not None


def test_callbacks_may_run_beside_the_loop(rig: Rig) -> None:
    """Refusals are errors of the callback alone; the loop sees whole chunks and postures only."""
    ending = threading.Event()

    def flood() -> None:
        try:
            while not ending.is_set():
                rig.controller.on_joint_state(JOINTS, HOME, rig.now_ns)
                rig.controller.on_instruction("pick")
                with contextlib.suppress(ChunkError):
                    rig.send(0.0)
                rig.controller.report()
        except Exception as error:
            errors.append(error)

    errors: list[Exception] = []
    threads = [threading.Thread(target=flood) for _ in range(2)]
    for thread in threads:
        thread.start()
    rig.run(200)
    ending.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert rig.results[-1].state.name != "STOPPED"
    assert all(result.command is not None for result in rig.results)
    assert rig.controller.report().chunks_accepted > 0


actions = st.sampled_from(["chunk", "mute", "sense", "stop", "reset", "words", "empty", "jump"])


@settings(max_examples=60, deadline=None)
@given(story=st.lists(st.tuples(actions, st.integers(1, 30), st.floats(-3, 3)), max_size=12))
def test_commands_are_continuous_in_every_story(
    story: list[tuple[str, int, float]],
) -> None:
    """Velocity and acceleration limits hold between any two commands, whatever happens."""
    rig, sensing = Rig(), True
    for action, ticks, size in story:
        steps: dict[str, Callable[[], object]] = {
            "chunk": lambda size=size: rig.send(size, 12),
            "stop": lambda: rig.controller.stop("why", rig.now_ns),
            "reset": lambda: rig.controller.reset(rig.now_ns),
            "words": lambda: rig.controller.on_instruction("pick"),
            "empty": lambda: rig.controller.on_instruction(""),
            "jump": lambda size=size: setattr(rig, "now_ns", rig.now_ns + round(size * S)),
        }
        sensing = {"mute": False, "sense": True}.get(action, sensing)
        with contextlib.suppress(ChunkError, SafetyError):
            steps.get(action, lambda: None)()
        rig.run(ticks, sensing=sensing)
    commands = [r.command.positions for r in rig.results if r.command is not None]
    if commands:
        positions = np.vstack([HOME, HOME, *commands])
        velocities = np.diff(positions, axis=0) * 100.0
        accelerations = np.diff(velocities, axis=0) * 100.0
        assert (np.abs(velocities) <= np.array(PROFILE.max_velocity) + 1e-9).all()
        assert (np.abs(accelerations) <= np.array(PROFILE.max_acceleration) + 1e-8).all()
    seen = [result.command is not None for result in rig.results]
    assert seen == sorted(seen), "once it commands it commands at every tick"
