"""Gymnasium's own small worlds: read from its transition tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.model import MOVES, Model, model_of
from mlcore.gridworld.world import Cell, GridWorld, Teleport, empty_world
from mlcore.messages import listing

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Probability, next state, reward and whether it ends, by state and action.
Table = Mapping[int, Mapping[int, list[tuple[float, int, float, bool]]]]


@dataclass(frozen=True, kw_only=True)
class GymnasiumWorld:
    """A world of Gymnasium that is not drawn here.

    Parameters
    ----------
    id : str
        Its name there, such as ``"Taxi-v4"``; a key of :data:`GYMNASIUM_WORLDS`.
    discount : float, default 1
        What a reward a step later is worth.
    """

    id: str
    discount: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the states of a table lie on a grid, and what its actions are.

    Parameters
    ----------
    rows, columns : int
        Of the grid.
    actions, arrows : tuple of str
        What the actions are called, and one sign for each, in the table's order.
    layers : tuple of str
        Where several states share a cell: what tells them apart. States are counted cell by
        cell, and layer by layer within a cell.
    moves : tuple of int
        For a table that can be drawn: which of :data:`~mlcore.gridworld.model.MOVES` each action
        is. Empty for one that cannot.
    """

    rows: int
    columns: int
    actions: tuple[str, ...]
    arrows: tuple[str, ...]
    layers: tuple[str, ...] = ("",)
    moves: tuple[int, ...] = ()


_PLACES = ("Red", "Green", "Yellow", "Blue")


def _passenger(at: int, wanted: int) -> str:
    """Return what is said of a passenger of the taxi."""
    if at == wanted:
        return f"passenger at {_PLACES[at]}, as wanted"
    where = f"at {_PLACES[at]}" if at < len(_PLACES) else "in the taxi"
    return f"passenger {where}, wants {_PLACES[wanted]}"


def _lake(side: int) -> Layout:
    return Layout(
        rows=side,
        columns=side,
        actions=("left", "down", "right", "up"),
        arrows=("←", "↓", "→", "↑"),
        moves=(3, 2, 1, 0),
    )


_CLIFF = Layout(
    rows=4,
    columns=12,
    actions=("up", "right", "down", "left"),
    arrows=("↑", "→", "↓", "←"),
    moves=(0, 1, 2, 3),
)

#: The worlds of Gymnasium that can be loaded, by their ids there.
GYMNASIUM_WORLDS: Mapping[str, Layout] = {
    "FrozenLake-v1": _lake(4),
    "FrozenLake8x8-v1": _lake(8),
    "CliffWalking-v1": _CLIFF,
    "CliffWalkingSlippery-v1": _CLIFF,
    "Taxi-v4": Layout(
        rows=5,
        columns=5,
        actions=("down", "up", "right", "left", "pick up", "drop off"),
        arrows=("↓", "↑", "→", "←", "P", "D"),
        layers=tuple(_passenger(at, wanted) for at in range(5) for wanted in range(4)),
    ),
}


def check_id(id: str) -> str:
    """Return the id, or say in a sentence (``UserError``) which worlds there are."""
    if id not in GYMNASIUM_WORLDS:
        raise UserError(
            "gridworld.gymnasium_id",
            name=id,
            known=listing(GYMNASIUM_WORLDS, most=9),
            suggestion=did_you_mean(id, GYMNASIUM_WORLDS),
        )
    return id


def model_of_gymnasium(world: GymnasiumWorld) -> Model:
    """Return what actions do in a world of Gymnasium.

    A state in which no episode goes on (none can be reached but by a step that ends) counts as
    terminal: the taxi with its passenger delivered.

    Raises
    ------
    UserError
        ``gridworld.gymnasium_id``: there is no such world.
    """
    layout = GYMNASIUM_WORLDS[check_id(world.id)]
    if layout.moves:
        return model_of(from_gymnasium(world.id, world.discount))
    table, starts = _table_of(world.id)
    return _model_of_table(table, starts, layout, world.discount)


def from_gymnasium(id: str, discount: float = 0.99) -> GridWorld:
    """Return a world of Gymnasium drawn in cells, so that it can be changed.

    Parameters
    ----------
    id : str
        FrozenLake or CliffWalking, see :data:`GYMNASIUM_WORLDS`.
    discount : float, default 0.99
        Gymnasium names none.

    Raises
    ------
    UserError
        There is no such world, or it is not made of cells alone.
    """
    layout = GYMNASIUM_WORLDS[check_id(id)]
    if not layout.moves:
        raise UserError("gridworld.gymnasium_cells", name=id)
    table, starts = _table_of(id)
    blank = empty_world(layout.rows, layout.columns, name=id)
    return replace(
        _drawn(table, layout, blank),
        source=f"Gymnasium, {id}",
        starts=starts.reshape(layout.rows, layout.columns) > 0,
        discount=discount,
    )


def _table_of(id: str) -> tuple[Table, NDArray[np.float64]]:
    """Return the transition table of a world and the chance of each start."""
    # Imported late: most sessions never look at a world of Gymnasium.
    import gymnasium

    environment: Any = gymnasium.make(id).unwrapped
    return environment.P, np.asarray(environment.initial_state_distrib, dtype=float)


def _model_of_table(
    table: Table, starts: NDArray[np.float64], layout: Layout, discount: float
) -> Model:
    """Return the model of a table in which each action has one outcome."""
    n_states, n_actions = len(table), len(layout.actions)
    outcomes = [[table[state][a][0] for state in range(n_states)] for a in range(n_actions)]
    landing = np.array([[to for _, to, _, _ in row] for row in outcomes], dtype=np.int32)
    reward = np.array([[pays for _, _, pays, _ in row] for row in outcomes], dtype=float)
    ends = np.array([[end for _, _, _, end in row] for row in outcomes], dtype=bool)
    terminal = ~_acted_in(landing, ends, starts > 0)
    landing[:, terminal] = np.flatnonzero(terminal)
    reward[:, terminal] = 0.0
    ends[:, terminal] = True
    states = np.arange(n_states)
    return Model(
        landing=landing,
        reward=reward,
        ends=ends,
        slip=np.zeros(n_states),
        astray=np.eye(n_actions),
        starts=starts,
        discount=discount,
        terminal=terminal,
        terminal_values=np.zeros(n_states),
        rows=layout.rows,
        columns=layout.columns,
        cell=states // len(layout.layers),
        layer=states % len(layout.layers),
        layers=layout.layers,
        actions=layout.actions,
        arrows=layout.arrows,
    )


def _acted_in(
    landing: NDArray[np.int32], ends: NDArray[np.bool_], starts: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the states that are starts, or reached from them by steps that do not end."""
    reached = starts.copy()
    while True:
        found = reached.copy()
        found[landing[:, reached][~ends[:, reached]]] = True
        if (found == reached).all():
            return reached
        reached = found


class _Step(NamedTuple):
    """One way a step may turn out, and the cell that it made for."""

    aim: Cell
    landed: Cell
    reward: float
    ends: bool


def _steps(table: Table, layout: Layout) -> Iterator[_Step]:
    """Yield every way that every step may turn out, terminals left out."""
    final = {to for state in table for row in table[state].values() for _, to, _, end in row if end}
    for state in table.keys() - final:
        for action, outcomes in table[state].items():
            # A slippery table lists the moves beside the one asked for around it.
            around = (-1, 0, 1) if len(outcomes) > 1 else (0,)
            for turn, (_, to, reward, ends) in zip(around, outcomes, strict=True):
                move = MOVES[layout.moves[(action + turn) % len(layout.moves)]]
                yield _Step(_aim(state, move, layout), _cell(to, layout), float(reward), ends)


def _cell(state: int, layout: Layout) -> Cell:
    return Cell(*map(int, divmod(state, layout.columns)))


def _aim(state: int, move: tuple[int, int], layout: Layout) -> Cell:
    row, column = divmod(state, layout.columns)
    return Cell(
        min(max(row + move[0], 0), layout.rows - 1),
        min(max(column + move[1], 0), layout.columns - 1),
    )


def _drawn(table: Table, layout: Layout, blank: GridWorld) -> GridWorld:
    """Return cells in which moves turn out as the table says."""
    steps = list(_steps(table, layout))
    plain = [step.reward for step in steps if step.aim == step.landed and not step.ends]
    usual = max(set(plain), key=plain.count)
    terminals, rewards = blank.terminals.copy(), blank.rewards.copy()
    teleports: dict[Cell, Teleport] = {}
    for step in steps:
        if step.aim != step.landed:
            teleports[step.aim] = Teleport(to=step.landed, reward=step.reward, at_once=True)
        if step.ends:
            terminals[step.landed] = True
            if step.reward != usual:
                rewards[step.landed] = step.reward
    first = table[0][0]
    return replace(
        blank,
        terminals=terminals,
        rewards=rewards,
        teleports=dict(sorted(teleports.items())),
        step_reward=usual,
        slip=2 / 3 if len(first) > 1 else 0.0,
    )
