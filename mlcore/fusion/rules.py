"""Rules that make one label of the votes of a row, by counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.errors import UserError
from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Numbers, Votes

Flags = npt.NDArray[np.bool_]

#: The number that stands for no label.
UNDECIDED = -1
#: Scores that differ by less, relative to the largest, are equal: sums depend on their order.
EQUAL = 1e-9
#: An accuracy counts as at least this far from 0 and 1 when nothing is known of its rows.
NEVER_CERTAIN = 1e-3
#: Size of a weight at most: sums of larger ones would lose the small ones.
LARGEST_WEIGHT = 1e9


@dataclass(frozen=True, kw_only=True, eq=False)
class Fused:
    """One label for each row, and what it rests on.

    Parameters
    ----------
    label : int array of shape (n_rows,)
        Class number, or -1 where the rule decides nothing: no votes, a tie, no majority.
    posterior : float array of shape (n_rows, n_classes)
        How strongly each class is held, 0 to 1: the share of the (weighted) votes for rules that
        count, the probability for models. Rows sum to 1, or are all zeros without votes.
    tied : bool array of shape (n_rows,)
        Rows in which several classes share the lead and the rule would decide but for that. They
        stay marked when a rule for ties has given them a label.
    best : bool array of shape (n_rows, n_classes)
        The classes that share the lead; none without votes.
    weights : float array of shape (n_sources,), optional
        What a vote of each source counted.
    confusions : float array of shape (n_sources, n_classes, n_classes), optional
        Probability that a source gives a label (last axis) to a row of a class (middle axis).
    prior : float array of shape (n_classes,), optional
        How frequent a model takes each class to be.
    curve : DataFrame, optional
        For models: ``start``, ``iteration``, ``log_likelihood``, ``log_posterior``.
    """

    label: Codes
    posterior: Numbers
    tied: Flags
    best: Flags
    weights: Numbers | None = None
    confusions: Numbers | None = None
    prior: Numbers | None = None
    curve: pd.DataFrame | None = None

    @property
    def n_undecided(self) -> int:
        """Number of rows without a label."""
        return int((self.label == UNDECIDED).sum())


def plurality(votes: Votes) -> Fused:
    """Return the label with the most votes."""
    return _by_share(votes, vote_shares(votes))


def absolute_majority(votes: Votes, share: float = 0.5, quorum: int = 1) -> Fused:
    """Return the label with more than a share of the votes, where enough were cast.

    Parameters
    ----------
    votes : Votes
        The votes.
    share : float, default 0.5
        The label needs strictly more than this share of the votes cast; by default more than half,
        so that no two labels can have it.
    quorum : int, default 1
        Votes that a row needs to be decided at all. Abstentions are no votes.
    """
    shares = vote_shares(votes)
    enough = shares.max(axis=1) > share * (1 + EQUAL)
    return _by_share(votes, shares, decides=enough & (votes.per_row() >= quorum))


def unanimity(votes: Votes, quorum: int = 1) -> Fused:
    """Return the label that all votes of a row are for.

    Parameters
    ----------
    votes : Votes
        The votes.
    quorum : int, default 1
        Votes that a row needs to be decided at all.
    """
    shares = vote_shares(votes)
    return _by_share(votes, shares, decides=(shares == 1).any(axis=1) & (votes.per_row() >= quorum))


def weighted(votes: Votes, weights: Numbers) -> Fused:
    """Return the label with the largest weight of votes.

    Parameters
    ----------
    votes : Votes
        The votes.
    weights : float array of shape (n_sources,)
        What a vote of each source counts, such as :func:`log_odds` of its accuracy. A vote with a
        negative weight speaks against its label: it counts, with its size, for the other labels
        of the row.

    Raises
    ------
    UserError
        A weight is no number, or too large.
    """
    for source, weight in zip(votes.sources, weights, strict=True):
        check_weight(source, float(weight))
    return _by_share(votes, vote_shares(votes, weights), weights=np.asarray(weights, np.float64))


def check_weight(source: str, weight: float) -> None:
    """Check that the weight of a source can be added to others.

    Raises
    ------
    UserError
        It is no number, or beyond :data:`LARGEST_WEIGHT`.
    """
    if not abs(weight) <= LARGEST_WEIGHT:  # also where it is not a number
        raise UserError("fusion.weight", source=source, got=f"{weight:g}", most=LARGEST_WEIGHT)


def vote_shares(votes: Votes, weights: Numbers | None = None) -> Numbers:
    """Return the share of the votes that each class has, shape (n_rows, n_classes).

    Rows sum to 1; they are all zeros without votes. A pure function of the votes and the weights:
    new votes are fused with it as they are.

    Parameters
    ----------
    votes : Votes
        The votes.
    weights : float array of shape (n_sources,), optional
        What a vote of each source counts; 1 by default.

    Notes
    -----
    A vote with weight -w counts as a vote with weight w for each other class that has a vote in
    the row. That adds the same to all of these as the plain weighted sum has, so their order and
    the distances between them are kept, and no share is negative. A class without a vote has no
    share: votes against others are no reason to take what nobody proposed. Where nothing is left
    that speaks for any class, since all votes of a row weigh nothing or the only label that is
    proposed has more against it than for it, each class has the same share.
    """
    counted = votes.counts(None if weights is None else np.maximum(weights, 0))
    if weights is not None and (weights < 0).any():
        counted = _with_those_against(votes, counted, votes.counts(np.maximum(-weights, 0)))
    total = counted.sum(axis=1)
    weightless = (total <= 0) & (votes.per_row() > 0)
    counted[weightless], total[weightless] = 1, votes.n_classes
    return np.asarray(counted / np.where(total > 0, total, 1)[:, None], dtype=np.float64)


def _with_those_against(votes: Votes, counted: Numbers, against: Numbers) -> Numbers:
    """Return the votes for each class with those against the other classes of its row."""
    has_vote = votes.counts() > 0
    gained = np.where(has_vote, against.sum(axis=1, keepdims=True) - against, 0)
    # Where there is no other class the votes against cannot count for one.
    lost = np.where(has_vote.sum(axis=1, keepdims=True) == 1, against, 0)
    left = counted + gained - lost
    return np.asarray(np.where(left > EQUAL * lost, left, 0), dtype=np.float64)


def log_odds(
    accuracy: Numbers, n_classes: int, rows: Numbers | None = None, toward: float | None = None
) -> Numbers:
    """Return the weight of a vote of sources with known accuracies.

    For independent sources that err evenly among the wrong classes, and classes that are equally
    frequent, no other weights give more right labels. It is 0 for a source no better than chance
    and negative for one that is worse.

    Parameters
    ----------
    accuracy : float array of shape (n_sources,)
        Share of right labels; NaN where it is not known, which counts as ``toward``.
    n_classes : int
        Number of classes; chance is one over it.
    rows : float array of shape (n_sources,), optional
        Rows behind each accuracy. With them the accuracy is drawn towards ``toward`` as if
        ``n_classes`` rows more had been seen that have it, so that three right of three is not
        certain. Without them it is kept 0.001 away from 0 and 1.
    toward : float, optional
        Chance by default.

    Returns
    -------
    float array of shape (n_sources,)
        Finite in all cases.

    References
    ----------
    Nitzan and Paroush (1982), "Optimal decision rules in uncertain dichotomous choice situations",
    International Economic Review 23, 289-297.
    """
    if n_classes < 2:
        return np.ones(len(accuracy))
    center = 1 / n_classes if toward is None else toward
    known = np.where(np.isnan(accuracy), center, accuracy)
    if rows is not None:
        known = (known * rows + center * n_classes) / (rows + n_classes)
    kept = np.clip(known, NEVER_CERTAIN, 1 - NEVER_CERTAIN)
    return np.asarray(np.log(kept * (n_classes - 1) / (1 - kept)), dtype=np.float64)


def leaders(scores: Numbers, has_votes: Flags) -> Flags:
    """Return which classes share the lead of each row, shape (n_rows, n_classes)."""
    top = scores.max(axis=1, keepdims=True)
    near = scores >= top - EQUAL * np.maximum(1, np.abs(top))
    return np.asarray(near & has_votes[:, None], dtype=np.bool_)


def from_leaders(posterior: Numbers, best: Flags, decides: Flags | None = None) -> Fused:
    """Return the fused labels that follow from who leads.

    Parameters
    ----------
    posterior : float array of shape (n_rows, n_classes)
        How strongly each class is held.
    best : bool array of shape (n_rows, n_classes)
        The classes that share the lead.
    decides : bool array of shape (n_rows,), optional
        Rows that the rule decides at all; all by default.
    """
    count = best.sum(axis=1)
    may = np.ones(len(best), dtype=np.bool_) if decides is None else decides
    label = np.where(may & (count == 1), best.argmax(axis=1), UNDECIDED).astype(np.intp)
    return Fused(label=label, posterior=posterior, tied=may & (count > 1), best=best)


def _by_share(
    votes: Votes, shares: Numbers, decides: Flags | None = None, weights: Numbers | None = None
) -> Fused:
    made = from_leaders(shares, leaders(shares, votes.per_row() > 0), decides)
    return Fused(
        label=made.label, posterior=shares, tied=made.tied, best=made.best, weights=weights
    )
