"""Grid worlds as plain data: a map of signs, and lists of what else is in cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.drawing import SIGNS, drawn, map_of
from mlcore.gridworld.entries import MOST_TEXT, Entry, checked, misplaced
from mlcore.gridworld.knobs import (
    CELL_REWARD,
    CELL_SLIP,
    CELL_WIND,
    TELEPORT_REWARD,
    WORLD_PARAMS,
    settings_fields,
    settings_of,
)
from mlcore.gridworld.rules import check_inside, check_world
from mlcore.gridworld.strict_json import said, shortened
from mlcore.gridworld.world import MOST_SIDE, Cell, GridWorld, Numbers, Teleport
from mlcore.params import FloatParam

#: What a grid world's file may say, in the order in which it is written.
GRID_KEYS = (
    "name",
    "source",
    "map",
    *(param.name for param in WORLD_PARAMS),
    "rewards",
    "wind",
    "slips",
    "teleports",
)
_MOVES = next(param for param in WORLD_PARAMS if param.name == "moves")
_TELEPORT_KEYS = ("from", "to", "reward", "at_once")


def grid_to_json(world: GridWorld) -> dict[str, Any]:
    """Return plain data that :func:`grid_from_json` reads back exactly."""
    return {
        "name": world.name,
        "source": world.source,
        "map": map_of(world),
        **settings_of(world),
        "moves": world.moves,
        "rewards": _listed(world.rewards),
        "wind": [
            [int(row), int(column), *world.wind[row, column].tolist()]
            for row, column in np.argwhere(world.wind.any(axis=2))
        ],
        "slips": _listed(world.slips),
        "teleports": [
            {
                "from": list(cell),
                "to": list(teleport.to),
                "reward": teleport.reward,
                "at_once": teleport.at_once,
            }
            for cell, teleport in world.teleports.items()
        ],
    }


def _listed(numbers: Numbers) -> list[list[Any]]:
    """Return row, column and number of every cell that has one."""
    has_one = ~np.isnan(numbers)
    rows, columns = (places.tolist() for places in np.nonzero(has_one))
    return [list(item) for item in zip(rows, columns, numbers[has_one].tolist(), strict=True)]


def grid_from_json(entry: Entry) -> GridWorld:
    """Read what :func:`grid_to_json` wrote.

    Raises
    ------
    UserError
        Something is wrong with it; the sentence names the place.
    """
    settings = {param.name: entry.knob(param) for param in WORLD_PARAMS if param.name != "moves"}
    settings["moves"] = _moves(entry)
    world = drawn(_map(entry), name=entry.text("name", default="My world"))
    wind = world.wind.copy()
    for where, cell, values in _placed(entry, "wind", world, "row, column, down, right", 2):
        wind[cell] = [checked(CELL_WIND, value, where) for value in values]
    world = replace(
        world,
        source=entry.text("source", most=2 * MOST_TEXT),
        **settings_fields(settings),
        rewards=_numbers(entry, "rewards", CELL_REWARD, world),
        wind=wind,
        slips=_numbers(entry, "slips", CELL_SLIP, world),
        teleports=_teleports(entry, world),
    )
    return check_world(world)


def _moves(entry: Entry) -> str:
    """Return the number of moves as its knob holds it: text, while the file has a number."""
    number = entry.number("moves", int(str(_MOVES.default)))
    return str(checked(_MOVES, str(number), entry.place("moves")))


def _map(entry: Entry) -> list[str]:
    """Return the rows of the map, checked."""
    rows = entry.entries("map", required=True)
    where = entry.place("map")
    _check_count(where, len(rows))
    for number, row in enumerate(rows):
        if not isinstance(row, str):
            raise UserError(
                "gridworld.file.type", where=f"{where}[{number}]", expected="text", got=said(row)
            )
        _check_count(f"{where}[{number}]", len(row))
        if len(row) != len(rows[0]):
            raise UserError("gridworld.file.ragged", row=number, got=len(row), first=len(rows[0]))
        if wrong := set(row) - set(SIGNS):
            raise UserError("gridworld.file.sign", row=number, sign=shortened(min(wrong)))
    return rows


def _check_count(where: str, count: int) -> None:
    if not 1 <= count <= MOST_SIDE:
        raise UserError("gridworld.file.size", where=where, got=count, most=MOST_SIDE)


def _placed(
    entry: Entry, key: str, world: GridWorld, expected: str, n_values: int
) -> Iterator[tuple[str, Cell, list[Any]]]:
    """Yield place in the file, cell and values of each entry of a list, no cell twice."""
    seen: set[Cell] = set()
    for number, item in enumerate(entry.entries(key)):
        where = entry.place(f"{key}[{number}]")
        cell = _cell(item, where, world, expected, 2 + n_values)
        _check_new(cell, seen, where)
        yield where, cell, item[2:]


def _cell(item: Any, where: str, world: GridWorld, expected: str, length: int) -> Cell:
    """Return the cell that a list begins with, checked, and so the list's length."""
    if not isinstance(item, list):
        raise UserError("gridworld.file.type", where=where, expected="a list", got=said(item))
    if len(item) != length:
        raise UserError("gridworld.file.length", where=where, expected=expected, got=len(item))
    for value in item[:2]:
        if not isinstance(value, int) or isinstance(value, bool):
            raise UserError(
                "gridworld.file.type", where=where, expected="whole numbers", got=said(value)
            )
    try:
        return check_inside(world, Cell(*item[:2]))
    except UserError as error:
        raise misplaced(where, error) from None


def _check_new(cell: Cell, seen: set[Cell], where: str) -> None:
    if cell in seen:
        raise UserError("gridworld.file.twice", where=where, row=cell.row, column=cell.column)
    seen.add(cell)


def _numbers(entry: Entry, key: str, param: FloatParam, world: GridWorld) -> Numbers:
    """Return the numbers of single cells, NaN where a cell has none."""
    numbers = np.full(world.walls.shape, np.nan)
    declared = replace(param, none_label=None)
    for where, cell, (value,) in _placed(entry, key, world, f"row, column, {param.name}", 1):
        numbers[cell] = checked(declared, value, where)
    return numbers


def _teleports(entry: Entry, world: GridWorld) -> dict[Cell, Teleport]:
    found: dict[Cell, Teleport] = {}
    seen: set[Cell] = set()
    for number, item in enumerate(entry.entries("teleports")):
        one = Entry(item, entry.place(f"teleports[{number}]")).only(_TELEPORT_KEYS)
        cell, to = (
            _cell(one.get(key), one.place(key), world, "row, column", 2) for key in ("from", "to")
        )
        _check_new(cell, seen, one.place("from"))
        found[cell] = Teleport(to, one.knob(TELEPORT_REWARD), one.flag("at_once"))
    return found
