"""Without discounting nothing has a value before it is known that episodes end."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from gridworld.solving import PLANNERS, preset, solve
from gridworld.worlds import random_world

from mlcore.errors import UserError
from mlcore.gridworld.learning.exact_lines import Start, prediction_lines
from mlcore.gridworld.model import Model, model_of
from mlcore.gridworld.planning.exact import best_soft, evaluate, optimal
from mlcore.gridworld.planning.linear_programming import smallest_values
from mlcore.gridworld.planning.termination import (
    can_end,
    check_endings,
    ending_actions,
    is_endless,
    resting,
)
from mlcore.gridworld.world import Cell, GridWorld, Teleport, empty_world


def corridor(length: int = 4, **changes: object) -> GridWorld:
    """A row of cells with a terminal at its right end."""
    world = empty_world(1, length)
    world.terminals[0, -1] = True
    return replace(world, discount=1.0, step_reward=-1.0, **changes)  # type: ignore[arg-type]


def walled_in() -> GridWorld:
    world = corridor(5)
    world.walls[0, 2] = True
    return world


ENDLESS = [spec for spec in PLANNERS if spec != "finite_horizon"]


@pytest.mark.parametrize("method", ENDLESS)
def test_a_cell_without_a_way_out_gets_a_sentence(method: str) -> None:
    with pytest.raises(UserError) as caught:
        solve(walled_in(), method)
    assert caught.value.code == "gridworld.no_end"
    assert caught.value.message.parameters == {"count": 2, "row": 0, "column": 0}
    discounted = solve(replace(walled_in(), discount=0.5), method)
    assert discounted.figures["start_value"] < 0


@pytest.mark.parametrize("method", [m for m in ENDLESS if m != "policy_evaluation"])
def test_a_reward_for_ever_gets_a_sentence(method: str) -> None:
    world = corridor()
    world.rewards[0, 0] = 2.5  # bumping into the end of the row pays again and again
    with pytest.raises(UserError) as caught:
        solve(world, method)
    assert caught.value.code == "gridworld.endless_reward"
    assert caught.value.message.parameters["row"] == 0


def test_a_reward_on_a_way_round_that_costs_more_is_no_harm() -> None:
    """Going to and fro pays .5 for a cost of 1: no reason to go on for ever."""
    world = empty_world(1, 4)
    world.terminals[0, -1] = True
    world.rewards[0, 1] = 0.5
    world = replace(world, discount=1.0, step_reward=-1.0, bump_reward=-1.0)
    values = optimal(model_of(world))[0]
    assert values.tolist() == pytest.approx([0.5 - 2, -2, -1, 0])
    found = solve(world, "value_iteration").frames["policy"]
    assert found["value"].tolist() == pytest.approx([-1.5, -2, -1, 0])


def test_a_rest_that_costs_nothing_is_worth_0() -> None:
    """Where all ends are bad and steps are free, the best is not to end."""
    world = replace(corridor(), step_reward=0.0)
    world.rewards[0, -1] = -1.0
    model = model_of(world)
    assert resting(model).tolist() == [True, True, True, False]
    for method in ENDLESS:
        if method != "policy_evaluation":
            assert solve(world, method).frames["policy"]["value"].tolist() == [0, 0, 0, 0], method
    assert smallest_values(model).tolist() == pytest.approx([0, 0, 0, 0])
    for how in ("sweeps", "equations"):
        rested = solve(world, "policy_evaluation", policy="optimal", how=how)
        assert rested.frames["policy"]["value"].tolist() == [0, 0, 0, 0]
        assert rested.figures["error_bound"] <= 1e-6
    assert best_soft(model, 0.1)[1].tolist() == pytest.approx([-1, -1, -1, 0])


def test_a_policy_that_never_ends_has_no_value() -> None:
    model = model_of(corridor())
    left = np.tile([0.0, 0.0, 0.0, 1.0], (model.n_states, 1))
    with pytest.raises(UserError) as caught:
        evaluate(model, left)
    assert caught.value.code == "gridworld.policy_never_ends"
    free = replace(model, reward=np.zeros_like(model.reward))
    assert evaluate(free, left).tolist() == [0, 0, 0, 0]


def test_a_policy_may_end_in_some_cells_and_rest_in_others() -> None:
    world = replace(corridor(5), step_reward=0.0)
    world.rewards[0, -1] = 7.0
    model = model_of(world)
    policy = np.tile([0.0, 1.0, 0.0, 0.0], (model.n_states, 1))
    policy[0] = [0, 0, 0, 1]
    policy[1] = [0, 0.5, 0, 0.5]
    assert evaluate(model, policy).tolist() == pytest.approx([0, 3.5, 7, 7, 0])


def test_endless_worlds() -> None:
    assert is_endless(model_of(preset("sutton_barto_5x5")))  # type: ignore[arg-type]
    assert is_endless(model_of(walled_in()))
    assert not is_endless(model_of(corridor()))
    for discount in (0.9, 1.0):
        model = model_of(replace(corridor(), discount=discount))
        check_endings(model)


def reached_by_walking(model: Model) -> np.ndarray:
    """The same, by asking again and again who can reach whom."""
    found = np.zeros(model.n_states, dtype=bool)
    for _ in range(model.n_states):
        for state, _, outcomes in model.all_outcomes():
            found[state] |= any(outcome.ends or found[outcome.state] for outcome in outcomes)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_who_can_end_is_who_is_reached(seed: int) -> None:
    model = model_of(random_world(seed, rows=3, columns=4, walls=0.3))
    expected = reached_by_walking(model)
    assert can_end(model).tolist() == expected.tolist()
    certain = np.eye(model.n_actions)[ending_actions(model)]
    assert can_end(model, certain).tolist() == expected.tolist()


def test_a_resting_place_holds_whatever_slips() -> None:
    """A move that may slip into a terminal is no rest; one that may slip into a wall is."""
    world = empty_world(2, 3)
    world.terminals[0, 2] = True
    model = model_of(replace(world, slip=0.2, discount=1.0))
    # Beside the terminal, left may slip up or down only, and into the wall: it is a rest.
    assert resting(model).tolist() == [True, True, False, True, True, True]
    below = [action for action in range(4) if any(o.ends for o in model.outcomes(5, action))]
    assert below == [0, 1, 3]
    holes = replace(world, teleports={Cell(1, 2): Teleport(Cell(0, 0), at_once=True)})
    carried = model_of(replace(holes, slip=0.2, discount=1.0))
    assert resting(carried)[:2].all()


def test_free_steps_make_all_ways_equal() -> None:
    """With steps that are free, every cell of the 4x3 world is worth the good end."""
    world = preset("russell_norvig_4x3")
    assert isinstance(world, GridWorld)
    values = solve(replace(world, step_reward=0.0), "policy_iteration").frames["policy"]["value"]
    assert values[~model_of(world).terminal].tolist() == pytest.approx([1] * 9)


def between_cliffs(length: int) -> GridWorld:
    """A corridor along which moves by chance take astronomically long."""
    world = empty_world(3, length)
    world.starts[1, 0] = True
    world.terminals[1, -1] = True
    back = Teleport(to=Cell(1, 0), reward=-100.0, at_once=True)
    cliffs = {Cell(row, column): back for row in (0, 2) for column in range(length)}
    return replace(world, teleports=cliffs, step_reward=-1.0, discount=1.0)


@pytest.mark.parametrize("length", [40, 60, 100])
def test_a_policy_that_takes_too_many_steps_gets_a_sentence(length: int) -> None:
    world = between_cliffs(length)
    for how in ("equations", "sweeps"):
        with pytest.raises(UserError) as caught:
            solve(world, "policy_evaluation", how=how, most_sweeps=10)
        assert caught.value.message.code == "gridworld.too_many_steps"
    best = solve(world, "policy_iteration")
    assert best.figures["start_value"] == pytest.approx(1 - length)
    lines = prediction_lines(
        model_of(world), Start(states=model_of(world).starts, any_action=False)
    )
    assert lines.target is None and not lines.lines
    assert [note.code for note in lines.notes] == ["gridworld.learning.no_lines"]


@pytest.mark.parametrize("method", ["policy_evaluation", "policy_iteration", "value_iteration"])
def test_what_16_digits_cannot_tell_apart_is_no_crash(method: str) -> None:
    for seed in range(12):
        world = replace(random_world(seed, 4, 5), discount=float(np.nextafter(1, 0)))
        with contextlib.suppress(UserError):
            solve(world, method, **({} if method == "policy_iteration" else {"most_sweeps": 50}))
    sure = replace(corridor(), slip=1e-17)
    assert (model_of(sure).slip == 0).all()


def test_a_linear_programme_that_is_not_solved_gets_a_sentence() -> None:
    codes = set()
    for seed in range(12):
        world = random_world(seed, 4, 5, discount=1 - 1e-9)
        try:
            solve(world, "linear_programming")
        except UserError as error:
            codes.add(error.message.code)
    assert codes <= {"gridworld.linear_unsolved"}
