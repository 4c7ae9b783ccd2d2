"""Checks of how rows belong together: groups and time."""

from __future__ import annotations

import re

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import (
    MOST_BUTTONS,
    Remedy,
    TableCheck,
    of_kind,
    percent,
    with_facts,
)
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding, Severity
from mlcore.messages import message

#: Words in the name of a column that says whose row it is.
_WHOSE = {
    *("id", "uuid", "person", "subject", "patient", "participant", "proband", "student", "pupil"),
    *(
        "user",
        "customer",
        "client",
        "household",
        "family",
        "machine",
        "device",
        "sensor",
        "vehicle",
    ),
    *(
        "site",
        "hospital",
        "school",
        "farm",
        "store",
        "shop",
        "animal",
        "batch",
        "session",
        "speaker",
    ),
    *("patientin", "kunde", "schüler", "gerät", "maschine", "usuario", "cliente", "paciente"),
    *("患者", "用户", "客户", "学生", "设备", "病人"),
}
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ID_END = re.compile(r"(?:id|no|nr|编号|号)$", re.I)

#: A group has at least so many rows on average, and there are so many groups.
ROWS_A_GROUP, FEWEST_GROUPS = 1.5, 5


class Groups(TableCheck):
    """Many rows of the same person, machine or place."""

    code = "DATA020"
    by_role = True

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        if chosen := dataset.schema.with_role(Role.GROUP):
            return self.passed_by_group(chosen[0])
        found = {
            column.name: column.distinct
            for column in dataset.schema.columns
            if column.kind in (ColumnKind.CATEGORY, ColumnKind.NUMBER, ColumnKind.TEXT)
            and column.role is not Role.LABEL
            and _says_whose(column.name)
            and _is_whole(dataset.frame[column.name])
            and column.distinct >= FEWEST_GROUPS
            and column.distinct * ROWS_A_GROUP <= dataset.schema.n_rows - column.missing
        }
        if not found:
            return self.passed()
        ordered = tuple(sorted(found, key=lambda name: -found[name]))
        listed = with_facts({name: f"{found[name]:,} different ones" for name in ordered})
        facts = {"rows": dataset.schema.n_rows, "listed": listed, "column": ordered[0]}
        return Finding(self.code, Severity.WARNING, ordered, facts)

    def passed_by_group(self, column: str) -> Finding:
        """Return the finding that rows are divided by group already."""
        outcome = message("finding.DATA020.chosen", column=column)
        return Finding(self.code, Severity.PASSED, outcome=outcome)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer each column as the one whose rows stay together."""
        return tuple(
            Remedy(label=message("remedy.group_role", column=name), roles={name: Role.GROUP})
            for name in finding.columns[:MOST_BUTTONS]
        )


def _says_whose(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(_CAMEL.sub(" ", name))]
    bare = {_ID_END.sub("", word) for word in words}
    return bool(_WHOSE & {*words, *bare})


def _is_whole(column: pd.Series) -> bool:
    present = column.dropna()
    return column.dtype.kind != "f" or bool((present % 1 == 0).all())


class TimeOrder(TableCheck):
    """Rows that follow each other in time."""

    code = "DATA021"
    by_role = True

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        if chosen := dataset.schema.with_role(Role.TIME):
            outcome = message("finding.DATA021.chosen", column=chosen[0])
            return Finding(self.code, Severity.PASSED, outcome=outcome)
        names = of_kind(dataset, ColumnKind.DATETIME)
        if not names:
            return self.not_applicable("no_dates")
        shares = {name: _share_in_order(dataset.frame[name]) for name in names}
        ordered = tuple(name for name in names if shares[name] >= IN_ORDER)
        if not ordered:
            return self.passed()
        facts = {"column": ordered[0], "share": percent(shares[ordered[0]])}
        return Finding(self.code, Severity.NOTE, ordered, facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to divide the rows by time."""
        name = finding.columns[0]
        label = message("remedy.time_role", column=name)
        return (Remedy(label=label, roles={name: Role.TIME}),)


#: Share of steps from row to row that go forward where rows are in order.
IN_ORDER = 0.99


def _share_in_order(column: pd.Series) -> float:
    """Return the share of steps from row to row that go the way most of them go."""
    present = column.dropna()
    if len(present) < 20 or present.nunique() < 10:
        return 0.0
    steps = present.diff().dropna()
    zero = pd.Timedelta(0)
    return float(max((steps >= zero).mean(), (steps <= zero).mean()))
