"""Every agent keeps the promises of the page, in every small world."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from gridworld.learning.runs import AGENTS, corridor, learn, preset

from mlcore.errors import UserError
from mlcore.gridworld.policies import probabilities
from mlcore.gridworld.presets import PRESETS
from mlcore.gridworld.spec import Family
from mlcore.gridworld.worlds import model_of_world
from mlcore.params import defaults

COLUMNS = {
    "episodes": ["seed", "episode", "return", "discounted_return", "length", "terminated"],
    "errors": ["seed", "episode", "rms"],
    "replay": [
        "seed", "episode", "step", "state", "row", "column", "layer", "action", "reward"
    ],
    "lines": ["name", "label", "value"],
}  # fmt: skip
POLICY = ["state", "row", "column", "layer", "terminal", "actions", "arrows", "value"]

WORLDS = [preset.id for preset in PRESETS if preset.id != "linear_quadratic"]
each = pytest.mark.parametrize("agent", AGENTS)
SMALL = {"episodes": 6, "seeds": 3, "most_steps": 60}


@each
@pytest.mark.parametrize("world", WORLDS)
def test_tables_are_complete(agent: str, world: str) -> None:
    model = model_of_world(preset(world))
    result = learn(preset(world), agent, **SMALL)
    for name, columns in COLUMNS.items():
        assert list(result.frames[name]) == columns
    names = [f"q:{action}" for action in model.actions]
    assert list(result.frames["policy"]) == [*POLICY, *names, "visits"]
    for name, frame in result.frames.items():
        assert np.isfinite(frame.select_dtypes("number").to_numpy(dtype=float)).all(), name
        assert not frame.isna().any().any(), name
    assert all(math.isfinite(value) for value in result.figures.values())
    assert {"start_value", "last_mean", "last_low", "last_high", "seconds"} <= set(result.figures)


@each
def test_tables_agree_with_each_other(agent: str) -> None:
    world = preset("small_room")
    model = model_of_world(world)
    assert model.discount < 1
    result = learn(world, agent, **SMALL)
    episodes, replay = result.frames["episodes"], result.frames["replay"]
    assert episodes["seed"].value_counts().to_dict() == {0: 6, 1: 6, 2: 6}
    assert episodes["episode"].tolist() == [1, 2, 3, 4, 5, 6] * 3
    assert result.frames["policy"]["visits"].sum() == episodes["length"].sum()
    assert (episodes["length"][~episodes["terminated"]] == 60).all()
    kept = episodes[episodes["seed"] == 0].set_index("episode").loc[[1, 3, 6]]
    assert replay["episode"].unique().tolist() == [1, 3, 6]
    by_episode = replay.groupby("episode")
    np.testing.assert_allclose(by_episode["reward"].sum(), kept["return"])
    assert (by_episode["step"].max() == kept["length"]).all()
    ended = model.terminal[by_episode["state"].last()]
    assert (ended == kept["terminated"].to_numpy()).all()
    weights = model.discount ** replay["step"]
    discounted = (weights * replay["reward"]).groupby(replay["episode"]).sum()
    np.testing.assert_allclose(discounted, kept["discounted_return"])


@each
def test_a_replay_follows_the_rules_of_the_world(agent: str) -> None:
    world = preset("russell_norvig_4x3")
    model = model_of_world(world)
    replay = learn(world, agent, **SMALL).frames["replay"]
    for _, walk in replay.groupby("episode"):
        assert model.starts[walk["state"].iloc[0]] > 0
        assert (walk["action"] == "").tolist() == [False] * (len(walk) - 1) + [True]
        for row, following in zip(walk.itertuples(), walk["state"].iloc[1:], strict=False):
            outcomes = model.outcomes(row.state, model.actions.index(row.action))
            assert (following, row.reward) in [(o.state, o.reward) for o in outcomes]


@each
def test_the_same_seed_gives_the_same_numbers(agent: str) -> None:
    one, other = (learn(preset("small_room"), agent, seed=5, **SMALL) for _ in range(2))
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(frame, other.frames[name])
    third = learn(preset("small_room"), agent, seed=6, **SMALL)
    assert not one.frames["episodes"].equals(third.frames["episodes"])


@each
def test_an_agent_does_the_same_however_many_learn_beside_it(agent: str) -> None:
    few, many = (
        learn(preset("frozen_lake_4x4"), agent, episodes=40, seeds=seeds, most_steps=30)
        for seeds in (2, 7)
    )
    for name in ("episodes", "errors", "replay"):
        first = many.frames[name].query("seed < 2").reset_index(drop=True)
        pd.testing.assert_frame_equal(few.frames[name], first)


@each
def test_an_episode_is_the_same_however_many_follow(agent: str) -> None:
    short, long = (learn(preset("small_room"), agent, episodes=n, seeds=2) for n in (5, 9))
    first = long.frames["episodes"].query("episode <= 5").reset_index(drop=True)
    pd.testing.assert_frame_equal(short.frames["episodes"], first)


@each
def test_progress_is_reported(agent: str) -> None:
    told: list[tuple[int, int, float]] = []
    result = learn(
        corridor(), agent, report=lambda *values: told.append(values), episodes=100, seeds=4
    )
    done = [values[0] for values in told]
    assert 5 <= len(told) <= 200 and done == sorted(done) and done[-1] == 400
    assert {values[1] for values in told} == {400}
    assert all(math.isfinite(values[2]) for values in told)
    if len(told) == 200:  # nothing was left out: the means add up
        mean = result.frames["episodes"]["discounted_return"].mean()
        steps = np.diff([0, *done])
        assert np.average([values[2] for values in told], weights=steps) == pytest.approx(mean)


@each
def test_one_agent_and_one_episode_are_enough(agent: str) -> None:
    result = learn(corridor(), agent, episodes=1, seeds=1)
    assert len(result.frames["episodes"]) == 1
    assert "last_mean" in result.figures and "last_low" not in result.figures


@each
def test_extreme_parameters_give_numbers_or_a_sentence(agent: str) -> None:
    spec = AGENTS[agent]
    for param in spec.params:
        for value in param.extremes():
            params = {**defaults(spec.params), param.name: value}
            try:
                result = learn(corridor(3, slip=0.2), agent, params, episodes=8, seeds=2)
            except UserError as error:
                assert error.code == "gridworld.learning.diverged"
                continue
            policy = result.frames["policy"]
            values = policy.select_dtypes("number").to_numpy(dtype=float)
            assert np.isfinite(values).all(), (param.name, value)


@each
def test_its_policy_can_be_followed(agent: str) -> None:
    world = preset("windy_kings_moves")
    policy = probabilities(learn(world, agent, **SMALL).frames["policy"], model_of_world(world))
    np.testing.assert_allclose(policy.sum(axis=1), 1)


@each
def test_its_card_is_complete(agent: str) -> None:
    spec = AGENTS[agent]
    assert spec.family is Family.LEARNING
    for text in (spec.name, spec.summary, spec.use_when, spec.avoid_when, spec.maths):
        assert len(text) > 3
    assert spec.reference.endswith(".") and spec.summary.endswith(".")
    assert any(param.basic for param in spec.params)
    assert len({param.name for param in spec.params}) == len(spec.params)
