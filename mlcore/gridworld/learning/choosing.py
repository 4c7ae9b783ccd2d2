"""How agents choose: mostly the best action, at times any; and by preferences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.agent import Luck, number
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


def best_action(action_values: Numbers, luck: Numbers) -> Places:
    """Return the best actions; ties are broken at random.

    Parameters
    ----------
    action_values : float array of shape (n, n_actions)
        What each action is worth.
    luck : float array of shape (n,)
        Random numbers from [0, 1).
    """
    best = action_values.max(axis=1)
    count = (action_values == best[:, None]).cumsum(axis=1)
    pick = (luck * count[:, -1]).astype(np.intp)
    chosen: Places = (count > pick[:, None]).argmax(axis=1)
    return chosen


def any_action(n_actions: int, luck: Numbers) -> Places:
    """Return actions of which all are equally likely."""
    return (luck * n_actions).astype(np.intp)


def softmax(preferences: Numbers) -> Numbers:
    """Return the chance of each action, shape (..., n_actions) as the preferences."""
    powers = np.exp(preferences - preferences.max(axis=-1, keepdims=True))
    chances: Numbers = powers / powers.sum(axis=-1, keepdims=True)
    return chances


def by_chance(chances: Numbers, luck: Numbers) -> Places:
    """Return actions drawn with these chances.

    Parameters
    ----------
    chances : float array of shape (n, n_actions)
        Rows sum to 1.
    luck : float array of shape (n,)
        Random numbers from [0, 1).
    """
    sums = chances.cumsum(axis=1)
    chosen: Places = (sums <= (luck * sums[:, -1])[:, None]).sum(axis=1)
    chosen[chosen == chances.shape[1]] -= 1
    return chosen


class EpsilonGreedy:
    """The best action, or with the chance epsilon any.

    Parameters
    ----------
    values : mapping
        ``epsilon``, and ``epsilon_decay``: ``"none"`` or ``"linear"``, down to 0 in the last
        episode.
    episodes : int
        How many there will be.
    """

    def __init__(self, values: Mapping[str, ParamValue], episodes: int) -> None:
        self._first = number(values, "epsilon")
        self._falls = values["epsilon_decay"] == "linear"
        self._episodes = max(1, episodes - 1)

    def chance(self, episode: Places) -> Numbers | float:
        """Return epsilon in episodes, which count from 0."""
        if not self._falls:
            return self._first
        left: Numbers = np.maximum(0.0, 1 - episode / self._episodes)
        return self._first * left

    def choose(self, action_values: Numbers, episode: Places, luck: Luck) -> Places:
        """Return an action for each row of values."""
        best = best_action(action_values, luck.choice)
        explores = luck.explore < self.chance(episode)
        return np.where(explores, any_action(action_values.shape[1], luck.choice), best)

    def expected(self, action_values: Numbers, episode: Places) -> Numbers:
        """Return what the states are worth to who chooses so, shape (n,)."""
        chance = self.chance(episode)
        worth: Numbers = chance * action_values.mean(axis=1) + (1 - chance) * action_values.max(
            axis=1
        )
        return worth
