from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from mlcore.registry.bundle_files.predict import FORMULA_STARTS
from mlcore.registry.exports import write_csv
from mlcore.registry.spreadsheet import neutralise
from mlcore.workspace import Workspace

FORMULAS = [
    "=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1+A1", "－A1", "＠x",
    "-2+3", "--5", "+1-800-555", "=cmd|' /C calc'!A0", "-",
]  # fmt: skip
HARMLESS = ["", "a=b", "'=1", "-5", "+5", "-5.25", "-1e-7", "-1,5", "-50%", "5-", " =1", "1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_get_an_apostrophe(text: str):
    frame = pd.DataFrame({"a": ["x", text, None]})
    assert list(neutralise(frame)["a"][:2]) == ["x", "'" + text]
    assert neutralise(frame)["a"].isna().tolist() == [False, False, True]
    assert list(neutralise(pd.DataFrame({text: [1]})).columns) == ["'" + text]


@pytest.mark.parametrize("text", HARMLESS)
def test_everything_else_stays(text: str):
    frame = pd.DataFrame({"a": [text]})
    assert neutralise(frame)["a"][0] == text


def test_numbers_dates_and_the_given_table_stay():
    frame = pd.DataFrame(
        {
            "number": [-5.0, float("nan")],
            "whole": [-1, 2],
            "time": pd.to_datetime(["2024-01-01", None]),
            "flag": [True, False],
            "mixed": [-3, "=1"],
            "class": pd.Categorical(["=a", "b"]),
            "=name": [1, 2],
        }
    )
    before = frame.copy(deep=True)
    safe = neutralise(frame)
    assert_frame_equal(frame, before)
    plain = ["number", "whole", "time", "flag"]
    assert_frame_equal(safe[plain], frame[plain])
    assert list(safe["mixed"]) == [-3, "'=1"]
    assert list(safe["class"]) == ["'=a", "b"]
    assert safe.columns[-1] == "'=name"


def test_columns_of_one_name_are_treated_each():
    frame = pd.DataFrame([["=1", "b"], ["c", "@d"]], columns=["x", "x"])
    assert neutralise(frame).to_numpy().tolist() == [["'=1", "b"], ["c", "'@d"]]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_no_text_starts_a_formula_and_the_text_is_still_there(texts: list[str]):
    safe = list(neutralise(pd.DataFrame({"a": pd.Series(texts, dtype=object)}))["a"])
    for before, after in zip(texts, safe, strict=True):
        assert after.removeprefix("'") == before or after == before
        if after.startswith(FORMULA_STARTS):
            float(after.rstrip("%").strip().replace(",", ""))


def test_files_are_read_back_alike(workspace: Workspace):
    path = workspace.folder("exports", "a")
    frame = pd.DataFrame({"größe": [-1.5, 2.0], "text": ["=x", "ü, “y”"]})
    write_csv(workspace, frame, path)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    assert back["größe"].tolist() == [-1.5, 2.0]
    assert back["text"].tolist() == ["'=x", "ü, “y”"]
