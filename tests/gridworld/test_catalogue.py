"""Methods, plans, and plans as plain data."""

from __future__ import annotations

import json

import pytest

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import (
    METHODS,
    find_method,
    make_plan,
    methods_for,
    methods_of,
    plan_from_json,
    plan_to_json,
    run_plan,
    world_print,
)
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.spec import Family
from mlcore.gridworld.world import empty_world


def test_every_method_has_an_id_of_its_own_and_all_its_words() -> None:
    assert len({spec.id for spec in METHODS}) == len(METHODS)
    for spec in METHODS:
        assert spec.id.isidentifier() and spec.id == spec.id.lower()
        for words in (spec.name, spec.summary, spec.use_when, spec.avoid_when, spec.reference):
            assert words.strip()
        assert find_method(spec.id) is spec


def test_methods_come_family_by_family() -> None:
    assert methods_of(*Family) == METHODS
    assert {spec.family for spec in methods_of(Family.LEARNING)} == {Family.LEARNING}


def test_a_misspelt_method_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean “q_learning”"):
        find_method("q_lerning")


def test_each_kind_of_world_has_the_methods_that_suit_it() -> None:
    cells = {Family.PLANNING, Family.LEARNING}
    assert set(methods_for(GymnasiumWorld(id="Taxi-v4"))) == cells
    assert set(methods_for(LinearQuadratic())) == {Family.CONTINUOUS}
    assert set(methods_for(empty_world(2, 2))) == {*cells, Family.CONTINUOUS}


def test_a_method_is_refused_in_a_world_that_does_not_suit_it() -> None:
    with pytest.raises(UserError) as caught:
        make_plan(LinearQuadratic(), "value_iteration")
    assert caught.value.code == "gridworld.method.no_cells"
    with pytest.raises(UserError) as caught:
        make_plan(GymnasiumWorld(id="Taxi-v4"), "expected_utility")
    assert caught.value.code == "gridworld.method.few_moves"


def test_a_plan_is_complete_and_checked() -> None:
    plan = make_plan(empty_world(2, 2), "q_learning", {"alpha": 0.5}, {"seeds": 3.0})
    assert plan.params["alpha"] == 0.5
    assert set(plan.params) == {param.name for param in find_method("q_learning").params}
    assert plan.setting == {"episodes": 500, "seeds": 3, "most_steps": 1000, "seed": 0}
    for params, setting in (
        ({"alpha": 7}, {}),
        ({"alfa": 0.5}, {}),
        ({}, {"seeds": 0}),
        ({}, {"x": 1}),
    ):
        with pytest.raises(UserError):
            make_plan(empty_world(2, 2), "q_learning", params, setting)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_plan_survives_as_plain_data(preset) -> None:
    world = preset.make()
    for methods in methods_for(world).values():
        for spec in methods:
            plan = make_plan(world, spec.id, setting=None)
            plain = plan_to_json(plan)
            again = plan_from_json(json.loads(json.dumps(plain)))
            assert plan_to_json(again) == plain
            assert (again.params, again.setting) == (plan.params, plan.setting)


def test_the_name_of_a_world_does_not_tell_it_from_others() -> None:
    one, other = empty_world(3, 3, "one"), empty_world(3, 3, "other")
    assert world_print(one) == world_print(other)
    other.walls[0, 0] = True
    assert world_print(one) != world_print(other)


def test_a_plan_that_is_run_tells_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    world = find_preset("sutton_barto_4x4").make()
    plan = make_plan(world, "q_learning", setting={"episodes": 40, "seeds": 2})
    result = run_plan(plan, lambda done, total, value=None: seen.append((done, total)))
    assert result.plan is plan
    assert seen[-1][0] == seen[-1][1]
    assert 5 <= len(seen) <= 210
