"""The user's own steps as lines of pandas: they run, and make the same table."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recipe_tables import CONTRADICTING, EXAMPLES, KINDS, TABLE, described

from mlcore.codegen.expression import Writer
from mlcore.codegen.recipe_code import recipe_code
from mlcore.data.recipe.recipe import Recipe


def ran(recipe: Recipe) -> pd.DataFrame:
    """Return the table that the lines of a recipe make."""
    program = recipe_code(recipe, KINDS, Writer())
    names: dict[str, Any] = {"pd": pd, "np": np, "reduce": reduce, "table": TABLE.copy()}
    with np.errstate(all="ignore"):
        exec(compile(program, "program", "exec", dont_inherit=True), names)
    made: pd.DataFrame = names["table"]
    return made


@pytest.mark.parametrize("example", EXAMPLES, ids=described)
def test_a_program_does_the_same(example: tuple[dict[str, Any], str, list[Any]]) -> None:
    recipe = Recipe.of([example[0]], KINDS)
    pd.testing.assert_frame_equal(ran(recipe), recipe.prepare(TABLE), check_exact=True)


@pytest.mark.parametrize(("steps", "ages"), CONTRADICTING)
def test_a_program_leaves_out_the_same_rows(steps: list[dict[str, Any]], ages: list[Any]) -> None:
    recipe = Recipe.of(steps, KINDS)
    pd.testing.assert_frame_equal(
        ran(recipe).reset_index(drop=True), recipe.prepare(TABLE), check_exact=True
    )


@pytest.mark.parametrize(
    "formula",
    [
        "if(age < 40 and [height (m)] > 0, 1, 2)",
        "min(age, 40, [height (m)]) + max(1, age)",
        "round(age / 7, 2) - round([height (m)])",
        "is_missing(age) + ([city] != 'Ulm')",
        "-age^2 * 1e3 / (1 + abs(age))",
        "(age)",
    ],
)
def test_a_formula_does_the_same(formula: str) -> None:
    recipe = Recipe.of([{"step": "derive", "name": "made", "formula": formula}], KINDS)
    pd.testing.assert_frame_equal(ran(recipe), recipe.prepare(TABLE), check_exact=True)
