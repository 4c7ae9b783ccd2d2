"""The shipped script reads a table as training did, and says what it could not read."""

from __future__ import annotations

import ast
import csv
import math
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from mlcore.data import cells
from mlcore.data.cells import read_date, read_number
from mlcore.data.kinds import type_column, typed_column
from mlcore.data.reading import read_table
from mlcore.data.recipe import formula, steps
from mlcore.data.schema import ColumnKind
from mlcore.data.units import spellings
from mlcore.errors import UserError
from mlcore.registry.bundle_files import (
    answering,
    contract,
    model_folder,
    onnx_model,
    predict,
    problems,
    row_reading,
)
from mlcore.registry.bundle_files.contract import read_columns
from mlcore.registry.bundle_files.predict import (
    Notices,
    Refusal,
    TableFile,
    column_names,
    harmless,
    output_names,
)
from mlcore.registry.schema import InputFeature, InputSchema, written_form
from mlcore.tasks import Task


def schema_of(*features: InputFeature, decimal: str = ".", **more: Any) -> dict[str, Any]:
    return InputSchema(
        task=Task.REGRESSION, target="y", features=features, decimal=decimal, **more
    ).to_json()


def number(name: str = "x", **more: Any) -> InputFeature:
    facts = {"low": 0.0, "high": 10.0, "example": "5", "missing_in_training": 1, **more}
    return InputFeature(name=name, kind=ColumnKind.NUMBER, **facts)


def category(name: str = "c", **more: Any) -> InputFeature:
    facts = {"categories": ("1", "2"), "n_categories": 2, "missing_in_training": 1, **more}
    return InputFeature(name=name, kind=ColumnKind.CATEGORY, **facts)


def noticed(columns: dict[str, list[Any]], schema: dict[str, Any]) -> tuple[pd.DataFrame, Notices]:
    """Return the typed frame, and what the command says of it."""
    reading, notices = read_columns(columns, schema), Notices()
    notices.add_all(reading.problems)
    return reading.frame, notices


@pytest.mark.parametrize(
    ("program", "needed"),
    [
        (cells, set()),
        (problems, set()),
        (row_reading, {"cells", "mlcore", "pandas", "problems", "steps"}),
        (answering, {"mlcore", "pandas", "problems", "row_reading"}),
        (model_folder, {"mlcore", "onnx_model", "row_reading", "skops"}),
        (
            contract,
            {"answering", "cells", "mlcore", "model_folder", "problems", "row_reading"},
        ),
        (steps, {"numpy", "pandas", "formula", "mlcore"}),
        (formula, {"numpy"}),
        (onnx_model, {"numpy", "onnxruntime", "pandas"}),
        (predict, {"contract", "mlcore"}),
    ],
)
def test_the_scripts_need_nothing_of_this_project(program: Any, needed: set[str]) -> None:
    tree = ast.parse(Path(str(program.__file__)).read_text("utf-8"))
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        str(node.module).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    # The programs lie beside each other in a bundle; the workbench has them elsewhere.
    assert names - set(sys.stdlib_module_names) == needed


# Numbers and dates: as the core reads them

written_numbers = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-", "+", "−", "–", "$", "€ ", "USD ", "-$", "(", "Rs.", "- "]),
    st.sampled_from(
        [
            *("0", "7", "12", "999", "1,234", "1.234", "1 234", "12'345", "1,234,567", "007"),
            *("1,23,456", "0 123", "１２", "044 12", "١٢٫٥", "۱۲٬۳۴۵", "४२"),
        ]
    ),
    st.sampled_from(["", ".", ".5", ",5", ",25", ".250", ",250", "e3", "e-2", "E400", "%", " "]),
    st.sampled_from(
        ["", "x", " kg", "kg", "g", " €", ")", " €)", "万", "亿元", ",-", " m2", " A", "-", "- €"]
    ),
)


@given(st.lists(written_numbers, min_size=1, max_size=6), st.sampled_from([".", ","]))
@example(["1,5", "2"], ".")
@example(["1,50-", "2,25", "3-"], ".")
@example(["1.50- €", "2.25 €"], ".")
@example(["٣"], ".")
@example(["١٢٫٥", "٣٬٠٠٠", "٪٧"], ".")
@example(["12 kg", "5,3 kg", "7kg", "3 g"], ".")
@example(["(€ 1.200,50)", "€5", "5,- €"], ".")
@example(["1.2万元", "800元", "3亿"], ".")
@example(["5 A", "7A"], ".")
@example(["3 rooms", "4 rooms", "5 rooms"], ".")
@example(["5'", "6 ft", "7 ft"], ".")
def test_numbers_are_read_as_in_training(written: list[str], decimal: str) -> None:
    """With mark and unit that training settled on for the column, the script reads the same."""
    text = pd.Series([*written, "1"], dtype="str", name="x").str.strip()
    column, typed = type_column(text, decimal, ColumnKind.NUMBER)
    units = spellings(column.unit) if column.unit else ()
    read = [read_number(cell, column.decimal or decimal, units) for cell in text]
    np.testing.assert_array_equal(read, typed)


@pytest.mark.parametrize("thousands", [None, "", " ", "'", ",", "."])
@pytest.mark.parametrize("decimal", [".", ","])
def test_thousands_have_the_mark_of_training(thousands: str | None, decimal: str) -> None:
    cells = ["1,234", "1.234.567", "1 234", "12'345", "5", "1,234.5", "1.234,5"]
    text = pd.Series(cells, dtype="str", name="x")
    column, typed = type_column(text, decimal, ColumnKind.NUMBER, thousands=thousands)
    form = written_form(typed, ColumnKind.NUMBER, text, decimal, column)
    schema = schema_of(number(low=None, high=None, **form))
    np.testing.assert_array_equal(read_columns({"x": cells}, schema).columns["x"], typed)


def test_another_decimal_mark_means_another_mark_between_thousands() -> None:
    schema = schema_of(number(low=None, high=None, thousands=","))
    other = predict.with_marks(schema, {"x": ","})
    assert read_columns({"x": ["1.234,5"]}, other).columns["x"] == [1234.5]
    assert math.isnan(read_columns({"x": ["1.234,5"]}, schema).columns["x"][0])


@pytest.mark.parametrize(
    "cell", ["", "nan", "inf", "1_000", "0x10", "1e999", "12 34", "--1", "1.2.3"]
)
def test_what_is_no_number_is_none(cell: str) -> None:
    assert math.isnan(read_number(cell, "."))


written_dates = st.sampled_from(
    [
        *("2024-01-31", "2024-1-3", "2024/02/29", "2023.02.29", "2024-01-31T10:20:30.123456"),
        *("2024-01-31 10:20", "2024-01-31T10:20:30Z", "2024-01-31 10:20:30+05:30", "0000-01-01"),
        *("2024-01-31 10:20:30-0800", "2024-01-31 10:20-08:00"),
        *("31.01.2024", "01/02/2024", "02/01/24", "1-2-69", "13/13/2024", "31.01.2024 9:05 pm"),
        *(
            "31 Jan 2024",
            "Mon, 1 January 2024",
            "1-Feb-99",
            "Jan 31, 2024",
            "March 3rd, 2024 12:30",
        ),
        *("2024-05", "2024/13", "10:20", "10:20:30.5", "12:00 am", "13:00 pm", "25:00"),
        *("20240131", "20240131T101112", "soon", "31"),
        *("2024年1月31日", "2024年2月30日 下午3:05", "2024년 1월 3일", "2024年1月", "2024. 1. 31."),
        *("3. Januar 2024", "1er février 2024", "5 de março de 2024", "31 января 2024 г."),
        *("Mi., 3. Mai 2024", "05/2024", "Okt 2024", "Mode 2020", "99-12-31", "24-01-31"),
        *("8. 6. 2021", "8.6. 2021 10:05", "2021/02/01 1:05:12 PM EET", "2021-02-01 10:00:00+02"),
        *("2021/02/01 1:05:12 AM GMT+2", "01/02/2021 10:05 UTC-05:30", "2021-02-01 10:00 PDT"),
        *("٢٠٢١/١/١", "०१-०१-२०२१", "۲۰۲۱-۰۱-۰۵ ۱۰:۲۰"),
        *("1.10.12", "２０２４-０１-０２", "2009-10", "0000-00-00"),
    ]
)


@given(st.lists(written_dates, min_size=1, max_size=8), st.sampled_from(["date", "x"]))
@example(["2024-01-31 10:20:30-0800", "2024-01-31 10:20:30+05:30"], "x")
@example(["31.01.2024", "2024-02-01"], "x")
@example(["8. 6. 2021", "8.6. 2021 10:05"], "x")
@example(["०१-०१-२०२१"], "x")
@example(["٢٠٢١/١/١"], "x")
@example(["2021/02/01 1:05:12 PM EET", "2021/02/01 1:05 AM GMT+2", "2021-02-01 10:00 PDT"], "x")
@example(["SÁB, 3 enero 2024", "ПН 1 мая 2024"], "x")
@example(["24-01-31", "0000-01-01", "2024-13-13"], "x")
@example(["0001-01-01 00:10:00+05:30"], "x")
@example(["9999-12-31 23:00:00-08"], "x")
def test_dates_are_read_as_in_training(written: list[str], name: str) -> None:
    """With form and order that training settled on for the column, the script reads the same."""
    text = pd.Series([*written, "2024-03-04"], dtype="str", name=name)
    try:
        column, typed = type_column(text, chosen=ColumnKind.DATETIME)
    except UserError:
        reject()  # too few of them are in the calendar
    expected = [None if pd.isna(value) else value.to_pydatetime() for value in typed]
    day_first = column.order != "month first"
    assert [read_date(cell, column.date_form, day_first) for cell in text] == expected


def test_iso_dates_are_understood_whatever_the_form_of_training() -> None:
    assert read_date("2024-02-01", "day_month", False) == datetime(2024, 2, 1)
    assert read_date("02/01/2024", "day_month", False) == datetime(2024, 2, 1)
    assert read_date("02/01/2024", "day_month", True) == datetime(2024, 1, 2)
    assert read_date("20240201", "day_month", True) is None
    assert read_date("20240201", None, True) == datetime(2024, 2, 1)


def test_a_table_is_typed_as_the_core_types_it(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "when;amount;class\n31.12.2023;1.234,5;1\n01.02.2024; 7 ;NA\n;?;2\n", encoding="utf-8"
    )
    text = read_table(path).frame
    schema = schema_of(
        InputFeature(
            name="when", kind=ColumnKind.DATETIME, missing_in_training=1, date_form="day_month"
        ),
        number("amount", low=None, high=None, decimal=","),
        category("class"),
        decimal=",",
    )
    frame = read_columns(TableFile(path, schema).whole(), schema).frame
    for name, kind in zip(
        text.columns, (ColumnKind.DATETIME, ColumnKind.NUMBER, ColumnKind.CATEGORY), strict=True
    ):
        expected, _ = typed_column(text[name], kind, ",")
        pd.testing.assert_series_equal(frame[name], expected)


# What was odd


def test_unreadable_and_outside_numbers_are_counted_by_column() -> None:
    cells = {"x": ["1", "abc", "abc", "99", "-1", "", "NA"]}
    frame, notices = noticed(cells, schema_of(number()))
    assert frame["x"].isna().tolist() == [False, True, True, False, False, True, True]
    assert notices.count("x", "unreadable") == 2
    assert notices.count("x", "outside") == 2
    assert notices.count("x", "missing") == 0
    sentences = notices.sentences()
    assert sentences[0].startswith("Column “x”: 2 unreadable values (“abc”); expected a number")
    assert sentences[1].startswith("Column “x”: 2 values (“99”, “-1”) lie outside")
    assert "0 to 10" in sentences[1]


def test_every_problem_of_a_row_can_be_told() -> None:
    of_files = {"missing_column", "unknown_column"}
    assert set(Notices.WORDS) == set(contract.WORDS) - of_files
    notices = Notices()
    steps = ["Only rows where “x” is missing."] * 2 + ["Only rows where “c” is one of “a”."]
    notices.add_all(
        contract.Problem(row, None, "left_out", expected=said) for row, said in enumerate(steps)
    )
    first, second = notices.sentences()
    assert first == f"2 rows are such as were left out of training: {steps[0]}"
    assert second == f"1 rows are such as were left out of training: {steps[2]}"


def test_gaps_are_told_where_training_had_none() -> None:
    _, notices = noticed({"x": ["", "1", "?"]}, schema_of(number(missing_in_training=0)))
    assert notices.count("x", "missing") == 2


def test_whole_numbers_stay_categories_and_unseen_ones_are_told() -> None:
    frame, notices = noticed({"c": ["1", "2.0", "3", "3.5", ""]}, schema_of(category()))
    assert frame["c"].fillna("-").tolist() == ["1", "2", "3", "3.5", "-"]
    assert frame["c"].dtype == "str"
    assert notices.count("c", "respelt") == 1
    assert notices.count("c", "unseen") == 2


def test_a_list_of_categories_that_was_cut_calls_nothing_unseen() -> None:
    _, notices = noticed({"c": ["9"]}, schema_of(category(n_categories=5000)))
    assert notices.sentences() == []


def test_a_word_for_missing_that_was_a_value_in_training_is_a_value() -> None:
    feature = category(categories=("NA", "x"), missing_tokens=("?",))
    frame = read_columns({"c": ["NA", "?"]}, schema_of(feature)).frame
    assert frame["c"].isna().tolist() == [False, True]


# Files


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    schema = schema_of(number("größe"), number("b"), encoding="cp1252")
    text = delimiter.join(["größe", "other", "b"]) + "\n" + delimiter.join(["1", "é", "2"]) + "\n"
    table = TableFile(write(tmp_path / "in.csv", text, encoding), schema)
    assert table.whole() == {"größe": ["1"], "b": ["2"]}
    assert table.ignored == ["other"]


def test_a_missing_column_is_named_with_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "a,b\n1,2\n")
    with pytest.raises(Refusal) as caught:
        TableFile(path, schema_of(number("a"), number("width"), number("b")))
    assert caught.value.status == 2
    assert str(caught.value) == (
        "“in.csv” has no column “width”. Needed: “a”, “width”, “b”; the header has “a”, “b”."
    )


@pytest.mark.parametrize(
    "text",
    [
        "a, b ,c\n1,2,3\n",
        "A report\n\na,b,c\n1,2,3\n",
        "a,b\nfirst,1,2\nsecond,3,4\n",
        "a,b,b,\n1,2,3,4\n",
        "\n\na,b\n\n1,2\n\n",
        'a,b\n"1","2"\n',
    ],
)
def test_headers_are_found_where_training_found_them(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "in.csv", text)
    expected = read_table(path).frame
    table = TableFile(path, schema_of(number("a"), number("b")))
    assert table.header == list(expected.columns)
    assert table.whole() == {name: expected[name].tolist() for name in ("a", "b")}


@given(st.lists(st.sampled_from(["a", "a_2", "b", "", " a ", "column_2"]), min_size=1, max_size=6))
def test_repeated_and_empty_names_become_those_of_training(names: list[str]) -> None:
    lines = [",".join(["head", *names])] + [",".join("12345678"[: len(names) + 1])] * 3
    content = "\n".join(lines).encode()
    assert column_names(["head", *names]) == list(read_table(content).frame.columns)


def test_rows_of_another_width_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "a,b\n1\n1,2,3\n1,2\n")
    table = TableFile(path, schema_of(number("a"), number("b")))
    assert table.whole() == {"a": ["1", "1", "1"], "b": ["", "2", "2"]}
    assert table.ragged == 2


def test_other_encodings_are_refused_with_a_way_out(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "x\né\n", "latin-1")
    with pytest.raises(Refusal, match="--encoding"):
        TableFile(path, schema_of(number("x"))).whole()


class Doubles:
    """A model that doubles its input."""

    def predict(self, frame: pd.DataFrame) -> Any:
        return frame["x"].fillna(0).to_numpy() * 2


def test_large_files_are_predicted_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "in.csv", "x\n" + "".join(f"{i}\n" for i in range(25)))
    schema = schema_of(number())
    table = TableFile(path, schema)
    monkeypatch.setattr(TableFile.chunks, "__defaults__", (10,))
    n_rows, notices = predict.predict_file(Doubles(), schema, table, tmp_path / "out.csv")
    assert n_rows == 25
    assert notices.count("x", "outside") == 14
    out = pd.read_csv(tmp_path / "out.csv")
    assert out["prediction"].tolist() == [2.0 * i for i in range(25)]


#: What stands in two columns of numbers and the label, their marks in training, those in the file.
MARKS = {
    "as in training": (["1.5;7;2.25", "1.234;8;3"], "..", {}),
    "another mark": (["1,5;7;2", "1.234;8;3.100"], "..", {"a": ",", "b": ",", "y": ","}),
    "a point for a comma": (["1.5;7.250;2", "1,234;8;3"], ",,", {"a": ".", "b": ".", "y": "."}),
    "nothing shows": (["1.234;7;2", "5.678;8;3"], "..", {}),
    "only one column": (["1,5;1.5;2", "1,25;2.5;3"], "..", {"a": ","}),
    "mixed as in training": (["1,5;1.5;2", "1.234;2.5;3"], ",.", {}),
    "mixed, but the other way": (["1.5;1,5;2", "2.5;2,5;3"], ",.", {"a": ".", "b": ",", "y": "."}),
    "marks between thousands": (
        ["1.234.567;1.234;2", "1.234;8;3"],
        "..",
        dict.fromkeys("aby", ","),
    ),
    "a unit": (["12,5 kg;1.234;2", "1.234;8;3"], "..", dict.fromkeys("aby", ",")),
    "a slip": (["1,5;7;2", "1.5;8;3", "2.5;8;3"], "..", {}),
    "only the label": (["1;7;2,5", "2;8;3,5"], "..", dict.fromkeys("aby", ",")),
}


@pytest.mark.parametrize(("lines", "trained", "expected"), MARKS.values(), ids=MARKS)
def test_a_file_with_other_decimal_marks_is_found_out(
    lines: list[str], trained: str, expected: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "in.csv", "\n".join(["a;b;y", *lines, "x"]) + "\n")
    features = [
        number(name, decimal=mark, unit_words=("kg",))
        for name, mark in zip("ab", trained, strict=True)
    ]
    schema = schema_of(*features, decimal=trained[0])
    table = TableFile(path, schema)
    marks = predict.other_marks(table, schema)
    assert marks == expected and table.ragged == 0
    read = predict.with_marks(schema, marks)
    got = [feature["decimal"] for feature in read["features"]]
    assert got == [expected.get(name, mark) for name, mark in zip("ab", trained, strict=True)]
    assert read["decimal"] == expected.get("y", trained[0])


def test_other_decimal_marks_are_told_and_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "in.csv", "x;y\n1,5;2\n1.234;3,5\n")
    schema = schema_of(number(high=2000.0))
    options = predict.command_parser("").parse_args([str(path), str(tmp_path / "out.csv")])
    table = predict.open_table(options, schema)
    assert capsys.readouterr().err == (
        "Numbers have a decimal comma in this file, unlike in training, and are read so: “x”, “y”."
        "\n"
    )
    predict.predict_file(Doubles(), schema, table, options.output)
    lines = options.output.read_text("utf-8").splitlines()
    assert lines[1:] == ["1,5;2;3,0;", "1.234;3,5;2468,0;"]
    options.decimal = "."
    predict.open_table(options, schema_of(number()))
    assert capsys.readouterr().err == ""


def test_output_keeps_delimiter_and_decimal_mark_and_harms_no_spreadsheet(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "x;note\n1,5;=1+1\n-2;@SUM(A1)\n")
    schema = schema_of(number(decimal=","), decimal=",")
    predict.predict_file(Doubles(), schema, TableFile(path, schema), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    assert lines == [
        ["x", "note", "prediction", "warnings"],
        ["1,5", "'=1+1", "3,0", ""],
        ["-2", "'@SUM(A1)", "-4,0", "Not seen in training: x -2, trained on 0 to 10."],
    ]


def test_raw_cells_are_left_alone_when_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "x,note\n1,=1+1\n")
    schema = schema_of(number())
    predict.predict_file(Doubles(), schema, TableFile(path, schema), tmp_path / "o.csv", raw=True)
    lines = (tmp_path / "o.csv").read_text("utf-8").splitlines()
    assert lines == ["x,note,prediction,warnings", "1,=1+1,2.0,"]


def test_a_table_without_rows_leaves_no_output(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", "x\n")
    with pytest.raises(Refusal, match="no rows"):
        predict.predict_file(
            Doubles(), schema_of(number()), TableFile(path, schema_of(number())), tmp_path / "o.csv"
        )
    assert [entry.name for entry in tmp_path.iterdir()] == ["in.csv"]


def test_new_columns_get_free_names() -> None:
    assert output_names(["prediction", "a"], ["prediction", "probability_x"]) == [
        "prediction_2",
        "probability_x",
    ]


@pytest.mark.parametrize("start", "=+-@\t\r\n\0＝＋－＠")
def test_every_start_of_a_formula_is_neutralised(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("cell", ["-5", "+1.5", "-1,5", "-1e-3", "a=b", "", "1-2"])
def test_numbers_and_ordinary_text_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
