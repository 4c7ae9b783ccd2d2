"""What a check is, and what checks have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.recipe import formula
from mlcore.data.recipe.steps import PlainStep
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding, Severity
from mlcore.messages import Message, listing, message
from mlcore.tasks import Task

#: Share of missing values in a column that is worth a warning, and that makes it a problem.
MISSING_WARNING, MISSING_PROBLEM = 0.05, 0.5

#: In fewer rows a check of how values lie says nothing.
FEWEST_ROWS = 50


@dataclass(frozen=True, eq=False)
class Question:
    """What the checks that need a label are asked about."""

    dataset: Dataset
    target: str
    task: Task
    features: tuple[str, ...]

    @property
    def label(self) -> pd.Series:
        """The label's column, missing values included."""
        return self.dataset.frame[self.target]

    def class_counts(self) -> pd.Series:
        """Return how many rows each class has, the most frequent first."""
        return self.label.dropna().value_counts()


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What one click does about a finding; it can be taken back.

    Parameters
    ----------
    label : Message
        What stands on the button.
    weighs_classes : bool, default False
        Whether classifiers start with their classes weighed alike; the table stays as it is.
    steps : tuple of mapping
        Steps that are added to the table's recipe.
    roles : mapping of str to Role
        What columns are for from then on.
    kinds : mapping of str to ColumnKind
        What columns are taken as from then on.
    """

    label: Message
    weighs_classes: bool = False
    steps: tuple[PlainStep, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)


class Check(ABC):
    """Looks for one thing that spoils models."""

    code: ClassVar[str]

    def passed(self, **parameters: Any) -> Finding:
        """Return the finding that nothing was found."""
        outcome = message(f"finding.{self.code}.passed", **parameters)
        return Finding(self.code, Severity.PASSED, outcome=outcome)

    def not_applicable(self, why: str, **parameters: Any) -> Finding:
        """Return the finding that the check does not apply."""
        outcome = message(f"finding.not_applicable.{why}", **parameters)
        return Finding(self.code, Severity.NOT_APPLICABLE, outcome=outcome)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Return what can be done at once about a finding of this check, the usual thing first.

        Where that is nothing, ``finding.<code>.by_hand`` says why.
        """
        return ()


class TableCheck(Check):
    """A check that needs only the table; ``by_role`` when it asks what columns are for."""

    by_role: ClassVar[bool] = False

    @abstractmethod
    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""


class LabelCheck(Check):
    """A check that needs the label."""

    @abstractmethod
    def run(self, question: Question) -> Finding:
        """Return what came of it."""


#: So many columns get a button of their own.
MOST_BUTTONS = 3


def columns_dropped(names: Sequence[str], dataset: Dataset) -> tuple[Remedy, ...]:
    """Return the remedy that takes columns out of the table.

    It spares columns that are for something, such as the label, and is none where no other column
    would be left.
    """
    spare = [n for n in names if dataset.schema[n].role in (Role.FEATURE, Role.IGNORED)]
    if not spare or len(spare) == len(dataset.schema.columns):
        return ()
    label = message("remedy.drop", columns=listing(spare, most=3))
    return (Remedy(label=label, steps=({"step": "drop", "columns": spare},)),)


def free_of_steps(names: Sequence[str], dataset: Dataset) -> tuple[str, ...]:
    """Return the columns whose kind may change: no step needs their values as they are."""
    needed = set().union(*map(_needed, dataset.recipe.steps))
    return tuple(name for name in names if name not in needed)


def _needed(step: PlainStep) -> set[str]:
    named = formula.names_in(formula.parse(step["formula"])) if "formula" in step else ()
    return {*named, step.get("column", "")}


def of_kind(dataset: Dataset, *kinds: ColumnKind) -> tuple[str, ...]:
    """Return the names of the columns of some kinds."""
    return tuple(column.name for column in dataset.schema.columns if column.kind in kinds)


def graded(value: float, warning: float, problem: float) -> Severity:
    """Return how much a value matters that is the worse the larger it is."""
    if value >= problem:
        return Severity.PROBLEM
    return Severity.WARNING if value >= warning else Severity.NOTE


def with_facts(facts: Mapping[str, str], most: int = 5) -> str:
    """Return names with what there is to say of each in brackets, the first ones only."""
    listed = ", ".join(f"“{name}” ({fact})" for name, fact in list(facts.items())[:most])
    return f"{listed} and {len(facts) - most} more" if len(facts) > most else listed


def with_shares(names: Sequence[str], shares: Mapping[str, float], most: int = 5) -> str:
    """Return names with their shares in brackets."""
    return with_facts({name: percent(shares[name]) for name in names}, most)


def percent(share: float) -> str:
    """Return a share as percent that never says all or none where it is not so."""
    if 0 < share < 0.001:
        return "below 0.1%"
    if 0.999 < share < 1:
        return "above 99.9%"
    return f"{share:.1%}"


def class_name(value: Any) -> str:
    """Return a class as text; a whole number without fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
