"""What no world may hold: things in walls, and teleports to nowhere."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.world import Cell, GridWorld, Mask, Teleport


def check_world(world: GridWorld) -> GridWorld:
    """Return the world, if all its cells make sense together.

    Raises
    ------
    UserError
        Something stands on a wall, a start lies where no episode can begin, or a teleport leads
        from or to where it cannot.
    """
    _nothing_on(world.walls, world)
    if bad := _first(world.starts & world.terminals):
        raise UserError("gridworld.start_on_terminal", row=bad.row, column=bad.column)
    for cell, teleport in world.teleports.items():
        check_teleport(world, cell, teleport)
    return world


def check_teleport(world: GridWorld, cell: Cell, teleport: Teleport) -> None:
    """Refuse a teleport from or to where it cannot be."""
    if not is_inside(world, teleport.to):
        raise UserError("gridworld.teleport_outside", **_both(cell, teleport), **_last(world))
    if world.terminals[cell]:
        raise UserError("gridworld.teleport_from_terminal", row=cell.row, column=cell.column)
    if world.starts[cell] and teleport.at_once:
        raise UserError("gridworld.start_on_pit", row=cell.row, column=cell.column)
    if world.walls[teleport.to]:
        raise UserError("gridworld.teleport_to_wall", **_both(cell, teleport))
    if teleport.to in world.pits:
        raise UserError("gridworld.teleport_to_pit", **_both(cell, teleport))


def is_inside(world: GridWorld, cell: Cell) -> bool:
    """Return whether the world has such a cell."""
    return 0 <= cell.row < world.rows and 0 <= cell.column < world.columns


def check_inside(world: GridWorld, cell: Cell) -> Cell:
    """Return the cell, or say in a sentence (``UserError``) that the world has no such cell."""
    if not is_inside(world, cell):
        raise UserError("gridworld.outside", row=cell.row, column=cell.column, **_last(world))
    return cell


def _nothing_on(walls: Mask, world: GridWorld) -> None:
    held = (
        world.terminals
        | world.starts
        | ~np.isnan(world.rewards)
        | ~np.isnan(world.slips)
        | world.wind.any(axis=2)
    )
    if bad := _first(walls & held):
        raise UserError("gridworld.on_wall", row=bad.row, column=bad.column)
    if bad := next((cell for cell in world.teleports if walls[cell]), None):
        raise UserError("gridworld.on_wall", row=bad.row, column=bad.column)


def _first(mask: Mask) -> Cell | None:
    if not mask.any():
        return None
    row, column = np.argwhere(mask)[0]
    return Cell(int(row), int(column))


def _both(cell: Cell, teleport: Teleport) -> dict[str, int]:
    return {
        "row": cell.row,
        "column": cell.column,
        "to_row": teleport.to.row,
        "to_column": teleport.to.column,
    }


def _last(world: GridWorld) -> dict[str, int]:
    return {"last_row": world.rows - 1, "last_column": world.columns - 1}
