"""Checks for columns that give the label away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlcore.data.dataset import Dataset
from mlcore.data.quality.checks import LabelCheck, Question, Remedy, graded, with_facts
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding
from mlcore.messages import listing, message
from mlcore.tasks import Task

#: What one column alone explains of the label (0: nothing, 1: all) to be suspicious, to be a leak.
#: DataRobot publishes the same two numbers for its target leakage check.
LEAK_WARNING, LEAK_PROBLEM = 0.85, 0.975

#: From here on it is noted that gaps tell something of the label.
GAP_NOTE = 0.5

#: The search for leaks looks at no more rows and cells than this.
LEAK_ROWS, LEAK_CELLS = 5_000, 1_000_000

#: Fewest labelled rows for a statement about leaks.
LEAK_FEWEST = 30


class _LeakCheck(LabelCheck):
    """A check that suspects columns of knowing the answer."""

    def remedies(self, finding: Finding, dataset: Dataset) -> tuple[Remedy, ...]:
        """Offer to ignore the columns."""
        if not finding.columns:
            return ()
        label = message("remedy.ignore", columns=listing(finding.columns, most=3))
        return (Remedy(label=label, roles=dict.fromkeys(finding.columns, Role.IGNORED)),)


class GivesLabelAway(_LeakCheck):
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
            return self.passed(**_strongest(skills), rows=len(sample.label))
        return _leak_finding(self.code, suspects, question, len(sample.label))


class MissingGivesLabelAway(_LeakCheck):
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
        suspects = {name: skill for name, skill in skills.items() if skill >= GAP_NOTE}
        if not suspects:
            return self.passed(**_strongest(skills), columns=len(gaps))
        return _leak_finding(self.code, suspects, question, len(sample.label))


def _strongest(skills: dict[str, float]) -> dict[str, str]:
    """Return the column that tells most of the label, and how much: 0 is guessing."""
    best = max(skills, key=lambda name: skills[name])
    return {"best": best, "score": f"{max(skills[best], 0):.2f}"}


def _leak_finding(
    code: str, suspects: dict[str, float], question: Question, n_rows: int
) -> Finding:
    ordered = tuple(sorted(suspects, key=lambda name: -suspects[name]))
    strongest = suspects[ordered[0]]
    severity = graded(strongest, LEAK_WARNING, LEAK_PROBLEM)
    listed = with_facts({name: f"{suspects[name]:.2f}" for name in ordered})
    facts = {"listed": listed, "target": question.target, "rows": n_rows}
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
        classes, answer = self._classes
        table = np.zeros((codes.max() + 1, len(classes)))
        np.add.at(table, (codes[train], answer[train]), 1)
        # Each row counts by the rarity of its class, so that a frequent class does not win by size.
        likeliest = classes[(table / np.maximum(table.sum(axis=0), 1)).argmax(axis=1)]
        is_known = table.max(axis=1)[codes[test]] > 0
        return np.asarray(np.where(is_known, likeliest[codes[test]], self.label[train][0]))

    @cached_property
    def _classes(self) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
        """The classes, and the number of each row's."""
        return np.unique(self.label, return_inverse=True)

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
