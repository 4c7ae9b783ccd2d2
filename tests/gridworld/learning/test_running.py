"""Lines, errors and sentences of a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.learning.runs import AGENTS, corridor, learn, preset
from gridworld.worlds import random_world

from mlcore.errors import UserError
from mlcore.gridworld.learning import exact_lines, running
from mlcore.gridworld.learning.exact_lines import reachable
from mlcore.gridworld.learning.record import MOST_ERRORS, kept_episodes, replayed_episodes
from mlcore.gridworld.learning.whole_episodes import returns
from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import best_soft, optimal
from mlcore.gridworld.world import empty_world
from mlcore.gridworld.worlds import model_of_world


def lines_of(result: object) -> dict[str, float]:
    return result.frames["lines"].set_index("name")["value"].to_dict()


def test_each_agent_has_the_lines_that_fit_it() -> None:
    size = {"episodes": 2, "seeds": 1}
    soft = learn(corridor(), "sarsa", **size)
    assert list(lines_of(soft)) == ["optimum", "soft_optimum", "soft_greedy"]
    assert lines_of(soft)["optimum"] == pytest.approx(1)
    assert soft.frames["lines"]["label"].tolist() == [
        "Optimum",
        "Best possible while a share of 0.1 of the actions is taken by chance",
        "Knowing the optimum, but acting by chance in a share of 0.1",
    ]
    for agent, params in (("sarsa", {"epsilon": 0.0}), ("sarsa", {"epsilon_decay": "linear"}),
                          ("reinforce", {})):  # fmt: skip
        assert list(lines_of(learn(corridor(), agent, params, **size))) == ["optimum"]
    assert lines_of(learn(corridor(), "td0", **size)) == pytest.approx({"policy_value": 0.5})


@pytest.mark.parametrize("name", ["cliff_walking", "dyna_maze", "frozen_lake_4x4", "small_room"])
def test_who_hardly_explores_is_worth_hardly_less(name: str) -> None:
    # In the maze all actions tie without discounting, and nearly all policies go round for ever.
    model = model_of_world(replace(preset(name), discount=1.0))
    best = float(model.starts @ optimal(model)[0])
    least = AGENTS["sarsa"].params[1].extremes()[1]
    for epsilon in (1e-3, 1e-4, 1e-5, least):
        soft = float(model.starts @ best_soft(model, float(str(epsilon)))[1])
        assert best - 1000 * epsilon < soft < best + 1e-9


def test_agents_that_learn_chances_say_what_is_kept_of_them() -> None:
    size = {"episodes": 2, "seeds": 1}
    codes = {
        agent: [note.code for note in learn(corridor(), agent, **size).notes]
        for agent in ("reinforce", "actor_critic", "sarsa", "td0")
    }
    said = {agent: "gridworld.learning.likeliest" in found for agent, found in codes.items()}
    assert said == {"reinforce": True, "actor_critic": True, "sarsa": False, "td0": False}


def test_with_exploring_starts_the_line_is_that_of_any_beginning() -> None:
    world = preset("sutton_barto_4x4")
    params = {"exploring_starts": True, "epsilon": 0.0, "alpha": 0.3}
    result = learn(world, "monte_carlo", params, episodes=1000, seeds=5)
    model = model_of(world)
    _, action_values = optimal(model)
    expected = action_values[~model.terminal].mean()
    assert lines_of(result)["optimum"] == pytest.approx(expected)
    assert result.figures["last_low"] - 0.1 < expected < result.figures["last_high"] + 0.1
    assert "gridworld.learning.exploring_starts" in [note.code for note in result.notes]


@pytest.mark.parametrize("agent", ["q_learning", "td0", "actor_critic"])
def test_a_world_without_exact_values_is_learnt_all_the_same(agent: str) -> None:
    # A cell from which no terminal can be reached, and no discount.
    world = replace(corridor(), discount=1.0, step_reward=-1.0)
    world.walls[0, 4] = world.walls[0, 2] = True
    world.starts[:] = True
    result = learn(world, agent, episodes=3, seeds=2, most_steps=20)
    assert result.frames["lines"].empty and result.frames["errors"].empty
    assert not {"optimum", "policy_value"} & set(result.figures)
    note = result.notes[0]
    assert note.code == "gridworld.learning.no_lines"
    assert "discount" in str(note)


def test_a_large_world_is_learnt_without_exact_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_lines, "MOST_STATES", 6)
    result = learn(corridor(), "q_learning", episodes=2, seeds=1)
    assert result.notes[0].code == "gridworld.learning.no_lines_size"
    assert learn(corridor(), "td0", episodes=2, seeds=1).notes[0] == result.notes[0]


def test_too_much_to_keep_is_refused_at_once() -> None:
    with pytest.raises(UserError) as caught:
        learn(empty_world(700, 700), "q_learning", seeds=20)
    assert caught.value.code == "gridworld.learning.too_large"
    assert "at most 17 agents" in str(caught.value)
    with pytest.raises(UserError) as caught:
        learn(corridor(), "q_learning", seeds=200, episodes=100_000)
    assert caught.value.code == "gridworld.learning.too_long"
    assert "at most 10,000 episodes" in str(caught.value)
    assert running.MOST_EPISODES == 200 * 10_000


def test_learning_without_limits_ends_in_a_sentence() -> None:
    params = {"alpha": 1.0, "lambda": 1.0, "traces": "accumulating"}
    with pytest.raises(UserError) as caught:
        learn(preset("cliff_walking"), "sarsa_lambda", params, episodes=100, seeds=3)
    assert caught.value.code == "gridworld.learning.diverged"


def test_errors_are_measured_against_the_optimum() -> None:
    # Nothing is learnt by steps so small: the error stays that of the first guess.
    world = corridor(discount=0.5)
    params = {"alpha": 1e-5, "initial_value": 2.0}
    errors = learn(world, "q_learning", params, episodes=3, seeds=2).frames["errors"]
    off = 2 - np.array([0.0625, 0.125, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(errors["rms"], np.sqrt(np.square(off).mean()), rtol=1e-4)
    assert errors[["seed", "episode"]].to_numpy().tolist() == [
        [0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3]
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(15))
def test_what_can_be_reached_is_found_step_by_step(number: int) -> None:
    model = model_of(random_world(number))
    found = set(np.flatnonzero(model.starts).tolist())
    while True:
        ahead = {
            outcome.state
            for state in found
            for action in range(model.n_actions)
            for outcome in model.outcomes(state, action)
            if not outcome.ends
        }
        if ahead <= found:
            break
        found |= ahead
    assert set(np.flatnonzero(reachable(model, model.starts)).tolist()) == found


def test_early_episodes_are_kept_more_densely() -> None:
    assert kept_episodes(200).tolist() == list(range(1, 201))
    kept = kept_episodes(100_000)
    assert len(kept) <= MOST_ERRORS and kept[0] == 1 and kept[-1] == 100_000
    assert (kept <= 100).sum() > 25 and (kept > 50_000).sum() > 40
    assert replayed_episodes(500) == (1, 250, 500)
    assert replayed_episodes(2) == (1, 2) and replayed_episodes(1) == (1,)


def test_a_long_replay_is_cut_off() -> None:
    world = replace(corridor(), terminals=np.zeros((1, 7), dtype=bool), discount=0.9)
    result = learn(world, "q_learning", episodes=3, seeds=1, most_steps=2000)
    replay = result.frames["replay"]
    assert len(replay) <= 5000 and replay["episode"].unique().tolist() == [1, 2, 3]
    assert replay.groupby("episode")["step"].max().gt(1600).all()


def test_returns_are_sums_of_what_follows() -> None:
    rewards = np.array([1.0, 2.0, 4.0])
    assert returns(rewards, 0.5, 0.0).tolist() == [3.0, 4.0, 4.0]
    assert returns(rewards, 0.5, 8.0).tolist() == [5.0, 8.0, 12.0]
    assert returns(rewards[:1], 0.5, 3.0).tolist() == [4.0]


def test_errors_of_who_explores_are_those_of_exploring() -> None:
    # Beside a cliff the two differ much; steps so small again learn nothing.
    world, params = preset("cliff_walking"), {"epsilon": 0.3, "alpha": 1e-5}
    errors = learn(world, "sarsa", params, episodes=1, seeds=2).frames["errors"]
    model = model_of_world(world)
    _, soft = best_soft(model, 0.3)
    off = model.action_values(soft).max(axis=1)[~model.terminal]
    np.testing.assert_allclose(errors["rms"], np.sqrt(np.square(off).mean()), rtol=1e-2)
    params["epsilon_decay"] = "linear"
    errors = learn(world, "sarsa", params, episodes=1, seeds=2).frames["errors"]
    off = optimal(model)[0][~model.terminal]
    np.testing.assert_allclose(errors["rms"], np.sqrt(np.square(off).mean()), rtol=1e-2)
