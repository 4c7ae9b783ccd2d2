"""What most often ruins a model, looked for in a table.

Each check is one small class with a stable code; its words stand in ``mlcore.messages.data``.
Checks that need the label run once it is chosen. Every check answers: a finding, a sentence that
nothing was found, or a sentence why it does not apply.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import Message, listing, message
from mlcore.tasks import Task

#: Share of missing values in a column that is worth a warning, and that makes it a problem.
MISSING_WARNING, MISSING_PROBLEM = 0.05, 0.5

#: Share of rows that repeat another row, from which it is more than a note.
DUPLICATES_WARNING = 0.01

#: Largest class against smallest: from here on the classes are imbalanced, strongly imbalanced.
IMBALANCE_WARNING, IMBALANCE_PROBLEM = 4.0, 20.0

#: A class with fewer rows cannot be in five folds and a test set; below the second it is scarce.
RARE_PROBLEM, RARE_WARNING = 6, 20

#: What one column alone explains of the label (0: nothing, 1: all) to be suspicious, to be a leak.
#: DataRobot publishes the same two numbers for its target leakage check.
LEAK_WARNING, LEAK_PROBLEM = 0.85, 0.975

#: The search for leaks looks at no more rows and cells than this.
LEAK_ROWS, LEAK_CELLS = 5_000, 1_000_000

#: Fewest labelled rows for a statement about leaks.
LEAK_FEWEST = 30


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


class TableCheck(ABC):
    """A check that needs only the table."""

    code: ClassVar[str]

    @abstractmethod
    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""

    def passed(self, **parameters: Any) -> Finding:
        """Return the finding that nothing was found."""
        return _passed(self.code, parameters)

    def not_applicable(self, why: str, **parameters: Any) -> Finding:
        """Return the finding that the check does not apply."""
        return _not_applicable(self.code, why, parameters)


class LabelCheck(ABC):
    """A check that needs the label."""

    code: ClassVar[str]

    @abstractmethod
    def run(self, question: Question) -> Finding:
        """Return what came of it."""

    def passed(self, **parameters: Any) -> Finding:
        """Return the finding that nothing was found."""
        return _passed(self.code, parameters)

    def not_applicable(self, why: str, **parameters: Any) -> Finding:
        """Return the finding that the check does not apply."""
        return _not_applicable(self.code, why, parameters)


def _passed(code: str, parameters: dict[str, Any]) -> Finding:
    return Finding(code, Severity.PASSED, outcome=message(f"finding.{code}.passed", **parameters))


def _not_applicable(code: str, why: str, parameters: dict[str, Any]) -> Finding:
    outcome = message(f"finding.not_applicable.{why}", **parameters)
    return Finding(code, Severity.NOT_APPLICABLE, outcome=outcome)


# Checks of the table


class MissingValues(TableCheck):
    """Columns with many missing values."""

    code = "DATA001"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        n_rows = max(dataset.schema.n_rows, 1)
        shares = {c.name: c.missing / n_rows for c in dataset.schema.columns if c.missing}
        if not shares:
            return self.passed()
        ordered = sorted(shares, key=lambda name: -shares[name])
        worst = shares[ordered[0]]
        return Finding(
            self.code,
            _graded(worst, MISSING_WARNING, MISSING_PROBLEM),
            tuple(ordered),
            {
                "columns": len(ordered),
                "listed": _with_shares(ordered, shares),
                "cells": sum(c.missing for c in dataset.schema.columns),
            },
        )


class ConstantColumns(TableCheck):
    """Columns with the same value in every row."""

    code = "DATA002"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = _of_kind(dataset, ColumnKind.CONSTANT)
        if not names:
            return self.passed()
        if dataset.schema.n_rows == 1:
            return self.not_applicable("one_row")
        parameters = {"columns": len(names), "listed": listing(names)}
        return Finding(self.code, Severity.NOTE, names, parameters)


class Identifiers(TableCheck):
    """Columns that name the rows."""

    code = "DATA003"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = _of_kind(dataset, ColumnKind.IDENTIFIER)
        if not names:
            return self.passed()
        parameters = {"columns": len(names), "listed": listing(names)}
        return Finding(self.code, Severity.NOTE, names, parameters)


class DuplicateRows(TableCheck):
    """Rows that repeat another row in every column that says something."""

    code = "DATA004"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        names = _of_kind(dataset, *(k for k in ColumnKind if k is not ColumnKind.IDENTIFIER))
        n_rows = dataset.schema.n_rows
        if n_rows < 2 or not names:
            return self.not_applicable("one_row")
        # Rows are compared by hash: a 64-bit collision is far rarer than a broken disk.
        hashes = pd.util.hash_pandas_object(dataset.frame[list(names)], index=False)
        repeated = int(hashes.duplicated().sum())
        if not repeated:
            return self.passed(rows=n_rows)
        share = repeated / n_rows
        severity = Severity.WARNING if share >= DUPLICATES_WARNING else Severity.NOTE
        facts = {"rows": repeated, "total": n_rows, "share": f"{share:.1%}"}
        return Finding(self.code, severity, (), facts)


class UnreadableValues(TableCheck):
    """Values that do not fit the kind of their column."""

    code = "DATA005"

    def run(self, dataset: Dataset) -> Finding:
        """Return what came of it."""
        counts = {c.name: c.unreadable for c in dataset.schema.columns if c.unreadable}
        if not counts:
            return self.passed()
        listed = ", ".join(f"“{name}” ({count:,})" for name, count in list(counts.items())[:5])
        worst = max(counts.values()) / dataset.schema.n_rows
        severity = Severity.WARNING if worst >= MISSING_WARNING else Severity.NOTE
        facts = {"values": sum(counts.values()), "listed": listed}
        return Finding(self.code, severity, tuple(counts), facts)


def _of_kind(dataset: Dataset, *kinds: ColumnKind) -> tuple[str, ...]:
    return tuple(column.name for column in dataset.schema.columns if column.kind in kinds)


def _graded(value: float, warning: float, problem: float) -> Severity:
    if value >= problem:
        return Severity.PROBLEM
    return Severity.WARNING if value >= warning else Severity.NOTE


def _with_shares(names: Sequence[str], shares: dict[str, float], most: int = 5) -> str:
    listed = ", ".join(f"“{name}” ({_percent(shares[name])})" for name in names[:most])
    return f"{listed} and {len(names) - most} more" if len(names) > most else listed


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "below 0.1%"
    if 0.999 < share < 1:
        return "above 99.9%"
    return f"{share:.1%}"


# Checks of the label


class RowsWithoutLabel(LabelCheck):
    """Rows that nothing can be learnt from because the answer is missing."""

    code = "DATA006"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        rows, total = int(question.label.isna().sum()), len(question.label)
        if not rows:
            return self.passed()
        severity = _graded(rows / total, MISSING_WARNING, MISSING_PROBLEM)
        facts = {"rows": rows, "total": total, "share": _percent(rows / total)}
        facts["target"] = question.target
        return Finding(self.code, severity, (question.target,), facts)


class ClassImbalance(LabelCheck):
    """One class is much more frequent than another."""

    code = "DATA007"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        if question.task is not Task.CLASSIFICATION:
            return self.not_applicable("regression")
        counts = question.class_counts()
        if len(counts) < 2:
            return self.not_applicable("one_class")
        ratio = float(counts.iloc[0] / counts.iloc[-1])
        facts = {
            "most": class_name(counts.index[0]),
            "most_share": _percent(counts.iloc[0] / counts.sum()),
            "least": class_name(counts.index[-1]),
            "least_share": _percent(counts.iloc[-1] / counts.sum()),
            "ratio": f"{ratio:.1f}",
        }
        if ratio < IMBALANCE_WARNING:
            return self.passed(ratio=facts["ratio"])
        severity = _graded(ratio, IMBALANCE_WARNING, IMBALANCE_PROBLEM)
        return Finding(self.code, severity, (question.target,), facts)


class RareClasses(LabelCheck):
    """Classes with too few rows to learn or to judge."""

    code = "DATA008"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        if question.task is not Task.CLASSIFICATION:
            return self.not_applicable("regression")
        counts = question.class_counts()
        rare = counts[counts < RARE_WARNING]
        if rare.empty:
            return self.passed(classes=len(counts), least=int(counts.min()) if len(counts) else 0)
        severity = Severity.PROBLEM if rare.min() < RARE_PROBLEM else Severity.WARNING
        smallest = rare.sort_values().head(5)
        named = [f"“{class_name(name)}” ({count})" for name, count in smallest.items()]
        more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
        facts = {
            "classes": len(rare),
            "total": len(counts),
            "fewest": RARE_WARNING,
            "listed": ", ".join(named) + more,
        }
        return Finding(self.code, severity, (question.target,), facts)


class GivesLabelAway(LabelCheck):
    """A single column predicts the label nearly perfectly."""

    code = "DATA009"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        sample = _leak_sample(question)
        if sample is None:
            return self.not_applicable("few_rows", fewest=LEAK_FEWEST)
        if not sample.features:
            return self.not_applicable("no_features")
        skills = {name: sample.skill(name) for name in sample.features}
        suspects = {name: s for name, s in skills.items() if s >= LEAK_WARNING}
        if not suspects:
            best = max(skills, key=lambda name: skills[name])
            score = f"{max(skills[best], 0):.2f}"
            return self.passed(best=best, score=score, rows=len(sample.label))
        return _leak_finding(self.code, suspects, question, len(sample.label))


class MissingGivesLabelAway(LabelCheck):
    """Whether a value is missing tells the label."""

    code = "DATA010"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        sample = _leak_sample(question)
        if sample is None:
            return self.not_applicable("few_rows", fewest=LEAK_FEWEST)
        gaps = {name: sample.frame[name].isna().to_numpy() for name in sample.features}
        gaps = {name: gap for name, gap in gaps.items() if 5 <= gap.sum() <= len(gap) - 5}
        if not gaps:
            return self.not_applicable("no_gaps")
        skills = {name: sample.gap_skill(gap) for name, gap in gaps.items()}
        suspects = {name: skill for name, skill in skills.items() if skill >= LEAK_WARNING}
        if not suspects:
            return self.passed(columns=len(gaps))
        return _leak_finding(self.code, suspects, question, len(sample.label))


def class_name(value: Any) -> str:
    """Return a class as text; a whole number without fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _leak_finding(
    code: str, suspects: dict[str, float], question: Question, n_rows: int
) -> Finding:
    ordered = tuple(sorted(suspects, key=lambda name: -suspects[name]))
    strongest = suspects[ordered[0]]
    severity = Severity.PROBLEM if strongest >= LEAK_PROBLEM else Severity.WARNING
    scores = ", ".join(f"“{name}” ({suspects[name]:.2f})" for name in ordered[:5])
    more = f" and {len(ordered) - 5} more" if len(ordered) > 5 else ""
    facts = {"listed": scores + more, "target": question.target, "rows": n_rows}
    return Finding(code, severity, ordered, facts)


@dataclass(frozen=True, eq=False)
class _LeakSample:
    """Labelled rows, by lot and always the same ones, and how well a column alone predicts."""

    frame: pd.DataFrame
    label: npt.NDArray[Any]
    task: Task
    features: tuple[str, ...]
    kinds: dict[str, ColumnKind]

    def skill(self, name: str) -> float:
        """Return how much of the label a column alone explains, judged on unseen rows.

        For classes: balanced accuracy, stretched so that guessing is 0 and perfect is 1. For
        numbers: R². Numbers and dates go through a small decision tree, everything else through
        the most frequent class (the mean) of each value.
        """
        values = self.frame[name]
        if self.kinds[name] in (ColumnKind.NUMBER, ColumnKind.DATETIME):
            column = _ranked(values)
            predicted = self._out_of_fold(lambda a, b: self._tree(column, a, b))
        else:
            codes = pd.factorize(values, use_na_sentinel=False)[0]
            predicted = self._out_of_fold(lambda a, b: self._by_value(codes, a, b))
        return self._score(predicted)

    def gap_skill(self, gap: npt.NDArray[np.bool_]) -> float:
        """Return how much of the label it explains whether a value is missing.

        For classes: the largest difference between the share of missing values inside and outside
        a class (Youden's J). For numbers: R².
        """
        if self.task is Task.CLASSIFICATION:
            shares = [
                abs(gap[self.label == one].mean() - gap[self.label != one].mean())
                for one in np.unique(self.label)
            ]
            return float(max(shares))
        means = np.where(gap, self.label[gap].mean(), self.label[~gap].mean())
        return float(r2_score(self.label, means))

    def _out_of_fold(self, predict: Any) -> npt.NDArray[Any]:
        predicted = np.empty_like(self.label)
        for train, test in self._folds():
            predicted[test] = predict(train, test)
        return predicted

    def _folds(self) -> Any:
        if self.task is Task.REGRESSION:
            return KFold(3, shuffle=True, random_state=0).split(self.label)
        return StratifiedKFold(3, shuffle=True, random_state=0).split(self.label, self.label)

    def _tree(
        self, column: npt.NDArray[np.float64], train: npt.NDArray[Any], test: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        settings: dict[str, Any] = {"max_leaf_nodes": 64, "min_samples_leaf": 3, "random_state": 0}
        if self.task is Task.CLASSIFICATION:
            tree: Any = DecisionTreeClassifier(class_weight="balanced", **settings)
        else:
            tree = DecisionTreeRegressor(**settings)
        tree.fit(column[train], self.label[train])
        return np.asarray(tree.predict(column[test]))

    def _by_value(
        self, codes: npt.NDArray[Any], train: npt.NDArray[Any], test: npt.NDArray[Any]
    ) -> npt.NDArray[Any]:
        known = pd.Series(self.label[train]).groupby(codes[train])
        if self.task is Task.REGRESSION:
            means = pd.Series(codes[test]).map(known.mean()).fillna(self.label[train].mean())
            return means.to_numpy()
        # Each row counts by the rarity of its class, so that a frequent class does not win by size.
        table = pd.crosstab(codes[train], self.label[train])
        likeliest = (table / table.sum()).idxmax(axis=1)
        return pd.Series(codes[test]).map(likeliest).fillna(self.label[train][0]).to_numpy()

    def _score(self, predicted: npt.NDArray[Any]) -> float:
        if self.task is Task.REGRESSION:
            return float(r2_score(self.label, predicted))
        chance = 1 / len(np.unique(self.label))
        reached = balanced_accuracy_score(self.label, predicted)
        return float((reached - chance) / (1 - chance))


def _ranked(values: pd.Series) -> npt.NDArray[np.float64]:
    # A tree only uses the order, and keeps its inputs in 32 bits, too few for dates in seconds.
    ranks = values.rank(method="dense").to_numpy(dtype=np.float64)
    return np.asarray(ranks.reshape(-1, 1))


def _scaled(label: pd.Series) -> npt.NDArray[np.float64]:
    # R² does not depend on the scale, but the squares of very large numbers overflow.
    values = label.to_numpy(dtype=np.float64)
    return np.asarray(values / max(float(np.abs(values).max()), 1e-300))


def _leak_sample(question: Question) -> _LeakSample | None:
    """Return the rows that are looked at, or ``None`` when they are too few to say anything."""
    kinds = {c.name: c.kind for c in question.dataset.schema.columns}
    features = tuple(n for n in question.features if kinds[n] is not ColumnKind.CONSTANT)
    rows = np.flatnonzero(question.label.notna().to_numpy())
    if question.task is Task.CLASSIFICATION:
        rows = _of_frequent_classes(question.label, rows)
    most = max(min(LEAK_ROWS, LEAK_CELLS // max(len(features), 1)), 300)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
        if question.task is Task.CLASSIFICATION:
            rows = _of_frequent_classes(question.label, rows)
    frame = question.dataset.frame.loc[:, list(features)].iloc[rows].reset_index(drop=True)
    label = question.label.iloc[rows]
    if len(rows) < LEAK_FEWEST or label.nunique() < 2:
        return None
    if question.task is Task.CLASSIFICATION:
        values: npt.NDArray[Any] = pd.factorize(label)[0].astype(np.int64)
    else:
        values = _scaled(label)
    return _LeakSample(frame, values, question.task, features, kinds)


def _of_frequent_classes(label: pd.Series, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Leave out classes that are too rare for three folds."""
    counts = label.iloc[rows].value_counts()
    kept = counts.index[counts >= 6]
    return rows[label.iloc[rows].isin(kept).to_numpy()]


#: All checks, in the order in which they are shown.
TABLE_CHECKS: tuple[TableCheck, ...] = (
    MissingValues(),
    ConstantColumns(),
    Identifiers(),
    DuplicateRows(),
    UnreadableValues(),
)

LABEL_CHECKS: tuple[LabelCheck, ...] = (
    RowsWithoutLabel(),
    ClassImbalance(),
    RareClasses(),
    GivesLabelAway(),
    MissingGivesLabelAway(),
)


def check_table(dataset: Dataset) -> tuple[Finding, ...]:
    """Look a table through; one outcome for each of :data:`TABLE_CHECKS`.

    Parameters
    ----------
    dataset : Dataset
        Frame and schema.
    """
    return tuple(check.run(dataset) for check in TABLE_CHECKS)


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
    for name in (target, *features):
        dataset.schema[name]
    question = Question(dataset, target, task, tuple(n for n in features if n != target))
    return tuple(check.run(question) for check in LABEL_CHECKS)


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
