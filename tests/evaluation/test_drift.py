"""The stability index against its formula, and the verdict against chance."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.evaluation.drift import LEVEL, Verdict, compare, stability_index


def test_the_index_is_its_formula_for_many_rows() -> None:
    then, now = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    expected = ((now - then) * np.log(now / then)).sum()
    assert stability_index(then * 1e9, now * 1e9) == pytest.approx(expected)
    assert stability_index(then, then) == 0


def test_an_empty_bin_gives_a_finite_index() -> None:
    assert np.isfinite(stability_index(np.array([100.0, 0.0]), np.array([0.0, 100.0])))


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ([1000, 1000], Verdict.ALIKE),
        ([1320, 680], Verdict.SOMEWHAT),
        ([1800, 200], Verdict.VERY),
        ([4, 1], Verdict.CHANCE),
        ([0, 0], Verdict.ALIKE),
    ],
)
def test_verdicts(now: list[int], verdict: Verdict) -> None:
    assert compare(np.array([500.0, 500.0]), np.array(now, float)).verdict is verdict


def test_the_bin_that_changed_most_is_named() -> None:
    assert compare(np.array([50.0, 30, 20]), np.array([50.0, 10, 40])).bin in (1, 2)
    assert compare(np.array([80.0, 10, 10]), np.array([10.0, 80, 10])).bin == 0


def test_without_a_change_few_columns_are_called_changed() -> None:
    """Columns drawn from the shares of training: hardly more than the level are called changed."""
    random = np.random.default_rng(0)
    shares, trials = np.full(10, 0.1), 2000
    called = 0
    for _ in range(trials):
        then, now = random.multinomial(300, shares), random.multinomial(60, shares)
        drift = compare(then.astype(float), now.astype(float))
        called += drift.verdict in (Verdict.SOMEWHAT, Verdict.VERY)
    assert called / trials <= 3 * LEVEL
