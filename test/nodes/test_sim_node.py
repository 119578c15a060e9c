# SPDX-License-Identifier: Apache-2.0
"""sim_node in a process of its own, over DDS, as the controller and a robot's user meet it."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Duration
from node_process import NodeProcess
from sim_listener import SimListener, stamp_ns
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from vla_ros.sim.controllers import CommandError
from vla_ros.sim.scene import draw_scene
from vla_ros.sim.world import ARM_JOINTS, FINGER_JOINTS, HOME

pytestmark = pytest.mark.ros

OFFSET = np.array([0.2, 0.1, -0.2, 0.15, -0.1, 0.2, -0.3])
GOAL = np.array(HOME) + OFFSET


def started(folder: Path, **parameters: Any) -> tuple[SimListener, NodeProcess]:
    listener = SimListener(random.randrange(1, 100))
    node = NodeProcess("sim_node", listener.domain_id, folder / "output.txt", parameters)
    listener.wait_for(lambda: len(listener.heard["joint_states"]) > 5, node.output, 20)
    return listener, node


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[SimListener, NodeProcess]]:
    listener, node = started(tmp_path_factory.mktemp("sim"), seed=4, task="pick")
    yield listener, node
    node.close()
    listener.close()
    assert node.popen.returncode == 0
    assert "Traceback" not in node.output


@pytest.fixture
def sim(running: tuple[SimListener, NodeProcess]) -> SimListener:
    """The running simulator at the start of an episode."""
    listener, node = running
    assert node.alive
    time.sleep(0.06)  # a reset is refused while somebody commands the arm
    assert listener.reset(4, "pick").success
    listener.wait_for_posture(np.array(HOME))
    for messages in listener.heard.values():
        messages.clear()
    listener.wait_for(lambda: listener.heard["camera_wrist/image"], "sensors")
    return listener


@pytest.fixture
def log(running: tuple[SimListener, NodeProcess]) -> Callable[[], str]:
    """What the simulator has written since now."""
    node = running[1]
    start = len(node.output)
    return lambda: node.output[start:]


def numbers(values: Any) -> Float64MultiArray:
    return Float64MultiArray(data=[float(value) for value in values])


def path(names: Any, *points: Any) -> JointTrajectory:
    """Points are (seconds, positions) or (seconds, positions, velocities)."""
    message = JointTrajectory(joint_names=list(names))
    for seconds, positions, *velocities in points:
        point = JointTrajectoryPoint(positions=[float(p) for p in positions])
        point.velocities = [float(v) for v in velocities[0]] if velocities else []
        sec, fraction = divmod(seconds, 1)
        point.time_from_start = Duration(sec=int(sec), nanosec=round(fraction * 1e9))
        message.points.append(point)
    return message


def test_joint_states_at_100_hz(sim: SimListener) -> None:
    time.sleep(2.0)
    states = list(sim.heard["joint_states"])
    stamps = [stamp_ns(state) for state in states]
    assert list(states[0].name) == [*ARM_JOINTS, *FINGER_JOINTS]
    assert {(len(s.position), len(s.velocity), len(s.effort)) for s in states} == {(9, 9, 9)}
    assert (np.diff(stamps) > 0).all()
    assert (len(states) - 1) / ((stamps[-1] - stamps[0]) * 1e-9) >= 95
    assert abs(time.time_ns() - stamps[-1]) < 0.5e9
    assert np.abs(states[-1].velocity).max() < 1e-2


@pytest.mark.parametrize("camera", ["front", "wrist"])
def test_pictures_are_stamped_with_the_joints(sim: SimListener, camera: str) -> None:
    topic = f"camera_{camera}/image"
    sim.wait_for(lambda: len(sim.heard[topic]) > 15, "pictures")
    images = list(sim.heard[topic])
    joints = np.array([stamp_ns(state) for state in sim.heard["joint_states"]])
    stamps = [stamp_ns(image) for image in images]
    assert {(i.height, i.width, i.step, i.encoding) for i in images} == {(192, 192, 576, "rgb8")}
    assert {i.header.frame_id for i in images} == {f"camera_{camera}_optical_frame"}
    assert (np.diff(stamps) > 0).all()
    assert np.median(np.diff(stamps)) == pytest.approx(50e6, rel=0.2)
    skews = [np.abs(joints - stamp).min() for stamp in stamps[1:-1]]
    assert max(skews) <= 10e6
    assert np.ptp(np.frombuffer(images[-1].data, np.uint8)) > 100


@pytest.mark.parametrize(("camera", "fovy_deg"), [("front", 56), ("wrist", 75)])
def test_camera_info_fits_its_picture(sim: SimListener, camera: str, fovy_deg: float) -> None:
    sim.wait_for(lambda: len(sim.heard[f"camera_{camera}/camera_info"]) > 3, "infos")
    sim.wait_for(lambda: len(sim.heard[f"camera_{camera}/image"]) > 3, "pictures")
    info = sim.heard[f"camera_{camera}/camera_info"][2]
    focal = 96 / np.tan(np.deg2rad(fovy_deg / 2))
    assert (info.height, info.width, info.distortion_model) == (192, 192, "plumb_bob")
    np.testing.assert_allclose(info.k, [focal, 0, 96, 0, focal, 96, 0, 0, 1])
    np.testing.assert_allclose(np.reshape(info.p, (3, 4))[:, :3], np.reshape(info.k, (3, 3)))
    stamps = {stamp_ns(image) for image in sim.heard[f"camera_{camera}/image"]}
    assert stamp_ns(info) in stamps


def test_the_wrench_at_rest_is_the_weight_of_the_hand(sim: SimListener) -> None:
    sim.wait_for(lambda: len(sim.heard["wrench"]) > 10, "wrenches")
    wrench = sim.heard["wrench"][-1]
    force = wrench.wrench.force
    assert wrench.header.frame_id == "hand"
    np.testing.assert_allclose([force.x, force.y, force.z], [0, 0, -7.75], atol=0.2)


def test_a_seed_gives_the_same_scene_and_picture(sim: SimListener) -> None:
    first, state = sim.picture(), sim.task()
    assert (state.task, state.phase, state.success) == ("pick", "reach", False)
    answer = sim.reset(9, "place", "blue")
    assert (answer.success, answer.message) == (True, "")
    assert (answer.task, answer.target) == ("place", "blue")
    assert answer.cubes == [cube.colour for cube in draw_scene(9, "place", "blue").cubes]
    assert "blue" in answer.instruction
    assert "blue" in answer.held_out_instruction
    assert answer.instruction != answer.held_out_instruction
    assert sim.task().target == "blue"
    assert sim.task().elapsed < 2
    other = sim.picture()
    assert sim.reset(4, "pick").success
    again = sim.picture()
    assert np.abs(again.astype(int) - first).mean() < 0.05
    assert np.abs(other.astype(int) - first).mean() > 0.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((-1,), "a seed >= 0"), ((1, "juggle"), "a task of"), ((1, "", "pink"), "a colour of")],
)
def test_a_reset_that_cannot_be(sim: SimListener, arguments: Any, words: str) -> None:
    answer = sim.reset(*arguments)
    assert not answer.success
    assert words in answer.message
    assert sim.task().task == "pick"


def test_a_forward_command_moves_the_arm(sim: SimListener) -> None:
    sim.forward.publish(numbers(GOAL))
    sim.wait_for_posture(GOAL)
    answer = sim.reset(4)  # at once after another command it is refused
    assert answer.success
    sim.wait_for_posture(np.array(HOME))


def test_a_reset_is_refused_while_the_arm_is_commanded(sim: SimListener) -> None:
    for _ in range(20):
        sim.forward.publish(numbers(HOME))
        time.sleep(0.01)
    answer = sim.reset(9)
    assert not answer.success
    assert "no arm command for 0.05 s before a reset" in answer.message


@pytest.mark.parametrize("cubic", [False, True])
def test_a_trajectory_moves_the_arm_in_its_own_time(sim: SimListener, cubic: bool) -> None:
    names, order = ARM_JOINTS[::-1], slice(None, None, -1)
    middle = np.array(HOME) + OFFSET / 2
    points = [(0.4, middle[order]), (0.8, GOAL[order])]
    if cubic:
        points = [(0.4, middle[order], OFFSET[order]), (0.8, GOAL[order], np.zeros(7))]
    start_ns = stamp_ns(sim.heard["joint_states"][-1])
    sim.trajectory.publish(path(names, *points))
    sim.wait_for_posture(GOAL)
    passed = [
        stamp_ns(state) - start_ns
        for state in sim.heard["joint_states"]
        if abs(state.position[0] - middle[0]) < 0.03 and stamp_ns(state) > start_ns
    ]
    assert 0.3e9 < np.mean(passed) < 1.0e9  # 0.4 s, the servo's lag of 0.1 s, and the way


def test_the_gripper_takes_an_opening(sim: SimListener) -> None:
    sim.gripper.publish(numbers([0.03]))
    sim.wait_for_posture(np.array([*HOME, 0.015, 0.015]))


@pytest.mark.parametrize(
    ("topic", "message", "words"),
    [
        ("forward", numbers([0.1] * 6), "7 finite positions"),
        ("gripper", numbers([0.0, 0.0]), "one finite opening [m]"),
        ("trajectory", path(ARM_JOINTS, (0.5, GOAL, OFFSET)), "velocity 0 at the last point"),
    ],
)
def test_bad_commands_are_refused_in_the_log_and_move_nothing(
    sim: SimListener, log: Callable[[], str], topic: str, message: Any, words: str
) -> None:
    def told() -> bool:
        getattr(sim, topic).publish(message)  # again and again: the log is throttled
        time.sleep(0.1)
        return words in log()

    sim.wait_for(told, f"'{words}' in the log")
    assert "refused: expected" in log()
    np.testing.assert_allclose(sim.positions, [*HOME, 0.04, 0.04], atol=2e-3)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (path(ARM_JOINTS[:6], (1.0, GOAL[:6])), r"the joints \['joint1'.*Name all of them"),
        (path([*ARM_JOINTS, "joint8"], (1.0, [*GOAL, 0])), "the joints .*'joint8'"),
        (path(ARM_JOINTS, (1.0, GOAL[:6])), "7 positions, and velocities in all.*got 6 positions"),
        (path(ARM_JOINTS, (0.5, GOAL, OFFSET), (1.0, GOAL)), "got 7 positions, 0 velocities"),
        (path(ARM_JOINTS), "at least one point"),
        (path(ARM_JOINTS, (0.5, GOAL), (0.5, GOAL)), "strictly increasing times"),
        (path(ARM_JOINTS, (0.5, np.full(7, np.inf))), "NaN or Inf in a point"),
    ],
)
def test_trajectories_that_are_refused(message: JointTrajectory, words: str) -> None:
    from vla_ros.nodes.sim_node import trajectory_from

    with pytest.raises(CommandError, match=words):
        trajectory_from(message)


def test_simulated_time_runs_faster(tmp_path: Path) -> None:
    listener, node = started(tmp_path, real_time_factor=3.0, publish_clock=True)
    try:
        clocks = listener.heard["/clock"]
        listener.wait_for(lambda: len(clocks) > 10, "/clock")
        begin, start_s = clocks[-1].clock, time.monotonic()
        time.sleep(2.0)
        end, real_s = clocks[-1].clock, time.monotonic() - start_s
        simulated_s = end.sec - begin.sec + (end.nanosec - begin.nanosec) * 1e-9
        assert 2.0 < simulated_s / real_s < 3.3
        assert abs(stamp_ns(listener.heard["joint_states"][-1]) * 1e-9 - end.sec) < 2
    finally:
        node.close()
        listener.close()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"real_time_factor": 2.0}, "publish_clock with a real_time_factor other than 1"),
        ({"camera_rate_hz": 500.0}, "camera_rate_hz <= 200 Hz, the rate of physics"),
        ({"camera_size_px": 1000}, "finite number from 16 to 480 for 'camera_size_px'"),
        ({"task": "juggle"}, "a task of ['pick', 'place'], or empty; got 'juggle'"),
        ({"joint_state_rate_hz": "often"}, "type float for 'joint_state_rate_hz'"),
    ],
)
def test_bad_settings_end_it_with_a_sentence(
    tmp_path: Path, parameters: dict[str, Any], words: str
) -> None:
    node = NodeProcess("sim_node", random.randrange(1, 100), tmp_path / "log", parameters)
    assert node.exit_code(20) == 1
    assert words in node.output
    assert "Traceback" not in node.output
