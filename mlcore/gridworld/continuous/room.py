"""A room drawn as a grid, walked through in steps of any direction and length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import UserError
from mlcore.gridworld.continuous.arena import Step
from mlcore.gridworld.world import Convention, GridWorld, Mask, Numbers
from mlcore.messages import Message, message

#: A room has at most so many rows and so many columns.
MOST_ROOM = 30

#: Whoever stops at a wall stands this far from it, so that each position lies in one cell.
_GAP = 1e-9
#: Two borders that are met within this part of a step are met at once: at a corner.
_TOGETHER = 1e-9


class Landing(NamedTuple):
    """Where displacements end and what they pay.

    Parameters
    ----------
    positions : float array of shape (n, 2)
        x to the right and y down, in cells.
    rewards : float array of shape (n,)
        What the step paid.
    terminated, reached : bool array of shape (n,)
        Whether a terminal was entered, and whether it is a goal.
    """

    positions: Numbers
    rewards: Numbers
    terminated: Mask
    reached: Mask


@dataclass(frozen=True, eq=False)
class Room:
    """A drawn world in which an action is a displacement of length 1 at most.

    Cell ``(row, column)`` covers x from ``column`` to ``column + 1`` and y from ``row`` to
    ``row + 1``, y pointing down. A longer action is cut to length 1; chance and the wind of the
    cell that is left are added. The step then follows a straight line until the first of these:

    * it would enter a wall or leave the room: it stops there, and pays ``bump_reward`` if there
      is one;
    * it touches a terminal or a pit: it stops at once, just inside;
    * it is done.

    A line through a corner needs both cells beside the corner to be free, so nothing slips
    between two walls. Rewards are those of the cell in which the step ends. Teleports carry to
    the middle of the cell they lead to.

    Parameters
    ----------
    world : GridWorld
        The drawing.
    noise : float
        Standard deviation of the chance in x and in y, in cells.
    """

    world: GridWorld
    noise: float
    n_inputs: int = 2
    n_numbers: int = 2
    bounded: bool = False

    @property
    def discount(self) -> float:
        """What a reward a step later is worth."""
        return self.world.discount

    def scale(self) -> tuple[Numbers, Numbers]:
        """Return centre and half width of the positions, each of shape (2,)."""
        middle = np.array([self.world.columns, self.world.rows]) / 2
        return middle, np.full(2, middle.max())

    @cached_property
    def reward(self) -> Numbers:
        """All that a step can pay, in no order."""
        world = self.world
        other = [world.bump_reward, *(each.reward for each in world.teleports.values())]
        return np.append(self._rewards, [each for each in other if each is not None])

    @cached_property
    def goals(self) -> Mask:
        """Terminals that are worth going to.

        Those that pay more than 0; where each step costs something, also those that pay nothing,
        because they end the costs.
        """
        world = self.world
        ends_costs = np.isnan(world.rewards) & (world.step_reward < 0)
        goals: Mask = world.terminals & ~world.walls & ((world.rewards > 0) | ends_costs)
        return goals

    @cached_property
    def standing(self) -> Mask:
        """Cells in which an agent can stand and act."""
        standing = ~(self.world.walls | self.world.terminals)
        for cell in self.world.pits:
            standing[cell] = False
        return standing

    @cached_property
    def open(self) -> Mask:
        """Cells in which an agent can stand and from which some way leads to a goal."""
        found = self.goals.copy()
        while True:
            ways = self.standing & (found | _beside(found))
            for cell, teleport in self.world.teleports.items():
                ways[cell] = found[teleport.to]
            grown = found | ways
            if (grown == found).all():
                return grown & self.standing
            found = grown

    @cached_property
    def start_cells(self) -> Mask:
        """Cells in which episodes begin: those that are marked, or all from which a goal is near.

        Pits and terminals are never among them.
        """
        marked = self.world.starts & self.standing
        return marked if marked.any() else self.open

    def starts(self, rng: np.random.Generator, n: int) -> Numbers:
        """Return positions in which episodes begin, evenly over the cells, shape (n, 2)."""
        rows, columns = np.nonzero(self.start_cells)
        drawn = rng.integers(len(rows), size=n)
        within = rng.uniform(_GAP, 1 - _GAP, (n, 2))
        return np.column_stack([columns[drawn], rows[drawn]]) + within

    def step(self, states: Numbers, actions: Numbers, rng: np.random.Generator) -> Step:
        """Return what comes of an action at each position."""
        chance = self.noise * rng.standard_normal(states.shape)
        landing = self.follow(states, shortened(actions) + chance)
        never = np.zeros(len(states), dtype=bool)
        return Step(landing.positions, landing.rewards, landing.terminated, never, landing.reached)

    def follow(self, positions: Numbers, displacements: Numbers) -> Landing:
        """Return where straight lines end, without any chance of their own.

        Parameters
        ----------
        positions : float array of shape (n, 2)
            x and y of where they begin, in cells in which one can stand.
        displacements : float array of shape (n, 2)
            How far they are to lead; the wind is added here.
        """
        left = np.floor(positions).astype(int)
        blown = displacements + self._wind[left[:, 1], left[:, 0]]
        ends, cells, bumped = self._line(positions, left, blown)
        carried = self._carries[left[:, 1], left[:, 0]] | self._pits[cells[:, 1], cells[:, 0]]
        fee = np.full(len(positions), np.nan)
        if carried.any():
            ends, cells, fee = self._carried(left, ends, cells)
        at = cells[:, 1], cells[:, 0]
        rewards = self._rewards[at]
        if self.world.bump_reward is not None:
            rewards = np.where(bumped, self.world.bump_reward, rewards)
        rewards = np.where(np.isnan(fee), rewards, fee)
        return Landing(ends, rewards, self.world.terminals[at], self.goals[at])

    def _line(
        self, positions: Numbers, cells: NDArray[np.int_], displacements: Numbers
    ) -> tuple[Numbers, NDArray[np.int_], Mask]:
        """Return where lines end, in which cell, and whether a wall stopped them."""
        ends, cells = positions + displacements, cells.copy()
        bumped = np.zeros(len(positions), dtype=bool)
        going = np.arange(len(positions))
        ahead = np.where(displacements < 0, -1, 1)
        borders = cells + (displacements > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            pace = np.where(displacements == 0, np.inf, 1 / displacements)
            met = np.where(displacements == 0, np.inf, (borders - positions) * pace)
        while len(going):
            first = met[going].min(axis=1)
            going, first = going[first < 1], first[first < 1]
            crossed = met[going] <= first[:, None] + _TOGETHER
            new = cells[going] + ahead[going] * crossed
            stopped = self._stopped(cells[going], new)
            caught = ~stopped & self._catches[new[:, 1] + 1, new[:, 0] + 1]
            cells[going] = np.where(stopped[:, None], cells[going], new)
            bumped[going] = stopped
            halted = stopped | caught
            halting = going[halted]
            ends[halting] = positions[halting] + first[halted, None] * displacements[halting]
            met[going] += np.where(crossed, np.abs(pace[going]), 0.0)
            going = going[~halted]
        return np.clip(ends, cells + _GAP, cells + 1 - _GAP), cells, bumped

    def _stopped(self, old: NDArray[np.int_], new: NDArray[np.int_]) -> Mask:
        """Return whether going from one cell to the next is barred (cells counted with border)."""
        solid = self._solid
        barred = solid[new[:, 1] + 1, new[:, 0] + 1]
        # On a straight crossing these two are the old and the new cell; at a corner, its sides.
        barred |= solid[old[:, 1] + 1, new[:, 0] + 1] | solid[new[:, 1] + 1, old[:, 0] + 1]
        return barred

    def _carried(
        self, left: NDArray[np.int_], ends: Numbers, cells: NDArray[np.int_]
    ) -> tuple[Numbers, NDArray[np.int_], Numbers]:
        """Return ends and cells after teleports, and what these pay (NaN: nothing of their own)."""
        ends, cells, fee = ends.copy(), cells.copy(), np.full(len(ends), np.nan)
        for (row, column), teleport in self.world.teleports.items():
            where = cells if teleport.at_once else left
            carried = (where[:, 0] == column) & (where[:, 1] == row)
            cells[carried] = teleport.to.column, teleport.to.row
            ends[carried] = cells[carried] + 0.5
            fee[carried] = np.nan if teleport.reward is None else teleport.reward
        return ends, cells, fee

    @cached_property
    def _solid(self) -> Mask:
        return np.pad(self.world.walls, 1, constant_values=True)

    @cached_property
    def _pits(self) -> Mask:
        return ~(self.standing | self.world.walls | self.world.terminals)

    @cached_property
    def _catches(self) -> Mask:
        return np.pad(self._pits | self.world.terminals, 1)

    @cached_property
    def _carries(self) -> Mask:
        carries = np.zeros_like(self.world.walls)
        for cell, teleport in self.world.teleports.items():
            carries[cell] = not teleport.at_once
        return carries

    @cached_property
    def _rewards(self) -> Numbers:
        own = self.world.rewards
        return np.where(np.isnan(own), self.world.step_reward, own)

    @cached_property
    def _wind(self) -> Numbers:
        return self.world.wind[..., ::-1].astype(float)


def shortened(actions: Numbers) -> Numbers:
    """Return displacements cut to length 1, shape (n, 2)."""
    length = np.hypot(actions[:, 0], actions[:, 1])
    return actions / np.maximum(length, 1.0)[:, None]


def room_of(world: GridWorld, noise: float) -> tuple[Room, tuple[Message, ...]]:
    """Return the room that a drawing stands for, and notes on what of it does not count.

    Parameters
    ----------
    world : GridWorld
        The drawing.
    noise : float
        Standard deviation of the chance in x and in y, in cells.

    Raises
    ------
    UserError
        The room is too large or has no goal, a start cannot reach one, or walking on without an
        end pays.
    """
    if max(world.rows, world.columns) > MOST_ROOM:
        raise UserError(
            "gridworld.room_too_large", rows=world.rows, columns=world.columns, most=MOST_ROOM
        )
    room = Room(world, noise)
    if not room.goals.any():
        raise UserError("gridworld.room_without_goal")
    closed = room.start_cells & ~room.open
    if closed.any():
        row, column = np.argwhere(closed)[0]
        raise UserError("gridworld.start_walled_in", row=int(row), column=int(column))
    if not room.open.any():
        raise UserError("gridworld.room_closed")
    if world.discount >= 1 and _pays_to_walk_on(world):
        raise UserError("gridworld.room_endless")
    return room, tuple(_notes(room))


def _pays_to_walk_on(world: GridWorld) -> bool:
    paid = [world.step_reward, world.bump_reward or 0.0]
    paid += [teleport.reward or 0.0 for teleport in world.teleports.values()]
    inside = world.rewards[~(world.walls | world.terminals)]
    return max(paid) > 0 or bool((inside > 0).any())


def _notes(room: Room) -> list[Message]:
    """Return what a drawing says that a room does not know, in sentences."""
    world, found = room.world, []
    if world.slip > 0 or (world.slips[room.standing] > 0).any():
        found.append(message("gridworld.room_without_slipping", noise=f"{room.noise:g}"))
    if world.convention is not Convention.TRANSITION:
        found.append(message("gridworld.room_pays_on_entering"))
    if pocket := int((room.standing & ~room.open).sum()):
        found.append(message("gridworld.room_pockets", cells=pocket))
    return found


def _beside(mask: Mask) -> Mask:
    """Return the cells with a marked one above, below, left or right of them."""
    framed = np.pad(mask, 1)
    beside: Mask = framed[:-2, 1:-1] | framed[2:, 1:-1] | framed[1:-1, :-2] | framed[1:-1, 2:]
    return beside
