"""Few rows with a label among many without: which labels are hidden to judge an algorithm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
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
        Labels given on the page: row and label. They count instead of what the table has.
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

    def apply(self, label: pd.Series) -> pd.Series:
        """Return the labels that count: tokens for "no label" gone, typed labels put in.

        Parameters
        ----------
        label : Series of shape (n_rows,), text
            The label column; missing where a row has none.
        """
        tokens = {token.strip().casefold() for token in self.no_label}
        spelled = label.str.strip().str.casefold()
        known = label.where(~spelled.isin(tokens))
        for row, name in self.typed:
            if row < len(known):
                known.iloc[row] = name
        return known


def make_few_labels_split(config: FewLabelsConfig, label: pd.Series, target: str) -> Split:
    """Divide the labelled rows into folds whose labels are hidden in turn.

    Only the labels are looked at. Rows of a class are dealt out over the folds one by one; the
    only row of a class always stays known, so it can never judge.

    Parameters
    ----------
    config : FewLabelsConfig
        What was chosen.
    label : Series of shape (n_rows,), text
        The labels that count (:meth:`FewLabelsConfig.apply`).
    target : str
        What the label's column is called.

    Returns
    -------
    Split
        ``development`` are the labelled rows, ``unlabelled`` those without a label, ``test`` is
        sealed. Without two labels in any class there are no folds, and a note says so.

    Raises
    ------
    UserError
        There is no label, or there is only one class.
    """
    labelled = np.flatnonzero(label.notna().to_numpy())
    unlabelled = np.flatnonzero(label.isna().to_numpy())
    if not len(labelled):
        raise UserError("few_labels.no_label", target=target)
    if label.nunique() < 2:
        raise UserError("few_labels.one_class", target=target, name=str(label.iloc[labelled[0]]))
    generator = np.random.default_rng(config.seed)
    turn = _turns(label, labelled, generator)
    test = _sealed(labelled, turn, config.test_share)
    development = np.setdiff1d(labelled, test)
    folds, notes = _folds(config, label, development, generator)
    return Split(development, test, unlabelled, folds, tuple(notes))


def _turns(label: pd.Series, rows: Rows, generator: np.random.Generator) -> Rows:
    """Return for each row its place among the rows of its class, in an order drawn by lot."""
    shuffled = generator.permutation(len(rows))
    classes = label.iloc[rows[shuffled]]
    turn = np.empty(len(rows), dtype=np.intp)
    turn[shuffled] = classes.groupby(classes.to_numpy()).cumcount().to_numpy()
    return turn


def _sealed(rows: Rows, turn: Rows, share: float) -> Rows:
    """Return the sealed rows: a share of each class, never its last known row."""
    n_test = int(np.ceil(share * len(rows)))
    if not n_test:
        return rows[:0]
    # The later turns of each class first, so that all classes give and each keeps one.
    order = np.argsort(-turn, kind="stable")
    return np.sort(rows[order[turn[order] > 0][:n_test]])


def _folds(
    config: FewLabelsConfig, label: pd.Series, rows: Rows, generator: np.random.Generator
) -> tuple[tuple[tuple[Rows, Rows], ...], list[Message]]:
    counts = label.iloc[rows].value_counts()
    n_folds = min(config.folds, int(counts.max()))
    if n_folds < 2:
        return (), [message("few_labels.no_folds")]
    notes = [*_fewer(config.folds, n_folds), *_alone(counts)]
    return tuple(_dealt(label, rows, n_folds, generator)), notes


def _fewer(asked: int, used: int) -> Iterator[Message]:
    if used < asked:
        yield message("few_labels.fewer_folds", asked=asked, used=used)


def _alone(counts: pd.Series) -> Iterator[Message]:
    for name in counts.index[counts == 1]:
        yield message("few_labels.only_label", name=str(name))


def _dealt(
    label: pd.Series, rows: Rows, n_folds: int, generator: np.random.Generator
) -> Iterator[tuple[Rows, Rows]]:
    """Yield (known, hidden) for each fold."""
    codes = pd.factorize(label.iloc[rows], sort=True)[0]
    candidates = np.flatnonzero(np.bincount(codes)[codes] > 1)
    # Rows in the order of their classes, so that one count deals all of them out evenly.
    order = candidates[np.lexsort((generator.random(len(candidates)), codes[candidates]))]
    fold = np.full(len(rows), -1)
    fold[order] = np.arange(len(order)) % n_folds
    for number in range(n_folds):
        yield rows[fold != number], rows[fold == number]
