"""Steps of any direction and length: no wall is crossed, and rewards are those of the drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.continuous.rooms import BLOCK, drawn
from gridworld.worlds import random_world
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.continuous.room import MOST_ROOM, Landing, Room, room_of, shortened
from mlcore.gridworld.world import Cell, Convention, GridWorld, Teleport, empty_world


def walk(world: GridWorld, start: tuple[float, float], by: tuple[float, float]) -> Landing:
    return Room(world, 0.0).follow(np.array([start]), np.array([by]))


def test_a_free_step_is_the_displacement() -> None:
    landing = walk(drawn(BLOCK), (0.3, 0.4), (0.5, 0.25))
    np.testing.assert_allclose(landing.positions, [[0.8, 0.65]])
    assert (landing.rewards[0], landing.terminated[0], landing.reached[0]) == (-0.05, False, False)


def test_a_step_stops_at_a_wall_and_at_the_border() -> None:
    world = drawn(BLOCK, bump_reward=-0.7)
    landing = walk(world, (0.5, 2.5), (1.0, 0.4))
    np.testing.assert_allclose(landing.positions, [[1.0, 2.7]], atol=1e-8)
    assert landing.rewards[0] == -0.7
    landing = walk(world, (0.4, 0.5), (-0.8, 0.1))
    np.testing.assert_allclose(landing.positions, [[0.0, 0.55]], atol=1e-8)
    assert np.floor(landing.positions).tolist() == [[0, 0]]


def test_nobody_slips_through_a_corner() -> None:
    both = drawn(".# #. .G")
    one = drawn(".. #. .G")
    for world in (both, one):
        np.testing.assert_allclose(
            walk(world, (0.5, 0.5), (0.7, 0.7)).positions, [[1.0, 1.0]], atol=1e-8
        )
    np.testing.assert_allclose(walk(drawn(".. .. .G"), (0.5, 0.5), (0.7, 0.7)).positions, 1.2)


def test_a_step_ends_where_it_touches_a_terminal() -> None:
    goal = walk(drawn("..G"), (1.5, 0.5), (0.9, 0.1))
    np.testing.assert_allclose(goal.positions, [[2.0, 0.5 + 0.1 * 5 / 9]], atol=1e-8)
    assert (goal.rewards[0], goal.terminated[0], goal.reached[0]) == (1.0, True, True)
    # Only a corner of the trap is cut; that is enough.
    trap = walk(drawn("..G .X."), (0.8, 0.9), (0.9, 0.2))
    assert (trap.rewards[0], trap.terminated[0], trap.reached[0]) == (-1.0, True, False)


def test_rewards_of_cells_are_paid_for_the_step_that_ends_there() -> None:
    world = drawn("...G")
    world.rewards[0, 1] = 0.4
    assert walk(world, (0.5, 0.5), (0.9, 0.0)).rewards[0] == 0.4
    assert walk(world, (1.5, 0.5), (0.9, 0.0)).rewards[0] == -0.05


def test_wind_and_teleports_carry() -> None:
    world = drawn(".... ...G")
    world.wind[0, 0] = (1, 2)
    np.testing.assert_allclose(walk(world, (0.5, 0.5), (0.2, 0.0)).positions, [[2.7, 1.5]])
    carried = replace(
        world,
        teleports={
            Cell(1, 0): Teleport(Cell(0, 3), reward=5.0),
            Cell(0, 2): Teleport(Cell(1, 0), at_once=True),
        },
    )
    beamed = walk(carried, (0.2, 1.2), (0.1, 0.1))
    assert (beamed.positions.tolist(), beamed.rewards[0]) == ([[3.5, 0.5]], 5.0)
    fallen = walk(carried, (1.5, 0.5), (0.9, 0.0))
    assert (fallen.positions.tolist(), fallen.rewards[0]) == ([[0.5, 1.5]], -0.05)
    # A pit is not jumped over: a corner of it is enough.
    assert walk(carried, (1.9, 0.6), (0.4, 0.6)).positions.tolist() == [[0.5, 1.5]]


def test_long_actions_are_cut_to_length_one() -> None:
    actions = np.array([[3.0, 4.0], [0.3, -0.4], [0.0, 0.0]])
    np.testing.assert_allclose(shortened(actions), [[0.6, 0.8], [0.3, -0.4], [0.0, 0.0]])


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10_000), noise=st.sampled_from([0.0, 0.05, 0.5]))
def test_no_step_crosses_a_wall(seed: int, noise: float) -> None:
    """Checked by following each line in 400 small parts, which knows nothing of borders."""
    world = random_world(seed, walls=0.3, teleports=0)
    world = replace(world, wind=np.zeros_like(world.wind))
    room, rng = Room(world, noise), np.random.default_rng(seed)
    cells = np.argwhere(room.standing)
    chosen = cells[rng.integers(len(cells), size=40)]
    states = chosen[:, ::-1] + rng.uniform(1e-6, 1 - 1e-6, (40, 2))
    for _ in range(8):
        step = room.step(states, rng.normal(0, 1, (40, 2)), rng)
        parts = np.linspace(0, 1, 400)[:, None, None]
        column, row = np.floor(states + parts * (step.states - states)).astype(int).T
        assert (row >= 0).all() and (row < world.rows).all()
        assert (column >= 0).all() and (column < world.columns).all()
        assert not world.walls[row, column].any()
        last = np.floor(step.states).astype(int)
        np.testing.assert_array_equal(step.terminated, world.terminals[last[:, 1], last[:, 0]])
        # A terminal is entered by the end of a line only.
        assert not world.terminals[row[:, :-1], column[:, :-1]].any()
        states = np.where(step.terminated[:, None], states, step.states)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_mirrored_room_mirrors_each_step(seed: int) -> None:
    world = replace(random_world(seed, walls=0.25, teleports=0), bump_reward=-0.75)
    mirrored = replace(
        world,
        walls=world.walls[:, ::-1],
        terminals=world.terminals[:, ::-1],
        starts=world.starts[:, ::-1],
        rewards=world.rewards[:, ::-1],
        wind=world.wind[:, ::-1] * [1, -1],
        slips=world.slips[:, ::-1],
    )
    rng, room = np.random.default_rng(seed), Room(world, 0.0)
    cells = np.argwhere(room.standing)
    states = cells[rng.integers(len(cells), size=50)][:, ::-1] + rng.uniform(0.01, 0.99, (50, 2))
    by = rng.normal(0, 0.7, (50, 2))
    there = Room(mirrored, 0.0).follow([world.columns, 0] + states * [-1, 1], by * [-1, 1])
    here = room.follow(states, by)
    np.testing.assert_allclose([world.columns, 0] + there.positions * [-1, 1], here.positions)
    np.testing.assert_array_equal(there.rewards, here.rewards)
    np.testing.assert_array_equal(there.reached, here.reached)


def test_episodes_begin_in_start_cells_or_wherever_a_goal_can_be_reached() -> None:
    rng = np.random.default_rng(0)
    marked = Room(drawn("S.G ..."), 0.0).starts(rng, 500)
    assert (np.floor(marked) == 0).all()
    anywhere = np.floor(Room(drawn("..G### ....#. ####.#"), 0.0).starts(rng, 4000)).astype(int)
    assert {tuple(cell) for cell in anywhere} == {(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (3, 1)}
    counts = np.unique(anywhere, axis=0, return_counts=True)[1]
    np.testing.assert_allclose(counts / 4000, 1 / 6, atol=0.02)


def test_goals_pay_or_end_the_costs() -> None:
    assert Room(drawn("..G .X."), 0.0).goals.sum() == 1
    assert Room(drawn("..G", reward=None, step_reward=-1.0), 0.0).goals.sum() == 1
    assert not Room(drawn("..G", reward=None, step_reward=0.0), 0.0).goals.any()
    assert not Room(drawn("..G", reward=-3.0), 0.0).goals.any()


@pytest.mark.parametrize(
    ("world", "code"),
    [
        (empty_world(MOST_ROOM + 1, 3), "gridworld.room_too_large"),
        (drawn("... .X."), "gridworld.room_without_goal"),
        (drawn("S.#G"), "gridworld.start_walled_in"),
        (drawn("S.XG"), "gridworld.start_walled_in"),
        (drawn("#G ## .."), "gridworld.room_closed"),
        (drawn("..G", step_reward=0.1, discount=1.0), "gridworld.room_endless"),
    ],
)
def test_a_room_that_cannot_be_learnt_gets_a_sentence(world: GridWorld, code: str) -> None:
    with pytest.raises(UserError) as caught:
        room_of(world, 0.05)
    assert caught.value.code == code


def test_the_start_that_is_walled_in_is_named_as_it_is_drawn() -> None:
    with pytest.raises(UserError, match=r"row 2, column 2\b"):
        room_of(drawn("S.G.. ##### ##S##"), 0.05)


def test_what_a_room_leaves_out_is_said() -> None:
    quiet = room_of(drawn(BLOCK), 0.05)[1]
    world = drawn("..G .#. #.#", slip=0.2, convention=Convention.STATE)
    assert quiet == ()
    assert [note.code for note in room_of(world, 0.05)[1]] == [
        "gridworld.room_without_slipping",
        "gridworld.room_pays_on_entering",
        "gridworld.room_pockets",
    ]


def test_a_teleport_opens_a_walled_pocket() -> None:
    world = drawn("S.#.G")
    opened = replace(world, teleports={Cell(0, 1): Teleport(Cell(0, 3))})
    assert room_of(opened, 0.0)[0].open[0].tolist() == [True, True, False, True, False]
