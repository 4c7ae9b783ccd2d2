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

#: Seconds that :func:`_probe` takes on the machine of the measurements.
_REFERENCE_PROBE = 0.030

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
    return min(_probe() for _ in range(2)) / _REFERENCE_PROBE


def _probe() -> float:
    """Return the seconds that a mix of what clusterers do takes here."""
    values = np.random.default_rng(0).standard_normal((2000, 16))
    started = time.process_time()
    for _ in range(2):
        np.argmin(values @ values[:400].T, axis=1)  # linear algebra and passes over memory
        np.sort(values, axis=0)
    total = 0
    for number in range(100_000):  # what Python itself does between
        total += number % 7
    return time.process_time() - started


def _cost(seconds: float, numbers: float) -> Cost:
    """Return a cost from seconds of the reference machine and 8-byte numbers held at once."""
    return Cost(seconds=seconds * machine_factor(), memory_mb=8 * numbers / MIB)


def _int(values: Mapping[str, ParamValue], name: str, default: int) -> int:
    value = values.get(name)
    return int(value) if isinstance(value, int | float) else default


def _float(values: Mapping[str, ParamValue], name: str, default: float) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else default


def _share_within(distance: float, columns: int) -> float:
    """Return the share of rows within a distance of a row, in a cloud without clusters.

    The squared distance of two rows of standard normal columns, halved, follows a chi-squared
    distribution.
    """
    return float(chi2.cdf(distance**2 / 2, columns))


def k_means(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what k-means takes: each start passes over all rows until nothing moves."""
    clusters, starts = _int(values, "n_clusters", 3), _int(values, "n_init", 10)
    passes = min(20, _int(values, "max_iter", 300))
    distances = rows * clusters * passes * starts
    seconds = 0.005 + distances * (2e-9 + 0.2e-9 * columns)
    return _cost(seconds, rows * (columns + 5))


def mini_batch_k_means(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what mini-batch k-means takes: small batches, then one pass over all rows."""
    clusters, starts = _int(values, "n_clusters", 3), _int(values, "n_init", 3)
    batch = min(_int(values, "batch_size", 1024), rows)
    steps = min(100, _int(values, "max_iter", 100) * math.ceil(rows / batch))
    distances = clusters * (rows + batch * (steps + 3 * starts))
    return _cost(0.01 + steps * 1e-4 + distances * (2e-9 + 0.2e-9 * columns), rows * 3)


def gaussian_mixture(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what a mixture takes: like k-means, with a matrix of each component."""
    components, starts = _int(values, "n_components", 3), _int(values, "n_init", 1)
    full = values.get("covariance_type", "full") in ("full", "tied")
    per_row = columns * (columns if full else 1)
    passes = 20 * starts
    seconds = 0.01 + rows * components * passes * (2e-8 + 1e-9 * per_row)
    return _cost(seconds, rows * (3 * columns + 3 * components))


def dbscan(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what DBSCAN takes: it holds the neighbours within eps of every row."""
    share = _share_within(_float(values, "eps", 0.5), columns)
    neighbors = max(rows * share, _int(values, "min_samples", 5))
    return _cost(
        0.005 + _search(rows, columns) + rows * neighbors * 1e-8, rows * (neighbors + columns + 20)
    )


def _search(rows: int, columns: int) -> float:
    """Return the seconds of finding the neighbours of all rows among all rows.

    A tree visits a share of the rows that grows with the columns; from some ten columns on it
    visits nearly all.
    """
    visited = math.pow(rows, min(1.0, 0.3 + 0.06 * columns))
    return rows * visited * (2e-9 + 1e-9 * columns) + rows * 5e-6


def hdbscan(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what HDBSCAN takes: a search for neighbours, then a tree over all pairs of rows."""
    seconds = 0.01 + _search(rows, columns) + rows**2 * (4e-9 + 0.5e-9 * columns)
    return _cost(seconds, rows * (_int(values, "min_samples", 5) * 2 + 2 * columns + 40))


def hierarchical(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what hierarchical clustering takes: every pair of rows, or of neighbours only."""
    if values.get("neighbor_graph"):
        neighbors = _int(values, "n_neighbors", 10)
        seconds = _search(rows, columns) + rows * neighbors * math.log2(rows + 2) * 2.5e-6
        return _cost(0.05 + seconds, rows * (60 * neighbors + columns))
    pairs = rows * (rows - 1) / 2
    if values.get("linkage") == "single":  # grows a tree row by row and keeps no pairs
        return _cost(0.005 + pairs * (8e-9 + 0.4e-9 * columns), rows * (columns + 10))
    return _cost(0.005 + pairs * (8e-8 + 1e-9 * columns), 2 * pairs + rows * 10)


def spectral(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what spectral clustering takes: eigenvectors of a graph of the rows."""
    if values.get("affinity") == "rbf":
        return _cost(0.02 + rows**3 * 4.5e-11, 4.2 * rows**2)
    neighbors = _int(values, "n_neighbors", 10)
    fill = rows ** (1 + 0.1 * min(columns, 10))
    seconds = 0.03 + _search(rows, columns) + fill * rows**0.5 * 1e-9
    return _cost(seconds, rows * neighbors * 10 + fill)


def mean_shift(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what mean shift takes: every seed climbs, looking at all rows within reach."""
    seeds = min(rows, 10 * columns)
    climbs = seeds * 10
    return _cost(0.05 + climbs * (3e-4 + rows * (5e-9 + 1e-9 * columns)), rows * (columns + 5))


def birch(values: Mapping[str, ParamValue], rows: int, columns: int) -> Cost:
    """Return what BIRCH takes: a tree of summaries, then their hierarchical clustering."""
    summaries = _summaries(values, rows, columns)
    tree = _cost(rows * (1e-5 + 1e-7 * columns + 1e-9 * summaries), summaries * columns * 10)
    return tree.then(hierarchical({}, summaries, columns))


def _summaries(values: Mapping[str, ParamValue], rows: int, columns: int) -> int:
    """Return how many summaries BIRCH keeps of so many rows."""
    share = _share_within(_float(values, "threshold", 0.5), columns)
    return round(min(rows, 1 / max(share, 1 / rows)))


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
    return _cost(0.02 + used**2 * (1.5e-8 + 0.2e-9 * columns) + rows * columns * 1e-8, 2 * used**2)


def assignment(learned: int, rows: int, columns: int) -> Cost:
    """Return what giving rows to clusters takes by the nearest of the rows that were learned."""
    visits = _search(learned, columns) / max(learned, 1)
    return _cost(rows * visits, rows * 10 + learned * columns)


def run_cost(
    spec_cost: CostOf,
    values: Mapping[str, ParamValue],
    rows: int,
    columns: int,
    *,
    sample: int | None = None,
    n_boot: int = 20,
    boot_rows: int = 2_000,
    n_shuffles: int = 20,
    shuffle_rows: int = 1_000,
) -> Cost:
    """Return what a whole run takes: fit, scores, stability, shuffled columns, the rest assigned.

    Parameters
    ----------
    spec_cost : callable
        The algorithm's own form, such as :func:`k_means`.
    values : mapping
        Its parameter values; what is missing counts with a usual value.
    rows, columns : int
        Size of the prepared table.
    sample : int, optional
        Rows to learn from; the rest are assigned. By default all rows.
    n_boot, boot_rows : int
        Fits for the stability, and the most rows of each.
    n_shuffles, shuffle_rows : int
        Fits on shuffled columns, and the most rows of each.
    """
    learned = rows if sample is None else min(sample, rows)
    parts = (
        spec_cost(values, learned, columns),
        assignment(learned, rows - learned, columns),
        scores(rows, columns),
        spec_cost(values, min(boot_rows, learned), columns).times(n_boot),
        spec_cost(values, min(shuffle_rows, learned), columns).times(n_shuffles),
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
        memory=str(_memory(cost.memory_mb)),
    )


def _duration(seconds: float) -> Message:
    if seconds < 1:
        return message("clustering.cost.under_a_second")
    for unit, size, most in _UNITS:
        count = _rounded(seconds / size)
        if count < most:
            return message(f"clustering.cost.{unit}", count=count, s="" if count == 1 else "s")
    return message("clustering.cost.too_long", most=_UNITS[-1][2])


def _memory(memory_mb: float) -> Message:
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
        What to change: ``{"sample": rows}``, ``{"params": {name: value}}``, ``{"algorithm": id}``
        or the last two together; survives JSON.
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
    except for single linkage.
    """
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
) -> tuple[Offer, ...]:
    """Return what would fit instead of a run that does not; nothing when the run itself fits.

    Parameters
    ----------
    algorithm_id : str
        A key of :data:`COSTS`.
    values : mapping
        Its parameter values.
    rows, columns : int
        Size of the prepared table.
    memory_mb, seconds : float
        Limits of the job.
    """

    def cost_with(changes: Mapping[str, Any]) -> Cost | None:
        """Return the cost of the changed run, or ``None`` where it would not fit either."""
        algorithm = changes.get("algorithm", algorithm_id)
        kept = values if algorithm == algorithm_id else {}
        changed = {**kept, **changes.get("params", {})}
        sample = changes.get("sample", rows)
        most = most_rows(algorithm, changed)
        if most is not None and sample > most:
            return None
        cost = run_cost(COSTS[algorithm], changed, rows, columns, sample=sample)
        return cost if fits(cost, rows, columns, memory_mb=memory_mb, seconds=seconds) else None

    if cost_with({}) is not None:
        return ()
    found = (
        _first(name, steps, cost_with)
        for name, steps in (*_LIGHTER.get(algorithm_id, ()), ("sample", _samples(rows)))
    )
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
            )
            return Offer(sentence=sentence, changes=changes, cost=cost)
    return None


#: Round numbers of rows to learn from.
_ROUND_ROWS = (200_000, 100_000, 50_000, 30_000, 20_000, 10_000, 5_000, 3_000, 2_000, 1_000)


def _samples(rows: int) -> list[dict[str, Any]]:
    return [{"sample": count} for count in _ROUND_ROWS if count < rows]


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
