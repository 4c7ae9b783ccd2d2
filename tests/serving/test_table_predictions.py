"""A file of rows: looked through, predicted, scored, compared with training, taken away."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from tables import make_mixed

from mlcore.errors import UserError
from mlcore.evaluation.metrics import score_all
from mlcore.registry.bundle_files import contract
from mlcore.registry.store import Registry
from mlcore.serving.opened import OpenVersion, open_version
from mlcore.serving.table_predictions import (
    CSV,
    TablePredictions,
    _class,
    actual_labels,
)
from mlcore.tasks import Task
from mlcore.workflow import ignore
from mlcore.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(stocked_home) -> Workspace:
    return Workspace.open(stocked_home)


@pytest.fixture(scope="module")
def ants(workspace) -> OpenVersion:
    return open_version(workspace, Registry(workspace).find("ants", 2))


@pytest.fixture(scope="module")
def price(workspace) -> OpenVersion:
    return open_version(workspace, Registry(workspace).find("price"))


def table(n_rows: int = 40) -> pd.DataFrame:
    return make_mixed().frame.drop(columns=["grown"]).head(n_rows)


def text_of(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def predicted(
    workspace: Workspace, opened: OpenVersion, content: bytes, policy: str = "warn"
) -> tuple[TablePredictions, str]:
    store = TablePredictions(workspace)
    identifier = store.stage("rows.csv", content, opened.version)
    store.check(identifier, ignore)
    store.predict(identifier, policy, ignore)
    return store, identifier


ODD = {
    "size": ["", "1e3", "tall", "-4", "99999999999999999999"],
    "colour": ["mauve", "", "red"],
    "seen": ["2031-01-01", "yesterday", ""],
    "tagged": ["maybe", "yes", ""],
    "remark": ["", "=1+1"],
}


def spoilt(seed: int, n_rows: int = 30) -> list[dict[str, str]]:
    """Rows as texts, some cells of which are odd."""
    rng, rows = random.Random(seed), list(csv.DictReader(io.StringIO(text_of(table()).decode())))
    made = [dict(rng.choice(rows)) for _ in range(n_rows)]
    for row in made:
        for name, cells in ODD.items():
            if rng.random() < 0.2:
                row[name] = rng.choice(cells)
    return made


@pytest.mark.parametrize("policy", contract.POLICIES)
@pytest.mark.parametrize("seed", range(3))
def test_a_file_gets_the_answers_of_the_contract(workspace, ants, policy, seed) -> None:
    rows = spoilt(seed)
    store, identifier = predicted(workspace, ants, text_of(pd.DataFrame(rows)), policy)
    found = store.frame(identifier, "answers")
    needed = [feature["name"] for feature in ants.schema["features"]]
    records = [{name: row[name] for name in needed} for row in rows]
    for record, (_, answer) in zip(records, found.iterrows(), strict=True):
        # One by one, as the form asks; the file asks all at once.
        reading = contract.read_records([record], ants.schema)
        told = contract.answers(ants.model, ants.schema, reading, policy)
        expected = {name: values[0] for name, values in told.columns.items()}
        got = {name: None if pd.isna(answer[name]) else answer[name] for name in expected}
        assert got == expected
        assert answer["warnings"] == told.warnings[0]


def test_problems_are_listed_by_row_before_anything_is_predicted(workspace, ants) -> None:
    frame = table(6).astype({"size": object})
    frame.loc[1, "size"], frame.loc[4, "colour"] = "tall", "mauve"
    store = TablePredictions(workspace)
    identifier = store.stage("rows.csv", text_of(frame.assign(note=1)), ants.version)
    checked = store.check(identifier, ignore)
    assert (checked.rows, checked.ignored, checked.has_label) == (6, ("note",), True)
    listed = store.frame(identifier, "problems")
    marked = listed[listed["column"].isin(["size", "colour"])]
    assert list(zip(marked["row"], marked["column"], marked["is_refused"], strict=True)) == [
        (2, "size", True),
        (5, "colour", False),
    ]
    assert checked.refused["warn"] == 1 <= checked.refused["refuse"]
    assert store.checked(identifier) == checked
    assert store.done(identifier) is None


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"a,b\n1,2\n", "prediction.file", "“rows.csv” has no column"),
        (b"", "prediction.file", "has no column"),
        (b"\x00\x01\x02", "prediction.file", ""),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(workspace, ants, content, code, said) -> None:
    store = TablePredictions(workspace)
    identifier = store.stage("rows.csv", content, ants.version)
    with pytest.raises(UserError) as caught:
        store.check(identifier, ignore)
    assert caught.value.code == code and said in str(caught.value)
    assert "input.csv" not in str(caught.value)


def packed_json(frame: pd.DataFrame) -> bytes:
    lines = frame.to_json(orient="records", lines=True, date_format="iso")
    return gzip.compress(lines.encode())


def workbook(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_excel(stream, index=False)
    return stream.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.to_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize("write", [packed_json, workbook, parquet])
def test_other_formats_get_the_same_answers(workspace, ants, write) -> None:
    store, plain = predicted(workspace, ants, text_of(table()))
    expected = store.frame(plain, "answers").drop(columns="warnings")
    store, identifier = predicted(workspace, ants, write(table()))
    got = store.frame(identifier, "answers").drop(columns="warnings")
    pd.testing.assert_frame_equal(got, expected)


def test_a_file_with_another_decimal_mark_and_encoding(workspace, ants) -> None:
    frame = table()
    store, plain = predicted(workspace, ants, text_of(frame))
    text = frame.to_csv(index=False, sep=";", decimal=",")
    store, identifier = predicted(workspace, ants, gzip.compress(text.encode("utf-16")))
    expected = store.frame(plain, "answers").drop(columns="warnings")
    got = store.frame(identifier, "answers").drop(columns="warnings")
    pd.testing.assert_frame_equal(got, expected)


@pytest.mark.parametrize(
    ("write", "sep"), [(str.encode, ";"), (lambda text: gzip.compress(text.encode()), ",")]
)
def test_another_decimal_mark_is_found_used_and_said(workspace, price, write, sep) -> None:
    frame = table()
    store, plain = predicted(workspace, price, text_of(frame))
    text = frame.to_csv(index=False, sep=";", decimal=",")
    store, identifier = predicted(workspace, price, write(text))
    assert "Numbers have a decimal comma in this file" in store.checked(identifier).cautions[-1]
    assert not store.checked(plain).cautions
    for name in ("answers", "scores"):
        pd.testing.assert_frame_equal(store.frame(identifier, name), store.frame(plain, name))
    written = pd.read_csv(store.folder(identifier) / CSV, sep=sep, decimal=",")
    assert written[store.done(identifier).header[-4]].dtype == "float64"
    sheet = openpyxl.load_workbook(store.write_excel(identifier)).active
    column = frame.columns.get_loc("weight") + 1
    assert sheet.cell(2, column).value == pytest.approx(frame["weight"].iloc[0])


def test_a_bomb_is_refused(workspace, ants) -> None:
    store = TablePredictions(workspace)
    identifier = store.stage("rows.gz", gzip.compress(bytes(2**27)), ants.version)
    with pytest.raises(UserError) as caught:
        store.check(identifier, ignore)
    assert caught.value.code == "data.packed_bomb"


def test_a_header_alone_is_refused(workspace, ants) -> None:
    store = TablePredictions(workspace)
    identifier = store.stage("rows.csv", text_of(table(0)), ants.version)
    with pytest.raises(UserError) as caught:
        store.check(identifier, ignore)
    assert caught.value.code == "prediction.no_rows"


def test_scores_are_those_of_the_evaluation(workspace, ants) -> None:
    frame = table()
    frame.loc[3, "species"] = None
    store, identifier = predicted(workspace, ants, text_of(frame))
    answers = store.frame(identifier, "answers")
    known = frame["species"].notna() & answers["prediction"].notna()
    shares = answers.filter(like="probability_").rename(
        columns=lambda name: name.removeprefix("probability_")
    )
    expected = score_all(
        Task.CLASSIFICATION,
        frame["species"][known],
        answers["prediction"][known],
        shares[known],
    )
    scores = store.frame(identifier, "scores").set_index("metric")["value"]
    assert scores.to_dict() == pytest.approx(expected, nan_ok=True)
    assert store.done(identifier).labelled == known.sum()


def test_numbers_are_scored_too(workspace, price) -> None:
    store, identifier = predicted(workspace, price, text_of(table()))
    answers = store.frame(identifier, "answers")
    scores = store.frame(identifier, "scores").set_index("metric")["value"]
    error = (table()["price"] - answers["prediction"]).abs()
    assert scores["mae"] == pytest.approx(error.mean())
    assert {"low", "high"} <= set(answers.columns)


def test_without_labels_there_are_no_scores(workspace, ants) -> None:
    store, identifier = predicted(workspace, ants, text_of(table().drop(columns="species")))
    assert store.frame(identifier, "scores") is None
    assert store.done(identifier).labelled == 0


def test_labels_are_named_as_the_model_names_them() -> None:
    classes: Mapping[str, Any] = {"task": "classification", "classes": ["1.5", "2"], "decimal": ","}
    assert actual_labels([" 1,50", "2.0", "2", "NA", "x"], classes).tolist()[:2] != ["1,50", "2.0"]
    assert _class("1,50", {"1.5"}, ",") == "1.5"
    assert actual_labels(["NA"], classes).isna().all()
    numbers = {"task": "regression", "classes": [], "decimal": ","}
    assert actual_labels(["1,5", ""], numbers).tolist()[0] == 1.5


def test_columns_that_moved_are_told(workspace, ants) -> None:
    frame = pd.concat([table(120)] * 3, ignore_index=True)
    alike = predicted(workspace, ants, text_of(frame))
    assert set(alike[0].frame(alike[1], "drift")["verdict"]) <= {"alike", "chance"}
    frame["size"] += 3
    store, identifier = predicted(workspace, ants, text_of(frame))
    drift = store.frame(identifier, "drift").set_index("column")
    assert drift.index[0] == "size" and drift.loc["size", "verdict"] == "very"
    assert drift.loc["size", "outside_now"] > 0
    assert "in training" in drift.loc["size", "change"]
    assert drift.loc["size", "missing_now"] == pytest.approx(frame["size"].isna().mean())


def test_csv_and_excel_hold_the_answers_and_no_formula(workspace, ants) -> None:
    frame = table(5).assign(note="=1+1")
    store, identifier = predicted(workspace, ants, text_of(frame))
    answers = store.frame(identifier, "answers")
    written = (store.folder(identifier) / CSV).read_text("utf-8")
    rows = list(csv.reader(io.StringIO(written)))
    assert rows[0] == list(store.done(identifier).header)
    assert [row[rows[0].index("prediction")] for row in rows[1:]] == answers["prediction"].tolist()
    assert rows[1][rows[0].index("note")] == "'=1+1"
    sheet = openpyxl.load_workbook(store.write_excel(identifier)).active
    cells = [list(row) for row in sheet.iter_rows()]
    assert [cell.value for cell in cells[0]] == rows[0]
    place = rows[0].index("probability_ant")
    assert [row[place].value for row in cells[1:]] == pytest.approx(
        answers["probability_ant"].tolist()
    )
    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    # A spreadsheet keeps 15 to 16 digits.
    sizes = [row[rows[0].index("size")].value for row in cells[1:]]
    known = frame["size"].notna()
    assert [size is not None for size in sizes] == known.tolist()
    assert list(filter(None, sizes)) == pytest.approx(frame["size"][known].tolist(), rel=1e-14)


def test_too_long_for_a_sheet_is_said(workspace, ants) -> None:
    store, identifier = predicted(workspace, ants, text_of(table(3)))
    path = store.folder(identifier) / "done.json"
    plain = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**plain, "rows": 2_000_000}), "utf-8")
    with pytest.raises(UserError) as caught:
        store.write_excel(identifier)
    assert caught.value.code == "prediction.too_long"


def test_what_is_removed_is_gone(workspace, ants) -> None:
    store, identifier = predicted(workspace, ants, text_of(table(3)))
    assert np.isfinite(store.source(identifier).created)
    store.delete(identifier)
    assert store.source(identifier) is None and not store.folder(identifier).exists()
    with pytest.raises(UserError) as caught:
        store.check(identifier, ignore)
    assert caught.value.code == "prediction.gone"
