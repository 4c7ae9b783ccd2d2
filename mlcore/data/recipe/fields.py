"""What a step of a recipe is told by the person: from these its form and its checks follow."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import pandas as pd

from mlcore.data.recipe import formula
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing

#: Name and kind of each column as a step finds the table.
Kinds: TypeAlias = Mapping[str, ColumnKind]

#: Longest name of a column, and longest text of a value.
MOST_CHARACTERS = 500

#: What the value of a field looks like in JSON.
Form: TypeAlias = Literal["text", "texts", "value", "values", "pairs"]


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """One thing that a step needs to know.

    Parameters
    ----------
    name : str
        Its name in the step's JSON.
    label, help : str
        What stands beside the control.
    """

    name: str
    label: str
    help: str

    _form: ClassVar[Form] = "text"

    @property
    def form(self) -> Form:
        """What its value looks like in JSON."""
        return self._form

    @abstractmethod
    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> Any:
        """Return the value as the step keeps it.

        Parameters
        ----------
        value : object
            What was entered.
        step : mapping
            The fields before this one, checked.
        kinds : mapping of str to ColumnKind
            The columns that the step finds.

        Raises
        ------
        UserError
            It does not fit.
        """


@dataclass(frozen=True, kw_only=True)
class ColumnField(Field):
    """One of the columns, of some kinds."""

    kinds: tuple[ColumnKind, ...] = tuple(ColumnKind)

    def offered(self, kinds: Kinds) -> list[str]:
        """Return the columns that fit."""
        return [name for name, kind in kinds.items() if kind in self.kinds]

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> str:
        """Return the name of a column that is there and fits."""
        name = _known(value, kinds)
        if kinds[name] not in self.kinds:
            raise UserError(
                "recipe.kind",
                column=name,
                kind=kinds[name].value,
                wanted=listing([kind.value for kind in self.kinds]),
            )
        return name


@dataclass(frozen=True, kw_only=True)
class ColumnsField(Field):
    """Some of the columns; ``may_be_empty`` where none means all."""

    _form: ClassVar[Form] = "texts"

    may_be_empty: bool = False

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> list[str]:
        """Return names of columns that are there."""
        names = [_known(name, kinds) for name in value or ()]
        if not names and not self.may_be_empty:
            raise UserError("recipe.no_columns")
        if not self.may_be_empty and len(set(names)) == len(kinds):
            raise UserError("recipe.all_columns")
        return list(dict.fromkeys(names))


def _known(name: Any, kinds: Kinds) -> str:
    if name not in kinds:
        raise UserError(
            "recipe.no_column",
            name=str(name),
            known=listing(list(kinds), most=12),
            suggestion=did_you_mean(str(name), kinds),
        )
    return str(name)


@dataclass(frozen=True, kw_only=True)
class NewNameField(Field):
    """A name for a column that no other one has."""

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> str:
        """Return the name without needless blanks."""
        name = " ".join(str(value or "").split())
        if not name or len(name) > MOST_CHARACTERS:
            raise UserError("recipe.no_name")
        if name in kinds:
            raise UserError("recipe.name_taken", name=name)
        return name


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """One of several words; ``several`` where more than one may be chosen.

    ``by_kind`` says which of them make sense for a column of a kind; without it all do.
    """

    choices: tuple[str, ...]
    several: bool = False
    by_kind: Mapping[ColumnKind, tuple[str, ...]] | None = None

    @property
    def form(self) -> Form:
        """What its value looks like in JSON."""
        return "texts" if self.several else "text"

    def offered(self, step: Mapping[str, Any], kinds: Kinds) -> tuple[str, ...]:
        """Return the words that make sense for the step's column."""
        if self.by_kind is None:
            return self.choices
        return self.by_kind.get(kinds[step["column"]], self.choices)

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> Any:
        """Return one word, or several in their usual order."""
        wanted = list(value or ()) if self.several else [value]
        offered = self.offered(step, kinds)
        if not wanted or any(one not in offered for one in wanted):
            got = listing([str(one) for one in wanted]) if wanted else "nothing"
            raise UserError(
                "recipe.choice", label=self.label, got=got, known=listing(offered, most=20)
            )
        return [one for one in offered if one in wanted] if self.several else value


@dataclass(frozen=True, kw_only=True)
class ValueField(Field):
    """A value that the step's column can hold."""

    _form: ClassVar[Form] = "value"

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> Any:
        """Return a number, a date in ISO 8601, or a text."""
        return value_for(step["column"], value, kinds)


@dataclass(frozen=True, kw_only=True)
class ValuesField(Field):
    """As many values as a comparison needs (see :data:`COMPARISONS`)."""

    _form: ClassVar[Form] = "values"

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> list[Any]:
        """Return the values, each as the column holds it."""
        values = [value_for(step["column"], one, kinds) for one in value or ()]
        least, most = COMPARISONS[step["comparison"]]
        if not least <= len(values) <= most:
            raise UserError(
                "recipe.values", comparison=step["comparison"], expected=least, got=len(values)
            )
        if step["comparison"] == "is between" and values[0] > values[1]:
            raise UserError("recipe.between", low=values[0], high=values[1])
        return values


#: How rows are chosen, with the least and the largest number of values that it needs.
COMPARISONS: Mapping[str, tuple[int, int]] = {
    "is less than": (1, 1),
    "is at most": (1, 1),
    "is at least": (1, 1),
    "is more than": (1, 1),
    "is between": (2, 2),
    "is one of": (1, 1_000),
    "is none of": (1, 1_000),
    "is missing": (0, 0),
    "is not missing": (0, 0),
}

#: Comparisons that need no order.
UNORDERED = ("is one of", "is none of", "is missing", "is not missing")


@dataclass(frozen=True, kw_only=True)
class PairsField(Field):
    """Values, and what stands for each from now on; ``None`` for "no value"."""

    _form: ClassVar[Form] = "pairs"

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> list[list[Any]]:
        """Return pairs of old and new, each old value once."""
        column = step["column"]
        pairs = {
            value_for(column, old, kinds): None if new is None else value_for(column, new, kinds)
            for old, new in value or ()
        }
        if not pairs:
            raise UserError("recipe.no_pairs")
        return [[old, new] for old, new in pairs.items()]


@dataclass(frozen=True, kw_only=True)
class CategoriesField(Field):
    """Some values of the step's column."""

    _form: ClassVar[Form] = "values"

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> list[str]:
        """Return the values as text, each once."""
        return list(dict.fromkeys(str(one) for one in value or ()))


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """A text that stands for something."""

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> str:
        """Return the text without blanks around it."""
        text = str(value or "").strip()
        if not text or len(text) > MOST_CHARACTERS:
            raise UserError("recipe.no_text", label=self.label)
        return text


@dataclass(frozen=True, kw_only=True)
class FormulaField(Field):
    """A formula over the columns (see :mod:`mlcore.data.recipe.formula`)."""

    def check(self, value: Any, step: Mapping[str, Any], kinds: Kinds) -> str:
        """Return the formula, after every column in it was found to fit."""
        text = str(value or "").strip()
        try:
            node = formula.parse(text)
        except formula.FormulaError as error:
            raise UserError(f"recipe.formula.{error.code}", **error.facts) from error
        as_text = formula.text_names(node)
        for name in formula.names_in(node):
            kind = kinds[_known(name, kinds)]
            if kind not in (ColumnKind.NUMBER, ColumnKind.DATETIME) and name not in as_text:
                raise UserError("recipe.formula.not_a_number", column=name, kind=kind.value)
            if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME) and name in as_text:
                raise UserError("recipe.formula.not_a_text", column=name, kind=kind.value)
        return text


def value_for(column: str, value: Any, kinds: Kinds) -> Any:
    """Return a value as JSON keeps it for a column: a number, a date in ISO 8601, or a text.

    Raises
    ------
    UserError
        The column cannot hold it.
    """
    kind = kinds[column]
    if kind is ColumnKind.NUMBER:
        return _number(column, value)
    if kind is ColumnKind.DATETIME:
        return _date(column, value)
    if value is None or str(value) == "":
        raise UserError("recipe.no_value", column=column)
    return str(value)


def _number(column: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise UserError("recipe.no_number", column=column, got=str(value))
    return number


def _date(column: str, value: Any) -> str:
    try:
        moment = pd.Timestamp(value)
        if not pd.isna(moment) and moment.tzinfo is None:
            return str(moment.isoformat())
    except (TypeError, ValueError):
        pass
    raise UserError("recipe.no_date", column=column, got=str(value))


def checked_values(
    fields: Sequence[Field], step: Mapping[str, Any], kinds: Kinds
) -> dict[str, Any]:
    """Return the values of all fields, checked one after the other.

    Raises
    ------
    UserError
        The first that does not fit.
    """
    checked: dict[str, Any] = {}
    for field in fields:
        checked[field.name] = field.check(step.get(field.name), checked, kinds)
    return checked
