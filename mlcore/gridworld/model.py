"""What moves do: a world as planners, agents and simulations see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlcore.errors import UserError
from mlcore.gridworld.world import Convention, GridWorld, Numbers, SlipTo

#: Rows down and columns to the right of each move, clockwise, then the diagonals, then staying.
MOVES: tuple[tuple[int, int], ...] = (
    (-1, 0),
    (0, 1),
    (1, 0),
    (0, -1),
    (-1, 1),
    (1, 1),
    (1, -1),
    (-1, -1),
    (0, 0),
)
#: What they are called, and the arrows that stand for them.
MOVE_NAMES = (
    "up",
    "right",
    "down",
    "left",
    "up right",
    "down right",
    "down left",
    "up left",
    "stay",
)
ARROWS = ("↑", "→", "↓", "←", "↗", "↘", "↙", "↖", "•")

#: The moves at right angles to each move.
_SIDES = ((1, 3), (0, 2), (1, 3), (0, 2), (5, 7), (4, 6), (5, 7), (4, 6), (8, 8))

#: With 16 digits a smaller chance to slip cannot be told from none.
_NEVER = 1e-12


class Outcome(NamedTuple):
    """What may come of an action: its probability, the next state, the reward, whether it ends."""

    probability: float
    state: int
    reward: float
    ends: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """The states of a world and what each move does in them.

    An action asks for a move; with the chance ``slip`` another one is made, by ``astray``. A move
    that is made leads to one state for certain. A terminal state keeps to itself with reward 0
    and ends, so that its value comes out as 0; what is shown for it is ``terminal_values``.

    Parameters
    ----------
    landing : int array of shape (n_moves, n_states)
        The state in which each move ends up.
    reward : float array of shape (n_moves, n_states)
        What it pays.
    ends : bool array of shape (n_moves, n_states)
        Whether the episode ends with it; nothing that lies beyond counts.
    slip : float array of shape (n_states,)
        The chance that an action goes astray.
    astray : float array of shape (n_moves, n_moves)
        Row: the move asked for. Column: the chance of the move made when it goes astray.
    starts : float array of shape (n_states,)
        The chance that an episode begins there.
    discount : float
        What a reward a step later is worth.
    terminal : bool array of shape (n_states,)
        Where nothing is left to do.
    terminal_values : float array of shape (n_states,)
        What is shown as the value of a terminal state; 0 elsewhere.
    rows, columns : int
        Of the grid that the states are drawn on.
    cell : int array of shape (n_states,)
        The cell of each state, counted row by row.
    layer : int array of shape (n_states,)
        Where several states share a cell, which drawing it stands in.
    layers : tuple of str
        What the drawings are called; one empty name where there is only one.
    actions : tuple of str
        What the actions are called.
    arrows : tuple of str
        One sign for each.
    """

    landing: NDArray[np.int32]
    reward: Numbers
    ends: NDArray[np.bool_]
    slip: Numbers
    astray: Numbers
    starts: Numbers
    discount: float
    terminal: NDArray[np.bool_]
    terminal_values: Numbers
    rows: int
    columns: int
    cell: NDArray[np.int_]
    layer: NDArray[np.int_]
    layers: tuple[str, ...] = ("",)
    actions: tuple[str, ...] = MOVE_NAMES[:4]
    arrows: tuple[str, ...] = ARROWS[:4]

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.landing.shape[1])

    @property
    def n_actions(self) -> int:
        """Number of actions, which is that of the moves."""
        return int(self.landing.shape[0])

    def landed(self, values: Numbers) -> Numbers:
        """Return what each move that is made is worth, shape (n_moves, n_states).

        Parameters
        ----------
        values : float array of shape (n_states,)
            What each state is worth.
        """
        return self.reward + self.discount * np.where(self.ends, 0.0, values[self.landing])

    def action_values(self, values: Numbers) -> Numbers:
        """Return what each action is worth with these values of states.

        Returns
        -------
        float array of shape (n_states, n_actions)
        """
        made = self.landed(values)
        worth: Numbers = (1 - self.slip) * made + self.slip * (self.astray @ made)
        return worth.T

    def chances(self, action: int) -> Numbers:
        """Return the chance of each move when an action is asked for, shape (n_moves, n_states)."""
        asked = np.zeros((self.n_actions, 1))
        asked[action] = 1
        made: Numbers = (1 - self.slip) * asked + self.slip * self.astray[action][:, None]
        return made

    def outcomes(self, state: int, action: int) -> list[Outcome]:
        """Return what may come of an action, each outcome once, the likeliest first."""
        summed: dict[tuple[int, float, bool], float] = {}
        slip = self.slip[state]
        for move in range(self.n_actions):
            chance = (1 - slip) * (move == action) + slip * self.astray[action, move]
            key = (
                int(self.landing[move, state]),
                float(self.reward[move, state]),
                bool(self.ends[move, state]),
            )
            if chance > 0:
                summed[key] = summed.get(key, 0.0) + float(chance)
        found = [Outcome(chance, *key) for key, chance in summed.items()]
        return sorted(found, key=lambda outcome: -outcome.probability)

    def all_outcomes(self) -> Iterator[tuple[int, int, list[Outcome]]]:
        """Yield state, action and :meth:`outcomes` for all of them."""
        for state in range(self.n_states):
            for action in range(self.n_actions):
                yield state, action, self.outcomes(state, action)

    def under(self, policy: Numbers) -> tuple[csr_array, Numbers]:
        """Return what a policy makes of the world.

        Parameters
        ----------
        policy : float array of shape (n_states, n_actions)
            The chance of each action.

        Returns
        -------
        transitions : csr_array of shape (n_states, n_states)
            The chance to go on to a state; rows sum to less than 1 where an episode may end.
        rewards : float array of shape (n_states,)
            What the next step pays on average.
        """
        made = ((1 - self.slip)[:, None] * policy + self.slip[:, None] * (policy @ self.astray)).T
        states = np.arange(self.n_states)
        going = np.where(self.ends, 0.0, made)
        transitions = csr_array(
            (going.ravel(), (np.tile(states, self.n_actions), self.landing.ravel())),
            shape=(self.n_states, self.n_states),
        )
        transitions.eliminate_zeros()
        return transitions, (made * self.reward).sum(axis=0)

    def shown(self, values: Numbers) -> Numbers:
        """Return values of states as they are shown: terminals with what they pay."""
        return np.where(self.terminal, values + self.terminal_values, values)


def model_of(world: GridWorld) -> Model:
    """Return what the moves of a drawn world do.

    Raises
    ------
    UserError
        ``gridworld.nothing_free``: there is no cell in which an agent could act.
    """
    return _Compiler(world).model()


class _Compiler:
    """Turns cells into states, and moves into landings."""

    def __init__(self, world: GridWorld) -> None:
        self.world = world
        solid = world.walls.copy()
        for cell in world.pits:
            solid[cell] = True
        self.cell = np.flatnonzero(~solid)
        self.state = np.full(world.walls.size, -1, dtype=np.int32)
        self.state[self.cell] = np.arange(len(self.cell), dtype=np.int32)
        self.terminal = world.terminals.ravel()[self.cell]
        self.own = world.rewards.ravel()[self.cell]
        # Small numbers, once for all moves: a world may have a million cells.
        narrow = self.cell.astype(np.int32)
        row, column = np.divmod(narrow, np.int32(world.columns))
        wind = world.wind.reshape(-1, 2).astype(np.int32)[self.cell]
        self.blown_to = row + wind[:, 0], column + wind[:, 1]
        self.pits = self._teleports(at_once=True)
        self.doors = self._teleports(at_once=False)
        if not len(self.cell) or self.terminal.all():
            raise UserError("gridworld.nothing_free")

    def model(self) -> Model:
        world = self.world
        landing, reward, ends = self._moves()
        pays = np.where(self.terminal, np.nan_to_num(self.own), 0.0)
        leaves = world.convention is Convention.EXIT
        landing[:, self.terminal] = np.flatnonzero(self.terminal)
        reward[:, self.terminal] = pays[self.terminal] if leaves else 0.0
        ends[:, self.terminal] = True
        slips = world.slips.ravel()[self.cell]
        slip = np.where(np.isnan(slips), world.slip, slips)
        slip[slip < _NEVER] = 0.0
        return Model(
            landing=landing,
            reward=reward,
            ends=ends,
            slip=np.where(self.terminal, 0.0, slip),
            astray=astray(world.moves, world.slip_to),
            starts=self._starts(),
            discount=world.discount,
            terminal=self.terminal,
            terminal_values=pays if world.convention is Convention.STATE else np.zeros_like(pays),
            rows=world.rows,
            columns=world.columns,
            cell=self.cell,
            layer=np.zeros(len(self.cell), dtype=int),
            actions=MOVE_NAMES[: world.moves],
            arrows=ARROWS[: world.moves],
        )

    def _moves(self) -> tuple[NDArray[np.int32], Numbers, NDArray[np.bool_]]:
        found = [self._move(*MOVES[number]) for number in range(self.world.moves)]
        landing, reward, ends = (np.stack(parts) for parts in zip(*found, strict=True))
        return landing, reward, ends

    def _move(self, down: int, right: int) -> tuple[NDArray[np.int32], Numbers, NDArray[np.bool_]]:
        """Return where a move ends up, what it pays, and whether it ends, for every state."""
        world, columns = self.world, self.world.columns
        wanted = self.blown_to[0] + down, self.blown_to[1] + right
        cut = np.clip(wanted[0], 0, world.rows - 1), np.clip(wanted[1], 0, columns - 1)
        target = cut[0] * columns + cut[1]
        walled = world.walls.ravel()[target]
        bumped = walled | (cut[0] != wanted[0]) | (cut[1] != wanted[1])
        target = np.where(walled, self.cell, target)
        target, fee = self._carried(target)
        landing = self.state[target]
        reward = self._paid(landing)
        if world.bump_reward is not None:
            reward = np.where(bumped, world.bump_reward, reward)
        reward = np.where(np.isnan(fee), reward, fee)
        return landing, reward, self._ends(landing)

    def _carried(self, target: NDArray[np.int_]) -> tuple[NDArray[np.int_], Numbers]:
        """Return where teleports lead from the cells that moves reach, and what they pay."""
        if not self.world.teleports:
            return target, np.full(len(target), np.nan)
        fell, fall_fee = self.pits
        fee = fall_fee[target]
        target = np.where(fell[target] < 0, target, fell[target])
        # Who leaves a teleport goes where it leads, whatever lies beside it.
        left, leave_fee = (of_cells[self.cell] for of_cells in self.doors)
        return np.where(left < 0, target, left), np.where(left < 0, fee, leave_fee)

    def _teleports(self, *, at_once: bool) -> tuple[NDArray[np.int_], Numbers]:
        """Return for each cell where its teleport leads (-1: it has none), and what that pays."""
        world = self.world
        to, fee = np.full(world.walls.size, -1), np.full(world.walls.size, np.nan)
        for cell, teleport in world.teleports.items():
            if teleport.at_once == at_once:
                place = cell.row * world.columns + cell.column
                to[place] = teleport.to.row * world.columns + teleport.to.column
                fee[place] = np.nan if teleport.reward is None else teleport.reward
        return to, fee

    def _paid(self, landing: NDArray[np.int32]) -> Numbers:
        """Return the reward of a move that nothing else pays for."""
        world = self.world
        to, final = self.own[landing], self.terminal[landing]
        if world.convention is Convention.STATE:
            here = np.where(np.isnan(self.own), world.step_reward, self.own)
            return here + np.where(final, world.discount * np.nan_to_num(to), 0.0)
        late = final if world.convention is Convention.EXIT else np.zeros_like(final)
        return np.where(np.isnan(to) | late, world.step_reward, to)

    def _ends(self, landing: NDArray[np.int32]) -> NDArray[np.bool_]:
        if self.world.convention is Convention.EXIT:
            return np.zeros(len(landing), dtype=bool)
        return self.terminal[landing]

    def _starts(self) -> Numbers:
        chosen = self.world.starts.ravel()[self.cell] & ~self.terminal
        where = chosen if chosen.any() else ~self.terminal
        starts: Numbers = where / where.sum()
        return starts


def astray(moves: int, slip_to: SlipTo) -> Numbers:
    """Return the chance of each move (column) when one that was asked for (row) goes astray."""
    if slip_to is SlipTo.ANYWHERE:
        return np.full((moves, moves), 1 / moves)
    table = np.zeros((moves, moves))
    for move in range(moves):
        for side in _SIDES[move]:
            table[move, side] += 0.5
    return table
