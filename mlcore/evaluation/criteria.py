"""Which number of groups each criterion suggests, declared once.

The table of a sweep, its plot, the list of suggestions and the tests come from :data:`CRITERIA`.
To add a criterion, add its formula or its column, its rule, and its declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.messages import Message, listing, message

Floats: TypeAlias = npt.NDArray[np.float64]

#: How far below the highest agreement a finer grouping may lie and still be preferred: two joined
#: groups are as stable as the two apart, so the highest value alone would favour too few groups.
STABILITY_SLACK = 0.05
#: Mean adjusted Rand below which groups change too much from sample to sample to be relied on.
STABILITY_LOW = 0.6
#: Share of the other criteria that have to agree on a number before the only one that says "no
#: groups" is called one criterion's answer and not the answer. Half of them often agree by chance.
OUTVOTED = 2 / 3


@dataclass(frozen=True, eq=False)
class Grouping:
    """One clustering, with what the formulas read.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs.
    distances : array of shape (n_rows, n_rows)
        Euclidean distances between the rows, worked out once for all numbers of groups.
    labels : array of shape (n_rows,)
        The group of each row.
    """

    matrix: Matrix
    distances: Matrix
    labels: Labels

    @property
    def is_scorable(self) -> bool:
        """Whether there are at least two groups, not every row its own."""
        return 2 <= len(np.unique(self.labels)) < len(self.labels)


def inertia(matrix: Matrix, labels: Labels) -> float:
    """Return the sum of squared distances from each row to the mean of its group."""
    groups, numbered = np.unique(labels, return_inverse=True)
    sizes = np.bincount(numbered)
    members = np.zeros((len(groups), len(matrix)))
    members[numbered, np.arange(len(matrix))] = 1.0
    means = members @ matrix / sizes[:, None]
    return float(((matrix - means[numbered]) ** 2).sum())


def is_negligible(dispersion: float, matrix: Matrix) -> bool:
    """Return whether an inertia is 0 but for rounding: every group is one repeated row."""
    return dispersion <= 1e-12 * max(1.0, float((matrix**2).sum()))


def _inertia(grouping: Grouping) -> float:
    return inertia(grouping.matrix, grouping.labels)


def _silhouette(grouping: Grouping) -> float:
    if not grouping.is_scorable:
        return np.nan
    return float(silhouette_score(grouping.distances, grouping.labels, metric="precomputed"))


def _calinski_harabasz(grouping: Grouping) -> float:
    # Without any spread inside the groups the score is infinite; scikit-learn says 1 there.
    if not grouping.is_scorable or is_negligible(_inertia(grouping), grouping.matrix):
        return np.nan
    return float(calinski_harabasz_score(grouping.matrix, grouping.labels))


def _davies_bouldin(grouping: Grouping) -> float:
    if not grouping.is_scorable:
        return np.nan
    return float(davies_bouldin_score(grouping.matrix, grouping.labels))


def furthest_from_chord(x: npt.ArrayLike, y: npt.ArrayLike) -> int | None:
    """Return the position of the point of a curve that lies furthest below its chord.

    Both axes are brought to 0 … 1 first. This is the knee of Kneedle without its smoothing.

    Parameters
    ----------
    x, y : array-like of shape (n_points,)
        The curve, ``x`` rising.

    Returns
    -------
    int or None
        ``None`` for fewer than three points, a flat curve, or one that nowhere lies below its
        chord.

    References
    ----------
    Satopää, Albrecht, Irwin and Raghavan (2011), "Finding a 'Kneedle' in a Haystack", ICDCS
    Workshops, 166-171.
    """
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(across) < 3 or up.max() == up.min():
        return None
    across = (across - across[0]) / (across[-1] - across[0])
    up = (up - up.min()) / (up.max() - up.min())
    below = up[0] + (up[-1] - up[0]) * across - up
    best = int(np.argmax(below))
    return best if below[best] > 1e-9 else None


@dataclass(frozen=True)
class Suggested:
    """What one criterion suggests: the number of groups, and the sentence that says why."""

    k: int
    how: Message


#: Finds the suggestion in the rows of a sweep in which the criterion has a value.
Rule: TypeAlias = Callable[["CriterionSpec", pd.DataFrame], Suggested | None]


@dataclass(frozen=True, kw_only=True)
class CriterionSpec:
    """The declaration of one way to choose the number of groups.

    Parameters
    ----------
    id : str
        Stable name.
    label : str
        What stands above its plot.
    help : str
        What it looks at, in which direction it is good, and where it misleads.
    column : str
        Its column of the sweep.
    spread : str, optional
        The column of the standard error or deviation; empty for criteria without one.
    better : {"higher", "lower", "bend"}
        Which values are good; ``"bend"`` where not the value counts but where the curve bends.
    can_say_one : bool
        Whether it has a value for one group, so that it can answer "no groups".
    reads_means : bool
        Whether it measures how far rows are from the mean of their group, which says nothing of
        groups that wind or lie around each other.
    rule : callable
        Declaration and rows with a value → suggestion, or ``None``.
    formula : callable, optional
        :class:`Grouping` → value; ``None`` for criteria that cluster again and again.
    """

    id: str
    label: str
    help: str
    column: str
    spread: str = ""
    better: Literal["higher", "lower", "bend"]
    can_say_one: bool = False
    reads_means: bool = False
    rule: Rule
    formula: Callable[[Grouping], float] | None = None


def said(value: float) -> str:
    """Return a score as sentences have it: three digits, or whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _best(spec: CriterionSpec, rows: pd.DataFrame) -> Suggested | None:
    """Suggest the number with the best value; of equal ones the smallest."""
    sign = 1.0 if spec.better == "higher" else -1.0
    values = sign * rows[spec.column].to_numpy(dtype=np.float64)
    position = int(np.argmax(values))
    k = int(rows["k"].iloc[position])
    value = said(sign * values[position])
    if len(rows) > 1 and position == len(rows) - 1:
        return Suggested(k, message(f"choosing.how.{spec.better}.last", value=value, k=k))
    return Suggested(k, message(f"choosing.how.{spec.better}", value=value, k=k))


def _elbow(spec: CriterionSpec, rows: pd.DataFrame) -> Suggested | None:
    position = furthest_from_chord(rows["k"].to_numpy(), rows[spec.column].to_numpy())
    if position is None:
        return None
    k = int(rows["k"].iloc[position])
    return Suggested(k, message("choosing.how.elbow", k=k))


def _gap(spec: CriterionSpec, rows: pd.DataFrame) -> Suggested | None:
    """Suggest the smallest k whose gap reaches that of the next one less its error."""
    if len(rows) < 2:
        return None
    ks = rows["k"].to_numpy(dtype=int)
    gaps = rows[spec.column].to_numpy(dtype=np.float64)
    reached = gaps[:-1] >= gaps[1:] - rows[spec.spread].to_numpy(dtype=np.float64)[1:]
    if not reached.any():
        return Suggested(int(ks[-1]), message("choosing.how.gap.last", k=int(ks[-1])))
    first = int(np.argmax(reached))
    code = "choosing.how.gap.one" if ks[first] == 1 else "choosing.how.gap"
    found = message(code, k=int(ks[first]), following=int(ks[first + 1]), gap=said(gaps[first]))
    return Suggested(int(ks[first]), found)


def _stability(spec: CriterionSpec, rows: pd.DataFrame) -> Suggested | None:
    """Suggest the largest k whose agreement is hardly below the highest."""
    values = rows[spec.column].to_numpy(dtype=np.float64)
    position = int(np.flatnonzero(values >= values.max() - STABILITY_SLACK)[-1])
    k, value = int(rows["k"].iloc[position]), said(values[position])
    if values.max() < STABILITY_LOW:
        return Suggested(k, message("choosing.how.stability.low", k=k, value=value))
    return Suggested(k, message("choosing.how.stability", k=k, value=value, slack=STABILITY_SLACK))


#: Every criterion, in the order of the table and of the plots.
CRITERIA: tuple[CriterionSpec, ...] = (
    CriterionSpec(
        id="elbow",
        label="Inertia (elbow)",
        help=(
            "The sum of squared distances to the group’s mean. More groups always make it smaller; "
            "looked for is the bend after which it falls only slowly. Every falling curve has a "
            "point that bends most, so this finds one even where there are no groups."
        ),
        column="inertia",
        better="bend",
        reads_means=True,
        rule=_elbow,
        formula=_inertia,
    ),
    CriterionSpec(
        id="silhouette",
        label="Silhouette",
        help=(
            "How much nearer rows are to their own group than to the nearest other one. −1 to 1, "
            "higher is better. It favours round groups and has no value for a single group."
        ),
        column="silhouette",
        better="higher",
        rule=_best,
        formula=_silhouette,
    ),
    CriterionSpec(
        id="calinski_harabasz",
        label="Calinski–Harabasz",
        help=(
            "Spread between the groups over spread within them, each per degree of freedom. "
            "0 upwards, higher is better. It favours round groups of similar size and has no value "
            "for a single group."
        ),
        column="calinski_harabasz",
        better="higher",
        reads_means=True,
        rule=_best,
        formula=_calinski_harabasz,
    ),
    CriterionSpec(
        id="davies_bouldin",
        label="Davies–Bouldin",
        help=(
            "How wide each group and its most similar one are for the distance between them. "
            "0 upwards, lower is better. It favours round groups and has no value for a single "
            "group."
        ),
        column="davies_bouldin",
        better="lower",
        reads_means=True,
        rule=_best,
        formula=_davies_bouldin,
    ),
    CriterionSpec(
        id="gap",
        label="Gap statistic",
        help=(
            "How much tighter the groups are than groups found in evenly spread rows of the same "
            "extent (logarithm of the inertia). Taken is the smallest number after which it does "
            "not rise beyond its error. It can answer 1, which means no groups."
        ),
        column="gap",
        spread="gap_error",
        better="higher",
        can_say_one=True,
        reads_means=True,
        rule=_gap,
    ),
    CriterionSpec(
        id="bic",
        label="BIC",
        help=(
            "How well a mixture of normal distributions fits, with a charge for each parameter. "
            "Lower is better. It can answer 1, which means no groups. Groups that are not normal "
            "are described by several components, which makes the number too large."
        ),
        column="bic",
        better="lower",
        can_say_one=True,
        rule=_best,
    ),
    CriterionSpec(
        id="stability",
        label="Stability",
        help=(
            "Agreement (adjusted Rand) of the groups with those found in rows drawn anew, with "
            "replacement. 1 is the same groups every time, 0 what chance would give. Stable groups "
            "may still be arbitrary: a long cloud is cut in two halves every time."
        ),
        column="stability",
        spread="stability_std",
        better="higher",
        rule=_stability,
    ),
)

#: The criteria that suit round groups only.
MEAN_BASED: tuple[str, ...] = tuple(spec.id for spec in CRITERIA if spec.reads_means)

#: The columns of a sweep, in their order.
COLUMNS: tuple[str, ...] = (
    "k",
    "rows",
    *(name for spec in CRITERIA for name in (spec.column, spec.spread) if name),
)


def defined_rows(table: pd.DataFrame, spec: CriterionSpec) -> pd.DataFrame:
    """Return the rows of a sweep in which a criterion has a value."""
    having: pd.DataFrame = table[np.isfinite(table[spec.column].to_numpy(dtype=np.float64))]
    return having


def suggestions(table: pd.DataFrame, skip: Collection[str] = ()) -> pd.DataFrame:
    """Return which number of groups each criterion suggests, and why.

    Parameters
    ----------
    table : DataFrame
        Of ``choosing.sweep``.
    skip : collection of str, default none
        Criteria that are not asked: :data:`MEAN_BASED` where groups may have any shape.

    Returns
    -------
    DataFrame
        One row for each criterion that is defined for at least one number of groups and finds
        one: ``criterion`` (id), ``label``, ``k``, ``how`` (a sentence).
    """
    rows = []
    for spec in CRITERIA:
        if spec.id in skip:
            continue
        having = defined_rows(table, spec)
        found = spec.rule(spec, having) if len(having) else None
        if found is not None:
            rows.append((spec.id, spec.label, found.k, str(found.how)))
    return pd.DataFrame(rows, columns=["criterion", "label", "k", "how"])


def _can_say_one(criteria: pd.Series) -> pd.Series:
    able = [spec.id for spec in CRITERIA if spec.can_say_one]
    return criteria.isin(able)


def consensus(suggested: pd.DataFrame) -> Message:
    """Return the sentence that says which number most criteria suggest, and how many agree.

    "No groups" is the answer when most of the criteria that can suggest one group do so, and there
    are several of them or more than a third of the others suggest something else. The others have
    no value for one group, so that a bare majority of them cannot speak against it. Where nearly
    all of them agree on a number, one group is called what it is: the answer of one criterion.

    Parameters
    ----------
    suggested : DataFrame
        Of :func:`suggestions`.
    """
    if suggested.empty:
        return message("choosing.consensus.none")
    says_one = suggested["k"] == 1
    if not says_one.any():
        return _most_common(suggested)
    if _has_no_groups(suggested):
        return _no_groups(suggested, suggested[says_one])
    others = [_most_common(suggested[~says_one])]
    if not _can_say_one(suggested.loc[~says_one, "criterion"]).any():
        others.append(message("choosing.consensus.unable"))
    return message(
        "choosing.consensus.one_criterion",
        name=listing(suggested.loc[says_one, "label"]),
        others=" ".join(map(str, others)),
    )


def _has_no_groups(suggested: pd.DataFrame) -> bool:
    """Return whether one group is the answer of the criteria as a whole."""
    able = suggested[_can_say_one(suggested["criterion"])]
    says_one = int((able["k"] == 1).sum())
    if 2 * says_one <= len(able):
        return False
    others = suggested.loc[suggested["k"] != 1, "k"]
    return says_one > 1 or others.empty or others.value_counts().max() <= OUTVOTED * len(others)


def _most_common(suggested: pd.DataFrame) -> Message:
    """Return which number most of the criteria suggest, or that they do not agree."""
    votes = suggested["k"].value_counts()
    tied = sorted(int(k) for k in votes.index[votes == votes.max()])
    if len(tied) > 1 or (votes.max() == 1 and len(suggested) > 1):
        ks = ", ".join(map(str, sorted({int(k) for k in suggested["k"]})))
        return message("choosing.consensus.split", total=len(suggested), ks=ks)
    names = listing(suggested.loc[suggested["k"] == tied[0], "label"], most=len(suggested))
    code = "choosing.consensus"
    if votes.max() == len(suggested):
        code = "choosing.consensus.all" if len(suggested) > 1 else "choosing.consensus.single"
    return message(code, names=names, agree=int(votes.max()), total=len(suggested), k=tied[0])


def _no_groups(suggested: pd.DataFrame, says_one: pd.DataFrame) -> Message:
    unable = suggested[~_can_say_one(suggested["criterion"])]
    return message(
        "choosing.consensus.no_groups",
        names=listing(says_one["label"]),
        unable=len(unable),
        total=len(suggested),
    )
