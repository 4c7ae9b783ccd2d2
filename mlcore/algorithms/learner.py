"""What every way of learning from few labels can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sklearn.base import BaseEstimator

from mlcore.algorithms.labels import Labels
from mlcore.algorithms.propagation import Propagated


class Learner(Protocol):
    """An algorithm on the prepared rows of one table, labelled and not.

    It is made once for a table (``AlgorithmSpec.learner``) and asked often, each time with other
    labels known: ``codes`` is the class number of each row, -1 where its label is not known.
    """

    def spread(self, codes: Labels, n_classes: int) -> Propagated:
        """Return the distribution over the classes for each row."""
        ...

    def flow(self, codes: Labels, n_classes: int, rounds: int) -> Iterator[Propagated]:
        """Yield the distributions round by round, the known labels first."""
        ...

    def arrival(self, codes: Labels) -> Labels:
        """Return the round in which each row got its first label: 0 known, -1 never."""
        ...

    def model(self, codes: Labels, classes: Sequence[str], spread: Propagated) -> BaseEstimator:
        """Return a stock estimator that gives new rows the class, by name, that fits ``spread``."""
        ...
