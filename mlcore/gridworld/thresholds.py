"""Where the best policy changes with what a step pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.policies import greedy
from mlcore.gridworld.world import GridWorld, Mask

#: The range of step rewards is so many times the largest other reward.
_REACH = 2.0
#: Parts into which the range is cut at first; a change that is undone inside one part is missed.
_PARTS = 64
#: How exactly a change is found, as a share of the largest other reward.
_EXACT = 1e-5
#: Closer to 0 than this share nothing is looked at: with free steps and no discount, policies
#: tie that only get there some day.
_NEAR_ZERO = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """A stretch of step rewards within which the best actions stay the same.

    Parameters
    ----------
    low, high : float
        Where it begins and ends.
    best : bool array of shape (n_states, n_actions)
        The best actions, all that tie.
    """

    low: float
    high: float
    best: Mask

    @property
    def middle(self) -> float:
        """A step reward inside it."""
        return (self.low + self.high) / 2


def policy_stretches(world: GridWorld) -> list[Stretch]:
    """Return the stretches of step rewards with one best policy each, the lowest first.

    Parameters
    ----------
    world : GridWorld
        Its own step reward does not count.

    Raises
    ------
    UserError
        The world cannot be solved, see :func:`mlcore.gridworld.planning.exact.optimal`.
    """
    scale = _scale(world)

    def best(reward: float) -> Mask:
        model = model_of(replace(world, step_reward=reward))
        shown = greedy(optimal(model)[1])
        shown[model.terminal] = False
        return shown

    points = np.linspace(-_REACH * scale, -_NEAR_ZERO * scale, _PARTS + 1).tolist()
    found = [(point, best(point)) for point in points]
    changes: list[tuple[float, Mask]] = []
    for (low, before), (high, after) in zip(found[:-1], found[1:], strict=True):
        changes += _changes(best, low, before, high, after, _EXACT * scale)
    # Where a look falls on a change itself, the policies of both sides tie; that is no stretch.
    ends = [*(place for place, _ in changes[1:]), np.inf]
    far = [
        change
        for change, end in zip(changes, ends, strict=False)
        if end - change[0] > 2 * _EXACT * scale
    ]
    return _joined(points[0], found[0][1], far, points[-1])


def _scale(world: GridWorld) -> float:
    """Return the largest reward besides that of a step, 1 where there is none."""
    fees = [abs(teleport.reward or 0.0) for teleport in world.teleports.values()]
    own = np.abs(world.rewards[~np.isnan(world.rewards)]).tolist()
    return float(max([*fees, *own], default=0.0)) or 1.0


def _changes(
    best: Callable[[float], Mask], low: float, before: Mask, high: float, after: Mask, exact: float
) -> Iterator[tuple[float, Mask]]:
    """Yield where the best actions change between two rewards, and what they change to."""
    if np.array_equal(before, after):
        return
    middle = (low + high) / 2
    if high - low <= exact:
        yield middle, after
        return
    between = best(middle)
    yield from _changes(best, low, before, middle, between, exact)
    yield from _changes(best, middle, between, high, after, exact)


def _joined(
    low: float, first: Mask, changes: list[tuple[float, Mask]], high: float
) -> list[Stretch]:
    starts = [(low, first), *changes]
    ends = [place for place, _ in changes] + [high]
    return [
        Stretch(low=start, high=end, best=best)
        for (start, best), end in zip(starts, ends, strict=True)
    ]
