"""Whether values lie as they did in training: the population stability index, against chance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import chi2

from mlcore.evaluation.answers import Floats

#: From here on a distribution counts as somewhat different, and as very different.
SOMEWHAT, VERY = 0.1, 0.25

#: With this chance a column that did not change at all is called changed, over all columns.
LEVEL = 0.01

#: Added to every count, so that a bin that one side lacks has a finite weight.
_SMOOTHING = 0.5


class Verdict(StrEnum):
    """What a difference amounts to."""

    ALIKE = "alike"
    SOMEWHAT = "somewhat"
    VERY = "very"
    CHANCE = "chance"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far two sets of counts lie apart.

    Parameters
    ----------
    index : float
        The population stability index; 0 for the same shares.
    verdict : Verdict
        What it amounts to; ``CHANCE`` where it is large, but no larger than so few rows make it by
        chance.
    bin : int
        Number of the bin whose share changed most.
    """

    index: float
    verdict: Verdict
    bin: int


def stability_index(training: Floats, new: Floats) -> float:
    """Return the population stability index of two sets of counts over the same bins.

    The sum over bins of (share now − share then) · ln(share now / share then), which is the
    symmetric Kullback–Leibler divergence of the two. Half a row is added to every bin.

    Parameters
    ----------
    training, new : array of shape (n_bins,)
        How many rows fell into each bin.

    References
    ----------
    Siddiqi (2006), "Credit Risk Scorecards", for the index and its customary limits 0.1 and 0.25.
    """
    then, now = (_smoothed(counts) for counts in (training, new))
    return float(((now - then) * np.log(now / then)).sum())


def _smoothed(counts: Floats) -> Floats:
    smooth: Floats = np.asarray(counts, dtype=np.float64) + _SMOOTHING
    shares: Floats = smooth / smooth.sum()
    return shares


def compare(training: Floats, new: Floats, n_columns: int = 1) -> Drift:
    """Return how far new counts lie from those of training, and whether chance explains it.

    Parameters
    ----------
    training, new : array of shape (n_bins,)
        How many rows fell into each bin, at least one bin.
    n_columns : int, default 1
        How many columns are looked at; the more, the more of them differ by chance.

    References
    ----------
    Yurdakul, Naranjo (2020), "Statistical Properties of the Population Stability Index": without
    a change, the index times n·m/(n+m) follows a chi-squared distribution with one degree of
    freedom less than there are bins.
    """
    training, new = (np.asarray(counts, dtype=np.float64) for counts in (training, new))
    index = stability_index(training, new)
    n_then, n_now = training.sum(), new.sum()
    # Bins that neither side fills tell nothing.
    filled = int(((training + new) > 0).sum())
    scale = n_then * n_now / max(1.0, n_then + n_now)
    limit = chi2.isf(LEVEL / max(1, n_columns), max(1, filled - 1)) / scale if scale else np.inf
    change = np.abs(_smoothed(new) - _smoothed(training))
    return Drift(index=index, verdict=_verdict(index, float(limit)), bin=int(change.argmax()))


def _verdict(index: float, limit: float) -> Verdict:
    if index < SOMEWHAT:
        return Verdict.ALIKE
    if index <= limit:
        return Verdict.CHANCE
    return Verdict.VERY if index >= VERY else Verdict.SOMEWHAT
