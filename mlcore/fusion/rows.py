"""The table of fused rows: the label, how sure it is, and who voted otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from mlcore.fusion.rules import UNDECIDED, Fused
from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Numbers, Votes


def row_frame(votes: Votes, fused: Fused) -> pd.DataFrame:
    """Return one line for each row: what it was fused to and how contested that is.

    Parameters
    ----------
    votes : Votes
        The votes.
    fused : Fused
        What a rule made of them.

    Returns
    -------
    DataFrame
        ``row`` (its name), ``position`` (0-based), ``predicted`` (label, missing where undecided),
        ``confidence`` (posterior of the label, of the leading class where undecided, 0 without
        votes), ``n_votes``, ``abstained`` (abstentions), ``share`` (of the votes that are for the
        label, for the leading class where undecided), ``margin`` (posterior of the first class
        less that of the second), ``entropy`` (of the posterior, in bits), ``tie`` (whether classes
        share the lead), ``dissent`` (sources that voted otherwise, joined by "; "; empty where
        undecided), ``votes`` ("a: 3, b: 2", the most frequent first) and ``p:<class>`` for each
        class. Share, margin and entropy are missing for rows without votes.
    """
    rows = np.arange(votes.n_rows)
    n_votes = votes.per_row()
    leading = np.where(fused.label >= 0, fused.label, fused.posterior.argmax(axis=1))
    counts = votes.counts()
    has = n_votes > 0
    share = counts[rows, leading] / np.maximum(n_votes, 1)
    frame = {
        "row": pd.Series(votes.names, dtype="str"),
        "position": rows,
        "predicted": label_names(fused.label, votes.classes),
        "confidence": fused.posterior[rows, leading],
        "n_votes": n_votes,
        "abstained": np.bincount(votes.abstained_row, minlength=votes.n_rows),
        "share": np.where(has, share, np.nan),
        "margin": np.where(has, _margin(fused.posterior), np.nan),
        "entropy": np.where(has, _entropy(fused.posterior), np.nan),
        "tie": fused.tied,
        "dissent": pd.Series(_dissent(votes, fused.label), dtype="str"),
        "votes": pd.Series(_tallies(counts, votes.classes), dtype="str"),
    }
    shares = {f"p:{name}": fused.posterior[:, code] for code, name in enumerate(votes.classes)}
    return pd.DataFrame(frame | shares)


def label_names(label: Codes, classes: Sequence[str]) -> pd.Series:
    """Return the name of each label, missing for rows that have none."""
    names = pd.Series([*classes, None], dtype="str")
    return names.iloc[np.where(label == UNDECIDED, len(classes), label)].reset_index(drop=True)


def _margin(posterior: Numbers) -> Numbers:
    if posterior.shape[1] < 2:
        return np.asarray(posterior[:, 0])
    top = np.partition(posterior, -2, axis=1)
    return np.asarray(top[:, -1] - top[:, -2])


def _entropy(posterior: Numbers) -> Numbers:
    logs = np.log2(posterior, where=posterior > 0, out=np.zeros_like(posterior))
    return np.asarray(np.abs((posterior * logs).sum(axis=1)))


def _dissent(votes: Votes, label: Codes) -> list[str]:
    fused = label[votes.row]
    against = (fused != UNDECIDED) & (fused != votes.label)
    names = np.array(votes.sources, dtype=object)[votes.source[against]]
    return list(_joined(votes.row[against], names, votes.n_rows, "; "))


def _tallies(counts: Numbers, classes: Sequence[str]) -> list[str]:
    row, code = np.nonzero(counts)
    number = counts[row, code].astype(int)
    order = np.lexsort((code, -number, row))
    texts = [
        f"{classes[label]}: {count}"
        for label, count in zip(code[order].tolist(), number[order].tolist(), strict=True)
    ]
    return list(_joined(row[order], np.array(texts, dtype=object), len(counts), ", "))


def _joined(row: Codes, texts: np.ndarray, n_rows: int, mark: str) -> Iterator[str]:
    """Yield the texts of each row as one; ``row`` is sorted."""
    ends = np.searchsorted(row, np.arange(n_rows), side="right").tolist()
    start, listed = 0, texts.tolist()
    for end in ends:
        yield mark.join(listed[start:end])
        start = end
