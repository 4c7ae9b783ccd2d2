"""Compiled loops, plain ones, and blocks do the same."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from gridworld.solving import solve
from gridworld.worlds import random_world, random_worlds
from hypothesis import given, settings

from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.model import Model, model_of
from mlcore.gridworld.planning import blocks as blocks_module
from mlcore.gridworld.planning import compiled as compiled_module
from mlcore.gridworld.planning.backups import Backups, PlainBackups, with_end
from mlcore.gridworld.planning.blocks import cut, settle_all
from mlcore.gridworld.planning.compiled import CompiledBackups, backups_of, is_compiled
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.planning.starting import lowest_values
from mlcore.gridworld.world import GridWorld, SlipTo, empty_world
from mlcore.gridworld.worlds import model_of_world

WAYS = [PlainBackups, CompiledBackups]


def drawn_values(model: Model) -> np.ndarray:
    return with_end(np.random.default_rng(0).normal(size=model.n_states))


def slippery(rows: int, columns: int, seed: int = 0, discount: float = 0.99) -> GridWorld:
    """A world with a tenth of walls, a goal in its corner, and moves that slip."""
    world = empty_world(rows, columns)
    world.walls[:] = np.random.default_rng(seed).random((rows, columns)) < 0.1
    world.walls[-1, -1] = False
    world.terminals[-1, -1] = True
    world.rewards[-1, -1] = 1.0
    return replace(world, step_reward=-0.04, slip=0.2, discount=discount)


def test_the_tests_run_with_the_compiler() -> None:
    assert is_compiled()


@settings(max_examples=40)
@given(random_worlds())
def test_sweeps_are_the_same(world: GridWorld) -> None:
    model = model_of(world)
    values = drawn_values(model)
    expected = model.action_values(values[:-1]).max(axis=1)
    for way in WAYS:
        found, change = way(model).sweep(values)
        assert found[:-1] == pytest.approx(expected, abs=1e-12) and found[-1] == 0
        assert change == pytest.approx(np.abs(expected - values[:-1]).max())


@settings(max_examples=40)
@given(random_worlds())
def test_sweeps_in_place_are_the_same(world: GridWorld) -> None:
    model = model_of(world)
    expected = drawn_values(model)
    change = 0.0
    for state in range(model.n_states):
        new = model.action_values(expected[:-1])[state].max()
        change = max(change, abs(new - expected[state]))
        expected[state] = new
    for way in WAYS:
        values = drawn_values(model)
        assert way(model).in_place(values) == pytest.approx(change)
        assert values == pytest.approx(expected, abs=1e-12)


def test_sweeps_are_cut_into_stretches_that_leave_nothing_out() -> None:
    model = model_of(slippery(110, 100))
    values = drawn_values(model)
    expected = model.action_values(values[:-1]).max(axis=1)
    for way in WAYS:
        assert way(model).sweep(values)[0][:-1] == pytest.approx(expected, abs=1e-12)


def test_large_worlds_are_solved_square_by_square() -> None:
    result = solve(replace(slippery(70, 70), discount=0.8), "value_iteration")
    # Backups of squares prove nothing by themselves; the sweep over all states at the end does.
    assert result.frames["sweeps"]["error_bound"].isna().sum() > 1
    assert result.figures["error_bound"] <= 1e-6


def test_other_moves_than_those_of_a_grid() -> None:
    model = model_of_world(GymnasiumWorld(id="Taxi-v4"))
    values = drawn_values(model)
    expected = model.action_values(values[:-1]).max(axis=1)
    for way in WAYS:
        assert way(model).sweep(values)[0][:-1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("way", WAYS)
def test_a_stretch_is_backed_up_to_and_fro_until_little_changes(way: type[Backups]) -> None:
    model = model_of(slippery(6, 6))
    backups = way(model)  # type: ignore[call-arg]
    values = with_end(np.zeros(model.n_states))
    untouched = values.copy()
    settled = backups.settle(values, 4, 12, 1000, 1e-9)
    assert 1 < settled.rounds < 1000 and settled.last <= 1e-9 < settled.most
    outside = [*range(4), *range(12, len(values))]
    assert (values[outside] == untouched[outside]).all()
    within = model.action_values(values[:-1]).max(axis=1)[4:12]
    assert values[4:12] == pytest.approx(within, abs=2e-9)
    assert backups.settle(values, 4, 12, 1, 1e-9).rounds == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("side", [2, 3, 32])
def test_blocks_come_to_the_exact_values(
    way: type[Backups], side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks_module, "_SIDE", side)
    for seed in range(6):
        model = model_of(random_world(seed, rows=7, columns=6))
        cut_up = cut(model)
        assert sorted(cut_up.order.tolist()) == list(range(model.n_states))
        assert cut_up.borders[-1] == model.n_states and len(cut_up.asking) >= 42 // side**2
        values = with_end(lowest_values(model)[cut_up.order])
        for _ in settle_all(cut_up, way(cut_up.model), values, 1e-12):  # type: ignore[call-arg]
            pass
        assert cut_up.unsorted(values) == pytest.approx(optimal(model)[0], abs=1e-9)


def test_a_square_asks_those_from_which_a_move_leads_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks_module, "_SIDE", 2)
    world = empty_world(2, 6)
    assert cut(model_of(world)).asking == [[1], [0, 2], [1]]


@pytest.mark.parametrize("order", ["synchronous", "in_place", "blocks"])
def test_both_ways_solve_a_world_and_say_which_ran(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = slippery(25, 40, discount=0.8)
    exact = optimal(model_of(world))[0]
    monkeypatch.setattr(compiled_module, "_WORTH_IT_AT_ONCE", 100)
    monkeypatch.setattr(compiled_module, "_WORTH_IT_LOADED", 100)
    monkeypatch.setattr(compiled_module, "_WORTH_IT_IN_TURN", 100)
    for has_compiler in (True, False):
        if not has_compiler:
            monkeypatch.setattr(compiled_module, "_kernels", lambda: None)
        result = solve(world, "value_iteration", order=order)
        assert result.figures["compiled"] == float(has_compiler)
        off = np.abs(result.frames["policy"]["value"].to_numpy() - exact).max()
        assert off <= result.figures["error_bound"] <= 1e-6


def test_without_the_extra_there_are_plain_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_module, "_kernels", lambda: None)
    assert not is_compiled()
    large = model_of(replace(empty_world(200, 200), discount=0.5))
    assert isinstance(backups_of(large), PlainBackups)
    with pytest.raises(ImportError, match="numba"):
        CompiledBackups(large)


def test_small_worlds_do_not_wait_for_a_compiler() -> None:
    small = model_of(empty_world(5, 5))
    assert not backups_of(small).compiled and not backups_of(small, in_turn=True).compiled
    assert backups_of(model_of(empty_world(200, 200))).compiled


def test_a_compiler_that_is_loaded_serves_smaller_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    middling = model_of(empty_world(100, 100))
    assert is_compiled() and backups_of(middling).compiled
    monkeypatch.delitem(sys.modules, compiled_module._KERNELS)
    assert not backups_of(middling).compiled
    assert backups_of(middling, in_turn=True).compiled


def test_other_ways_to_slip_are_no_special_case() -> None:
    world = replace(slippery(6, 7), slip_to=SlipTo.ANYWHERE)
    model = model_of(world)
    values = drawn_values(model)
    plain, compiled = (way(model).sweep(values)[0] for way in WAYS)
    assert compiled == pytest.approx(plain, abs=1e-13)
