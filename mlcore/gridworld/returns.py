"""What an episode may earn: how much that varies, and how far a mean may be off by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.exact import evaluate
from mlcore.gridworld.world import Numbers


def start_deviation(model: Model, policy: Numbers, values: Numbers) -> float | None:
    """Return the standard deviation of the discounted return of an episode, exactly.

    Its square solves linear equations as values do: of squared surprises (reward and value of the
    next state less that of this one) with the squared discount.

    Parameters
    ----------
    model : Model
        The world.
    policy : float array of shape (n_states, n_actions)
        The chance of each action.
    values : float array of shape (n_states,)
        What states are worth under it: of :func:`~mlcore.gridworld.planning.exact.evaluate`.

    Returns
    -------
    float or None
        Over episodes from the starts; ``None`` where it has no number.

    References
    ----------
    M. J. Sobel (1982), The variance of discounted Markov decision processes, Journal of Applied
    Probability 19, 794-802.
    """
    surprise = model.landed(values) - values
    squared = replace(model, reward=surprise**2, discount=model.discount**2)
    try:
        own = evaluate(squared, policy)
    except UserError:
        return None
    mean = float(model.starts @ values)
    return math.sqrt(max(0.0, float(model.starts @ (own + (values - mean) ** 2))))


@dataclass(frozen=True, kw_only=True)
class Bernstein:
    """How far a mean of independent numbers may be off, where their spread is known.

    A spread that is taken from the numbers themselves misses what is rare: where one episode in a
    thousand earns little, most thousands hold too few of them. This bound needs many numbers of no
    particular shape.

    Parameters
    ----------
    error : float
        The standard error of the mean: the known deviation, divided by the root of how many there
        are.
    largest : float
        How far a number can be from the expected value, divided by how many there are.

    References
    ----------
    S. Boucheron, G. Lugosi and P. Massart (2013), Concentration Inequalities, section 2.8.
    """

    error: float
    largest: float

    def reach(self, chance: float) -> float:
        """Return what the mean is off by with at most this chance."""
        luck = math.log(2 / chance)
        third = luck * self.largest / 3
        return third + math.sqrt(third**2 + 2 * luck * self.error**2)

    def chance(self, off: float) -> float:
        """Return how probable it is at most to be so far off, or further."""
        width = self.error**2 + self.largest * abs(off) / 3
        return min(1.0, 2 * math.exp(-(off**2) / (2 * width))) if width else float(off == 0)
