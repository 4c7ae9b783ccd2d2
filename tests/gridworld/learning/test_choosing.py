"""Choices: ties at random, exploring as often as it should be, softmax and its gradient."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.gridworld.learning.agent import Luck
from mlcore.gridworld.learning.choosing import (
    EpsilonGreedy,
    any_action,
    best_action,
    by_chance,
    softmax,
)
from mlcore.gridworld.learning.luck import Stream, starts_luck, steps_stream
from mlcore.gridworld.learning.policy_gradient import episode_gradient, log_gradient

EVEN = 3000
LUCK = (np.arange(EVEN) + 0.5) / EVEN


def shares(actions: np.ndarray, n_actions: int = 4) -> np.ndarray:
    return np.bincount(actions, minlength=n_actions) / len(actions)


def test_actions_that_tie_are_equally_likely() -> None:
    values = np.tile([1.0, 3.0, 3.0, 3.0], (EVEN, 1))
    np.testing.assert_allclose(shares(best_action(values, LUCK)), [0, 1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(shares(best_action(values[:, :2], LUCK)), [0, 1, 0, 0])
    np.testing.assert_allclose(shares(any_action(4, LUCK)), [0.25] * 4)


def test_the_highest_number_is_an_action_too() -> None:
    highest = np.array([np.nextafter(1.0, 0.0)])
    for n_actions in range(1, 12):
        assert any_action(n_actions, highest)[0] == n_actions - 1
        assert best_action(np.zeros((1, n_actions)), highest)[0] == n_actions - 1
        assert by_chance(np.full((1, n_actions), 1 / n_actions), highest)[0] < n_actions


def test_exploring_takes_every_action() -> None:
    chooser = EpsilonGreedy({"epsilon": 0.2, "epsilon_decay": "none"}, episodes=10)
    explore, choice = (part.ravel() for part in np.meshgrid(LUCK[::50], LUCK[::50]))
    luck = Luck(explore, choice, np.empty((0, len(choice))))
    values = np.tile([0.0, 2.0, 1.0, 2.0], (len(choice), 1))
    chosen = chooser.choose(values, np.zeros(len(choice), dtype=int), luck)
    np.testing.assert_allclose(shares(chosen), [0.05, 0.45, 0.05, 0.45], atol=0.01)
    worth = chooser.expected(values, np.zeros(len(choice), dtype=int))
    np.testing.assert_allclose(worth, 0.2 * 1.25 + 0.8 * 2)


def test_exploring_falls_to_nothing_in_the_last_episode() -> None:
    chooser = EpsilonGreedy({"epsilon": 0.4, "epsilon_decay": "linear"}, episodes=5)
    chances = chooser.chance(np.arange(6))
    np.testing.assert_allclose(chances, [0.4, 0.3, 0.2, 0.1, 0.0, 0.0], atol=1e-15)
    assert EpsilonGreedy({"epsilon": 0.4, "epsilon_decay": "linear"}, 1).chance(np.zeros(1)) == 0.4


def test_softmax_draws_by_its_chances() -> None:
    chances = softmax(np.tile([0.0, 1.0, -1.0, 500.0], (EVEN, 1))[:, :3])
    np.testing.assert_allclose(chances[0], np.exp([0, 1, -1]) / np.exp([0, 1, -1]).sum())
    np.testing.assert_allclose(shares(by_chance(chances, LUCK), 3), chances[0], atol=1 / EVEN)
    assert softmax(np.array([-800.0, 800.0])).tolist() == [0.0, 1.0]


def test_the_gradient_of_the_softmax_policy_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    preferences, action, width = rng.normal(size=(6, 4)), rng.integers(0, 4, 6), 1e-6
    gradient = log_gradient(softmax(preferences), action)
    rows = np.arange(6)
    for place in range(4):
        moved = width * (np.arange(4) == place)
        up, down = (np.log(softmax(preferences + sign * moved))[rows, action] for sign in (1, -1))
        np.testing.assert_allclose(gradient[:, place], (up - down) / (2 * width), atol=1e-8)


def test_the_gradient_of_an_episode_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(1)
    theta, state = rng.normal(size=(3, 4)), np.array([0, 2, 0, 0, 2])
    action, weight, width = rng.integers(0, 4, 5), rng.normal(size=5), 1e-6

    def score(theta: np.ndarray) -> float:
        return float(weight @ np.log(softmax(theta)[state, action]))

    found = episode_gradient(softmax(theta)[state], state, action, weight, 3)
    for place in np.ndindex(3, 4):
        moved = np.zeros_like(theta)
        moved[place] = width
        expected = (score(theta + moved) - score(theta - moved)) / (2 * width)
        assert found[place] == pytest.approx(expected, abs=1e-8)


def test_the_numbers_of_an_agent_are_its_own() -> None:
    few, many = steps_stream(3, 2), steps_stream(3, 5)
    for _ in range(600):  # more than a block
        np.testing.assert_array_equal(few.draw(), many.draw()[:, :2])
    narrow, wide = Stream(3, 2, 1, 2), Stream(3, 2, 4, 2)
    assert wide.draw()[:, 0].tolist() == [narrow.draw()[0, 0] for _ in range(4)]
    np.testing.assert_array_equal(starts_luck(3, 2, 5), starts_luck(3, 4, 9)[:2, :5])
    everything = np.concatenate(
        [steps_stream(3, 3).draw().ravel(), Stream(3, 3, 3, 2).draw().ravel(),
         starts_luck(3, 3, 3).ravel(), steps_stream(4, 3).draw().ravel()]
    )  # fmt: skip
    assert len(np.unique(everything)) == 36
