"""The best values in a room against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.continuous.rooms import BLOCK, drawn

from mlcore.gridworld.continuous.fine_grid import FineGrid, solve
from mlcore.gridworld.continuous.room import Room
from mlcore.gridworld.continuous.trials import play
from mlcore.gridworld.world import Cell, GridWorld, Teleport


def straight(world: GridWorld, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the goal's square with nothing in the way, and what it is worth without chance.

    Steps have length 1, so a goal at distance d is reached by the step number d rounded up.
    """
    row, column = np.argwhere(world.terminals)[0]
    nearest = np.clip(positions, [column, row], [column + 1, row + 1])
    distance = np.hypot(*(positions - nearest).T)
    steps, discount = np.ceil(distance), world.discount
    before = (1 - discount ** (steps - 1)) / (1 - discount)
    return distance, world.step_reward * before + discount ** (steps - 1)


@pytest.mark.parametrize("text", ["....G ..... ..... .....", "..... ..G.. ..... ....."])
def test_an_empty_room_is_worth_the_straight_way(text: str) -> None:
    world = drawn(text)
    room = Room(world, 0.0)
    found = solve(room, 60)
    positions = room.starts(np.random.default_rng(1), 4000)
    distance, value = straight(world, positions)
    error = found.at(positions) - value
    # Values jump where one more step is needed; interpolation rounds the edges of the jumps.
    clear = np.abs(distance - np.round(distance)) > 0.15
    assert found.settled
    assert abs(error.mean()) < 0.01
    assert np.abs(error[clear]).mean() < 0.003
    assert np.quantile(np.abs(error[clear]), 0.99) < 0.05
    assert error[clear].max() < 0.06, "no place is worth much more than the straight way"
    assert error.max() < 0.1, "and no place a whole step more"


def test_chance_costs_a_little() -> None:
    world = drawn(BLOCK)
    starts = Room(world, 0.0).starts(np.random.default_rng(1), 1000)
    worth = [float(solve(Room(world, noise), 30).at(starts).mean()) for noise in (0.0, 0.1, 0.4)]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] - worth[1] < 0.02 < worth[0] - worth[2]


def test_a_corridor_is_counted_by_hand() -> None:
    """Costs of 1 a step without discount: each place is worth minus its number of steps."""
    room = Room(drawn("#...G", reward=None, step_reward=-1.0, discount=1.0), 0.0)
    found = solve(room, 50)
    middles = np.array([[3.75, 0.5], [2.75, 0.5], [1.75, 0.5], [1.25, 0.5]])
    assert found.settled
    # The last step costs as well.
    np.testing.assert_allclose(found.at(middles), [-1, -2, -3, -3], atol=0.1)


def test_a_finer_grid_comes_nearer() -> None:
    world = drawn("....G ..... .....")
    room = Room(world, 0.0)
    positions = room.starts(np.random.default_rng(3), 3000)
    value = straight(world, positions)[1]
    errors = [np.abs(solve(room, per_side).at(positions) - value).mean() for per_side in (10, 40)]
    assert errors[1] < 0.7 * errors[0]


def best_moves(room: Room, values: FineGrid, positions: np.ndarray) -> np.ndarray:
    """The moves of full length that promise most one step ahead."""
    angles = 2 * np.pi * np.arange(48) / 48
    moves = np.column_stack([np.cos(angles), np.sin(angles)])
    roots = np.sqrt(3) * room.noise * np.stack(np.meshgrid((-1, 0, 1), (-1, 0, 1))).reshape(2, 9).T
    weights = np.outer((1 / 6, 2 / 3, 1 / 6), (1 / 6, 2 / 3, 1 / 6)).ravel()
    begin, push = np.broadcast_arrays(positions, (moves[:, None] + roots)[:, :, None])
    landing = room.follow(begin.reshape(-1, 2), push.reshape(-1, 2))
    going = ~landing.terminated
    promised = landing.rewards.copy()
    promised[going] += room.discount * values.at(landing.positions[going])
    worth = np.einsum("mcn,c->mn", promised.reshape(len(moves), 9, -1), weights)
    return moves[worth.argmax(axis=0)]


def test_the_promise_is_kept_within_one_per_cent() -> None:
    """Whoever follows the values comes to them: they are near what can really be had."""
    room = Room(drawn(BLOCK), 0.05)
    values = solve(room, 40)
    starts = room.starts(np.random.default_rng(1), 800)
    had = play(
        room, lambda here: best_moves(room, values, here), starts, np.random.default_rng(2), 40
    )
    promised = values.at(starts).mean()
    assert had.reached.all()
    assert had.returns.mean() == pytest.approx(promised, rel=0.01)


def test_a_refined_heading_is_as_good_as_many_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(drawn(BLOCK), 0.05)
    starts = room.starts(np.random.default_rng(1), 1000)
    refined = solve(room, 30).at(starts).mean()
    monkeypatch.setattr("mlcore.gridworld.continuous.fine_grid._TURNS", ())
    coarse = solve(room, 30).at(starts).mean()
    monkeypatch.setattr("mlcore.gridworld.continuous.fine_grid.HEADINGS", 64)
    many = solve(room, 30).at(starts).mean()
    assert refined == pytest.approx(many, rel=0.002)
    assert coarse < many - 0.005 * many


def test_a_mirrored_room_mirrors_the_values() -> None:
    world = drawn("....G .#.X. .##.. S....")
    flipped = replace(
        world,
        walls=world.walls[:, ::-1],
        terminals=world.terminals[:, ::-1],
        rewards=world.rewards[:, ::-1],
    )
    here, there = solve(Room(world, 0.05), 30), solve(Room(flipped, 0.05), 30)
    points = here.points
    np.testing.assert_allclose(here.at(points), there.at([5, 0] + points * [-1, 1]), atol=1e-6)


def test_values_do_not_leak_through_walls() -> None:
    """Behind a wall one must go round: the way is longer than the straight one by far."""
    world = drawn("G#. .#. .#. ...", discount=0.9)
    found = solve(Room(world, 0.0), 40)
    near, behind = found.at(np.array([[0.5, 1.5], [2.5, 0.5]]))
    assert near == pytest.approx(1.0, abs=1e-6)
    # At least 2.5 down, 1.5 left and 1.5 up and not less than 5 steps in all: 4 costs before.
    assert behind < 0.9**4 - 0.05 * (1 - 0.9**4) / 0.1 + 0.02


def test_values_do_not_leak_through_a_corner() -> None:
    found = solve(Room(drawn("#.G .##"), 0.0), 30)
    corner, middle = found.at(np.array([[0.99, 1.01], [0.5, 1.5]]))
    assert corner == pytest.approx(middle, abs=1e-12)


def test_traps_and_teleports_count() -> None:
    world = drawn("..X.G", reward=1.0)
    bridge = replace(world, teleports={Cell(0, 1): Teleport(Cell(0, 3), reward=0.0)})
    values = solve(Room(bridge, 0.0), 40).at(np.array([[0.9, 0.5], [1.5, 0.5], [3.6, 0.5]]))
    # From cell 1 any move leads to the middle of cell 3, half a cell from the goal.
    np.testing.assert_allclose(values, [-0.05 + 0.95**2, 0.95, 1.0], atol=1e-3)


def test_where_steps_pay_nothing_and_there_is_no_discount_every_place_is_worth_the_goal() -> None:
    found = solve(Room(drawn(BLOCK, step_reward=0.0, discount=1.0), 0.05), 20)
    assert found.settled
    np.testing.assert_allclose(found.values, 1.0, atol=1e-4)


def test_what_cannot_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.gridworld.continuous.fine_grid._MOST", 1)
    assert not solve(Room(drawn(BLOCK), 0.0), 10).settled
