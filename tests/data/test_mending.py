"""Damaged records: what is made of each, what is said, and how it is taken back."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlcore.data import fields
from mlcore.data.fields import Effort, Split, Splitter, Writing
from mlcore.data.reading import ReadingOptions, Table, delimited, read, reader, records
from mlcore.errors import UserError

NAMES = ["name", "town", "price", "day", "paid"]


def rows(n: int = 24) -> list[list[str]]:
    dice = random.Random(7)
    towns, answers = ["Bonn", "Ulm", "Bad Ems"], ["yes", "no"]
    return [
        [
            f"Ann {chr(97 + row)}lder",
            dice.choice(towns),
            f"{dice.uniform(1000, 9000):.2f}",
            f"2024-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
            dice.choice(answers),
        ]
        for row in range(n)
    ]


ROWS = rows()


def lines(delimiter: str = ",", every: bool = False) -> list[str]:
    mark = '"' if every else ""
    return [delimiter.join(f"{mark}{cell}{mark}" for cell in row) for row in [NAMES, *ROWS]]


def file_of(made: list[str]) -> bytes:
    return ("\n".join(made) + "\n").encode()


def changed(line: int, *instead: str, every: bool = False) -> bytes:
    """The file with other lines in place of one (the header is line 1)."""
    made = lines(every=every)
    made[line - 1 : line] = instead
    return file_of(made)


def codes(table: Table) -> list[tuple[int, str]]:
    return [(one.line, one.what.code.removeprefix("data.repair.")) for one in table.repairs]


TENTH = ROWS[8]
A, B, C, D, E = TENTH
QUOTED = [f'"{cell}"' for cell in TENTH]
MENDED = {
    "torn in a number": ("torn", changed(10, f"{A},{B},{C[:3]}", f"{C[3:]},{D},{E}")),
    "torn in three": ("torn", changed(10, f"{A},{B}", f",{C[:3]}", f"{C[3:]},{D},{E}")),
    "torn behind a delimiter": ("torn", changed(10, f"{A},{B},", f"{C},{D},{E}")),
    "semicolons": ("other_delimiter", changed(10, ";".join(TENTH))),
    "tabs": ("other_delimiter", changed(10, "\t".join(TENTH))),
    "empty ones behind": ("extra_empty", changed(10, ",".join(TENTH) + ",,,")),
    "a mark opened": ("stray_quote", changed(10, '"' + ",".join(TENTH))),
    "a mark not closed": ("stray_quote", changed(10, f'"{A},"{B}",{C},{D},{E}', every=True)),
    "a mark not opened": ("stray_quote", changed(10, f'"{A}",{B}","{C}","{D}","{E}"', every=True)),
}


@pytest.mark.parametrize("name", MENDED)
def test_a_damaged_record_is_mended_listed_and_taken_back(name: str) -> None:
    code, content = MENDED[name]
    table = read(content)
    assert table.text.to_numpy().tolist() == ROWS
    assert codes(table) == [(10, code)]
    assert "data.caution.mended" in {said.code for said in table.cautions}
    repair = table.repairs[0]
    assert not repair.undone and repair.before != repair.after == ",".join(TENTH)
    back = read(content, ReadingOptions(undone=(10,)))
    assert back.repairs[0].undone and back.repairs[0].what == repair.what
    assert back.text.to_numpy().tolist()[:8] == ROWS[:8]
    assert read(content, ReadingOptions(undone=())).text.equals(table.text)


def test_a_mend_that_is_taken_back_leaves_the_record_as_it_is() -> None:
    _, content = MENDED["semicolons"]
    back = read(content, ReadingOptions(undone=(10,)))
    assert back.text.iloc[8].tolist() == [";".join(TENTH), "", "", "", ""]
    _, content = MENDED["torn in a number"]
    back = read(content, ReadingOptions(undone=(10,)))
    assert len(back.text) == len(ROWS) + 1
    assert codes(back) == [(10, "torn")] and back.repairs[0].undone


def test_two_records_on_a_line_are_taken_apart() -> None:
    made = lines()
    made[10:12] = [made[10] + "," + made[11]]
    table = read(file_of(made))
    assert table.text.to_numpy().tolist() == ROWS
    assert codes(table) == [(11, "two_records")]


def test_a_number_whose_thousands_were_not_quoted_is_joined() -> None:
    content = changed(10, f"{A},{B},{C[0]},{C[1:]},{D},{E}")
    table = read(content)
    assert table.text["price"][8] == f"{C[0]},{C[1:]}"
    assert table.frame["price"][8] == float(C)
    assert codes(table) == [(10, "joined")]


def test_what_cannot_be_joined_in_one_clear_way_is_kept_and_counted() -> None:
    table = read(b"a,b,c\n" + b"x y,z w,v u\nq r,s t,m n\n" * 9 + b"o p,k l,i j,g h\n" + b"1,2,3\n")
    assert table.text.iloc[18].tolist() == ["o p", "k l", "i j"]
    assert codes(table) == [(20, "too_many")]
    (caution,) = table.cautions
    assert caution.code == "data.caution.cells_lost" and caution.parameters["cells"] == 1


def test_a_header_in_the_middle_and_a_mark_of_another_file_are_left_out() -> None:
    made = lines()
    made.insert(12, "\ufeff" + made[0])
    table = read(file_of(made))
    assert table.text.to_numpy().tolist() == ROWS
    assert codes(table) == [(13, "mark_inside"), (13, "header_again")]


AROUND = {
    "titles": (["Sales of 2024", "all shops", ""], [], "", []),
    "notes": ([], ["", "Source: till", "(24 rows)"], "", ["empty_line", "footer", "footer"]),
    "comments": (["# made by a logger"], ["# end"], "#", ["comment"]),
    "slashes": (["// a", "// b"], [], "//", []),
    "facts": (["Device,Thermo 3", "Number,0047", ""], [], "", []),
}


@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_a_table_is_no_row_of_it(name: str) -> None:
    above, below, comment, said = AROUND[name]
    table = read(file_of([*above, *lines(), *below]))
    assert table.text.to_numpy().tolist() == ROWS
    assert list(table.text.columns) == NAMES
    assert table.reading.options.skip == len(above)
    assert table.reading.options.comment == comment
    assert [code for _, code in codes(table)] == said


def test_a_note_that_is_taken_back_becomes_a_row() -> None:
    content = file_of([*lines(), "Source: till"])
    assert len(read(content).text) == 24
    back = read(content, ReadingOptions(undone=(26,)))
    assert back.text.iloc[24].tolist() == ["Source: till", "", "", "", ""]


SMALL = ["town,people", *(f"Town {n},{n * 931}" for n in range(5))]


@pytest.mark.parametrize("between", [[""], [], ["What was sold"]])
def test_of_several_tables_the_largest_is_read_and_another_can_be_chosen(
    between: list[str],
) -> None:
    content = file_of([*SMALL, *between, *lines()])
    table = read(content)
    assert table.text.to_numpy().tolist() == ROWS
    places = [(one.first_line, one.n_rows, one.n_columns) for one in table.reading.tables]
    assert places == [(1, 5, 2), (7 + len(between), 24, 5)]
    assert "data.caution.tables" in {said.code for said in table.cautions}
    other = read(content, ReadingOptions(table=0))
    assert list(other.text.columns) == ["town", "people"] and len(other.text) == 5


def test_a_table_right_below_a_large_one_can_be_chosen() -> None:
    content = file_of([*lines(), *SMALL])
    table = read(content)
    assert table.text.to_numpy().tolist() == ROWS and not table.repairs
    assert len(read(content, ReadingOptions(table=1)).text) == 5


@pytest.mark.parametrize(
    "odd",
    [
        [line.rpartition(",")[0] for line in lines()[5:15]],
        [f"{line},{line}" for line in lines()[5:9]],
        ["who,where,what,on", *[line.rpartition(",")[0] for line in lines()[5:7]]],
    ],
    ids=["a value missing for long", "two records on a line", "too few to be a table"],
)
def test_records_of_another_width_are_no_table_of_their_own(odd: list[str]) -> None:
    table = read(file_of([*lines()[:5], *odd, *lines()[15:]]))
    assert len(table.reading.tables) == 1 and list(table.text) == NAMES


def test_lines_can_be_skipped_by_choice() -> None:
    table = read(file_of(lines()), ReadingOptions(skip=3, header=False))
    assert table.text.to_numpy().tolist() == ROWS[2:]


@pytest.mark.parametrize("delimiter", [":", "^", "~", "\x1f", "¦", "、", "#", "&", "\x01"])
def test_unusual_delimiters_are_found(delimiter: str) -> None:
    table = read(file_of(lines(delimiter)))
    assert table.text.to_numpy().tolist() == ROWS and not table.repairs
    assert table.reading.options.delimiter == delimiter


@pytest.mark.parametrize("gap", [" ", "   "])
def test_columns_aligned_by_spaces_are_found(gap: str) -> None:
    made = [["n", "mass", "speed"], *([str(n), f"{n / 7:.3f}", f"{n * 1.5:.1f}"] for n in range(9))]
    table = read(file_of([gap.join(cell.rjust(6) for cell in row) for row in made]))
    assert table.text.to_numpy().tolist() == made[1:]
    assert list(table.text.columns) == made[0]


def test_two_or_more_spaces_divide_where_names_hold_one() -> None:
    made = [f"{row[0]:12}  {row[1]:9}  {row[2]:>9}" for row in [NAMES, *ROWS]]
    table = read(file_of(made))
    assert table.text.to_numpy().tolist() == [row[:3] for row in ROWS]


@pytest.mark.parametrize("content", [b"day\n2021/01/02\n2021/02/03\n", b"t\n10:20\n11:30\n09:15\n"])
def test_one_column_of_dates_or_times_is_not_divided(content: bytes) -> None:
    assert read(content).text.shape[1] == 1


def test_marks_behind_a_backslash_are_part_of_the_cell() -> None:
    content = b'a,b\n"say \\"hi\\", ok",1\n"x",2\n"y \\"z\\"",3\n'
    table = read(content)
    assert table.text["a"].tolist() == ['say "hi", ok', "x", 'y "z"']
    assert table.reading.options.escape == "\\" and not table.repairs


def test_halves_of_numbers_are_joined_where_no_decimal_comma_was_quoted() -> None:
    content = b"ware,preis,da\n" + b"Tee,1,50,ja\nReis,12,25,nein\nTee,3,75,ja\n" * 3
    table = read(content)
    assert table.frame["preis"].tolist() == [1.5, 12.25, 3.75] * 3
    assert "data.caution.commas_joined" in {said.code for said in table.cautions}


def test_a_last_row_that_sums_up_is_kept_and_said() -> None:
    table = read(b"shop,n\nA,1\nB,2\nC,3\nTotal,6\n")
    assert len(table.text) == 4
    assert "data.caution.totals" in {said.code for said in table.cautions}


SPLITS = [
    ('a,"b,c",d', ["a", "b,c", "d"], 0, False),
    ('"a""b",c', ['a"b', "c"], 0, False),
    ('"Bob "Bob" B",x', ['Bob "Bob" B', "x"], 2, False),
    ('"open,b', ['"open', "b"], 1, True),
    ('x,5" pipe,', ["x", '5" pipe', ""], 0, False),
    ('a, "b, c" ,d', ["a", "b, c", "d"], 0, False),
    ('"",""', ["", ""], 0, False),
]


@pytest.mark.parametrize(("text", "cells", "stray", "is_open"), SPLITS)
def test_a_line_is_divided(text: str, cells: list[str], stray: int, is_open: bool) -> None:
    assert Splitter(Writing(delimiter=",")).split(text) == Split(cells, stray, is_open)


def test_quotes_are_read_so_that_the_record_has_its_width() -> None:
    splitter = Splitter(Writing(delimiter=","))
    text = '"Alice,"Leeds","k, l"'
    assert splitter.best_split(text, 3, Effort(10**6)) == ['"Alice', "Leeds", "k, l"]
    assert splitter.best_split(text, 9, Effort(10**6)) is None
    assert splitter.best_split(text, 3, Effort(0)) is None


HOSTILE = [
    b'"x,y\n',
    b'"a","b\n1,2\n',
    b'a","b\n',
    b'",\n',
    b'"1,"x","3"\n',
    b"1,2,3,4\n",
    b"#\n1\n",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_search_for_a_good_reading_is_bounded(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the text takes about twice the looks at lines, whatever its quotation marks are."""
    looks = [0]
    goes_on, split = Splitter.goes_on, Splitter.split

    def counted_goes_on(self: Splitter, text: str) -> bool:
        looks[0] += 1
        return goes_on(self, text)

    def counted_split(self: Splitter, text: str) -> Split:
        looks[0] += 1
        return split(self, text)

    monkeypatch.setattr(Splitter, "goes_on", counted_goes_on)
    monkeypatch.setattr(Splitter, "split", counted_split)
    counts = []
    for times in (4_000, 8_000):
        looks[0] = 0
        read(b"a,b\n" + b"x,y\n" * 50 + piece * times)
        counts.append(looks[0])
    assert counts[1] < 2.5 * counts[0] + 1000


def test_a_file_of_tangled_quotation_marks_is_refused_unless_they_are_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fields, "_MOST_ODD", 500)
    content = b"a,b\n" + b'"x"y"z",1\n' * 2_000
    with pytest.raises(UserError, match="quotation marks open or close nothing") as refused:
        read(content)
    assert refused.value.code == "data.quotes_tangled"
    table = read(content, ReadingOptions(quote=""))
    assert table.reading.n_rows == 2_000
    assert table.text["a"].iloc[-1] == '"x"y"z"'


#: What is put somewhere into a table to damage it.
DAMAGE = ['"', '"', '""', '"""', ",", "\n", "\n\n", " ", "#", "\t"]


@st.composite
def damaged_tables(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from([",", ";", "|"]))
    ending = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    dice = draw(st.randoms(use_true_random=False))
    cells = ["12", "7.5", "", "red", "dark blue", '5"', '"a, b"', f'"x{ending}y"', '"say ""hi"""']
    made = [["number", "word", "", "day"]]
    for n in range(dice.randrange(5, 40)):
        made.append([str(n), *dice.choices(cells, k=2), f"2024-01-{10 + n}"])
    text = ending.join(delimiter.join(row) for row in made)
    for _ in range(dice.randrange(4)):
        place = dice.randrange(len(text))
        text = text[:place] + dice.choice(DAMAGE) + text[place + dice.randrange(2) :]
    return text.encode()


def careful(content: bytes, plain_lines: Callable[..., object]) -> object:
    """What is read with care where only some lines count as plain, and those are read fast."""
    with (
        patch.object(records, "_LONG_STRETCH", 1),
        patch.object(records, "_plain_lines", plain_lines),
        patch.object(delimited, "read_clean", return_value=None),
    ):
        try:
            table = read(content)
        except UserError as error:
            return str(error)
    return (table.text.fillna("").to_dict(), table.repairs, table.cautions, table.decisions)


DAYS = b"n,day\n" + b"".join(b"%d,2024-01-%d\n" % (n, n) for n in range(10, 31))

QUOTED = b"".join(b'"%s"\n' % line.replace(b",", b'","') for line in DAYS.splitlines())


@settings(max_examples=60)
@given(content=damaged_tables())
@example(content=DAYS.replace(b"01-20", b"01\n-20"))
@example(content=DAYS.replace(b"20,", b"n,day\n20,"))
@example(content=DAYS.replace(b"20,", b'"20,'))
@example(content=QUOTED.replace(b'"20",', b'"2""0",'))
@example(content=QUOTED.replace(b'"20",', b'"2"0",'))
@example(content=QUOTED.replace(b'"20",', b'"n","day"\n"20",'))
@example(content=QUOTED.replace(b'"20",', b'"2,0",'))
@example(content=QUOTED.replace(b'"20","2024-01-20"', b'"20,5"'))
def test_plain_lines_around_damaged_ones_are_read_fast_with_the_same_result(content: bytes) -> None:
    def no_lines(body: records.Body, _: object) -> object:
        return np.zeros(body.last - body.first, bool)

    assert careful(content, records._plain_lines) == careful(content, no_lines)


def test_a_file_of_one_endless_line_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LONGEST_LINE", 2**10)
    path = tmp_path / "long.csv"
    path.write_bytes(b"x" * 2**12)
    with pytest.raises(UserError, match="Line 1 is longer"):
        read(path)
    path.write_bytes(b"a,b\n" + b"1,2\n" * 2**10)
    assert len(read(path).text) == 2**10
