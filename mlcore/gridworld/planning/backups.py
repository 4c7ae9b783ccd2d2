"""Bellman backups of all states at once, of one after the other, and of a stretch of them.

Values have a 0 behind the last state here, shape (n_states + 1,): that is where a move leads
that ends the episode.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.world import Numbers

#: So many states at a time: what they need stays in the cache of a processor.
_STRETCH = 8_192


def with_end(values: Numbers) -> Numbers:
    """Return values with the 0 of what lies beyond an end behind them."""
    return np.append(values, 0.0)


class Settled(NamedTuple):
    """What became of a stretch of states: largest change, that of the last round, rounds."""

    most: float
    last: float
    rounds: int


class Backups(Protocol):
    """Ways to make values of states out of the values of those that follow."""

    @property
    def compiled(self) -> bool:
        """Whether a compiler made it fast."""

    def sweep(self, values: Numbers) -> tuple[Numbers, float]:
        """Back up all states from the old values.

        Returns
        -------
        values : float array of shape (n_states + 1,)
            What the best action of each state is worth.
        change : float
            The largest change.
        """

    def in_place(self, values: Numbers) -> float:
        """Back up one state after the other, each from the newest values.

        Returns
        -------
        float
            The largest change.
        """

    def settle(
        self, values: Numbers, first: int, last: int, rounds: int, threshold: float
    ) -> Settled:
        """Back up the states from ``first`` to ``last`` (exclusive) until little changes.

        Parameters
        ----------
        values : float array of shape (n_states + 1,)
            Is changed.
        first, last : int
            The stretch of states.
        rounds : int
            At most so many times.
        threshold : float
            Stop once no value changes by more than this.
        """


class PlainBackups:
    """Backups with NumPy; one after the other with plain Python.

    Parameters
    ----------
    model : Model
        The world.
    """

    compiled = False

    def __init__(self, model: Model) -> None:
        self.model = model
        self.landing = np.where(model.ends, model.n_states, model.landing)
        self.mixed = _mixing(model)
        self._lists: StateLists | None = None

    def sweep(self, values: Numbers) -> tuple[Numbers, float]:  # noqa: D102
        found = np.empty_like(values)
        found[-1] = 0
        for first in range(0, self.model.n_states, _STRETCH):
            where = slice(first, min(first + _STRETCH, self.model.n_states))
            found[where] = self._best(values, where)
        return found, float(np.abs(found - values).max())

    def in_place(self, values: Numbers) -> float:  # noqa: D102
        if self._lists is None:
            self._lists = StateLists(self.model)
        found = values.tolist()
        largest = self._lists.sweep(found)
        values[:] = found
        return largest

    def settle(  # noqa: D102
        self, values: Numbers, first: int, last: int, rounds: int, threshold: float
    ) -> Settled:
        most = largest = 0.0
        done = 0
        for done in range(1, rounds + 1):  # noqa: B007
            found = self._best(values, slice(first, last))
            largest = float(np.abs(found - values[first:last]).max())
            values[first:last] = found
            most = max(most, largest)
            if largest <= threshold:
                break
        return Settled(most, largest, done)

    def _best(self, values: Numbers, where: slice) -> Numbers:
        model = self.model
        made = values[self.landing[:, where]]
        made *= model.discount
        made += model.reward[:, where]
        if self.mixed is not None:
            worth = self.mixed @ made
        else:
            slip = model.slip[where]
            worth = model.astray @ made
            worth *= slip
            made *= 1 - slip
            worth += made
        best: Numbers = worth.max(axis=0)
        return best


def one_backup(state: int, values: list[float], lists: StateLists) -> float:
    """Return what the best action in a state is worth."""
    landing, reward = lists.landing[state], lists.reward[state]
    discount, slip = lists.discount, lists.slip[state]
    made = [pay + discount * values[target] for pay, target in zip(reward, landing, strict=True)]
    if slip == 0:
        return max(made)
    return max(
        (1 - slip) * made[action]
        + slip * sum(chance * made[move] for move, chance in lists.astray[action])
        for action in range(len(made))
    )


class StateLists:
    """A model as plain lists, which Python walks through faster than through arrays.

    Parameters
    ----------
    model : Model
        The world.
    """

    def __init__(self, model: Model) -> None:
        landing = np.where(model.ends, model.n_states, model.landing)
        self.landing: list[list[int]] = landing.T.tolist()
        self.reward: list[list[float]] = model.reward.T.tolist()
        self.slip: list[float] = model.slip.tolist()
        self.discount = model.discount
        self.astray = [
            [(int(move), float(row[move])) for move in np.flatnonzero(row)] for row in model.astray
        ]

    def sweep(self, values: list[float]) -> float:
        """Back up one state after the other in place; return the largest change."""
        largest = 0.0
        for state in range(len(self.landing)):
            new = one_backup(state, values, self)
            largest = max(largest, abs(new - values[state]))
            values[state] = new
        return largest


def expected(model: Model, made: Numbers) -> Numbers:
    """Return the mean over what an action does, shape (n_actions, n_states).

    Parameters
    ----------
    model : Model
        The world.
    made : float array of shape (n_moves, n_states)
        What each move that is made gives.
    """
    mixed = _mixing(model)
    if mixed is not None:
        return mixed @ made
    return (1 - model.slip) * made + model.slip * (model.astray @ made)


def _mixing(model: Model) -> Numbers | None:
    """Return the chance of each move (column) for each action, if it is the same everywhere.

    All moves of a terminal do the same, so that its slip is of no importance.
    """
    slips = model.slip[~model.terminal]
    slip = float(slips[0])
    if (slips != slip).any():
        return None
    mixed: Numbers = (1 - slip) * np.eye(model.n_actions) + slip * model.astray
    return mixed
