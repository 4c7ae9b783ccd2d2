"""Which label each row has: one spelling each, words for "no label" gone, typed ones put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from mlcore.algorithms.propagation import UNREACHED
from mlcore.errors import UserError
from mlcore.fusion.spelling import Vocabulary, normal_label, shown_label
from mlcore.messages import Message, listing, message
from mlcore.splitting import FewLabelsConfig

#: Labels whose spellings a note names.
_MOST_NAMED = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class GivenLabels:
    """The labels of a table from which others are found.

    Parameters
    ----------
    labels : Series of shape (n_rows,), text
        Those that count; missing where a row has none.
    own : Series of shape (n_rows,), text
        Those that the table itself has, without what was typed in.
    notes : tuple of Message
        What was put together, put in and left out.
    """

    labels: pd.Series
    own: pd.Series
    notes: tuple[Message, ...]


def given_labels(label: pd.Series, config: FewLabelsConfig) -> GivenLabels:
    """Return the labels that count.

    Spellings that differ in capitals, blanks or how a number is written are one label, in the
    most frequent spelling, as they are among votes. A typed label that is empty, or a word for "no
    label", leaves what the table has; one of a row that the table does not have is left out.

    Parameters
    ----------
    label : Series of shape (n_rows,), text
        The label column; missing where a row has none.
    config : FewLabelsConfig
        Which words mean "no label", and what was typed in.
    """
    vocabulary = Vocabulary()
    codes = vocabulary.read(label)
    tokens = _normals(config.no_label)
    kept = [n for n, normal in enumerate(vocabulary.normals) if normal not in tokens]
    names = pd.Series({number: vocabulary.shown(number) for number in kept}, dtype="str")
    own = pd.Series(codes, index=label.index).map(names).astype("str")
    typed = _typed(config, len(label), spellings_of(names))
    labels = own.copy()
    for row, name in typed.items():
        labels.iloc[row] = name
    notes = [*_merged(label, codes, kept), *_told(config, len(label), len(typed))]
    return GivenLabels(labels=labels, own=own, notes=tuple(notes))


def clean_label(
    text: str | None, known: Mapping[str, str], no_label: Iterable[str] = ()
) -> str | None:
    """Return what was typed as a label that counts, ``None`` where it means that there is none.

    Parameters
    ----------
    text : str or None
        As typed.
    known : mapping of str to str
        Labels by the form that their spellings share (:func:`spellings_of`): a label that is typed
        otherwise is still that one.
    no_label : iterable of str
        Words for "no label".

    >>> clean_label(" Bee ", {"bee": "bee"}), clean_label("?", {}, ["?"]), clean_label(" ", {})
    ('bee', None, None)
    """
    normal = normal_label(text)
    if normal is None or normal in _normals(no_label):
        return None
    return known.get(normal, shown_label(text))


def spellings_of(names: Iterable[str]) -> dict[str, str]:
    """Return labels by the form that all their spellings share.

    >>> spellings_of(["Red bee", "1"])
    {'red bee': 'Red bee', '1': '1'}
    """
    return {normal_label(name) or "": name for name in names}


def check_class_names(labels: pd.Series, target: str) -> None:
    """Check that no class has the name that stands for rows without an answer.

    Raises
    ------
    UserError
        One has; the sentence says to rename it.
    """
    for name in labels.dropna().unique():
        if normal_label(name) == normal_label(UNREACHED):
            raise UserError("few_labels.reserved_name", name=str(name), target=target)


def _normals(words: Iterable[str]) -> set[str | None]:
    return {normal_label(word) for word in words}


def _typed(config: FewLabelsConfig, n_rows: int, known: dict[str, str]) -> dict[int, str]:
    """Return typed labels by row, cleaned; of two for one row the later counts."""
    found: dict[int, str] = {}
    for row, text in config.typed:
        name = clean_label(text, known, config.no_label)
        found.pop(row, None)
        if name is not None and 0 <= row < n_rows:
            found[row] = name
            known |= {normal: name for normal in spellings_of([name]) if normal not in known}
    return found


def _merged(label: pd.Series, codes: object, kept: list[int]) -> Iterator[Message]:
    """Yield which spellings were taken to be one label."""
    counts = label.value_counts(sort=False).rename_axis("spelling").rename("rows").reset_index()
    first = pd.Series(codes, index=label.to_numpy()).groupby(level=0).first()
    counts = counts.assign(code=counts["spelling"].map(first))
    counts = counts[counts["code"].isin(kept)].sort_values("rows", ascending=False, kind="stable")
    spelled = [group["spelling"] for _, group in counts.groupby("code", sort=False)]
    several = [listing(spellings) for spellings in spelled if len(spellings) > 1]
    if several:
        yield message("few_labels.merged", examples="; ".join(several[:_MOST_NAMED]))


def _told(config: FewLabelsConfig, n_rows: int, typed: int) -> Iterator[Message]:
    if typed:
        code = "few_labels.typed.one" if typed == 1 else "few_labels.typed"
        yield message(code, count=typed)
    outside = sum(not 0 <= row < n_rows for row, _ in config.typed)
    if outside:
        yield message("few_labels.typed_outside", count=outside, rows=f"{n_rows:,}")
