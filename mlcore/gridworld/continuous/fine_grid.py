"""The best values in a room, by dynamic programming over a fine grid of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from mlcore.gridworld.continuous.room import Room
from mlcore.gridworld.world import Mask, Numbers

#: The actions compared: so many directions, each with these lengths, and staying.
HEADINGS = 16
LENGTHS = (0.5, 1.0)
#: Then the best one at each point is turned a little either way, by these shares of the angle
#: between two directions.
_TURNS = (1 / 2, 1 / 4, 1 / 8)

#: Chance is stood for by so many points in x and as many in y.
_CHANCES = 3
#: After each search for better actions the values of those found are improved so many times.
_ROUNDS = 20
#: Give up after so many searches.
_MOST = 500
#: How near the values come to those of the fine grid, as a share of the largest.
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class FineGrid:
    """Values of the best policy at the points of a fine grid.

    Between the points they are interpolated, so that a place is worth a little of what its
    neighbours are; the finer the grid, the less.

    Parameters
    ----------
    room : Room
        Whose values these are.
    per_cell : int
        Points along the side of a cell.
    values : float array of shape (n_points,)
        Expected discounted sum of rewards from each point, in the order of :attr:`points`.
    settled : bool
        Whether the search came to its end wherever a goal can be reached.
    """

    room: Room
    per_cell: int
    values: Numbers
    settled: bool

    @property
    def points(self) -> Numbers:
        """Where the points are, shape (n_points, 2): x and y."""
        return _Places(self.room, self.per_cell).points

    def at(self, positions: Numbers) -> Numbers:
        """Return what places are worth that lie where one can stand, shape (n,).

        Parameters
        ----------
        positions : float array of shape (n, 2)
            x and y.
        """
        around, weights = _Places(self.room, self.per_cell).around(positions)
        worth: Numbers = (weights * self.values[around]).sum(axis=1)
        return worth


class _Places:
    """The middles of small squares that lie where an agent can stand."""

    def __init__(self, room: Room, per_cell: int) -> None:
        self._per_cell = per_cell
        square = np.ones((per_cell, per_cell), dtype=bool)
        standing = np.kron(room.standing, square)
        # One more on each side, so that every point has four squares around it.
        self._number = np.full(np.add(standing.shape, 2), -1)
        self._number[1:-1, 1:-1][standing] = np.arange(standing.sum())
        rows, columns = np.nonzero(standing)
        self.points = (np.column_stack([columns, rows]) + 0.5) / per_cell
        self.open = np.kron(room.open, square)[standing]

    def around(self, positions: Numbers) -> tuple[NDArray[np.int_], Numbers]:
        """Return four points around each position, and their weights, of shape (n, 4).

        Points where nobody can stand weigh nothing, and neither does one behind a corner.
        """
        fine = positions * self._per_cell + 0.5
        first = np.floor(fine).astype(int)
        part = fine - first
        share = np.stack([1 - part, part], axis=2)
        numbers = np.stack(
            [self._number[first[:, 1] + i, first[:, 0] + j] for i in (0, 1) for j in (0, 1)],
            axis=1,
        )
        weights = (share[:, 1, :, None] * share[:, 0, None, :]).reshape(-1, 4)
        weights = np.where((numbers < 0) | self._hidden(numbers, part), 0.0, weights)
        return np.maximum(numbers, 0), weights / weights.sum(axis=1, keepdims=True)

    def _hidden(self, numbers: NDArray[np.int_], part: Numbers) -> Mask:
        """Return which of four points lie across a corner with walls on both of its sides."""
        own = 2 * (part[:, 1] >= 0.5) + (part[:, 0] >= 0.5)
        rows = np.arange(len(numbers))
        shut = (numbers[rows, own ^ 1] < 0) & (numbers[rows, own ^ 2] < 0)
        hidden: Mask = shut[:, None] & (np.arange(4) == (own ^ 3)[:, None])
        return hidden


def solve(room: Room, per_side: int = 60) -> FineGrid:
    """Return the values of the best policy in a room, by dynamic programming on a fine grid.

    At each point the best of :data:`HEADINGS` directions with each of :data:`LENGTHS` is taken,
    or staying, and its direction is refined; the chance of a step is averaged by Gauss-Hermite
    quadrature, and what lies between points is interpolated. In rooms that were looked into, who
    follows the values comes to what they promise within about 1 %.

    Parameters
    ----------
    room : Room
        A room with a goal.
    per_side : int, default 60
        Points along the longer side of the room, at least two a cell.

    References
    ----------
    Puterman, M. L. (1994). Markov Decision Processes, section 6.5 (modified policy iteration).
    """
    per_cell = max(2, per_side // max(room.world.rows, room.world.columns))
    places = _Places(room, per_cell)
    values, settled = _Bellman(room, places).solve()
    return FineGrid(room, per_cell, values, settled)


class _Bellman:
    """What each action at each point pays and where it leads, solved for the best values."""

    def __init__(self, room: Room, places: _Places) -> None:
        self._room, self._places = room, places
        self._chances, self._weights = _quadrature(room.noise)
        shape = (1 + len(LENGTHS) * HEADINGS, *places.points.shape)
        self._actions = np.broadcast_to(_actions()[:, None], shape)
        found = [self._outcome(actions) for actions in self._actions]
        self._rewards = np.stack([reward for reward, _ in found])
        self._going = csr_array(vstack([going for _, going in found], format="csr"))

    def _outcome(self, actions: Numbers) -> tuple[Numbers, csr_array]:
        """Return the mean reward of an action at each point, and the chances to go on."""
        points, n_chances = self._places.points, len(self._weights)
        n = len(points)
        landing = self._room.follow(
            np.repeat(points, n_chances, axis=0),
            np.repeat(actions, n_chances, axis=0) + np.tile(self._chances, (n, 1)),
        )
        reward = landing.rewards.reshape(n, n_chances) @ self._weights
        goes_on = ~landing.terminated
        around, share = self._places.around(landing.positions[goes_on])
        chance = np.tile(self._weights, n)[goes_on]
        begin = np.repeat(np.arange(n), n_chances)[goes_on]
        entries = (chance[:, None] * share).ravel(), (np.repeat(begin, 4), around.ravel())
        return reward, csr_array(entries, shape=(n, n))

    def solve(self) -> tuple[Numbers, bool]:
        """Return the values, and whether they are near enough to the best ones."""
        values, settled = self._settled(np.zeros(self._rewards.shape[1]))
        for share in _TURNS:
            self._turn(values, share * 2 * np.pi / HEADINGS)
            values, settled = self._settled(values)
        return values, settled

    def _turn(self, values: Numbers, angle: float) -> None:
        """Compare from now on also the best action at each point turned either way."""
        best = self._worth(values).argmax(axis=0)
        chosen = self._actions[best, np.arange(len(best))]
        turned = [chosen @ _rotation(angle * sign) for sign in (1, -1)]
        found = [self._outcome(actions) for actions in turned]
        self._actions = np.concatenate([self._actions, turned])
        self._rewards = np.vstack([self._rewards, *(reward for reward, _ in found)])
        self._going = csr_array(vstack([self._going, *(going for _, going in found)], format="csr"))

    def _worth(self, values: Numbers) -> Numbers:
        """Return what each action at each point comes to, shape (n_actions, n_points)."""
        later = (self._going @ values).reshape(self._rewards.shape)
        worth: Numbers = self._rewards + self._room.discount * later
        return worth

    def _settled(self, values: Numbers) -> tuple[Numbers, bool]:
        """Return the values of the best actions there are, and whether they are near enough."""
        is_open = self._places.open
        for _ in range(_MOST):
            worth = self._worth(values)
            best = worth.argmax(axis=0)
            better = worth.max(axis=0)
            change = np.abs(better - values)[is_open].max()
            values = better
            if change <= self._enough(values):
                return values, True
            values = self._followed(best, values)
        return values, False

    def _enough(self, values: Numbers) -> float:
        """Return the change in a search below which the values are near enough."""
        discount = self._room.discount
        scale = float(np.abs(values[self._places.open]).max()) or 1.0
        if discount >= 1:
            return _NEAR * scale * 1e-3
        return _NEAR * scale * (1 - discount) / max(discount, 1e-3)

    def _followed(self, best: NDArray[np.int_], values: Numbers) -> Numbers:
        """Return values after some more steps with the same actions."""
        points = np.arange(len(best))
        rewards = self._rewards[best, points]
        going = self._going[best * len(best) + points]
        for _ in range(_ROUNDS):
            values = rewards + self._room.discount * (going @ values)
        return values


def _actions() -> Numbers:
    """Return the displacements that are compared, staying first, shape (n_actions, 2)."""
    angles = 2 * np.pi * np.arange(HEADINGS) / HEADINGS
    turned = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.vstack([np.zeros((1, 2)), *(length * turned for length in LENGTHS)])


def _rotation(angle: float) -> Numbers:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _quadrature(noise: float) -> tuple[Numbers, Numbers]:
    """Return points (n, 2) and weights (n,) that stand for normal chance in x and y."""
    if noise == 0:
        return np.zeros((1, 2)), np.ones(1)
    roots, weights = np.polynomial.hermite_e.hermegauss(_CHANCES)
    x, y = np.meshgrid(roots, roots)
    both = np.outer(weights, weights).ravel() / weights.sum() ** 2
    return noise * np.column_stack([x.ravel(), y.ravel()]), both
