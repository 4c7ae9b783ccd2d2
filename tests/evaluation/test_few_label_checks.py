"""Each check of few labels: what it finds, when it passes, and when it does not apply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from evaluation.test_label_draws import draws_of

from mlcore.algorithms.semi_supervised import SPECS
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.few_label_checks import FEW_LABEL_CHECKS, FewLabels, check_few_labels
from mlcore.evaluation.labelled_shift import shift_frame
from mlcore.findings import Finding, Severity

PROPAGATION, SPREADING, SELF_TRAINING = (spec.check({}) for spec in SPECS)
PROBLEM, WARNING, NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
PASSED, NOT_APPLICABLE = Severity.PASSED, Severity.NOT_APPLICABLE


def run_rows(given: dict[str, int], answers: dict[str, int], unreached: tuple[int, ...] = ()):
    """Rows of a run: labels and answers by class, and groups of unreached rows."""
    known = [name for name, count in given.items() for _ in range(count)]
    found = [name for name, count in answers.items() for _ in range(count)]
    lost = sum(unreached)
    table = pd.DataFrame(
        {
            "given": known + [None] * (len(found) + lost),
            "predicted": known + found + [None] * lost,
            "certainty": [1.0] * (len(known) + len(found)) + [0.0] * lost,
            "origin": ["given"] * len(known) + ["propagated"] * len(found) + ["unlabelled"] * lost,
            "component": np.repeat(range(len(unreached) + 1), [len(known + found), *unreached]),
        }
    )
    probabilities = {f"p:{name}": 0.0 for name in given}
    return table.assign(row=range(len(table)), **probabilities)


def finding(code: str, rows: pd.DataFrame | None = None, **more: object) -> Finding:
    rows = run_rows({"a": 12, "b": 12}, {"a": 50, "b": 50}) if rows is None else rows
    made = check_few_labels(FewLabels(rows=rows, **more))
    found = {one.code: one for one in made}
    assert list(found) == [f"FEW{n:03d}" for n in range(1, len(FEW_LABEL_CHECKS) + 1)]
    for one in made:
        assert one.title and one.explanation
        assert Finding.from_json(one.to_json()) == one
        assert bool(one.action) == (one.outcome is None)
    return found[code]


@pytest.mark.parametrize(
    ("given", "severity"),
    [({"a": 10, "b": 40}, PASSED), ({"a": 9, "b": 40}, NOTE), ({"a": 2, "b": 40}, WARNING),
     ({"a": 40, "b": 12, "c": 0}, PASSED)],
)  # fmt: skip
def test_labels_of_each_class(given: dict[str, int], severity: Severity) -> None:
    found = finding("FEW001", run_rows(given, {"a": 5, "b": 5}))
    assert found.severity is severity
    if severity is WARNING:
        assert "42 labels of 2 classes, and the rarest (“a”) has 2" in found.explanation


def test_a_class_with_one_label_cannot_be_judged() -> None:
    found = finding("FEW002", run_rows({"a": 1, "b": 9, "c": 1}, {"a": 9}))
    assert found.severity is WARNING and "2 (“a”, “c”)" in found.explanation
    assert finding("FEW002", run_rows({"a": 2, "b": 9}, {"a": 9})).severity is PASSED


def test_labelled_rows_against_the_rest() -> None:
    frame = pd.DataFrame({"size": np.arange(100.0), "x": np.tile([0.0, 1.0], 50)})
    kinds = dict.fromkeys(frame, ColumnKind.NUMBER)
    large = shift_frame(frame, kinds, np.arange(100) >= 75)
    found = finding("FEW003", shift=large)
    assert found.severity is WARNING and found.columns == ("size",)
    assert "In 1 of 2 columns" in found.explanation and "p < 0.001" in found.explanation
    assert "a larger “size”: median 87.0 against 37.0" in found.explanation
    even = shift_frame(frame, kinds, np.arange(100) % 4 == 1)
    assert finding("FEW003", shift=even[even["column"] == "size"]).severity is PASSED
    assert finding("FEW003", shift=large[:0]).severity is NOT_APPLICABLE
    assert finding("FEW003").severity is NOT_APPLICABLE


def test_rows_that_no_label_reaches() -> None:
    rows = run_rows({"a": 12, "b": 12}, {"a": 26, "b": 30}, (5, 15))
    found = finding("FEW004", rows)
    assert found.severity is WARNING
    assert "No label reaches 20 rows (20 % of the table)" in found.explanation
    assert "(groups of such rows: 2; the largest has 15, row 85 among them)." in found.explanation
    assert found.action.startswith("Label one row of each group; the list")
    most = run_rows({"a": 12, "b": 12}, {"a": 5}, (30,))
    assert finding("FEW004", most).severity is PROBLEM
    assert finding("FEW004").severity is PASSED
    assert finding("FEW004", run_rows({"a": 3, "b": 4}, {})).severity is NOT_APPLICABLE


def test_rows_that_more_rounds_would_reach() -> None:
    rows = run_rows({"a": 12, "b": 12}, {"a": 26, "b": 30}, (5, 15))
    rows.loc[rows["component"] == 2, "component"] = 0
    found = finding("FEW004", rows, values={**PROPAGATION, "rounds": 3})
    assert "not even by way of others: 5 (groups of such rows: 1;" in found.explanation
    assert found.explanation.endswith("Too far for 3 rounds (rounds): 15.")
    assert found.action.startswith(
        "Allow more rounds than 3, or go on until nothing changes (rounds), raise k (n_neighbors, "
        "now 6), so that more rows are joined, or label one row of this group; the list"
    )
    only_far = rows[rows["component"] == 0]
    found = finding("FEW004", only_far, values={**PROPAGATION, "rounds": 3})
    assert found.action.startswith("Allow more rounds") and "raise k" not in found.action
    assert "Joined to no" not in found.explanation
    faint = finding("FEW004", only_far, values={**SPREADING, "alpha": 0.01})
    assert "nothing countable arrives: 15." in faint.explanation
    assert faint.action.startswith("Take a larger alpha (now 0.01)")


#: What each algorithm may be told to change, by the values it ran with.
ADVICE = {
    "nearest": (PROPAGATION, {"n_neighbors", "class_mass"}),
    "shares kept": ({**PROPAGATION, "class_mass": True}, {"n_neighbors"}),
    "gaussian": ({**PROPAGATION, "affinity": "rbf"}, {"gamma", "class_mass"}),
    "gaussian spreading": ({**SPREADING, "affinity": "rbf"}, {"gamma"}),
    "spreading": (SPREADING, {"n_neighbors"}),
    "threshold": (SELF_TRAINING, {"threshold", "estimator"}),
    "surest": ({**SELF_TRAINING, "criterion": "k_best"}, {"k_best", "estimator"}),
}
#: What the words call each parameter.
KNOBS = {
    "n_neighbors": "n_neighbors", "gamma": "gamma (now", "class_mass": "switch on class-mass",
    "rounds": "(rounds)", "threshold": "the threshold", "k_best": "k_best",
    "estimator": "(estimator)",
}  # fmt: skip


def named(action: str) -> set[str]:
    return {knob for knob, words in KNOBS.items() if words in action}


@pytest.mark.parametrize("case", ADVICE)
def test_advice_names_what_the_run_can_still_change(case: str) -> None:
    values, expected = ADVICE[case]
    swallowed = run_rows({"a": 20, "b": 20}, {"a": 95, "b": 5})
    assert named(finding("FEW007", swallowed, values=values).action) == expected
    moved = finding("FEW006", swallowed, values=values).action
    switch = "class_mass" in expected
    assert named(moved) == ({"class_mass"} if switch else expected if case == "shares kept"
                            else set())  # fmt: skip
    assert ("try label propagation with class-mass" in moved) is ("class_mass" not in values)
    if "n_neighbors" in values:
        cut_off = run_rows({"a": 20, "b": 20}, {"a": 50, "b": 50}, (9,))
        reach = finding("FEW004", cut_off, values=values).action
        assert named(reach) == {"gamma" if values["affinity"] == "rbf" else "n_neighbors"}
        assert ("smaller gamma" in reach) is (values["affinity"] == "rbf")


@pytest.mark.parametrize(
    ("gains", "severity", "said"),
    [
        ([-0.3, -0.31, -0.32] * 2, WARNING, "The rows without a label hurt: with 40 labels"),
        ([0.3, 0.31, 0.32] * 2, PASSED, "The rows without a label help"),
        ([0.3, -0.31, 0.32] * 2, NOT_APPLICABLE, "cannot be told"),
        ([0.3, 0.31, 0.32], NOT_APPLICABLE, "fewer than 5 draws of the labels (3)"),
    ],
)
def test_with_and_without_the_other_rows(gains: list[float], severity: Severity, said: str) -> None:
    found = finding("FEW005", draws=draws_of(s4=[0.2, 0.2, 0.2], s40=gains))
    assert found.severity is severity and said in found.explanation
    if severity is WARNING:
        assert "-31.0 percentage points (interval -" in found.explanation
        assert found.action.startswith("Train on the labelled rows alone.")


def test_nothing_drawn_is_not_applicable() -> None:
    assert finding("FEW005").severity is NOT_APPLICABLE
    assert finding("FEW005", draws=draws_of()).severity is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("given", "answers", "severity"),
    [
        ({"a": 20, "b": 20}, {"a": 90, "b": 10}, WARNING),
        ({"a": 20, "b": 20}, {"a": 55, "b": 45}, PASSED),
        ({"a": 2, "b": 2}, {"a": 80, "b": 20}, PASSED),  # four labels cannot tell
        ({"a": 2000, "b": 2000}, {"a": 55, "b": 45}, PASSED),  # sure, but nothing
        ({"a": 20, "b": 20}, {}, NOT_APPLICABLE),
        ({"a": 20}, {"a": 30}, NOT_APPLICABLE),
    ],
)
def test_shares_of_the_classes(
    given: dict[str, int], answers: dict[str, int], severity: Severity
) -> None:
    found = finding("FEW006", run_rows(given, answers))
    assert found.severity is severity
    if severity is WARNING:
        assert "90 % of the answers are “a”, and 50 % of the 40 labels" in found.explanation
        assert "nothing need be done" in found.action


@pytest.mark.parametrize(
    ("given", "answers", "severity"),
    [
        ({"a": 20, "b": 20}, {"a": 95, "b": 5}, WARNING),
        ({"a": 20, "b": 20}, {"a": 94, "b": 6}, PASSED),
        ({"a": 97, "b": 3}, {"a": 98, "b": 2}, PASSED),  # as among the labels
        ({"a": 20, "b": 20}, {}, NOT_APPLICABLE),
        ({"a": 20}, {"a": 30}, NOT_APPLICABLE),
    ],
)
def test_variety_of_the_answers(
    given: dict[str, int], answers: dict[str, int], severity: Severity
) -> None:
    found = finding("FEW007", run_rows(given, answers))
    assert found.severity is severity
    if severity is WARNING:
        assert "95 % of the answers are “a”, but only 50 % of the labels" in found.explanation
