"""Cells as short texts, for a table that says what the drawing shows.

``.`` free, ``#`` wall, ``S`` start, ``T`` terminal; then, separated by blanks, what else is in the
cell: ``+1`` its reward, ``^2`` ``v1`` ``<1`` ``>3`` wind, ``~0.3`` its chance to slip, ``@3,1`` a
teleport to row 3, column 1, with ``=10`` behind it for its reward and ``!`` at the end for one
that carries off at once. Empty text is a free cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.gridworld.drawing import FREE, START, TERMINAL, WALL
from mlcore.gridworld.knobs import CELL_REWARD, CELL_SLIP, CELL_WIND, TELEPORT_REWARD
from mlcore.gridworld.rules import check_world
from mlcore.gridworld.strict_json import shortened
from mlcore.gridworld.world import MOST_SIDE, Cell, GridWorld, Teleport, empty_world
from mlcore.params import FloatParam

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_REWARD = re.compile(rf"({_NUMBER})")
_SLIP = re.compile(rf"~({_NUMBER})")
_WIND = re.compile(r"([\^vV<>])(\d{1,3})")
_TELEPORT = re.compile(rf"@(\d{{1,4}}),(\d{{1,4}})(?:=({_NUMBER}))?(!?)")
#: Rows down and columns to the right that each sign of wind stands for.
_BLOWS = {"^": (-1, 0), "v": (1, 0), "<": (0, -1), ">": (0, 1)}


def cell_text(world: GridWorld, cell: tuple[int, int]) -> str:
    """Return what is in a cell as text, see the head of this module."""
    return " ".join(_tokens(world, Cell(*cell))) or FREE


def _tokens(world: GridWorld, cell: Cell) -> Iterator[str]:
    for sign, mask in ((WALL, world.walls), (START, world.starts), (TERMINAL, world.terminals)):
        if mask[cell]:
            yield sign
    if not np.isnan(world.rewards[cell]):
        yield _signed(world.rewards[cell])
    down, right = (int(value) for value in world.wind[cell])
    if down:
        yield f"{'v' if down > 0 else '^'}{abs(down)}"
    if right:
        yield f"{'>' if right > 0 else '<'}{abs(right)}"
    if not np.isnan(world.slips[cell]):
        yield f"~{_plain(world.slips[cell])}"
    if teleport := world.teleports.get(cell):
        fee = "" if teleport.reward is None else f"={_plain(teleport.reward)}"
        yield f"@{teleport.to.row},{teleport.to.column}{fee}{'!' if teleport.at_once else ''}"


def _plain(number: float) -> str:
    """Return a number in as few signs as give it back exactly."""
    return repr(float(number)).removesuffix(".0")


def _signed(number: float) -> str:
    text = _plain(number)
    return text if text.startswith("-") else f"+{text}"


def table_of(world: GridWorld) -> pd.DataFrame:
    """Return a world as a table of texts.

    Returns
    -------
    DataFrame
        One row a row of cells, one column (``"0"``, ``"1"``, …) a column; see
        :func:`cell_text`.
    """
    texts = [
        [cell_text(world, (row, column)) for column in range(world.columns)]
        for row in range(world.rows)
    ]
    return pd.DataFrame(texts, columns=[str(column) for column in range(world.columns)], dtype=str)


def world_from_table(frame: pd.DataFrame, world: GridWorld) -> GridWorld:
    """Return the world that a table describes.

    Parameters
    ----------
    frame : DataFrame
        As :func:`table_of` returns it; empty cells are free ones.
    world : GridWorld
        Gives all that is not in cells: name, source and rules.

    Raises
    ------
    UserError
        ``gridworld.cell``: a text cannot be read; the sentence names its place. Or the cells do
        not make sense together, see :func:`~mlcore.gridworld.rules.check_world`.
    """
    rows, columns = frame.shape
    if not (1 <= rows <= MOST_SIDE and 1 <= columns <= MOST_SIDE):
        raise UserError("gridworld.cell.shape", rows=rows, columns=columns, most=MOST_SIDE)
    made = _written_on(empty_world(rows, columns), frame.to_numpy(dtype=object))
    return check_world(replace(made, name=world.name, source=world.source, **_rules(world)))


def _rules(world: GridWorld) -> dict[str, Any]:
    names = ("moves", "slip", "slip_to", "step_reward", "bump_reward", "convention", "discount")
    return {name: getattr(world, name) for name in names}


def _written_on(blank: GridWorld, texts: np.ndarray[Any, Any]) -> GridWorld:
    """Fill a world that nobody else holds with what texts say."""
    teleports: dict[Cell, Teleport] = {}
    for (row, column), text in np.ndenumerate(texts):
        cell = Cell(row, column)
        content = _read(text, cell)
        blank.walls[cell] = content.sign == WALL
        blank.starts[cell] = content.sign == START
        blank.terminals[cell] = content.sign == TERMINAL
        blank.rewards[cell] = content.reward
        blank.slips[cell] = content.slip
        blank.wind[cell] = content.wind
        if content.teleport:
            teleports[cell] = content.teleport
    return replace(blank, teleports=teleports)


@dataclass
class _Content:
    """What a text says of its cell."""

    sign: str = FREE
    reward: float = np.nan
    slip: float = np.nan
    wind: list[int] = field(default_factory=lambda: [0, 0])
    teleport: Teleport | None = None
    said: set[str] = field(default_factory=set)


def _read(text: Any, cell: Cell) -> _Content:
    """Return what a text says, or name the cell in a sentence."""
    content = _Content()
    if not isinstance(text, str):
        text = "" if text is None or text is pd.NA or text != text else str(text)
    try:
        for token in text.split():
            _understand(token, content)
    except UserError as error:
        raise UserError(
            "gridworld.cell",
            text=shortened(text),
            row=cell.row,
            column=cell.column,
            reason=str(error),
        ) from None
    return content


def _understand(token: str, content: _Content) -> None:
    """Add what a token says."""
    if token.upper() in (FREE, WALL, START, TERMINAL):
        _once(content, "sign")
        content.sign = token.upper()
    elif match := _REWARD.fullmatch(token):
        _once(content, "reward")
        content.reward = _checked(CELL_REWARD, match[1])
    elif match := _SLIP.fullmatch(token):
        _once(content, "slip")
        content.slip = _checked(CELL_SLIP, match[1])
    elif match := _WIND.fullmatch(token):
        _blow(content, *_BLOWS[match[1].lower()], int(match[2]))
    elif match := _TELEPORT.fullmatch(token):
        _once(content, "teleport")
        reward = None if match[3] is None else _checked(TELEPORT_REWARD, match[3])
        content.teleport = Teleport(Cell(int(match[1]), int(match[2])), reward, bool(match[4]))
    else:
        raise UserError("gridworld.cell.token", token=shortened(token))


def _checked(param: FloatParam, text: str) -> float:
    return float(str(param.check(float(text))))


def _blow(content: _Content, down: int, right: int, strength: int) -> None:
    _once(content, "wind along rows" if right else "wind along columns")
    CELL_WIND.check(strength)
    content.wind[0] += down * strength
    content.wind[1] += right * strength


def _once(content: _Content, kind: str) -> None:
    if kind in content.said:
        raise UserError("gridworld.cell.twice")
    content.said.add(kind)
