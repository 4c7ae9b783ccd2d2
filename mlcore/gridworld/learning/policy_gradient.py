"""Agents that learn what to prefer, by the gradient of what they earn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.agent import Agent, Arena, Luck, Step, begin_with, number
from mlcore.gridworld.learning.choosing import by_chance, softmax
from mlcore.gridworld.learning.whole_episodes import WholeEpisodes, returns
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.spec import Estimates
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


def log_gradient(chances: Numbers, action: Places) -> Numbers:
    """Return the gradient of the logarithm of an action's chance by the preferences.

    Parameters
    ----------
    chances : float array of shape (n, n_actions)
        Softmax of the preferences.
    action : int array of shape (n,)
        What was done.

    Returns
    -------
    float array of shape (n, n_actions)
        1 for the action that was taken, less the chance of each.
    """
    gradient = -chances
    gradient[np.arange(len(action)), action] += 1.0
    return gradient


def episode_gradient(
    chances: Numbers, state: Places, action: Places, weight: Numbers, n_states: int
) -> Numbers:
    """Return the sum over an episode of weighted gradients of log-chances.

    Parameters
    ----------
    chances : float array of shape (length, n_actions)
        Of the actions in each step.
    state, action : int arrays of shape (length,)
        What was done where.
    weight : float array of shape (length,)
        How much each step counts.
    n_states : int
        Number of states.

    Returns
    -------
    float array of shape (n_states, n_actions)
    """
    n_actions = chances.shape[1]
    gradient = log_gradient(chances, action) * weight[:, None]
    place = state[:, None] * n_actions + np.arange(n_actions)
    total: Numbers = np.bincount(
        place.ravel(), gradient.ravel(), minlength=n_states * n_actions
    ).astype(float)
    return total.reshape(n_states, n_actions)


class PolicyGradient(Agent):
    """An agent with preferences, whose softmax is its policy, and with values of states."""

    estimates = Estimates.SURER

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self.alpha, self.alpha_value = number(values, "alpha"), number(values, "alpha_value")
        self.most_change = number(values, "most_change") if values["most_change"] else np.inf
        self.fades = self.discount if values["from_start"] else 1.0
        shape = (arena.seeds, self.n_states)
        first = begin_with(arena.model.terminal, number(values, "initial_value"), shape)
        self.worth = first.ravel()
        self.preferences: Numbers = np.zeros((arena.seeds * self.n_states, self.n_actions))

    def row(self, seed: Places, state: Places) -> Places:
        """Return the rows of states."""
        return seed * self.n_states + state

    def start(self, seed: Places, state: Places, episode: Places, luck: Luck) -> Places:  # noqa: D102
        preferences = self.preferences.take(self.row(seed, state), axis=0)
        return by_chance(softmax(preferences), luck.choice)

    def step(self, step: Step, luck: Luck) -> Places:  # noqa: D102
        self.learn(step)
        return self.start(step.seed, step.onward, step.episode, luck)

    @abstractmethod
    def learn(self, step: Step) -> None:
        """Learn from a step."""

    def values(self, seed: Places) -> Numbers:  # noqa: D102
        return self.worth.reshape(-1, self.n_states)[seed]

    def mean_values(self) -> Numbers:  # noqa: D102
        mean: Numbers = self.worth.reshape(-1, self.n_states).mean(axis=0)
        return mean

    def action_values(self) -> Numbers:
        """Return what actions are worth by the learned values, one step looked ahead."""
        return self.arena.model.action_values(self.mean_values())

    def policy(self) -> Numbers | None:  # noqa: D102
        by_seed = self.preferences.reshape(-1, self.n_states, self.n_actions)
        mean: Numbers = softmax(by_seed).mean(axis=0)
        return mean


class Reinforce(PolicyGradient):
    """Waits for the end, then prefers actions the more, the more followed them."""

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self._has_baseline = bool(values["baseline"])
        self._episodes = WholeEpisodes(arena.seeds)

    def learn(self, step: Step) -> None:  # noqa: D102
        self._episodes.keep(step)
        if not step.any_over:
            return
        # A sum that was broken off lacks what the agent would have earned by going on.
        tail = step.carry * self.worth.take(self.row(step.seed, step.next_state))
        for place in np.flatnonzero(step.over):
            self._learn_from(int(step.seed[place]), int(step.number[place]) + 1, float(tail[place]))

    def _learn_from(self, seed: int, length: int, tail: float) -> None:
        state, action, reward = self._episodes.episode(seed, length)
        row = state + seed * self.n_states
        follows = returns(reward, self.discount, tail)
        surprise = follows - self.worth.take(row)
        weight = self.fades ** np.arange(length)
        weight = weight * (surprise if self._has_baseline else follows)
        chances = softmax(self.preferences.take(row, axis=0))
        gradient = episode_gradient(chances, state, action, weight, self.n_states)
        own = slice(seed * self.n_states, (seed + 1) * self.n_states)
        self.preferences[own] += self._limited(self.alpha * gradient)
        visits = np.bincount(state, minlength=self.n_states)
        sums = np.bincount(state, surprise, minlength=self.n_states)
        self.worth[own] += self.alpha_value * sums / np.maximum(visits, 1)

    def _limited(self, change: Numbers) -> Numbers:
        """Return a change that is shortened, but keeps its direction, where it is too large."""
        largest = float(np.abs(change).max())
        return change * (self.most_change / largest) if largest > self.most_change else change


class ActorCritic(PolicyGradient):
    """Learns in each step: a critic says how good it was, an actor prefers by that."""

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self._weight = np.ones(arena.seeds)

    def learn(self, step: Step) -> None:  # noqa: D102
        row = self.row(step.seed, step.state)
        follows = self.worth.take(self.row(step.seed, step.next_state))
        surprise = step.reward + step.carry * follows - self.worth.take(row)
        self.worth[row] += self.alpha_value * surprise
        preferences = self.preferences.take(row, axis=0)
        gradient = log_gradient(softmax(preferences), step.action)
        push = self.alpha * self._weight[step.seed] * surprise
        push = np.clip(push, -self.most_change, self.most_change)
        self.preferences[row] = preferences + push[:, None] * gradient
        self._weight[step.seed] = np.where(step.over, 1.0, self._weight[step.seed] * self.fades)
