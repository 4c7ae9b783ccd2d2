"""Rows whose true label is known: what a gold column says of them, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.fusion.rules import Flags
from mlcore.fusion.spelling import Codes, normal_label
from mlcore.fusion.votes import Votes, line_rows, require_columns
from mlcore.messages import Message, message


@dataclass(frozen=True, kw_only=True, eq=False)
class Gold:
    """The known labels.

    Parameters
    ----------
    codes : int array of shape (n_rows,)
        Class number of the true label; -1 where it is not known.
    notes : tuple of Message, default ()
        Which labels of the column count for nothing, and why.
    """

    codes: Codes
    notes: tuple[Message, ...] = ()

    @property
    def rows(self) -> Codes:
        """The rows whose true label is known."""
        return np.flatnonzero(self.codes >= 0).astype(np.intp)


def no_gold(votes: Votes) -> Gold:
    """Return that no true label is known."""
    return Gold(codes=np.full(votes.n_rows, -1, dtype=np.intp))


def wide_gold(frame: pd.DataFrame, gold: str, votes: Votes) -> Gold:
    """Return the gold labels of a table with one line for each row.

    A word that means "does not know" is no true label.

    Parameters
    ----------
    frame : DataFrame
        The table that :func:`mlcore.fusion.votes.wide_votes` read.
    gold : str
        The column with the known labels.
    votes : Votes
        What was read from it, with the gold labels among its classes.

    Raises
    ------
    UserError
        The column does not exist.
    """
    require_columns(frame, (gold,))
    return _gold(frame[gold], np.arange(votes.n_rows), votes)


def long_gold(frame: pd.DataFrame, row: str, gold: str, votes: Votes) -> Gold:
    """Return the gold labels of a table with one line for each vote.

    The label may stand on any of a row's lines. Where they say different things none is known.

    Parameters
    ----------
    frame : DataFrame
        The table that :func:`mlcore.fusion.votes.long_votes` read.
    row, gold : str
        The columns that name the row and hold its known label.
    votes : Votes
        As for :func:`wide_gold`.

    Raises
    ------
    UserError
        A column does not exist.
    """
    require_columns(frame, (row, gold))
    return _gold(frame[gold], line_rows(frame[row]), votes)


def _gold(labels: pd.Series, rows: Codes, votes: Votes) -> Gold:
    """Return what the labels on the lines of each row come to."""
    codes = votes.codes_of(labels)
    known = np.flatnonzero((rows >= 0) & (codes >= 0))
    found = np.full(votes.n_rows, -1, dtype=np.intp)
    found[rows[known]] = codes[known]
    contradicted = np.zeros(votes.n_rows, dtype=np.bool_)
    contradicted[rows[known[found[rows[known]] != codes[known]]]] = True
    silent = _silent(labels, rows, votes) & (found < 0)
    found[contradicted] = -1
    return Gold(codes=found, notes=tuple(_notes(votes, silent, contradicted)))


def _silent(labels: pd.Series, rows: Codes, votes: Votes) -> Flags:
    """Return the rows on a line of which stands a word for "does not know"."""
    codes, levels = pd.factorize(labels)
    is_word = np.array([*(normal_label(level) in votes.abstain for level in levels), False])
    silent = np.zeros(votes.n_rows, dtype=np.bool_)
    silent[rows[is_word[codes] & (rows >= 0)]] = True
    return silent


def _notes(votes: Votes, silent: Flags, contradicted: Flags) -> Iterator[Message]:
    if silent.any():
        yield message("fusion.gold.abstained", rows=int(silent.sum()))
    if contradicted.any():
        first = votes.names[int(np.flatnonzero(contradicted)[0])]
        yield message("fusion.gold.contradicted", rows=int(contradicted.sum()), name=first)
