"""The advantage of a step against the sum that defines it."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.gridworld.continuous.advantage import advantages


def by_definition(
    rewards: np.ndarray,
    values: np.ndarray,
    next_values: np.ndarray,
    terminated: np.ndarray,
    broken: np.ndarray,
    discount: float,
    decay: float,
) -> np.ndarray:
    """The double sum over the steps that follow in the same episode."""
    found = np.zeros_like(rewards)
    for room in range(rewards.shape[1]):
        for first in range(len(rewards)):
            for later in range(first, len(rewards)):
                follows = 0.0 if terminated[later, room] else next_values[later, room]
                surprise = rewards[later, room] + discount * follows - values[later, room]
                found[first, room] += (discount * decay) ** (later - first) * surprise
                if terminated[later, room] or broken[later, room]:
                    break
    return found


@pytest.mark.parametrize("decay", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_advantages_are_the_double_sum(discount: float, decay: float) -> None:
    rng = np.random.default_rng(4)
    rewards, values, next_values = rng.standard_normal((3, 12, 5))
    terminated = rng.random((12, 5)) < 0.2
    broken = ~terminated & (rng.random((12, 5)) < 0.2)
    case = (rewards, values, next_values, terminated, broken)
    found = advantages(*case, discount=discount, decay=decay)
    np.testing.assert_allclose(found, by_definition(*case, discount, decay), atol=1e-12)


def test_an_end_and_a_break_are_told_apart() -> None:
    """What would have followed counts after a break, and does not after an end."""
    one, yes, no = np.ones((1, 1)), np.array([[True]]), np.array([[False]])
    kwargs = {"discount": 0.5, "decay": 0.9}
    ended = advantages(one, 0 * one, 8 * one, yes, no, **kwargs)
    broken = advantages(one, 0 * one, 8 * one, no, yes, **kwargs)
    assert (ended.item(), broken.item()) == (1.0, 5.0)


def test_with_full_trust_it_is_return_minus_value() -> None:
    rewards = np.array([[1.0], [2.0], [4.0]])
    values = np.array([[0.3], [0.2], [0.1]])
    ends = np.array([[False], [False], [True]])
    found = advantages(
        rewards,
        values,
        np.array([[0.2], [0.1], [7.0]]),
        ends,
        ~ends & False,
        discount=0.5,
        decay=1.0,
    )
    np.testing.assert_allclose(found[:, 0], [3.0 - 0.3, 4.0 - 0.2, 4.0 - 0.1])
