"""In place, block by block, and only where something still changes.

A world is cut into squares that fit into the cache of a processor. A square is backed up a few
times while it is there; squares from which a move leads into it are looked at again only if it
changed. Most of a large world waits most of the time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.backups import Backups
from mlcore.gridworld.world import Numbers

#: Cells along the side of a square.
_SIDE = 32
#: A square is backed up at most so many times before its neighbours are looked at.
_ROUNDS = 8


class Blocks(NamedTuple):
    """A world whose states are sorted by the square that they lie in.

    Parameters
    ----------
    model : Model
        The sorted world.
    order : int array of shape (n_states,)
        The state (of the world as it was) at each place.
    borders : list of int
        Where each square begins, and the number of states behind the last one.
    asking : list of list of int
        For each square those from which a move leads into it, itself left out.
    """

    model: Model
    order: NDArray[np.int_]
    borders: list[int]
    asking: list[list[int]]

    def unsorted(self, values: Numbers) -> Numbers:
        """Return values in the order of the world as it was."""
        found = np.empty(self.model.n_states)
        found[self.order] = values[: self.model.n_states]
        return found


def cut(model: Model) -> Blocks:
    """Return a world cut into squares."""
    row, column = np.divmod(model.cell.astype(np.int32), np.int32(model.columns))
    across = -(-model.columns // _SIDE)
    square = (row // _SIDE) * across + column // _SIDE
    counts = np.bincount(square)
    # Squares of walls only drop out. Small numbers are sorted by their digits, which is faster.
    small = np.uint16 if len(counts) <= 2**16 else np.int32
    square = (np.cumsum(counts > 0) - 1)[square].astype(small)
    order = np.argsort(square, kind="stable")
    counts = counts[counts > 0]
    return Blocks(
        model=_sorted(model, order),
        order=order,
        borders=[0, *np.cumsum(counts).tolist()],
        asking=_asking(model, square, len(counts)),
    )


def _sorted(model: Model, order: NDArray[np.int_]) -> Model:
    new = np.empty(model.n_states, dtype=np.int32)
    new[order] = np.arange(model.n_states, dtype=np.int32)
    return replace(
        model,
        landing=new[model.landing[:, order]],
        reward=model.reward[:, order],
        ends=model.ends[:, order],
        slip=model.slip[order],
        starts=model.starts[order],
        terminal=model.terminal[order],
        terminal_values=model.terminal_values[order],
        cell=model.cell[order],
        layer=model.layer[order],
    )


def _asking(model: Model, square: NDArray[np.integer[Any]], count: int) -> list[list[int]]:
    asks = np.zeros((count, count), dtype=bool)
    for landing in model.landing:
        into = square[landing]
        across = np.flatnonzero(into != square)
        asks[into[across], square[across]] = True
    return [np.flatnonzero(row).tolist() for row in asks]


def settle_all(
    blocks: Blocks,
    backups: Backups,
    values: Numbers,
    threshold: float,
    begin: Iterable[int] | None = None,
) -> Iterator[tuple[int, float]]:
    """Back up squares until none of them changes by more than a threshold.

    Parameters
    ----------
    blocks : Blocks
        The squares.
    backups : Backups
        Those of the sorted world.
    values : float array of shape (n_states + 1,)
        Of the sorted states; is changed.
    threshold : float
        A smaller change is not passed on.
    begin : iterable of int, optional
        The squares to start with; all by default.

    Yields
    ------
    backups : int
        How many states have been backed up by this visit.
    change : float
        The largest change of it.
    """
    waiting = deque(range(len(blocks.asking)) if begin is None else begin)
    is_waiting = np.zeros(len(blocks.asking), dtype=bool)
    is_waiting[list(waiting)] = True
    while waiting:
        block = waiting.popleft()
        is_waiting[block] = False
        first, last = blocks.borders[block], blocks.borders[block + 1]
        settled = backups.settle(values, first, last, _ROUNDS, threshold)
        again = [block] if settled.last > threshold else []
        for asking in [*again, *(blocks.asking[block] if settled.most > threshold else [])]:
            if not is_waiting[asking]:
                is_waiting[asking] = True
                waiting.append(asking)
        yield settled.rounds * (last - first), settled.most
