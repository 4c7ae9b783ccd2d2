"""Episodes that are kept until they are over, for agents that learn from them as a whole."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from mlcore.gridworld.learning.agent import Step
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Numbers


class WholeEpisodes:
    """The steps of the episode that each seed is in.

    Parameters
    ----------
    seeds : int
        How many.
    """

    def __init__(self, seeds: int) -> None:
        self._state = np.zeros((seeds, 64), dtype=np.int32)
        self._action = np.zeros((seeds, 64), dtype=np.int8)
        self._reward = np.zeros((seeds, 64))

    def keep(self, step: Step) -> None:
        """Add a step."""
        if step.number.max() >= self._reward.shape[1]:
            self._state, self._action, self._reward = (
                np.concatenate([kept, np.zeros_like(kept)], axis=1)
                for kept in (self._state, self._action, self._reward)
            )
        self._state[step.seed, step.number] = step.state
        self._action[step.seed, step.number] = step.action
        self._reward[step.seed, step.number] = step.reward

    def episode(self, seed: int, length: int) -> tuple[Places, Places, Numbers]:
        """Return states, actions and rewards of a seed's episode, each of shape (length,)."""
        state = self._state[seed, :length].astype(np.intp)
        return state, self._action[seed, :length].astype(np.intp), self._reward[seed, :length]


def returns(rewards: Numbers, discount: float, tail: float) -> Numbers:
    """Return what followed each step, discounted to it.

    Parameters
    ----------
    rewards : float array of shape (length,)
        What the steps paid.
    discount : float
        What a reward a step later is worth.
    tail : float
        What follows the last step, as it counts there: 0 where the episode terminated.

    Returns
    -------
    float array of shape (length,)
    """
    later = accumulate(
        rewards[-2::-1].tolist() if len(rewards) > 1 else [],
        lambda follows, reward: reward + discount * follows,
        initial=float(rewards[-1]) + tail,
    )
    return np.fromiter(later, dtype=float, count=len(rewards))[::-1]
