"""Whether the rows with a label look like the rest.

Labels that were given to a special part of the rows, such as the large or the recent ones, say
little about the others, and every score that is measured on labelled rows is then about that part
only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import ks_2samp

from mlcore.data.schema import LEARNABLE, ColumnKind
from mlcore.evaluation.answers import Floats
from mlcore.evaluation.profiles import EFFECT_SIZES, cohens_h
from mlcore.evaluation.shown import shown_dates, shown_numbers, shown_share
from mlcore.messages import message

#: How often a table whose labels were given by lot may be said to differ.
LEVEL = 0.05
#: Differences below these do not matter, however sure they are: a small effect by Cohen's
#: conventions, and what such an effect comes to between two distribution functions.
LEAST_EFFECT = EFFECT_SIZES["small"]
LEAST_STATISTIC = 0.1
#: Tables drawn by lot for a column of categories; more than the columns of most tables, so that
#: the adjusted p-value can be small.
N_PERMUTATIONS = 9999
#: Categories that are looked at: the most frequent ones; the others count as one.
MOST_VALUES = 50

COLUMNS = [
    "column", "kind", "test", "statistic", "p_value", "effect", "labelled", "rest", "adjusted",
    "differs", "words",
]  # fmt: skip

_NUMERIC = (ColumnKind.NUMBER, ColumnKind.DATETIME)
_COUNTED = (ColumnKind.CATEGORY, ColumnKind.YES_NO)

Bools = npt.NDArray[np.bool_]


def shift_frame(
    features: pd.DataFrame, kinds: Mapping[str, ColumnKind], is_labelled: Bools, seed: int = 0
) -> pd.DataFrame:
    """Return for each column whether the labelled rows look like the rest.

    Numbers and dates are compared by the test of Kolmogorov and Smirnov, categories by the
    chi-square statistic against tables in which the same number of labels is given by lot (exact
    for small counts too), missing values in the same way. The p-values of all lines are adjusted
    together (Holm 1979), so that among many columns none stands out by luck.

    Parameters
    ----------
    features : DataFrame of shape (n_rows, n_columns)
        Raw typed columns, as a ``Dataset`` holds them.
    kinds : mapping of str to ColumnKind
        Kind of each column to look at. Of free text only missing values are compared;
        identifiers and constants are left out.
    is_labelled : array of bool, shape (n_rows,)
        Which rows have a label.
    seed : int, default 0
        Of the lot.

    Returns
    -------
    DataFrame
        One line a column, and one more where values are missing. ``column``, ``kind``, ``test``
        (``"kolmogorov_smirnov"``, ``"permutation"`` or ``"missing"``), ``statistic`` (largest
        distance of the two distribution functions, or chi-square), ``p_value``, ``effect``
        (numbers and dates: standardised mean difference, Cohen's d, NaN where the values differ
        between the two parts but in neither of them; others: Cohen's h of the value that differs
        most; positive: more in the labelled rows), ``labelled`` and ``rest``
        (summaries as text), ``adjusted`` (p-value for all lines together), ``differs`` (below
        0.05 when adjusted, and not negligible), ``words``. What differs comes first, then the
        smallest p-value.

        Empty where no row, or every row, has a label.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 65-70. Smirnov (1948), "Table for estimating the goodness of fit of empirical
    distributions", Annals of Mathematical Statistics 19, 279-281.
    """
    labelled = np.asarray(is_labelled, dtype=np.bool_)
    random = np.random.default_rng(seed)
    names = [name for name in features.columns if name in kinds]
    if not 0 < labelled.sum() < len(labelled):
        names = []
    lines = [
        line
        for name in names
        if ColumnKind(kinds[name]) in LEARNABLE
        for line in _lines_of(features[name], ColumnKind(kinds[name]), labelled, random)
    ]
    return _adjusted(pd.DataFrame(lines, columns=COLUMNS))


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Fill in ``adjusted`` and ``differs``, and sort."""
    table["adjusted"] = holm(table["p_value"].to_numpy(dtype=np.float64))
    by_numbers = table["test"] == "kolmogorov_smirnov"
    matters = (table["effect"].abs() >= LEAST_EFFECT) | (
        by_numbers & (table["statistic"] >= LEAST_STATISTIC)
    )
    table["differs"] = (table["adjusted"] < LEVEL) & matters
    # What may be luck is not worded as a difference.
    alike = [
        message("few_labels.shift.alike", column=column, labelled=labelled, rest=rest)
        for column, labelled, rest in table[["column", "labelled", "rest"]].itertuples(index=False)
    ]
    table["words"] = table["words"].where(table["differs"], [str(one) for one in alike])
    order = np.lexsort((table["p_value"], ~table["differs"].to_numpy(dtype=bool)))
    return table.iloc[order].reset_index(drop=True)


def holm(p_values: Floats) -> Floats:
    """Return p-values adjusted for being looked at together.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    raised = np.maximum.accumulate(p_values[order] * factors)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def _lines_of(
    values: pd.Series, kind: ColumnKind, labelled: Bools, random: np.random.Generator
) -> Iterator[dict[str, Any]]:
    present = _present(values, kind)
    shared = {"column": str(values.name), "kind": kind.value}
    if (present & labelled).any() and (present & ~labelled).any():
        kept = values[present], labelled[present]
        if kind in _NUMERIC:
            yield {**shared, **_number_line(_as_numbers(kept[0], kind), kept[1], shared)}
        elif kind in _COUNTED:
            yield {**shared, **_category_line(*kept, random, shared)}
    if not present.all():
        yield {**shared, **_missing_line(~present, labelled, random, shared)}


def _present(values: pd.Series, kind: ColumnKind) -> Bools:
    if kind is ColumnKind.NUMBER:
        return np.asarray(np.isfinite(values.to_numpy(dtype=np.float64, na_value=np.nan)))
    return np.asarray(values.notna(), dtype=np.bool_)


def _as_numbers(values: pd.Series, kind: ColumnKind) -> Floats:
    """Return numbers as they are, dates in seconds since 1970."""
    if kind is ColumnKind.NUMBER:
        return values.to_numpy(dtype=np.float64)
    return values.astype("datetime64[us]").astype("int64").to_numpy(dtype=np.float64) / 1e6


# --- numbers and dates -------------------------------------------------------------------------


def _number_line(numbers: Floats, labelled: Bools, shared: Mapping[str, str]) -> dict[str, Any]:
    inside, outside = numbers[labelled], numbers[~labelled]
    # The exact test takes minutes for large tables, and its answer is the same to two digits.
    found = ks_2samp(inside, outside, method="asymp")
    middles = [np.quantile(part, [0.5, 0.25, 0.75]) for part in (inside, outside)]
    is_date = shared["kind"] == ColumnKind.DATETIME.value
    pair = shown_dates if is_date else shown_numbers
    shown = [pair(first, second) for first, second in zip(*middles, strict=True)]
    said = [
        message("few_labels.shift.summary", middle=shown[0][i], low=shown[1][i], high=shown[2][i])
        for i in (0, 1)
    ]
    return {
        "test": "kolmogorov_smirnov",
        "statistic": float(found.statistic),
        "p_value": float(found.pvalue),
        "effect": _standardised(inside, outside),
        "labelled": str(said[0]),
        "rest": str(said[1]),
        "words": _number_words(shared["column"], middles, shown, is_date),
    }


def _standardised(inside: Floats, outside: Floats) -> float:
    """Return the difference of the means in pooled standard deviations.

    Without any spread it is 0 where the means are equal, else NaN: it would have no end.
    """
    squares = sum(((part - part.mean()) ** 2).sum() for part in (inside, outside))
    spread = np.sqrt(squares / max(1, len(inside) + len(outside) - 2))
    difference = float(inside.mean() - outside.mean())
    if spread == 0:
        return np.nan if difference else 0.0
    return float(difference / spread)


def _number_words(
    column: str, middles: list[Floats], shown: list[tuple[str, str]], is_date: bool
) -> str:
    difference = middles[0][0] - middles[1][0]
    if difference == 0 or shown[0][0] == shown[0][1]:
        code = "spread"
    else:
        code = (
            ("later" if difference > 0 else "earlier")
            if is_date
            else ("larger" if difference > 0 else "smaller")
        )
    return str(
        message(
            f"few_labels.shift.{code}",
            column=column,
            labelled=shown[0][0],
            rest=shown[0][1],
            low=shown[1][0],
            high=shown[2][0],
            rest_low=shown[1][1],
            rest_high=shown[2][1],
        )
    )


# --- categories and missing values -------------------------------------------------------------


def _category_line(
    values: pd.Series, labelled: Bools, random: np.random.Generator, shared: Mapping[str, str]
) -> dict[str, Any]:
    texts = values.astype("str")
    counts = texts.value_counts()
    # Of values that are equally frequent the first by name, so that the order of rows is no matter.
    names = sorted(counts.index, key=lambda name: (-counts[name], name))[:MOST_VALUES]
    codes = pd.Index(names).get_indexer(pd.Index(texts))
    codes = np.where(codes < 0, len(names), codes)
    statistic, p_value, inside, outside = _counted(codes, labelled, random)
    most = _clearest(inside, outside, labelled)
    shares = {"labelled": shown_share(inside[most]), "rest": shown_share(outside[most])}
    code = "more" if inside[most] >= outside[most] else "fewer"
    return {
        "test": "permutation",
        "statistic": statistic,
        "p_value": p_value,
        "effect": float(cohens_h(inside[most], outside[most])),
        **_summaries(names[most], shares),
        "words": str(
            message(
                f"few_labels.shift.{code}", column=shared["column"], value=names[most], **shares
            )
        ),
    }


def _clearest(inside: Floats, outside: Floats, labelled: Bools) -> int:
    """Return the value whose share differs by the most standard errors.

    An effect size alone would name values that are so rare that they are often missed by lot.
    """
    weight = labelled.mean()
    pooled = weight * inside + (1 - weight) * outside
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12))
    return int(np.argmax((np.abs(inside - outside) / error).round(9)))


def _summaries(value: str, shares: Mapping[str, str]) -> dict[str, str]:
    return {
        side: str(message("few_labels.shift.summary.share", share=share, value=value))
        for side, share in shares.items()
    }


def _missing_line(
    missing: Bools, labelled: Bools, random: np.random.Generator, shared: Mapping[str, str]
) -> dict[str, Any]:
    statistic, p_value, inside, outside = _counted(missing.astype(np.intp), labelled, random)
    # All rows may be missing it; then there is a single count.
    effect = float(cohens_h(inside[-1], outside[-1])) if len(inside) > 1 else 0.0
    shares = {"labelled": shown_share(inside[-1]), "rest": shown_share(outside[-1])}
    code = "missing_more" if effect >= 0 else "missing_less"
    summaries = {
        side: str(message("few_labels.shift.summary.missing", share=share))
        for side, share in shares.items()
    }
    return {
        "test": "missing",
        "statistic": statistic,
        "p_value": p_value,
        "effect": effect,
        **summaries,
        "words": str(message(f"few_labels.shift.{code}", column=shared["column"], **shares)),
    }


def _counted(
    codes: npt.NDArray[Any], labelled: Bools, random: np.random.Generator
) -> tuple[float, float, Floats, Floats]:
    """Return chi-square, its p-value by lot, and the shares of each code inside and outside."""
    totals = np.bincount(codes)
    inside = np.bincount(codes[labelled], minlength=len(totals))
    n_labelled, n_rows = int(labelled.sum()), len(codes)
    statistic = _chi_square(inside[None, :], totals, n_labelled)[0]
    drawn = random.multivariate_hypergeometric(totals, n_labelled, N_PERMUTATIONS)
    beyond = _chi_square(drawn, totals, n_labelled) >= statistic * (1 - 1e-9)
    p_value = (1 + beyond.sum()) / (1 + N_PERMUTATIONS)
    return (
        float(statistic),
        float(p_value),
        inside / n_labelled,
        (totals - inside) / (n_rows - n_labelled),
    )


def _chi_square(inside: npt.NDArray[Any], totals: npt.NDArray[Any], n_labelled: int) -> Floats:
    """Return Pearson's statistic of each line of counts in the labelled rows."""
    seen = totals > 0
    n_rows = totals.sum()
    expected = totals[seen] * n_labelled / n_rows
    scale = 1 + n_labelled / (n_rows - n_labelled)
    # What is too many inside is too few outside, so both sides are one sum times a constant.
    return np.asarray((((inside[:, seen] - expected) ** 2) / expected).sum(axis=1) * scale)
