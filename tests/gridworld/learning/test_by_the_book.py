"""Agents that learn side by side know what one alone, written as in the book, would know."""

from __future__ import annotations

import numpy as np
import pytest
from gridworld.learning.by_the_book import BOOK
from gridworld.learning.runs import AGENTS, trained
from gridworld.worlds import random_world

from mlcore.gridworld.model import Model, model_of

SEEDS, EPISODES, MOST_STEPS = 3, 10, 10

#: Choices that make a difference, of every agent.
VARIANTS = [
    *((agent, {}) for agent in BOOK),
    *((agent, {"step_size": "average"}) for agent in ("sarsa", "dyna_q", "monte_carlo", "td0")),
    *((agent, {"epsilon": 0.5, "epsilon_decay": "linear"}) for agent in ("sarsa", "q_learning")),
    ("expected_sarsa", {"initial_value": 2.0}),
    ("double_q_learning", {"alpha": 0.7}),
    ("n_step_sarsa", {"n": 1}),
    ("n_step_sarsa", {"n": 40, "initial_value": -1.0}),
    ("sarsa_lambda", {"traces": "accumulating", "lambda": 1.0}),
    ("sarsa_lambda", {"step_size": "average"}),
    ("monte_carlo", {"exploring_starts": True, "epsilon": 0.0}),
    ("td0", {"initial_value": 3.0}),
    ("reinforce", {"baseline": False, "most_change": 0.05}),
    ("reinforce", {"from_start": True, "most_change": None}),
    ("actor_critic", {"from_start": True, "most_change": 0.02, "initial_value": 1.0}),
]


def world(number: int) -> Model:
    return model_of(random_world(number, rows=4, columns=5, discount=0.9))


def test_every_agent_is_held_against_the_book() -> None:
    assert set(BOOK) == set(AGENTS)


@pytest.mark.parametrize(("agent", "changes"), VARIANTS, ids=str)
@pytest.mark.parametrize("number", [8, 29])
def test_it_learns_what_the_book_says(agent: str, changes: dict, number: int) -> None:
    model = world(number)
    params = AGENTS[agent].check(changes)
    size = {"episodes": EPISODES, "most_steps": MOST_STEPS, "seed": 7}
    learnt, record = trained(model, agent, changes, seeds=SEEDS, **size)
    assert record.terminated.any() and not record.terminated.all()
    for seed in range(SEEDS):
        book = BOOK[agent](model, dict(params), agent=seed, **size)
        table = book.run()
        if hasattr(learnt, "by_seed"):
            np.testing.assert_allclose(learnt.by_seed()[seed], table, rtol=1e-9, atol=1e-12)
        else:
            values = learnt.values(np.array([seed]))[0]
            np.testing.assert_allclose(values, table[:, 0], rtol=1e-9, atol=1e-12)
        if hasattr(learnt, "preferences"):
            preferences = learnt.preferences.reshape(SEEDS, *table.shape)[seed]
            np.testing.assert_allclose(preferences, book.theta, rtol=1e-9, atol=1e-12)
