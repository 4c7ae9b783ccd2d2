"""Steps as a file: what is written is read, and what is wrong is said by step and field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe_tables import EXAMPLES, KINDS, described

from mlcore.data.recipe.recipe import Recipe
from mlcore.data.recipe.steps_file import read_steps, write_steps
from mlcore.errors import UserError


@pytest.mark.parametrize("step", [example[0] for example in EXAMPLES], ids=map(described, EXAMPLES))
def test_a_written_file_is_read_as_it_was(step: dict[str, Any]) -> None:
    recipe = Recipe.of([step], KINDS)
    content = write_steps(recipe)
    assert Recipe.of(read_steps(content, "steps.json"), KINDS) == recipe
    experiment = json.dumps({"recipe": json.loads(content), "seed": 0}).encode("utf-8-sig")
    assert Recipe.of(read_steps(experiment, "experiment.json"), KINDS) == recipe


FILL = {"step": "fill", "column": "age", "value": 1}

#: Files that are no list of steps, with what is said.
WRONG: list[tuple[Any, str]] = [
    (b'[{"step": "drop",\n]', r"“s.json” cannot be read as JSON \(line 2, column 1\)"),
    (b"\xff\xfe", "it is not text in UTF-8"),
    (b"[" * 100_000, "nest too deeply"),
    ({"step": "drop", "columns": ["age"]}, "holds {…}, but a list of steps was expected"),
    ([FILL, "drop"], 'Step 2 of “s.json”: Got "drop", but a step'),
    ([{"columns": ["age"]}], "Step 1 of “s.json”: Got {…}"),
    ([{"step": "dorp"}], "Step 1 .* no step called “dorp”.*Did you mean “drop”"),
    ([{"step": ["drop"]}], "Step 1 .* no step called “.…]”"),
    ([{"step": "fill", "colunm": "age", "value": 1}], "no field “colunm”.*“column”, “value”"),
    ([FILL, {"step": "fill", "column": "age"}], "Step 2 .*“fill” lacks the field “value”"),
    ([{**FILL, "column": ["age"]}], "The field “column” of “fill” holds .…]. Give it a text"),
    ([{**FILL, "value": True}], "The field “value” of “fill” holds true"),
    ([{**FILL, "value": float("nan")}], "The field “value” of “fill” holds NaN"),
    ([{**FILL, "value": 10**400}], "The field “value” of “fill” holds 1000"),
    ([{"step": "drop", "columns": "age"}], 'holds "age". Give it a list of texts'),
    ([{"step": "replace", "column": "age", "values": [1, 2]}], "a list of pairs of old and new"),
    ([{"step": "date_parts", "column": "seen", "parts": "year"}], "“parts” of .*list of texts"),
    ([{"step": "group", "column": "city", "keep": [None], "other": "x"}], "“keep” of “group”"),
]


@pytest.mark.parametrize(("plain", "said"), WRONG)
def test_what_is_wrong_is_said(plain: Any, said: str) -> None:
    content = plain if isinstance(plain, bytes) else json.dumps(plain).encode()
    with pytest.raises(UserError, match=said):
        read_steps(content, "s.json")


def test_steps_that_do_not_fit_the_table_are_named() -> None:
    steps = read_steps(json.dumps([{**FILL, "column": "ages"}]).encode(), "s.json")
    with pytest.raises(UserError, match="Step 1 .Fill missing values. does not fit.*“age”"):
        Recipe.of(steps, KINDS)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(step=st.sampled_from([example[0] for example in EXAMPLES]), data=st.data())
def test_any_value_gives_steps_or_a_sentence(step: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(step)))
    plain = [{**step, name: data.draw(_JSON)}]
    try:
        Recipe.of(read_steps(json.dumps(plain).encode(), "s.json"), KINDS)
    except UserError as error:
        assert str(error)
