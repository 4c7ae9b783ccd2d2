"""What sets each cluster apart from the other rows: effect sizes, and the words for them.

An effect size says how large a difference is, whatever the unit and the number of rows. Numbers
and dates have Cohen's d: the difference of the two means, in pooled standard deviations. Shares
have Cohen's h: 2·asin√p - 2·asin√q. Both are named by Cohen's conventions, small from 0.2, medium
from 0.5, large from 0.8, so that columns of different kinds can stand in one order.

A cluster between two others has their mean, so that its own mean says nothing. For numbers and
dates, h also compares how many rows lie in the range that holds nine tenths of the cluster.

There are no p-values here on purpose: clusters were made to differ in the columns they were made
from, so a test on those columns would always find that they do.

References
----------
Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences", 2nd edition, 25-27 (d) and
179-185 (h).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.schema import LEARNABLE, ColumnKind
from mlcore.evaluation.shown import shown_dates, shown_numbers, shown_share
from mlcore.messages import Message, message

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.intp]

#: From which absolute effect on a difference is called small, medium and large (Cohen 1988).
EFFECT_SIZES: dict[str, float] = {"large": 0.8, "medium": 0.5, "small": 0.2}
#: Clusters that are profiled at most, the first ones (the largest); the others count as outside.
MOST_CLUSTERS = 100
#: Values of a category column that are looked at: the most frequent ones.
MOST_VALUES = 50
#: Words of a text column that are looked at: those that the most rows contain.
MOST_WORDS = 200
#: Telling values (or words) that each cluster contributes to the lines of a column.
TELLING = 3
#: Rows whose text is read at most; a share among so many is right to half a percentage point.
MOST_TEXT_ROWS = 20_000
#: Traits that one sentence names at most.
MOST_TRAITS = 4
#: Clusters with fewer rows than this are described with a caution.
FEW_ROWS = 10
#: A spread below this part of the column's range is rounding, not spread.
NO_SPREAD = 1e-9
#: The ends of a cluster's own range, as shares of its rows: the lowest and the highest twentieth
#: stay out, so that single odd rows do not stretch it.
RANGE_ENDS = (0.05, 0.95)

COLUMNS = [
    "cluster", "column", "kind", "value", "inside", "outside", "effect", "effect_name", "size",
    "captured", "missing_inside", "rows", "low", "high", "range_inside", "range_outside",
    "range_effect", "inside_text", "outside_text", "words",
]  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class _Groups:
    """The clusters as numbers: ``codes`` 0 … in the order of ``names``, then all others."""

    names: tuple[str, ...]
    codes: Codes

    @property
    def n_codes(self) -> int:
        return len(self.names) + 1

    def counted(self, rows: npt.NDArray[Any], weights: Floats | None = None) -> Floats:
        """Return for each code the number of rows, or the sum of their weights."""
        sums = np.bincount(self.codes[rows], weights=weights, minlength=self.n_codes)
        return np.asarray(sums, dtype=np.float64)


def cluster_names(clusters: pd.Series) -> list[str]:
    """Return the different names of clusters in order: 0, 1, 2, …, other names, noise last.

    >>> cluster_names(pd.Series(["10", "noise", "2"]))
    ['2', '10', 'noise']
    """
    return sorted({str(name) for name in clusters.dropna()}, key=_place_of_name)


def _place_of_name(name: str) -> tuple[bool, bool, int, str]:
    is_number = name.isdecimal() and name.isascii()
    return name == NOISE_NAME, not is_number, int(name) if is_number else 0, name


def profile_frame(
    features: pd.DataFrame, kinds: Mapping[str, ColumnKind], clusters: pd.Series, seed: int = 0
) -> pd.DataFrame:
    """Return how each cluster differs from all other rows, column by column.

    "Outside" are all rows that are not in the cluster, noise included; noise is compared in the
    same way and comes last. Missing and infinite values are left out of means and shares.

    Parameters
    ----------
    features : DataFrame of shape (n_rows, n_columns)
        Raw typed columns, as a ``Dataset`` holds them.
    kinds : mapping of str to ColumnKind
        Kind of each column to look at. Identifiers and constants are left out: they cannot tell
        clusters apart in a way that means anything.
    clusters : Series of shape (n_rows,)
        Name of each row's cluster, in the order of ``features``. Of more than 100 clusters the
        first 100 are profiled.
    seed : int, default 0
        Which 20,000 rows of a longer table are read for their words.

    Returns
    -------
    DataFrame
        One line for each cluster and number or date column; for a category, yes/no or text column
        one for each telling value or word: the three with the largest effect in each cluster,
        listed for every cluster. Biggest absolute effect first within a cluster.

        ``cluster``, ``column``, ``kind`` (text), ``value`` (the category or word; empty for
        numbers and dates), ``inside`` and ``outside`` (means, dates in seconds since 1970; shares
        0 … 1 of the rows with a value), ``effect`` (positive: more inside), ``effect_name``
        (``"Cohen's d"`` or ``"Cohen's h"``), ``size`` (``"large"``, ``"medium"``, ``"small"``,
        ``"negligible"``; empty without effect), ``captured`` (share of all rows with this value
        that lie in the cluster; NaN for numbers and dates), ``missing_inside`` (share of the
        cluster's rows without a value), ``rows`` (rows of the cluster behind the line), ``low``
        and ``high`` (numbers and dates: the cluster's own range without its lowest and its highest
        twentieth; of ten rows or more), ``range_inside`` and ``range_outside`` (shares of the rows
        with a value that lie in it, ends included), ``range_effect`` (Cohen's h of the two;
        positive: the cluster is narrower), ``inside_text`` and ``outside_text`` (``inside`` and
        ``outside`` as they are shown), ``words`` (of the range where it tells more than the means).

        The effect is NaN where the cluster or the rest has no value, or where only two rows have
        one. Where neither side has any spread, it is 0 for equal means and infinite for others:
        the column alone tells the cluster from the rest.
    """
    names = cluster_names(clusters)
    kept = [name for name in names if name != NOISE_NAME][:MOST_CLUSTERS]
    kept += [name for name in names if name == NOISE_NAME]
    codes = pd.Index(kept, dtype=object).get_indexer(pd.Index(clusters.astype(object)))
    groups = _Groups(names=tuple(kept), codes=np.where(codes < 0, len(kept), codes))
    parts = [
        _lines_of(features[name], ColumnKind(kinds[name]), groups, seed)
        for name in features.columns
        if name in kinds and ColumnKind(kinds[name]) in LEARNABLE
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    return _by_effect(pd.concat(filled, ignore_index=True), kept)


def _by_effect(lines: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the lines by cluster, biggest effect first; of opposites the one that is more."""
    order = pd.DataFrame(
        {
            "cluster": lines["cluster"].map({name: place for place, name in enumerate(names)}),
            # Two values of a column have effects that are opposite but for rounding.
            "effect": -lines["effect"].abs().round(9).fillna(-1.0),
            "less": lines["effect"] < 0,
        }
    ).sort_values(["cluster", "effect", "less"], kind="stable")
    return lines.loc[order.index, COLUMNS].reset_index(drop=True)


def _lines_of(values: pd.Series, kind: ColumnKind, groups: _Groups, seed: int) -> pd.DataFrame:
    if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME):
        lines = _mean_lines(values, kind, groups)
    else:
        found = (
            _word_counts(values, groups, seed)
            if kind is ColumnKind.TEXT
            else _value_counts(values, groups)
        )
        lines = _share_lines(found)
    size = np.bincount(groups.codes, minlength=groups.n_codes)[:-1]
    present = groups.counted(_present(values, kind))[:-1]
    missing = dict(zip(groups.names, 1 - present / size, strict=True))
    lines["cluster"] = lines["place"].map(dict(enumerate(groups.names)))
    lines = lines.assign(
        column=str(values.name),
        kind=kind.value,
        size=lines["effect"].map(size_name),
        missing_inside=lines["cluster"].map(missing),
    )
    return _worded(lines, kind)


def _present(values: pd.Series, kind: ColumnKind) -> npt.NDArray[np.bool_]:
    if kind is ColumnKind.NUMBER:
        return np.asarray(np.isfinite(values.to_numpy(dtype=np.float64, na_value=np.nan)))
    return values.notna().to_numpy(dtype=np.bool_)


def size_name(effect: float) -> str:
    """Return what an effect is called by Cohen's conventions; empty for NaN.

    >>> size_name(-0.6)
    'medium'
    """
    if np.isnan(effect):
        return ""
    return next(
        (name for name, least in EFFECT_SIZES.items() if abs(effect) >= least), "negligible"
    )


# --- numbers and dates -------------------------------------------------------------------------


def _mean_lines(values: pd.Series, kind: ColumnKind, groups: _Groups) -> pd.DataFrame:
    rows = np.flatnonzero(_present(values, kind))
    numbers = _as_numbers(values.iloc[rows], kind)
    low, high = (float(numbers.min()), float(numbers.max())) if len(rows) else (0.0, 0.0)
    # Halved, so that the widest range there is does not overflow.
    width = high / 2 - low / 2
    scaled = (numbers / 2 - low / 2) / (width or 1.0)
    inside, outside, effect, present = _standardised(scaled, rows, groups)
    ranges = _range_lines(scaled, groups.codes[rows], len(groups.names))
    for end in ("low", "high"):
        ranges[end] = 2 * (low / 2 + ranges[end] * width)
    lines = pd.DataFrame(
        {
            "place": range(len(groups.names)),
            "value": "",
            "inside": 2 * (low / 2 + inside * width),
            "outside": 2 * (low / 2 + outside * width),
            "effect": effect,
            "effect_name": "Cohen's d",
            "captured": np.nan,
            "rows": present.astype(int),
        }
    )
    return pd.concat([lines, ranges], axis=1)


def _range_lines(numbers: Floats, codes: Codes, n_clusters: int) -> pd.DataFrame:
    """Return each cluster's own range, and the shares of rows inside and outside that lie in it.

    Columns: ``low``, ``high``, ``range_inside``, ``range_outside``, ``range_effect``; NaN for a
    cluster with fewer than ten values, and the last two where no other row has one.
    """
    in_order = np.sort(numbers)
    lines = np.full((n_clusters, 4), np.nan)
    for place in range(n_clusters):
        own = np.sort(numbers[codes == place])
        # A handful of rows is always narrow.
        if len(own) >= FEW_ROWS:
            low, high = np.quantile(own, RANGE_ENDS)
            inside, everywhere = _rows_between(own, low, high), _rows_between(in_order, low, high)
            others = len(in_order) - len(own)
            outside = (everywhere - inside) / others if others else np.nan
            lines[place] = low, high, inside / len(own), outside
    found = pd.DataFrame(lines, columns=["low", "high", "range_inside", "range_outside"])
    return found.assign(range_effect=cohens_h(found["range_inside"], found["range_outside"]))


def _rows_between(in_order: Floats, low: float, high: float) -> int:
    first, last = np.searchsorted(in_order, low, "left"), np.searchsorted(in_order, high, "right")
    return max(0, int(last - first))


def _as_numbers(values: pd.Series, kind: ColumnKind) -> Floats:
    """Return numbers as they are and dates in seconds since 1970; there are no gaps."""
    if kind is ColumnKind.NUMBER:
        return values.to_numpy(dtype=np.float64)
    return values.astype("datetime64[us]").astype("int64").to_numpy(dtype=np.float64) / 1e6


def _standardised(
    numbers: Floats, rows: npt.NDArray[np.intp], groups: _Groups
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return mean inside, mean outside, Cohen's d and rows of each cluster; range 0 to 1.

    Sums of squares are taken around each cluster's own mean and put together from there:
    subtracting large totals would leave rounding where there is no spread.
    """
    size = groups.counted(rows)
    total = groups.counted(rows, numbers)
    n_inside, n_outside = size[:-1], size.sum() - size[:-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / size
        outside = np.where(n_outside > 0, (total.sum() - total[:-1]) / n_outside, np.nan)
        within = groups.counted(rows, (numbers - mean[groups.codes[rows]]) ** 2)
        between = size * (np.nan_to_num(mean)[None, :] - outside[:, None]) ** 2
        np.fill_diagonal(between, 0.0)
        squares = within.sum() + between.sum(axis=1)
        spread = np.sqrt(squares / (n_inside + n_outside - 2))
        effect = _in_spreads(mean[:-1] - outside, spread)
    return mean[:-1], outside, effect, n_inside


def _in_spreads(difference: Floats, spread: Floats) -> Floats:
    """Return difference / spread; without spread 0 or infinite, as the difference is."""
    none = spread <= NO_SPREAD
    alike = np.where(np.abs(difference) <= NO_SPREAD, 0.0, np.sign(difference) * np.inf)
    return np.where(none, alike, difference / np.where(none, 1.0, spread))


# --- categories and words ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False, kw_only=True)
class _Counts:
    """In how many rows of each cluster each value stands.

    Parameters
    ----------
    values : tuple of str
        The values that are looked at.
    rows : array of shape (n_clusters + 1,)
        Rows with any value; the last entry stands for rows outside all profiled clusters.
    found : array of shape (n_clusters + 1, n_values)
        Rows with this value.
    """

    values: tuple[str, ...]
    rows: Floats
    found: Floats


def _value_counts(values: pd.Series, groups: _Groups) -> _Counts:
    present = np.flatnonzero(values.notna())
    # Sorted, so that of two equally frequent values the same one comes first in any order of rows.
    levels, names = pd.factorize(values.iloc[present], sort=True)
    frequent = np.argsort(-np.bincount(levels, minlength=len(names)), kind="stable")[:MOST_VALUES]
    cells = np.bincount(
        groups.codes[present] * len(names) + levels, minlength=groups.n_codes * len(names)
    )
    return _Counts(
        values=tuple(str(names[place]) for place in frequent),
        rows=groups.counted(present),
        found=cells.reshape(groups.n_codes, len(names))[:, frequent].astype(np.float64),
    )


def _word_counts(values: pd.Series, groups: _Groups, seed: int) -> _Counts:
    present = np.flatnonzero(values.notna())
    if len(present) > MOST_TEXT_ROWS:
        random = np.random.default_rng(seed)
        present = np.sort(random.choice(present, MOST_TEXT_ROWS, replace=False))
    reader = CountVectorizer(
        binary=True, max_features=MOST_WORDS, token_pattern=r"(?u)\b\w+\b", dtype=np.float64
    )
    rows = groups.counted(present)
    try:
        words = reader.fit_transform(values.iloc[present].astype(str))
    except ValueError:  # scikit-learn's answer to texts without any word
        return _Counts(values=(), rows=rows, found=np.zeros((groups.n_codes, 0)))
    found = np.zeros((groups.n_codes, words.shape[1]))
    entries = words.tocoo()
    np.add.at(found, (groups.codes[present][entries.row], entries.col), 1.0)
    return _Counts(values=tuple(reader.get_feature_names_out()), rows=rows, found=found)


def _share_lines(counts: _Counts) -> pd.DataFrame:
    found, rows = counts.found[:-1], counts.rows[:-1, None]
    in_all = counts.found.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = found / rows
        outside = (in_all - found) / (counts.rows.sum() - rows)
        captured = found / in_all
    effect = cohens_h(inside, outside)
    place, value = (grid.ravel() for grid in np.meshgrid(
        np.arange(len(found)), _telling(effect), indexing="ij"
    ))  # fmt: skip
    return pd.DataFrame(
        {
            "place": place,
            "value": [counts.values[position] for position in value],
            "inside": inside[place, value],
            "outside": outside[place, value],
            "effect": effect[place, value],
            "effect_name": "Cohen's h",
            "captured": captured[place, value],
            "rows": counts.rows[place].astype(int),
            **dict.fromkeys(
                ("low", "high", "range_inside", "range_outside", "range_effect"), np.nan
            ),
        }
    )


def cohens_h(inside: npt.ArrayLike, outside: npt.ArrayLike) -> Floats:
    """Return Cohen's h of two shares: 2·asin√p - 2·asin√q, between -π and π."""
    p, q = (np.asarray(share, dtype=np.float64) for share in (inside, outside))
    return np.asarray(2 * np.arcsin(np.sqrt(p)) - 2 * np.arcsin(np.sqrt(q)), dtype=np.float64)


def _telling(effect: Floats) -> Codes:
    """Return the values with the largest effects of any cluster, in their order of frequency."""
    strength = np.nan_to_num(np.abs(effect))
    best = np.argsort(-strength, axis=1, kind="stable")[:, :TELLING]
    return np.unique(best).astype(np.intp)


# --- words -------------------------------------------------------------------------------------


def _worded(lines: pd.DataFrame, kind: ColumnKind) -> pd.DataFrame:
    shown = [
        _shown(inside, outside, kind)
        for inside, outside in zip(lines["inside"], lines["outside"], strict=True)
    ]
    lines["inside_text"] = [inside for inside, _ in shown]
    lines["outside_text"] = [outside for _, outside in shown]
    lines["words"] = [str(_trait(line)) for line in lines.to_dict("records")]
    return lines


def _trait(line: Mapping[Any, Any]) -> Message:
    """Return one line in words, such as: higher “mass” (5,092 against 3,710)."""
    if _tells_by_range(line):
        return _range_trait(line)
    parameters = {
        "column": _shortened(line["column"]),
        "value": _shortened(line["value"]),
        "inside": line["inside_text"],
        "outside": line["outside_text"],
    }
    if np.isnan(line["effect"]):
        return message("clustering.profile.trait.unknown", **parameters)
    return message(f"clustering.profile.trait.{_direction(line)}", **parameters)


def _tells_by_range(line: Mapping[Any, Any]) -> bool:
    """Return whether the means are much the same, but the cluster's range is narrow."""
    medium = EFFECT_SIZES["medium"]
    return bool(abs(line["effect"]) < medium <= line["range_effect"])


def _range_trait(line: Mapping[Any, Any]) -> Message:
    """Return in words: “size” mostly between 3.1 and 4.2 (90 % against 4 %)."""
    low, high = _shown(line["low"], line["high"], ColumnKind(line["kind"]))
    return message(
        f"clustering.profile.trait.{'same' if low == high else 'between'}",
        column=_shortened(line["column"]),
        low=low,
        high=high,
        inside=shown_share(line["range_inside"]),
        outside=shown_share(line["range_outside"]),
    )


def _direction(line: Mapping[Any, Any]) -> str:
    if line["kind"] == ColumnKind.TEXT:
        return "word"
    if line["effect_name"] == "Cohen's h":
        return "share"
    if line["size"] == "negligible":
        return "alike"
    is_more = line["effect"] > 0
    if line["kind"] == ColumnKind.DATETIME:
        return "later" if is_more else "earlier"
    return "higher" if is_more else "lower"


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown(inside: float, outside: float, kind: ColumnKind) -> tuple[str, str]:
    if kind is ColumnKind.DATETIME:
        return shown_dates(inside, outside)
    if kind is ColumnKind.NUMBER:
        return shown_numbers(inside, outside)
    return shown_share(inside), shown_share(outside)


def describe_clusters(profile: pd.DataFrame, sizes: Mapping[str, int]) -> dict[str, Message]:
    """Return one sentence for each cluster: what sets it apart, the strongest first.

    At most four traits are named, one of each column, and only those whose effect is at least
    medium (0.5): a mean or a share that differs, or else a narrow range. Where there is none, the
    sentence says so.

    Parameters
    ----------
    profile : DataFrame
        Of :func:`profile_frame`.
    sizes : mapping of str to int
        Rows of each cluster, noise included; its keys decide which clusters are described.
    """
    traits = {name: list(_strongest(part)) for name, part in profile.groupby("cluster")}
    compared = set(profile.loc[profile["effect"].notna(), "cluster"])
    return {
        name: _sentence(name, rows, traits.get(name, []), name in compared, len(sizes))
        for name, rows in sizes.items()
    }


def _strongest(part: pd.DataFrame) -> Iterator[str]:
    strength = part["effect"].abs()
    # As in the words: the range speaks where the means do not.
    strength = strength.where(strength >= EFFECT_SIZES["medium"], part["range_effect"])
    strength = strength[strength >= EFFECT_SIZES["medium"]].round(9)
    medium = strength.sort_values(ascending=False, kind="stable")
    # A column's strongest line says most of what its others say.
    yield from part.loc[medium.index].drop_duplicates("column")["words"].head(MOST_TRAITS)


def _sentence(
    name: str, rows: int, traits: list[str], is_compared: bool, n_clusters: int
) -> Message:
    of = "noise" if name == NOISE_NAME else "cluster"
    plural = "row" if rows == 1 else "rows"
    facts = {
        "name": str(message(f"clustering.profile.name.{of}", cluster=name)),
        "rows": str(message(f"clustering.profile.{plural}", rows=f"{rows:,}")),
    }
    if n_clusters == 1:
        return message("clustering.profile.alone", **facts)
    if not is_compared:
        return message("clustering.profile.not_compared", **facts)
    if not traits:
        return message("clustering.profile.nothing", least=EFFECT_SIZES["medium"], **facts)
    caution = str(message("clustering.profile.few_rows")) if rows < FEW_ROWS else ""
    return message("clustering.profile.traits", traits=", ".join(traits), caution=caution, **facts)


# --- the heat map ------------------------------------------------------------------------------


def heatmap_frame(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the effects for a heat map of clusters and columns.

    Parameters
    ----------
    profile : DataFrame
        Of :func:`profile_frame`.

    Returns
    -------
    DataFrame
        ``cluster``, ``column`` (a category as "island = Biscoe", a word as "remark: word “calm”"),
        ``effect``, ``inside`` and ``outside`` (text). The column with the largest effect of any
        cluster of ten rows or more comes first. Of a column with two values only one is kept, the
        later one in the alphabet ("yes", not "no"), as the other mirrors it.
    """
    lines = profile.reset_index(drop=True)
    kept = lines[~_mirrored(lines)]
    cells = pd.DataFrame(
        {
            "cluster": kept["cluster"],
            "column": [_cell_name(line) for line in kept.to_dict("records")],
            "effect": kept["effect"].astype(float),
            "inside": kept["inside_text"],
            "outside": kept["outside_text"],
        }
    )
    # A handful of rows differs from the rest in everything; it shall not decide the order.
    firm = cells["effect"].abs().where(kept["rows"] >= FEW_ROWS)
    strength = firm.groupby(cells["column"]).max().fillna(-1.0)
    place = {name: place for place, name in enumerate(cluster_names(cells["cluster"]))}
    order = pd.DataFrame(
        {
            "strength": -cells["column"].map(strength).astype(float),
            "column": cells["column"],
            "cluster": cells["cluster"].map(place),
        }
    ).sort_values(["strength", "column", "cluster"], kind="stable")
    return cells.loc[order.index].reset_index(drop=True)


def _mirrored(profile: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which lines say the opposite of another line of their column."""
    has_shares = ~profile["kind"].isin([kind.value for kind in _WITHOUT_SHARES])
    mirrored = np.zeros(len(profile), dtype=np.bool_)
    for _, part in profile[has_shares].groupby("column"):
        names = sorted(set(part["value"]))
        sums = part.groupby("cluster")["inside"].sum(min_count=1).dropna()
        if len(names) == 2 and np.allclose(sums.to_numpy(dtype=float), 1.0):
            mirrored[part.index[part["value"] == names[0]]] = True
    return mirrored


#: Kinds whose lines are not shares of one whole.
_WITHOUT_SHARES = (ColumnKind.NUMBER, ColumnKind.DATETIME, ColumnKind.TEXT)


def _cell_name(line: Mapping[Any, Any]) -> str:
    if line["kind"] == ColumnKind.TEXT:
        return str(
            message("clustering.profile.column.word", column=line["column"], value=line["value"])
        )
    if line["effect_name"] == "Cohen's h":
        return f"{line['column']} = {line['value']}"
    return str(line["column"])
