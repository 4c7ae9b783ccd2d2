"""Agents that keep what each action is worth in a table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.agent import Agent, Arena, Luck, Step, begin_with, number
from mlcore.gridworld.learning.choosing import EpsilonGreedy
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


class StepSize:
    """How far an estimate moves towards what was just seen.

    Parameters
    ----------
    values : mapping
        ``step_size``: ``"constant"`` or ``"average"``, and ``alpha``.
    size : int
        How many estimates there are.
    """

    def __init__(self, values: Mapping[str, ParamValue], size: int) -> None:
        self._alpha = number(values, "alpha")
        self._averages = values["step_size"] == "average"
        self._updates = np.zeros(size if self._averages else 0, dtype=np.int32)

    def at(self, places: Places) -> Numbers | float:
        """Count an update of these estimates, each at most once, and return its step size."""
        if not self._averages:
            return self._alpha
        self._updates[places] += 1
        return 1.0 / self._updates[places]


class ActionTable(Agent):
    """An agent with a table Q of what each action is worth, and an epsilon-greedy choice.

    The table is one long array; a row is a state of a seed, and a place an action in it.
    """

    #: How many tables there are one behind the other.
    tables = 1

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        shape = (self.tables * arena.seeds, self.n_states, self.n_actions)
        first = begin_with(arena.model.terminal, number(values, "initial_value"), shape)
        self.table = first.ravel()
        self.by_row = self.table.reshape(-1, self.n_actions)
        self.step_size = StepSize(values, self.table.size)
        self.chooser = EpsilonGreedy(values, arena.episodes)

    def row(self, seed: Places, state: Places) -> Places:
        """Return the rows of states."""
        return seed * self.n_states + state

    def worth(self, seed: Places, state: Places) -> Numbers:
        """Return what each action is worth in states, shape (n, n_actions)."""
        return self.by_row.take(self.row(seed, state), axis=0)

    def start(self, seed: Places, state: Places, episode: Places, luck: Luck) -> Places:  # noqa: D102
        return self.chooser.choose(self.worth(seed, state), episode, luck)

    def move_to(self, places: Places, target: Numbers) -> None:
        """Move estimates, each at most once, towards targets."""
        old = self.table.take(places)
        self.table[places] = old + self.step_size.at(places) * (target - old)

    def by_seed(self) -> Numbers:
        """Return the table, shape (seeds, n_states, n_actions)."""
        return self.table.reshape(-1, self.n_states, self.n_actions)

    def values(self, seed: Places) -> Numbers:  # noqa: D102
        best: Numbers = self.by_seed()[seed].max(axis=2)
        return best

    def action_values(self) -> Numbers:  # noqa: D102
        mean: Numbers = self.by_seed().mean(axis=0)
        return mean


class OffPolicy(ActionTable):
    """An agent that learns first and chooses then, since its target needs no next action."""

    def step(self, step: Step, luck: Luck) -> Places:  # noqa: D102
        self.learn(step, luck)
        return self.start(step.seed, step.onward, step.episode, luck)

    @abstractmethod
    def learn(self, step: Step, luck: Luck) -> None:
        """Learn from a step."""


class OnPolicy(ActionTable):
    """An agent that chooses its next action first and learns from that choice."""

    def step(self, step: Step, luck: Luck) -> Places:  # noqa: D102
        worth = self.worth(step.seed, step.next_state)
        action = self.chooser.choose(worth, step.episode, luck)
        follows = worth[np.arange(len(action)), action]
        self.learn(step, follows)
        return self._restarted(step, action, luck) if step.any_over else action

    @abstractmethod
    def learn(self, step: Step, follows: Numbers) -> None:
        """Learn from a step, when the action chosen next is worth ``follows``, shape (n,)."""

    def _restarted(self, step: Step, action: Places, luck: Luck) -> Places:
        """Return actions in which seeds whose episode is over begin the next one."""
        over = np.flatnonzero(step.over)
        fresh = Luck(luck.explore[over], luck.choice[over], luck.extra[:, over])
        action[over] = self.start(step.seed[over], step.onward[over], step.episode[over], fresh)
        return action
