"""What most often ruins a model, looked for in a table.

Each check is one small class with a stable code; its words stand in ``mlcore.messages.data``.
Checks that need the label run once it is chosen. Every check answers: a finding, a sentence that
nothing was found, or a sentence why it does not apply.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.categories import ManyCategories, MixedKinds, SpellingVariants
from mlcore.data.quality.checks import Check, LabelCheck, Question, TableCheck
from mlcore.data.quality.checks import Remedy as Remedy
from mlcore.data.quality.columns import ImpossibleDates, NearDuplicateColumns, NearlyConstant
from mlcore.data.quality.label import (
    ClassImbalance,
    RareClasses,
    RowsWithoutLabel,
    SameRowsOtherLabel,
    contradicting_rows,
)
from mlcore.data.quality.leaks import GivesLabelAway, MissingGivesLabelAway
from mlcore.data.quality.numbers import Outliers, StrongSkew
from mlcore.data.quality.rows import Groups, TimeOrder
from mlcore.data.quality.table import (
    ConstantColumns,
    DuplicateRows,
    Identifiers,
    MissingValues,
    UnreadableValues,
)
from mlcore.data.quality.unknowns import DisguisedMissing
from mlcore.findings import Finding, Severity
from mlcore.messages import SENTENCES, Message, message
from mlcore.tasks import Task

#: All checks, in the order in which they are shown.
TABLE_CHECKS: tuple[TableCheck, ...] = (
    MissingValues(),
    ConstantColumns(),
    Identifiers(),
    DuplicateRows(),
    UnreadableValues(),
    DisguisedMissing(),
    SpellingVariants(),
    MixedKinds(),
    ImpossibleDates(),
    Groups(),
    TimeOrder(),
    NearDuplicateColumns(),
    NearlyConstant(),
    ManyCategories(),
    Outliers(),
    StrongSkew(),
)

LABEL_CHECKS: tuple[LabelCheck, ...] = (
    RowsWithoutLabel(),
    ClassImbalance(),
    RareClasses(),
    GivesLabelAway(),
    MissingGivesLabelAway(),
    SameRowsOtherLabel(),
)

#: Rises when a finding has other numbers than before, so that earlier ones are not read again.
FINDINGS_VERSION = 2

_BY_CODE: dict[str, Check] = {check.code: check for check in (*TABLE_CHECKS, *LABEL_CHECKS)}


def check_table(dataset: Dataset) -> tuple[Finding, ...]:
    """Look a table through; one outcome for each of :data:`TABLE_CHECKS`.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    """
    return tuple(check.run(dataset) for check in TABLE_CHECKS)


def check_division(dataset: Dataset) -> tuple[Finding, ...]:
    """Return the outcomes of the checks that should decide how rows are divided.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    """
    return tuple(check.run(dataset) for check in (Groups(), TimeOrder()))


def check_roles(dataset: Dataset, found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the outcomes for a table of which only roles have changed.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema now.
    found : sequence of Finding
        What :func:`check_table` said before.
    """
    by_role = {check.code: check for check in TABLE_CHECKS if check.by_role}
    return tuple(by_role[one.code].run(dataset) if one.code in by_role else one for one in found)


def check_label(
    dataset: Dataset, target: str, task: Task, features: Sequence[str]
) -> tuple[Finding, ...]:
    """Look at a label and what is to predict it; one outcome for each of :data:`LABEL_CHECKS`.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    target : str
        The label's column.
    task : Task
        Whether a class or a number is predicted.
    features : sequence of str
        The columns a model would see.

    Raises
    ------
    UserError
        A column does not exist.

    Notes
    -----
    The search for columns that give the label away takes about a second on a large table; it looks
    at 5,000 rows at most.
    """
    question = _asked(dataset, target, task, features)
    return tuple(check.run(question) for check in LABEL_CHECKS)


def contradictions(dataset: Dataset, target: str, features: Sequence[str]) -> pd.DataFrame:
    """Return the rows that DATA022 counts: the same in every feature, with another label.

    Parameters
    ----------
    dataset, target, features
        As for :func:`check_label`, which has found some.

    Returns
    -------
    DataFrame
        All columns, the label and the features first; equal rows stand below each other.
    """
    return contradicting_rows(_asked(dataset, target, Task.CLASSIFICATION, features))


def _asked(dataset: Dataset, target: str, task: Task, features: Sequence[str]) -> Question:
    for name in (target, *features):
        dataset.schema[name]
    return Question(dataset, target, task, tuple(n for n in features if n != target))


def remedies_of(finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
    """Return what can be done at once about a finding.

    Parameters
    ----------
    finding : Finding
        Of one of the checks here; for any other nothing is offered.
    dataset : Dataset
        The table it was found in.
    """
    check = _BY_CODE.get(finding.code)
    is_loud = finding.severity not in (Severity.PASSED, Severity.NOT_APPLICABLE)
    return check.remedies(finding, dataset) if check and is_loud else ()


def by_hand(finding: Finding) -> Message | None:
    """Return why :func:`remedies_of` offers nothing about a finding, where that can be.

    Parameters
    ----------
    finding : Finding
        Where nothing was found there is nothing to explain.
    """
    code = f"finding.{finding.code}.by_hand"
    return message(code) if finding.outcome is None and code in SENTENCES else None


def summary_of(findings: Sequence[Finding]) -> Message:
    """Return one sentence that counts what was found."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return message(
        "finding.summary",
        problems=counts[Severity.PROBLEM],
        warnings=counts[Severity.WARNING],
        notes=counts[Severity.NOTE],
        passed=counts[Severity.PASSED],
    )
