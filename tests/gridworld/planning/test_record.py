"""What is kept of a run, and what is told while it goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gridworld.solving import PLANNERS, preset, solve
from gridworld.worlds import random_world

from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import evaluate, optimal
from mlcore.gridworld.planning.record import Thinned, policies_frame
from mlcore.gridworld.planning.starting import lowest_values
from mlcore.gridworld.planning.ties import best_actions
from mlcore.gridworld.policies import probabilities
from mlcore.gridworld.world import GridWorld, empty_world

FIGURES = {"start_value", "error_bound", "sweeps", "backups", "compiled", "seconds"}


@pytest.mark.parametrize("method", PLANNERS)
def test_every_result_has_the_same_frames_and_figures(method: str) -> None:
    world = preset("russell_norvig_4x3_state")
    told: list[tuple[int, int, float | None]] = []
    result = solve(world, method, lambda done, total, value=None: told.append((done, total, value)))
    assert set(result.figures) == FIGURES
    assert list(result.frames["sweeps"]) == ["sweep", "largest_change", "error_bound", "backups"]
    assert list(result.frames["values"]) == ["sweep", "state", "value"]
    sweeps = result.frames["sweeps"]
    assert sweeps["sweep"].tolist() == list(range(len(sweeps)))
    assert sweeps["backups"].is_monotonic_increasing
    assert result.figures["sweeps"] == sweeps["sweep"].iloc[-1]
    assert result.figures["backups"] == sweeps["backups"].iloc[-1]
    assert sweeps["largest_change"].isna().tolist() == [True, *[False] * (len(sweeps) - 1)]
    values = result.frames["values"]
    final = values[values["sweep"] == sweeps["sweep"].iloc[-1]]["value"].to_numpy()
    assert final == pytest.approx(result.frames["policy"]["value"].to_numpy())
    # As shown: the terminals with what they pay.
    assert final[3] == 1 and final[6] == -1
    assert result.figures["start_value"] == pytest.approx(final[7])
    assert result.notes and all(str(note) for note in result.notes)
    done = [share for share, _, _ in told]
    assert done[0] == 0 and done[-1] == told[-1][1] and done == sorted(done)
    assert 4 <= len(told) <= 200


def test_values_of_few_sweeps_are_all_kept_and_of_many_an_even_choice() -> None:
    album = Thinned(30)
    for number in range(1001):
        album.add(number, np.array([float(number)]))
    kept = [number for number, _ in album.items()]
    assert kept[:10] == list(range(10)) and kept[-1] == 1000 and 15 < len(kept) <= 30
    steps = np.diff([number for number in kept if number >= 10][:-1])
    assert len(set(steps[1:])) == 1
    assert all(values[0] == number for number, values in album.items())
    short = Thinned(30)
    for number in range(20):
        short.add(number, np.zeros(1))
    assert [number for number, _ in short.items()] == list(range(20))


def test_frames_stay_small() -> None:
    world = replace(random_world(1, rows=40, columns=40), discount=0.99)
    values = solve(world, "value_iteration", start="zero").frames["values"]
    n_states = model_of(world).n_states
    assert len(values) <= 500_000 and values["sweep"].nunique() > 100
    assert len(values) == n_states * values["sweep"].nunique()


def test_of_large_worlds_the_last_values_are_kept() -> None:
    world = empty_world(61, 60)
    world.terminals[0, 0] = True
    world = replace(world, step_reward=-1.0, discount=0.9)
    for method in ("value_iteration", "policy_iteration", "finite_horizon"):
        result = solve(world, method)
        values = result.frames["values"]
        assert values["sweep"].unique().tolist() == [result.figures["sweeps"]]
        if "policies" in result.frames:
            assert result.frames["policies"]["sweep"].nunique() == 1


def test_policy_iteration_shows_each_improvement() -> None:
    result = solve(preset("sutton_barto_5x5"), "policy_iteration")
    improvements = result.frames["improvements"]
    assert improvements["sweep"].tolist() == list(range(1, len(improvements) + 1))
    assert (improvements["improved"].iloc[:-1] > 0).all() and improvements["improved"].iloc[-1] == 0
    policies = result.frames["policies"]
    assert policies.loc[policies["sweep"] == 0, "arrows"].unique().tolist() == ["↑→↓←"]
    later = policies.loc[policies["sweep"] > 0, "arrows"]
    assert (later.str.len() == 1).all()
    values = result.frames["values"].pivot(index="sweep", columns="state", values="value")
    assert (np.diff(values.to_numpy(), axis=0) >= -1e-9).all()


def test_a_horizon_has_a_policy_for_each_number_of_steps_left() -> None:
    result = solve(preset("dyna_maze"), "finite_horizon", horizon=20)
    policies = result.frames["policies"]
    assert sorted(policies["sweep"].unique()) == list(range(1, 21))
    start = policies[policies["state"] == 17].set_index("sweep")["actions"]
    # Too far away to matter: all moves are alike. With 14 steps there is one way only to begin.
    assert start.loc[1] == "up, right, down, left"
    last = policies[policies["sweep"] == 20].reset_index(drop=True)
    assert last["actions"].tolist() == result.frames["policy"]["actions"].tolist()


def test_policies_name_actions_and_leave_terminals_out() -> None:
    world = empty_world(1, 3)
    world.terminals[0, 2] = True
    model = model_of(world)
    one, other = np.eye(4)[[1, 1, 0]], np.full((3, 4), 0.25)
    frame = policies_frame(model, [(0, one), (7, other)])
    expected = pd.DataFrame(
        {
            "sweep": [0, 0, 0, 7, 7, 7],
            "state": [0, 1, 2] * 2,
            "actions": ["right", "right", "", *["up, right, down, left"] * 2, ""],
            "arrows": ["→", "→", "", *["↑→↓←"] * 2, ""],
        }
    )
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)


def test_ties_are_those_that_the_values_cannot_tell_apart() -> None:
    world = empty_world(1, 3)
    world.terminals[0, [0, 2]] = True
    world.rewards[0, [0, 2]] = 1.0, 1.0 - 1e-7
    model = model_of(replace(world, discount=0.9))
    values = np.array([0.0, 1.0, 0.0])
    worth = model.action_values(values)

    def best(bound: float) -> list[str]:
        chosen = best_actions(model, worth, values, bound)[1]
        return [name for name, taken in zip(model.actions, chosen, strict=True) if taken]

    assert best(0.0) == best(1e-9) == ["left"]
    assert best(1e-7) == best(10.0) == ["right", "left"]


@pytest.mark.parametrize("method", ["value_iteration", "policy_iteration", "linear_programming"])
@pytest.mark.parametrize("discount", [0.9999, 0.99999, 1.0])
@pytest.mark.parametrize("reward", [1.0, 1e3, 1e4, 1e6])
@pytest.mark.parametrize("slip", [0.0, 0.2])
def test_the_policy_that_is_shown_keeps_what_is_promised(
    method: str, discount: float, reward: float, slip: float
) -> None:
    world = empty_world(5, 5)
    world.starts[0, 0] = True
    world.terminals[4, 4] = True
    world.rewards[4, 4] = reward
    world = replace(world, step_reward=-0.04, slip=slip, discount=discount)
    model = model_of(world)
    result = solve(world, method)
    frame = result.frames["policy"]
    worth = model.shown(evaluate(model, probabilities(frame, model)))
    assert (worth >= frame["value"] - result.figures["error_bound"]).all()
    if slip == 0:
        assert frame["actions"][0] == "right, down"


@pytest.mark.parametrize("horizon", [1, 2, 100])
def test_the_moves_of_a_horizon_are_worth_what_is_shown(horizon: int) -> None:
    frame = solve(preset("russell_norvig_4x3"), "finite_horizon", horizon=horizon).frames["policy"]
    moves = frame.filter(like="q:").max(axis=1)[~frame["terminal"]]
    assert moves.tolist() == frame["value"][~frame["terminal"]].tolist()
    assert frame["actions"][2] == "right"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("discount", [0.5, 0.99])
def test_the_lowest_values_are_low_and_no_backup_lowers_them(seed: int, discount: float) -> None:
    model = model_of(random_world(seed, discount=discount))
    low = lowest_values(model)
    assert (low <= optimal(model)[0] + 1e-9).all()
    assert (model.action_values(low).max(axis=1) >= low - 1e-9).all()


def test_corners_that_nothing_leads_out_of_are_exact_at_once() -> None:
    world = empty_world(1, 5)
    world.walls[0, 2] = True
    world.terminals[0, 4] = True
    world = replace(world, step_reward=-1.0, discount=0.99)
    assert lowest_values(model_of(world))[:2].tolist() == pytest.approx([-100, -100])
    from_below = solve(world, "value_iteration", start="lowest")
    assert from_below.figures["sweeps"] <= 3
    assert solve(world, "value_iteration").figures["sweeps"] > 1000


def test_knobs_are_kept_to() -> None:
    world = preset("sutton_barto_5x5")
    assert isinstance(world, GridWorld)
    one = solve(world, "value_iteration", most_sweeps=1)
    assert one.figures["sweeps"] == 1
    # Squares are visited from the first one on, so that the news from the last one spreads late.
    large = replace(empty_world(61, 61), step_reward=-0.04, slip=0.2, discount=0.99)
    large.terminals[-1, -1] = True
    for sweeps in (1, 3):
        stopped = solve(large, "value_iteration", most_sweeps=sweeps)
        assert stopped.figures["sweeps"] == sweeps, stopped.figures
        assert stopped.figures["error_bound"] > 1e-6
        off = stopped.frames["policy"]["value"] - optimal(model_of(large))[0]
        assert off.abs().max() <= stopped.figures["error_bound"]
    rough = solve(world, "value_iteration", tolerance=1.0)
    assert rough.figures["error_bound"] <= 1.0
    assert rough.figures["sweeps"] < solve(world, "value_iteration").figures["sweeps"]
