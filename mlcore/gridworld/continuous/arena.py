"""What an agent with moves of any direction and length can be trained in."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from mlcore.gridworld.world import Mask, Numbers


class Step(NamedTuple):
    """What came of one action in each of many worlds that run side by side.

    Parameters
    ----------
    states : float array of shape (n, n_numbers)
        Where each is now.
    rewards : float array of shape (n,)
        What the step paid.
    terminated : bool array of shape (n,)
        Whether the episode ended: nothing follows.
    broken : bool array of shape (n,)
        Whether it must be broken off, though more would have followed.
    reached : bool array of shape (n,)
        Whether a goal was reached.
    """

    states: Numbers
    rewards: Numbers
    terminated: Mask
    broken: Mask
    reached: Mask


class Arena(Protocol):
    """A world of states and actions that are numbers; many episodes run side by side."""

    @property
    def n_inputs(self) -> int:
        """How many numbers describe a state."""

    @property
    def n_numbers(self) -> int:
        """How many numbers make an action."""

    @property
    def bounded(self) -> bool:
        """Whether no number of an action needs to leave -1 to 1."""

    @property
    def discount(self) -> float:
        """What a reward a step later is worth."""

    def scale(self) -> tuple[Numbers, Numbers]:
        """Return centre and half width of the states, each of shape (n_inputs,)."""

    def starts(self, rng: np.random.Generator, n: int) -> Numbers:
        """Return states in which episodes begin, shape (n, n_inputs)."""

    def step(self, states: Numbers, actions: Numbers, rng: np.random.Generator) -> Step:
        """Return what comes of an action in each state."""


def inputs(arena: Arena, states: Numbers) -> Numbers:
    """Return states as a network sees them: about -1 to 1."""
    centre, half = arena.scale()
    return (states - centre) / half
