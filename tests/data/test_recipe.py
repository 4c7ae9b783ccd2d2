"""The steps before modelling: what they do, to tables, to single rows and in programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe_tables import CONTRADICTING, EXAMPLES, KINDS, TABLE, described

from mlcore.data.recipe import formula
from mlcore.data.recipe.catalogue import STEPS, shown_value
from mlcore.data.recipe.recipe import Recipe, schema_after
from mlcore.data.recipe.steps import rows_prepared
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.messages import SENTENCES, message


def as_column(name: str, values: list[Any]) -> pd.Series:
    """Return values in the type that a column of this name has."""
    if name == "seen":
        return pd.Series(pd.to_datetime(values, format="mixed"), name=name)
    return pd.Series(values, name=name, dtype="str" if name == "city" else "float64")


def test_every_step_is_shown_to_work() -> None:
    assert {step["step"] for step, _, _ in EXAMPLES} == set(STEPS)


@pytest.mark.parametrize(("step", "name", "values"), EXAMPLES, ids=map(described, EXAMPLES))
def test_a_step_does_what_it_says(step: dict[str, Any], name: str, values: list[Any]) -> None:
    before = TABLE.copy()
    recipe = Recipe.of([step], KINDS)
    made = recipe.prepare(TABLE)
    pd.testing.assert_series_equal(made[name], as_column(name, values), check_dtype=False)
    pd.testing.assert_frame_equal(TABLE, before)
    assert list(recipe.kinds_after(KINDS)) == list(made.columns)
    assert list(made.index) == list(range(len(made)))
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    (said,) = recipe.sentences()
    assert str(said) and not str(said).endswith(" .")


@pytest.mark.parametrize(("steps", "ages"), CONTRADICTING)
def test_rows_that_contradict_each_other_go(steps: list[dict[str, Any]], ages: list[Any]) -> None:
    recipe = Recipe.of(steps, KINDS)
    made = recipe.prepare(TABLE)["age"]
    pd.testing.assert_series_equal(made, as_column("age", ages))
    # Asked about a new row, the steps say nothing of others.
    assert rows_prepared(TABLE, recipe.steps)[1] == {}


@pytest.mark.parametrize(("step", "name", "values"), EXAMPLES, ids=map(described, EXAMPLES))
def test_a_row_alone_gets_what_it_gets_among_others(
    step: dict[str, Any], name: str, values: list[Any]
) -> None:
    recipe = Recipe.of([step], KINDS)
    together, _ = rows_prepared(TABLE, recipe.steps)
    alone = [rows_prepared(TABLE.iloc[[row]], recipe.steps)[0] for row in range(len(TABLE))]
    pd.testing.assert_frame_equal(pd.concat(alone), together, check_exact=True)


def test_a_value_is_shown_with_all_its_digits() -> None:
    values = (1234567.0, 0.1, -3.0, 1e22, pd.Timestamp("2024-01-31"), "1,5")
    shown = ["1234567", "0.1", "-3", "1e+22", "2024-01-31", "1,5"]
    assert [shown_value(value) for value in values] == shown


def test_steps_follow_each_other() -> None:
    steps = [
        {"step": "replace", "column": "age", "values": [[-1, None]]},
        {"step": "rename", "column": "age", "to": "years"},
        {"step": "derive", "name": "months", "formula": "years * 12"},
        {"step": "drop", "columns": ["years", "seen"]},
        {"step": "keep_rows", "column": "months", "comparison": "is not missing", "values": []},
    ]
    recipe = Recipe.of(steps, KINDS)
    made = recipe.prepare(TABLE)
    assert list(made) == ["height (m)", "city", "months"]
    assert made["months"].tolist() == [360, 612, 360]
    rows, needed = recipe.for_rows(["months"])
    assert needed == {"age"}
    assert [step["step"] for step in rows.steps] == ["replace", "rename", "derive", "keep_rows"]
    frame, left_out = rows_prepared(TABLE[["age"]], rows.steps)
    assert frame["months"].tolist()[0] == 360 and sorted(left_out) == [1, 2]
    assert recipe.for_rows(["city"]) == (Recipe(), {"city"})
    with pytest.raises(UserError, match="Step 3 .Work out a column. does not fit"):
        Recipe.of([*steps[:1], steps[1], {**steps[2], "formula": "age * 12"}], KINDS)


def test_what_the_columns_are_afterwards() -> None:
    columns = tuple(
        Column(name, kind, Role.FEATURE, message("data.kind.empty"), 0, 4, 2)
        for name, kind in KINDS.items()
    )
    before = Schema(columns, len(TABLE)).with_roles({"city": Role.LABEL})
    steps = [
        {"step": "rename", "column": "city", "to": "town"},
        {"step": "replace", "column": "town", "values": [["bern", "Bern"]]},
        {"step": "derive", "name": "half", "formula": "age / 2"},
    ]
    recipe = Recipe.of(steps, KINDS)
    after = schema_after(recipe, before, recipe.prepare(TABLE))
    assert after["town"].role is Role.LABEL and after["town"].kind is ColumnKind.CATEGORY
    assert (after["town"].missing, after["town"].distinct, after["town"].unreadable) == (1, 2, 2)
    assert after["half"].kind is ColumnKind.NUMBER and after["half"].role is Role.FEATURE
    assert after.n_rows == 5


#: Steps that do not fit, with what is said.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"step": "sing"}, "no step called “sing”"),
    ({"step": "rename", "column": "ages", "to": "x"}, "Did you mean “age”"),
    ({"step": "rename", "column": "age", "to": "city"}, "a column “city” already"),
    ({"step": "rename", "column": "age", "to": "  "}, "no name"),
    ({"step": "drop", "columns": []}, "No column is chosen"),
    ({"step": "drop", "columns": list(KINDS)}, "No column would be left"),
    ({"step": "fill", "column": "age", "value": "old"}, "holds numbers, but got “old”"),
    ({"step": "fill", "column": "age", "value": "inf"}, "holds numbers"),
    ({"step": "fill", "column": "seen", "value": "soon"}, "holds dates, but got “soon”"),
    ({"step": "fill", "column": "city", "value": ""}, "needs a value"),
    ({"step": "replace", "column": "age", "values": []}, "Nothing is to be replaced"),
    ({"step": "group", "column": "age", "keep": [], "other": "x"}, "this step needs"),
    ({"step": "group", "column": "city", "keep": ["Ulm"], "other": " "}, "is empty"),
    ({"step": "date_parts", "column": "age", "parts": ["year"]}, "this step needs"),
    ({"step": "date_parts", "column": "seen", "parts": ["century"]}, "expected one of"),
    (
        {"step": "keep_rows", "column": "city", "comparison": "is less than", "values": ["a"]},
        "expected one of",
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is between", "values": [1]},
        "needs 2 value",
    ),
    (
        {"step": "keep_rows", "column": "age", "comparison": "is between", "values": [2, 1]},
        "is more than",
    ),
    ({"step": "derive", "name": "x", "formula": ""}, "formula is empty"),
    ({"step": "derive", "name": "x", "formula": "1+" * 400 + "1"}, "too long"),
    ({"step": "derive", "name": "x", "formula": "(" * 60}, "nest deeper"),
    ({"step": "derive", "name": "x", "formula": "age age"}, "“age” cannot stand"),
    ({"step": "derive", "name": "x", "formula": "age;1"}, "“;” cannot stand"),
    ({"step": "derive", "name": "x", "formula": "age +"}, "ends too early"),
    ({"step": "derive", "name": "x", "formula": "(age"}, "needs “)”"),
    ({"step": "derive", "name": "x", "formula": "__import__('os')"}, "no function “__import__”"),
    ({"step": "derive", "name": "x", "formula": "age.real"}, "cannot stand"),
    ({"step": "derive", "name": "x", "formula": "if(age, 1)"}, "needs 3 values"),
    ({"step": "derive", "name": "x", "formula": "age + 'a'"}, "only be compared"),
    ({"step": "derive", "name": "x", "formula": "city + 1"}, "cannot be computed with"),
    ({"step": "derive", "name": "x", "formula": "age = 'a'"}, "cannot be compared with a text"),
    ({"step": "derive", "name": "x", "formula": "aeg + 1"}, "Did you mean “age”"),
]


@pytest.mark.parametrize(("step", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_does_not_fit_gets_a_sentence(step: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        Recipe.of([step], KINDS)
    assert said in str(caught.value)


def test_limits() -> None:
    fill = {"step": "fill", "column": "age", "value": 1}
    with pytest.raises(UserError, match="at most 200 steps"):
        Recipe.of([fill] * 201, KINDS)
    nobody = {"step": "keep_rows", "column": "age", "comparison": "is at least", "values": [99]}
    with pytest.raises(UserError, match="None of the 5 rows is left"):
        Recipe.of([nobody], KINDS).prepare(TABLE)


#: Formulas and the same in Python, on numbers a and b.
SAME = {
    "a + b * 2 - -3": lambda a, b: a + b * 2 + 3,
    "-a^2": lambda a, b: -(a**2),
    "2^3^2 + a*0": lambda a, b: 512 + a * 0,
    "(a - b) / (b^2 + 1)": lambda a, b: (a - b) / (b * b + 1),
    "if(a < b, a, b)": min,
    "max(a, b, 0)": lambda a, b: max(a, b, 0),
    "abs(a) + floor(b) + ceil(b)": lambda a, b: abs(a) + np.floor(b) + np.ceil(b),
    "(a >= b) + (a != b) + (a <= b and b <= a)": lambda a, b: (a >= b) + (a != b) + (a == b),
    "round(a, 1) - round(b)": lambda a, b: np.round(a * 10) / 10 - np.round(b),
    "exp(log(b^2 + 1)) + sqrt(a^2)": lambda a, b: np.exp(np.log(b * b + 1)) + np.sqrt(a * a),
    "is_missing(a) + min(a, b)": lambda a, b: min(a, b),
}


@pytest.mark.parametrize("text", SAME)
@given(numbers=st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=1, max_size=5))
def test_formulas_are_arithmetic(text: str, numbers: list[tuple[float, float]]) -> None:
    a, b = np.array(numbers).T
    found = formula.compute(formula.parse(text), {"a": a, "b": b}, len(a))
    np.testing.assert_allclose(
        found, [SAME[text](*pair) for pair in numbers], rtol=1e-12, atol=1e-9
    )


@given(text=st.text("ab0.1+-*/^()<=>[],'\" ifmnlog", max_size=40))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        node = formula.parse(text)
    except formula.FormulaError as error:
        assert f"recipe.formula.{error.code}" in SENTENCES
        return
    columns = dict.fromkeys(formula.names_in(node), np.array([1.5, np.nan]))
    columns |= dict.fromkeys(formula.text_names(node), np.array(["a", None], dtype=object))
    try:
        found = formula.compute(node, columns, 2)
    except (TypeError, np.exceptions.DTypePromotionError):
        assert formula.text_names(node)  # used as text and as a number: the check refuses it
        return
    assert found.shape == (2,) and not np.isinf(found).any()


#: What people try on fields that hand text to an interpreter.
HOSTILE = (
    "@pd.io.common.os.system('touch canary')",
    "age.__class__.__init__.__globals__['os'].system('touch canary')",
    "().__class__.__bases__[0].__subclasses__()",
    "__import__('os').system('touch canary')",
    'exec(\'open("canary", "w")\')',
    "eval('1')",
    "open('canary', 'w')",
    "compile('1', '', 'eval')",
    "getattr(age, 'mean')()",
    "globals()",
    "locals()['age']",
    "lambda: 1",
    "[x for x in (1,)]",
    "(yield 1)",
    "age if 1 else age",
    "age; import os",
    "age\nimport os",
    "import os",
    "print(age)",
    "abs.__self__",
    "abs(age).sum",
    "age[0]",
    "age['x']",
    "{age}",
    "f'{age}'",
    "`touch canary`",
    "$(touch canary)",
    "=cmd|'/c calc'!A1",
    "read_csv_auto('/etc/passwd')",
    "COPY age TO 'canary'",
    "age := 1",
    "age -> age",
    "\\x41",
    "age\0",
    "1_000",
    "0x41",
    "1j",
    "sqrt (os)",
    "if(1, system, 2)",
    "[__builtins__]",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_is_no_program(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        Recipe.of([{"step": "derive", "name": "x", "formula": text}], KINDS).prepare(TABLE)
    assert caught.value.code.startswith("recipe.") and not list(tmp_path.iterdir())
