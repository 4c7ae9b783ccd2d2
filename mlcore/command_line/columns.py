"""Which columns a command left out, and what stands where a value is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, Column, ColumnKind, Schema
from mlcore.messages import Message, listing, message
from mlcore.params import ChoiceParam, ParamValue, check_values
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import ClusterSetup, FewLabelsSetup

#: Names that a printed line shows at most; the JSON object has them all.
_MOST_NAMES = 8


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A column that decides nothing.

    Parameters
    ----------
    column : Column
        The column.
    why : str
        A sentence.
    """

    column: Column
    why: str


def left_out(
    schema: Schema, setup: ClusterSetup | FewLabelsSetup, *, is_named: bool
) -> tuple[LeftOut, ...]:
    """Return the columns that do not decide which rows are alike, in the order of the table.

    The column that is to be completed is not among them.

    Parameters
    ----------
    schema : Schema
        Of the table.
    setup : ClusterSetup or FewLabelsSetup
        Its features decide.
    is_named : bool
        Whether the features were named by the user.
    """
    target = setup.target if isinstance(setup, FewLabelsSetup) else None
    return tuple(
        LeftOut(column=column, why=_why(column, is_named))
        for column in schema.columns
        if column.name not in (*setup.features, target)
    )


def _why(column: Column, is_named: bool) -> str:
    if column.kind not in LEARNABLE:
        return column.kind.help
    return str(message(f"command.left_out.{'not_named' if is_named else 'many_inputs'}"))


def left_out_report(columns: Iterable[LeftOut]) -> list[dict[str, str]]:
    """Return the columns that were left out as JSON has them."""
    return [
        {"column": each.column.name, "kind": each.column.kind.value, "why": each.why}
        for each in columns
    ]


def left_out_remarks(columns: Iterable[LeftOut]) -> list[Message]:
    """Return one line for each kind and reason, with the columns it holds for."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for each in columns:
        by_reason.setdefault((each.column.kind.value, each.why), []).append(each.column.name)
    return [
        message("command.left_out", columns=listing(names, most=_MOST_NAMES), kind=kind, why=why)
        for (kind, why), names in by_reason.items()
    ]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What stands where a value is missing.

    Parameters
    ----------
    rows : int
        Rows that lack a value in at least one feature.
    total : int
        All rows.
    ways : mapping of str to str
        By feature with missing values: what stands in for them, in words.
    """

    rows: int
    total: int
    ways: Mapping[str, str]


def filled(dataset: Dataset, setup: ClusterSetup | FewLabelsSetup) -> Filled:
    """Return which rows have missing values in the features, and how the preparation fills them.

    Raises
    ------
    UserError
        A setting of the preparation does not fit its declaration.
    """
    values = check_values("The preparation", PREPARATION_PARAMS, setup.preparation)
    gaps = dataset.frame[list(setup.features)].isna()
    kinds = {name: dataset.schema[name].kind for name in setup.features if gaps[name].any()}
    return Filled(
        rows=int(gaps.any(axis=1).sum()),
        total=len(gaps),
        ways={name: _way(kind, values) for name, kind in kinds.items()},
    )


def _way(kind: ColumnKind, values: Mapping[str, ParamValue]) -> str:
    if kind is ColumnKind.DATETIME:
        return str(message("command.filled.date"))
    if kind is ColumnKind.TEXT:
        return str(message("command.filled.text"))
    name = "number_missing" if kind is ColumnKind.NUMBER else "category_missing"
    (param,) = (param for param in PREPARATION_PARAMS if param.name == name)
    assert isinstance(param, ChoiceParam)
    label = param.choices[str(values[name])]
    return label[0].lower() + label[1:]


def filled_report(told: Filled) -> dict[str, Any]:
    """Return what was filled in as JSON has it."""
    columns = [{"column": name, "how": how} for name, how in told.ways.items()]
    return {"rows": told.rows, "columns": columns}


def filled_remarks(told: Filled) -> list[Message]:
    """Return a line on what was filled in; none where nothing was missing."""
    if not told.ways:
        return []
    by_way: dict[str, list[str]] = {}
    for name, how in told.ways.items():
        by_way.setdefault(how, []).append(name)
    ways = "; ".join(
        f"{how} in {listing(names, most=_MOST_NAMES)}" for how, names in by_way.items()
    )
    return [message("command.filled", rows=told.rows, total=told.total, ways=ways)]
