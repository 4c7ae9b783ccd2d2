"""Each source by itself: how much it says, whom it agrees with, and how often it is right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Codes, Floats
from mlcore.evaluation.intervals import wilson_interval
from mlcore.evaluation.rater_agreement import most_active
from mlcore.fusion.votes import Votes

#: Lines of one confusion frame at most when no sources are named.
MOST_CELLS = 200_000

CONFUSION_COLUMNS = ["source", "actual", "vote", "count", "share", "estimated"]


def source_frame(
    votes: Votes,
    fused_label: Codes,
    gold: Codes | None = None,
    weights: Floats | None = None,
    confusions: Floats | None = None,
    prior: Floats | None = None,
) -> pd.DataFrame:
    """Return one line for each source.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    fused_label : array of shape (n_rows,)
        Class number of the fused label, -1 where undecided.
    gold : array of shape (n_rows,), optional
        Class number of the true label, -1 where it is not known.
    weights : array of shape (n_sources,), optional
        What a vote of each source counted.
    confusions : array of shape (n_sources, n_classes, n_classes), optional
        Estimated probability of each vote (columns) for each true class (rows).
    prior : array of shape (n_classes,), optional
        Estimated share of each class; the shares of the fused label by default.

    Returns
    -------
    DataFrame
        ``source``; ``votes``, ``abstained``, ``missing`` (rows); ``coverage`` (share of all rows
        that it voted or abstained on); ``conflicts`` (its votes on rows where another source voted
        otherwise); ``agreement`` (share of its votes that are the fused label, on decided rows);
        ``leave_one_out`` (share of its votes that agree with the plurality of the others, see
        :func:`leave_one_out`); ``gold_rows``, ``gold_hits``, ``accuracy``, ``low``, ``high`` (its
        votes on rows with a known label, those that are right, their share with its 95 % Wilson
        interval); ``weight``; ``estimated_accuracy`` (of the confusions). NaN where a share has no
        rows or nothing is known.
    """
    n_sources = len(votes.sources)
    given = votes.per_source()
    abstained = np.bincount(votes.abstained_source, minlength=n_sources)
    alike, others = leave_one_out(votes)
    nothing = np.full(n_sources, np.nan)
    return pd.DataFrame(
        {
            "source": pd.Series(votes.sources, dtype="str"),
            "votes": given,
            "abstained": abstained,
            "missing": votes.n_rows - given - abstained,
            "coverage": (given + abstained) / max(1, votes.n_rows),
            "conflicts": _conflicts(votes),
            "agreement": _share(*hits_on(votes, fused_label)),
            "leave_one_out": _share(alike, others),
            **_on_gold(votes, gold),
            "weight": nothing if weights is None else weights,
            "estimated_accuracy": nothing
            if confusions is None
            else estimated_accuracy(confusions, _prior(votes, fused_label, prior)),
        }
    )


def hits_on(votes: Votes, reference: Codes) -> tuple[Codes, Codes]:
    """Return for each source its votes that are the reference label, and its votes in all.

    Only rows with a reference label count.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    reference : array of shape (n_rows,)
        Class number, -1 where there is none.
    """
    theirs = reference[votes.row]
    known = theirs >= 0
    right = known & (theirs == votes.label)
    n_sources = len(votes.sources)
    return (
        np.bincount(votes.source[right], minlength=n_sources),
        np.bincount(votes.source[known], minlength=n_sources),
    )


def leave_one_out(votes: Votes) -> tuple[Floats, Codes]:
    """Return for each source how often it agrees with the plurality of the others, and of how many.

    Where t labels share the lead among the others, a vote for one of them counts 1/t, which is
    what breaking the tie by lot would give on average. Rows on which no other source voted are
    left out.

    Returns
    -------
    hits : array of shape (n_sources,)
        Votes that agree, ties in parts.
    rows : array of shape (n_sources,)
        Votes on rows with another vote.
    """
    n_sources = len(votes.sources)
    agrees, others = _agrees_with_others(votes), votes.per_row()[votes.row] > 1
    hits = np.bincount(votes.source, np.where(others, agrees, 0.0), minlength=n_sources)
    rows = np.bincount(votes.source[others], minlength=n_sources)
    return np.asarray(hits, dtype=np.float64), rows


def _agrees_with_others(votes: Votes) -> Floats:
    """Return for each vote its part in the lead of the other votes of its row.

    Taking away one vote changes only the count of its own class, so it is enough to know of each
    row its highest count, its second highest, and how many classes have them.
    """
    counts = votes.counts()
    first = counts.max(axis=1)
    is_first = counts == first[:, None]
    below = np.where(is_first, -1.0, counts)
    second = below.max(axis=1, initial=-1.0)
    n_first, n_second = is_first.sum(axis=1), (below == second[:, None]).sum(axis=1)
    row = votes.row
    leads = is_first[row, votes.label] & (n_first[row] == 1)
    ahead = first[row] - 1 - second[row]
    tied = np.where(ahead == 0, 1 / (1 + n_second[row]), 0.0)
    agrees = np.where(leads, np.where(ahead > 0, 1.0, tied), 0.0)
    return np.asarray(agrees, dtype=np.float64)


def _conflicts(votes: Votes) -> Codes:
    own = votes.counts()[votes.row, votes.label]
    differs = own < votes.per_row()[votes.row]
    return np.bincount(votes.source[differs], minlength=len(votes.sources))


def _share(part: Codes | Floats, whole: Codes | Floats) -> Floats:
    shares = np.full(len(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _on_gold(votes: Votes, gold: Codes | None) -> dict[str, Codes | Floats]:
    hits, rows = hits_on(votes, np.full(votes.n_rows, -1) if gold is None else gold)
    low, high = wilson_interval(hits, rows)
    return {
        "gold_rows": rows,
        "gold_hits": hits,
        "accuracy": _share(hits, rows),
        "low": np.where(rows > 0, low, np.nan),
        "high": np.where(rows > 0, high, np.nan),
    }


def _prior(votes: Votes, fused_label: Codes, prior: Floats | None) -> Floats:
    if prior is not None:
        return prior
    counts = np.bincount(fused_label[fused_label >= 0], minlength=len(votes.classes))
    return np.asarray(counts / max(1, counts.sum()), dtype=np.float64)


def estimated_accuracy(confusions: Floats, prior: Floats) -> Floats:
    """Return how often each source is right by its confusion matrix, of shape (n_sources,).

    Parameters
    ----------
    confusions : array of shape (n_sources, n_classes, n_classes)
        Probability of each vote (columns) for each true class (rows).
    prior : array of shape (n_classes,)
        Share of each true class.
    """
    right = np.diagonal(confusions, axis1=1, axis2=2)
    return np.asarray(right @ prior, dtype=np.float64)


def confusion_frame(votes: Votes, reference: Codes, sources: Codes | None = None) -> pd.DataFrame:
    """Return the confusion matrix of each source against a reference, counted.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    reference : array of shape (n_rows,)
        Class number of the true or the fused label, -1 where there is none.
    sources : array of int, optional
        Positions of the sources. By default all of them, or the ones with the most votes if there
        are too many to list.

    Returns
    -------
    DataFrame
        One line for each source, actual class and vote: ``source``, ``actual``, ``vote``,
        ``count`` (rows), ``share`` (of the source's votes on the actual class; NaN without any),
        ``estimated`` (False).
    """
    chosen = _chosen(votes, sources)
    theirs = reference[votes.row]
    counts = _tallied(votes, chosen, theirs[:, None], (theirs >= 0).astype(np.float64)[:, None])
    total = counts.sum(axis=2, keepdims=True)
    share = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return _confusion_lines(votes, chosen, counts, share, estimated=False)


def estimated_confusion_frame(
    votes: Votes, confusions: Floats, posterior: Floats, sources: Codes | None = None
) -> pd.DataFrame:
    """Return the confusion matrix of each source as a model estimates it, in the same form.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    confusions : array of shape (n_sources, n_classes, n_classes)
        Estimated probability of each vote (columns) for each true class (rows).
    posterior : array of shape (n_rows, n_classes)
        Estimated probability of each class.
    sources : array of int, optional
        As for :func:`confusion_frame`.

    Returns
    -------
    DataFrame
        As of :func:`confusion_frame`, with the estimated probability as ``share``, the expected
        number of rows as ``count``, and ``estimated`` True.
    """
    chosen = _chosen(votes, sources)
    every = np.broadcast_to(np.arange(len(votes.classes)), (votes.n_votes, len(votes.classes)))
    counts = _tallied(votes, chosen, every, posterior[votes.row])
    return _confusion_lines(votes, chosen, counts, confusions[chosen], estimated=True)


def _chosen(votes: Votes, sources: Codes | None) -> Codes:
    if sources is not None:
        return np.asarray(sources, dtype=np.intp)
    return most_active(votes, max(1, MOST_CELLS // len(votes.classes) ** 2))


def _tallied(votes: Votes, chosen: Codes, actual: Codes, weight: Floats) -> Floats:
    """Return the weight of each vote by source, actual class and vote.

    Parameters
    ----------
    actual, weight : array of shape (n_votes, n_each)
        Classes that a vote counts for, and how much it does for each.
    """
    k = len(votes.classes)
    place = np.full(len(votes.sources), -1)
    place[chosen] = np.arange(len(chosen))
    at = place[votes.source]
    kept = at >= 0
    cell = (at[kept, None] * k + np.maximum(actual[kept], 0)) * k + votes.label[kept, None]
    counts = np.bincount(cell.ravel(), weight[kept].ravel(), minlength=len(chosen) * k * k)
    return np.asarray(counts, dtype=np.float64).reshape(len(chosen), k, k)


def _confusion_lines(
    votes: Votes, chosen: Codes, counts: Floats, share: Floats, *, estimated: bool
) -> pd.DataFrame:
    k = len(votes.classes)
    classes = np.array(votes.classes, dtype=object)
    table = {
        "source": np.repeat(np.array(votes.sources, dtype=object)[chosen], k * k),
        "actual": np.tile(np.repeat(classes, k), len(chosen)),
        "vote": np.tile(classes, len(chosen) * k),
        "count": counts.ravel(),
        "share": share.ravel(),
        "estimated": estimated,
    }
    texts = dict.fromkeys(("source", "actual", "vote"), "str")
    return pd.DataFrame(table, columns=CONFUSION_COLUMNS).astype(texts)


def row_votes_frame(votes: Votes, position: int) -> pd.DataFrame:
    """Return who voted for what on one row.

    Parameters
    ----------
    votes : Votes
        Of all sources.
    position : int
        Of the row.

    Returns
    -------
    DataFrame
        ``label``, ``votes`` (how many), ``sources`` (their names, separated by "; "); labels with
        a vote only, the most votes first.
    """
    start, stop = np.searchsorted(votes.row, [position, position + 1])
    each = pd.DataFrame(
        {
            "label": pd.Series([votes.classes[c] for c in votes.label[start:stop]], dtype="str"),
            "source": pd.Series([votes.sources[s] for s in votes.source[start:stop]], dtype="str"),
        }
    )
    grouped = each.groupby("label", sort=False)["source"]
    table = grouped.agg(votes="count", sources="; ".join).reset_index()
    return table.sort_values("votes", ascending=False, kind="stable", ignore_index=True)
