"""What the columns of a table are, and the typed frame that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.messages import Message, listing, message
from mlcore.tasks import Task


class ColumnKind(StrEnum):
    """What a column holds. The kind decides how a model sees it."""

    NUMBER = "number"
    CATEGORY = "category"
    YES_NO = "yes/no"
    DATETIME = "date or time"
    TEXT = "text"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"

    @property
    def help(self) -> str:
        """One sentence on what the kind means for a model."""
        return KIND_HELP[self]


KIND_HELP: dict[ColumnKind, str] = {
    ColumnKind.NUMBER: "An amount on a scale, such as a weight: larger and smaller mean something.",
    ColumnKind.CATEGORY: "One of a limited set of names, such as a species.",
    ColumnKind.YES_NO: "One of two values, such as yes and no.",
    ColumnKind.DATETIME: "A date or time; a model sees its year, month, weekday and hour.",
    ColumnKind.TEXT: "Free writing; a model sees which words occur.",
    ColumnKind.IDENTIFIER: "A name or number, different in nearly every row; not for learning.",
    ColumnKind.CONSTANT: "The same value in every row; nothing can be learnt from it.",
}

#: Kinds a model can take as a feature.
LEARNABLE = (
    ColumnKind.NUMBER,
    ColumnKind.CATEGORY,
    ColumnKind.YES_NO,
    ColumnKind.DATETIME,
    ColumnKind.TEXT,
)


#: Kinds a model can predict.
PREDICTABLE = (ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.YES_NO)


class Role(StrEnum):
    """What a column is for."""

    FEATURE = "feature"
    LABEL = "label"
    GROUP = "group"
    TIME = "time order"
    WEIGHT = "weight"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        Its name, distinct within the table.
    kind : ColumnKind
        What it holds: guessed, or chosen by the user.
    role : Role
        What it is for.
    reason : Message
        Why this kind was guessed (or that the user chose it).
    missing : int
        Number of rows without a value, those with an unreadable one included.
    distinct : int
        Number of different values, missing not counted.
    unreadable : int, default 0
        Values that do not fit the kind and are treated as missing (text in a number column).
    unit : str, optional
        What stands beside the numbers in the file, such as ``"kg"``, ``"€"`` or ``"%"``.
    decimal : str, optional
        The decimal mark that its numbers were read with.
    powers_of_ten : tuple of str, default ()
        Letters and words beside its numbers that were read as such, as ``M`` in ``80.6M``.
    nothing : tuple of str, default ()
        Words that were read as "no value" in it, because they stand beside numbers or dates.
    date_form : str, optional
        How its dates are written: a key of :data:`mlcore.data.cells.DATE_FORMS`.
    order : str, optional
        ``"day first"`` or ``"month first"``, where the dates are written in one of these orders.
    decisions : tuple of Message, default ()
        What else was decided about the column; each names it.
    cautions : tuple of Message, default ()
        What may be wrong in its reading and should be looked at; each names it.
    """

    name: str
    kind: ColumnKind
    role: Role
    reason: Message
    missing: int
    distinct: int
    unreadable: int = 0
    unit: str | None = None
    decimal: str | None = None
    nothing: tuple[str, ...] = ()
    date_form: str | None = None
    order: str | None = None
    decisions: tuple[Message, ...] = ()
    cautions: tuple[Message, ...] = ()
    powers_of_ten: tuple[str, ...] = ()

    @property
    def is_chosen(self) -> bool:
        """Whether the user takes it as another kind than was guessed."""
        return self.reason.code == "data.kind.chosen"

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "role": self.role.value,
            "reason": self.reason.to_json(),
            "missing": self.missing,
            "distinct": self.distinct,
            "unreadable": self.unreadable,
            "unit": self.unit,
            "decimal": self.decimal,
            "nothing": list(self.nothing),
            "date_form": self.date_form,
            "order": self.order,
            "powers_of_ten": list(self.powers_of_ten),
            "decisions": [said.to_json() for said in self.decisions],
            "cautions": [said.to_json() for said in self.cautions],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Column:
        """Read what :meth:`to_json` wrote, now or when columns had neither units nor cautions."""
        return cls(
            name=plain["name"],
            kind=ColumnKind(plain["kind"]),
            role=Role(plain["role"]),
            reason=Message.from_json(plain["reason"]),
            missing=plain["missing"],
            distinct=plain["distinct"],
            unreadable=plain["unreadable"],
            unit=plain.get("unit"),
            decimal=plain.get("decimal"),
            nothing=tuple(plain.get("nothing", ())),
            date_form=plain.get("date_form"),
            order=plain.get("order"),
            powers_of_ten=tuple(plain.get("powers_of_ten", ())),
            decisions=tuple(map(Message.from_json, plain.get("decisions", ()))),
            cautions=tuple(map(Message.from_json, plain.get("cautions", ()))),
        )


#: So many cautions about columns are said one by one.
MOST_CAUTIONS = 12


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order, and its number of rows."""

    columns: tuple[Column, ...]
    n_rows: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def decisions(self) -> tuple[Message, ...]:
        """What was decided about units, marks and words for "no value", column by column."""
        return tuple(said for column in self.columns for said in column.decisions)

    @property
    def cautions(self) -> tuple[Message, ...]:
        """What may be wrong in the reading of some column."""
        return tuple(said for column in self.columns for said in column.cautions)

    @property
    def main_cautions(self) -> tuple[Message, ...]:
        """The first cautions, and how many more there are: a file may have 10,000 columns."""
        said = self.cautions
        if len(said) <= MOST_CAUTIONS:
            return said
        more = message("data.caution.more_columns", count=len(said) - MOST_CAUTIONS)
        return (*said[:MOST_CAUTIONS], more)

    @property
    def date_order(self) -> str | None:
        """The order of day and month that most columns of dates have."""
        orders = [column.order for column in self.columns if column.order]
        return max(orders, key=orders.count) if orders else None

    def __getitem__(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        UserError
            There is none; the nearest name is offered.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise UserError(
            "setup.no_column",
            name=name,
            known=listing(self.names, most=12),
            suggestion=did_you_mean(name, self.names),
        )

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Return the names of the columns that have this role."""
        return tuple(column.name for column in self.columns if column.role is role)

    def default_features(self, target: str | None) -> tuple[str, ...]:
        """Return the columns a model may learn ``target`` from: features of a learnable kind."""
        return tuple(
            column.name
            for column in self.columns
            if column.name != target
            and column.kind in LEARNABLE
            and column.role in (Role.FEATURE, Role.LABEL)
        )

    def with_roles(self, roles: Mapping[str, Role]) -> Schema:
        """Return the schema with the roles of some columns changed."""
        for name in roles:
            self[name]
        columns = tuple(
            replace(column, role=roles.get(column.name, column.role)) for column in self.columns
        )
        return replace(self, columns=columns)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {"n_rows": self.n_rows, "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Schema:
        """Read what :meth:`to_json` wrote."""
        return cls(tuple(map(Column.from_json, plain["columns"])), plain["n_rows"])


#: Above this many different values a number column is taken as a quantity, not as classes.
MOST_NUMERIC_CLASSES = 10


def guess_task(column: Column) -> tuple[Task, Message]:
    """Return the task that a label suggests, with the reason.

    A number with more than ten different values is predicted as a number; everything else is a
    class.
    """
    facts = {"target": column.name, "distinct": column.distinct}
    if column.kind is not ColumnKind.NUMBER:
        return Task.CLASSIFICATION, message("task.categories", **facts)
    if column.distinct <= MOST_NUMERIC_CLASSES:
        return Task.CLASSIFICATION, message("task.few_numbers", **facts)
    return Task.REGRESSION, message("task.many_numbers", **facts)
