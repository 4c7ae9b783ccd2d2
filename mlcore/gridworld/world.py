"""A grid world as it is drawn: cells, what they pay, and how moves go astray."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: A world has at most so many rows and so many columns.
MOST_SIDE = 1000

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


class Cell(NamedTuple):
    """A place: row from the top and column from the left, both from 0."""

    row: int
    column: int


class Convention(StrEnum):
    """When rewards are paid. Published tables differ by nothing else."""

    TRANSITION = "transition"
    STATE = "state"
    EXIT = "exit"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {
            "transition": "When a cell is entered",
            "state": "When a cell is left",
            "exit": "Through an exit",
        }[self.value]

    @property
    def help(self) -> str:
        """What it means, and who uses it."""
        return {
            "transition": (
                "The reward belongs to the move and is paid at once. Sutton and Barto, Gymnasium, "
                "Russell and Norvig since the 4th edition."
            ),
            "state": (
                "The reward belongs to the cell that is left; a terminal pays its own as the "
                "last one. Russell and Norvig up to the 3rd edition."
            ),
            "exit": (
                "A terminal is left by one more move, the exit, which pays its reward a step "
                "later. The grid world of Berkeley's course."
            ),
        }[self.value]


class SlipTo(StrEnum):
    """Where a move that slips goes."""

    SIDEWAYS = "sideways"
    ANYWHERE = "anywhere"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {
            "sideways": "To either side, half each",
            "anywhere": "Anywhere, all moves alike",
        }[self.value]


@dataclass(frozen=True)
class Teleport:
    """A cell from which one is carried off.

    Parameters
    ----------
    to : Cell
        Where one lands.
    reward : float, optional
        Paid instead of any other reward; ``None``: what landing there pays.
    at_once : bool, default False
        Whether whoever enters the cell is carried off by the same move (a cliff), rather than by
        whatever move comes next (Sutton and Barto's cells A and B).
    """

    to: Cell
    reward: float | None = None
    at_once: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class GridWorld:
    """A world on a grid.

    Parameters
    ----------
    name : str
        What it is called.
    source : str, default ""
        The book or paper that it comes from.
    walls, terminals, starts : bool array of shape (rows, columns)
        What cannot be entered, where an episode ends, and where one begins (all alike; every free
        cell where none is given).
    rewards : float array of shape (rows, columns)
        A cell's own reward, paid instead of ``step_reward``; NaN where it has none. A terminal
        without one pays ``step_reward`` on entering, and nothing under the other conventions.
    wind : int array of shape (rows, columns, 2)
        How far wind carries whoever leaves the cell: rows down, columns to the right. It adds to
        the move; the sum is cut off at the border.
    slips : float array of shape (rows, columns)
        A cell's own chance to slip; NaN where it is that of the world.
    teleports : mapping of Cell to Teleport
        Cells that carry off.
    moves : int, default 4
        4 (up, right, down, left), 8 (with diagonals) or 9 (with staying).
    slip : float, default 0
        The chance that a move goes astray, 0 to 1.
    slip_to : SlipTo
        Where it then goes.
    step_reward : float, default 0
        Paid with each move that meets no other reward.
    bump_reward : float, optional
        Paid instead where a wall or the border stops the move.
    convention : Convention
        When rewards are paid.
    discount : float, default 0.9
        What a reward a step later is worth, 0 to 1.
    """

    name: str
    source: str = ""
    walls: Mask
    terminals: Mask
    starts: Mask
    rewards: Numbers
    wind: NDArray[np.int_]
    slips: Numbers
    teleports: Mapping[Cell, Teleport] = field(default_factory=dict)
    moves: int = 4
    slip: float = 0.0
    slip_to: SlipTo = SlipTo.SIDEWAYS
    step_reward: float = 0.0
    bump_reward: float | None = None
    convention: Convention = Convention.TRANSITION
    discount: float = 0.9

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.walls.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns."""
        return int(self.walls.shape[1])

    @property
    def pits(self) -> frozenset[Cell]:
        """Cells that carry off at once: nobody ever stands there."""
        return frozenset(cell for cell, teleport in self.teleports.items() if teleport.at_once)


def empty_world(rows: int, columns: int, name: str = "My world") -> GridWorld:
    """Return a world of free cells.

    Parameters
    ----------
    rows, columns : int
        Its size.
    name : str, optional
        What it is called.
    """
    shape = (rows, columns)
    return GridWorld(
        name=name,
        walls=np.zeros(shape, dtype=bool),
        terminals=np.zeros(shape, dtype=bool),
        starts=np.zeros(shape, dtype=bool),
        rewards=np.full(shape, np.nan),
        wind=np.zeros((*shape, 2), dtype=int),
        slips=np.full(shape, np.nan),
    )
