"""What each step of a recipe does to a table, for training and for new rows alike.

A recipe is a list of steps as JSON has them, such as
``{"step": "replace", "column": "age", "values": [[-1, null]]}``. Every step looks at one row at a
time and learns nothing from the table, so a row alone gets the values that it gets among others.

This file goes into bundles word for word, with ``formula.py``; it needs numpy and pandas alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING or __package__:
    from mlcore.data.recipe import formula
else:
    import formula

#: One step: its name under ``"step"``, and what it needs to know.
PlainStep: TypeAlias = Mapping[str, Any]

#: Parts of a date, and what pandas calls them.
DATE_PARTS: Mapping[str, str] = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "day": "day",
    "weekday": "day_of_week",
    "day of year": "day_of_year",
    "hour": "hour",
    "minute": "minute",
}

_DAY = np.timedelta64(1, "D")


def prepared(frame: pd.DataFrame, steps: Sequence[PlainStep]) -> pd.DataFrame:
    """Return a table after the steps; rows that a step leaves out are gone.

    Parameters
    ----------
    frame : DataFrame
        Numbers as ``float64``, dates as ``datetime64``, everything else as text; not changed.
    steps : sequence of mappings
        In their order.
    """
    for step in steps:
        frame = frame[kept(frame, step)] if step["step"] in FILTERS else changed(frame, step)
    return frame


def rows_prepared(
    frame: pd.DataFrame, steps: Sequence[PlainStep]
) -> tuple[pd.DataFrame, dict[int, list[PlainStep]]]:
    """Return new rows after the steps, all of them, and which steps would have left some out.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        As for :func:`prepared`.
    steps : sequence of mappings
        In their order. A step that compares rows with each other says nothing about a new row.

    Returns
    -------
    frame : DataFrame
        One row for each that came.
    left_out : dict of int to list
        By place of the row, from 0: the steps that leave such rows out of training.
    """
    left_out: dict[int, list[PlainStep]] = {}
    for step in steps:
        if step["step"] not in FILTERS:
            frame = changed(frame, step)
        elif step["step"] not in _COMPARING:
            for row in np.flatnonzero(~kept(frame, step)):
                left_out.setdefault(int(row), []).append(step)
    return frame, left_out


class AfterSteps:
    """A model that is given rows as they come, and does the steps before it answers.

    Parameters
    ----------
    model : object
        With ``predict`` and, for classes, ``predict_proba`` and ``classes_``; they take a frame of
        what the last step leaves.
    steps : sequence of mapping
        In their order.
    """

    def __init__(self, model: Any, steps: Sequence[PlainStep]) -> None:
        self.model = model
        self.plain_steps = tuple(steps)

    def predict(self, frame: pd.DataFrame) -> Any:
        """Return the label, cluster or number of each row."""
        return self.model.predict(self._prepared(frame))

    @property
    def predict_proba(self) -> Callable[[pd.DataFrame], Any]:
        """The function that returns probabilities; it is only there where the model has some."""
        ask = self.model.predict_proba
        return lambda frame: ask(self._prepared(frame))

    @property
    def classes_(self) -> Any:
        """The classes of the model, where it has some."""
        return self.model.classes_

    def _prepared(self, frame: pd.DataFrame) -> pd.DataFrame:
        return rows_prepared(frame, self.plain_steps)[0]


def changed(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    """Return a table after a step that keeps all rows."""
    return CHANGES[step["step"]](frame, step)


def kept(frame: pd.DataFrame, step: PlainStep) -> Any:
    """Return for each row whether a step keeps it: an array of bool of shape (n_rows,)."""
    return np.asarray(FILTERS[step["step"]](frame, step), dtype=bool)


def is_date(column: pd.Series) -> bool:
    """Return whether a column holds dates."""
    return column.dtype.kind == "M"


def is_number(column: pd.Series) -> bool:
    """Return whether a column holds numbers."""
    return column.dtype.kind == "f"


# Steps that change columns


def _column(frame: pd.DataFrame, step: PlainStep) -> pd.Series:
    column: pd.Series = frame[str(step["column"])]
    return column


def _rename(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    return frame.rename(columns={step["column"]: step["to"]})


def _drop(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    # New rows may lack what the model never sees.
    return frame.drop(columns=[name for name in step["columns"] if name in frame])


def _fill(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    column = _column(frame, step)
    return frame.assign(**{str(column.name): column.fillna(_as_in(column, step["value"]))})


def _replace(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    column = _column(frame, step)
    made = column.copy()
    for old, new in step["values"]:
        # All at once: what one pair makes is no matter for the next.
        made[column == _as_in(column, old)] = _as_in(column, new)
    return frame.assign(**{str(column.name): made})


def _group(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    column = _column(frame, step)
    is_rare = column.notna() & ~column.isin(step["keep"])
    return frame.assign(**{str(column.name): column.mask(is_rare, step["other"])})


def _derive(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    node = formula.parse(step["formula"])
    columns = {name: _operand(frame[name]) for name in formula.names_in(node)}
    return frame.assign(**{step["name"]: formula.compute(node, columns, len(frame))})


def _operand(column: pd.Series) -> Any:
    """Return a column as a formula takes it."""
    if is_date(column):
        return days(column).to_numpy()
    if is_number(column):
        return column.to_numpy()
    return column.astype(object).where(column.notna(), None).to_numpy()


def days(column: pd.Series) -> pd.Series:
    """Return dates as days since 1 January 1970, with fractions."""
    return (column - pd.Timestamp(0)) / _DAY


def _date_parts(frame: pd.DataFrame, step: PlainStep) -> pd.DataFrame:
    column = _column(frame, step)
    made = {
        part_name(step["column"], part): getattr(column.dt, DATE_PARTS[part]).astype("float64")
        for part in step["parts"]
    }
    return frame.assign(**made)


def part_name(column: str, part: str) -> str:
    """Return what a part of a date is called as a column."""
    return f"{column} {part}"


def _as_in(column: pd.Series, value: Any) -> Any:
    """Return a value of JSON as it stands in a column; ``None`` is a missing one."""
    if is_date(column):
        return pd.NaT if value is None else pd.Timestamp(value)
    if value is None:
        return np.nan
    return float(value) if is_number(column) else str(value)


#: What each step does that keeps all rows.
CHANGES: Mapping[str, Callable[[pd.DataFrame, PlainStep], pd.DataFrame]] = {
    "rename": _rename,
    "drop": _drop,
    "fill": _fill,
    "replace": _replace,
    "group": _group,
    "derive": _derive,
    "date_parts": _date_parts,
}


# Steps that leave rows out


def _compared(column: pd.Series, step: PlainStep) -> Any:
    """Return for each row whether a condition holds; never where there is no value."""
    comparison, values = step["comparison"], step["values"]
    if comparison == "is missing":
        return column.isna()
    if comparison == "is not missing":
        return column.notna()
    wanted = [_as_in(column, value) for value in values]
    if comparison == "is one of":
        return column.isin(wanted)
    if comparison == "is none of":
        return column.notna() & ~column.isin(wanted)
    if comparison == "is between":
        return (column >= wanted[0]) & (column <= wanted[1])
    return ORDERS[comparison](column, wanted[0])


#: Comparisons with one number or date.
ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "is less than": lambda column, value: column < value,
    "is at most": lambda column, value: column <= value,
    "is at least": lambda column, value: column >= value,
    "is more than": lambda column, value: column > value,
}


def _first_of_same(frame: pd.DataFrame, step: PlainStep) -> Any:
    names = [name for name in step["columns"] if name in frame] or list(frame)
    return ~frame.duplicated(names)


def _without_contradiction(frame: pd.DataFrame, step: PlainStep) -> Any:
    column = _column(frame, step)
    others = [name for name in frame if name != step["column"]]
    alike = [name for name in step["columns"] if name in others] or others
    if not alike:
        return np.ones(len(frame), dtype=bool)
    same = column.groupby([frame[name] for name in alike], dropna=False, sort=False)
    # A row without a value contradicts none.
    return (same.transform("nunique") <= 1) | column.isna()


#: What each step does that leaves rows out: whether a row stays.
FILTERS: Mapping[str, Callable[[pd.DataFrame, PlainStep], Any]] = {
    "keep_rows": lambda frame, step: _compared(_column(frame, step), step),
    "drop_repeated": _first_of_same,
    "drop_contradicting": _without_contradiction,
}

#: Steps that compare rows with each other.
_COMPARING = ("drop_repeated", "drop_contradicting")
