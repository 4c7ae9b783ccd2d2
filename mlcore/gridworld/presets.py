"""Worlds of books and courses, ready to be solved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.drawing import drawn
from mlcore.gridworld.frozen_lake import from_frozen_lake
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.world import Cell, Convention, GridWorld, Teleport
from mlcore.gridworld.worldfile import World
from mlcore.messages import listing

_SUTTON_BARTO = "Sutton and Barto, Reinforcement Learning: An Introduction, 2nd edition (2018)"
_RUSSELL_NORVIG = "Russell and Norvig, Artificial Intelligence: A Modern Approach"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A world that is ready to be used.

    Parameters
    ----------
    id : str
        Stable name for files and the command line, such as ``"cliff_walking"``.
    name : str
        What people call it.
    summary : str
        One or two plain sentences: what is in it, and what it shows.
    source : str
        The book or the program it comes from.
    make : callable
        Returns the world.
    """

    id: str
    name: str
    summary: str
    source: str
    make: Callable[[], World]


def find_preset(id: str) -> Preset:
    """Return the preset of that id.

    Raises
    ------
    UserError
        ``gridworld.unknown_preset``: there is none.
    """
    known = {preset.id: preset for preset in PRESETS}
    if id not in known:
        raise UserError(
            "gridworld.unknown_preset",
            name=id,
            known=listing(known, most=len(known)),
            suggestion=did_you_mean(id, known),
        )
    return known[id]


def _world(
    rows: str,
    name: str,
    source: str,
    rewards: Mapping[Cell, float],
    teleports: Mapping[Cell, Teleport],
    wind_up: str,
    rules: Mapping[str, Any],
) -> GridWorld:
    """Return a drawn world that shares nothing with any other.

    Rows are separated by blanks; ``wind_up`` has the strength of wind of each column.
    """
    world = drawn(rows.split(), name)
    for cell, reward in rewards.items():
        world.rewards[cell] = reward
    world.wind[:, : len(wind_up), 0] = [-int(strength) for strength in wind_up]
    return replace(world, source=source, teleports=dict(teleports), **rules)


def _drawn_preset(
    id: str,
    name: str,
    summary: str,
    source: str,
    rows: str,
    *,
    rewards: Mapping[Cell, float] | None = None,
    teleports: Mapping[Cell, Teleport] | None = None,
    wind_up: str = "",
    **rules: Any,
) -> Preset:
    return Preset(
        id=id,
        name=name,
        summary=summary,
        source=source,
        make=lambda: _world(rows, name, source, rewards or {}, teleports or {}, wind_up, rules),
    )


def _four_by_three(id: str, edition: str, convention: Convention, summary: str) -> Preset:
    """Return the world of four by three cells in the convention of an edition."""
    return _drawn_preset(
        id,
        f"Russell & Norvig 4×3 ({edition} edition)",
        summary,
        f"{_RUSSELL_NORVIG}, {edition} edition, figure 17.1",
        "...T .#.T S...",
        rewards={Cell(0, 3): 1.0, Cell(1, 3): -1.0},
        slip=0.2,
        step_reward=-0.04,
        convention=convention,
        discount=1.0,
    )


def _lake(id: str, side: int, rows: str, source: str) -> Preset:
    name = f"FrozenLake {side}×{side}"

    def make() -> GridWorld:
        world = from_frozen_lake(rows)
        return replace(world, name=name, source=source)

    return Preset(
        id=id,
        name=name,
        summary=(
            "Cross the ice without falling into a hole. Two moves in three slip to one side, so "
            "the best policy often steers away from where it wants to go."
        ),
        source=source,
        make=make,
    )


_WINDY = ".......... .......... .......... S......T.. .......... .......... .........."
_WIND = "0001112210"
_CLIFF_START = Cell(3, 0)
_CLIFF = {
    Cell(3, column): Teleport(to=_CLIFF_START, reward=-100.0, at_once=True)
    for column in range(1, 11)
}

#: In the order of a menu: the first ones are the ones to start with.
PRESETS: tuple[Preset, ...] = (
    _drawn_preset(
        "sutton_barto_5x5",
        "Sutton & Barto 5×5",
        "Two cells pay 10 and 5 and carry the agent away; bumping into the border costs 1. There "
        "is no end, so the discount decides.",
        f"{_SUTTON_BARTO}, examples 3.5 and 3.8, figures 3.2 and 3.5",
        "..... ..... ..... ..... .....",
        teleports={
            Cell(0, 1): Teleport(to=Cell(4, 1), reward=10.0),
            Cell(0, 3): Teleport(to=Cell(2, 3), reward=5.0),
        },
        bump_reward=-1.0,
        discount=0.9,
    ),
    _drawn_preset(
        "sutton_barto_4x4",
        "Sutton & Barto 4×4",
        "Each step costs 1 until a corner is reached. Small enough to follow every sweep by hand.",
        f"{_SUTTON_BARTO}, example 4.1, figure 4.1",
        "T... .... .... ...T",
        step_reward=-1.0,
        discount=1.0,
    ),
    _four_by_three(
        "russell_norvig_4x3_state",
        "3rd",
        Convention.STATE,
        "A wall, a good and a bad end, and moves that slip one time in five. Rewards belong to "
        "the cell that is left.",
    ),
    _four_by_three(
        "russell_norvig_4x3",
        "4th",
        Convention.TRANSITION,
        "The same world with rewards paid on entering: every value is 0.04 higher than in the "
        "3rd edition.",
    ),
    _drawn_preset(
        "berkeley_4x3",
        "Berkeley 4×3",
        "The same walls and ends as in Russell and Norvig's world, but an end is left by one more "
        "move that pays, and steps are free.",
        "University of California, Berkeley, CS 188 Pacman projects (reinforcement learning), "
        "gridworld.py, BookGrid with its default noise and discount",
        "...T .#.T S...",
        rewards={Cell(0, 3): 1.0, Cell(1, 3): -1.0},
        slip=0.2,
        convention=Convention.EXIT,
        discount=0.9,
    ),
    _lake(
        "frozen_lake_4x4",
        4,
        "SFFF/FHFH/FFFH/HFFG",
        "Gymnasium, FrozenLake-v1, map “4x4”",
    ),
    _lake(
        "frozen_lake_8x8",
        8,
        "SFFFFFFF/FFFFFFFF/FFFHFFFF/FFFFFHFF/FFFHFFFF/FHHFFFHF/FHFFHFHF/FFFHFFFG",
        "Gymnasium, FrozenLake8x8-v1, map “8x8”",
    ),
    _drawn_preset(
        "cliff_walking",
        "Cliff walking",
        "The shortest way runs along a cliff, and who falls pays 100 and starts again. Shows why "
        "SARSA and Q-learning disagree.",
        f"{_SUTTON_BARTO}, example 6.6; Gymnasium, CliffWalking-v1",
        "............ ............ ............ S..........T",
        teleports=_CLIFF,
        step_reward=-1.0,
        discount=1.0,
    ),
    _drawn_preset(
        "windy",
        "Windy grid world",
        "Wind carries the agent up in the middle columns. The shortest way takes 15 steps.",
        f"{_SUTTON_BARTO}, example 6.5",
        _WINDY,
        wind_up=_WIND,
        step_reward=-1.0,
        discount=1.0,
    ),
    _drawn_preset(
        "windy_kings_moves",
        "Windy grid world, king’s moves",
        "The same wind, but diagonal moves are allowed. The shortest way takes 7 steps.",
        f"{_SUTTON_BARTO}, exercise 6.9",
        _WINDY,
        wind_up=_WIND,
        moves=8,
        step_reward=-1.0,
        discount=1.0,
    ),
    _drawn_preset(
        "dyna_maze",
        "Dyna maze",
        "Walls on the way to a single reward of 1. Shows how much planning between steps saves; "
        "the shortest way takes 14 steps.",
        f"{_SUTTON_BARTO}, example 8.1, figure 8.2",
        ".......#T ..#....#. S.#....#. ..#...... .....#... .........",
        rewards={Cell(0, 8): 1.0},
        discount=0.95,
    ),
    Preset(
        id="taxi",
        name="Taxi",
        summary=(
            "Fetch a passenger and drop them off where they want to go: 500 states on 25 cells, "
            "with two more actions. It comes from Gymnasium as it is and cannot be drawn."
        ),
        source="Gymnasium, Taxi-v4, after Dietterich (2000), the MAXQ value function decomposition",
        make=lambda: GymnasiumWorld(id="Taxi-v4"),
    ),
    _drawn_preset(
        "small_room",
        "Small room",
        "A wall in the middle and a goal in the corner, each step costs a little. Meant for moves "
        "of any direction and length.",
        "Made here",
        "....T ..... .##.. .##.. .....",
        rewards={Cell(0, 4): 1.0},
        step_reward=-0.05,
        discount=0.95,
    ),
    Preset(
        id="linear_quadratic",
        name="Linear-quadratic problem",
        summary=(
            "Keep one number near 0 by pushing it. There is nothing to draw, but the best policy "
            "is known exactly, so one sees how close an agent comes."
        ),
        source="Bertsekas, Dynamic Programming and Optimal Control, volume 1, section 3.1",
        make=LinearQuadratic,
    ),
)
