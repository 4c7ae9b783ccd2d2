"""FrozenLake text: rows of S (start), F (frozen), H (hole) and G (goal)."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.drawing import FREE, START, TERMINAL, drawn
from mlcore.gridworld.world import MOST_SIDE, Convention, GridWorld, Numbers, SlipTo
from mlcore.messages import message

#: What each letter is on a map.
_SIGNS = {"S": START, "F": FREE, "H": TERMINAL, "G": TERMINAL}
#: Two moves in three slip there, half of them to each side.
_SLIP = 2 / 3


def is_frozen_lake(text: str) -> bool:
    """Return whether a text is meant as FrozenLake's: letters alone, most of them of its own.

    A wrong letter among them is then told as such.
    """
    letters = re.sub(r"[/\s]", "", text)
    return letters.isalpha() and 2 * sum(letter in _SIGNS for letter in letters) > len(letters)


def from_frozen_lake(text: str, slippery: bool = True, discount: float = 0.99) -> GridWorld:
    """Return the world that FrozenLake text shows.

    Parameters
    ----------
    text : str
        Rows of ``S``, ``F``, ``H`` and ``G``, separated by line ends or by ``/``. A goal pays 1.
    slippery : bool, default True
        Whether two moves in three slip, as in Gymnasium's FrozenLake.
    discount : float, default 0.99
        The text names none.

    Raises
    ------
    UserError
        A letter is none of these, rows differ in length, or there are too many.
    """
    rows = [row for row in re.split(r"[\s/]+", text) if row]
    _check(rows)
    letters = np.array([list(row) for row in rows])
    world = drawn(["".join(_SIGNS[letter] for letter in row) for row in rows], "FrozenLake")
    return replace(
        world,
        source="FrozenLake text",
        rewards=np.where(letters == "G", 1.0, np.nan),
        slip=_SLIP if slippery else 0.0,
        discount=discount,
    )


def _check(rows: list[str]) -> None:
    """Refuse rows that make no lake."""
    for number, row in enumerate(rows, start=1):
        if wrong := next((letter for letter in row if letter not in _SIGNS), None):
            raise UserError("gridworld.lake.letter", number=number, letter=wrong)
        if len(row) != len(rows[0]):
            raise UserError(
                "gridworld.lake.ragged", number=number, got=len(row), first=len(rows[0])
            )
    if not rows or len(rows) > MOST_SIDE or len(rows[0]) > MOST_SIDE:
        columns = max(map(len, rows), default=0)
        raise UserError("gridworld.lake.size", most=MOST_SIDE, rows=len(rows), columns=columns)


def to_frozen_lake(world: GridWorld) -> str:
    """Return a world as FrozenLake text, one line a row.

    The text says where one starts, falls and arrives. Whether it is slippery is an option of
    Gymnasium's, and the discount is one of the agent's; neither is in the text.

    Raises
    ------
    UserError
        ``gridworld.lake.beyond``: the world holds something that the text cannot say; the
        sentence names it.
    """
    if beyond := _beyond(world):
        raise UserError("gridworld.lake.beyond", what=beyond)
    goals = world.terminals & (_paid(world) == 1)
    letters = np.select([world.starts, goals, world.terminals], ["S", "G", "H"], "F")
    return "\n".join("".join(row) for row in letters.tolist()) + "\n"


def _paid(world: GridWorld) -> Numbers:
    """Return what entering each cell pays."""
    return np.where(np.isnan(world.rewards), world.step_reward, world.rewards)


def _beyond(world: GridWorld) -> str:
    """Return the first thing that the text cannot say, or nothing."""
    final, paid = world.terminals, _paid(world)
    reasons = {
        "walls": world.walls.any(),
        "teleports": bool(world.teleports),
        "wind": world.wind.any(),
        "cell_slips": not np.isnan(world.slips).all(),
        "slip": not np.isclose(world.slip, (0.0, _SLIP)).any(),
        "slip_to": world.slip > 0 and world.slip_to is not SlipTo.SIDEWAYS,
        "moves": world.moves != 4,
        "step_reward": world.step_reward != 0,
        "bump_reward": world.bump_reward is not None and world.bump_reward != 0,
        "convention": world.convention is not Convention.TRANSITION,
        "cell_rewards": paid[~final].any(),
        "terminal_rewards": not np.isin(paid[final], (0, 1)).all(),
        "no_start": not world.starts.any(),
    }
    found = next((name for name, holds in reasons.items() if holds), None)
    return str(message(f"gridworld.lake.has.{found}")) if found else ""
