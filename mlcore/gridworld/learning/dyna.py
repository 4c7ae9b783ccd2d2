"""Q-learning that also learns from what it remembers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlcore.gridworld.learning.agent import Arena, Luck, Step, number
from mlcore.gridworld.learning.temporal_difference import QLearning
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Mask, Numbers
from mlcore.params import ParamValue


class DynaQ(QLearning):
    """After each step, some steps are made again in the head: tabular Dyna-Q."""

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        super().__init__(arena, values)
        self._planning = int(number(values, "planning_steps"))
        self._memory = _Memory(arena) if self._planning else None

    @property
    def width(self) -> int:  # noqa: D102
        return 2 * self._planning

    def learn(self, step: Step, luck: Luck) -> None:  # noqa: D102
        super().learn(step, luck)
        if self._memory is None:
            return
        self._memory.keep(step)
        for which, what in zip(luck.extra[::2], luck.extra[1::2], strict=True):
            place, reward, ahead, carry = self._memory.recall(step.seed, which, what)
            follows = self.by_row.take(ahead, axis=0).max(axis=1)
            self.move_to(place, reward + carry * follows)


class _Memory:
    """What last came of each action that was ever tried."""

    def __init__(self, arena: Arena) -> None:
        self._n_states, self._n_actions = arena.model.n_states, arena.model.n_actions
        rows = arena.seeds * self._n_states
        self._reward = np.zeros(rows * self._n_actions)
        self._carry = np.zeros(rows * self._n_actions)
        self._ahead = np.full(rows * self._n_actions, -1, dtype=np.intp)
        self._states = np.zeros((arena.seeds, self._n_states), dtype=np.int32)
        self._n_seen = np.zeros(arena.seeds, dtype=np.intp)
        self._tried = np.zeros((rows, self._n_actions), dtype=np.int8)
        self._n_tried = np.zeros(rows, dtype=np.intp)

    def keep(self, step: Step) -> None:
        """Remember a step; an older one of the same state and action is forgotten."""
        row = step.seed * self._n_states + step.state
        place = row * self._n_actions + step.action
        self._note_new(step, row, self._ahead[place] < 0)
        self._reward[place], self._carry[place] = step.reward, step.carry
        self._ahead[place] = step.seed * self._n_states + step.next_state

    def _note_new(self, step: Step, row: Places, is_new: Mask) -> None:
        seed, state, action = step.seed[is_new], step.state[is_new], step.action[is_new]
        row = row[is_new]
        first = self._n_tried[row] == 0
        self._states[seed[first], self._n_seen[seed[first]]] = state[first]
        self._n_seen[seed[first]] += 1
        self._tried[row, self._n_tried[row]] = action
        self._n_tried[row] += 1

    def recall(
        self, seed: Places, which: Numbers, what: Numbers
    ) -> tuple[Places, Numbers, Places, Numbers]:
        """Return a step of each seed: a state seen before, and an action tried in it.

        Returns
        -------
        place : int array of shape (n,)
            Of the action in the table.
        reward : float array of shape (n,)
            What it paid.
        ahead : int array of shape (n,)
            Row of the state to which it led.
        carry : float array of shape (n,)
            What the value of that counts.
        """
        state = self._states[seed, (which * self._n_seen[seed]).astype(np.intp)]
        row = seed * self._n_states + state
        action = self._tried[row, (what * self._n_tried[row]).astype(np.intp)]
        place = row * self._n_actions + action
        return place, self._reward[place], self._ahead[place], self._carry[place]
