"""Who gave which label to which row: one record for a wide table and for a long one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.errors import UserError, did_you_mean
from mlcore.fusion.layout import Layout as Layout
from mlcore.fusion.layout import detect_layout as detect_layout
from mlcore.fusion.spelling import Codes, Vocabulary, in_order, number_of, shown_label
from mlcore.fusion.spelling import normal_label as normal_label
from mlcore.messages import Message, listing, message

Numbers: TypeAlias = npt.NDArray[np.float64]

#: Rows times labels at most where each row has a number for each label: 160 MB a table.
MOST_CELLS = 20_000_000

#: One vote changed by hand: name of the row, source, and the label, None for no vote.
Edit: TypeAlias = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Votes:
    """The labels that sources gave to rows.

    A missing cell is no vote. An abstention is none either, but it tells that the source looked
    at the row, so it counts for coverage.

    Parameters
    ----------
    names : tuple of str, length n_rows
        What each row is called: its number in a wide table, the value of the row column in a long
        one, in the order of the table.
    sources : tuple of str, length n_sources
        The people, rules or models that gave labels.
    classes : tuple of str, length n_classes
        The different labels in their most frequent spelling: by value where all are numbers, else
        in alphabetical order, large and small letters alike.
    row, source, label : int arrays of shape (n_votes,)
        The votes, sorted by row and source; at most one for each row and source.
    abstained_row, abstained_source : int arrays of shape (n_abstentions,)
        Where a source said that it does not know, sorted likewise.
    values : float array of shape (n_classes,), optional
        The classes as numbers, where all of them are.
    abstain : tuple of str, default ()
        The words that mean an abstention, in the form of :func:`normal_label`.
    notes : tuple of Message, default ()
        What was decided while reading: spellings put together, votes that were given twice, rows
        that have none.
    """

    names: tuple[str, ...]
    sources: tuple[str, ...]
    classes: tuple[str, ...]
    row: Codes
    source: Codes
    label: Codes
    abstained_row: Codes
    abstained_source: Codes
    values: Numbers | None
    abstain: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows, those without a vote included."""
        return len(self.names)

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return len(self.sources)

    @property
    def n_classes(self) -> int:
        """Number of different labels."""
        return len(self.classes)

    @property
    def n_votes(self) -> int:
        """Number of votes."""
        return len(self.row)

    def per_row(self) -> Codes:
        """Return how many votes each row has, shape (n_rows,)."""
        return np.bincount(self.row, minlength=self.n_rows).astype(np.intp)

    def per_source(self) -> Codes:
        """Return how many votes each source gave, shape (n_sources,)."""
        return np.bincount(self.source, minlength=self.n_sources).astype(np.intp)

    def counts(self, weights: Numbers | None = None) -> Numbers:
        """Return how many votes each class has in each row.

        Parameters
        ----------
        weights : float array of shape (n_sources,), optional
            What a vote of each source counts; 1 by default.

        Returns
        -------
        float array of shape (n_rows, n_classes)

        Raises
        ------
        UserError
            There are more than :data:`MOST_CELLS` of them.
        """
        require_room(self)
        cell = self.row * self.n_classes + self.label
        each = None if weights is None else weights[self.source]
        counted = np.bincount(cell, each, minlength=self.n_rows * self.n_classes)
        return counted.astype(np.float64).reshape(self.n_rows, self.n_classes)

    def codes_of(self, labels: pd.Series | Sequence[Any]) -> Codes:
        """Return the class number of labels from elsewhere, such as a gold column.

        -1 stands for a missing label and for one that is not among the classes.
        """
        number = {normal_label(name): place for place, name in enumerate(self.classes)}
        codes, levels = pd.factorize(pd.Series(labels))
        known = [number.get(normal_label(value), -1) for value in levels]
        return np.array([*known, -1], dtype=np.intp)[codes]


def wide_votes(
    frame: pd.DataFrame,
    sources: Sequence[str],
    abstain: Iterable[Any] = (),
    classes: Iterable[Any] = (),
) -> Votes:
    """Read votes from a table with one column for each source.

    Parameters
    ----------
    frame : DataFrame
        One line a row; its index names the rows.
    sources : sequence of str
        The columns with votes.
    abstain : iterable, default ()
        Labels that mean "does not know".
    classes : iterable, default ()
        Labels that are classes even if no source uses them, such as those of a gold column.

    Raises
    ------
    UserError
        No column is chosen, one does not exist, or none of them holds a single vote.
    """
    chosen = tuple(dict.fromkeys(sources))
    if not chosen:
        raise UserError("fusion.no_sources")
    require_columns(frame, chosen)
    vocabulary = Vocabulary()
    columns = [vocabulary.read(frame[name], place) for place, name in enumerate(chosen)]
    rows = [np.flatnonzero(column >= 0) for column in columns]
    return _assembled(
        names=tuple(map(str, frame.index)),
        sources=chosen,
        row=np.concatenate(rows).astype(np.intp),
        source=np.repeat(np.arange(len(chosen)), [len(row) for row in rows]).astype(np.intp),
        number=np.concatenate([column[column >= 0] for column in columns]),
        vocabulary=vocabulary,
        abstain=abstain,
        classes=classes,
    )


def long_votes(
    frame: pd.DataFrame,
    row: str,
    source: str,
    label: str,
    abstain: Iterable[Any] = (),
    classes: Iterable[Any] = (),
) -> Votes:
    """Read votes from a table with one line for each vote.

    Where a source voted twice on a row its last vote counts. Lines that name no row or no source
    are left out; lines without a label are no votes, but their row is kept.

    Parameters
    ----------
    frame : DataFrame
        One line a vote.
    row, source, label : str
        The columns that name the row, name the source, and hold the label.
    abstain, classes
        As for :func:`wide_votes`.

    Raises
    ------
    UserError
        A column does not exist, one was chosen twice, or there is not a single vote.
    """
    if len({row, source, label}) < 3:
        raise UserError("fusion.same_column")
    require_columns(frame, (row, source, label))
    vocabulary = Vocabulary()
    rows, names = _names(frame[row])
    voters, sources = _names(frame[source])
    numbers = vocabulary.read(frame[label])
    is_named = (rows >= 0) & (voters >= 0)
    said = np.flatnonzero(is_named & (numbers >= 0))
    kept = said[_last_of_each(rows[said] * len(sources) + voters[said])]
    return _assembled(
        names=names,
        sources=sources,
        row=rows[kept],
        source=voters[kept],
        number=numbers[kept],
        vocabulary=vocabulary,
        abstain=abstain,
        classes=classes,
        repeated=len(said) - len(kept),
        nameless=int((~is_named).sum()),
    )


def require_room(votes: Votes, column: str | None = None) -> None:
    """Check that there is room for a number for each row and label.

    A free text or an identifier that was taken for a source has a label of its own on each row.

    Parameters
    ----------
    votes : Votes
        The votes.
    column : str, optional
        Where all labels stand, in a long table; else the source with the most labels is named.

    Raises
    ------
    UserError
        There is not.
    """
    cells = votes.n_rows * votes.n_classes
    if cells <= MOST_CELLS:
        return
    pairs = np.unique(votes.source * votes.n_classes + votes.label)
    each = np.bincount(pairs // votes.n_classes, minlength=votes.n_sources)
    most = int(each.argmax())
    raise UserError(
        "fusion.too_many_cells",
        name=column or votes.sources[most],
        own=votes.n_classes if column else int(each[most]),
        labels=votes.n_classes,
        rows=votes.n_rows,
        most=MOST_CELLS,
    )


def require_columns(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Check that columns exist.

    Raises
    ------
    UserError
        One does not.
    """
    for name in names:
        if name not in frame:
            known = [str(column) for column in frame]
            raise UserError("fusion.no_column", name=name, hint=did_you_mean(name, known))


def _names(values: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Return for each line the number of its name, and the names in the order they are met."""
    codes, levels = pd.factorize(values)
    texts = [shown_label(value) for value in levels]
    names = tuple(dict.fromkeys(text for text in texts if text is not None))
    number = {text: place for place, text in enumerate(names)}
    numbers = [-1 if text is None else number[text] for text in texts]
    return np.array([*numbers, -1], dtype=np.intp)[codes], names


def line_rows(names: pd.Series) -> Codes:
    """Return the number of the row that each line of a long table is about; -1 where it says none.

    Parameters
    ----------
    names : Series of shape (n_lines,)
        The column that names the row.
    """
    return _names(names)[0]


def _last_of_each(keys: Codes) -> Codes:
    """Return where each different key stands for the last time."""
    _, from_end = np.unique(keys[::-1], return_index=True)
    return np.asarray(np.sort(len(keys) - 1 - from_end), dtype=np.intp)


def _assembled(
    *,
    names: tuple[str, ...],
    sources: tuple[str, ...],
    row: Codes,
    source: Codes,
    number: Codes,
    vocabulary: Vocabulary,
    abstain: Iterable[Any],
    classes: Iterable[Any],
    repeated: int = 0,
    nameless: int = 0,
) -> Votes:
    """Return votes whose labels are numbers of a vocabulary, with what there is to say."""
    tokens = tuple(dict.fromkeys(filter(None, map(normal_label, abstain))))
    abstained = {vocabulary.number(token) for token in tokens}
    named = {vocabulary.number(label) for label in classes} - {-1}
    used = (set(np.unique(number).tolist()) | named) - abstained
    order = np.lexsort((source, row))
    row, source, number = row[order], source[order], number[order]
    is_vote = ~np.isin(number, list(abstained))
    if not is_vote.any():
        raise UserError("fusion.no_votes", sources=listing(sources))
    normals = in_order(vocabulary.normals[label] for label in used)
    numbers = [vocabulary.number(normal) for normal in normals]
    code = np.full(len(vocabulary.normals), -1, dtype=np.intp)
    code[numbers] = np.arange(len(numbers))
    votes = Votes(
        names=names,
        sources=sources,
        classes=tuple(vocabulary.shown(label) for label in numbers),
        row=row[is_vote],
        source=source[is_vote],
        label=code[number[is_vote]],
        abstained_row=row[~is_vote],
        abstained_source=source[~is_vote],
        values=_values(normals),
        abstain=tokens,
    )
    merged = [vocabulary.spellings(label) for label in numbers]
    return replace(votes, notes=tuple(_notes(votes, merged, repeated, nameless)))


def _values(normals: Iterable[str]) -> Numbers | None:
    numbers = [number_of(normal) for normal in normals]
    return None if None in numbers else np.array(numbers, dtype=np.float64)


def _notes(
    votes: Votes, spellings: list[list[str]], repeated: int, nameless: int
) -> Iterable[Message]:
    merged = [spelled for spelled in spellings if len(spelled) > 1]
    if merged:
        examples = "; ".join(listing(spelled) for spelled in merged[:3])
        yield message("fusion.votes.merged", labels=len(merged), examples=examples)
    if repeated:
        yield message("fusion.votes.repeated", votes=repeated)
    if nameless:
        yield message("fusion.votes.nameless", lines=nameless)
    yield from _gaps(votes)


#: What is said of a table as it was read; the rest is about the votes as they are now.
_OF_THE_TABLE = ("fusion.votes.merged", "fusion.votes.repeated", "fusion.votes.nameless")


def _gaps(votes: Votes) -> Iterable[Message]:
    """Yield which rows have no vote, and which words nobody used."""
    yield from without_vote(votes)
    if votes.abstain and not len(votes.abstained_row):
        yield message("fusion.votes.no_abstention", words=listing(votes.abstain))


def without_vote(votes: Votes) -> tuple[Message, ...]:
    """Return a sentence on the rows without any vote, where there are any."""
    empty = int((votes.per_row() == 0).sum())
    return (message("fusion.votes.none", rows=empty, of=votes.n_rows),) if empty else ()


def aligned(votes: Votes, sources: Sequence[str], classes: Sequence[str]) -> Votes:
    """Return votes in terms of the sources and classes that a fitted rule knows.

    Votes of sources that were never seen are left out, and so are labels that were not: both say
    nothing that the rule could use.

    Parameters
    ----------
    votes : Votes
        New votes.
    sources, classes : sequence of str
        What the rule was fitted with, in that order.
    """
    voter = {name: place for place, name in enumerate(sources)}
    voters = np.array([voter.get(name, -1) for name in votes.sources], dtype=np.intp)
    known = {normal_label(name): place for place, name in enumerate(classes)}
    codes = np.array([known.get(normal_label(name), -1) for name in votes.classes], dtype=np.intp)
    row, source, label = _sorted(votes.row, voters[votes.source], codes[votes.label])
    silent_row, silent, _ = _sorted(
        votes.abstained_row, voters[votes.abstained_source], votes.abstained_row
    )
    return replace(
        votes,
        sources=tuple(sources),
        classes=tuple(classes),
        row=row,
        source=source,
        label=label,
        abstained_row=silent_row,
        abstained_source=silent,
        values=_values(normal_label(name) or "" for name in classes),
    )


def _sorted(row: Codes, source: Codes, label: Codes) -> tuple[Codes, Codes, Codes]:
    """Return the known votes, sorted by row and source."""
    kept = np.flatnonzero((source >= 0) & (label >= 0))
    order = kept[np.lexsort((source[kept], row[kept]))]
    return row[order], source[order], label[order]


def replaced(votes: Votes, edits: Iterable[Edit]) -> Votes:
    """Return the votes after some were changed by hand.

    Parameters
    ----------
    votes : Votes
        The votes before.
    edits : iterable of (row name, source, label)
        What each cell says now: a label, also a new one; a word for abstaining; or None for no
        vote. The last edit of a cell counts.

    Raises
    ------
    UserError
        There is no such row or source, or no vote is left.
    """
    rows = {name: place for place, name in enumerate(votes.names)}
    voters = {name: place for place, name in enumerate(votes.sources)}
    changed: dict[tuple[int, int], str | None] = {}
    for name, source, label in edits:
        cell = (_place(name, rows, "fusion.no_row"), _place(source, voters, "fusion.no_source"))
        changed[cell] = normal_label(label) and label
    return _reassembled(votes, changed)


def _place(name: str, places: dict[str, int], code: str) -> int:
    if name not in places:
        raise UserError(code, name=name, hint=did_you_mean(name, places))
    return places[name]


def _reassembled(votes: Votes, changed: dict[tuple[int, int], str | None]) -> Votes:
    vocabulary = Vocabulary()
    vocabulary.read(pd.Series(votes.classes, dtype="str"))
    silent = [vocabulary.number(token) for token in votes.abstain[:1]] * len(votes.abstained_row)
    given = {cell: label for cell, label in changed.items() if label is not None}
    row = np.concatenate([votes.row, votes.abstained_row])
    source = np.concatenate([votes.source, votes.abstained_source])
    edited = np.array([place * votes.n_sources + voter for place, voter in changed], dtype=np.intp)
    kept = ~np.isin(row * votes.n_sources + source, edited)
    known = set(vocabulary.normals)
    fresh = [label for label in given.values() if normal_label(label) not in known]
    vocabulary.read(pd.Series(fresh, dtype="str"))
    numbers = np.array([*map(vocabulary.number, given.values())], dtype=np.intp)
    cells = np.array(list(given), dtype=np.intp).reshape(-1, 2)
    made = _assembled(
        names=votes.names,
        sources=votes.sources,
        row=np.concatenate([row[kept], cells[:, 0]]),
        source=np.concatenate([source[kept], cells[:, 1]]),
        number=np.concatenate(
            [np.concatenate([votes.label, np.array(silent, dtype=np.intp)])[kept], numbers]
        ),
        vocabulary=vocabulary,
        abstain=votes.abstain,
        classes=votes.classes,
    )
    of_table = (note for note in votes.notes if note.code in _OF_THE_TABLE)
    return replace(made, notes=(*of_table, *_gaps(made)))
