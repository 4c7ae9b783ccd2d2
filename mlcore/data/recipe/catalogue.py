"""The steps a recipe can have, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlcore.data.recipe import formula
from mlcore.data.recipe.fields import (
    COMPARISONS,
    UNORDERED,
    CategoriesField,
    ChoiceField,
    ColumnField,
    ColumnsField,
    Field,
    FormulaField,
    Kinds,
    NewNameField,
    PairsField,
    TextField,
    ValueField,
    ValuesField,
    checked_values,
)
from mlcore.data.recipe.steps import DATE_PARTS, FILTERS, PlainStep, part_name
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: Below this a whole number is shown without a fraction; beyond, its last digits are made up.
_EXACT = 1e15


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """One thing that can be done to a table.

    Parameters
    ----------
    id : str
        Its name in JSON.
    name, help : str
        What a menu says.
    fields : tuple of Field
        What it needs to know; later ones may depend on earlier ones.
    kinds_after : callable
        Step and columns before → columns after.
    said : callable
        Step → what it does, in a sentence.
    needs : callable
        Step and the columns that are wanted after it → those that are needed before it; ``None``
        where new rows can do without the step.
    """

    id: str
    name: str
    help: str
    fields: tuple[Field, ...]
    kinds_after: Callable[[PlainStep, Kinds], Kinds] = lambda step, kinds: kinds
    said: Callable[[PlainStep], Message]
    needs: Callable[[PlainStep, frozenset[str]], frozenset[str] | None]

    def check(self, step: PlainStep, kinds: Kinds) -> PlainStep:
        """Return the step with every value as it is kept.

        Raises
        ------
        UserError
            A value is missing or does not fit the table.
        """
        checked = {"step": self.id, **checked_values(self.fields, step, kinds)}
        if not self.kinds_after(checked, kinds):
            raise UserError("recipe.all_columns")
        return checked

    @property
    def is_filter(self) -> bool:
        """Whether it leaves rows out."""
        return self.id in FILTERS


_COLUMN = ColumnField(name="column", label="Column", help="The column that the step changes.")

_WORDS = (
    *(ColumnKind.CATEGORY, ColumnKind.YES_NO, ColumnKind.TEXT),
    *(ColumnKind.IDENTIFIER, ColumnKind.CONSTANT),
)


def _on_its_column(step: PlainStep, wanted: frozenset[str]) -> frozenset[str] | None:
    """Return what a step needs that changes one column in its place."""
    return wanted if step["column"] in wanted else None


# Names and columns


def _renamed(step: PlainStep, kinds: Kinds) -> Kinds:
    return {step["to"] if name == step["column"] else name: kind for name, kind in kinds.items()}


def _rename_needs(step: PlainStep, wanted: frozenset[str]) -> frozenset[str] | None:
    return wanted - {step["to"]} | {step["column"]} if step["to"] in wanted else None


RENAME = StepSpec(
    id="rename",
    name="Rename a column",
    help="Give a column another name.",
    fields=(
        _COLUMN,
        NewNameField(name="to", label="New name", help="A name that no other column has."),
    ),
    kinds_after=_renamed,
    said=lambda step: message("recipe.said.rename", column=step["column"], to=step["to"]),
    needs=_rename_needs,
)

DROP = StepSpec(
    id="drop",
    name="Drop columns",
    help="Take columns out of the table. The file itself stays as it is.",
    fields=(ColumnsField(name="columns", label="Columns", help="What the table does without."),),
    kinds_after=lambda step, kinds: {
        name: kind for name, kind in kinds.items() if name not in step["columns"]
    },
    said=lambda step: message("recipe.said.drop", columns=listing(step["columns"])),
    needs=lambda step, wanted: None,
)

# Rows


def condition_said(step: PlainStep) -> Message:
    """Return the condition of a step that keeps rows, in words."""
    comparison, values = step["comparison"], [shown_value(value) for value in step["values"]]
    code = "between" if comparison == "is between" else "values" if values else "alone"
    facts = {"column": step["column"], "comparison": comparison, "values": listing(values, most=5)}
    if code == "between":
        facts |= {"low": values[0], "high": values[1]}
    return message(f"recipe.condition.{code}", **facts)


def shown_value(value: Any) -> str:
    """Return a value of a column as people write it, with all its digits."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text.removesuffix("T00:00:00")


KEEP_ROWS = StepSpec(
    id="keep_rows",
    name="Keep some rows",
    help="Keep the rows for which a condition holds and leave the others out. A model then speaks "
    "for such rows alone, and says so when it is asked about another one.",
    fields=(
        ColumnField(name="column", label="Column", help="The column that decides."),
        ChoiceField(
            name="comparison",
            label="Condition",
            help="Rows without a value are kept by “is missing” alone.",
            choices=tuple(COMPARISONS),
            by_kind=dict.fromkeys(_WORDS, UNORDERED),
        ),
        ValuesField(name="values", label="Values", help="What it is compared with."),
    ),
    said=lambda step: message("recipe.said.keep_rows", condition=str(condition_said(step))),
    needs=_on_its_column,
)


DROP_REPEATED = StepSpec(
    id="drop_repeated",
    name="Drop repeated rows",
    help="Keep the first of several rows that are the same in some columns.",
    fields=(
        ColumnsField(
            name="columns",
            label="The same in",
            help="None chosen: in every column.",
            may_be_empty=True,
        ),
    ),
    said=lambda step: (
        message("recipe.said.drop_repeated_in", columns=listing(step["columns"]))
        if step["columns"]
        else message("recipe.said.drop_repeated")
    ),
    needs=lambda step, wanted: None,
)


def _contradicting_said(step: PlainStep) -> Message:
    if not step["columns"]:
        return message("recipe.said.drop_contradicting", column=step["column"])
    alike = listing(step["columns"], most=5)
    return message("recipe.said.drop_contradicting_in", column=step["column"], columns=alike)


DROP_CONTRADICTING = StepSpec(
    id="drop_contradicting",
    name="Drop rows that contradict each other",
    help="Leave out rows that are the same in some columns and have different values in another "
    "one, such as the label. Scores then speak for the clear cases alone: a new row that is not "
    "clear will be predicted worse.",
    fields=(
        ColumnField(name="column", label="Differ in", help="The column whose values contradict."),
        ColumnsField(
            name="columns",
            label="The same in",
            help="None chosen: in every other column.",
            may_be_empty=True,
        ),
    ),
    said=_contradicting_said,
    needs=lambda step, wanted: None,
)

# Values


FILL = StepSpec(
    id="fill",
    name="Fill missing values",
    help="Put one value in place of every missing one. To fill with a mean or the most frequent "
    "value, leave it to the preparation, which learns it from the training rows alone.",
    fields=(
        _COLUMN,
        ValueField(name="value", label="Value", help="What a missing value becomes."),
    ),
    said=lambda step: message(
        "recipe.said.fill", column=step["column"], value=shown_value(step["value"])
    ),
    needs=_on_its_column,
)


def _replace_said(step: PlainStep) -> Message:
    pairs = [
        f"“{shown_value(old)}” → " + ("missing" if new is None else f"“{shown_value(new)}”")
        for old, new in step["values"]
    ]
    more = f" and {len(pairs) - 5} more" if len(pairs) > 5 else ""
    return message("recipe.said.replace", column=step["column"], pairs=", ".join(pairs[:5]) + more)


REPLACE = StepSpec(
    id="replace",
    name="Replace values",
    help="Put other values in place of some, or none: for words that mean the same, or a number "
    "that stands for “unknown”.",
    fields=(
        _COLUMN,
        PairsField(
            name="values",
            label="Values",
            help="A value, and what stands for it from now on. What is left empty stays as it is.",
        ),
    ),
    said=_replace_said,
    needs=_on_its_column,
)

GROUP = StepSpec(
    id="group",
    name="Group rare categories",
    help="Keep some categories and put all others under one name.",
    fields=(
        ColumnField(
            name="column",
            label="Column",
            help="A column of categories.",
            kinds=(ColumnKind.CATEGORY, ColumnKind.TEXT, ColumnKind.IDENTIFIER),
        ),
        CategoriesField(
            name="keep",
            label="Categories to keep",
            help="They stay as they are; the list is yours and does not change with the data.",
        ),
        TextField(name="other", label="Name of the others", help="What all others become."),
    ),
    said=lambda step: message(
        "recipe.said.group",
        column=step["column"],
        keep=listing(step["keep"], most=5),
        other=step["other"],
    ),
    needs=_on_its_column,
)

# New columns


def _derive_needs(step: PlainStep, wanted: frozenset[str]) -> frozenset[str] | None:
    if step["name"] not in wanted:
        return None
    return wanted - {step["name"]} | set(formula.names_in(formula.parse(step["formula"])))


DERIVE = StepSpec(
    id="derive",
    name="Work out a column",
    help="A new column of numbers from a formula, such as [weight] / [height]^2.",
    fields=(
        NewNameField(name="name", label="Name", help="A name that no other column has."),
        FormulaField(
            name="formula",
            label="Formula",
            help="Columns in square brackets; + - * / ^, comparisons, and, or, and "
            f"{', '.join(formula.FUNCTIONS)}. A date counts as days since 1 January 1970.",
        ),
    ),
    kinds_after=lambda step, kinds: {**kinds, step["name"]: ColumnKind.NUMBER},
    said=lambda step: message("recipe.said.derive", name=step["name"], formula=step["formula"]),
    needs=_derive_needs,
)


def _part_names(step: PlainStep) -> list[str]:
    return [part_name(step["column"], part) for part in step["parts"]]


def _with_parts(step: PlainStep, kinds: Kinds) -> Kinds:
    made = _part_names(step)
    if taken := next((name for name in made if name in kinds), None):
        raise UserError("recipe.name_taken", name=taken)
    return {**kinds, **dict.fromkeys(made, ColumnKind.NUMBER)}


def _parts_need(step: PlainStep, wanted: frozenset[str]) -> frozenset[str] | None:
    made = wanted & set(_part_names(step))
    return wanted - made | {step["column"]} if made else None


DATES = StepSpec(
    id="date_parts",
    name="Take dates apart",
    help="New columns of numbers from parts of a date. Monday is weekday 0.",
    fields=(
        ColumnField(
            name="column", label="Column", help="A column of dates.", kinds=(ColumnKind.DATETIME,)
        ),
        ChoiceField(
            name="parts",
            label="Parts",
            help="Each becomes a column of its own.",
            choices=tuple(DATE_PARTS),
            several=True,
        ),
    ),
    kinds_after=_with_parts,
    said=lambda step: message(
        "recipe.said.date_parts", column=step["column"], parts=", ".join(step["parts"])
    ),
    needs=_parts_need,
)

#: All of them, in the order of a menu.
STEPS: Mapping[str, StepSpec] = {
    spec.id: spec
    for spec in (
        *(REPLACE, FILL, GROUP, KEEP_ROWS, DROP_REPEATED, DROP_CONTRADICTING),
        *(DERIVE, DATES, RENAME, DROP),
    )
}
