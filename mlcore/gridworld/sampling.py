"""What chance makes of a world: starts, moves that go astray, actions of a policy."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlcore.gridworld.model import Model
from mlcore.gridworld.world import Mask, Numbers

#: Numbers of states, actions or seeds.
Places: TypeAlias = NDArray[np.intp]


class Sampler:
    """Makes steps in a world, many at once. Every chance is taken from numbers that are given.

    Parameters
    ----------
    model : Model
        The world.
    """

    def __init__(self, model: Model) -> None:
        self._n_states = model.n_states
        self._landing = model.landing.astype(np.intp).ravel()
        self._reward = model.reward.ravel()
        self._ends = model.ends.ravel()
        self._slip = model.slip
        self._slips = bool(model.slip.any())
        self._astray = cumulative(model.astray)

    def step(self, state: Places, action: Places, luck: Numbers) -> tuple[Places, Numbers, Mask]:
        """Return where actions lead.

        Parameters
        ----------
        state, action : int array of shape (n,)
            What is done where.
        luck : float array of shape (n,)
            Random numbers from [0, 1). Small ones: the move that was asked for is made.

        Returns
        -------
        state : int array of shape (n,)
            The next states.
        reward : float array of shape (n,)
            What the moves pay.
        ends : bool array of shape (n,)
            Whether they end the episode.
        """
        move = self._made(state, action, luck) if self._slips else action
        at = move * self._n_states + state
        return self._landing[at], self._reward[at], self._ends[at]

    def _made(self, state: Places, action: Places, luck: Numbers) -> Places:
        """Return the moves that are made."""
        slip = self._slip[state]
        over = luck - (1 - slip)
        other = (self._astray[action] * slip[:, None] <= over[:, None]).sum(axis=1)
        made: Places = np.where(over < 0, action, other)
        return made


def cumulative(chances: Numbers) -> Numbers:
    """Return running sums of chances, made for :func:`drawn`.

    Parameters
    ----------
    chances : float array of shape (n, n_outcomes)
        Rows sum to 1.

    Returns
    -------
    float array of shape (n, n_outcomes)
        From the last outcome that is possible on it is 2, so that rounding never gives one that
        is not.
    """
    sums: Numbers = np.cumsum(chances, axis=1)
    last = chances.shape[1] - 1 - np.argmax(chances[:, ::-1] > 0, axis=1)
    sums[np.arange(chances.shape[1]) >= last[:, None]] = 2.0
    return sums


def drawn(sums: Numbers, luck: Numbers) -> Places:
    """Return the outcome that each random number picks.

    Parameters
    ----------
    sums : float array of shape (n, n_outcomes)
        Rows of :func:`cumulative`.
    luck : float array of shape (n,)
        Random numbers from [0, 1).
    """
    places: Places = (sums <= luck[:, None]).sum(axis=1)
    return places


def start_states(starts: Numbers, luck: Numbers) -> Places:
    """Return the states in which episodes begin.

    Parameters
    ----------
    starts : float array of shape (n_states,)
        The chance of each.
    luck : float array of any shape
        Random numbers from [0, 1), one an episode.
    """
    possible = np.flatnonzero(starts > 0)
    sums = np.cumsum(starts[possible])[:-1]
    return possible[np.searchsorted(sums, luck, side="right")]
