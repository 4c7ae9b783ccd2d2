"""Loops over states, compiled. Import it through :mod:`~mlcore.gridworld.planning.compiled` only.

States come in rows here (what one state needs lies together), and a move that ends leads to a
place behind the last state, where the value is 0.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mlcore.gridworld.world import Numbers

_numba = importlib.import_module("numba")

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _compiled(function: _Function) -> _Function:
    """Compile a function when it is first called, and keep the result on disk where one may."""
    try:
        made: _Function = _numba.njit(function, cache=True)
    except RuntimeError:
        # No folder to write to: neither beside the source nor in the user's own cache.
        made = _numba.njit(function)
    return made


@_compiled
def best_of_four(
    state: int,
    values: Numbers,
    landing: NDArray[np.int32],
    reward: Numbers,
    slip: Numbers,
    discount: float,
) -> float:
    """Return the value of the best of up, right, down and left, which slip to either side."""
    up = reward[state, 0] + discount * values[landing[state, 0]]
    right = reward[state, 1] + discount * values[landing[state, 1]]
    down = reward[state, 2] + discount * values[landing[state, 2]]
    left = reward[state, 3] + discount * values[landing[state, 3]]
    astray = slip[state]
    upright = max(up, down) * (1 - astray) + astray * (0.5 * left + 0.5 * right)
    level = max(right, left) * (1 - astray) + astray * (0.5 * up + 0.5 * down)
    best: float = max(upright, level)
    return best


@_compiled
def best_of_all(
    state: int,
    values: Numbers,
    landing: NDArray[np.int32],
    reward: Numbers,
    slip: Numbers,
    astray: Numbers,
    discount: float,
) -> float:
    """Return the value of the best move, whatever the moves and the ways to slip."""
    moves = landing.shape[1]
    best = -np.inf
    for action in range(moves):
        worth = 0.0
        for move in range(moves):
            chance = slip[state] * astray[action, move]
            if move == action:
                chance += 1 - slip[state]
            if chance > 0:
                worth += chance * (reward[state, move] + discount * values[landing[state, move]])
        best = max(best, worth)
    return best


@_compiled
def sweep(
    values: Numbers,
    found: Numbers,
    landing: NDArray[np.int32],
    reward: Numbers,
    slip: Numbers,
    astray: Numbers,
    discount: float,
    four: bool,
) -> float:
    """Back up all states from the old values; return the largest change."""
    largest = 0.0
    for state in range(len(landing)):
        if four:
            best = best_of_four(state, values, landing, reward, slip, discount)
        else:
            best = best_of_all(state, values, landing, reward, slip, astray, discount)
        largest = max(largest, abs(best - values[state]))
        found[state] = best
    return largest


@_compiled
def settle(
    values: Numbers,
    first: int,
    last: int,
    rounds: int,
    threshold: float,
    landing: NDArray[np.int32],
    reward: Numbers,
    slip: Numbers,
    astray: Numbers,
    discount: float,
    four: bool,
) -> tuple[float, float, int]:
    """Back up a stretch of states in place, to and fro, until little changes.

    Returns the largest change of all rounds, that of the last one, and the number of rounds.
    """
    most = largest = 0.0
    done = 0
    for number in range(rounds):
        largest = 0.0
        for step in range(last - first):
            state = first + step if number % 2 == 0 else last - 1 - step
            if four:
                best = best_of_four(state, values, landing, reward, slip, discount)
            else:
                best = best_of_all(state, values, landing, reward, slip, astray, discount)
            largest = max(largest, abs(best - values[state]))
            values[state] = best
        done += 1
        most = max(most, largest)
        if largest <= threshold:
            break
    return most, largest, done
