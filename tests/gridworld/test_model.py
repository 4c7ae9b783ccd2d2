"""What moves do: published values come out, and every outcome is counted once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.gridworld.model import MOVES, Model, astray, model_of
from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, Teleport, empty_world


def russell_norvig(convention: Convention) -> GridWorld:
    """The world of 4×3 cells, from the top left."""
    world = empty_world(3, 4)
    world.walls[1, 1] = True
    world.terminals[0, 3] = world.terminals[1, 3] = True
    world.rewards[0, 3], world.rewards[1, 3] = 1, -1
    return replace(world, step_reward=-0.04, slip=0.2, discount=1.0, convention=convention)


def best(model: Model, sweeps: int = 500) -> np.ndarray:
    values = np.zeros(model.n_states)
    for _ in range(sweeps):
        values = model.action_values(values).max(axis=1)
    return model.shown(values)


STATE = [0.8116, 0.8678, 0.9178, 1, 0.7616, 0.6603, -1, 0.7053, 0.6553, 0.6114, 0.3879]
TRANSITION = [0.8516, 0.9078, 0.9578, 0, 0.8016, 0.7003, 0, 0.7453, 0.6953, 0.6514, 0.4279]


@pytest.mark.parametrize(
    ("convention", "expected"),
    [(Convention.STATE, STATE), (Convention.TRANSITION, TRANSITION), (Convention.EXIT, STATE)],
)
def test_the_conventions_give_the_published_tables(
    convention: Convention, expected: list[float]
) -> None:
    assert best(model_of(russell_norvig(convention))) == pytest.approx(expected, abs=5e-5)


def test_an_exit_is_discounted_once_more() -> None:
    world = replace(russell_norvig(Convention.EXIT), slip=0.0, step_reward=0.0, discount=0.5)
    model = model_of(world)
    values = dict(zip(model.cell.tolist(), best(model).tolist(), strict=True))
    # Beside the goal: one move, then the exit; the convention of moves pays at once.
    assert values[2] == pytest.approx(0.5)
    entered = model_of(replace(world, convention=Convention.TRANSITION))
    assert best(entered)[2] == pytest.approx(1.0)


def test_teleports_carry_off_at_once_or_with_the_next_move() -> None:
    world = empty_world(1, 3)
    later = replace(world, teleports={Cell(0, 1): Teleport(Cell(0, 0), 7.0)})
    assert [o.state for o in model_of(later).outcomes(0, 1)] == [1]
    assert model_of(later).outcomes(1, 1) == [(1.0, 0, 7.0, False)]
    at_once = replace(world, teleports={Cell(0, 1): Teleport(Cell(0, 0), 7.0, at_once=True)})
    model = model_of(at_once)
    assert model.cell.tolist() == [0, 2]  # nobody ever stands on the cell between
    assert model.outcomes(0, 1) == [(1.0, 0, 7.0, False)]


def test_wind_adds_to_the_move_and_is_cut_off_at_the_border() -> None:
    world = empty_world(7, 3)
    world.wind[:, 1] = (-2, 0)
    model = model_of(world)
    from_bottom = 6 * 3 + 1
    landed = [int(model.landing[move, from_bottom]) for move in range(4)]
    # Down at the bottom: one down, two up, so one up in all, as in the book's rule.
    assert [divmod(state, 3) for state in landed] == [(3, 1), (4, 2), (5, 1), (4, 0)]


def test_what_stops_a_move_may_cost() -> None:
    world = empty_world(2, 2)
    world.walls[0, 1] = True
    model = model_of(replace(world, bump_reward=-1.0, step_reward=0.5))
    paid = {action: model.outcomes(0, number)[0] for number, action in enumerate(model.actions)}
    assert {action: outcome.reward for action, outcome in paid.items()} == {
        "up": -1.0,
        "right": -1.0,
        "down": 0.5,
        "left": -1.0,
    }


@pytest.mark.parametrize("slip_to", SlipTo)
@pytest.mark.parametrize("moves", [4, 8, 9])
def test_chances_sum_to_one(moves: int, slip_to: SlipTo) -> None:
    assert astray(moves, slip_to).sum(axis=1) == pytest.approx(1)
    world = replace(empty_world(3, 3), moves=moves, slip=0.3, slip_to=slip_to)
    world.slips[1, 1] = 1.0
    model = model_of(world)
    for state, action, outcomes in model.all_outcomes():
        assert sum(o.probability for o in outcomes) == pytest.approx(1)
        mean = sum(o.probability * o.reward for o in outcomes)
        assert model.action_values(np.zeros(9))[state, action] == pytest.approx(mean)


def test_sideways_is_at_right_angles() -> None:
    table = astray(9, SlipTo.SIDEWAYS)
    for move, (down, right) in enumerate(MOVES[:8]):
        sides = [MOVES[side] for side in np.flatnonzero(table[move])]
        assert all(down * d + right * r == 0 for d, r in sides) and len(sides) == 2
    assert table[8, 8] == 1  # who stays does not slip


def test_a_policy_makes_a_chain_of_the_world() -> None:
    model = model_of(russell_norvig(Convention.STATE))
    draw = np.random.default_rng(0)
    policy = draw.dirichlet(np.ones(4), model.n_states)
    transitions, rewards = model.under(policy)
    values = draw.normal(size=model.n_states)
    expected = (policy * model.action_values(values)).sum(axis=1)
    assert rewards + model.discount * (transitions @ values) == pytest.approx(expected)
    assert transitions.sum(axis=1)[model.terminal] == pytest.approx(0)


def test_a_world_without_a_free_cell_is_refused() -> None:
    world = empty_world(2, 2)
    world.terminals[:] = True
    with pytest.raises(UserError, match="no cell in which an agent could act"):
        model_of(world)
