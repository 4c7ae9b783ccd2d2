"""SARSA with a target of several rewards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.action_table import OnPolicy
from mlcore.gridworld.learning.agent import Arena, Step, number
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


class NStepSarsa(OnPolicy):
    """Waits n steps, then learns from the rewards of all of them.

    The last n steps of each seed lie in rings; all seeds write to the same slot. How many of them
    belong to the present episode is told by the number of the step.
    """

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self.n = int(number(values, "n"))
        self._place = np.zeros((self.n, arena.seeds), dtype=np.intp)
        self._reward = np.zeros((self.n, arena.seeds))
        self._slot = -1

    def learn(self, step: Step, follows: Numbers) -> None:  # noqa: D102
        self._slot = (self._slot + 1) % self.n
        row = self.row(step.seed, step.state)
        self._place[self._slot, step.seed] = row * self.n_actions + step.action
        self._reward[self._slot, step.seed] = step.reward
        tail = step.carry * follows
        full = np.flatnonzero(step.number >= self.n - 1)
        self._learn_from(0, step.seed[full], tail[full])
        if step.any_over:
            self._finish(step, tail)

    def _learn_from(self, skipped: int, seed: Places, tail: Numbers) -> None:
        """Move what was done ``n - 1 - skipped`` steps ago towards all that came of it."""
        target = self._reward[self._slot, seed] + tail
        # Added up one by one: a product of matrices rounds by how many seeds there are.
        for back in range(1, self.n - skipped):
            target = self._reward[(self._slot - back) % self.n, seed] + self.discount * target
        first = (self._slot + 1 + skipped) % self.n
        self.move_to(self._place[first, seed], target)

    def _finish(self, step: Step, tail: Numbers) -> None:
        """Learn from the last steps of episodes that are over."""
        for skipped in range(1, self.n):
            left = np.flatnonzero(step.over & (step.number >= self.n - 1 - skipped))
            self._learn_from(skipped, step.seed[left], tail[left])
