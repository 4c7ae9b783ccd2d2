"""Monte Carlo: what actions are worth is the mean of what followed them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.action_table import ActionTable
from mlcore.gridworld.learning.agent import Arena, Luck, Step
from mlcore.gridworld.learning.choosing import any_action
from mlcore.gridworld.learning.whole_episodes import WholeEpisodes, returns
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


class MonteCarlo(ActionTable):
    """Waits for the end, then learns from what followed each action when it was first taken."""

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self.exploring_starts = bool(values["exploring_starts"])
        self._episodes = WholeEpisodes(arena.seeds)

    def start(self, seed: Places, state: Places, episode: Places, luck: Luck) -> Places:  # noqa: D102
        if self.exploring_starts:
            return any_action(self.n_actions, luck.choice)
        return super().start(seed, state, episode, luck)

    def step(self, step: Step, luck: Luck) -> Places:  # noqa: D102
        self._episodes.keep(step)
        if step.any_over:
            self._learn(step)
        worth = self.worth(step.seed, step.onward)
        action = self.chooser.choose(worth, step.episode, luck)
        if self.exploring_starts and step.any_over:
            return np.where(step.over, any_action(self.n_actions, luck.choice), action)
        return action

    def _learn(self, step: Step) -> None:
        # A sum that was broken off lacks what the agent would have earned by going on.
        worth = self.worth(step.seed, step.next_state)
        tail = step.carry * self.chooser.expected(worth, step.episode)
        for place in np.flatnonzero(step.over):
            self._learn_from(int(step.seed[place]), int(step.number[place]) + 1, float(tail[place]))

    def _learn_from(self, seed: int, length: int, tail: float) -> None:
        state, action, reward = self._episodes.episode(seed, length)
        places, first = np.unique(state * self.n_actions + action, return_index=True)
        target: Numbers = returns(reward, self.discount, tail)[first]
        self.move_to(places + seed * self.n_states * self.n_actions, target)
