"""Each check of a clustering: what it finds, when it passes, and when it does not apply."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.cluster_checks import CLUSTER_CHECKS, check_clusters
from mlcore.evaluation.clusters import size_frame
from mlcore.evaluation.stability import BOOTSTRAP, Stability
from mlcore.evaluation.structure import TEST, Structure
from mlcore.findings import Finding, Severity

PROBLEM, WARNING, NOTE = Severity.PROBLEM, Severity.WARNING, Severity.NOTE
PASSED, NOT_APPLICABLE = Severity.PASSED, Severity.NOT_APPLICABLE


def scored(silhouette=0.6):
    return pd.DataFrame({"metric": ["silhouette"], "value": [silhouette], "rows": [100]})


def sized(**rows):
    names = [name.removeprefix("c") for name, count in rows.items() for _ in range(count)]
    return size_frame(pd.Series(names, dtype="str"))


def stable(agreement=1.0, **jaccards):
    overall = pd.DataFrame({"replicate": [1, 2], "adjusted_rand": agreement, "n_clusters": 2,
                            "rows": 60, "sampling": BOOTSTRAP})  # fmt: skip
    rows = [(name.removeprefix("c"), 1, value) for name, value in jaccards.items()]
    clusters = pd.DataFrame(rows, columns=["cluster", "replicate", "jaccard"])
    return Stability(overall=overall, clusters=clusters.astype({"jaccard": float}))


def structure_of(outcome, p_value=0.01, rows=100):
    return Structure(outcome=outcome, test=TEST, p_value=p_value, statistic=3.0, hopkins=0.7,
                     rows=rows, inputs=2, references=99).to_frame()  # fmt: skip


def shuffles(value, others):
    return pd.DataFrame({"replicate": range(len(others) + 1), "value": [value, *others]})


def finding(code, scores=None, stability=None, structure=None, shuffled=None, sizes=None):
    sizes = sized(c0=60, c1=40) if sizes is None else sizes
    scores = scored() if scores is None else scores
    made = check_clusters(scores, stability, structure, shuffled, sizes)
    found = {one.code: one for one in made}
    assert list(found) == [f"CLUSTER{n:03d}" for n in range(1, len(CLUSTER_CHECKS) + 1)]
    for one in made:
        assert one.title and one.explanation
        assert Finding.from_json(one.to_json()) == one
        assert bool(one.action) == (one.outcome is None)
    return found[code]


def test_structure():
    none = finding("CLUSTER001", structure=structure_of("none", 0.4))
    assert none.severity is PROBLEM
    assert "p = 0.40, dip test" in none.explanation and "100 rows read" in none.explanation
    small = finding("CLUSTER001", structure=structure_of("none", 0.4, rows=99))
    assert small.severity is WARNING
    assert "groups may be missed" in small.explanation
    assert finding("CLUSTER001", structure=structure_of("found")).severity is PASSED
    untested = finding("CLUSTER001", structure=structure_of("only_categories", np.nan))
    assert untested.severity is NOT_APPLICABLE and "categories alone" in untested.explanation
    assert finding("CLUSTER001").severity is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("shuffled", "severity"),
    [
        (shuffles(0.7, [0.2, 0.3, 0.25]), PASSED),  # all that so few tables can show
        (shuffles(0.29, [0.2, 0.3, 0.25]), WARNING),
        (shuffles(0.1, [0.2, 0.3, 0.25]), WARNING),
        (shuffles(0.29, [0.2] * 38 + [0.3]), PASSED),  # p = 2 / 40
        (shuffles(0.29, [0.2] * 18 + [0.3]), WARNING),  # p = 2 / 20
        (shuffles(0.29, [0.2] * 18 + [np.nan]), PASSED),
        (shuffles(0.29, [np.nan] * 19), PASSED),
        (shuffles(np.nan, [0.2]), NOT_APPLICABLE),
        (shuffles(0.5, []), NOT_APPLICABLE),
        (shuffles(0.5, [0.5, 0.5 + 1e-12]), NOT_APPLICABLE),  # one column: shuffling moves rows
        (None, NOT_APPLICABLE),
    ],
)
def test_better_than_shuffled(shuffled, severity):
    found = finding("CLUSTER002", shuffled=shuffled)
    assert found.severity is severity
    if severity is WARNING:
        assert "still gets 0.2 to 0.3 (" in found.explanation


@pytest.mark.parametrize(
    ("sizes", "severity"),
    [(sized(c0=5, c1=5), PASSED), (sized(c0=9), WARNING), (sized(c0=9, noise=3), WARNING),
     (sized(noise=4), WARNING)],
)  # fmt: skip
def test_at_least_two_clusters(sizes, severity):
    assert finding("CLUSTER003", sizes=sizes).severity is severity


@pytest.mark.parametrize(
    ("value", "severity"),
    [(0.26, PASSED), (0.25, WARNING), (-0.1, WARNING), (np.nan, NOT_APPLICABLE)],
)
def test_apart(value, severity):
    assert finding("CLUSTER004", scores=scored(value)).severity is severity


@pytest.mark.parametrize(
    ("stability", "severity"),
    [
        (stable(0.9, c0=0.9, c1=0.9), PASSED),
        (stable(0.7, c0=0.9, c1=0.9), WARNING),
        (stable(0.3, c0=0.9, c1=0.9), PROBLEM),
        (stable(1.0, c0=1.0), NOT_APPLICABLE),
        (stable(1.0), NOT_APPLICABLE),
        (stable(np.nan, c0=np.nan, c1=np.nan), NOT_APPLICABLE),
        (None, NOT_APPLICABLE),
    ],
)
def test_comes_back(stability, severity):
    found = finding("CLUSTER005", stability=stability)
    assert found.severity is severity
    if severity is WARNING:
        assert "mean adjusted Rand index is 0.70 over 2 samples" in found.explanation


@pytest.mark.parametrize(
    ("stability", "severity", "named"),
    [
        (stable(0.9, c0=0.9, c1=0.76), PASSED, "0.76"),
        (stable(0.9, c0=0.9, c1=0.7), NOTE, "“1”"),
        (stable(0.9, c0=0.7, c1=0.5), WARNING, "“0”, “1”"),
        (stable(1.0, c0=1.0), NOT_APPLICABLE, "single group"),
        (stable(1.0), NOT_APPLICABLE, "noise"),
        (None, NOT_APPLICABLE, "not measured"),
    ],
)
def test_each_comes_back(stability, severity, named):
    found = finding("CLUSTER006", stability=stability)
    assert found.severity is severity and named in found.explanation


def test_most_rows_are_noise():
    found = finding("CLUSTER007", sizes=sized(c0=40, noise=60))
    assert found.severity is WARNING and "60 % of the rows (60)" in found.explanation
    assert finding("CLUSTER007", sizes=sized(c0=50, noise=50)).severity is PASSED
    assert finding("CLUSTER007").severity is PASSED


def test_one_giant():
    found = finding("CLUSTER008", sizes=sized(c0=95, c1=5, noise=900))
    assert found.severity is WARNING and "2 groups holds 95 %" in found.explanation
    assert finding("CLUSTER008", sizes=sized(c0=90, c1=10)).severity is PASSED
    assert finding("CLUSTER008", sizes=sized(c0=90)).severity is NOT_APPLICABLE
    assert finding("CLUSTER008", sizes=sized(noise=90)).severity is NOT_APPLICABLE
