"""How much each column adds to one prediction: Shapley values of a game played by columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from mlcore.evaluation.answers import Floats

Coalitions = npt.NDArray[np.bool_]

#: Up to so many columns every coalition of them is asked for.
MOST_EXACT = 9

#: So many coalitions are asked for where there are more columns.
MOST_ASKED = 1200


@dataclass(frozen=True, eq=False, kw_only=True)
class ShapleyValues:
    """What each player adds.

    Parameters
    ----------
    values : array of shape (n_players,)
        They sum to ``end`` minus ``start``.
    errors : array of shape (n_players,)
        Standard error of each value; zeros when it is exact.
    start, end : float
        What no player and what all players are worth.
    is_exact : bool
        Whether every coalition was asked for.
    """

    values: Floats
    errors: Floats
    start: float
    end: float
    is_exact: bool


def shapley_values(
    worth: Callable[[Coalitions], Floats], n_players: int, seed: int = 0
) -> ShapleyValues:
    """Return the mean of what each player adds, over all orders in which they could join.

    With up to nine players all coalitions are weighed, which is exact. With more, orders are drawn
    and each is also taken backwards (antithetic pairs), which cancels much of the noise. Either
    way the values sum to what all players together add.

    Parameters
    ----------
    worth : callable
        Takes coalitions, an array of shape (n, n_players) that says who is in, and returns what
        each is worth, shape (n,). It is called once.
    n_players : int
        How many there are.
    seed : int, default 0
        Of the drawn orders; the same seed gives the same values.

    References
    ----------
    Shapley (1953), "A Value for n-Person Games". Lundberg, Lee (2017), "A Unified Approach to
    Interpreting Model Predictions". Mitchell, Cooper, Frank, Holmes (2022), "Sampling Permutations
    for Shapley Value Estimation", on antithetic pairs.
    """
    if n_players <= MOST_EXACT:
        return _exact(worth, n_players)
    return _sampled(worth, n_players, seed)


def _exact(worth: Callable[[Coalitions], Floats], n_players: int) -> ShapleyValues:
    codes = np.arange(2**n_players)
    members = ((codes[:, None] >> np.arange(n_players)) & 1).astype(bool)
    worths, sizes = np.asarray(worth(members), dtype=np.float64), members.sum(axis=1)
    # Of all orders, the share in which exactly these players came before.
    weights = np.array([1 / (n_players * comb(n_players - 1, k)) for k in range(n_players)])
    values = np.zeros(n_players)
    for player in range(n_players):
        before = codes[~members[:, player]]
        added = worths[before | (1 << player)] - worths[before]
        values[player] = np.dot(weights[sizes[before]], added)
    return ShapleyValues(
        values=values,
        errors=np.zeros(n_players),
        start=float(worths[0]),
        end=float(worths[-1]),
        is_exact=True,
    )


def _sampled(worth: Callable[[Coalitions], Floats], n_players: int, seed: int) -> ShapleyValues:
    random = np.random.default_rng(seed)
    n_pairs = max(2, MOST_ASKED // (2 * (n_players + 1)))
    drawn = [random.permutation(n_players) for _ in range(n_pairs)]
    orders = np.array([order for one in drawn for order in (one, one[::-1])])
    # Place of each player in each order; after k steps those with a place below k are in.
    places = np.argsort(orders, axis=1)
    steps = np.arange(n_players + 1)
    members = places[:, None, :] < steps[None, :, None]
    worths = np.asarray(worth(members.reshape(-1, n_players)), dtype=np.float64)
    added = np.diff(worths.reshape(len(orders), n_players + 1), axis=1)
    by_player = np.take_along_axis(added, places, axis=1)
    pairs = by_player.reshape(n_pairs, 2, n_players).mean(axis=1)
    return ShapleyValues(
        values=pairs.mean(axis=0),
        errors=pairs.std(axis=0, ddof=1) / np.sqrt(n_pairs),
        start=float(worths[0]),
        end=float(worths[n_players]),
        is_exact=False,
    )
