# SPDX-License-Identifier: Apache-2.0
"""The simulated ros2_control controllers against SciPy's splines and the real ones' refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline, interp1d

from vla_ros.sim.controllers import ArmController, CommandError, Trajectory

START = np.array([0.2, -0.1])
NUMBERS = st.floats(-2, 2)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=5)
SPANS = st.lists(st.floats(0.05, 1.0), min_size=5, max_size=5)


def controller():
    return ArmController(("a", "b"), START)


def trajectory(spans, rows, cubic):
    """A trajectory that ends at rest, as the controller demands."""
    numbers = np.array(rows)
    times = np.cumsum(spans[: len(numbers)])
    velocities = numbers[:, 2:].copy()
    velocities[-1] = 0
    return Trajectory(times, numbers[:, :2], velocities if cubic else None)


def sampled(arm, times):
    both = [arm.sample(float(time)) for time in times]
    return np.array([position for position, _ in both]), np.array([speed for _, speed in both])


@given(SPANS, ROWS)
def test_cubic_is_scipys_hermite_spline(spans, rows):
    arm, path = controller(), trajectory(spans, rows, cubic=True)
    arm.follow(path, 10.0)
    oracle = CubicHermiteSpline(
        [0, *path.times_s], [START, *path.positions], [np.zeros(2), *path.velocities]
    )
    times = np.linspace(0, path.times_s[-1] - 1e-6, 40)
    positions, speeds = sampled(arm, 10.0 + times)
    np.testing.assert_allclose(positions, oracle(times), atol=1e-9)
    np.testing.assert_allclose(speeds, oracle(times, 1), atol=1e-6)


@given(SPANS, ROWS)
def test_positions_alone_are_joined_by_straight_lines(spans, rows):
    arm, path = controller(), trajectory(spans, rows, cubic=False)
    arm.follow(path, 10.0)
    oracle = interp1d([0, *path.times_s], [START, *path.positions], axis=0)
    times = np.linspace(0, path.times_s[-1] - 1e-6, 40)
    np.testing.assert_allclose(sampled(arm, 10.0 + times)[0], oracle(times), atol=1e-9)


@pytest.mark.parametrize("cubic", [True, False])
def test_the_end_is_held(cubic):
    arm, path = controller(), trajectory([0.5, 0.5], [(1, 1, 3, 3), (0, 1, 0, 0)], cubic)
    arm.follow(path, 0.0)
    for time in (1.0, 100.0):
        position, speed = arm.sample(time)
        np.testing.assert_array_equal(position, [0, 1])
        np.testing.assert_array_equal(speed, 0)


def test_a_first_point_at_time_zero_is_where_it_starts():
    arm = controller()
    arm.follow(Trajectory(np.array([0.0, 1.0]), np.array([[1.0, 1], [2, 2]]), None), 5.0)
    np.testing.assert_allclose(arm.sample(5.0)[0], [1, 1])
    np.testing.assert_allclose(arm.sample(5.5)[0], [1.5, 1.5])


@given(SPANS, ROWS, st.floats(0.0, 1.0), st.booleans())
def test_replacement_in_motion_is_continuous(spans, rows, share, cubic):
    arm, first = controller(), trajectory(spans, rows, cubic=True)
    arm.follow(first, 0.0)
    now = share * float(first.times_s[-1])
    position, speed = arm.sample(now)
    arm.follow(trajectory([0.7, 0.4], [(1, -1, 0.5, 0.5), (0.5, 0.5, 0, 0)], cubic), now)
    after, speed_after = arm.sample(now)
    np.testing.assert_allclose(after, position, atol=1e-9)
    if cubic:
        np.testing.assert_allclose(speed_after, speed, atol=1e-6)


def test_forward_commands_jump_and_replace_a_trajectory():
    arm = controller()
    arm.follow(trajectory([1.0], [(1, 1, 0, 0)], cubic=True), 0.0)
    arm.forward([0.5, 0.6])
    position, speed = arm.sample(0.5)
    np.testing.assert_array_equal(position, [0.5, 0.6])
    np.testing.assert_array_equal(speed, 0)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0, 0.0], [0.0, np.nan], [np.inf, 0.0]])
def test_bad_forward_commands_change_nothing(values):
    arm = controller()
    with pytest.raises(CommandError, match="2 finite positions"):
        arm.forward(values)
    np.testing.assert_array_equal(arm.sample(1.0)[0], START)


@pytest.mark.parametrize(
    ("times", "positions", "velocities", "words"),
    [
        ([], np.zeros((0, 2)), None, "at least one point"),
        ([0.5, 0.5], np.zeros((2, 2)), None, r"strictly increasing times; got times \[0.5, 0.5\]"),
        ([1.0, 0.5], np.zeros((2, 2)), None, "strictly increasing"),
        ([-0.1], np.zeros((1, 2)), None, r"got times \[-0.1\] s"),
        ([np.nan], np.zeros((1, 2)), None, "finite numbers; got NaN or Inf"),
        ([1.0], [[np.nan, 0]], None, "finite numbers; got NaN or Inf in a point"),
        ([1.0], [[0, 0]], [[np.inf, 0]], "finite numbers"),
        ([1.0], [[0, 0]], [[0.1, 0]], r"velocity 0 at the last point; got \[0.1, 0.0\]. End at"),
    ],
)
def test_what_joint_trajectory_controller_refuses(times, positions, velocities, words):
    given_velocities = None if velocities is None else np.array(velocities)
    with pytest.raises(CommandError, match=words):
        Trajectory(np.array(times), np.array(positions), given_velocities)


def test_targets_that_no_joint_reaches_are_refused():
    arm = ArmController(["a"], np.zeros(1))
    with pytest.raises(CommandError, match="positions up to 6.3 rad; got 1e"):
        arm.forward([1e308])
    with pytest.raises(CommandError, match="positions up to 6.3 rad"):
        Trajectory(np.array([1.0]), np.array([[7.0]]), None)
