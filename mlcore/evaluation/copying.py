"""Sources that copy each other: more alike than what they know of the truth explains.

Good sources agree because both are right, so agreement alone proves nothing. Two signs do:

* With gold rows: both give the same wrong label more often than their own mistakes would by lot.
* Without: the two agree more than follows from how each agrees with everybody else.

Such sources count double in a vote, and Dawid–Skene takes their agreement for accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import binom, poisson

from mlcore.evaluation.answers import Codes, Floats
from mlcore.evaluation.intervals import LEVEL
from mlcore.evaluation.rater_agreement import PairCounts, most_active, pair_counts
from mlcore.fusion.votes import Votes

#: Sources that are compared at most, those with the most votes.
MOST_COMPARED = 200
#: Rows that two sources must have in common to be compared.
FEWEST_ROWS = 20
#: Other sources that each of the two must share so many rows with, when there are no gold rows.
FEWEST_OTHERS = 2
#: Highest p-value, after the correction for the number of pairs.
CHANCE = 1 - LEVEL
#: How much of what the two could be alike beyond expectation they must be: mistakes that are
#: common because some rows are hard give less, copies give nearly all.
SMALLEST_PART = 0.5
#: Pairs from which on the usual one tells how many mistakes are common because rows are hard.
ENOUGH_PAIRS = 6

#: Rounds until the skills have settled at the latest, and how many standard errors halve the weight
#: of a pair in them.
_ROUNDS, _FAR = 200, 3.0
#: Nodes and weights that average over what is not known of an expected share.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)

COLUMNS = ["source", "other", "basis", "rows", "alike", "expected", "part", "p_value", "copies"]


def copying_frame(votes: Votes, gold: Codes | None = None) -> pd.DataFrame:
    """Return which two sources are more alike than what they know explains.

    A pair with enough common gold rows is judged by its common mistakes: with a and b votes for a
    wrong label on n rows of one class, a·b/n equal ones are expected by lot, and their number is
    compared with a Poisson distribution (which is wider than the true one); where most pairs have
    more, because some rows are hard for all, so much more is expected. Another pair is judged
    by its agreement: if a source is right with probability p and its mistakes are spread evenly
    over K - 1 labels, its skill is (K·p - 1)/(K - 1), and two sources that decide independently
    agree on 1/K + (K - 1)/K times the product of their skills. Skills are fitted to the agreement
    with all other sources, and the uncertainty of that is part of the p-value. Two sources that
    both favour one label are expected to agree at least as often as their shares of labels give.

    Parameters
    ----------
    votes : Votes
        Of all sources; the 200 with the most votes are compared.
    gold : array of shape (n_rows,), optional
        Class number of the true label, -1 where it is not known.

    Returns
    -------
    DataFrame
        One line for each pair with at least 20 common rows, the most striking first: ``source``,
        ``other``; ``basis`` ("gold" or "others"); ``rows`` (in common); ``alike`` (rows with the
        same wrong label, or with the same label); ``expected`` (of these by lot); ``part`` (of
        what is possible beyond that; 1 for a copy); ``p_value`` (multiplied by the number of
        pairs: Bonferroni); ``copies`` (whether p is at most 0.05 and the part at least one half).
    """
    chosen = most_active(votes, MOST_COMPARED)
    pairs = _by_agreement(votes, chosen)
    if gold is not None and len(votes.classes) > 1:
        pairs = _preferred(_by_mistakes(votes, chosen, gold), pairs)
    first, second = np.nonzero(np.triu(pairs.tested, 1))
    p_value = np.minimum(1.0, pairs.p_value[first, second] * len(first))
    part = pairs.part[first, second]
    names = np.array(votes.sources, dtype=object)[chosen]
    table = {
        "source": names[first],
        "other": names[second],
        "basis": np.where(pairs.on_gold[first, second], "gold", "others").astype(object),
        "rows": pairs.rows[first, second].astype(np.intp),
        "alike": pairs.alike[first, second].astype(np.intp),
        "expected": pairs.expected[first, second],
        "part": part,
        "p_value": p_value,
        "copies": (p_value <= CHANCE) & (part >= SMALLEST_PART),
    }
    frame = pd.DataFrame(table, columns=COLUMNS).astype(
        dict.fromkeys(("source", "other", "basis"), "str")
    )
    order = np.lexsort((-part, p_value, ~table["copies"]))
    return frame.iloc[order].reset_index(drop=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pairs:
    """Square tables of every two sources; ``p_value`` is of a single pair."""

    tested: npt.NDArray[np.bool_]
    on_gold: npt.NDArray[np.bool_]
    rows: Floats
    alike: Floats
    expected: Floats
    part: Floats
    p_value: Floats


def _preferred(one: _Pairs, other: _Pairs) -> _Pairs:
    """Return the first of two judgements where it could be made, else the second."""
    numbers = {
        name: np.where(one.tested, getattr(one, name), getattr(other, name))
        for name in ("rows", "alike", "expected", "part", "p_value")
    }
    return _Pairs(tested=one.tested | other.tested, on_gold=one.tested, **numbers)


def _part(alike: Floats, expected: Floats, most: Floats) -> Floats:
    """Return how much of the possible excess there is; 0 where none is possible."""
    room = most - expected
    share = np.zeros_like(room)
    np.divide(alike - expected, room, out=share, where=room > 1e-9)
    return share


def _by_mistakes(votes: Votes, chosen: Codes, gold: Codes) -> _Pairs:
    """Judge pairs by wrong labels that both gave."""
    place = np.full(len(votes.sources), -1)
    place[chosen] = np.arange(len(chosen))
    truth = gold[votes.row]
    kept = (place[votes.source] >= 0) & (truth >= 0)
    row, source, label, truth = (
        values[kept] for values in (votes.row, place[votes.source], votes.label, truth)
    )
    rows, alike, expected, mistakes = np.zeros((4, len(chosen), len(chosen)))
    for actual in np.unique(truth):
        here = truth == actual
        voted = _marks(row[here], source[here], votes.n_rows, len(chosen))
        together = (voted.T @ voted).toarray()
        rows += together
        for code in np.setdiff1d(label[here], [actual]):
            wrong = here & (label == code)
            given = _marks(row[wrong], source[wrong], votes.n_rows, len(chosen))
            times = (given.T @ voted).toarray()
            alike += (given.T @ given).toarray()
            expected += times * times.T / np.maximum(together, 1)
            mistakes += times
    return _on_gold(rows, alike, expected, np.minimum(mistakes, mistakes.T))


def _on_gold(rows: Floats, alike: Floats, expected: Floats, most: Floats) -> _Pairs:
    """Return pairs by their common mistakes, of which so many are expected and possible."""
    tested = rows >= FEWEST_ROWS
    usual = expected * _common_excess(alike, expected, tested)
    return _Pairs(
        tested=tested,
        on_gold=tested,
        rows=rows,
        alike=alike,
        expected=usual,
        part=_part(alike, usual, most),
        p_value=np.asarray(poisson.sf(alike - 1, usual), dtype=np.float64),
    )


def _common_excess(alike: Floats, expected: Floats, tested: npt.NDArray[np.bool_]) -> float:
    """Return how many times more common mistakes than expected a usual pair has, at least 1.

    Where some rows are hard, all sources err on the same ones. Of few pairs the usual one may be
    the copy itself, so they are taken as they are.
    """
    known = np.triu(tested & (expected > 0), 1)
    if known.sum() < ENOUGH_PAIRS:
        return 1.0
    return max(1.0, float(np.median(alike[known] / expected[known])))


def _marks(row: Codes, source: Codes, n_rows: int, n_sources: int) -> csr_array:
    return csr_array((np.ones(len(row)), (row, source)), shape=(n_rows, n_sources))


def _by_agreement(votes: Votes, chosen: Codes) -> _Pairs:
    """Judge pairs by agreeing more than their agreement with others explains."""
    pairs = pair_counts(votes, chosen)
    k = max(2, len(votes.classes))
    expected_share, error = _expected_share(pairs, k)
    by_lot = pairs.chance / np.maximum(pairs.rows, 1) ** 2
    share = np.clip(np.maximum(expected_share, by_lot), 1e-6, 1.0)
    enough = pairs.rows >= FEWEST_ROWS
    np.fill_diagonal(enough, False)
    others = enough.sum(axis=1)
    tested = enough & (np.minimum.outer(others, others) > FEWEST_OTHERS)
    expected = share * pairs.rows
    part = _part(pairs.same, expected, pairs.rows)
    p_value = np.ones_like(share)
    striking = tested & (part >= SMALLEST_PART)
    p_value[striking] = _tail(*(t[striking] for t in (pairs.same, pairs.rows, share, error)))
    return _Pairs(
        tested=tested,
        on_gold=np.zeros_like(tested),
        rows=pairs.rows,
        alike=pairs.same,
        expected=expected,
        part=part,
        p_value=p_value,
    )


def _tail(alike: Floats, rows: Floats, share: Floats, error: Floats) -> Floats:
    """Return how probable at least so many equal labels are, the share being uncertain."""
    shares = np.clip(share[:, None] + _NODES * error[:, None], 1e-6, 1.0)
    tails = binom.sf(alike[:, None] - 1, rows[:, None], shares)
    return np.asarray(tails @ _WEIGHTS / _WEIGHTS.sum(), dtype=np.float64)


def _expected_share(pairs: PairCounts, k: int) -> tuple[Floats, Floats]:
    """Return the share of equal labels that skills explain, and its standard error.

    Each source's skill is fitted without the pair in question.
    """
    together = pairs.rows.copy()
    np.fill_diagonal(together, 0.0)
    agreement = (k * pairs.same / np.maximum(pairs.rows, 1) - 1) / (k - 1)
    skill, weight = _skills(agreement, together, k)
    return _without_the_pair(agreement, together, weight, skill, k)


def _skills(agreement: Floats, together: Floats, k: int) -> tuple[Floats, Floats]:
    """Return the skill of each source, and how much each pair counted for them.

    Least squares of products to agreements, in which pairs far from what is expected count less
    (Cauchy weights): a copying pair would otherwise look like two perfect sources.
    """
    known = agreement[together > 0]
    start = np.sqrt(max(0.05, float(np.median(known)))) if known.size else 0.0
    skill, weight = np.full(len(agreement), start), together
    for _ in range(_ROUNDS):
        expected = np.multiply.outer(skill, skill)
        error = np.sqrt(_variance(expected, k) / np.maximum(together, 1))
        weight = together / (1 + ((agreement - expected) / (_FAR * error)) ** 2)
        best = (weight * agreement) @ skill / np.maximum(weight @ skill**2, 1e-12)
        # Half a step: a whole one can go to and fro for ever.
        moved = np.clip((skill + best) / 2, -1 / (k - 1), 1.0)
        if np.abs(moved - skill).max(initial=0.0) < 1e-6:
            break
        skill = moved
    return skill, weight


def _variance(expected: Floats, k: int) -> Floats:
    """Return the variance of one row's agreement on the scale on which 0 is chance."""
    share = (1 + (k - 1) * expected) / k
    return np.clip(share * (1 - share), 0.01, None) * (k / (k - 1)) ** 2


def _without_the_pair(
    agreement: Floats, together: Floats, weight: Floats, skill: Floats, k: int
) -> tuple[Floats, Floats]:
    """Return the expected share of equal labels and its error, each pair left out of its own."""
    part = weight * agreement * skill
    square = weight * skill**2
    rest = np.maximum(square.sum(axis=1, keepdims=True) - square, 1e-12)
    own = np.clip((part.sum(axis=1, keepdims=True) - part) / rest, -1 / (k - 1), 1.0)
    each = np.divide(weight, together, out=np.zeros_like(weight), where=together > 0)
    noise = square * each * _variance(np.multiply.outer(skill, skill), k)
    variance = (noise.sum(axis=1, keepdims=True) - noise) / rest**2
    expected = (1 + (k - 1) * own * own.T) / k
    error = (k - 1) / k * np.sqrt(variance * own.T**2 + variance.T * own**2)
    return expected, error
