"""One way from cells to answers: the same row gets the same answer, whichever way it comes."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry_runs import Train, find, unpacked

from mlcore.data.dataset import Dataset
from mlcore.data.kinds import YES_NO_PAIRS
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.registry.bundle import write_bundle
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.bundle_files.contract import Problem, Reading, read_columns, read_records
from mlcore.registry.schema import InputFeature, InputSchema
from mlcore.registry.served import ServedModel
from mlcore.tasks import Task


def feature(name: str, kind: ColumnKind, **more: Any) -> InputFeature:
    return InputFeature(name=name, kind=kind, **{"missing_in_training": 1, **more})


AGE = feature("age", ColumnKind.NUMBER, low=0.0, high=90.0, example="41")
PRICE = feature("price", ColumnKind.NUMBER, low=0.5, high=2.5, example="1,5", decimal=",")
COLOUR = feature("colour", ColumnKind.CATEGORY, categories=("blue", "red"), n_categories=2)
STEP = feature("step", ColumnKind.CATEGORY, categories=("1", "2"), n_categories=2)
SMOKER = feature("smoker", ColumnKind.YES_NO, categories=("no", "yes"), n_categories=2)
SEEN = feature("seen", ColumnKind.DATETIME, low="2024-01-01", high="2024-12-31", date_form="iso")


def schema_of(*features: InputFeature, **more: Any) -> dict[str, Any]:
    return InputSchema(task=Task.REGRESSION, target="y", features=features, **more).to_json()


def read(feature: InputFeature, *cells: Any) -> Reading:
    return read_columns({feature.name: list(cells)}, schema_of(feature))


class Sum:
    """A model that adds the numbers of a row, and refuses what a tree refuses."""

    def predict(self, frame: pd.DataFrame) -> Any:
        numbers = frame.select_dtypes("number").fillna(0.0).to_numpy()
        if (np.abs(numbers) > np.finfo(np.float32).max).any():
            raise ValueError("Input X contains infinity or a value too large for dtype('float32').")
        return numbers.sum(axis=1)


# Cells and values


@pytest.mark.parametrize(
    ("feature", "cell", "value"),
    [
        (AGE, "41", 41),
        (AGE, "41", 41.0),
        (AGE, "41", np.int64(41)),
        (AGE, "1e+22", 1e22),
        (AGE, "", None),
        (AGE, "", math.nan),
        (AGE, "", pd.NA),
        (AGE, "-0", -0.0),
        (AGE, "true", True),
        (PRICE, "1,25", 1.25),
        (PRICE, "1,234", 1.234),
        (COLOUR, "red", np.str_("red")),
        (COLOUR, "", None),
        (STEP, "2", 2),
        (STEP, "2", 2.0),
        (STEP, "3", 3),
        (SMOKER, "yes", True),
        (SMOKER, "no", np.bool_(False)),
        (SEEN, "2024-02-03", date(2024, 2, 3)),
        (SEEN, "2024-02-03T04:05:06.7", datetime(2024, 2, 3, 4, 5, 6, 700000)),
        (SEEN, "2024-02-03", pd.Timestamp("2024-02-03")),
        (SEEN, "", pd.NaT),
        (SEEN, "12", 12),
    ],
)
def test_a_value_is_read_as_the_cell_that_it_would_be(
    feature: InputFeature, cell: str, value: Any
) -> None:
    as_cell, as_value = read(feature, cell), read(feature, value)
    pd.testing.assert_frame_equal(as_cell.frame, as_value.frame, check_exact=True)
    assert as_cell.problems == as_value.problems


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_every_bit(value: float) -> None:
    for column in (AGE, PRICE):
        got = read(column, value).columns[column.name][0]
        assert got.hex() == value.hex()


def test_a_number_finds_the_way_its_category_was_written() -> None:
    codes = feature("code", ColumnKind.CATEGORY, categories=("1.0", "2,5"), n_categories=2)
    assert read(codes, 1, 1.0, 2.5).columns["code"] == ["1.0", "1.0", "2,5"]


def test_true_is_the_word_of_the_column_if_there_is_one() -> None:
    for pair in YES_NO_PAIRS:
        (yes,), (no,) = pair & contract.YES, pair & contract.NO
        answers = feature("x", ColumnKind.YES_NO, categories=(no.title(), yes.title()))
        assert read(answers, True, False).columns["x"] == [yes.title(), no.title()]
    both = feature("x", ColumnKind.CATEGORY, categories=("1", "no", "yes"), n_categories=3)
    assert [problem.code for problem in read(both, True).problems] == ["unseen"]


@pytest.mark.parametrize("value", [[1], {"a": 1}, object()])
@pytest.mark.parametrize("column", [AGE, COLOUR, SEEN, feature("note", ColumnKind.TEXT)])
def test_what_no_cell_can_hold_is_unreadable(column: InputFeature, value: Any) -> None:
    assert [problem.code for problem in read(column, value).problems] == ["unreadable"]


@pytest.mark.parametrize("value", [10**400, math.inf, -math.inf])
def test_what_is_too_large_for_a_number_is_unreadable(value: Any) -> None:
    assert [problem.code for problem in read(AGE, value).problems] == ["unreadable"]


# Sentences


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        (AGE, 140, "Not seen in training: age 140, trained on 0 to 90."),
        (AGE, "140.0", "Not seen in training: age 140, trained on 0 to 90."),
        (AGE, "old", "Column “age”: “old” cannot be read; expected a number such as 41."),
        (COLOUR, "pink", "Not seen in training: colour “pink”, trained on “blue”, “red”."),
        (STEP, "2.0", "Column “step”: “2.0” was read as “2”."),
        (
            SEEN,
            "1999-01-01",
            "Not seen in training: seen 1999-01-01, trained on 2024-01-01 to 2024-12-31.",
        ),
        (feature("x", ColumnKind.TEXT, missing_in_training=0), "", "x is missing; in training it"),
    ],
)
def test_what_is_odd_is_said(column: InputFeature, cell: Any, sentence: str) -> None:
    problem = read(column, cell).problems[0]
    assert problem.sentence.startswith(sentence)
    assert problem.row == 0


def test_columns_that_lack_or_are_not_used_are_said() -> None:
    reading = read_columns({"age": ["1", "2"], "who": ["a", "b"]}, schema_of(AGE, COLOUR))
    assert [(problem.row, problem.column, problem.code) for problem in reading.problems] == [
        (None, "who", "unknown_column"),
        (None, "colour", "missing_column"),
    ]
    assert reading.refused() == {0, 1}


def test_a_name_that_one_record_lacks_is_an_error_of_that_record() -> None:
    reading = read_records([{"age": 1}, {"age": 2, "colour": None}], schema_of(AGE, COLOUR))
    assert [(problem.row, problem.code) for problem in reading.problems] == [(0, "missing_column")]
    assert reading.refused() == {0}


def test_names_with_needless_blanks_are_known() -> None:
    assert read_records([{" age ": 1}], schema_of(AGE)).problems == ()


def test_what_nobody_sees_is_no_part_of_a_cell_or_name() -> None:
    reading = read_columns(
        {"\u200bage": ["\u200e4\u200b1"], "colour": ["red\ufeff"]}, schema_of(AGE, COLOUR)
    )
    assert reading.columns == {"age": [41.0], "colour": ["red"]} and not reading.problems


def test_a_row_that_lacks_more_than_half_is_told() -> None:
    schema = schema_of(AGE, PRICE, COLOUR, STEP)
    reading = read_records([dict.fromkeys(("age", "price", "colour", "step"))] * 1, schema)
    assert [problem.sentence for problem in reading.problems] == [
        "Too many missing values: 4 of 4 columns; more than half."
    ]
    half = {"age": 1, "price": 1.0, "colour": None, "step": None}
    assert read_records([half], schema).problems == ()


def test_problems_stand_row_by_row() -> None:
    columns = {"age": ["140", "1", "x"], "colour": ["red", "pink", "pink"]}
    found = read_columns(columns, schema_of(AGE, COLOUR)).problems
    assert [(problem.row, problem.column) for problem in found] == [
        (0, "age"), (1, "colour"), (2, "age"), (2, "colour"),
    ]  # fmt: skip


def test_every_problem_has_a_sentence_and_plain_data() -> None:
    for code in contract.WORDS:
        plain = Problem(0, "x", code, "1", "2").to_json()
        assert json.loads(json.dumps(plain)) == plain
        assert plain["severity"] == ("error" if code in contract.ERRORS else "warning")
        assert "{" not in plain["sentence"]


# Answers


def test_what_cannot_be_read_is_refused_and_what_is_unseen_only_when_asked() -> None:
    schema = schema_of(AGE, STEP)
    rows = [{"age": age, "step": step} for age, step in [(1, "1"), ("x", "1"), (140, "2.0")]]
    reading = read_records([*rows, {"age": 2, "step": "1.0"}], schema)
    assert contract.answers(Sum(), schema, reading).prediction == [1.0, None, 140.0, 2.0]
    strict = contract.answers(Sum(), schema, reading, "refuse")
    assert strict.prediction == [1.0, None, None, 2.0]
    assert strict.refused == {1, 2}


def test_an_unknown_policy_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="expected one of “warn”, “refuse”"):
        contract.answers(Sum(), schema_of(AGE), read(AGE, 1), "shrug")


def test_numbers_too_large_for_the_model_get_no_answer_and_harm_no_other_row() -> None:
    reading = read(AGE, 1, 1e300, 1e35)
    got = contract.answers(Sum(), schema_of(AGE), reading)
    assert got.prediction == [1.0, None, 1e35]
    assert [problem.code for problem in got.by_row[1]] == ["outside", "no_answer"]


def test_an_error_of_the_model_itself_is_not_swallowed() -> None:
    class Broken:
        def predict(self, frame: pd.DataFrame) -> Any:
            raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        contract.answers(Broken(), schema_of(AGE), read(AGE, 1))


def test_no_rows_get_no_answers() -> None:
    got = contract.answers(Sum(), schema_of(AGE), read_records([], schema_of(AGE)))
    assert got.to_records() == []


def test_an_answer_is_plain_data() -> None:
    interval = {"coverage": 0.9, "width": 2.0, "rows": 50}
    schema = {**schema_of(AGE), "interval": interval}
    got = contract.answers(Sum(), schema, read(AGE, 100)).to_json()
    assert json.loads(json.dumps(got)) == got
    (record,) = got["answers"]
    assert record["prediction"] == 100.0
    assert record["interval"] == {"low": 98.0, "high": 102.0, "coverage": 0.9}
    assert record["warnings"][0]["code"] == "outside"


def test_requests_answered_at_once_get_their_own_answers_back() -> None:
    schema = schema_of(AGE)
    readings = [read(AGE, 1, "x"), read(AGE, 140)]
    got = contract.answers(Sum(), schema, contract.joined(readings))
    parts = [got.part(0, 2), got.part(2, 3)]
    for part, reading in zip(parts, readings, strict=True):
        assert part.to_json() == contract.answers(Sum(), schema, reading).to_json()


# All ways at once


@pytest.fixture(
    scope="module",
    params=[
        ("polynomial_regression", Task.REGRESSION),
        ("linear_discriminant", Task.CLASSIFICATION),
    ],
    ids=lambda param: param[0],
)
def opened(
    request: pytest.FixtureRequest,
    train: Train,
    mixed_dataset: Dataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The bundle of a model that multiplies matrices, of which edges are added differently."""
    path = tmp_path_factory.mktemp("contract") / "model.zip"
    write_bundle(path, dataset=mixed_dataset, result=train(find(*request.param)), name="Model")
    return unpacked(path, path.parent / "bundle")


CELLS = {
    "size": st.one_of(st.none(), st.floats(-50, 50), st.integers(0, 9), st.sampled_from(["x"])),
    "weight": st.one_of(st.none(), st.floats(-1e40, 1e40), st.booleans()),
    "colour": st.sampled_from(["red", "blue", "pink", None, 7]),
    "tagged": st.sampled_from(["yes", "no", True, False, None, "maybe"]),
    "seen": st.sampled_from(["2024-01-31", "1900-01-01", "soon", None, 3]),
    "remark": st.sampled_from(["a word or two", None, "", 5]),
    "place": st.sampled_from(["a", "zzz", None, 1.5]),
    "more": st.sampled_from(["=1+1", None]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=20)


def as_cells(served: ServedModel, rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return rows as they stand in a file."""
    of = {feature["name"]: feature for feature in served.schema["features"]}
    return [
        {
            name: (cell or "") if name not in of else str(contract.written(cell, of[name]))
            for name, cell in row.items()
        }
        for row in rows
    ]


def through_the_command(folder: Path, rows: list[dict[str, str]], policy: str) -> list[list[str]]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(CELLS))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "in.csv").write_text(text.getvalue(), "utf-8")
    files = [str(folder / name) for name in ("in.csv", "out.csv")]
    assert predict.main([*files, "--policy", policy], folder) == 0
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return [line[len(CELLS) :] for line in csv.reader(file)][1:]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, policy=st.sampled_from(contract.POLICIES))
def test_every_way_gives_the_same_answers_and_sentences(
    opened: Path, rows: list[dict[str, Any]], policy: str
) -> None:
    served = ServedModel.open(opened)
    expected = served.predict(rows, policy)
    cells = as_cells(served, rows)
    frame = pd.DataFrame(rows, dtype=object)
    assert served.predict(frame, policy).to_json() == expected.to_json()
    assert served.predict(cells, policy).to_json() == expected.to_json()
    alone = [served.predict([row], policy).to_records()[0] for row in rows]
    for one in alone:
        one["warnings"] = [problem["sentence"] for problem in one["warnings"]]
    records = expected.to_records()
    for key in ("prediction", "probabilities", "interval"):
        assert [one.get(key) for one in alone] == [record.get(key) for record in records]
    assert [" ".join(one["warnings"]) for one in alone] == expected.warnings
    lines = through_the_command(opened, cells, policy)
    answers = [*expected.columns.values(), expected.warnings]
    assert lines == [
        ["" if cell is None else str(cell) for cell in row] for row in zip(*answers, strict=True)
    ]


def test_a_changed_model_is_not_opened(opened: Path, tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(opened, tmp_path / "copy")
    with (folder / "model.skops").open("ab") as file:
        file.write(b"x")
    with pytest.raises(UserError, match="has changed"):
        ServedModel.open(folder)


def test_one_row_needs_no_table_to_be_read(opened: Path) -> None:
    served = ServedModel.open(opened)
    reading = served.read([dict.fromkeys(CELLS)])
    assert "frame" not in vars(reading)
