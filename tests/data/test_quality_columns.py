"""What is noticed in single columns and between rows, and what one click does about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.quality import (
    LABEL_CHECKS,
    TABLE_CHECKS,
    check_label,
    check_roles,
    check_table,
    remedies_of,
)
from mlcore.data.quality.columns import FIRST_YEAR
from mlcore.data.reading import read_table
from mlcore.data.recipe.recipe import Recipe, kinds_of, schema_after
from mlcore.data.samples import SAMPLES, Sample
from mlcore.data.schema import Role
from mlcore.findings import Finding, Severity
from mlcore.messages import SENTENCES
from mlcore.tasks import Task

ROWS = 120
LOTS = np.random.default_rng(5)
AGES = LOTS.integers(18, 90, ROWS)
AMOUNTS = np.round(LOTS.normal(50, 9, ROWS), 2)
NAMES = LOTS.choice(["red", "green", "blue"], ROWS)


def table(**columns: object) -> Dataset:
    """Return a table whose columns are guessed from text, as those of a file are."""
    text = pd.DataFrame(columns).astype(object)
    text = text.map(lambda value: np.nan if pd.isna(value) else str(value)).astype("str")
    schema, frame = type_table(text)
    return Dataset("table", frame, schema, fingerprint(frame))


def with_values(values: np.ndarray, places: Mapping[int, object]) -> np.ndarray:
    """Return a column with other values at some places."""
    changed = values.astype(object)
    for place, value in places.items():
        changed[place] = value
    return changed


def finding(code: str, dataset: Dataset, target: str | None = None) -> Finding:
    """Return the outcome of one check."""
    if target is None:
        found = check_table(dataset)
    else:
        features = dataset.schema.default_features(target)
        found = check_label(dataset, target, Task.CLASSIFICATION, features)
    one = next(finding for finding in found if finding.code == code)
    assert one.title and one.explanation and Finding.from_json(one.to_json()) == one
    return one


def healed(dataset: Dataset, one: Finding) -> Dataset:
    """Return the table after the first remedy."""
    remedy = remedies_of(one, dataset)[0]
    assert str(remedy.label) and (remedy.steps or remedy.roles)
    recipe = Recipe.of(remedy.steps, kinds_of(dataset.schema))
    frame = recipe.prepare(dataset.frame)
    schema = schema_after(recipe, dataset.schema, frame).with_roles(remedy.roles)
    return replace(dataset, frame=frame, schema=schema)


SEVERAL = dict.fromkeys(range(0, 20, 4), "unknown")

#: Tables in which a check finds something, the columns it names, and a word of what it says.
FOUND: dict[str, tuple[str, Callable[[], Dataset], tuple[str, ...], str]] = {
    "-1 among ages": (
        "DATA011",
        lambda: table(age=with_values(AGES, dict.fromkeys(range(5), -1))),
        ("age",),
        "-1: 5",
    ),
    "999 among amounts": (
        "DATA011",
        lambda: table(amount=with_values(AMOUNTS, dict.fromkeys(range(3), 999))),
        ("amount",),
        "999: 3",
    ),
    "unknown among colours": (
        "DATA011",
        lambda: table(colour=with_values(NAMES, SEVERAL)),
        ("colour",),
        "unknown: 5",
    ),
    "one value nearly everywhere": (
        "DATA012",
        lambda: table(x=AMOUNTS, flag=with_values(np.array(["no"] * ROWS), {3: "yes"})),
        ("flag",),
        "99.2%",
    ),
    "a town a row or two": (
        "DATA013",
        lambda: table(town=[f"Town {n % 60}" for n in range(ROWS)]),
        ("town",),
        "60",
    ),
    "two spellings": (
        "DATA014",
        lambda: table(colour=with_values(NAMES, {0: "Red", 1: " blue-", 2: "GREEN"})),
        ("colour",),
        "Red / red",
    ),
    "numbers and remarks": (
        "DATA015",
        lambda: table(level=[f"about {n % 30}" if n % 3 else str(n % 40) for n in range(ROWS)]),
        ("level",),
        "33.3%",
    ),
    "a slip of three digits": (
        "DATA016",
        lambda: table(amount=with_values(AMOUNTS, {7: 5000.5})),
        ("amount",),
        "1, in 1",
    ),
    "incomes": (
        "DATA017",
        lambda: table(income=np.round(np.exp(np.sort(LOTS.normal(8, 1.4, ROWS))), 2)),
        ("income",),
        "+",
    ),
    "a date that stands for none": (
        "DATA018",
        lambda: table(
            day=with_values(
                np.array([f"2020-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(ROWS)]),
                {0: "9999-12-31", 5: "1753-01-01"},
            )
        ),
        ("day",),
        str(FIRST_YEAR),
    ),
    "twice the same in other units": (
        "DATA019",
        lambda: table(cm=AMOUNTS, inch=np.round(AMOUNTS / 2.54, 4), colour=NAMES),
        ("inch",),
        "“cm” and “inch”",
    ),
    "a name and its code": (
        "DATA019",
        lambda: table(colour=NAMES, code=[str(n)[:1].upper() for n in NAMES], x=AMOUNTS),
        ("code",),
        "“colour” and “code”",
    ),
    "visits of patients": (
        "DATA020",
        lambda: table(patient_id=[f"P{n % 30:03}" for n in range(ROWS)], x=AMOUNTS),
        ("patient_id",),
        "30 different ones",
    ),
    "a diary": (
        "DATA021",
        lambda: table(when=[str(day)[:10] for day in pd.date_range("2020-01-01", periods=ROWS)]),
        ("when",),
        "“when”",
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_found_and_what_one_click_does(name: str) -> None:
    code, make, columns, word = FOUND[name]
    dataset = make()
    one = finding(code, dataset)
    assert one.severity in (Severity.WARNING, Severity.NOTE) and one.columns == columns
    assert word in one.explanation and one.action
    if code == "DATA015":
        assert remedies_of(one, dataset) == ()
        return
    after = finding(code, healed(dataset, one))
    assert after.severity in (Severity.PASSED, Severity.NOT_APPLICABLE)
    assert remedies_of(after, dataset) == ()


#: Tables in which a check finds nothing although it looks a little like it.
QUIET = {
    "99 in a row of numbers": ("DATA011", lambda: table(n=np.arange(ROWS))),
    "a temperature of -1": ("DATA011", lambda: table(t=np.arange(ROWS) % 12 - 6)),
    "yes, no and unknown": ("DATA011", lambda: table(x=["unknown", "none"] * (ROWS // 2))),
    "a rare class": ("DATA012", lambda: table(x=np.where(np.arange(ROWS) % 20, "a", "b"))),
    "blood groups": ("DATA014", lambda: table(x=np.array(["A+", "A-", "B+", "B-"])[AGES % 4])),
    "ranges": ("DATA014", lambda: table(x=np.array(["<50", ">50", "50"])[AGES % 3])),
    "a normal column": ("DATA016", lambda: table(x=AMOUNTS)),
    "two unlike columns": ("DATA019", lambda: table(a=AMOUNTS, b=AGES, c=NAMES)),
    "rows of one person each": ("DATA020", lambda: table(patient_id=np.arange(ROWS), x=AGES)),
    "a width is no identifier": ("DATA020", lambda: table(width=AGES % 9)),
    "birthdays": (
        "DATA021",
        lambda: table(born=[f"19{n * 37 % 80 + 10}-05-{1 + n % 28:02}" for n in range(ROWS)]),
    ),
    "times of day": ("DATA018", lambda: table(at=[f"{n % 24:02}:15" for n in range(ROWS)])),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_is_not_found(name: str) -> None:
    code, make = QUIET[name]
    assert finding(code, make()).severity in (Severity.PASSED, Severity.NOT_APPLICABLE)


def test_a_chosen_group_or_time_order_is_enough() -> None:
    for name, code in (("visits of patients", "DATA020"), ("a diary", "DATA021")):
        dataset = FOUND[name][1]()
        column = dataset.schema.columns[0].name
        role = Role.GROUP if code == "DATA020" else Role.TIME
        chosen = replace(dataset, schema=dataset.schema.with_roles({column: role}))
        assert column in finding(code, chosen).explanation
        assert check_roles(chosen, check_table(dataset)) == check_table(chosen)


def test_same_rows_with_other_labels_bound_every_model() -> None:
    colours, answers = ["red"] * 6 + ["blue"] * 4, ["yes"] * 4 + ["no"] * 2 + ["no"] * 4
    dataset = table(colour=colours * 5, answer=answers * 5)
    one = finding("DATA022", dataset, "answer")
    assert one.severity is Severity.WARNING
    assert "30 of 50 rows (60.0%)" in one.explanation and "80.0%" in one.explanation
    clean = table(x=np.arange(50) % 10, answer=np.where(np.arange(50) % 10 > 4, "yes", "no"))
    assert finding("DATA022", clean, "answer").severity is Severity.PASSED


def test_rows_of_rare_classes_can_be_left_out() -> None:
    labels = with_values(NAMES, {0: "pink", 1: "pink", 2: "grey"})
    dataset = table(x=AMOUNTS, colour=labels)
    one = finding("DATA008", dataset, "colour")
    after = healed(dataset, one)
    assert len(after.frame) == ROWS - 3 and set(after.frame["colour"]) == set(NAMES)


def test_columns_that_give_the_label_away_can_be_ignored() -> None:
    dataset = table(x=AMOUNTS, told=[f"was {n}" for n in NAMES], colour=NAMES)
    one = finding("DATA009", dataset, "colour")
    (remedy,) = remedies_of(one, dataset)
    assert remedy.roles == {"told": Role.IGNORED}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)
def test_every_remedy_fits_the_table_it_is_offered_for(sample: Sample) -> None:
    text = read_table(sample.path).frame.head(2000)
    schema, frame = type_table(text)
    dataset = Dataset(sample.id, frame, schema, fingerprint(frame))
    for one in check_table(dataset):
        for remedy in remedies_of(one, dataset):
            recipe = Recipe.of(remedy.steps, kinds_of(schema))
            made = recipe.prepare(frame)
            schema_after(recipe, schema, made).with_roles(remedy.roles)


def test_every_check_has_its_words() -> None:
    for check in (*TABLE_CHECKS, *LABEL_CHECKS):
        for part in ("title", "explanation", "action", "passed"):
            assert f"finding.{check.code}.{part}" in SENTENCES
