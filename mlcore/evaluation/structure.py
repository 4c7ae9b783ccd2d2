"""Is there any structure at all? Asked before anyone asks how many groups there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import diptest
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.messages import SENTENCES, Message, message

#: Stable id of the test; its name on the screen is the sentence ``structure.test.<id>``.
TEST = "dip_and_prominence"
#: Rows the test reads at most. Its cost grows with their square, and groups that the eye sees
#: show in so many rows.
MOST_ROWS = 600
#: Columns the test reads at most; of more, it reads as many principal components.
MOST_COLUMNS = 50
#: Fewer different rows say nothing.
FEWEST_ROWS = 10
#: In fewer rows groups that the eye sees are missed too often to say that there are none: three
#: blobs 6 standard deviations apart are missed in every fourth table of 60 rows.
FEW_ROWS = 100
#: Simulated tables with one group; 99 is the fewest that allow a p-value of 0.01.
N_REFERENCES = 99
#: A p-value up to this is called structure.
LEVEL = 0.01
#: Leading principal components in which dense regions are looked for.
DIRECTIONS = (2, 5)
#: Empty boxes and rows drawn for the Hopkins statistic: 20 lots are averaged, because a single
#: one of the customary size is off by 0.1 as often as not.
_HOPKINS_LOTS = 20
_HOPKINS_POINTS = 100
#: Goes into every seed, or a table made with the same seed would meet its own random numbers.
_OWN_STREAM = 1985

Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Structure:
    """Whether a table looks grouped, and how sure that is.

    Parameters
    ----------
    outcome : str
        ``"found"`` or ``"none"``; where the test cannot run ``"too_few_rows"``, ``"all_equal"`` or
        ``"only_categories"``.
    test : str
        Stable id of the test, :data:`TEST`.
    p_value : float
        How often a table with one group looks at least as grouped; NaN where the test cannot run.
    statistic : float
        How many standard deviations the table lies beyond the mean of simulated tables with one
        group, on the measure that speaks loudest.
    hopkins : float
        See :func:`hopkins`; told beside the test, never decides.
    rows : int
        Rows the test read.
    inputs : int
        Inputs the test read: those that vary and are not from categories.
    references : int
        Simulated tables.
    """

    outcome: str
    test: str
    p_value: float
    statistic: float
    hopkins: float
    rows: int
    inputs: int
    references: int

    @property
    def found(self) -> bool:
        """Whether the table looks grouped."""
        return self.outcome == "found"

    @property
    def tested(self) -> bool:
        """Whether the test could run at all."""
        return self.outcome in ("found", "none")

    @property
    def is_small(self) -> bool:
        """Whether there are too few rows to conclude from no groups found that there are none."""
        return self.rows < FEW_ROWS

    @property
    def test_name(self) -> str:
        """What the test is called on the screen."""
        return SENTENCES[f"structure.test.{self.test}"]

    @property
    def verdict(self) -> Message:
        """The outcome in one or two sentences, with its numbers."""
        numbers = asdict(self) | {"test_name": self.test_name, "fewest": FEWEST_ROWS}
        if self.tested:
            numbers["reached"] = round(self.p_value * (1 + self.references)) - 1
            numbers |= {"level": LEVEL, "reading": str(self.reading)}
        return message(f"structure.{self.outcome}", **numbers)

    @property
    def reading(self) -> Message:
        """What follows for a clustering where no groups were found."""
        if self.is_small:
            return message("structure.reading.few_rows", few_rows=FEW_ROWS)
        return message("structure.reading")

    @property
    def about_hopkins(self) -> Message | None:
        """The Hopkins statistic and what it cannot tell; ``None`` where it is not defined."""
        if not np.isfinite(self.hopkins):
            return None
        return message("structure.hopkins", hopkins=self.hopkins)

    def to_frame(self) -> pd.DataFrame:
        """Return one line: ``found`` and every field, for a file or a page."""
        return pd.DataFrame([{"found": self.found, **asdict(self)}])

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Structure:
        """Read what :meth:`to_frame` wrote."""
        line = frame.iloc[0]
        return cls(
            outcome=str(line["outcome"]),
            test=str(line["test"]),
            p_value=float(line["p_value"]),
            statistic=float(line["statistic"]),
            hopkins=float(line["hopkins"]),
            rows=int(line["rows"]),
            inputs=int(line["inputs"]),
            references=int(line["references"]),
        )


def structure_test(
    matrix: Matrix,
    *,
    discrete: npt.NDArray[np.bool_] | None = None,
    seed: int = 0,
    report: Report | None = None,
) -> Structure:
    """Test whether the rows fall into more than one group.

    Three published signs of more than one group are measured. The first is Hartigan's dip, the
    largest over all columns: how far a column is from having one peak. It sees groups that show
    in a single column. The second is the prominence of the second mode of the density of the k
    nearest neighbours, in the first 2 and the first 5 principal components: how much emptier than
    the smaller of two dense regions the emptiest place on the best way between them is. It sees
    groups of any shape that are denser inside. The third is Hartigan's runt in the first 2
    components: how large the smaller of two parts is when single linkage joins them. It sees
    groups that are thin all along, such as circles.

    What these measures are without groups is simulated: 99 tables of the same size with the same
    rank correlations (a normal copula, Cario & Nelson 1997) whose columns each follow the nearest
    distribution with one peak to the column's own, so that skew, heavy tails and correlation do
    not count as groups. Each measure is expressed in standard deviations beyond the mean of the
    simulated tables; the largest is compared with the largest of every simulated table (Westfall
    & Young 1993), so several looks do not make several chances of a false alarm. The p-value is
    1 plus the number of simulated tables that reach the data's, divided by 100; up to 0.01 is
    called structure.

    Inputs are put on one scale; values that were rounded are spread evenly over the step they
    were rounded to, values piled up at the floor or the ceiling of a column are drawn beyond it,
    and copies of a row count once, so that none of them is taken for a group.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs without missing values. Of more than 600 rows a random 600 are read; of
        more than 50 inputs, the first 50 principal components.
    discrete : array of bool of shape (n_inputs,), optional
        Inputs that come from categories. They are lumps by nature and are left out.
    seed : int, default 0
        Of the rows drawn and the tables simulated.
    report : callable, optional
        Told ``(simulated tables done, in all)`` after each.

    Returns
    -------
    Structure
        Also where the test cannot run: fewer than 10 different rows, rows that are all equal,
        or only inputs from categories.

    Notes
    -----
    Groups that overlap so much that their mixture has one peak are not found, nor are groups that
    differ only in categories, nor groups of fewer rows than about k (half the square root of the
    rows read); with fewer than 100 rows groups that the eye sees are often missed. A single group
    that is hollow, bent or a trend, such as a ring, a wave or a walk, is often called structure:
    no single peaks and rank correlations describe it. ``benchmarks/structure_found.py`` prints
    the shares found, family by family.

    References
    ----------
    Hartigan & Hartigan (1985), "The dip test of unimodality", Annals of Statistics 13, 70-84.
    Adolfsson, Ackerman & Brownstein (2019), "To cluster, or not to cluster: an analysis of
    clusterability methods", Pattern Recognition 88, 13-26.
    Chazal, Guibas, Oudot & Skraba (2013), "Persistence-based clustering in Riemannian manifolds",
    Journal of the ACM 60(6), 41.
    Hartigan & Mohanty (1992), "The runt test for multimodality", Journal of Classification 9,
    63-70.
    Westfall & Young (1993), "Resampling-based multiple testing", Wiley.
    Cario & Nelson (1997), "Modeling and generating random vectors with arbitrary marginal
    distributions and correlation matrix", Northwestern University.
    """
    random = np.random.default_rng([seed, _OWN_STREAM])
    drawn = _draw(np.asarray(matrix, dtype=np.float64), MOST_ROWS, random)
    measured = drawn if discrete is None else drawn[:, ~np.asarray(discrete, dtype=bool)]
    inputs = _varying(measured)
    hopkins_value = hopkins(inputs, seed)
    if (reason := _untestable(drawn, measured, inputs)) is not None:
        return _untested(reason, len(drawn), inputs.shape[1], hopkins_value)
    ready = _without_lumps(inputs, random)
    # For matrices this small, threads cost more than they bring.
    with threadpool_limits(1, user_api="blas"):
        p_value, statistic = _compare(ready, random, report)
    return Structure(
        outcome="found" if p_value <= LEVEL else "none",
        test=TEST,
        p_value=p_value,
        statistic=statistic,
        hopkins=hopkins_value,
        rows=len(ready),
        inputs=inputs.shape[1],
        references=N_REFERENCES,
    )


def _untestable(drawn: Matrix, measured: Matrix, inputs: Matrix) -> str | None:
    """Return why the test cannot run, or ``None``."""
    if len(drawn) < FEWEST_ROWS:
        return "too_few_rows"
    if measured.shape[1] == 0 and drawn.shape[1] > 0:
        return "only_categories"
    if inputs.shape[1] == 0:
        # Categories beside constant numbers may well differ from row to row.
        return "all_equal" if measured.shape[1] == drawn.shape[1] else "only_categories"
    # One rounded column may have few different values and still have enough rows.
    copies = inputs.shape[1] > 1 and len(np.unique(inputs, axis=0)) < FEWEST_ROWS
    return "too_few_rows" if copies else None


def _untested(outcome: str, rows: int, inputs: int, hopkins_value: float) -> Structure:
    return Structure(
        outcome=outcome,
        test=TEST,
        p_value=float("nan"),
        statistic=float("nan"),
        hopkins=hopkins_value,
        rows=rows,
        inputs=inputs,
        references=0,
    )


def _draw(matrix: Matrix, most: int, random: np.random.Generator) -> Matrix:
    if len(matrix) <= most:
        return matrix
    return np.asarray(matrix[np.sort(random.choice(len(matrix), most, replace=False))])


def _varying(matrix: Matrix) -> Matrix:
    """Return the inputs that are not constant, on one scale."""
    if matrix.size == 0:
        return matrix[:, :0]
    size = np.abs(matrix).max(axis=0)
    # Divided first: the square of a very large number would overflow.
    small = matrix / np.where(size > 0, size, 1.0)
    varies = np.ptp(small, axis=0) > 1e-12
    return _standardised(small[:, varies])


def _standardised(matrix: Matrix) -> Matrix:
    spread = matrix.std(axis=0)
    return np.asarray((matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _without_lumps(inputs: Matrix, random: np.random.Generator) -> Matrix:
    """Return the inputs without copies, rounding or piles at the ends, and not too many."""
    rows = _without_copies(inputs)
    steps = np.array([_step(column) for column in rows.T])
    even = rows + steps * random.uniform(-0.5, 0.5, rows.shape)
    spread = _standardised(_beyond_ends(rows, even, steps, random))
    return spread if spread.shape[1] <= MOST_COLUMNS else _components(spread)[:, :MOST_COLUMNS]


def _without_copies(inputs: Matrix) -> Matrix:
    """Return each row once, where equal rows are copies rather than an effect of rounding.

    Rows of numbers that are hardly ever equal in any one column are not equal by chance.
    """
    different = np.unique(inputs, axis=0)
    if len(different) == len(inputs):
        return inputs
    if inputs.shape[1] == 1:
        return inputs if _is_grid(different[:, 0]) else different
    richest = max(len(np.unique(column)) for column in different.T)
    return different if 2 * richest >= len(different) >= FEWEST_ROWS else inputs


def _is_grid(values: npt.NDArray[np.float64]) -> bool:
    """Return whether sorted values lie on multiples of one step, as rounded ones do."""
    steps = np.diff(values) / np.diff(values).min()
    return bool(np.abs(steps - np.round(steps)).max() < 0.01)


def _step(column: npt.NDArray[np.float64]) -> float:
    """Return how far apart neighbouring values are, for the median row."""
    values, which = np.unique(column, return_inverse=True)
    gaps = np.diff(values)
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    return float(np.median(nearest[which]))


def _beyond_ends(
    rows: Matrix, even: Matrix, steps: npt.NDArray[np.float64], random: np.random.Generator
) -> Matrix:
    """Return the evened rows with what piles up at the end of a column drawn beyond that end.

    A value at the floor or the ceiling of a scale stands for all values beyond it.
    """
    beyond = even.copy()
    for number, step in enumerate(steps):
        for side in (-1.0, 1.0):
            column = side * rows[:, number]
            piled = column == column.max()
            length = _overhang(column)
            if length > 0:
                tail = column.max() - step / 2 + random.exponential(length, int(piled.sum()))
                beyond[piled, number] = side * tail
    return beyond


def _overhang(column: npt.NDArray[np.float64]) -> float:
    """Return how far the values piled up at the top would reach on average, or 0 for no pile.

    They are taken to go on as densely as the tenth of the other rows lies that is next to them.
    """
    below = np.sort(column.max() - column[column < column.max()])
    piled = len(column) - len(below)
    if piled < 2 or len(below) < FEWEST_ROWS:
        return 0.0
    nearby = below[below <= below[max(len(below) // 10, 5) - 1]]
    length = float(piled / len(nearby) * nearby[-1])
    # A tail far longer than the column has room for: the pile stands apart, a group of its own.
    return length if length <= 2 * below[-1] else 0.0


def _compare(
    ready: Matrix, random: np.random.Generator, report: Report | None
) -> tuple[float, float]:
    """Return the p-value and the statistic of the data against simulated tables."""
    draw = _one_group_like(ready, random)
    simulated = []
    for number in range(N_REFERENCES):
        simulated.append(_signs(draw()))
        if report is not None:
            report(number + 1, N_REFERENCES)
    references = np.array(simulated)
    spread = references.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    beyond = ((references - references.mean(axis=0)) / scale).max(axis=1)
    statistic = ((_signs(ready) - references.mean(axis=0)) / scale).max()
    return float((1 + (beyond >= statistic).sum()) / (1 + N_REFERENCES)), float(statistic)


def _signs(table: Matrix) -> npt.NDArray[np.float64]:
    """Return the measures of being grouped: the log of the dip, the prominences, the runt."""
    components = _components(table)
    dip = max(float(diptest.dipstat(np.ascontiguousarray(column))) for column in table.T)
    widths = sorted({min(most, components.shape[1]) for most in DIRECTIONS})
    merged = [_merges(components[:, :width], _neighbors(len(table))) for width in widths]
    prominences = [_prominence(spacing, merges) for spacing, merges in merged]
    return np.array([np.log(dip), *prominences, _runt(merged[0][1])])


def _components(table: Matrix) -> Matrix:
    """Return the principal components, the widest first; no more than rows or columns."""
    centred = table - table.mean(axis=0)
    if centred.shape[1] > len(centred):
        left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
        return np.asarray(left * lengths)
    # The same through a small square matrix: a hundred of these are asked for.
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ axes[:, ::-1])


def second_mode_prominence(table: Matrix, n_neighbors: int | None = None) -> float:
    """Return how clearly the second-clearest dense region stands apart from a denser one.

    The density at a row is read from the distance to its k-th nearest neighbour. Lowering a level
    through the density, regions appear at their densest row and merge where the way between them
    is least empty; the prominence of a region is the log of the ratio of the distance at which it
    merges into a denser one to the distance at its densest row.

    Parameters
    ----------
    table : array of shape (n_rows, n_columns)
        At least two rows.
    n_neighbors : int, optional
        k; half the square root of the rows by default, between 5 and 30, so that chance peaks
        fade as rows are added.

    Returns
    -------
    float
        0 for a single dense region; log 2 where the way is half as densely spaced as the region.

    References
    ----------
    Chazal, Guibas, Oudot & Skraba (2013), "Persistence-based clustering in Riemannian manifolds",
    Journal of the ACM 60(6), 41.
    Campello, Moulavi, Zimek & Sander (2015), "Hierarchical density estimates for data clustering,
    visualization, and outlier detection", ACM TKDD 10(1), 5 (the mutual reachability distance).
    """
    return _prominence(*_merges(table, n_neighbors or _neighbors(len(table))))


def runt(table: Matrix, n_neighbors: int | None = None) -> float:
    """Return how large the smaller of two parts is when they are joined, as a share of the rows.

    Single linkage joins the nearest parts first. Without groups rows join one large part a few
    at a time; where two large parts stay apart for long, the smaller of them is the runt.

    Parameters
    ----------
    table : array of shape (n_rows, n_columns)
        At least two rows.
    n_neighbors : int, optional
        Two rows count as at least as far apart as each is from this many neighbours, so that a
        few rows between two parts do not join them; 1 is single linkage itself. The default is
        that of :func:`second_mode_prominence`.

    Returns
    -------
    float
        Above 0, at most 0.5.

    References
    ----------
    Hartigan & Mohanty (1992), "The runt test for multimodality", Journal of Classification 9,
    63-70.
    """
    return _runt(_merges(table, n_neighbors or _neighbors(len(table)))[1])


def _neighbors(n_rows: int) -> int:
    """Return the k that chance peaks fade with as rows are added."""
    return int(np.clip(round(np.sqrt(n_rows) / 2), 5, 30))


def _merges(table: Matrix, k: int) -> tuple[npt.NDArray[np.float64], Matrix]:
    """Return each row's distance to its k-th neighbour, and single linkage by reachability."""
    k = min(k, len(table) - 1)
    spacing = cKDTree(table).query(table, [k + 1])[0][:, 0]
    reach = squareform(pdist(table))
    np.maximum(reach, spacing[:, None], out=reach)
    np.maximum(reach, spacing[None, :], out=reach)
    np.fill_diagonal(reach, 0.0)
    return spacing, linkage(squareform(reach, checks=False), "single")


def _prominence(spacing: npt.NDArray[np.float64], merges: Matrix) -> float:
    """Follow the merges, keeping the smallest spacing of each region, rows first."""
    densest = spacing.tolist()
    largest = 1.0
    for one, other, level in merges[:, :3].tolist():
        low, high = densest[int(one)], densest[int(other)]
        if low > high:
            low, high = high, low
        densest.append(low)
        if level > largest * high > 0:
            largest = level / high
    return float(np.log(largest))


def _runt(merges: Matrix) -> float:
    n_rows = len(merges) + 1
    sizes = np.append(np.ones(n_rows), merges[:, 3])
    parts = merges[:, :2].astype(int)
    return float(sizes[parts].min(axis=1).max() / n_rows)


def _one_group_like(table: Matrix, random: np.random.Generator) -> Callable[[], Matrix]:
    """Return what draws tables with one group whose columns and correlations are the table's."""
    scores = ndtri((rankdata(table, axis=0) - 0.5) / len(table))
    correlation = np.corrcoef(scores, rowvar=False).reshape(table.shape[1], table.shape[1])
    lengths, axes = np.linalg.eigh(correlation)
    mixing = (axes * np.sqrt(np.clip(lengths, 0.0, None))).T
    quantiles = [_one_peak(column) for column in table.T]

    def draw() -> Matrix:
        shares = ndtr(random.standard_normal(table.shape) @ mixing)
        columns = [np.interp(s, *knots) for s, knots in zip(shares.T, quantiles, strict=True)]
        return np.column_stack(columns)

    return draw


def _one_peak(
    column: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return shares and values of the nearest distribution with one peak.

    To the left of a peak the nearest one is the greatest convex function below the empirical
    distribution, to its right the least concave one above it (Grenander 1956).
    """
    values = np.sort(column)
    shares = (np.arange(len(values)) + 0.5) / len(values)
    peaks = np.unique(np.linspace(0, len(values) - 1, 15).astype(int))
    fits = [_knots_with_peak(values, shares, int(peak)) for peak in peaks]
    misses = [np.abs(np.interp(values, values[k], shares[k]) - shares).max() for k in fits]
    best = fits[int(np.argmin(misses))]
    return shares[best], values[best]


def _knots_with_peak(
    values: npt.NDArray[np.float64], shares: npt.NDArray[np.float64], peak: int
) -> list[int]:
    rising = _convex_hull(values[: peak + 1], shares[: peak + 1])
    falling = _convex_hull(-values[peak:][::-1], -shares[peak:][::-1])
    last = len(values) - 1
    return rising + [last - knot for knot in falling[::-1]][1:]


def _convex_hull(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> list[int]:
    """Return the corners of the greatest convex function below the points, from left to right."""
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    corners: list[int] = []
    for number, (right, up) in enumerate(points):
        while len(corners) > 1:
            (x0, y0), (x1, y1) = points[corners[-2]], points[corners[-1]]
            if (y1 - y0) * (right - x0) < (up - y0) * (x1 - x0):
                break
            corners.pop()
        corners.append(number)
    return corners


def hopkins(matrix: Matrix, seed: int = 0) -> float:
    r"""Return the Hopkins statistic: how much closer rows lie to rows than empty places do.

    .. math:: H = \frac{\sum_i u_i^d}{\sum_i u_i^d + \sum_i w_i^d}

    Here :math:`u_i` is the distance from a point drawn evenly from the box around the rows to
    its nearest row, :math:`w_i` that from a drawn row to its nearest other row, and :math:`d` the
    number of inputs; a tenth of the rows is drawn, 100 at most. The mean over 20 such lots is
    returned. Rows spread evenly give about 0.5, lumps give values near 1, a regular grid less
    than 0.5.

    Its weakness: it compares with an even spread over a box and with nothing else. One round blob,
    skew, outliers or correlated columns also come out near 1, so a high value does not say that
    there is more than one group (Adolfsson et al. 2019 found its false alarms too many).

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs without missing values; of more than 600 rows a random 600 are read.
    seed : int, default 0
        Of the points and rows drawn.

    Returns
    -------
    float
        Between 0 and 1; NaN for fewer than 10 rows or rows that are all equal.

    References
    ----------
    Hopkins & Skellam (1954), "A new method for determining the type of distribution of plant
    individuals", Annals of Botany 18, 213-227.
    Wright (2022), "Will the real Hopkins statistic please stand up?", The R Journal 14, 282-292
    (the exponent).
    """
    random = np.random.default_rng([seed, _OWN_STREAM])
    rows = _draw(np.asarray(matrix, dtype=np.float64), MOST_ROWS, random)
    if len(rows) < FEWEST_ROWS or rows.shape[1] == 0 or not np.ptp(rows, axis=0).any():
        return float("nan")
    tree = cKDTree(rows)
    return float(np.mean([_hopkins_lot(rows, tree, random) for _ in range(_HOPKINS_LOTS)]))


def _hopkins_lot(rows: Matrix, tree: cKDTree, random: np.random.Generator) -> float:
    drawn = min(max(len(rows) // 10, 1), _HOPKINS_POINTS)
    places = random.uniform(rows.min(axis=0), rows.max(axis=0), (drawn, rows.shape[1]))
    from_places = tree.query(places, 1)[0]
    from_rows = tree.query(rows[random.choice(len(rows), drawn, replace=False)], 2)[0][:, 1]
    # One scale for both, or the power would overflow; it cancels.
    scale = max(from_places.max(), from_rows.max())
    empty = ((from_places / scale) ** rows.shape[1]).sum()
    return float(empty / (empty + ((from_rows / scale) ** rows.shape[1]).sum()))


def shuffled_scores(
    matrix: Matrix,
    cluster: Callable[[Matrix, int], Labels],
    score: Callable[[Matrix, Labels], float],
    *,
    groups: Sequence[Sequence[int]] = (),
    n_shuffles: int = 19,
    most_rows: int = 1000,
    seed: int = 0,
    report: Report | None = None,
) -> pd.DataFrame:
    """Return the score of the same algorithm on the data and on tables with shuffled columns.

    Shuffling each column on its own keeps its values and destroys what ties the columns together.
    What the score still reaches then is what it reaches without groups across columns. Two things
    it cannot tell: groups in one column survive the shuffling, so they do not count; correlated
    columns without any groups lose their correlation, so they may.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs.
    cluster : callable
        ``(matrix, seed)`` → labels of its rows.
    score : callable
        ``(matrix, labels)`` → a score of which more is better, such as the silhouette; NaN where
        it is not defined, as for a single cluster.
    groups : sequence of sequences of int, default ()
        Inputs that are shuffled together, such as those of one category.
    n_shuffles : int, default 19
        Shuffled tables; 19 are the fewest that allow a p-value of 0.05.
    most_rows : int, default 1000
        Of more rows, so many are drawn by lot.
    seed : int, default 0
        Of the lots, and handed to ``cluster``.
    report : callable, optional
        Told ``(tables done, tables in all)`` after each.

    Returns
    -------
    DataFrame
        ``replicate`` (0 = the data itself, 1 … = shuffled), ``value``, ``rows`` that were read.
    """
    random = np.random.default_rng([seed, _OWN_STREAM])
    rows = _draw(np.asarray(matrix, dtype=np.float64), most_rows, random)
    together = _shuffled_together(rows.shape[1], groups)
    lines = []
    for replicate in range(n_shuffles + 1):
        table = rows if replicate == 0 else _shuffled(rows, together, random)
        value = float(score(table, cluster(table, seed)))
        lines.append((replicate, value, len(rows)))
        if report is not None:
            report(replicate + 1, n_shuffles + 1)
    return pd.DataFrame(lines, columns=["replicate", "value", "rows"])


def _shuffled_together(n_inputs: int, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return every input in exactly one group."""
    grouped = {number for group in groups for number in group}
    alone = [[number] for number in range(n_inputs) if number not in grouped]
    return [list(group) for group in groups] + alone


def _shuffled(rows: Matrix, together: list[list[int]], random: np.random.Generator) -> Matrix:
    mixed = rows.copy()
    for group in together:
        mixed[:, group] = rows[random.permutation(len(rows))][:, group]
    return mixed


def shuffled_p_value(frame: pd.DataFrame) -> float:
    """Return how often shuffled columns score at least as well, by a frame of shuffled scores.

    The p-value is (1 + the number of shuffled tables whose score reaches the data's) divided by
    (1 + the number of shuffled tables); it is 1 where the data have no score.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`shuffled_scores`.
    """
    value, shuffled = _data_and_shuffled(frame)
    if np.isnan(value):
        return 1.0
    return float((1 + (shuffled >= value).sum()) / (1 + len(shuffled)))


def shuffled_verdict(frame: pd.DataFrame) -> Message:
    """Return what a frame of shuffled scores says, in a sentence.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`shuffled_scores`.
    """
    value, shuffled = _data_and_shuffled(frame)
    if np.isnan(value):
        return message("structure.shuffled.no_score")
    p_value, tables = shuffled_p_value(frame), len(shuffled)
    if not np.isfinite(shuffled).any():
        return message("structure.shuffled.only_data", value=value, tables=tables, p_value=p_value)
    beaten = p_value <= max(0.05, 1 / (1 + tables))
    return message(
        "structure.shuffled.better" if beaten else "structure.shuffled.same",
        value=value,
        best=float(np.nanmax(shuffled)),
        tables=tables,
        p_value=p_value,
    )


def _data_and_shuffled(frame: pd.DataFrame) -> tuple[float, npt.NDArray[np.float64]]:
    is_data = frame["replicate"].to_numpy() == 0
    values = frame["value"].to_numpy(dtype=np.float64)
    return float(values[is_data][0]), values[~is_data]
