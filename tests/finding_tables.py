"""Small tables in which the checks of data find something, and what is to be done about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.recipe.steps import PlainStep
from mlcore.data.schema import Role
from mlcore.tasks import Task

ROWS = 60
LOTS = np.random.default_rng(5)
AGES = LOTS.integers(18, 90, ROWS)
AMOUNTS = np.round(LOTS.normal(50, 9, ROWS), 2)
NAMES = LOTS.choice(["red", "green", "blue"], ROWS)
EACH = np.arange(ROWS)


def with_values(values: Any, places: Mapping[int, object]) -> np.ndarray:
    """Return a column with other values at some places."""
    changed = np.array(values, dtype=object)
    for place, value in places.items():
        changed[place] = value
    return changed


def text_table(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return columns as text, missing where there is no value."""
    text = pd.DataFrame(dict(columns)).astype(object)
    return text.map(lambda value: np.nan if pd.isna(value) else str(value)).astype("str")


def table(**columns: Any) -> Dataset:
    """Return a table whose columns are guessed from text, as those of a file are."""
    schema, frame = type_table(text_table(columns))
    return Dataset("table", frame, schema, fingerprint(frame))


@dataclass(frozen=True, kw_only=True)
class Example:
    """A table in which a check finds something.

    Parameters
    ----------
    code : str
        Of the check.
    columns : mapping of str to values
        The table.
    names : tuple of str
        The columns that it names.
    says : str
        A piece of what it says.
    target : str, optional
        The label, for a check that needs one.
    roles : mapping of str to Role, optional
        What columns are for.
    steps : tuple of mapping, default ()
        What was done to it before.
    clicks : int, default 1
        How many things can be done at once about it.
    """

    code: str
    columns: Mapping[str, Any]
    names: tuple[str, ...]
    says: str
    target: str | None = None
    roles: Mapping[str, Role] | None = None
    steps: tuple[PlainStep, ...] = ()
    clicks: int = 1

    task = Task.CLASSIFICATION


_GAPS = dict.fromkeys(range(0, ROWS, 2))
_SOME_GAPS = dict.fromkeys(range(6))
_COUNTRIES = [f"Town {n % 55}" for n in EACH]
_LEVELS = [f"about {n % 30}" if n % 3 else str(n % 40) for n in EACH]
_TWO = np.where(EACH % 2, "yes", "no")
_DAYS = np.array([f"2020-{1 + n % 12:02}-{1 + n % 28:02}" for n in EACH])
_SKEWED = np.round(np.exp(np.sort(LOTS.normal(8, 1.4, ROWS))), 2)

#: By what they show. Each check has one at least, with each of its ways out.
EXAMPLES: dict[str, Example] = {
    "a column with half its values": Example(
        code="DATA001",
        columns={"half": with_values(AMOUNTS, _GAPS), "age": AGES},
        names=("half",),
        says="50.0%",
    ),
    "a few gaps": Example(
        code="DATA001",
        columns={"some": with_values(AMOUNTS, _SOME_GAPS), "age": AGES},
        names=("some",),
        says="6 empty cells",
        clicks=0,
    ),
    "the same everywhere": Example(
        code="DATA002", columns={"land": ["here"] * ROWS, "age": AGES}, names=("land",), says="1"
    ),
    "nothing but the same": Example(
        code="DATA002", columns={"land": ["here"] * ROWS}, names=("land",), says="1", clicks=0
    ),
    "a number for each row": Example(
        code="DATA003",
        columns={"id": 500 + EACH, "age": AGES},
        names=("id",),
        says="“id”",
        clicks=2,
    ),
    "codes alone": Example(
        code="DATA003",
        columns={"code": [f"A{n:03}" for n in EACH]},
        names=("code",),
        says="“code”",
        clicks=0,
    ),
    "a row twice": Example(
        code="DATA004",
        columns={"amount": with_values(np.arange(ROWS) / 7, {9: 8 / 7}), "group": NAMES[0]},
        names=(),
        says="1 of 60",
    ),
    "a word among numbers": Example(
        code="DATA005",
        columns={"amount": with_values(AMOUNTS, {3: "high"}), "age": AGES},
        names=("amount",),
        says="“amount” (1)",
    ),
    "a word among numbers that a step works on": Example(
        code="DATA005",
        columns={"amount": with_values(AMOUNTS, {3: "high"}), "age": AGES},
        names=("amount",),
        says="“amount” (1)",
        steps=({"step": "derive", "name": "half", "formula": "[amount] / 2"},),
        clicks=0,
    ),
    "-1 among ages": Example(
        code="DATA011",
        columns={"age": with_values(AGES, dict.fromkeys(range(5), -1))},
        names=("age",),
        says="-1: 5",
    ),
    "999 among amounts": Example(
        code="DATA011",
        columns={"amount": with_values(AMOUNTS, dict.fromkeys(range(3), 999))},
        names=("amount",),
        says="999: 3",
    ),
    "99 among scores": Example(
        code="DATA011",
        columns={"score": with_values(EACH % 28 * 2, dict.fromkeys(range(4), 99))},
        names=("score",),
        says="99: 4",
    ),
    "unknown among colours": Example(
        code="DATA011",
        columns={"colour": with_values(NAMES, dict.fromkeys(range(0, 20, 4), "unknown"))},
        names=("colour",),
        says="unknown: 5",
    ),
    "one value nearly everywhere": Example(
        code="DATA012",
        columns={"x": np.tile(AMOUNTS, 2), "flag": with_values(["no"] * 2 * ROWS, {3: "yes"})},
        names=("flag",),
        says="99.2%",
    ),
    "a rare label": Example(
        code="DATA012",
        columns={"x": np.tile(AMOUNTS, 2), "flag": with_values(["no"] * 2 * ROWS, {3: "yes"})},
        names=("flag",),
        says="99.2%",
        roles={"flag": Role.LABEL},
        clicks=0,
    ),
    "a town a row or two": Example(
        code="DATA013", columns={"town": _COUNTRIES}, names=("town",), says="55"
    ),
    "two spellings": Example(
        code="DATA014",
        columns={"colour": with_values(NAMES, {0: "Red", 1: " blue-", 2: "GREEN"})},
        names=("colour",),
        says="Red / red",
    ),
    "numbers and remarks": Example(
        code="DATA015", columns={"level": _LEVELS}, names=("level",), says="33.3%"
    ),
    "numbers and remarks that a step works on": Example(
        code="DATA015",
        columns={"level": _LEVELS},
        names=("level",),
        says="36.7%",
        steps=({"step": "replace", "column": "level", "values": [["about 1", "1"]]},),
        clicks=0,
    ),
    "a slip of three digits": Example(
        code="DATA016",
        columns={"amount": with_values(AMOUNTS, {7: 5000.5})},
        names=("amount",),
        says=": 1. In “amount” (1)",
        clicks=2,
    ),
    "a slip beside gaps": Example(
        code="DATA016",
        columns={"amount": with_values(AMOUNTS, {7: 5000.5, 8: None}), "age": AGES},
        names=("amount",),
        says=": 1. In “amount” (1)",
        clicks=2,
    ),
    "incomes": Example(code="DATA017", columns={"income": _SKEWED}, names=("income",), says="+"),
    "debts": Example(
        code="DATA017", columns={"debt": -_SKEWED}, names=("debt",), says="-", clicks=0
    ),
    "a date that stands for none": Example(
        code="DATA018",
        columns={"day": with_values(_DAYS, {0: "9999-12-31", 5: "1753-01-01"})},
        names=("day",),
        says="1900",
    ),
    "another calendar": Example(
        code="DATA018",
        columns={"day": [f"25{n:03}"[:4] + f"-{1 + n % 12:02}-01" for n in range(540, 660)]},
        names=("day",),
        says="1900",
        clicks=0,
    ),
    "the same in other units": Example(
        code="DATA019",
        columns={"cm": AMOUNTS, "inch": np.round(AMOUNTS / 2.54, 4), "colour": NAMES},
        names=("inch",),
        says="“cm” and “inch”",
    ),
    "a name and its code": Example(
        code="DATA019",
        columns={"colour": NAMES, "code": [str(n)[:1].upper() for n in NAMES], "x": AMOUNTS},
        names=("code",),
        says="“colour” and “code”",
    ),
    "a label said twice": Example(
        code="DATA019",
        columns={"colour": NAMES, "code": [str(n)[:1].upper() for n in NAMES], "x": AMOUNTS},
        names=("code",),
        says="“colour” and “code”",
        roles={"code": Role.LABEL},
        clicks=0,
    ),
    "visits of patients": Example(
        code="DATA020",
        columns={"patient_id": [f"P{n % 15:03}" for n in EACH], "x": AMOUNTS},
        names=("patient_id",),
        says="15 different ones",
    ),
    "a diary": Example(
        code="DATA021",
        columns={"when": [str(day)[:10] for day in pd.date_range("2020-01-01", periods=ROWS)]},
        names=("when",),
        says="100.0% of the steps",
    ),
    "answers that are missing": Example(
        code="DATA006",
        columns={"x": AMOUNTS, "answer": with_values(_TWO, _SOME_GAPS)},
        names=("answer",),
        says="6 of 60",
        target="answer",
    ),
    "no answers": Example(
        code="DATA006",
        columns={"x": AMOUNTS, "answer": [None] * ROWS},
        names=("answer",),
        says="60 of 60",
        target="answer",
        clicks=0,
    ),
    "one class nearly always": Example(
        code="DATA007",
        columns={"x": AMOUNTS, "answer": np.where(EACH % 10, "yes", "no")},
        names=("answer",),
        says="90.0%",
        target="answer",
    ),
    "rare colours": Example(
        code="DATA008",
        columns={"x": AMOUNTS, "colour": with_values(np.repeat(["red", "blue"], 30), {0: "pink"})},
        names=("colour",),
        says="“pink” (1)",
        target="colour",
    ),
    "rare colours and gaps": Example(
        code="DATA008",
        columns={
            "x": np.tile(AMOUNTS, 2),
            "colour": with_values(
                np.repeat(["red", "blue"], ROWS), {0: "pink", 1: "grey", 2: None}
            ),
        },
        names=("colour",),
        says="“pink” (1), “grey” (1)",
        target="colour",
        clicks=2,
    ),
    "one class and a rare one": Example(
        code="DATA008",
        columns={"x": AMOUNTS, "colour": with_values(["red"] * ROWS, {0: "pink"})},
        names=("colour",),
        says="“pink” (1)",
        target="colour",
        clicks=0,
    ),
    "the label in other words": Example(
        code="DATA009",
        columns={"x": AMOUNTS, "told": [f"was {n}" for n in NAMES], "colour": NAMES},
        names=("told",),
        says="1.00",
        target="colour",
    ),
    "filled in for one class": Example(
        code="DATA010",
        columns={"x": AMOUNTS, "after": np.where(EACH % 2, AMOUNTS[::-1], np.nan), "answer": _TWO},
        names=("after",),
        says="1.00",
        target="answer",
    ),
    "equal rows, other answers": Example(
        code="DATA022",
        columns={"colour": ["red"] * 36 + ["blue"] * 24, "answer": ["yes"] * 24 + ["no"] * 36},
        names=("answer", "colour"),
        says="36 of 60 rows (60.0%)",
        target="answer",
        clicks=0,
    ),
    "two rows of many with other answers": Example(
        code="DATA022",
        columns={"x": with_values(EACH, {9: 8}), "colour": "red", "answer": _TWO},
        names=("answer", "x"),
        says="2 of 60 rows (3.3%)",
        target="answer",
    ),
}
