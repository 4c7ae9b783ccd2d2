"""What a model expects of each column, learnt from the rows it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.reading import MISSING
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.splitting import Rows
from mlcore.tasks import Task
from mlcore.workflow import label_of

#: Longest list of known categories that is kept; beyond it a value cannot be called unseen.
MOST_CATEGORIES = 1000

#: Cells that mean "no value" in a file, besides an empty one.
MISSING_TOKENS = tuple(filter(None, MISSING))


@dataclass(frozen=True, kw_only=True)
class InputFeature:
    """What one column held in training.

    Parameters
    ----------
    name : str
        Its name.
    kind : ColumnKind
        How the model sees it.
    missing_allowed : bool
        Whether a row may lack it; the preparation fills gaps of every kind, so always true.
    missing_in_training : int
        How many training rows lacked it.
    low, high : float or str or None
        Range of a number, or of a date in ISO 8601; ``None`` for other kinds, or without values.
    categories : tuple of str or None
        Known values of a category or yes/no column in alphabetical order, at most
        :data:`MOST_CATEGORIES`; ``None`` for other kinds.
    n_categories : int or None
        How many there were.
    example : str
        A value as it would stand in a file; empty when there was none.
    date_format : str or None
        How dates are written in the file, as ``strptime`` takes it; ``None`` for ISO 8601.
    missing_tokens : tuple of str
        Cells that mean "no value" in this column, besides an empty one; a word that is a value of
        the column in training is a value.
    """

    name: str
    kind: ColumnKind
    missing_allowed: bool = True
    missing_in_training: int
    low: float | str | None = None
    high: float | str | None = None
    categories: tuple[str, ...] | None = None
    n_categories: int | None = None
    example: str = ""
    date_format: str | None = None
    missing_tokens: tuple[str, ...] = MISSING_TOKENS

    @property
    def categories_cut(self) -> bool:
        """Whether there were more categories than are kept."""
        return self.categories is not None and self.n_categories != len(self.categories)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "missing_allowed": self.missing_allowed,
            "missing_in_training": self.missing_in_training,
            "low": self.low,
            "high": self.high,
            "categories": None if self.categories is None else list(self.categories),
            "n_categories": self.n_categories,
            "categories_cut": self.categories_cut,
            "example": self.example,
            "date_format": self.date_format,
            "missing_tokens": list(self.missing_tokens),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> InputFeature:
        """Read what :meth:`to_json` wrote."""
        values = {name: value for name, value in plain.items() if name != "categories_cut"}
        values["kind"] = ColumnKind(values["kind"])
        values["missing_tokens"] = tuple(values["missing_tokens"])
        if values["categories"] is not None:
            values["categories"] = tuple(values["categories"])
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class InputSchema:
    """What goes into a model and what comes out.

    Parameters
    ----------
    task : Task
        What is predicted.
    target : str
        Name of the label.
    features : tuple of InputFeature
        The columns, in the model's order.
    classes : tuple of str
        The classes in the model's order; empty for regression.
    decimal : str
        The decimal mark of files, ``"."`` or ``","``.
    encoding : str
        Encoding of the training file, for files that are not Unicode.
    quote : str
        The quotation mark of files.
    """

    task: Task
    target: str
    features: tuple[InputFeature, ...]
    classes: tuple[str, ...] = ()
    decimal: str = "."
    encoding: str = "utf-8"
    quote: str = '"'

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "version": 1,
            "task": self.task.value,
            "target": self.target,
            "classes": list(self.classes),
            "decimal": self.decimal,
            "encoding": self.encoding,
            "quote": self.quote,
            "features": [feature.to_json() for feature in self.features],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> InputSchema:
        """Read what :meth:`to_json` wrote."""
        return cls(
            task=Task(plain["task"]),
            target=plain["target"],
            features=tuple(map(InputFeature.from_json, plain["features"])),
            classes=tuple(plain["classes"]),
            decimal=plain["decimal"],
            encoding=plain["encoding"],
            quote=plain["quote"],
        )


def input_schema(
    dataset: Dataset, experiment: Experiment, rows: Rows | Sequence[int], decimal: str = "."
) -> InputSchema:
    """Return what the model expects, learnt from the rows it was trained on and no others.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Names the features, their kinds, the label and the task.
    rows : array of shape (n_rows,)
        Numbers of the training rows.
    decimal : str, default "."
        The decimal mark of files in which inputs will come.
    """
    classes: tuple[str, ...] = ()
    if experiment.task is Task.CLASSIFICATION:
        label = label_of(dataset, experiment.target, experiment.task)
        classes = tuple(sorted(map(str, label.iloc[list(rows)].dropna().unique())))
    features = tuple(
        _feature(dataset.frame[name].iloc[list(rows)], experiment.kinds[name], decimal)
        for name in experiment.features
    )
    return InputSchema(
        task=experiment.task,
        target=experiment.target,
        features=features,
        classes=classes,
        decimal=decimal,
    )


def _feature(column: pd.Series, kind: ColumnKind, decimal: str) -> InputFeature:
    present = column.dropna()
    low, high = _range(present, kind)
    listed = kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO)
    values = sorted(map(str, present.unique())) if present.dtype.kind not in "fM" else []
    return InputFeature(
        name=str(column.name),
        kind=kind,
        missing_in_training=len(column) - len(present),
        low=low,
        high=high,
        categories=tuple(values[:MOST_CATEGORIES]) if listed else None,
        n_categories=len(values) if listed else None,
        example=_example(present, kind, decimal),
        missing_tokens=tuple(token for token in MISSING_TOKENS if token not in set(values)),
    )


def _range(present: pd.Series, kind: ColumnKind) -> tuple[float | str | None, float | str | None]:
    if present.empty:
        return None, None
    if kind is ColumnKind.NUMBER:
        return float(present.min()), float(present.max())
    if kind is ColumnKind.DATETIME:
        return cell_text(present.min(), kind, "."), cell_text(present.max(), kind, ".")
    return None, None


def _example(present: pd.Series, kind: ColumnKind, decimal: str) -> str:
    if present.empty:
        return ""
    if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME):
        middle = present.sort_values().iloc[len(present) // 2]
        return cell_text(middle, kind, decimal)
    return str(present.mode().iloc[0])


def cell_text(value: Any, kind: ColumnKind, decimal: str, date_format: str | None = None) -> str:
    """Return a value as it stands in a file; reading it back gives the same value.

    Parameters
    ----------
    value : float, Timestamp, str or missing
        A cell of the typed frame.
    kind : ColumnKind
        Of its column.
    decimal : str
        The decimal mark.
    date_format : str, optional
        How dates are written; ISO 8601 by default.
    """
    if pd.isna(value):
        return ""
    if kind is ColumnKind.NUMBER:
        return repr(float(value)).removesuffix(".0").replace(".", decimal)
    if kind is ColumnKind.DATETIME:
        if date_format:
            return str(value.strftime(date_format))
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)
