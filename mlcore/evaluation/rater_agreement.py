"""Whether sources agree with each other: Cohen's and Fleiss' kappa, Krippendorff's alpha.

All of them compare how often sources agree with how often they would by chance: 1 is perfect
agreement, 0 what chance would give. They differ in what they compare (two sources, or all), and
in what counts as near (the same label, or labels that stand close in an order or as numbers).
None of them knows the truth: sources may agree and be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, diags_array

from mlcore.errors import UserError
from mlcore.evaluation.answers import Codes, Floats
from mlcore.evaluation.intervals import LEVEL
from mlcore.fusion.votes import Votes
from mlcore.messages import Message, message

#: What counts as near: equal labels; their order; their difference; their ratio.
AlphaMetric: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]

#: Sources whose kappas are listed: more pairs than these give cannot be read.
MOST_SOURCES = 30
#: Common rows below which the kappa of two sources is little more than a guess: with fewer its
#: standard error is around 0.2, and a pair of a handful of rows has -1 or 1 by luck.
FEWEST_COMMON_ROWS = 20
#: Labels that are counted at a time for each two sources, which bounds the memory.
LABELS_AT_A_TIME = 64
#: Krippendorff's customary bounds: from the first on data are called reliable, from the second on
#: good enough for tentative conclusions ("Content Analysis", 2004, chapter 11).
ALPHA_BOUNDS = {"firm": 0.8, "tentative": 0.667}


def most_active(votes: Votes, most: int) -> Codes:
    """Return the positions of the sources with the most votes, in their own order."""
    counts = np.bincount(votes.source, minlength=len(votes.sources))
    return np.sort(np.argsort(-counts, kind="stable")[:most])


@dataclass(frozen=True, eq=False, kw_only=True)
class PairCounts:
    """What each two sources have in common.

    Parameters
    ----------
    rows : array of shape (n_chosen, n_chosen)
        Rows on which both voted; on the diagonal the source's own votes.
    same : array of the same shape
        On how many of them both gave the same label.
    chance : array of the same shape
        Sum over labels of how often the one gave it times how often the other did, on these rows.
    """

    rows: Floats
    same: Floats
    chance: Floats


def pair_counts(
    votes: Votes, chosen: Codes, rows: npt.NDArray[np.bool_] | None = None
) -> PairCounts:
    """Return what each two of the chosen sources have in common.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    chosen : array of shape (n_chosen,)
        Positions of the sources that are compared.
    rows : array of bool of shape (n_rows,), optional
        Which rows count; all by default.
    """
    place = np.full(len(votes.sources), -1)
    place[chosen] = np.arange(len(chosen))
    kept = place[votes.source] >= 0
    if rows is not None:
        kept &= rows[votes.row]
    row, column, label = votes.row[kept], place[votes.source[kept]], votes.label[kept]
    n = len(chosen)
    voted = _ones(row, column, (votes.n_rows, n))
    answers, place_of = np.unique(row * votes.n_classes + label, return_inverse=True)
    answered = _ones(place_of, column, (len(answers), n))
    return PairCounts(
        rows=(voted.T @ voted).toarray(),
        same=(answered.T @ answered).toarray(),
        chance=_chance(row, column, label, voted),
    )


def _chance(row: Codes, column: Codes, label: Codes, voted: csr_array) -> Floats:
    """Return for each two sources the sum over labels of how often each gave it where both voted.

    Labels go some at a time: there may be as many as rows, or so few that each has many votes.
    """
    n_rows, n = voted.shape
    chance = np.zeros((n, n))
    for first in range(0, int(label.max(initial=0)) + 1, LABELS_AT_A_TIME):
        part = (label >= first) & (label < first + LABELS_AT_A_TIME)
        if not part.any():
            continue
        column_of = column[part] * LABELS_AT_A_TIME + label[part] - first
        given = _ones(row[part], column_of, (n_rows, n * LABELS_AT_A_TIME))
        times = (given.T @ voted).tocoo()
        one, other = times.row // LABELS_AT_A_TIME, times.col
        which, shape = times.row % LABELS_AT_A_TIME, (n * n, LABELS_AT_A_TIME)
        mine = csr_array((times.data, (one * n + other, which)), shape=shape)
        theirs = csr_array((times.data, (other * n + one, which)), shape=shape)
        chance += np.asarray(mine.multiply(theirs).sum(axis=1)).reshape(n, n)
    return chance


def _ones(row: Codes, column: Codes, shape: tuple[int, int]) -> csr_array:
    return csr_array((np.ones(len(row)), (row, column)), shape=shape)


def cohen_kappa_frame(votes: Votes, most_sources: int = MOST_SOURCES) -> pd.DataFrame:
    """Return Cohen's kappa of each two sources, on the rows that both voted on.

    Parameters
    ----------
    votes : Votes
        Abstentions and missing votes count for nothing.
    most_sources : int, default 30
        Of more sources, those with the most votes are compared; :func:`kappa_note` says so.

    Returns
    -------
    DataFrame
        One line for each pair, in the order of the sources: ``source``, ``other``, ``kappa``
        (-1 to 1; None without a common row, or where both gave one and the same label on all of
        them, so that chance explains everything), ``rows`` (that both voted on).

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20, 37-46.
    """
    chosen = most_active(votes, most_sources)
    first, second = np.triu_indices(len(chosen), 1)
    pairs = pair_counts(votes, chosen)
    rows, same, chance = (table[first, second] for table in (pairs.rows, pairs.same, pairs.chance))
    beyond = rows**2 - chance
    defined = beyond > 0
    kappa = np.full(len(rows), None, dtype=object)
    kappa[defined] = ((same * rows - chance)[defined] / beyond[defined]).tolist()
    names = np.array(votes.sources, dtype=object)[chosen]
    table = {"source": names[first], "other": names[second], "kappa": kappa}
    return pd.DataFrame({**table, "rows": rows.astype(np.intp)})


def kappa_note(n_sources: int, most_sources: int = MOST_SOURCES) -> Message | None:
    """Return a sentence where :func:`cohen_kappa_frame` compares only a part of the sources."""
    if n_sources <= most_sources:
        return None
    return message("fusion.kappa.most_active", shown=most_sources, sources=n_sources)


def _cells(votes: Votes) -> csr_array:
    """Return how many votes each row has for each class; only cells with votes are held."""
    made = _ones(votes.row, votes.label, (votes.n_rows, len(votes.classes)))
    made.sum_duplicates()
    return made


def _sums(cells: csr_array, axis: int) -> Floats:
    return np.asarray(cells.sum(axis=axis), dtype=np.float64).ravel()


@dataclass(frozen=True, eq=False, kw_only=True)
class _Table:
    """Votes of rows by class, with what does not change when rows are drawn anew.

    Parameters
    ----------
    cells : csr_array of shape (n_rows, n_classes)
        Votes of each row for each class.
    total : array of shape (n_rows,)
        Votes of each row.
    unequal : array of shape (n_rows,)
        Its ordered pairs of unequal votes.
    """

    cells: csr_array
    total: Floats
    unequal: Floats


def _table(cells: csr_array) -> _Table:
    total = _sums(cells, axis=1)
    return _Table(cells=cells, total=total, unequal=total**2 - _squares(cells))


def _squares(cells: csr_array) -> Floats:
    """Return for each row the sum of its squared counts."""
    return _sums(cells.multiply(cells).tocsr(), axis=1)


def fleiss_kappa(counts: npt.ArrayLike | csr_array) -> float:
    """Return Fleiss' kappa, also for rows with different numbers of votes.

    The agreement of a row is the share of its pairs of votes that are equal; rows with at least
    two votes are averaged, each counting once. What chance would give is the sum of the squared
    class shares; the share of a class is its share of a row's votes, averaged over all rows with
    a vote. With equally many votes on each row this is Fleiss' own kappa.

    Parameters
    ----------
    counts : array or csr_array of shape (n_rows, n_classes)
        Votes of each row for each class.

    Returns
    -------
    float
        1 is perfect agreement, 0 what chance would give; NaN where no row has two votes, or all
        votes are for one class.

    References
    ----------
    Fleiss (1971), "Measuring nominal scale agreement among many raters", Psychological Bulletin
    76, 378-382. For missing votes: Gwet (2014), "Handbook of Inter-Rater Reliability", 4th
    edition, chapter 2.
    """
    table = _table(csr_array(counts, dtype=np.float64))
    return _fleiss(table, np.ones(len(table.total)))


def _fleiss(table: _Table, weights: Floats) -> float:
    """Return the kappa of rows that each count as many times as their weight says."""
    total = table.total
    pairs = np.where(total >= 2, weights, 0.0)
    voted = np.where(total > 0, weights, 0.0)
    if not pairs.sum():
        return np.nan
    unequal = table.unequal / np.maximum(total * (total - 1), 1.0)
    shares = table.cells.T @ (voted / np.maximum(total, 1.0)) / voted.sum()
    chance = float(shares @ shares)
    if np.isclose(chance, 1.0, rtol=0, atol=1e-12):
        return np.nan
    return float(1 - unequal @ pairs / pairs.sum() / (1 - chance))


def krippendorff_alpha(votes: Votes, metric: AlphaMetric = "nominal") -> float:
    """Return Krippendorff's alpha: one minus observed over expected disagreement.

    It allows any number of sources and any missing votes; rows with a single vote say nothing
    about agreement and are left out.

    Parameters
    ----------
    votes : Votes
        Abstentions and missing votes count for nothing.
    metric : {"nominal", "ordinal", "interval", "ratio"}, default "nominal"
        What counts as near. "ordinal" takes the order in which ``votes.classes`` stand, the others
        need labels that are numbers.

    Returns
    -------
    float
        1 is perfect agreement, 0 what chance would give, below 0 systematic disagreement; NaN
        where no row has two votes, or all votes are for one class.

    Raises
    ------
    UserError
        The labels are no numbers ("interval", "ratio"), or some are negative ("ratio").

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability", Annenberg School for
    Communication, University of Pennsylvania. Hayes and Krippendorff (2007), "Answering the call
    for a standard reliability measure for coding data", Communication Methods and Measures 1,
    77-89.
    """
    values = _numbers(votes, metric)
    cells = _pairable(_cells(votes))
    if metric == "ratio":
        return _ratio_alpha(cells, values)
    return _alpha(_table(cells), np.ones(cells.shape[0]), metric, values)


def _numbers(votes: Votes, metric: AlphaMetric) -> Floats:
    """Return the classes as numbers where a metric needs them."""
    if metric in ("nominal", "ordinal"):
        return np.arange(len(votes.classes), dtype=np.float64)
    if votes.values is None:
        raise UserError("fusion.alpha.no_numbers", metric=metric)
    if metric == "ratio" and (votes.values < 0).any():
        raise UserError("fusion.alpha.negative", value=f"{votes.values.min():g}")
    return votes.values


def _pairable(cells: csr_array) -> csr_array:
    """Return the rows with at least two votes."""
    return cells[np.flatnonzero(_sums(cells, axis=1) >= 2)]


def _alpha(table: _Table, weights: Floats, metric: AlphaMetric, values: Floats) -> float:
    """Return alpha of pairable rows that each count as many times as their weight says.

    Squared distances between positions on a line need no table of all pairs of classes: they are
    variances. The ordinal distance is one too, since the number of votes between two classes is
    the difference of their middle ranks.
    """
    totals = np.asarray(table.cells.T @ weights, dtype=np.float64)
    if metric == "nominal":
        apart, expected = table.unequal, totals.sum() ** 2 - float(totals @ totals)
    else:
        scale = np.cumsum(totals) - totals / 2 if metric == "ordinal" else values
        apart, expected = _apart(table, scale), _spread(totals, scale)
    return _one_minus(float(apart / (table.total - 1) @ weights), expected, totals.sum())


def _one_minus(observed: float, expected: float, votes: float) -> float:
    if expected <= 0:
        return np.nan
    return float(1 - (votes - 1) * observed / expected)


def _apart(table: _Table, scale: Floats) -> Floats:
    """Return for each row the squared distances of its ordered pairs of votes."""
    cells, total = table.cells, table.total
    row = np.repeat(np.arange(len(total)), np.diff(cells.indptr))
    position = scale[cells.indices]
    mean = np.bincount(row, cells.data * position, minlength=len(total)) / total
    squares = cells.data * (position - mean[row]) ** 2
    return 2 * total * np.bincount(row, squares, minlength=len(total))


def _spread(totals: Floats, scale: Floats) -> float:
    """Return the squared distances of all ordered pairs of votes."""
    votes = totals.sum()
    if not votes:
        return 0.0
    mean = totals @ scale / votes
    return float(2 * votes * (totals @ (scale - mean) ** 2))


def _ratio_alpha(cells: csr_array, values: Floats) -> float:
    totals = _sums(cells, axis=0)
    present = np.flatnonzero(totals)
    cells, totals, values = cells[:, present], totals[present], values[present]
    over = diags_array(1 / (_sums(cells, axis=1) - 1))
    weighted = (over @ cells).tocsr()
    coincidences = (cells.T @ weighted).toarray() - np.diag(_sums(weighted, axis=0))
    sums = np.add.outer(values, values)
    distance = (np.subtract.outer(values, values) / np.where(sums > 0, sums, 1.0)) ** 2
    expected = float(totals @ distance @ totals)
    return _one_minus(float((coincidences * distance).sum()), expected, totals.sum())


def agreement_frame(
    votes: Votes,
    n_boot: int = 200,
    seed: int = 0,
    *,
    ordered: bool = False,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return how far all sources agree, with bootstrap intervals.

    Parameters
    ----------
    votes : Votes
        Abstentions and missing votes count for nothing.
    n_boot : int, default 200
        How often the rows are drawn anew, with replacement; enough for the second digit. The
        interval is between the percentiles of these values, and says how much other rows of the
        same kind would move the number; the sources stay the same.
    seed : int, default 0
        Of the lot.
    ordered : bool, default False
        Whether the labels stand in a meaningful order (``votes.classes``); then the ordinal alpha
        is given and, where the labels are numbers, the interval alpha. Numbers may be mere names
        of classes, so only the user knows.
    level : float, default 0.95
        Of the intervals.

    Returns
    -------
    DataFrame
        ``statistic`` ("fleiss", "alpha_nominal", "alpha_ordinal", "alpha_interval"), ``value``,
        ``low``, ``high`` (NaN where undefined), ``rows`` (with at least two votes).
    """
    cells = _cells(votes)
    cells = cells[np.flatnonzero(_sums(cells, axis=1))]
    paired = np.flatnonzero(_sums(cells, axis=1) >= 2)
    every, both = _table(cells), _table(cells[paired])
    metrics: list[AlphaMetric] = ["nominal"]
    if ordered:
        metrics += ["ordinal"] if votes.values is None else ["ordinal", "interval"]
    values = np.empty(0) if votes.values is None else votes.values

    def measure(weights: Floats) -> list[float]:
        alphas = [_alpha(both, weights[paired], metric, values) for metric in metrics]
        return [_fleiss(every, weights), *alphas]

    n_rows = cells.shape[0]
    rng = np.random.default_rng(seed)
    draws = [measure(_drawn(rng, n_rows)) for _ in range(n_boot if len(paired) > 1 else 0)]
    low, high = _percentiles(np.array(draws).reshape(-1, 1 + len(metrics)), level)
    return pd.DataFrame(
        {
            "statistic": ["fleiss", *(f"alpha_{metric}" for metric in metrics)],
            "value": measure(np.ones(n_rows)),
            "low": low,
            "high": high,
            "rows": len(paired),
        }
    )


def _drawn(rng: np.random.Generator, n_rows: int) -> Floats:
    """Return how often each row is drawn."""
    return np.bincount(rng.integers(0, n_rows, n_rows), minlength=n_rows).astype(np.float64)


def _percentiles(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the bounds of each column; NaN where fewer than half of the draws have a value."""
    bounds = np.full((2, draws.shape[1]), np.nan)
    for column in range(draws.shape[1]):
        known = draws[np.isfinite(draws[:, column]), column]
        if len(known) > len(draws) / 2:
            bounds[:, column] = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return bounds[0], bounds[1]


def read_agreement(frame: pd.DataFrame) -> tuple[Message, ...]:
    """Return each statistic in words, and at the end what to make of them.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`agreement_frame`.
    """
    known = frame.dropna(subset=["value"])
    if known.empty:
        return (message("fusion.agreement.undefined"),)
    said = [_in_words(line) for _, line in known.iterrows()]
    alpha = known.loc[known["statistic"] == "alpha_nominal", "value"]
    if alpha.empty:
        return tuple(said)
    return (*said, message(f"fusion.agreement.reading.{alpha_level(float(alpha.iloc[0]))}"))


def alpha_level(alpha: float) -> str:
    """Return how Krippendorff's bounds read an alpha: "firm", "tentative" or "low"."""
    return next((name for name, bound in ALPHA_BOUNDS.items() if alpha >= bound), "low")


def _in_words(line: pd.Series) -> Message:
    words = {"value": f"{line['value']:.2f}", "rows": int(line["rows"])}
    if np.isnan(line["low"]):
        return message(f"fusion.agreement.{line['statistic']}", interval="", **words)
    interval = str(
        message("fusion.agreement.between", low=f"{line['low']:.2f}", high=f"{line['high']:.2f}")
    )
    return message(f"fusion.agreement.{line['statistic']}", interval=f" {interval}", **words)
