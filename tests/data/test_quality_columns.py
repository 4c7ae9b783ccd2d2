"""What is noticed in single columns and between rows, and what one click does about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from finding_tables import AGES, AMOUNTS, EXAMPLES, NAMES, ROWS, table, with_values

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.quality import (
    check_label,
    check_roles,
    check_table,
    contradictions,
    remedies_of,
)
from mlcore.data.reading import read_table
from mlcore.data.samples import SAMPLES, Sample
from mlcore.data.schema import ColumnKind, Role
from mlcore.findings import Finding, Severity
from mlcore.tasks import Task


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


#: Tables in which a check finds nothing although it looks a little like it.
QUIET = {
    "cylinders": ("DATA011", lambda: table(n=np.array([3, 4, 5, 6, 8])[AGES % 5])),
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
        dataset = table(**EXAMPLES[name].columns)
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
    assert "30 of 50 rows (60.0%)" in one.explanation and "80.0%" in one.meaning
    rows = contradictions(dataset, "answer", ["colour"])
    assert list(rows.columns) == ["answer", "colour"]
    assert len(rows) == 30 and set(rows["colour"]) == {"red"}
    clean = table(x=np.arange(50) % 10, answer=np.where(np.arange(50) % 10 > 4, "yes", "no"))
    assert finding("DATA022", clean, "answer").severity is Severity.PASSED


def test_rows_of_rare_classes_can_be_left_out_or_joined() -> None:
    labels = with_values(NAMES, {0: "pink", 1: "pink", 2: "grey", 3: None})
    dataset = table(x=AMOUNTS, colour=labels)
    left_out, joined = remedies_of(finding("DATA008", dataset, "colour"), dataset)
    assert "(4)" in str(left_out.label) and "without a label" in str(left_out.label)
    made = dataset.after(left_out.steps).frame
    assert len(made) == ROWS - 4 and set(made["colour"]) == {"red", "green", "blue"}
    counts = dataset.after(joined.steps).frame["colour"].value_counts()
    assert counts["other"] == 3 and len(counts) == 4


def test_rows_far_outside_are_counted_with_the_gaps_that_go_with_them() -> None:
    dataset = table(amount=with_values(AMOUNTS, {7: 5000.5, 8: None}), age=AGES)
    without, as_missing = remedies_of(finding("DATA016", dataset), dataset)
    assert "2, those without a value among them" in str(without.label)
    assert len(dataset.after(without.steps).frame) == ROWS - 2
    assert dataset.after(as_missing.steps).frame["amount"].isna().sum() == 2


def test_what_is_for_something_is_not_dropped() -> None:
    dataset = table(id=500 + np.arange(ROWS), land=["here"] * ROWS, age=AGES)
    used = replace(dataset, schema=dataset.schema.with_roles({"id": Role.GROUP}))
    (drop, number), (only,) = (remedies_of(finding("DATA003", one), one) for one in (dataset, used))
    assert drop.steps and number.kinds == only.kinds == {"id": ColumnKind.NUMBER}


def test_numbers_with_commas_among_words_are_seen() -> None:
    words = [f"{n % 9},{n % 7}5" if n % 2 else f"about {n}" for n in range(ROWS)]
    one = finding("DATA015", table(level=words, age=AGES))
    assert one.columns == ("level",) and "50.0%" in one.explanation


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
            dataset.after(remedy.steps).schema.with_roles(remedy.roles)
