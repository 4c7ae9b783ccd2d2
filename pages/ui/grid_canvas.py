"""A world to be drawn: cells that are painted with the mouse, a finger or the keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mlcore.gridworld.world import Cell, GridWorld

_HERE = Path(__file__).parent

_CANVAS = st.components.v2.component(
    "grid_canvas",
    html='<div class="world"></div>',
    css=(_HERE / "grid_canvas.css").read_text(encoding="utf-8"),
    js=(_HERE / "grid_canvas.js").read_text(encoding="utf-8"),
)

#: Worlds with a longer side than this are shown as a picture and cannot be painted.
MOST_SIDE = 60


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """Cells that were painted in one go.

    Parameters
    ----------
    number : int
        Counts the strokes of one canvas, from 1.
    brush : str
        Id of the brush; ``"undo"`` and ``"redo"`` stand for these keys, and have no cells.
    values : mapping
        What the brush was set to.
    cells : sequence of Cell
        In the order in which they were painted.
    """

    number: int
    brush: str
    values: Mapping[str, Any]
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Up to which stroke of which canvas the page has heard; a canvas drawn anew counts anew.

    The browser draws strokes that have not been heard over the world, and hands them in again
    where one overtook another.
    """

    canvas: str = ""
    number: int = 0


def look_of(world: GridWorld, cell: Cell) -> dict[str, Any]:
    """Return how a cell is drawn: only what sets it apart from a free one."""
    if world.walls[cell]:
        return {"kind": "wall"}
    look: dict[str, Any] = {"kind": _end(world, cell)} if world.terminals[cell] else {}
    if world.starts[cell]:
        look["start"] = True
    if not math.isnan(world.rewards[cell]):
        look["reward"] = float(world.rewards[cell])
    if world.wind[cell].any():
        look["wind"] = world.wind[cell].tolist()
    if not math.isnan(world.slips[cell]):
        look["slip"] = float(world.slips[cell])
    if (teleport := world.teleports.get(cell)) is not None:
        look |= {"to": list(teleport.to), "fee": teleport.reward, "pit": teleport.at_once}
    return look


def _end(world: GridWorld, cell: Cell) -> str:
    """Tell a terminal to aim at from one to keep away from: it gives nothing, others pay more."""
    paid = np.nan_to_num(world.rewards)
    return "hole" if paid[cell] <= 0 and paid[cell] < paid[world.terminals].max() else "goal"


def draw(
    world: GridWorld,
    brush: str,
    values: Mapping[str, Any],
    look: Mapping[str, Any],
    seen: Seen,
    key: str,
    on_paint: Callable[[str, Sequence[Stroke]], None],
) -> None:
    """Draw the canvas.

    Parameters
    ----------
    world : GridWorld
        At most :data:`MOST_SIDE` rows and columns.
    brush, values : str, mapping
        What a stroke paints with.
    look : mapping
        How a free cell looks after it, see :func:`look_of`.
    seen : Seen
        What the page has heard of.
    key : str
        Of the component.
    on_paint : callable
        Given the name of the canvas and its strokes; those that were seen may be among them, see
        :func:`unheard`.
    """

    def painted() -> None:
        if key in st.session_state:  # else the page was left meanwhile
            _hear(st.session_state[key].painted, on_paint)

    data = {
        "rows": world.rows,
        "columns": world.columns,
        "cells": _looks(world),
        "brush": {"id": brush, "values": dict(values), "look": dict(look)},
        "from": seen.canvas,
        "seen": seen.number,
        "alt": f"World of {world.rows} rows and {world.columns} columns. Arrow keys move, Space "
        "paints, Shift with an arrow key paints along, Ctrl+Z takes back.",
    }
    _CANVAS(data=data, key=key, on_painted_change=painted)


def _looks(world: GridWorld) -> list[dict[str, Any] | None]:
    """Return how the cells are drawn, row by row; ``None`` for free ones, which are most."""
    held = world.walls | world.terminals | world.starts | world.wind.any(axis=2)
    held |= ~np.isnan(world.rewards) | ~np.isnan(world.slips)
    looks: list[dict[str, Any] | None] = [None] * held.size
    for row, column in [*np.argwhere(held).tolist(), *world.teleports]:
        looks[row * world.columns + column] = look_of(world, Cell(row, column))
    return looks


def unheard(seen: Seen, canvas: str, strokes: Sequence[Stroke]) -> list[Stroke]:
    """Return the strokes that are new to a page."""
    heard = seen.number if canvas == seen.canvas else 0
    return [stroke for stroke in strokes if stroke.number > heard]


def _hear(told: Any, on_paint: Callable[[str, Sequence[Stroke]], None]) -> None:
    if told:
        on_paint(str(told["from"]), [_stroke(plain) for plain in told["strokes"]])


def _stroke(plain: Mapping[str, Any]) -> Stroke:
    return Stroke(
        number=int(plain["n"]),
        brush=str(plain["brush"]),
        values=dict(plain["values"]),
        cells=[Cell(int(row), int(column)) for row, column in plain["cells"]],
    )
