"""Worlds as rows of signs: ``#`` wall, ``S`` start, ``T`` terminal, ``.`` free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlcore.gridworld.world import GridWorld, empty_world

WALL, START, TERMINAL, FREE = "#", "S", "T", "."
#: Every sign that a map may hold.
SIGNS = WALL + START + TERMINAL + FREE


def drawn(rows: Sequence[str], name: str) -> GridWorld:
    """Return the world that a map shows.

    Parameters
    ----------
    rows : sequence of str
        Equally long, at least one, of :data:`SIGNS`.
    name : str
        What the world is called.
    """
    signs = np.array([list(row) for row in rows])
    return replace(
        empty_world(len(rows), len(rows[0]), name=name),
        walls=signs == WALL,
        starts=signs == START,
        terminals=signs == TERMINAL,
    )


def map_of(world: GridWorld) -> list[str]:
    """Return the map of a world, one text a row."""
    signs: NDArray[np.str_] = np.select(
        [world.walls, world.starts, world.terminals], [WALL, START, TERMINAL], FREE
    )
    return ["".join(row) for row in signs.tolist()]
