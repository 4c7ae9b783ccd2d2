"""Nearly three hundred odd files, read as a script would: every cell, every name, every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from reading_corpus import Answer, File, Score, compared, corpus, ours, scored
from reading_crossings import KINDS, crossing

from mlcore.errors import UserError


def file_called(file_id: str) -> File:
    return next(file for file in corpus() if file.id == file_id)


@cache
def score_of(file_id: str) -> Score:
    return scored(file_called(file_id), ours, (UserError,))


def ids() -> list[str]:
    return [file.id for file in corpus()]


def test_it_is_large_and_of_many_languages() -> None:
    tables = [file for file in corpus() if file.is_table]
    assert len(tables) >= 150
    assert len({file.language for file in tables}) >= 8
    assert len({file.delimiter for file in tables}) >= 6


@pytest.mark.parametrize("file_id", ids())
def test_every_cell_and_name_comes_back_and_what_is_odd_is_said(file_id: str) -> None:
    score = score_of(file_id)
    assert score.right, score.wrong[:8]
    assert score.warned, "nothing was said of what is odd"
    assert score.flags, score.wrong[:8]


def test_kinds_are_right_in_at_least_99_of_100_columns() -> None:
    scores = [score_of(file_id) for file_id in ids()]
    known, right = (sum(getattr(s, name) for s in scores) for name in ("kinds", "kinds_right"))
    assert known >= 1_000
    wrong = {s.file: s.wrong for s in scores if s.kinds_right < s.kinds}
    assert right >= 0.99 * known, wrong


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_never_looked_at_is_read_right_too(kind: str) -> None:
    scores = [scored(crossing(kind, number), ours, (UserError,)) for number in range(12)]
    wrong = {score.file: score.wrong[:3] for score in scores if not score.right}
    assert not wrong
    assert all(score.warned and score.flags for score in scores)


def damaged_answers() -> Iterator[tuple[str, Answer]]:
    """Answers that are wrong in one thing each, for a file that is read right."""
    right = ours(file_called("dates-day-first").content)
    text, frame = right.text, right.frame
    assert frame is not None and right.kinds is not None
    other = text.copy()
    other.iloc[3, 2] += "0"
    yield "cells", replace(right, text=other)
    yield "cells", replace(right, text=text.iloc[:-1])
    yield "cells", replace(right, text=text.assign(more="x"))
    yield "cells", replace(right, text=text.mask(text == text.iloc[0, 0]))
    yield "names", replace(right, text=text.rename(columns={"date": "data"}))
    yield "kinds", replace(right, kinds=(right.kinds[0],) * 3)
    yield "kinds", replace(right, frame=frame.assign(amount=frame.amount * 10))
    yield "kinds", replace(right, frame=frame.assign(date=frame.date + pd.Timedelta(days=1)))
    yield "flags", replace(right, flagged=frozenset({7}))


@pytest.mark.parametrize("place", range(9))
def test_a_wrong_answer_is_seen(place: int) -> None:
    file = file_called("dates-day-first")
    what, answer = list(damaged_answers())[place]
    score = compared(file, answer)
    seen = {
        "cells": score.cells < 1,
        "names": not score.names,
        "kinds": score.kinds_right < score.kinds,
        "flags": not score.flags,
    }
    assert [name for name, wrong in seen.items() if wrong][0] == what
    assert score.wrong


def test_silence_where_something_must_be_said_is_seen() -> None:
    file = file_called("nul-in-a-cell")
    answer = ours(file.content)
    assert compared(file, answer).warned
    assert not compared(file, replace(answer, warned=False)).warned
