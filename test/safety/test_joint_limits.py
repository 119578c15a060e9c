# SPDX-License-Identifier: Apache-2.0
"""What every joint limit owes the pipeline, and the exactness of the discrete stop."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vla_ros.safety.braking import Braking
from vla_ros.safety.joint_acceleration_limit import JointAccelerationLimit
from vla_ros.safety.joint_limit import JointLimit
from vla_ros.safety.joint_position_limit import JointPositionLimit
from vla_ros.safety.joint_velocity_limit import JointVelocityLimit
from vla_ros.safety.motion_state import MotionState

TOLERANCE = 1e-9
LOWER, UPPER, MAX_VELOCITY = np.array([-1.0]), np.array([1.5]), np.array([2.0])

Factory = Callable[[Braking], JointLimit]
FACTORIES: list[Factory] = [
    lambda braking: JointPositionLimit(LOWER, UPPER, braking),
    lambda braking: JointVelocityLimit(MAX_VELOCITY),
    JointAccelerationLimit,
]

brakings = st.builds(
    lambda acceleration, rate: Braking(np.array([acceleration]), 1.0 / rate),
    st.floats(0.5, 50.0),
    st.sampled_from([20.0, 100.0, 333.0, 1000.0]),
)


@st.composite
def viable(draw: st.DrawFn) -> tuple[Braking, MotionState]:
    """A position within the bounds and a speed whose stop fits."""
    braking = draw(brakings)
    position = np.array([draw(st.floats(-1.0, 1.5))])
    forward = draw(st.booleans())
    room = UPPER - position if forward else position - LOWER
    # The tick of this speed is over; the stop after it must fit into the room.
    fastest = np.minimum(braking.fastest(room) + braking.step, MAX_VELOCITY)
    speed = fastest * draw(st.floats(0.0, 1.0))
    return braking, MotionState(position, speed if forward else -speed)


@pytest.mark.parametrize("factory", FACTORIES)
@given(case=viable())
def test_braking_is_always_admitted(factory: Factory, case: tuple[Braking, MotionState]) -> None:
    braking, state = case
    interval = factory(braking).interval(state)
    velocities = braking.next_velocities(state.velocities)
    assert (interval.lower <= velocities + TOLERANCE).all()
    assert (velocities - TOLERANCE <= interval.upper).all()


@pytest.mark.parametrize("factory", FACTORIES)
@given(case=viable(), share=st.floats(0.0, 1.0))
def test_admitted_velocities_lead_to_admitted_states(
    factory: Factory, case: tuple[Braking, MotionState], share: float
) -> None:
    braking, state = case
    limits = [make(braking) for make in FACTORIES]
    interval = limits[0].interval(state)
    for limit in limits[1:]:
        interval = interval.intersect(limit.interval(state))
    assert (interval.lower <= interval.upper + TOLERANCE).all()
    velocities = interval.lower + share * (interval.upper - interval.lower)
    after = state.after(velocities, braking.dt_s)
    assert (after.positions >= LOWER - TOLERANCE).all()
    assert (after.positions <= UPPER + TOLERANCE).all()
    own = factory(braking).interval(after)
    stop = braking.next_velocities(after.velocities)
    assert np.abs(own.clip(stop) - stop).max() <= TOLERANCE


@settings(deadline=None)
@given(braking=brakings, room=st.floats(0.0, 10.0))
def test_the_fastest_speed_stops_exactly_at_the_bound(braking: Braking, room: float) -> None:
    speed = braking.fastest(np.array([room]))
    assert braking.distance(speed)[0] == pytest.approx(room, abs=1e-9)
    path = braking.path(MotionState(speed * braking.dt_s, speed))
    assert path[-1, 0] == pytest.approx(room, abs=1e-9)


@settings(deadline=None)
@given(braking=brakings, speed=st.floats(-3.0, 3.0))
def test_the_path_repeats_single_ticks(braking: Braking, speed: float) -> None:
    state = MotionState(np.array([0.0]), np.array([speed]))
    path = braking.path(state)
    for row in path[1:]:
        state = state.after(braking.next_velocities(state.velocities), braking.dt_s)
        assert row[0] == pytest.approx(state.positions[0], abs=1e-9)
    assert abs(state.velocities[0]) <= 1e-9


def test_the_continuous_formula_would_pass_the_bound() -> None:
    braking = Braking(np.array([10.0]), 0.01)
    speed = np.sqrt(2 * 10.0 * np.array([0.1]))
    assert braking.distance(speed)[0] > 0.1 + 1e-3
