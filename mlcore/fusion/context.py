"""What a rule may look at besides the votes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Numbers, Votes


@dataclass(frozen=True, eq=False, kw_only=True)
class FusionContext:
    """Votes and what is known beside them.

    Parameters
    ----------
    votes : Votes
        The votes.
    gold : int array of shape (n_rows,)
        The true class of rows whose gold label may be learnt from, -1 for all others. Rows that
        are to judge the result have -1.
    weights : float array of shape (n_sources,), optional
        The user's own weights.
    seed : int
        Of random starts.
    report : callable, optional
        Told (starts done, starts in all).
    """

    votes: Votes
    gold: Codes
    weights: Numbers | None
    seed: int
    report: Callable[[int, int], None] | None = None

    @property
    def gold_hits(self) -> tuple[Numbers, Numbers]:
        """For each source how many of its votes on gold rows are right, and how many there are."""
        truth = self.gold[self.votes.row]
        known = truth >= 0
        n_sources = self.votes.n_sources
        total = np.bincount(self.votes.source[known], minlength=n_sources)
        right = self.votes.source[known & (truth == self.votes.label)]
        hits = np.bincount(right, minlength=n_sources)
        return hits.astype(np.float64), total.astype(np.float64)

    @property
    def accuracies(self) -> Numbers:
        """Share of each source's votes on gold rows that is right; NaN without such votes."""
        hits, total = self.gold_hits
        return np.asarray(np.divide(hits, total, out=np.full(len(hits), np.nan), where=total > 0))
