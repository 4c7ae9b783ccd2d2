"""All planners come to the same values, however a world is turned or its states are numbered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.solving import PLANNERS, preset, solve
from gridworld.worlds import random_world, random_worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.model import MOVES, Model, model_of
from mlcore.gridworld.planning.exact import best_soft, epsilon_greedy, evaluate, optimal
from mlcore.gridworld.world import Cell, GridWorld, empty_world
from mlcore.params import defaults

#: Every way to find the best values of an endless horizon.
WAYS = {
    "at once": ("value_iteration", {"order": "synchronous"}),
    "in place": ("value_iteration", {"order": "in_place"}),
    "by blocks": ("value_iteration", {"order": "blocks"}),
    "from below": ("value_iteration", {"start": "lowest"}),
    "prioritised": ("prioritised", {}),
    "policies": ("policy_iteration", {}),
    "policies, greedy": ("policy_iteration", {"start": "greedy"}),
    "modified": ("modified_policy_iteration", {}),
    "no sweeps between": ("modified_policy_iteration", {"sweeps_between": 0}),
    "actions": ("q_value_iteration", {}),
    "programme": ("linear_programming", {}),
    "evaluated": ("policy_evaluation", {"policy": "optimal", "how": "equations"}),
    "followed": ("policy_evaluation", {"policy": "optimal"}),
}


def found(world: GridWorld, way: str, bound: float = 1e-8) -> np.ndarray:
    method, params = WAYS[way]
    if any(param.name == "tolerance" for param in PLANNERS[method].params):
        params = {"tolerance": 1e-9, **params}
    result = solve(world, method, **params)
    assert result.figures["error_bound"] <= bound
    policy = result.frames["policy"]
    return policy["value"].to_numpy()


@pytest.mark.parametrize("way", WAYS)
def test_all_planners_agree_on_random_worlds(way: str) -> None:
    for seed in range(12):
        world = random_world(seed, discount=[0.0, 0.5, 0.9, 0.95][seed % 4])
        model = model_of(world)
        expected = model.shown(optimal(model)[0])
        assert found(world, way) == pytest.approx(expected, abs=1e-8, rel=0), seed


@pytest.mark.parametrize("way", WAYS)
def test_all_planners_agree_without_discounting(way: str) -> None:
    tried = 0
    for seed in range(100):
        world = random_world(seed, rows=4, columns=4, walls=0.1, teleports=1, discount=1.0)
        model = model_of(replace(world, rewards=np.minimum(world.rewards, 0)))
        drawn = replace(world, rewards=np.minimum(world.rewards, 0))
        try:
            expected = model.shown(optimal(model)[0])
        except UserError:
            continue
        tried += 1
        # Where steps are free the proof allows for a million of them, each with its rounding.
        assert found(drawn, way, bound=1e-6) == pytest.approx(expected, abs=1e-8, rel=0), seed
        if tried == 8:
            return
    raise AssertionError("too few worlds have a value")


@settings(max_examples=60)
@given(random_worlds())
def test_the_best_values_satisfy_the_bellman_equation(world: GridWorld) -> None:
    model = model_of(world)
    values, worth = optimal(model)
    assert worth.max(axis=1) == pytest.approx(values, abs=1e-9)
    assert model.action_values(values) == pytest.approx(worth)


def mirrored(world: GridWorld) -> GridWorld:
    def turned(cell: Cell) -> Cell:
        return Cell(cell.row, world.columns - 1 - cell.column)

    return replace(
        moved(world, lambda array: array[:, ::-1]),
        wind=world.wind[:, ::-1] * [1, -1],
        teleports={
            turned(cell): replace(teleport, to=turned(teleport.to))
            for cell, teleport in world.teleports.items()
        },
    )


def transposed(world: GridWorld) -> GridWorld:
    def turned(cell: Cell) -> Cell:
        return Cell(cell.column, cell.row)

    return replace(
        moved(world, np.transpose),
        wind=np.swapaxes(world.wind, 0, 1)[..., ::-1],
        teleports={
            turned(cell): replace(teleport, to=turned(teleport.to))
            for cell, teleport in world.teleports.items()
        },
    )


def moved(world: GridWorld, turn) -> GridWorld:
    arrays = ("walls", "terminals", "starts", "rewards", "slips")
    return replace(world, **{name: turn(getattr(world, name)) for name in arrays})


def on_the_grid(model: Model, worth: np.ndarray) -> np.ndarray:
    grid = np.full((model.rows * model.columns, worth.shape[1]), np.nan)
    grid[model.cell] = worth
    return grid.reshape(model.rows, model.columns, -1)


def places(moves: int, turn) -> list[int]:
    """Where each move, turned, stands in the list of moves."""
    return [MOVES.index(turn(move)) for move in MOVES[:moves]]


@settings(max_examples=40)
@given(random_worlds())
def test_a_mirrored_world_has_mirrored_values(world: GridWorld) -> None:
    model, other = model_of(world), model_of(mirrored(world))
    worth = on_the_grid(model, optimal(model)[1])
    turned = on_the_grid(other, optimal(other)[1])[:, ::-1]
    order = places(world.moves, lambda move: (move[0], -move[1]))
    np.testing.assert_allclose(turned[..., order], worth, atol=1e-9)


@settings(max_examples=40)
@given(random_worlds())
def test_a_transposed_world_has_transposed_values(world: GridWorld) -> None:
    model, other = model_of(world), model_of(transposed(world))
    worth = on_the_grid(model, optimal(model)[1])
    turned = np.swapaxes(on_the_grid(other, optimal(other)[1]), 0, 1)
    order = places(world.moves, lambda move: (move[1], move[0]))
    np.testing.assert_allclose(turned[..., order], worth, atol=1e-9)


@settings(max_examples=30)
@given(random_worlds(), st.integers(0, 2**32 - 1))
def test_the_numbers_of_states_are_of_no_importance(world: GridWorld, seed: int) -> None:
    model = model_of(world)
    order = np.random.default_rng(seed).permutation(model.n_states)
    new = np.argsort(order).astype(np.int32)
    shuffled = replace(
        model,
        landing=new[model.landing[:, order]],
        reward=model.reward[:, order],
        ends=model.ends[:, order],
        slip=model.slip[order],
        starts=model.starts[order],
        terminal=model.terminal[order],
    )
    np.testing.assert_allclose(optimal(shuffled)[0], optimal(model)[0][order], atol=1e-9)


@settings(max_examples=30)
@given(random_worlds(), st.sampled_from([0.05, 0.3, 1.0]))
def test_the_best_soft_policy_is_the_best_one_of_a_world_that_slips(
    world: GridWorld, epsilon: float
) -> None:
    model = model_of(world)
    policy, values = best_soft(model, epsilon)
    assert policy.min() >= epsilon / model.n_actions - 1e-12
    assert policy.sum(axis=1) == pytest.approx(1)
    assert evaluate(model, policy) == pytest.approx(values, abs=1e-8)
    for other in (epsilon_greedy(optimal(model)[1], epsilon), random_soft(model, epsilon)):
        assert (evaluate(model, other) <= values + 1e-8).all()


def random_soft(model: Model, epsilon: float) -> np.ndarray:
    drawn = np.random.default_rng(0).dirichlet(np.ones(model.n_actions), model.n_states)
    return (1 - epsilon) * drawn + epsilon / model.n_actions


def test_a_horizon_that_is_long_enough_is_as_good_as_none() -> None:
    world = preset("russell_norvig_4x3")
    long = solve(world, "finite_horizon", horizon=300).frames["policy"]
    best = solve(world, "policy_iteration").frames["policy"]
    assert long["value"].to_numpy() == pytest.approx(best["value"].to_numpy(), abs=1e-10)
    assert long["actions"].tolist() == best["actions"].tolist()


def test_what_is_urgent_comes_first() -> None:
    """Along a corridor the news of the goal passes from cell to cell, and no update is wasted."""
    world = empty_world(1, 60)
    world.terminals[0, -1] = True
    world.rewards[0, -1] = 1.0
    swept = solve(world, "value_iteration").figures["backups"]
    urgent = solve(world, "prioritised").figures["backups"]
    # Two of all cells to begin with, both neighbours of each cell, and a last one to be sure.
    assert urgent <= 5 * 60 < swept / 10


def test_every_planner_is_compared() -> None:
    compared = {method for method, _ in WAYS.values()} | {"finite_horizon"}
    assert compared == set(PLANNERS)
    for spec in PLANNERS.values():
        assert spec.check({}) == defaults(spec.params)
