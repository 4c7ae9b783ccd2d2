"""How rows that are predicted compare with those of training, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Floats
from mlcore.evaluation.drift import Verdict, compare
from mlcore.messages import message
from mlcore.registry.bundle_files.contract import Reading
from mlcore.registry.summary import counted

#: Categories that are bins of their own; the rarer ones are one bin together.
_MOST_BINS = 15


class DriftTally:
    """Counts rows as they pass, and compares the counts with those of training.

    Parameters
    ----------
    schema : mapping
        As in ``input_schema.json``.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._features = [one for one in schema["features"] if one.get("counts") is not None]
        self._counts = {one["name"]: np.zeros(len(one["counts"])) for one in self._features}
        self._missing = dict.fromkeys(self._counts, 0)
        self._outside = dict.fromkeys(self._counts, 0)
        self._rows = 0

    def add(self, reading: Reading) -> None:
        """Count rows; cells that cannot be read count as missing."""
        self._rows += reading.n_rows
        for feature in self._features:
            name = feature["name"]
            present = [value for value in reading.columns[name] if not _is_missing(value)]
            self._missing[name] += reading.n_rows - len(present)
            if present:
                self._counts[name] += counted(feature, present)
        for problem in reading.problems:
            if problem.code in ("outside", "unseen") and problem.column in self._outside:
                self._outside[problem.column] += 1

    def frame(self) -> pd.DataFrame:
        """Return a row for each column, those that differ most first.

        ``column``, ``index`` (population stability index over the bins, gaps being one of them),
        ``verdict`` (a value of :class:`mlcore.evaluation.drift.Verdict`), ``missing_then``,
        ``missing_now`` and ``outside_now`` (shares of rows: gaps, and values that training did not
        see), and ``change``, which says in words which share changed most.
        """
        rows = [self._row(feature) for feature in self._features] if self._rows else []
        frame = pd.DataFrame(rows, columns=list(_COLUMNS))
        return frame.sort_values("index", ascending=False, kind="stable", ignore_index=True)

    def _row(self, feature: Mapping[str, Any]) -> dict[str, Any]:
        name = feature["name"]
        missing_then = float(feature["missing_in_training"] or 0)
        kept, names = _bins(feature)
        then = np.append(kept(np.array(feature["counts"], dtype=np.float64)), missing_then)
        now = np.append(kept(self._counts[name]), float(self._missing[name]))
        drift = compare(then, now, len(self._features))
        return {
            "column": name,
            "index": drift.index,
            "verdict": drift.verdict.value,
            "missing_then": missing_then / max(1.0, then.sum()),
            "missing_now": self._missing[name] / self._rows,
            "outside_now": self._outside[name] / self._rows,
            "change": _change(drift.verdict, names[drift.bin], then, now, drift.bin),
        }


_COLUMNS = (
    *("column", "index", "verdict", "missing_then", "missing_now", "outside_now"),
    "change",
)


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def _bins(feature: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """Return what makes bins of counts, and the name of each bin; the last one is of gaps."""
    gap = str(message("prediction.bin.missing"))
    if feature["edges"] is not None:
        return lambda counts: counts, [*_spans(feature), gap]
    names = list(feature["categories"] or ())
    counts = feature["counts"]
    order = sorted(range(len(names)), key=lambda n: -counts[n])[:_MOST_BINS]
    rest = str(message("prediction.bin.others" if names else "prediction.bin.text"))

    def kept(all_counts: Floats) -> Floats:
        listed = all_counts[order]
        return np.append(listed, all_counts.sum() - listed.sum())

    return kept, [*(f"“{names[n]}”" for n in order), rest, gap]


def _spans(feature: Mapping[str, Any]) -> list[str]:
    edges = [str(edge).removesuffix(".0") for edge in feature["edges"]]
    if not edges:
        return [str(message("prediction.bin.text"))]
    first = str(message("prediction.bin.up_to", high=edges[0]))
    last = str(message("prediction.bin.above", low=edges[-1]))
    inner = [
        str(message("prediction.bin.between", low=low, high=high))
        for low, high in zip(edges, edges[1:], strict=False)
    ]
    return [first, *inner, last]


def _change(verdict: Verdict, name: str, then: Floats, now: Floats, place: int) -> str:
    if verdict is Verdict.ALIKE:
        return ""
    shares = [100 * float(counts[place]) / max(1.0, float(counts.sum())) for counts in (then, now)]
    return str(message("prediction.change", bin=name, then=round(shares[0]), now=round(shares[1])))
