"""SARSA that remembers its way: eligibility traces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.action_table import OnPolicy
from mlcore.gridworld.learning.agent import Arena, Step, number
from mlcore.gridworld.world import Numbers
from mlcore.params import ParamValue


class SarsaLambda(OnPolicy):
    """Lets every surprise count for earlier actions too, the less the longer ago they were."""

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self._fades = self.discount * number(values, "lambda")
        self._adds_up = values["traces"] == "accumulating"
        self._trace: Numbers = np.zeros((arena.seeds, self.n_states * self.n_actions))
        self._by_seed = self.table.reshape(self._trace.shape)

    def learn(self, step: Step, follows: Numbers) -> None:  # noqa: D102
        place = self.row(step.seed, step.state) * self.n_actions + step.action
        surprise = step.reward + step.carry * follows - self.table.take(place)
        flat = self._trace.reshape(-1)
        flat[place] = flat[place] + 1.0 if self._adds_up else 1.0
        change = np.zeros((len(self._trace), 1))
        change[step.seed, 0] = self.step_size.at(place) * surprise
        self._by_seed += change * self._trace
        self._trace *= self._fades
        if step.any_over:
            self._trace[step.seed[step.over]] = 0.0
