"""Moves do what the rules of the world say, read cell by cell without any array."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.worlds import random_world, random_worlds
from hypothesis import given

from mlcore.errors import UserError
from mlcore.gridworld.model import MOVE_NAMES, MOVES, astray, model_of
from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, empty_world

SEEDS = range(60)


def own(world: GridWorld, cell: Cell) -> float | None:
    return None if np.isnan(world.rewards[cell]) else float(world.rewards[cell])


def moved(world: GridWorld, cell: Cell, move: tuple[int, int]) -> tuple[Cell, float, bool]:
    """Where a move from a cell leads, what it pays, and whether it ends: the rules in words."""
    if world.terminals[cell]:
        return cell, (own(world, cell) or 0.0) if world.convention is Convention.EXIT else 0.0, True
    row = cell.row + move[0] + int(world.wind[cell][0])
    column = cell.column + move[1] + int(world.wind[cell][1])
    to = Cell(min(max(row, 0), world.rows - 1), min(max(column, 0), world.columns - 1))
    bumped = to != (row, column) or bool(world.walls[to])
    if world.walls[to]:
        to = cell
    fee = None
    teleport = world.teleports.get(cell)
    if teleport and not teleport.at_once:
        to, fee = teleport.to, teleport.reward
    elif (pit := world.teleports.get(to)) and pit.at_once:
        to, fee = pit.to, pit.reward
    if fee is not None:
        pays = fee
    elif bumped and world.bump_reward is not None:
        pays = world.bump_reward
    else:
        pays = paid(world, cell, to)
    return to, pays, bool(world.terminals[to]) and world.convention is not Convention.EXIT


def paid(world: GridWorld, cell: Cell, to: Cell) -> float:
    here, there = own(world, cell), own(world, to)
    if world.convention is Convention.STATE:
        last = world.discount * (there or 0.0) if world.terminals[to] else 0.0
        return (world.step_reward if here is None else here) + last
    if world.convention is Convention.EXIT and world.terminals[to]:
        return world.step_reward
    return world.step_reward if there is None else there


@pytest.mark.parametrize("seed", SEEDS)
def test_moves_follow_the_rules(seed: int) -> None:
    world = random_world(seed)
    model = model_of(world)
    cells = [Cell(*divmod(int(place), world.columns)) for place in model.cell]
    assert set(cells) == {
        Cell(row, column)
        for row in range(world.rows)
        for column in range(world.columns)
        if not world.walls[row, column] and (row, column) not in world.pits
    }
    for state, cell in enumerate(cells):
        for number in range(world.moves):
            to, pays, ends = moved(world, cell, MOVES[number])
            assert cells[model.landing[number, state]] == to, (cell, MOVE_NAMES[number])
            assert model.reward[number, state] == pytest.approx(pays), (cell, MOVE_NAMES[number])
            assert model.ends[number, state] == ends


@given(random_worlds())
def test_outcomes_of_an_action_are_chances(world: GridWorld) -> None:
    model = model_of(world)
    assert model.starts.sum() == pytest.approx(1)
    assert not model.starts[model.terminal].any()
    for _, _, outcomes in model.all_outcomes():
        assert sum(outcome.probability for outcome in outcomes) == pytest.approx(1)
        assert len({outcome[1:] for outcome in outcomes}) == len(outcomes)


@given(random_worlds(most_side=5))
def test_two_ways_to_say_what_actions_are_worth_agree(world: GridWorld) -> None:
    model = model_of(world)
    values = np.random.default_rng(0).normal(size=model.n_states)
    summed = np.zeros((model.n_states, model.n_actions))
    for state, action, outcomes in model.all_outcomes():
        for probability, to, reward, ends in outcomes:
            later = 0.0 if ends else model.discount * values[to]
            summed[state, action] += probability * (reward + later)
    np.testing.assert_allclose(model.action_values(values), summed, atol=1e-12)
    policy = np.random.default_rng(1).dirichlet(np.ones(model.n_actions), size=model.n_states)
    transitions, rewards = model.under(policy)
    np.testing.assert_allclose(
        rewards + model.discount * (transitions @ values), (policy * summed).sum(1), atol=1e-12
    )


@pytest.mark.parametrize("moves", [4, 8, 9])
def test_slips_go_to_the_sides_or_anywhere(moves: int) -> None:
    table = astray(moves, SlipTo.SIDEWAYS)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    for move in range(min(moves, 8)):
        for side in np.flatnonzero(table[move]):
            assert np.dot(MOVES[move], MOVES[side]) == 0, "at right angles"
            assert np.abs(MOVES[move]).sum() == np.abs(MOVES[side]).sum(), "as long"
    if moves == 9:
        assert table[8, 8] == 1
    assert (astray(moves, SlipTo.ANYWHERE) == 1 / moves).all()


@pytest.mark.parametrize("seed", range(10))
def test_a_mirrored_world_has_mirrored_values(seed: int) -> None:
    world = random_world(seed, 4, 5)
    last = world.columns - 1
    flipped = {
        Cell(cell.row, last - cell.column): replace(
            teleport, to=Cell(teleport.to.row, last - teleport.to.column)
        )
        for cell, teleport in world.teleports.items()
    }
    mirror = replace(
        world,
        **{
            name: getattr(world, name)[:, ::-1]
            for name in ("walls", "terminals", "starts", "rewards", "slips")
        },
        wind=world.wind[:, ::-1] * [1, -1],
        teleports=flipped,
    )
    np.testing.assert_allclose(grid_of(mirror)[:, ::-1], grid_of(world), atol=1e-12)


def grid_of(world: GridWorld) -> np.ndarray:
    model = model_of(world)
    values = np.zeros(model.n_states)
    for _ in range(30):
        values = model.action_values(values).max(axis=1)
    grid = np.full(world.rows * world.columns, np.nan)
    grid[model.cell] = values
    return grid.reshape(world.rows, world.columns)


def test_a_world_without_a_cell_to_act_in_is_refused() -> None:
    world = empty_world(2, 2)
    for walls, terminals in ((True, False), (False, True)):
        full = replace(world, walls=world.walls | walls, terminals=world.terminals | terminals)
        with pytest.raises(UserError, match="no cell in which an agent could act"):
            model_of(full)
