"""Which rows to label next: every unreached part, then one uncertain row a region."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.next_labels import COLUMNS, next_rows


def two_blobs(n_rows: int = 200):
    """A row's probability of class 0 falls along the first input; all are reached."""
    matrix = np.random.default_rng(0).normal(size=(n_rows, 2))
    p = 1 / (1 + np.exp(3 * matrix[:, 0]))
    return np.column_stack([p, 1 - p]), matrix


def asked(distributions, matrix, component=None, candidates=None, **more):
    reached = distributions.sum(axis=1) > 0
    component = np.zeros(len(matrix), int) if component is None else component
    candidates = np.ones(len(matrix), bool) if candidates is None else candidates
    return next_rows(distributions, reached, component, matrix, candidates, **more)


def test_the_least_certain_rows_come_first_and_lie_apart() -> None:
    distributions, matrix = two_blobs()
    found = asked(distributions, matrix, n=5)
    margin = np.abs(distributions[:, 0] - distributions[:, 1])
    assert found.columns.tolist() == COLUMNS and found["rank"].tolist() == [1, 2, 3, 4, 5]
    assert found["row"].iloc[0] == margin.argmin()
    assert found["margin"].is_monotonic_increasing and (found["reason"] == "uncertain").all()
    assert np.allclose(found["margin"], margin[found["row"]], atol=1e-9)
    assert np.allclose(found["certainty"], distributions.max(axis=1)[found["row"]])
    # Uncertain rows lie along the second input; the five cover it, the five nearest do not.
    reach = np.ptp(matrix[found["row"], 1])
    assert reach > 2 and len(found["region"].unique()) == 5
    assert found["region_rows"].sum() == 50


def test_every_unreached_part_has_one_row_the_largest_first_near_its_middle() -> None:
    distributions, matrix = two_blobs()
    component = np.repeat([0, 1, 2, 3], [150, 30, 1, 19])
    distributions[150:] = 0
    found = asked(distributions, matrix, component, n=5)
    assert found["reason"].tolist() == ["unreached"] * 3 + ["uncertain"] * 2
    assert found["region_rows"].tolist()[:3] == [30, 19, 1]
    assert component[found["row"][:3]].tolist() == [1, 3, 2]
    part = matrix[150:180]
    nearest = np.linalg.norm(part - part.mean(axis=0), axis=1).argmin()
    assert found["row"].iloc[0] == 150 + nearest
    assert (found.loc[:2, ["certainty", "margin"]] == 0).all(axis=None)
    assert asked(distributions, matrix, component, n=2)["region_rows"].tolist() == [30, 19]


def test_rows_that_have_a_label_are_not_asked_about() -> None:
    distributions, matrix = two_blobs()
    distributions[:20] = 0
    candidates = np.arange(200) % 2 == 0
    found = asked(distributions, matrix, np.repeat([0, 1], [20, 180]), candidates, n=200)
    assert candidates[found["row"]].all() and found["row"].is_unique
    assert found["region_rows"].iloc[0] == 10
    assert asked(distributions, matrix, None, np.zeros(200, bool)).empty


def test_the_same_seed_gives_the_same_rows() -> None:
    distributions, matrix = two_blobs()
    first = asked(distributions, matrix, seed=3)
    pd.testing.assert_frame_equal(first, asked(distributions, matrix, seed=3))


def test_equally_uncertain_rows_are_taken_by_lot() -> None:
    matrix = np.random.default_rng(0).normal(size=(5000, 2))
    even = np.full((5000, 2), 0.5)
    rows = asked(even, matrix, n=10, seed=1)["row"]
    assert rows.max() > 2500 and rows.tolist() != asked(even, matrix, n=10, seed=2)["row"].tolist()


def test_equal_rows_are_one_region() -> None:
    found = asked(np.full((40, 3), 1 / 3), np.repeat([[0.0, 1.0], [5.0, 1.0]], 20, axis=0), n=6)
    assert len(found) == 2 and found["region_rows"].sum() == 40


def test_one_class_and_no_rows() -> None:
    assert (asked(np.ones((5, 1)), np.eye(5), n=2)["margin"] == 1).all()
    empty = asked(np.empty((0, 2)), np.empty((0, 3)))
    assert empty.empty and empty.columns.tolist() == COLUMNS
