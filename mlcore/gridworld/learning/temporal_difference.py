"""Agents that learn from the difference between one guess and the next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.action_table import OffPolicy, OnPolicy, StepSize
from mlcore.gridworld.learning.agent import Agent, Arena, Luck, Step, begin_with, number
from mlcore.gridworld.learning.choosing import any_action, best_action
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.spec import Estimates
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


class TD0(Agent):
    """Acts by chance alone, and learns what each state is worth to who does so."""

    estimates = Estimates.BY_CHANCE

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        shape = (arena.seeds, self.n_states)
        first = begin_with(arena.model.terminal, number(values, "initial_value"), shape)
        self.table = first.ravel()
        self.step_size = StepSize(values, self.table.size)

    def start(self, seed: Places, state: Places, episode: Places, luck: Luck) -> Places:  # noqa: D102
        return any_action(self.n_actions, luck.choice)

    def step(self, step: Step, luck: Luck) -> Places:  # noqa: D102
        place = step.seed * self.n_states + step.state
        follows = self.table.take(step.seed * self.n_states + step.next_state)
        old = self.table.take(place)
        target = step.reward + step.carry * follows
        self.table[place] = old + self.step_size.at(place) * (target - old)
        return any_action(self.n_actions, luck.choice)

    def values(self, seed: Places) -> Numbers:  # noqa: D102
        return self.table.reshape(-1, self.n_states)[seed]

    def mean_values(self) -> Numbers:  # noqa: D102
        mean: Numbers = self.table.reshape(-1, self.n_states).mean(axis=0)
        return mean

    def action_values(self) -> Numbers:
        """Return what actions are worth by the learned values, one step looked ahead."""
        return self.arena.model.action_values(self.mean_values())

    def policy(self) -> Numbers | None:  # noqa: D102
        return np.full((self.n_states, self.n_actions), 1 / self.n_actions)


class Sarsa(OnPolicy):
    """Learns what actions are worth to who goes on as it does itself, exploring included."""

    def learn(self, step: Step, follows: Numbers) -> None:  # noqa: D102
        place = self.row(step.seed, step.state) * self.n_actions + step.action
        self.move_to(place, step.reward + step.carry * follows)


class ExpectedSarsa(OffPolicy):
    """As SARSA, but with the mean over the next actions in place of the one that was drawn."""

    def learn(self, step: Step, luck: Luck) -> None:  # noqa: D102
        place = self.row(step.seed, step.state) * self.n_actions + step.action
        follows = self.chooser.expected(self.worth(step.seed, step.next_state), step.episode)
        self.move_to(place, step.reward + step.carry * follows)


class QLearning(OffPolicy):
    """Learns what actions are worth to who acts best from then on."""

    estimates = Estimates.OPTIMUM

    def learn(self, step: Step, luck: Luck) -> None:  # noqa: D102
        place = self.row(step.seed, step.state) * self.n_actions + step.action
        follows = self.worth(step.seed, step.next_state).max(axis=1)
        self.move_to(place, step.reward + step.carry * follows)


class DoubleQLearning(OffPolicy):
    """Two tables: one says which action is best, the other what it is worth."""

    estimates = Estimates.OPTIMUM

    tables = 2

    @property
    def width(self) -> int:  # noqa: D102
        return 2

    def worth(self, seed: Places, state: Places) -> Numbers:
        """Return the mean of both tables, by which it acts."""
        row = self.row(seed, state)
        other = row + self.arena.seeds * self.n_states
        mean: Numbers = (self.by_row.take(row, axis=0) + self.by_row.take(other, axis=0)) / 2
        return mean

    def learn(self, step: Step, luck: Luck) -> None:  # noqa: D102
        rows = self.arena.seeds * self.n_states
        second = luck.extra[0] < 0.5
        learns, judges = np.where(second, rows, 0), np.where(second, 0, rows)
        row, ahead = self.row(step.seed, step.state), self.row(step.seed, step.next_state)
        best = best_action(self.by_row.take(learns + ahead, axis=0), luck.extra[1])
        follows = self.table.take((judges + ahead) * self.n_actions + best)
        place = (learns + row) * self.n_actions + step.action
        self.move_to(place, step.reward + step.carry * follows)

    def by_seed(self) -> Numbers:
        """Return the mean of both tables, shape (seeds, n_states, n_actions)."""
        both = self.table.reshape(2, -1, self.n_states, self.n_actions)
        mean: Numbers = both.mean(axis=0)
        return mean

    def values(self, seed: Places) -> Numbers:  # noqa: D102
        both = self.table.reshape(2, -1, self.n_states, self.n_actions)[:, seed]
        best: Numbers = both.mean(axis=0).max(axis=2)
        return best
