"""Few rows with a label among many without: which labels are hidden to judge an algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.errors import UserError
from mlcore.messages import Message, message
from mlcore.params import FloatParam, IntParam, Param, check_values
from mlcore.splitting.split import Rows, Split

#: The knobs of a run with few labels.
FEW_LABELS_PARAMS: tuple[Param, ...] = (
    IntParam(
        name="folds",
        label="Number of folds",
        help=(
            "The labelled rows are cut into so many folds. Each fold's labels are hidden once and "
            "found again from all others, so that every label judges once. Fewer are used where a "
            "class has fewer labels."
        ),
        default=5,
        low=2,
        high=20,
        basic=True,
    ),
    IntParam(
        name="repeats",
        label="Label draws",
        help=(
            "To see whether the rows without a label help, some labels are hidden by lot, so many "
            "times, with and without these rows. More draws: slower, narrower intervals. 0 leaves "
            "the comparison out."
        ),
        default=10,
        low=0,
        high=200,
        basic=True,
    ),
    FloatParam(
        name="test_share",
        label="Test set",
        help=(
            "Share of the labelled rows that is locked away and used once, at the very end. With "
            "few labels each is needed, so there is no test set unless you ask for one."
        ),
        default=0.0,
        low=0.0,
        high=0.5,
    ),
    IntParam(
        name="seed",
        label="Seed",
        help=(
            "The start of the random numbers. The same seed gives the same folds and draws; try "
            "another one to see how much is luck."
        ),
        default=0,
        low=0,
        high=2**31 - 1,
    ),
)


@dataclass(frozen=True)
class FewLabelsConfig:
    """Which labels count and which are hidden; knobs as in :data:`FEW_LABELS_PARAMS`.

    Parameters
    ----------
    rival : str
        Id of the classifier that learns from the labelled rows alone, to see whether the others
        help. An algorithm that is built around a classifier is compared with that one instead.
    no_label : tuple of str
        What stands for "no label" in the column besides an empty cell, as written.
    typed : tuple of (int, str)
        Labels given on the page, in the order in which they were: row and label. They count
        instead of what the table has.
    """

    folds: int = 5
    repeats: int = 10
    test_share: float = 0.0
    seed: int = 0
    rival: str = "logistic_regression"
    no_label: tuple[str, ...] = ()
    typed: tuple[tuple[int, str], ...] = ()

    @classmethod
    def checked(
        cls,
        values: Mapping[str, Any],
        rival: str = "logistic_regression",
        no_label: tuple[str, ...] = (),
        typed: tuple[tuple[int, str], ...] = (),
    ) -> FewLabelsConfig:
        """Return a configuration from form values, or raise a sentence (``UserError``)."""
        checked: dict[str, Any] = check_values("The division", FEW_LABELS_PARAMS, values)
        return cls(**checked, rival=rival, no_label=no_label, typed=typed)

    def values(self) -> dict[str, Any]:
        """Return the values of the declared knobs, by name."""
        return {param.name: getattr(self, param.name) for param in FEW_LABELS_PARAMS}

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            **self.values(),
            "rival": self.rival,
            "no_label": list(self.no_label),
            "typed": [list(pair) for pair in self.typed],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FewLabelsConfig:
        """Read what :meth:`to_json` wrote, checking every value."""
        own = ("rival", "no_label", "typed")
        return cls.checked(
            {name: value for name, value in plain.items() if name not in own},
            plain["rival"],
            tuple(plain["no_label"]),
            tuple((int(row), str(label)) for row, label in plain["typed"]),
        )


def make_few_labels_split(
    config: FewLabelsConfig, label: pd.Series, target: str, own: pd.Series | None = None
) -> Split:
    """Divide the labelled rows into folds whose labels are hidden in turn.

    Only the labels are looked at. Rows of a class are dealt out over the folds one by one; the
    only row of a class always stays known, so it can never judge.

    Where a row goes depends on the seed, its number and the labels of the table itself. A label
    that is typed in joins the folds behind these and is never sealed, so that it moves no other
    row: a sealed row that has been looked at never teaches a later run. Only where the typed
    labels allow more folds than before are all folds dealt anew.

    Parameters
    ----------
    config : FewLabelsConfig
        What was chosen.
    label : Series of shape (n_rows,), text
        The labels that count.
    target : str
        What the label's column is called.
    own : Series of shape (n_rows,), text, optional
        The labels of the table itself, without those that were typed in; the same as ``label``
        where it is not given.

    Returns
    -------
    Split
        ``development`` are the labelled rows, ``unlabelled`` those without a label, ``test`` is
        sealed. Without two labels in any class there are no folds, and a note says so.

    Raises
    ------
    UserError
        There is no label, or there is only one class to learn.
    """
    own = label if own is None else own
    labelled = np.flatnonzero(label.notna().to_numpy())
    unlabelled = np.flatnonzero(label.isna().to_numpy())
    if not len(labelled):
        raise UserError("few_labels.no_label", target=target)
    lot = np.random.default_rng(config.seed).random(len(label))
    test = _sealed(own, lot, config.test_share)
    development = np.setdiff1d(labelled, test)
    if label.iloc[development].nunique() < 2:
        name = str(label.iloc[development[0]])
        raise UserError("few_labels.one_class", target=target, name=name)
    folds, notes = _folds(config, label, own, development, lot)
    return Split(development, test, unlabelled, folds, tuple(notes))


def _turns(codes: Rows, key: npt.NDArray[np.float64]) -> Rows:
    """Return the place of each row among those of its class, by a key."""
    order = np.lexsort((key, codes))
    turn = np.empty(len(codes), dtype=np.intp)
    turn[order] = pd.Series(codes[order]).groupby(codes[order]).cumcount()
    return turn


def _sealed(own: pd.Series, lot: npt.NDArray[np.float64], share: float) -> Rows:
    """Return the sealed rows: a share of each class, never its last known row."""
    rows = np.flatnonzero(own.notna().to_numpy())
    n_test = int(np.ceil(share * len(rows)))
    if not n_test:
        return rows[:0]
    codes = pd.factorize(own.iloc[rows], sort=True)[0]
    turn = _turns(codes, lot[rows])
    # The last of each class first, in step, so that all classes give their share.
    order = np.argsort(-(turn + 0.5) / np.bincount(codes)[codes], kind="stable")
    return np.sort(rows[order[turn[order] > 0][:n_test]])


def _folds(
    config: FewLabelsConfig,
    label: pd.Series,
    own: pd.Series,
    rows: Rows,
    lot: npt.NDArray[np.float64],
) -> tuple[tuple[tuple[Rows, Rows], ...], list[Message]]:
    counts = label.iloc[rows].value_counts()
    n_folds = min(config.folds, int(counts.max()))
    if n_folds < 2:
        return (), [message("few_labels.no_folds")]
    position = _positions(config, label.iloc[rows], own.iloc[rows], lot[rows])
    folds = tuple(_dealt(label.iloc[rows], rows, position, n_folds))
    return folds, [*_fewer(config.folds, len(folds)), *_alone(counts)]


def _fewer(asked: int, used: int) -> Iterator[Message]:
    if used < asked:
        yield message("few_labels.fewer_folds", asked=asked, used=used)


def _alone(counts: pd.Series) -> Iterator[Message]:
    for name in counts.index[counts == 1]:
        yield message("few_labels.only_label", name=str(name))


def _positions(
    config: FewLabelsConfig, label: pd.Series, own: pd.Series, lot: npt.NDArray[np.float64]
) -> Rows:
    """Return where each row stands in the line that is dealt out, class after class.

    Rows that the table labels stand as it labels them, by lot; rows that only have a typed label
    stand behind those of its class, as they were typed.
    """
    is_own = own.notna().to_numpy()
    codes = pd.factorize(own.where(is_own, label), sort=True)[0]
    counts = np.bincount(codes[is_own], minlength=codes.max() + 1)
    place = {row: number for number, (row, _) in enumerate(config.typed, start=1)}
    typed = np.array([place.get(row, 0) for row in label.index[~is_own]], dtype=np.float64)
    key = lot.copy()
    key[~is_own] = 1.0 + typed
    # Counted on from class to class, so that folds are of one size.
    return np.asarray((np.cumsum(counts) - counts)[codes] + _turns(codes, key), dtype=np.intp)


def _dealt(
    label: pd.Series, rows: Rows, position: Rows, n_folds: int
) -> Iterator[tuple[Rows, Rows]]:
    """Yield (known, hidden) for each fold."""
    fold = position % n_folds
    by_class = pd.Series(fold).groupby(label.to_numpy())
    # A class whose rows all lie in one fold keeps the first of them, or nobody would know it.
    first = pd.Series(position).groupby(label.to_numpy()).transform("min").to_numpy() == position
    in_one = (by_class.transform("min") == by_class.transform("max")).to_numpy()
    fold[first & in_one] = -1
    for number in np.unique(fold[fold >= 0]):
        yield rows[fold != number], rows[fold == number]
