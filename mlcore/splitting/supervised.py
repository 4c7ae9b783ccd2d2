"""Rows with a label: which teach, which choose, which judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import Message, message
from mlcore.params import ChoiceParam, FloatParam, IntParam, Param, check_values
from mlcore.splitting.split import Rows, Split
from mlcore.tasks import Task

#: The knobs of a split. ``group`` and ``time`` columns are chosen beside them.
SPLIT_PARAMS: tuple[Param, ...] = (
    ChoiceParam(
        name="method",
        label="How rows are divided",
        help=(
            "Random: by lot. Stratified: by lot, keeping the share of each class. By group: all "
            "rows of one person, machine or place stay together. By time: the past teaches, the "
            "future judges."
        ),
        default="stratified",
        choices={
            "stratified": "Stratified",
            "random": "Random",
            "group": "By group",
            "time": "By time",
        },
        basic=True,
    ),
    FloatParam(
        name="test_share",
        label="Test set",
        help=(
            "Share of the rows that is locked away and used once, at the very end, to judge the "
            "model you chose. A fifth is usual; 0 means no test set."
        ),
        default=0.2,
        low=0.0,
        high=0.5,
        basic=True,
    ),
    ChoiceParam(
        name="validation",
        label="Comparing models",
        help=(
            "Cross-validation: the training rows are cut into folds, each fold is predicted once "
            "by a model that learnt from the others. Validation set: one part is held out; "
            "faster, but one draw of luck decides more."
        ),
        default="folds",
        choices={"folds": "Cross-validation", "holdout": "One validation set"},
        basic=True,
    ),
    IntParam(
        name="folds",
        label="Number of folds",
        help="How many parts cross-validation uses. More folds: slower, steadier scores.",
        default=5,
        low=2,
        high=20,
        basic=True,
        only_if=("validation", ("folds",)),
    ),
    FloatParam(
        name="validation_share",
        label="Validation set",
        help="Share of the rows (without the test set) that compares the models.",
        default=0.25,
        low=0.05,
        high=0.5,
        basic=True,
        only_if=("validation", ("holdout",)),
    ),
    IntParam(
        name="seed",
        label="Seed",
        help=(
            "The start of the random numbers. The same seed gives the same division and the same "
            "results; try another one to see how much is luck."
        ),
        default=0,
        low=0,
        high=2**31 - 1,
    ),
)


@dataclass(frozen=True)
class SplitConfig:
    """How the rows are divided; field meanings stand in :data:`SPLIT_PARAMS`.

    ``group`` and ``time`` name the column used by these methods, else ``None``.
    """

    method: str = "stratified"
    test_share: float = 0.2
    validation: str = "folds"
    folds: int = 5
    validation_share: float = 0.25
    seed: int = 0
    group: str | None = None
    time: str | None = None

    @classmethod
    def checked(
        cls, values: Mapping[str, Any], group: str | None = None, time: str | None = None
    ) -> SplitConfig:
        """Return a configuration from form values, or raise a sentence (``UserError``)."""
        checked: dict[str, Any] = check_values("The split", SPLIT_PARAMS, values)
        config = cls(**checked, group=group, time=time)
        if config.method == "group" and group is None:
            raise UserError("split.column_needed", what="group")
        if config.method == "time" and time is None:
            raise UserError("split.column_needed", what="time")
        return config

    @property
    def n_fits(self) -> int:
        """How many models are fitted to compare: the folds, or one."""
        return self.folds if self.validation == "folds" else 1

    def values(self) -> dict[str, Any]:
        """Return the values of the declared knobs, by name."""
        return {param.name: getattr(self, param.name) for param in SPLIT_PARAMS}

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {**self.values(), "group": self.group, "time": self.time}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> SplitConfig:
        """Read what :meth:`to_json` wrote, checking every value."""
        values = {name: value for name, value in plain.items() if name not in ("group", "time")}
        return cls.checked(values, plain.get("group"), plain.get("time"))


def make_split(config: SplitConfig, dataset: Dataset, target: str, task: Task) -> Split:
    """Divide the rows of a table.

    Only the label's presence (and, when stratified, its classes), the group column and the time
    column are looked at. The same configuration and table give the same rows, always.

    Raises
    ------
    UserError
        There are too few rows, groups or members of a class for the division asked for, or a
        column that the method needs is missing or has gaps.
    """
    label = dataset.frame[target]
    labelled = np.flatnonzero(label.notna().to_numpy())
    unlabelled = np.flatnonzero(label.isna().to_numpy())
    notes = _notes_on_label(target, len(label), len(unlabelled))
    if task is Task.CLASSIFICATION and label.nunique() < 2:
        only = str(label.iloc[labelled[0]]) if len(labelled) else ""
        raise UserError("split.one_class", name=only)
    method = config.method
    if method == "stratified" and task is Task.REGRESSION:
        notes.append(message("split.stratify_regression"))
        method = "random"
    _require_rows(len(labelled), config)
    divide = _DIVIDERS[method](config, dataset, label, labelled, notes)
    development, test = divide.hold_out(labelled, config.test_share)
    if config.validation == "folds":
        folds = tuple(divide.folds(development, config.folds))
    else:
        folds = (divide.hold_out(development, config.validation_share),)
    if task is Task.CLASSIFICATION:
        _require_classes(label, folds)
    return Split(development, test, unlabelled, folds, tuple(notes))


def _notes_on_label(target: str, n_rows: int, n_unlabelled: int) -> list[Message]:
    if not n_unlabelled:
        return []
    return [message("split.rows_without_label", rows=n_unlabelled, total=n_rows, target=target)]


def _require_rows(n_labelled: int, config: SplitConfig) -> None:
    parts = config.n_fits if config.validation == "folds" else 2
    needed = ceil(max(2 * parts, 6) / (1 - config.test_share))
    if n_labelled < needed:
        words = f"{parts} folds" if config.validation == "folds" else "a validation set"
        with_test = " and a test set" if config.test_share else ""
        raise UserError(
            "split.too_few_rows", rows=n_labelled, parts=words + with_test, needed=needed
        )


def _require_classes(label: pd.Series, folds: tuple[tuple[Rows, Rows], ...]) -> None:
    for number, (train, _) in enumerate(folds, start=1):
        classes = label.iloc[train].unique()
        if len(classes) < 2:
            raise UserError("split.class_missing_in_fold", fold=number, name=str(classes[0]))


class _Random:
    """Rows by lot."""

    def __init__(
        self,
        config: SplitConfig,
        dataset: Dataset,
        label: pd.Series,
        labelled: Rows,
        notes: list[Message],
    ) -> None:
        self.seed = config.seed
        self.label = label

    def hold_out(self, rows: Rows, share: float) -> tuple[Rows, Rows]:
        """Return (kept, held out), both sorted."""
        if share == 0:
            return rows, rows[:0]
        return next(self._pick(ShuffleSplit(1, test_size=share, random_state=self.seed), rows))

    def folds(self, rows: Rows, n_folds: int) -> Iterator[tuple[Rows, Rows]]:
        """Yield (train, validation) for each fold."""
        return self._pick(KFold(n_folds, shuffle=True, random_state=self.seed), rows)

    def _pick(self, splitter: Any, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
        for kept, held_out in splitter.split(rows, self._classes(rows), self._groups(rows)):
            yield np.sort(rows[kept]), np.sort(rows[held_out])

    def _classes(self, rows: Rows) -> Any:
        return None

    def _groups(self, rows: Rows) -> Any:
        return None


class _Stratified(_Random):
    """By lot, keeping the share of each class."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        config, _, label, labelled, _ = arguments
        # Each part that compares models needs a member of every class, after the test set took its
        # share; rounding in the draw can take one more.
        parts = config.n_fits if config.validation == "folds" else 2
        needed = parts if not config.test_share else ceil((parts + 1) / (1 - config.test_share))
        and_test = " and a test set" if config.test_share else ""
        self._require_members(labelled, needed, f"{parts} parts{and_test}")

    def hold_out(self, rows: Rows, share: float) -> tuple[Rows, Rows]:
        if share == 0:
            return rows, rows[:0]
        n_classes = self.label.iloc[rows].nunique()
        n_held_out = ceil(len(rows) * share)
        if min(n_held_out, len(rows) - n_held_out) < n_classes:
            raise UserError(
                "split.small_held_out", share=f"{share:.0%}", rows=n_held_out, classes=n_classes
            )
        self._require_members(rows, 2, "two parts")
        splitter = StratifiedShuffleSplit(1, test_size=share, random_state=self.seed)
        return next(self._pick(splitter, rows))

    def folds(self, rows: Rows, n_folds: int) -> Iterator[tuple[Rows, Rows]]:
        self._require_members(rows, n_folds, f"{n_folds} folds")
        return self._pick(StratifiedKFold(n_folds, shuffle=True, random_state=self.seed), rows)

    def _require_members(self, rows: Rows, needed: int, parts: str) -> None:
        counts = self.label.iloc[rows].value_counts()
        if counts.min() < needed:
            raise UserError(
                "split.rare_class",
                name=str(counts.idxmin()),
                count=int(counts.min()),
                parts=parts,
                needed=needed,
            )

    def _classes(self, rows: Rows) -> Any:
        return self.label.iloc[rows].to_numpy()


class _ByGroup(_Random):
    """All rows of one group on the same side."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        config, dataset, _, labelled, notes = arguments
        if config.group is None:
            raise UserError("split.column_needed", what="group")
        dataset.schema[config.group]
        values = dataset.frame[config.group]
        if missing := int(values.iloc[labelled].isna().sum()):
            notes.append(message("split.rows_without_group", rows=missing, column=config.group))
        self.groups = pd.factorize(values, sort=True, use_na_sentinel=False)[0]
        self.column = config.group

    def hold_out(self, rows: Rows, share: float) -> tuple[Rows, Rows]:
        if share == 0:
            return rows, rows[:0]
        self._require_groups(rows, 2, "a held-out part")
        splitter = GroupShuffleSplit(1, test_size=share, random_state=self.seed)
        return next(self._pick(splitter, rows))

    def folds(self, rows: Rows, n_folds: int) -> Iterator[tuple[Rows, Rows]]:
        self._require_groups(rows, n_folds, f"{n_folds} folds")
        return self._pick(GroupKFold(n_folds, shuffle=True, random_state=self.seed), rows)

    def _groups(self, rows: Rows) -> Any:
        return self.groups[rows]

    def _require_groups(self, rows: Rows, needed: int, parts: str) -> None:
        n_groups = len(np.unique(self.groups[rows]))
        if n_groups < needed:
            raise UserError(
                "split.too_few_groups",
                column=self.column,
                groups=n_groups,
                parts=parts,
                needed=needed,
            )


class _ByTime(_Random):
    """The past teaches, the future judges; rows of the same moment keep their file order."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        config, dataset, _, labelled, notes = arguments
        if config.time is None:
            raise UserError("split.column_needed", what="time")
        column = dataset.schema[config.time]
        if column.kind not in (ColumnKind.DATETIME, ColumnKind.NUMBER):
            raise UserError("split.column_needed", what="time")
        times = dataset.frame[config.time]
        if missing := int(times.iloc[labelled].isna().sum()):
            raise UserError("split.time_missing", rows=missing, column=config.time)
        self.rank = times.rank(method="first").fillna(0).to_numpy()
        if config.test_share:
            n_test = ceil(len(labelled) * config.test_share)
            notes.append(message("split.time_last", test=n_test, column=config.time))

    def hold_out(self, rows: Rows, share: float) -> tuple[Rows, Rows]:
        ordered = self._in_order(rows)
        # A share above 0 holds out at least one row, however short the table.
        cut = len(rows) - ceil(len(rows) * share)
        return np.sort(ordered[:cut]), np.sort(ordered[cut:])

    def folds(self, rows: Rows, n_folds: int) -> Iterator[tuple[Rows, Rows]]:
        return self._pick(TimeSeriesSplit(n_folds), self._in_order(rows))

    def _in_order(self, rows: Rows) -> Rows:
        return rows[np.argsort(self.rank[rows], kind="stable")]


_DIVIDERS: dict[str, type[_Random]] = {
    "random": _Random,
    "stratified": _Stratified,
    "group": _ByGroup,
    "time": _ByTime,
}
