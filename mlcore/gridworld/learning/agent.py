"""What every agent does: begin an episode, and learn from a step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.spec import Estimates
from mlcore.gridworld.world import Mask, Numbers
from mlcore.params import ParamValue


@dataclass(frozen=True, kw_only=True)
class Arena:
    """Where agents learn, and for how long.

    Parameters
    ----------
    model : Model
        The world.
    seeds : int
        How many agents learn at once, each for itself.
    episodes : int
        How many episodes each of them has.
    most_steps : int
        Episodes that go on so long are broken off.
    """

    model: Model
    seeds: int
    episodes: int
    most_steps: int


class Luck(NamedTuple):
    """Random numbers from [0, 1) for the next choices, one column a seed.

    Parameters
    ----------
    explore : float array of shape (n,)
        Whether to explore.
    choice : float array of shape (n,)
        Which action to take.
    extra : float array of shape (width, n)
        What else the agent asked for.
    """

    explore: Numbers
    choice: Numbers
    extra: Numbers


class Step(NamedTuple):
    """One step of all seeds that still learn, each in an episode of its own.

    Parameters
    ----------
    seed : int array of shape (n,)
        Who made it; each seed at most once.
    state, action : int arrays of shape (n,)
        What was done where.
    reward : float array of shape (n,)
        What it paid.
    next_state : int array of shape (n,)
        Where it led.
    carry : float array of shape (n,)
        What the value of the next state counts: the discount, or 0 where the episode terminated.
        It is the discount too where the episode was only broken off.
    over : bool array of shape (n,)
        Whether the episode is over, terminated or broken off.
    any_over : bool
        Whether any is.
    onward : int array of shape (n,)
        Where the seed acts next: in the next state, or at the start of its next episode.
    number : int array of shape (n,)
        Number of the step within its episode, from 0.
    episode : int array of shape (n,)
        Number of the episode, from 0, in which the seed acts next.
    """

    seed: Places
    state: Places
    action: Places
    reward: Numbers
    next_state: Places
    carry: Numbers
    over: Mask
    any_over: bool
    onward: Places
    number: Places
    episode: Places


class Agent(ABC):
    """One way to learn, for all seeds at once; what they know lies in tables with a seed axis.

    Parameters
    ----------
    arena : Arena
        Where it learns.
    values : mapping
        Its own parameters, complete.
    """

    #: Whether episodes begin in any state, with any action, rather than where the world says.
    exploring_starts = False
    #: What its values tend to.
    estimates = Estimates.EXPLORING

    def __init__(self, arena: Arena, values: Mapping[str, ParamValue]) -> None:
        self.arena = arena
        self.n_states, self.n_actions = arena.model.n_states, arena.model.n_actions
        self.discount = arena.model.discount
        self.most_episodes = arena.episodes

    @property
    def width(self) -> int:
        """Random numbers that it needs in each step, besides the common ones."""
        return 0

    @abstractmethod
    def start(self, seed: Places, state: Places, episode: Places, luck: Luck) -> Places:
        """Return the first actions of episodes."""

    @abstractmethod
    def step(self, step: Step, luck: Luck) -> Places:
        """Learn from a step, and return the actions in ``step.onward``."""

    @abstractmethod
    def values(self, seed: Places) -> Numbers:
        """Return what each state is worth to some of the seeds, shape (n, n_states)."""

    @abstractmethod
    def action_values(self) -> Numbers:
        """Return what each action is worth, mean over seeds, shape (n_states, n_actions)."""

    def policy(self) -> Numbers | None:
        """Return the chance of each action, mean over seeds; ``None``: it follows from values."""
        return None

    def mean_values(self) -> Numbers:
        """Return what each state is worth, mean over seeds, shape (n_states,)."""
        best: Numbers = self.action_values().max(axis=1)
        return best


def number(values: Mapping[str, ParamValue], name: str) -> float:
    """Return a parameter that is a number."""
    return float(str(values[name]))


def begin_with(terminal: Mask, initial: float, shape: tuple[int, ...]) -> Numbers:
    """Return a table of first guesses: terminals 0, since nothing comes after them.

    Parameters
    ----------
    terminal : bool array of shape (n_states,)
        Which states are terminal.
    initial : float
        The guess for all others.
    shape : tuple of int
        (n_seeds, n_states) or (n_seeds, n_states, n_actions).
    """
    table: Numbers = np.full(shape, initial)
    table[:, terminal] = 0.0
    return table
