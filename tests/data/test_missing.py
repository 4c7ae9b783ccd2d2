"""Words for "no value": which count in every column, and which only where others speak for it."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from mlcore.data.absence import WORDS, words_for_nothing
from mlcore.data.kinds import type_column
from mlcore.data.levels import levels_of
from mlcore.data.reading import MARKS, MISSING, ReadingOptions, read
from mlcore.data.reading.missing import Present, without_missing
from mlcore.data.schema import ColumnKind


def cleaned(cells: list[str], marks: bool = True) -> Present:
    return without_missing(pa.table({"x": pa.array(cells, pa.large_string())}), marks)


def column(found: Present) -> list[str | None]:
    return list(found.levels["x"].column().to_pylist())


def codes(found: Present) -> set[str]:
    return {said.code for said in (*found.said, *found.cautions)}


@pytest.mark.parametrize("word", MISSING)
def test_a_word_is_missing_in_any_column(word: str) -> None:
    found = cleaned(["a", word, f" {word} ", "b"])
    assert column(found) == ["a", None, None, "b"]
    assert found.missing == {word: 2}


@pytest.mark.parametrize("word", ["无", "空", "none", "unknown", "keine", "0", "Na", "no", "x"])
def test_a_word_that_may_be_an_answer_stays(word: str) -> None:
    assert column(cleaned(["red", word])) == ["red", word]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_can_be_kept(mark: str) -> None:
    assert column(cleaned(["a", mark, "NA"], marks=False)) == ["a", mark, None]


def test_a_mark_among_signs_is_a_value() -> None:
    found = cleaned(["+", "-", "+", "", "NA"])
    assert column(found) == ["+", "-", "+", None, None]
    assert "data.decision.signs_kept" in codes(found)
    assert column(cleaned(["-", "?", "NA"])) == [None] * 3


def test_a_code_that_looks_missing_is_doubted() -> None:
    found = cleaned(["DE", "NA", "FR", "NA"])
    assert column(found) == ["DE", None, "FR", None]
    (caution,) = found.cautions
    assert caution.parameters == {"name": "x", "word": "NA", "count": 2}
    assert column(cleaned(["DE", "NA", "FR"], marks=False)) == ["DE", "NA", "FR"]
    assert not cleaned(["DE", "NA", "France"]).cautions
    assert not read(b"state;size\nNY;1\nNA;NA\nCA;3\n").cautions


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        (["None", "A", "B"] * 8, "None"),
        (["+", "-", "o"] * 8, "-"),
        (["pos", "-"] * 12, "-"),
        (["?", *["yes", "no"] * 8], None),
        (["1", "2", "-"] * 8, None),
        ([*"abcdefghijkl", "-"], None),
    ],
)
def test_a_mark_as_frequent_as_the_groups_is_doubted(cells: list[str], word: str | None) -> None:
    found = cleaned(cells)
    assert [said.parameters["word"] for said in found.cautions] == ([word] if word else [])
    if word:
        assert column(cleaned(cells, marks=False)) == cells


def test_the_files_mark_is_not_doubted() -> None:
    assert not read(b"treat;dose\n" + b"None;None\nA;1\nB;2\n" * 8).cautions


def test_it_is_said_where_words_stood() -> None:
    table = read(b"a;b;c\n1;?;\n?;x;\n3;y;z\n")
    said = [str(one) for one in table.decisions if one.code == "data.decision.missing_columns"]
    assert said == ["Words read as missing, by column: a (“?” 1 times), b (“?” 1 times)."]


def test_words_beside_numbers_follow_the_choice_for_the_file() -> None:
    content = "n;c\n1;无\n无;有点\n3;无\n".encode()
    table = read(content)
    assert table.frame["n"].isna().tolist() == [False, True, False]
    assert table.frame["c"].tolist() == ["无", "有点", "无"]
    kept = read(content, ReadingOptions(marks=False))
    assert kept.frame["n"].tolist() == ["1", "无", "3"]


def test_words_are_known_however_they_are_written() -> None:
    cells = ["k. A.", "Keine Angabe", "N/D", "(missing)", "0000-00-00", "1", "fehlt 3", "a" * 40]
    found = words_for_nothing(levels_of(pa.chunked_array([pa.array(cells, pa.large_string())])))
    assert found.tolist() == [True] * 5 + [False] * 3
    signs = ["..", ":", "#######", "--:--", "-inf", "+", "€", "<0", "±"]
    found = words_for_nothing(levels_of(pa.chunked_array([pa.array(signs, pa.large_string())])))
    assert found.tolist() == [True] * 5 + [False] * 4
    assert all(word == word.lower() and " " not in word for word in WORDS)


@pytest.mark.parametrize("word", [" $ -   ", "-   €", "kr –"])
def test_a_dash_beside_a_currency_may_be_zero(word: str) -> None:
    """Spreadsheets show the amount 0 as a dash beside the currency."""
    unit = word.strip(" -–")
    rows = [f" {unit} {n},{n + 100}.00 " for n in range(1, 9)]
    column, values = type_column(pd.Series([*rows, word, word], name="x", dtype="str").str.strip())
    assert column.unit == unit and values.isna().sum() == 2 and values[7] == 8108
    (said,) = column.cautions
    assert said.code == "data.caution.dash" and said.parameters["count"] == 2


@pytest.mark.parametrize("word", ["inf", "-inf", "Infinity", "1.#INF", "..", ":", "#####"])
def test_what_programs_write_for_no_number_is_missing_beside_numbers(word: str) -> None:
    column, values = type_column(pd.Series(["1.5", word, "2.5"], name="x", dtype="str"))
    assert column.kind is ColumnKind.NUMBER and values.isna().tolist() == [False, True, False]


def test_what_nobody_sees_is_no_part_of_a_value_or_name() -> None:
    """Web pages and programs in Arabic leave characters without a width in what is copied."""
    rows = "".join(
        f"\u200e{i}.{i:02}\u200b,\u202a{i:02}\u200f/12/2023\u202c,{'pq'[i % 2]}\u2060\n"
        for i in range(1, 30)
    )
    table = read(f"\ufeff\u200bn,d\u200e,می\u200cخواهم\n{rows}".encode())
    assert list(table.frame.columns) == ["n", "d", "می\u200cخواهم"]
    kinds = [column.kind for column in table.schema.columns]
    assert kinds == [ColumnKind.NUMBER, ColumnKind.DATETIME, ColumnKind.CATEGORY]
    assert table.frame["n"][28] == 29.29 and table.frame["d"][0] == pd.Timestamp("2023-12-01")
    assert set(table.frame.iloc[:, 2]) == {"p", "q"}
    assert not table.cautions
