"""Drawing a world: brushes, another size, other rules, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.knobs import (
    CELL_REWARD,
    CELL_SLIP,
    MOST_WIND,
    SIZE_PARAMS,
    TELEPORT_REWARD,
    WORLD_PARAMS,
    settings_fields,
    settings_of,
)
from mlcore.gridworld.model import MOVE_NAMES, MOVES
from mlcore.gridworld.rules import check_inside, check_teleport
from mlcore.gridworld.world import MOST_SIDE, Cell, GridWorld, Mask, Numbers, Teleport, empty_world
from mlcore.messages import Message, listing, message
from mlcore.params import BoolParam, ChoiceParam, IntParam, Param, check_values

#: A history keeps at most so many worlds, and fewer of large ones: so many cells in all.
MOST_STEPS, MOST_CELLS = 100, 5_000_000


@dataclass(frozen=True, kw_only=True)
class Brush:
    """What a stroke over cells does to them.

    Parameters
    ----------
    id : str
        Stable name, such as ``"wall"``.
    label, help : str
        What stands beside the brush, and what it does.
    icon : str
        A Material symbol.
    params : tuple of Param
        What can be chosen about it.
    apply : callable
        ``(sheet, cell, values)``: changes one cell of the sheet.
    """

    id: str
    label: str
    help: str
    icon: str
    params: tuple[Param, ...] = ()
    apply: Callable[[_Sheet, Cell, Mapping[str, Any]], None]


class _Sheet:
    """A copy of a world's cells that may be written on."""

    def __init__(self, world: GridWorld) -> None:
        self.world = world
        self.walls: Mask = world.walls.copy()
        self.terminals: Mask = world.terminals.copy()
        self.starts: Mask = world.starts.copy()
        self.rewards: Numbers = world.rewards.copy()
        self.wind: NDArray[np.int_] = world.wind.copy()
        self.slips: Numbers = world.slips.copy()
        self.teleports: dict[Cell, Teleport] = dict(world.teleports)

    def clear(self, cell: Cell) -> None:
        """Make the cell free and empty."""
        self.walls[cell] = self.terminals[cell] = self.starts[cell] = False
        self.rewards[cell] = self.slips[cell] = np.nan
        self.wind[cell] = 0
        self.teleports.pop(cell, None)

    def cut_off(self, target: Cell) -> None:
        """Remove the teleports that lead to a cell."""
        leading = [cell for cell, teleport in self.teleports.items() if teleport.to == target]
        for cell in leading:
            del self.teleports[cell]

    def finished(self) -> GridWorld:
        return replace(
            self.world,
            walls=self.walls,
            terminals=self.terminals,
            starts=self.starts,
            rewards=self.rewards,
            wind=self.wind,
            slips=self.slips,
            teleports=self.teleports,
        )


def _free(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.clear(cell)


def _wall(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.clear(cell)
    sheet.cut_off(cell)
    sheet.walls[cell] = True


def _terminal(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.clear(cell)
    sheet.terminals[cell] = True
    _reward(sheet, cell, values)


def _reward(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.walls[cell] = False
    sheet.rewards[cell] = _number(values["reward"])


def _start(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.walls[cell] = sheet.terminals[cell] = False
    if cell in sheet.teleports and sheet.teleports[cell].at_once:
        del sheet.teleports[cell]
    sheet.starts[cell] = True


def _wind(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.walls[cell] = False
    down, right = MOVES[MOVE_NAMES.index(values["direction"])]
    sheet.wind[cell] = (down * values["strength"], right * values["strength"])


def _slippery(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    sheet.walls[cell] = False
    sheet.slips[cell] = _number(values["chance"])


def _teleport(sheet: _Sheet, cell: Cell, values: Mapping[str, Any]) -> None:
    to = check_inside(sheet.world, Cell(values["row"], values["column"]))
    teleport = Teleport(to=to, reward=values["reward"], at_once=values["at_once"])
    if to == cell and teleport.at_once:
        # A stroke along a cliff may run over the cell that the cliff leads to.
        return
    sheet.walls[cell] = sheet.terminals[cell] = False
    if teleport.at_once:
        sheet.starts[cell] = False
        sheet.cut_off(cell)
    check_teleport(sheet.finished(), cell, teleport)
    sheet.teleports[cell] = teleport


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _place(name: str, label: str) -> IntParam:
    return IntParam(
        name=name,
        label=f"To {label}",
        help=f"The {label} of the cell one is carried to, counted from 0.",
        default=0,
        low=0,
        high=MOST_SIDE - 1,
        basic=True,
    )


#: Everything one can draw with, in the order of a menu.
BRUSHES: tuple[Brush, ...] = (
    Brush(
        id="wall",
        label="Wall",
        help="Cannot be entered. Whatever was in the cell is gone, teleports to it as well.",
        icon=":material/grid_view:",
        apply=_wall,
    ),
    Brush(
        id="terminal",
        label="Terminal",
        help="An episode ends here, with this reward.",
        icon=":material/flag:",
        params=(CELL_REWARD,),
        apply=_terminal,
    ),
    Brush(
        id="reward",
        label="Reward",
        help="The cell gets a reward of its own.",
        icon=":material/paid:",
        params=(CELL_REWARD,),
        apply=_reward,
    ),
    Brush(
        id="start",
        label="Start",
        help="Episodes begin here; with several starts, all alike. With none, anywhere.",
        icon=":material/play_circle:",
        apply=_start,
    ),
    Brush(
        id="wind",
        label="Wind",
        help="Carries on whoever leaves the cell, on top of the move. Strength 0 calms it.",
        icon=":material/air:",
        params=(
            ChoiceParam(
                name="direction",
                label="Direction",
                help="Where the wind blows to.",
                default="up",
                choices={name: name.capitalize() for name in MOVE_NAMES[:8]},
                basic=True,
            ),
            IntParam(
                name="strength",
                label="Strength",
                help="How many cells it carries.",
                default=1,
                low=0,
                high=MOST_WIND,
                basic=True,
            ),
        ),
        apply=_wind,
    ),
    Brush(
        id="slippery",
        label="Slippery",
        help="The cell gets a chance to slip of its own.",
        icon=":material/ac_unit:",
        params=(CELL_SLIP,),
        apply=_slippery,
    ),
    Brush(
        id="teleport",
        label="Teleport",
        help="Carries off to another cell: with the next move, or at once on entering.",
        icon=":material/move_up:",
        params=(
            _place("row", "row"),
            _place("column", "column"),
            TELEPORT_REWARD,
            BoolParam(
                name="at_once",
                label="At once",
                help=(
                    "Whether whoever enters is carried off by the same move, as by a cliff. "
                    "Otherwise the next move does it, whatever it is."
                ),
                default=False,
                basic=True,
            ),
        ),
        apply=_teleport,
    ),
    Brush(
        id="free",
        label="Eraser",
        help="Makes a cell free and empty.",
        icon=":material/ink_eraser:",
        apply=_free,
    ),
)


def paint(
    world: GridWorld, brush: str, cells: Iterable[tuple[int, int]], **values: Any
) -> GridWorld:
    """Return a world in which some cells were painted; what is in the way of it goes.

    Parameters
    ----------
    world : GridWorld
        Stays as it is.
    brush : str
        Id of one of :data:`BRUSHES`.
    cells : iterable of (int, int)
        Row and column of each.
    **values
        Of the brush's knobs; defaults where not given.

    Raises
    ------
    UserError
        There is no such brush or cell, a value is out of range, or a teleport would lead to where
        nobody can stand.
    """
    chosen = find_brush(brush)
    checked = check_values(chosen.label, chosen.params, values)
    sheet = _Sheet(world)
    for row, column in cells:
        chosen.apply(sheet, check_inside(world, Cell(int(row), int(column))), checked)
    return sheet.finished()


def find_brush(id: str) -> Brush:
    """Return the brush of that id.

    Raises
    ------
    UserError
        ``gridworld.unknown_brush``: there is none.
    """
    known = {brush.id: brush for brush in BRUSHES}
    if id not in known:
        raise UserError(
            "gridworld.unknown_brush",
            name=id,
            known=listing(known, most=len(known)),
            suggestion=did_you_mean(id, known),
        )
    return known[id]


def with_settings(world: GridWorld, **values: Any) -> GridWorld:
    """Return a world with other rules.

    Parameters
    ----------
    world : GridWorld
        Stays as it is.
    **values
        Of :data:`~mlcore.gridworld.knobs.WORLD_PARAMS`; what is not given stays.

    Raises
    ------
    UserError
        A name is unknown or a value out of range.
    """
    if "moves" in values:
        values = {**values, "moves": str(values["moves"])}
    checked = check_values(world.name, WORLD_PARAMS, {**settings_of(world), **values})
    return replace(world, **settings_fields(checked))


def resize(world: GridWorld, rows: int, columns: int) -> tuple[GridWorld, tuple[Message, ...]]:
    """Return a world of another size with all that fits, and notes on what did not.

    New cells are free; they come below and to the right.

    Raises
    ------
    UserError
        The size is out of range.
    """
    size: dict[str, Any] = check_values("Size", SIZE_PARAMS, {"rows": rows, "columns": columns})
    blank = empty_world(size["rows"], size["columns"])
    kept = {
        cell: teleport
        for cell, teleport in world.teleports.items()
        if _fits(cell, blank) and _fits(teleport.to, blank)
    }
    cut: dict[str, Any] = {
        name: _cut(getattr(world, name), getattr(blank, name)) for name in _ARRAYS
    }
    resized = replace(world, **cut, teleports=kept)
    return resized, _losses(world, resized)


_ARRAYS = ("walls", "terminals", "starts", "rewards", "wind", "slips")


def _fits(cell: Cell, world: GridWorld) -> bool:
    return cell.row < world.rows and cell.column < world.columns


def _cut(old: NDArray[Any], blank: NDArray[Any]) -> NDArray[Any]:
    """Return as much of an array as fits into a blank one."""
    rows, columns = min(len(old), len(blank)), min(old.shape[1], blank.shape[1])
    blank[:rows, :columns] = old[:rows, :columns]
    return blank


def _losses(before: GridWorld, after: GridWorld) -> tuple[Message, ...]:
    cells = _count_drawn(before) - _count_drawn(after)
    teleports = len(before.teleports) - len(after.teleports)
    notes = (
        message("gridworld.resized.cells", count=cells) if cells else None,
        message("gridworld.resized.teleports", count=teleports) if teleports else None,
    )
    return tuple(note for note in notes if note)


def _count_drawn(world: GridWorld) -> int:
    """Return how many cells hold anything but teleports."""
    held = world.walls | world.terminals | world.starts | world.wind.any(axis=2)
    return int((held | ~np.isnan(world.rewards) | ~np.isnan(world.slips)).sum())


@dataclass(frozen=True)
class History:
    """A world that is being drawn, and the way back.

    Parameters
    ----------
    present : GridWorld
        As it is now.
    past : tuple of GridWorld
        As it was, the latest last; at most 100, fewer of large worlds.
    future : tuple of GridWorld
        What was undone, the next last.
    """

    present: GridWorld
    past: tuple[GridWorld, ...] = ()
    future: tuple[GridWorld, ...] = ()

    def done(self, world: GridWorld) -> History:
        """Return the history after a change; what was undone before is gone."""
        most = max(1, min(MOST_STEPS, MOST_CELLS // world.walls.size))
        return History(world, (*self.past, self.present)[-most:])

    def undo(self) -> History:
        """Return the history one step back; the same one where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redo(self) -> History:
        """Return the history one step on again; the same one where nothing was undone."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])
