"""Checks of the label: gaps, imbalance, rare classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.quality.categories import other_name
from mlcore.data.quality.checks import (
    MISSING_PROBLEM,
    MISSING_WARNING,
    LabelCheck,
    Question,
    Remedy,
    class_name,
    graded,
    percent,
    with_facts,
)
from mlcore.data.recipe.steps import kept
from mlcore.data.schema import ColumnKind
from mlcore.findings import Finding, Severity
from mlcore.messages import message
from mlcore.tasks import Task

#: Largest class against smallest: from here on the classes are imbalanced, strongly imbalanced.
IMBALANCE_WARNING, IMBALANCE_PROBLEM = 4.0, 20.0

#: A class with fewer rows cannot be in five folds and a test set; below the second it is scarce.
RARE_PROBLEM, RARE_WARNING = 6, 20

#: No more classes than this are left out by one click.
_MOST_LEFT_OUT = 1_000

#: Share of rows with a twin of another label from which it is more than a note.
CONFLICT_WARNING = 0.01


class RowsWithoutLabel(LabelCheck):
    """Rows that nothing can be learnt from because the answer is missing."""

    code = "DATA006"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        rows, total = int(question.label.isna().sum()), len(question.label)
        if not rows:
            return self.passed()
        severity = graded(rows / total, MISSING_WARNING, MISSING_PROBLEM)
        facts = {"rows": rows, "total": total, "share": percent(rows / total)}
        facts["target"] = question.target
        return Finding(self.code, severity, (question.target,), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to leave them out."""
        target = finding.columns[0]
        rows = int(dataset.frame[target].isna().sum())
        if rows == len(dataset.frame):
            return ()
        step = {"step": "keep_rows", "column": target, "comparison": "is not missing", "values": []}
        return (Remedy(label=message("remedy.without_gaps", rows=rows), steps=(step,)),)


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
            "most_share": percent(counts.iloc[0] / counts.sum()),
            "least": class_name(counts.index[-1]),
            "least_share": percent(counts.iloc[-1] / counts.sum()),
            "ratio": f"{ratio:.1f}",
        }
        if ratio < IMBALANCE_WARNING:
            return self.passed(ratio=facts["ratio"])
        severity = graded(ratio, IMBALANCE_WARNING, IMBALANCE_PROBLEM)
        return Finding(self.code, severity, (question.target,), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to weigh the classes alike, which leaves the rows that judge as they are."""
        return (Remedy(label=message("remedy.weigh_classes"), weighs_classes=True),)


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
        named = {class_name(name): f"{count}" for name, count in rare.sort_values().items()}
        facts = {
            "classes": len(rare),
            "total": len(counts),
            "fewest": RARE_WARNING,
            "listed": with_facts(named),
        }
        return Finding(self.code, severity, (question.target,), facts)

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to leave out the rows of classes that cannot be judged, or to join these."""
        target = finding.columns[0]
        counts = dataset.frame[target].value_counts()
        few = RARE_PROBLEM if (counts < RARE_PROBLEM).any() else RARE_WARNING
        rare = counts[counts < few]
        left = len(counts) - len(rare)
        is_number = dataset.schema[target].kind is ColumnKind.NUMBER
        offered = []
        if left >= 2 and len(rare) <= _MOST_LEFT_OUT:
            offered.append(_without(dataset.frame[target], rare, is_number))
        if left >= 1 and len(rare) >= 2 and not is_number:
            offered.append(_joined(dataset.frame[target], counts.index[:left]))
        return tuple(offered)


def _without(label: pd.Series, rare: pd.Series, is_number: bool) -> Remedy:
    values = [float(value) if is_number else str(value) for value in rare.index]
    step = {"step": "keep_rows", "column": str(label.name), "comparison": "is none of"}
    # A row without a label has none of the classes that stay.
    gaps = int(label.isna().sum())
    code = "remedy.without_rare_and_gaps" if gaps else "remedy.without_rare"
    said = message(code, rows=int(rare.sum()) + gaps)
    return Remedy(label=said, steps=({**step, "values": values},))


def _joined(label: pd.Series, kept: pd.Index) -> Remedy:
    other = other_name(label)
    step = {"step": "group", "column": str(label.name), "keep": list(map(str, kept))}
    said = message("remedy.join_rare", other=other)
    return Remedy(label=said, steps=({**step, "other": other},))


class SameRowsOtherLabel(LabelCheck):
    """Rows that are the same in every feature and have another label."""

    code = "DATA022"

    def run(self, question: Question) -> Finding:
        """Return what came of it."""
        if question.task is not Task.CLASSIFICATION:
            return self.not_applicable("regression")
        labels = question.label.dropna()
        if not question.features or len(labels) < 2:
            return self.not_applicable("few_labels")
        groups = _equal_rows(question)
        rows, total = int(_differ(labels, groups).sum()), len(labels)
        if not rows:
            return self.passed(total=total)
        facts = {"rows": rows, "total": total, "share": percent(rows / total)}
        severity = Severity.WARNING if rows / total >= CONFLICT_WARNING else Severity.NOTE
        # At best a model gives each group of equal rows its most frequent class.
        counts = labels.groupby([groups, labels.to_numpy()]).size()
        best = counts.groupby(level=0).max().sum() / total
        columns = (question.target, *question.features)
        return Finding(self.code, severity, columns, {**facts, "best": percent(best)})

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to leave them out, where at least two classes stay."""
        target, *features = finding.columns
        step = {"step": "drop_contradicting", "column": target, "columns": features}
        stays = kept(dataset.frame, step)
        if dataset.frame.loc[stays, target].nunique() < 2:
            return ()
        said = message("remedy.without_contradicting", rows=int((~stays).sum()))
        return (Remedy(label=said, steps=(step,)),)


def contradicting_rows(question: Question) -> pd.DataFrame:
    """Return the rows that are the same as another in every feature and have another label.

    All columns, the label and the features first; equal rows stand below each other.
    """
    labels, groups = question.label.dropna(), _equal_rows(question)
    differ = _differ(labels, groups).to_numpy()
    rows = labels.index[differ][np.argsort(groups[differ], kind="stable")]
    frame = question.dataset.frame
    first = [question.target, *question.features]
    return frame.loc[rows, [*first, *frame.columns.difference(first, sort=False)]]


def _equal_rows(question: Question) -> npt.NDArray[np.uint64]:
    """Return a number for each row with a label, the same for rows with the same features."""
    known = question.dataset.frame.loc[question.label.notna(), list(question.features)]
    return np.asarray(pd.util.hash_pandas_object(known, index=False).to_numpy())


def _differ(labels: pd.Series, groups: npt.NDArray[np.uint64]) -> pd.Series:
    differ: pd.Series = labels.groupby(groups).transform("nunique") > 1
    return differ
