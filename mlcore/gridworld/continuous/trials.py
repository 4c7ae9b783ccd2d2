"""Episodes of a trained agent that tries nothing any more, to see what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlcore.gridworld.continuous.arena import Arena
from mlcore.gridworld.world import Mask, Numbers


@dataclass(frozen=True, eq=False)
class Trials:
    """What came of many episodes.

    Parameters
    ----------
    returns : float array of shape (n,)
        Discounted sum of rewards of each.
    totals : float array of shape (n,)
        Plain sum of rewards of each.
    steps : int array of shape (n,)
        How many steps each took.
    terminated, reached, broken : bool array of shape (n,)
        Whether it came to an end, whether that was a goal, and whether it had to be broken off
        early because the state left all bounds.
    """

    returns: Numbers
    totals: Numbers
    steps: Numbers
    terminated: Mask
    reached: Mask
    broken: Mask


def play(
    arena: Arena,
    act: Callable[[Numbers], Numbers],
    starts: Numbers,
    rng: np.random.Generator,
    most_steps: int,
) -> Trials:
    """Play one episode from each start.

    Parameters
    ----------
    arena : Arena
        Where.
    act : callable
        From states to actions.
    starts : float array of shape (n, n_inputs)
        Where episodes begin.
    rng : Generator
        Where the chance comes from.
    most_steps : int
        After so many steps whoever still walks stops.
    """
    states, n = starts.copy(), len(starts)
    returns, totals, steps = np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)
    terminated, reached, broken = np.zeros((3, n), dtype=bool)
    going = np.arange(n)
    for number in range(most_steps):
        step = arena.step(states[going], act(states[going]), rng)
        states[going] = step.states
        returns[going] += arena.discount**number * step.rewards
        totals[going] += step.rewards
        steps[going] += 1
        terminated[going] = step.terminated
        reached[going], broken[going] = step.reached, step.broken
        going = going[~(step.terminated | step.broken)]
        if not len(going):
            break
    return Trials(returns, totals, steps, terminated, reached, broken)


def walked(
    arena: Arena,
    act: Callable[[Numbers], Numbers],
    starts: Numbers,
    rng: np.random.Generator,
    most_steps: int,
) -> list[Numbers]:
    """Return the states of one episode from each start, each of shape (n_steps + 1, n_inputs)."""
    found = []
    for start in starts:
        states = [start]
        for _ in range(most_steps):
            here = states[-1][None]
            step = arena.step(here, act(here), rng)
            states.append(step.states[0])
            if step.terminated[0] or step.broken[0]:
                break
        found.append(np.stack(states))
    return found
