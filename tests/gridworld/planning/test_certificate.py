"""The bound that is shown really bounds the error, at every sweep and of any values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.solving import preset, solve
from gridworld.worlds import random_world

from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning import certificate as certificate_module
from mlcore.gridworld.planning.certificate import (
    certify,
    certify_policy,
    change_bound,
    expected_steps,
    rounding,
)
from mlcore.gridworld.planning.exact import evaluate, optimal
from mlcore.gridworld.world import GridWorld, empty_world
from mlcore.gridworld.worlds import model_of_world

SWEEPING = [
    ("value_iteration", {"order": "synchronous"}),
    ("value_iteration", {"order": "in_place"}),
    ("value_iteration", {"order": "blocks"}),
    ("prioritised", {}),
    ("modified_policy_iteration", {"sweeps_between": 3}),
    ("q_value_iteration", {}),
    ("policy_iteration", {}),
    ("linear_programming", {}),
]
UNDISCOUNTED = [
    "russell_norvig_4x3",
    "russell_norvig_4x3_state",
    "sutton_barto_4x4",
    "frozen_lake_4x4",
    "cliff_walking",
]


def worlds() -> list[GridWorld]:
    return [random_world(seed, discount=[0.5, 0.9, 0.99][seed % 3]) for seed in range(6)]


def without_discount(name: str) -> GridWorld:
    world = preset(name)
    assert isinstance(world, GridWorld)
    return replace(world, discount=1.0)


@pytest.mark.parametrize(("method", "params"), SWEEPING)
def test_it_holds_at_every_sweep(method: str, params: dict[str, object]) -> None:
    for world in worlds():
        model = model_of(world)
        exact = model.shown(optimal(model)[0])
        result = solve(world, method, **params)
        values = result.frames["values"]
        off = (values["value"] - exact[values["state"]]).abs().groupby(values["sweep"]).max()
        bounds = result.frames["sweeps"].set_index("sweep")["error_bound"].loc[off.index].dropna()
        assert len(bounds) >= 1
        assert (off.loc[bounds.index] <= bounds + 1e-12).all()
        final = np.abs(result.frames["policy"]["value"].to_numpy() - exact).max()
        assert final <= result.figures["error_bound"] + 1e-12


@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_it_holds_for_the_value_of_a_policy(discount: float) -> None:
    world = replace(without_discount("russell_norvig_4x3"), discount=discount)
    model = model_of(world)
    exact = evaluate(model, np.full((model.n_states, 4), 0.25))
    result = solve(world, "policy_evaluation")
    values = result.frames["values"]
    off = (values["value"] - exact[values["state"]]).abs().groupby(values["sweep"]).max()
    bounds = result.frames["sweeps"].set_index("sweep")["error_bound"].loc[off.index]
    assert bounds.iloc[1:].notna().all() and bounds.iloc[-1] <= 1e-6
    assert (off.iloc[1:] <= bounds.iloc[1:] + 1e-12).all()


@pytest.mark.parametrize("name", UNDISCOUNTED)
def test_it_holds_for_any_values_without_discounting(name: str) -> None:
    model = model_of(without_discount(name))
    exact = optimal(model)[0]
    draw = np.random.default_rng(0)
    for size in (0.0, 1e-9, 1e-3, 1.0, 100.0):
        values = exact + size * draw.normal(size=model.n_states)
        found = certify(model, values)
        assert np.abs(values - exact).max() <= found.bound <= 2 * 6 * size + 1e-6
        assert found.floor <= 1e-6


@pytest.mark.parametrize("name", ["russell_norvig_4x3", "sutton_barto_4x4", "cliff_walking"])
def test_where_steps_cost_a_backup_is_proof_enough(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(without_discount(name))
    exact = optimal(model)[0]
    monkeypatch.setattr(certificate_module, "_MOST_EXACT", 0)
    with monkeypatch.context() as without:
        without.delattr(certificate_module, "PolicySearch")
        draw = np.random.default_rng(0)
        for size in (0.0, 1e-9, 1e-6, 1e-3):
            for off in (draw.normal(size=model.n_states), 1.0, -1.0):
                values = exact + np.where(model.terminal, 0.0, size * off)
                found = certify(model, values)
                assert found.note.code == "gridworld.certified.costs"
                assert np.abs(values - exact).max() <= found.bound <= 1e4 * size + 1e-9
    # Where values are off by more than a step costs, only the value of a policy tells.
    far = exact + 100 * draw.normal(size=model.n_states)
    assert np.abs(far - exact).max() <= certify(model, far).bound < np.inf


def test_large_worlds_without_discounting_are_certain() -> None:
    world = replace(empty_world(70, 60), step_reward=-0.04, slip=0.2, discount=1.0)
    world.terminals[-1, -1] = True
    result = solve(world, "value_iteration")
    off = result.frames["policy"]["value"] - optimal(model_of(world))[0]
    assert off.abs().max() <= result.figures["error_bound"] <= 1e-6


@pytest.mark.parametrize("name", UNDISCOUNTED)
@pytest.mark.parametrize("sweeps", [1, 3, 10, 40])
def test_few_sweeps_have_an_honest_bound(name: str, sweeps: int) -> None:
    world = without_discount(name)
    model = model_of(world)
    exact = model.shown(optimal(model)[0])
    result = solve(world, "value_iteration", most_sweeps=sweeps)
    off = np.abs(result.frames["policy"]["value"].to_numpy() - exact).max()
    assert off <= result.figures["error_bound"]
    spent = "gridworld.sweeps_spent" in [note.code for note in result.notes]
    assert spent == (result.figures["error_bound"] > 1e-6)


def test_rounding_counts_at_every_step_that_a_better_policy_may_take() -> None:
    free = model_of(without_discount("frozen_lake_4x4"))
    exact = optimal(free)[0]
    assert certify(free, exact).floor >= 1_000_000 * rounding(free, exact)
    costly = model_of(without_discount("sutton_barto_4x4"))
    exact = optimal(costly)[0]
    # Each step costs 1 and the worst value is -3: three steps, and the proof allows for those.
    assert 3 * rounding(costly, exact) <= certify(costly, exact).floor < 1e-12


def test_the_sentence_says_on_what_it_rests() -> None:
    def first_note(name: str, **params: object) -> str:
        return solve(without_discount(name), "value_iteration", **params).notes[0].code

    assert first_note("russell_norvig_4x3") == "gridworld.certified.costs"
    assert first_note("frozen_lake_4x4") == "gridworld.certified.ending"
    discounted = solve(preset("sutton_barto_5x5"), "value_iteration")
    assert [note.code for note in discounted.notes] == ["gridworld.certified.discounted"]
    assert "1,000,000 steps" in str(
        solve(without_discount("frozen_lake_4x4"), "policy_iteration").notes[0]
    )


def test_rounding_is_a_limit_and_said() -> None:
    world = random_world(0, discount=0.9)
    huge = replace(
        world, step_reward=-1e9, rewards=np.full_like(world.rewards, np.nan), teleports={}
    )
    result = solve(huge, "value_iteration", tolerance=1e-9)
    assert [note.code for note in result.notes][1:] == ["gridworld.rounding_reached"]
    assert 1e-9 < result.figures["error_bound"] < 1e-3


def test_a_small_change_is_no_small_error() -> None:
    """With a discount of .999 a change of 1e-6 leaves room for an error of 1e-3."""
    model = model_of_world(replace(without_discount("russell_norvig_4x3"), discount=0.999))
    bound = change_bound(model, 1e-6, np.ones(model.n_states))
    assert bound == pytest.approx(999e-6, rel=1e-6)
    assert change_bound(replace(model, discount=1.0), 1e-6, np.ones(model.n_states)) is None


def test_the_steps_of_a_policy_are_bounded() -> None:
    model = model_of(without_discount("sutton_barto_4x4"))
    by_chance = np.full((model.n_states, 4), 0.25)
    # Each step costs 1, so that the steps are the values.
    assert expected_steps(model, by_chance) == pytest.approx(22, rel=1e-6)
    assert certify_policy(model, by_chance, evaluate(model, by_chance)).bound < 1e-10
