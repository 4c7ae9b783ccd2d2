"""Rules of reading that hold for any table and for any bytes."""

from __future__ import annotations

import codecs
import random
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading_corpus import corpus

from mlcore.data.reading import ReadingOptions, Table, read
from mlcore.errors import UserError

DELIMITERS = [",", ";", "\t", "|"]
LINE_ENDS = ["\n", "\r\n", "\r"]
#: Encodings that a file says, or that its bytes show beyond doubt.
UNICODE = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
}
ALPHABETS = [
    "abcdefghij",
    "äöüßéèàñçø",
    "клмнопрсту",
    "αβγδεζηθικ",
    "人口城市天地山水春秋",
    "あいうえおカキクケコ",
]
INSIDE = [",", ";", "\t", "|", '"', "'", "\n", "\r\n", " "]


@dataclass(frozen=True)
class Written:
    """A table and the file that it was written to."""

    names: list[str]
    rows: list[list[str]]
    content: bytes


def field(value: str, delimiter: str, quote: str, every: bool) -> str:
    needs = every or any(mark in value for mark in (delimiter, quote, "\n", "\r"))
    return quote + value.replace(quote, quote * 2) + quote if needs else value


@st.composite
def ordinary_tables(draw: st.DrawFn) -> Written:
    """Names above words and numbers, some cells with all that needs quotation marks."""
    delimiter = draw(st.sampled_from(DELIMITERS))
    encoding = draw(st.sampled_from(list(UNICODE)))
    every, letters = draw(st.booleans()), draw(st.sampled_from(ALPHABETS))
    decimal = draw(st.sampled_from([",", "."])) if every or delimiter != "," else "."
    words = st.text(letters, min_size=2, max_size=8)
    inside = st.lists(st.sampled_from(INSIDE), max_size=3).map("".join)
    remarks = st.tuples(words, inside, words, inside, words).map("".join)
    amounts = st.integers(-99_999, 99_999).map(lambda n: f"{n / 100:.2f}".replace(".", decimal))
    counts = st.integers(0, 500).map(str)
    more = [kind for kind in (counts, remarks) if draw(st.booleans())]
    kinds = [amounts, words, *more]
    order = draw(st.permutations(range(len(kinds))))
    row = st.tuples(*(kinds[place] for place in order)).map(list)
    names = draw(st.lists(words, min_size=len(kinds), max_size=len(kinds), unique=True))
    rows = draw(st.lists(row, min_size=3, max_size=12))
    end = draw(st.sampled_from(LINE_ENDS))
    lines = [delimiter.join(field(v, delimiter, '"', every) for v in row) for row in [names, *rows]]
    text = end.join(lines) + (end if draw(st.booleans()) else "")
    return Written(names, rows, UNICODE[encoding] + text.encode(encoding))


@settings(max_examples=120)
@given(written=ordinary_tables())
def test_an_ordinary_table_comes_back_without_a_word_about_it(written: Written) -> None:
    table = read(written.content)
    assert table.text.columns.tolist() == written.names
    assert table.text.to_numpy().tolist() == written.rows
    assert not table.repairs


#: Any character but those that no text holds and the mark that a file may begin with.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"))


@st.composite
def told_tables(draw: st.DrawFn) -> tuple[Written, ReadingOptions]:
    """Anything at all in the cells, and everything told about how it is written."""
    delimiter = draw(st.sampled_from([*DELIMITERS, ":", "^", "~", "\x1f", "、"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]))
    quote, header = draw(st.sampled_from(['"', "'"])), draw(st.booleans())
    n_columns = draw(st.integers(2, 5))
    cells = ANY_TEXT | st.lists(st.sampled_from([*INSIDE, delimiter, "a", "1"])).map("".join)
    rows = draw(
        st.lists(st.lists(cells, min_size=n_columns, max_size=n_columns), min_size=1, max_size=8)
    )
    names = [f"n{place}" for place in range(n_columns)]
    end = draw(st.sampled_from(LINE_ENDS))
    text = "".join(
        delimiter.join(field(value, delimiter, quote, True) for value in row) + end
        for row in ([names] if header else []) + rows
    )
    options = ReadingOptions(
        encoding=encoding, delimiter=delimiter, quote=quote, escape="", header=header, skip=0,
        comment="", table=0, decimal=".", thousands="",
    )  # fmt: skip
    return Written(names if header else [], rows, text.encode(encoding)), options


@settings(max_examples=120)
@given(made=told_tables())
def test_any_table_comes_back_when_it_is_told_how_it_is_written(
    made: tuple[Written, ReadingOptions],
) -> None:
    written, options = made
    table = read(written.content, options)
    assert table.text.to_numpy().tolist() == written.rows
    assert not table.repairs
    if written.names:
        assert table.text.columns.tolist() == written.names


def test_a_line_that_opens_a_field_is_not_the_end_of_the_record_before() -> None:
    rows = [["", "", "", ""], ["", "", "", ":"], ["", "", "", "0::::"], ["\n", "", "", ""]]
    lines = [":".join(field(value, ":", '"', True) for value in row) for row in rows]
    options = ReadingOptions(
        delimiter=":", quote='"', escape="", header=False, skip=0, comment="", table=0
    )
    table = read("\n".join(lines).encode(), options)
    assert table.text.to_numpy().tolist() == rows
    assert not table.repairs


def must_be_whole(table: Table) -> None:
    """Everything about a table fits together, and every sentence can be said."""
    reading = table.reading
    assert table.text.shape == table.frame.shape == (reading.n_rows, reading.n_columns)
    assert table.text.columns.is_unique
    assert list(table.text.columns) == list(table.frame.columns) == list(table.schema.names)
    assert all(table.text.columns)
    said = [*table.decisions, *table.cautions, *(repair.what for repair in table.repairs)]
    said += [column.reason for column in table.schema.columns]
    assert all(map(str, said))
    assert reading.n_repairs == sum(reading.repair_counts.values()) >= len(table.repairs)


def must_read_or_refuse(content: bytes) -> None:
    try:
        must_be_whole(read(content))
    except UserError as error:
        assert str(error)


@settings(max_examples=150)
@given(content=st.binary(max_size=400))
@example(content=b"\xff\xfe")
@example(content=b"\0\0\xfe\xff\0")
@example(content=b'"')
@example(content=b'a,b\n"')
@example(content=b"sep=;")
@example(content=b"sep=\n1\n")
@example(content=b"#\n#\n")
def test_any_bytes_are_a_table_or_refused_with_a_sentence(content: bytes) -> None:
    must_read_or_refuse(content)


PIECES = [*"\"',;\t|\n\r#\\ 1aé中\0", "1,5", "sep="]


@settings(max_examples=250)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_marks_are_a_table_or_refused_with_a_sentence(pieces: list[str]) -> None:
    must_read_or_refuse("".join(pieces).encode())


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Return bytes with a few places cut out, doubled, exchanged or overwritten."""
    found = bytearray(content)
    for _ in range(dice.randrange(1, 5)):
        place, size = dice.randrange(len(found) + 1), dice.choice([1, 1, 2, 7, 60])
        piece = bytes(found[place : place + size])
        mark = dice.choice([b'"', b"\n", b"\r", b",", b";", b"\0", b"\xff", b"\t", b"'"])
        found[place : place + size] = dice.choice([b"", piece * 2, piece[::-1], mark, mark + piece])
    return bytes(found)


@pytest.mark.parametrize("part", range(6))
def test_a_damaged_file_is_a_table_or_refused_with_a_sentence(part: int) -> None:
    dice = random.Random(part)
    small = [file.content for file in corpus() if len(file.content) < 5_000]
    for content in dice.sample(small, 12):
        must_read_or_refuse(damaged(content, dice))
