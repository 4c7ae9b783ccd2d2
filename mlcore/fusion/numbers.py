"""Votes that are numbers on a scale become one number for each row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.errors import UserError
from mlcore.fusion.spelling import Codes, normal_label, number_of
from mlcore.fusion.votes import Numbers, Votes
from mlcore.messages import listing


@dataclass(frozen=True, kw_only=True, eq=False)
class FusedNumbers:
    """One number for each row, and how far its votes lie apart.

    Parameters
    ----------
    value : float array of shape (n_rows,)
        The fused number; NaN without votes.
    spread : float array of shape (n_rows,)
        Interquartile range of the votes; half their range for two or three votes, 0 for one, NaN
        without.
    low, high : float array of shape (n_rows,)
        The smallest and the largest vote; NaN without votes.
    n_votes : int array of shape (n_rows,)
        Votes behind the number.
    """

    value: Numbers
    spread: Numbers
    low: Numbers
    high: Numbers
    n_votes: Codes


@dataclass(frozen=True, eq=False)
class _Sorted:
    """The votes of each row by size, one row after the other."""

    values: Numbers
    start: Codes
    count: Codes

    def at(self, place: Numbers) -> Numbers:
        """Return the value at a place of each row, between two neighbours where it lies there."""
        kept = np.clip(place, 0, np.maximum(self.count - 1, 0))
        below = np.floor(kept).astype(np.intp)
        above = np.ceil(kept).astype(np.intp)
        part = kept - below
        low, high = self._pick(below), self._pick(above)
        return np.asarray(np.where(part == 0, low, low * (1 - part) + high * part))

    def _pick(self, place: Codes) -> Numbers:
        values = np.append(self.values, np.nan)
        return np.asarray(values[np.where(self.count > 0, self.start + place, -1)])

    def quantile(self, share: float) -> Numbers:
        """Return a quantile of each row, linear between neighbours (numpy's default)."""
        return self.at(np.asarray(share * (self.count - 1), dtype=np.float64))


def median(votes: Votes) -> FusedNumbers:
    """Return the median of each row's votes: half of them lie on either side.

    As long as fewer than half of the sources are wrong, however far, it stays among the others.

    Parameters
    ----------
    votes : Votes
        Votes whose classes are numbers.

    Raises
    ------
    UserError
        Some labels are not numbers.
    """
    ordered = _sorted(votes)
    return _fused(ordered, ordered.quantile(0.5))


def trimmed_mean(votes: Votes, cut: float = 0.2) -> FusedNumbers:
    """Return the mean of each row's votes without the smallest and the largest of them.

    Parameters
    ----------
    votes : Votes
        Votes whose classes are numbers.
    cut : float, default 0.2
        Share of the votes that is left out at each end, rounded down to whole votes; less than a
        half. 0 is the mean. The default leaves out one at each end from five votes on.

    Raises
    ------
    UserError
        Some labels are not numbers, or the share is not from 0 to below 0.5.

    References
    ----------
    Tukey (1962), "The future of data analysis", Annals of Mathematical Statistics 33, 1-67.
    """
    if not 0 <= cut < 0.5:
        raise UserError("fusion.numbers.cut", cut=cut)
    ordered = _sorted(votes)
    # 0.1 of 10 votes is one vote, also where the product comes out a hair below.
    left_out = np.floor(cut * ordered.count + 1e-9).astype(np.intp)
    place = np.arange(len(ordered.values)) - np.repeat(ordered.start, ordered.count)
    each = np.repeat(left_out, ordered.count)
    kept = (place >= each) & (place < np.repeat(ordered.count, ordered.count) - each)
    sums = np.bincount(_row_of(ordered)[kept], ordered.values[kept], len(ordered.count))
    number = ordered.count - 2 * left_out
    mean = np.divide(sums, number, where=number > 0, out=np.full(len(sums), np.nan))
    return _fused(ordered, mean)


def _sorted(votes: Votes) -> _Sorted:
    if votes.values is None:
        words = [name for name in votes.classes if not _is_number(name)]
        raise UserError("fusion.numbers.words", words=listing(words))
    values = votes.values[votes.label]
    order = np.lexsort((values, votes.row))
    count = votes.per_row()
    start = (np.cumsum(count) - count).astype(np.intp)
    return _Sorted(values[order], start, count)


def _is_number(name: str) -> bool:
    normal = normal_label(name)
    return normal is not None and number_of(normal) is not None


def _row_of(ordered: _Sorted) -> Codes:
    return np.repeat(np.arange(len(ordered.count)), ordered.count).astype(np.intp)


def _fused(ordered: _Sorted, value: Numbers) -> FusedNumbers:
    return FusedNumbers(
        value=value,
        spread=ordered.quantile(0.75) - ordered.quantile(0.25),
        low=ordered.quantile(0),
        high=ordered.quantile(1),
        n_votes=ordered.count,
    )
