"""What finding clusters costs: time and memory before a run, and what to do where it is too much.

Each clusterer has one closed form of its parameters, the rows and the columns. The constants are
times on the machine they were measured on, with one thread; :func:`machine_factor` turns them
into this machine's. ``benchmarks/cluster_estimates.py`` holds the forms against measurements.

What data do to a cost cannot be known before: how soon k-means settles, or how many rows lie
within reach of one another. The forms assume standardised columns that are neither one blob nor
perfectly separated, and are right within a factor of two in most cases, not in all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from scipy.stats import chi2

from mlcore.messages import Message, message
from mlcore.params import ParamValue

MIB = 2**20

#: The most distances between pairs of rows that are kept at once: 1 GiB of them, before copies.
MOST_PAIRS = 2**27

#: The most rows whose pairs are at most :data:`MOST_PAIRS`.
MOST_PAIRED_ROWS = 16_384

#: Rows that the silhouettes of a run are computed from, at most: they compare every pair.
SCORED_ROWS = 5_000

#: Rows of each repetition for the stability of a large table.
MOST_DRAWN = 2_000

#: Rows up to which an algorithm that feels the density is repeated: on a part of a larger table
#: its radius, or the size of its smallest group, would mean something else.
MOST_DENSE_ROWS = 10_000

#: Share of the rows that such a repetition has: repeated rows would be dense places of their own.
DENSE_SHARE = 0.8

#: How often columns are shuffled: 19 make the smallest p-value 0.05.
N_SHUFFLES = 19

#: Rows of the shuffled tables, at most.
SHUFFLED_ROWS = 1_000

#: Seconds that :func:`_probe` takes on the machine of the measurements.
_REFERENCE_PROBE = 0.0068

#: Memory that a job needs whatever it fits: Python and its libraries, in MiB.
_JOB_MB = 300.0

#: Memory below which nobody needs a number, in MiB.
LITTLE_MB = 20

#: Units of time: code, seconds, and the count from which the next one is used.
_UNITS = (("seconds", 1, 60), ("minutes", 60, 60), ("hours", 3600, 48), ("days", 86_400, 100))

#: Copies of the table that a job holds beside the fit: as read, as prepared, on the way.
_TABLE_COPIES = 3


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Time and memory that some work takes, by estimate.

    Parameters
    ----------
    seconds : float
        Time with one thread on this machine.
    memory_mb : float
        Most memory held at once on top of the table, in MiB.
    """

    seconds: float
    memory_mb: float

    def then(self, other: Cost) -> Cost:
        """Return the cost of this followed by another: times add up, memory is given back."""
        return Cost(
            seconds=self.seconds + other.seconds, memory_mb=max(self.memory_mb, other.memory_mb)
        )

    def times(self, count: int) -> Cost:
        """Return the cost of doing this so many times, one after the other."""
        return Cost(seconds=self.seconds * count, memory_mb=self.memory_mb if count else 0.0)


#: ``(values, rows, columns) -> Cost`` of one fit.
CostOf: TypeAlias = Callable[[Mapping[str, ParamValue], int, int], Cost]


@cache
def machine_factor() -> float:
    """Return how many times longer this machine takes than the one of the measurements.

    Measured once a process, in some 50 ms with one thread, and kept.
    """
    return min(_probe() for _ in range(6)) / _REFERENCE_PROBE  # the least disturbed


def _probe() -> float:
    """Return the seconds that a mix of what clusterers do takes here."""
    values = np.random.default_rng(0).standard_normal((1000, 16))
    # The thread's own time: other threads of the process may be busy.
    started = time.thread_time()
    ((values[:, None] - values[:100]) ** 2).sum(axis=2).argmin(axis=1)  # distances, and memory
    np.sort(values, axis=0)
    total = 0
    for number in range(50_000):  # what Python itself does between
        total += number % 7
    return time.thread_time() - started


def _cost(seconds: float, numbers: float) -> Cost:
    """Return a cost from seconds of the reference machine and 8-byte numbers held at once."""
    return Cost(seconds=seconds * machine_factor(), memory_mb=8 * numbers / MIB)


def _int(values: Mapping[str, ParamValue], name: str, default: int) -> int:
    value = values.get(name)
    return int(value) if isinstance(value, int | float) else default


def _float(values: Mapping[str, ParamValue], name: str, default: float) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else default


def _dimensions(columns: int) -> float:
    """Return in how many directions the rows of a real table spread.

    Columns hang together: 14 columns of flights fill a space of about five dimensions, as the
    growth of their distances with the rows shows. Independent columns would fill all of theirs.
    """
    return min(float(columns), max(1.4 * math.sqrt(columns), 0.4 * columns))


def _share_within(distance: float, columns: int) -> float:
    """Return the share of rows within a distance of a row, in one cloud.

    The squared distance of two rows of ``e`` standard normal columns, halved, follows a
    chi-squared distribution with ``e`` degrees of freedom; standardised columns that fill fewer
    dimensions have the same variance in all, so more of it in each.
    """
    dimensions = _dimensions(columns)
    return float(chi2.cdf(distance**2 / 2 * dimensions / columns, dimensions))


def _tree_search(learned: int, asked: int, columns: int) -> float:
    """Return the seconds of finding the near rows in a tree: it visits more with each column."""
    visits = 3.2e-6 * math.pow(max(learned, 1), 0.035 * min(columns, 25))
    return asked * (8e-6 + visits)


def _pairs_search(learned: int, asked: int, columns: int) -> float:
    """Return the seconds of finding the near rows by comparing every pair."""
    return asked * (6e-6 + learned * (1.2e-9 + 1e-10 * columns))


def search_method(rows: int, columns: int) -> str:
    """Return how the rows near each row are found soonest: ``"kd_tree"`` or ``"brute"``.

    A tree skips most rows in few dimensions only. scikit-learn's own choice keeps to it up to 15
    columns; for 336,776 × 14 rows of flights comparing all pairs takes a quarter of its time.
    """
    tree, pairs = _tree_search(rows, rows, columns), _pairs_search(rows, rows, columns)
    return "kd_tree" if tree <= pairs else "brute"


def _search(learned: int, asked: int, columns: int) -> float:
    """Return the seconds of finding near rows with scikit-learn's own choice of method."""
    by_tree = columns <= 15
    return (_tree_search if by_tree else _pairs_search)(learned, asked, columns)


def k_means(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what k-means takes: each start passes over all rows until nothing moves."""
    clusters, starts = _int(values, "n_clusters", 3), _int(values, "n_init", 10)
    passes = min(25, _int(values, "max_iter", 300))  # seldom under 5 or over 100
    of_start = 3.5e-8  # the first centres are drawn one after the other, by distance
    of_pass = 3.5e-9 + 2.5e-10 * columns
    seconds = starts * (7e-4 + rows * clusters * (of_start + passes * of_pass))
    return _cost(0.003 + seconds, rows * (1.75 * columns + 8))


def mini_batch_k_means(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what mini-batch k-means takes: small batches, then one pass over all rows."""
    clusters, starts = _int(values, "n_clusters", 3), _int(values, "n_init", 10)
    batch = max(1, min(_int(values, "batch_size", 1024), rows))
    # It ends once ten batches in a row bring nothing.
    steps = min(150.0, 20 + 0.6 * rows / batch, _int(values, "max_iter", 100) * rows / batch)
    of_distance = 3.5e-9 + 2.5e-10 * columns
    of_step = 2e-4 + batch * (2e-8 * columns + clusters * of_distance)
    of_start = 5e-4 + 3 * batch * clusters * (3.5e-8 + of_distance)
    last = rows * (2e-8 * columns + clusters * of_distance)
    return _cost(0.003 + steps * of_step + starts * of_start + last, rows * 5)


def gaussian_mixture(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what a mixture takes: passes like k-means, with a matrix for each component."""
    components, starts = _int(values, "n_components", 3), _int(values, "n_init", 3)
    has_matrices = values.get("covariance_type", "full") in ("full", "tied")
    # Matrices take longer to fill and to settle; seldom under 2 passes or over 50.
    passes = 9 if has_matrices else 5
    of_pass = 1.6e-7 + 1e-8 * columns + (3e-10 * columns**2 if has_matrices else 0.0)
    seconds = starts * (3e-3 + rows * components * passes * of_pass)
    return _cost(0.003 + seconds, rows * (2.7 * columns + 4 * components + 5))


def dbscan(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what DBSCAN takes: it holds the rows within eps of every row."""
    share = _share_within(_float(values, "eps", 0.5), columns)
    neighbors = max(rows * share, 2.0 * _int(values, "min_samples", 5))
    if search_method(rows, columns) == "brute":
        # Lists that double as they grow, of neighbours and of their distances.
        seconds, held = _pairs_search(rows, rows, columns), 3.3
    else:
        seconds, held = _tree_search(rows, rows, columns), 1.6
    handling = rows * neighbors * 2e-8
    return _cost(0.003 + seconds + handling, rows * (held * neighbors + columns + 25))


def hdbscan(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what HDBSCAN takes: a search for neighbours, then a tree over all pairs of rows."""
    neighbors = _int(values, "min_samples", _int(values, "min_cluster_size", 10))
    of_pair = 2e-9 + 8e-10 * columns
    seconds = 0.008 + rows * 8e-6 + rows**2 * of_pair
    return _cost(seconds, rows * (2 * neighbors + 2 * columns + 40))


def hierarchical(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what hierarchical clustering takes: every pair of rows, or of neighbours only."""
    if values.get("neighbor_graph"):
        neighbors = _int(values, "n_neighbors", 10)
        # Joined groups have more neighbours, the more so the more columns.
        of_edge = (1e-5 + 1.2e-6 * columns) * math.pow(max(rows, 1) / 1e4, 0.1)
        # The nearest are found sooner than all within a distance.
        seconds = 0.01 + 0.5 * _search(rows, rows, columns) + rows * neighbors * of_edge
        return _cost(seconds, rows * (50 * neighbors + 12 * columns))
    pairs = rows * (rows - 1) / 2
    if values.get("linkage") == "single":  # grows a tree row by row and keeps no pairs
        return _cost(0.003 + pairs * (7e-9 + 4e-10 * columns), rows * (columns + 10))
    of_pair = (4.5e-8 + 1e-9 * columns) * (1 + rows / 1e4)  # past the processor's cache
    return _cost(0.003 + pairs * of_pair, 2 * pairs + rows * 10)  # the distances and a copy


def spectral(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what spectral clustering takes: eigenvectors of a graph of the rows, one a group."""
    clusters = _int(values, "n_clusters", 3)
    if values.get("affinity") == "rbf":  # a full matrix and its factors
        return _cost(0.02 + rows**3 * 4.9e-11 + clusters * rows * 2e-6, 4.2 * rows**2)
    neighbors = _int(values, "n_neighbors", 10)
    # The factors of the sparse matrix fill up: hardly in two dimensions, nearly in four.
    spread = min(1.0, max(0.0, (columns - 2) / 2))
    filled = 0.2 * neighbors * math.pow(rows, 1 + 0.75 * spread)
    factoring = rows * 1.5e-5 + 1.8e-9 * math.pow(rows, 1 + 1.3 * spread)
    solving = clusters * (rows * 1.3e-6 + filled * 2e-9)
    seconds = 0.01 + 0.5 * _search(rows, rows, columns) + factoring + solving
    return _cost(seconds, rows * 25 * neighbors + filled)


def mean_shift(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what mean shift takes: every seed climbs, looking at all rows within reach."""
    width, share = values.get("bandwidth"), _float(values, "quantile", 0.2)
    if isinstance(width, int | float):
        share = _share_within(width, columns)
    seeds = float(rows)
    if values.get("bin_seeding", True):
        # Occupied cells of a grid as fine as the window.
        seeds = min(seeds, 3.5 * math.pow(rows, 0.4) * math.pow(max(share, 1e-6) / 0.2, -1.6))
    of_step = 3e-4 + rows * (2e-8 + 1e-7 * share)
    return _cost(0.03 + seeds * 15 * of_step, rows * (columns + 10) + seeds * columns)


def birch(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what BIRCH takes: a tree of summaries, then their hierarchical clustering."""
    summaries = _summaries(values, rows, columns)
    seconds = 0.003 + rows * (6e-6 + 7e-7 * math.sqrt(summaries))
    tree = _cost(seconds, summaries * (3 * columns + 50))
    return tree.then(hierarchical({}, summaries, columns))


def _summaries(values: Mapping[str, ParamValue], rows: int, columns: int) -> int:
    """Return how many summaries BIRCH keeps: balls that cover the cloud, while rows last."""
    reach = math.sqrt(columns) / max(_float(values, "threshold", 0.5), 1e-9)
    balls = 4 * math.pow(reach, _dimensions(columns))
    return max(1, round(rows * balls / (rows + balls)))


#: The form of each clusterer, by the algorithm's id.
COSTS: Mapping[str, CostOf] = {
    "k_means": k_means,
    "mini_batch_k_means": mini_batch_k_means,
    "gaussian_mixture": gaussian_mixture,
    "dbscan": dbscan,
    "hdbscan": hdbscan,
    "hierarchical": hierarchical,
    "spectral": spectral,
    "mean_shift": mean_shift,
    "birch": birch,
}


def scores(rows: int, columns: int) -> Cost:
    """Return what the scores of a clustering take: silhouettes of at most 5,000 rows."""
    used = min(rows, SCORED_ROWS)
    return _cost(0.005 + used**2 * 1.2e-8 + rows * columns * 4e-8, 0.5 * used**2)


def assignment(learned: int, rows: int, columns: int) -> Cost:
    """Return what giving rows to clusters takes by the nearest of the rows that were learned."""
    # A few nearest rows are found sooner than all within a distance.
    return _cost(0.25 * _search(learned, rows, columns), rows * 10 + learned * columns)


def drawn_rows(rows: int, *, needs_density: bool = False) -> int:
    """Return how many rows each repetition for the stability finds groups in.

    All of them, drawn with repetition, and of more than 4,000 rows 2,000 different ones. Where the
    algorithm feels the density: most of them, all different; and none of more than 10,000 rows,
    where the stability is left out.
    """
    if needs_density:
        return int(DENSE_SHARE * rows) if rows <= MOST_DENSE_ROWS else 0
    return rows if rows <= 2 * MOST_DRAWN else MOST_DRAWN


def _preparation(rows: int, columns: int) -> Cost:
    """Return what preparing drawn rows takes, and comparing their groups with those of all."""
    return _cost(0.008 + rows * columns * 1e-7, rows * columns)


def _around(rows: int, columns: int) -> Cost:
    """Return what every run takes: its process begins, and its clusters are described."""
    # The tree that describes them grows from so many rows at most.
    described = min(rows, 20_000) * columns * 3e-6
    return _cost(0.6 + described + rows * columns * 4e-7, 4 * rows * columns)


def run_cost(
    spec_cost: CostOf,
    values: Mapping[str, ParamValue],
    rows: int,
    columns: int,
    *,
    sample: int | None = None,
    repeats: int = 20,
    needs_density: bool = False,
) -> Cost:
    """Return what a whole run takes: fit, scores, stability, shuffled columns, the rest assigned.

    Parameters
    ----------
    spec_cost : callable
        The algorithm's own form, such as :func:`k_means`.
    values : mapping
        Its parameter values; what is missing counts with a usual value.
    rows, columns : int
        Size of the prepared table, rows to assign included.
    sample : int, optional
        Rows to learn from; the rest are assigned. By default all rows.
    repeats : int, default 20
        Repetitions for the stability.
    needs_density : bool, default False
        Whether the algorithm feels the density, as its declaration says; see :func:`drawn_rows`.
    """
    learned = rows if sample is None else min(sample, rows)
    drawn = drawn_rows(learned, needs_density=needs_density)
    shuffled = min(SHUFFLED_ROWS, learned)
    parts = (
        spec_cost(values, learned, columns),
        assignment(learned, rows - learned, columns),
        scores(learned, columns).times(2),  # of the run, and of its rows
        spec_cost(values, drawn, columns).times(repeats if drawn else 0),
        _preparation(drawn, columns).times(repeats if drawn else 0),
        spec_cost(values, shuffled, columns).times(N_SHUFFLES + 1),
        scores(shuffled, columns).times(N_SHUFFLES + 1),
        _around(rows, columns),
    )
    return Cost(
        seconds=sum(part.seconds for part in parts),
        # One after the other: what a part held is given back before the next begins.
        memory_mb=max(part.memory_mb for part in parts),
    )


def duration_words(cost: Cost) -> Message:
    """Return a cost in words, "about 3 seconds and 120 MB", no more exact than it is."""
    return message(
        "clustering.cost.words",
        duration=str(_duration(cost.seconds)),
        memory=str(memory_words(cost.memory_mb)),
    )


def _duration(seconds: float) -> Message:
    if seconds < 1:
        return message("clustering.cost.under_a_second")
    for unit, size, most in _UNITS:
        count = _rounded(seconds / size)
        if count < most:
            return message(f"clustering.cost.{unit}", count=count, s="" if count == 1 else "s")
    return message("clustering.cost.too_long", most=_UNITS[-1][2])


def memory_words(memory_mb: float) -> Message:
    """Return some memory in words, "120 MB", no more exact than an estimate is."""
    if memory_mb < LITTLE_MB:
        return message("clustering.cost.little_memory", most=LITTLE_MB)
    count = _rounded(memory_mb)
    if count < 1000:
        return message("clustering.cost.megabytes", count=count)
    return message("clustering.cost.gigabytes", count=f"{memory_mb / 1024:,.1f}")


def _rounded(count: float) -> int:
    """Return a count to two digits at most, and past ten to a half of the first.

    >>> [_rounded(count) for count in (1.4, 7.8, 12.4, 43, 127, 770)]
    [1, 8, 10, 45, 150, 750]
    """
    if count < 10:
        return round(count)
    step = 5 * int(10 ** (math.floor(math.log10(count)) - 1))
    return step * round(count / step)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Something that would fit where the run would not.

    Parameters
    ----------
    sentence : Message
        What it is, and what the run would take then.
    changes : mapping
        What to change: ``{"repeats": count}``, ``{"sample": rows}``, ``{"params": {name: value}}``,
        ``{"algorithm": id}`` or the last two together; survives JSON.
    cost : Cost
        What the whole run would take.
    """

    sentence: Message
    changes: Mapping[str, Any]
    cost: Cost

    @property
    def code(self) -> str:
        """The stable code of the offer, such as ``"clustering.cost.offer.sample"``."""
        return self.sentence.code


def fits(cost: Cost, rows: int, columns: int, *, memory_mb: float, seconds: float) -> bool:
    """Return whether a job with these limits can do it beside holding the table."""
    table = 8 * rows * columns * _TABLE_COPIES / MIB
    return cost.seconds <= seconds and _JOB_MB + table + cost.memory_mb <= memory_mb


def most_rows(algorithm_id: str, values: Mapping[str, ParamValue]) -> int | None:
    """Return the rows past which a fit is refused, whatever memory there is, or ``None``.

    Hierarchical clustering without a neighbour graph keeps the distance of every pair of rows,
    except for single linkage; spectral clustering with a full affinity keeps it twice.
    """
    if algorithm_id == "spectral" and values.get("affinity") == "rbf":
        return math.isqrt(MOST_PAIRS)
    if algorithm_id != "hierarchical" or values.get("neighbor_graph"):
        return None
    return None if values.get("linkage") == "single" else MOST_PAIRED_ROWS


def offers(
    algorithm_id: str,
    values: Mapping[str, ParamValue],
    rows: int,
    columns: int,
    *,
    memory_mb: float,
    seconds: float,
    sample: int | None = None,
    repeats: int = 20,
    needs_density: bool = False,
) -> tuple[Offer, ...]:
    """Return what would fit instead of a run that does not; nothing when the run itself fits.

    Parameters
    ----------
    algorithm_id : str
        A key of :data:`COSTS`.
    values : mapping
        Its parameter values.
    rows, columns : int
        Size of the prepared table, rows to assign included.
    memory_mb, seconds : float
        Limits of the job.
    sample, repeats, needs_density
        As in :func:`run_cost`.
    """
    learned = rows if sample is None else min(sample, rows)

    def cost_with(changes: Mapping[str, Any]) -> Cost | None:
        """Return the cost of the changed run, or ``None`` where it would not fit either."""
        algorithm = changes.get("algorithm", algorithm_id)
        is_same = algorithm == algorithm_id
        changed = {**(values if is_same else {}), **changes.get("params", {})}
        chosen = changes.get("sample", learned)
        most = most_rows(algorithm, changed)
        if most is not None and chosen > most:
            return None
        cost = run_cost(
            COSTS[algorithm],
            changed,
            rows,
            columns,
            sample=chosen,
            repeats=changes.get("repeats", repeats),
            needs_density=needs_density and is_same,
        )
        return cost if fits(cost, rows, columns, memory_mb=memory_mb, seconds=seconds) else None

    if cost_with({}) is not None:
        return ()
    ways = (
        ("repeats", _fewer("repeats", _ROUND_REPEATS, repeats)),
        *_LIGHTER.get(algorithm_id, ()),
        ("sample", _fewer("sample", _ROUND_ROWS, learned)),
    )
    found = (_first(name, steps, cost_with) for name, steps in ways)
    return tuple(offer for offer in found if offer is not None)


def _first(
    name: str,
    steps: Iterable[Mapping[str, Any]],
    cost_with: Callable[[Mapping[str, Any]], Cost | None],
) -> Offer | None:
    """Return the first of some ever stronger changes that fits."""
    for changes in steps:
        if (cost := cost_with(changes)) is not None:
            sentence = message(
                f"clustering.cost.offer.{name}",
                cost=str(duration_words(cost)),
                sample=f"{changes.get('sample', 0):,}",
                repeats=changes.get("repeats", 0),
            )
            return Offer(sentence=sentence, changes=changes, cost=cost)
    return None


#: Round numbers of rows to learn from.
_ROUND_ROWS = (200_000, 100_000, 50_000, 30_000, 20_000, 10_000, 5_000, 3_000, 2_000, 1_000)

#: Numbers of repetitions; a mean of fewer than five says little.
_ROUND_REPEATS = (100, 50, 20, 10, 5)


def _fewer(name: str, counts: Iterable[int], now: int) -> list[dict[str, Any]]:
    return [{name: count} for count in counts if count < now]


#: BIRCH's reach of a summary, in standard deviations: the coarser, the fewer summaries.
_THRESHOLDS = (0.5, 1.0, 1.5, 2.0, 3.0)

#: Lighter ways to much the same, by algorithm: a name and ever stronger changes.
_LIGHTER: Mapping[str, tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]] = {
    "hierarchical": (
        ("neighbor_graph", ({"params": {"neighbor_graph": True}},)),
        (
            "birch",
            tuple(
                {"algorithm": "birch", "params": {"threshold": threshold}}
                for threshold in _THRESHOLDS
            ),
        ),
    ),
    "birch": (
        ("threshold", tuple({"params": {"threshold": threshold}} for threshold in _THRESHOLDS)),
    ),
    "spectral": (("nearest_neighbors", ({"params": {"affinity": "nearest_neighbors"}},)),),
    "k_means": (("mini_batch_k_means", ({"algorithm": "mini_batch_k_means"},)),),
}
