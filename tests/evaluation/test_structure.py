"""Structure is found where it was planted, and not found where there is none."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from structure_tables import (
    NOISE,
    PLANTED,
    SAMPLES_WITH_GROUPS,
    clipped,
    draw,
    gaussian,
    ratings,
    rounded,
    sample_table,
    scores,
    with_categories,
)

from mlcore.evaluation.structure import (
    FEW_ROWS,
    FEWEST_ROWS,
    LEVEL,
    MOST_ROWS,
    N_REFERENCES,
    TEST,
    Structure,
    _beyond_ends,
    _one_peak,
    _overhang,
    hopkins,
    runt,
    second_mode_prominence,
    shuffled_p_value,
    shuffled_scores,
    shuffled_verdict,
    structure_test,
)

RANDOM = np.random.default_rng(0)
BLOB = RANDOM.normal(size=(120, 3))
TWO = np.vstack([BLOB[:60], BLOB[60:] + 7])


def found_of_100(families, *, fewest, most):
    """Which of 100 tables are found, by family, the families taking turns.

    Most have few columns, for time; ``benchmarks/structure_found.py`` draws more, and more rows.
    """
    found = {family.__name__: [] for family in families}
    for number in range(100):
        family = families[number % len(families)]
        widest = 12 if number % 10 == 0 else 2
        table, discrete = draw(family, number, fewest, most, widest), None
        if number % 5 == 0:
            table, discrete = with_categories(table, number)
        structure = structure_test(table, discrete=discrete, seed=number)
        found[family.__name__].append(structure.found)
    return found


def test_of_100_tables_without_groups_at_least_95_have_no_structure():
    found = found_of_100(NOISE, fewest=40, most=60)
    assert sum(map(sum, found.values())) <= 5
    assert max(map(sum, found.values())) <= 1, found


def test_of_100_tables_with_planted_groups_at_least_95_are_found():
    found = found_of_100(PLANTED, fewest=100, most=120)
    assert sum(map(sum, found.values())) >= 95
    assert min(np.mean(tables) for tables in found.values()) >= 0.75, found


@pytest.mark.parametrize("family", [gaussian, rounded, ratings, clipped, scores])
def test_one_group_has_no_structure_in_many_rows(family):
    # In few rows the test has no eye for what it must not take for groups here.
    tables = [draw(family, number, 400, 500, widest=3) for number in range(2)]
    assert sum(structure_test(table, seed=1).found for table in tables) == 0


def test_what_piles_up_at_an_end_is_drawn_beyond_it_as_densely_as_it_goes_on():
    # 50 rows would lie beyond the floor, 100 beyond the ceiling, where 10 lie in each 0.02.
    even = np.linspace(0.001, 0.999, 500)
    column = np.concatenate([np.zeros(50), even, np.ones(100)])
    assert _overhang(-column) == pytest.approx(0.1, rel=0.03)
    assert _overhang(column) == pytest.approx(0.2, rel=0.03)
    rows = column[:, None]
    beyond = _beyond_ends(rows, rows, np.zeros(1), np.random.default_rng(0))[:, 0]
    assert (beyond[50:550] == even).all()
    assert beyond[:50].max() <= 0 and beyond[:50].mean() == pytest.approx(-0.1, rel=0.4)
    assert beyond[550:].min() >= 1 and beyond[550:].mean() == pytest.approx(1.2, rel=0.1)


def test_a_pile_far_from_all_other_rows_stays_a_group():
    spent = np.where(np.arange(200) < 80, 0, 10 + np.random.default_rng(0).normal(size=200))
    assert _overhang(-spent) == 0
    assert structure_test(np.column_stack([spent, np.random.default_rng(1).normal(size=200)])).found


@pytest.mark.parametrize("name", SAMPLES_WITH_GROUPS)
def test_known_samples_have_structure(name):
    structure = structure_test(sample_table(name))
    assert structure.found
    assert structure.rows <= MOST_ROWS


def test_the_same_seed_gives_the_same_answer_and_unit_does_not_matter():
    first, second = structure_test(TWO, seed=3), structure_test(TWO, seed=3)
    assert first == second
    assert structure_test(TWO * [1.0, 1000.0, 1e-6] + 5, seed=3).found


def test_the_p_value_counts_simulated_tables():
    structure = structure_test(BLOB)
    assert structure.references == N_REFERENCES
    assert (structure.p_value * (1 + N_REFERENCES)) == pytest.approx(
        round(structure.p_value * (1 + N_REFERENCES))
    )
    assert 1 / (1 + N_REFERENCES) <= structure.p_value <= 1
    assert structure_test(TWO).p_value == LEVEL


def test_progress_is_told():
    told = []
    structure_test(BLOB[:30], report=lambda done, total: told.append((done, total)))
    assert told == [(number + 1, N_REFERENCES) for number in range(N_REFERENCES)]


def test_categories_are_left_out():
    levels = np.eye(3)[RANDOM.integers(0, 3, len(BLOB))]
    table, discrete = np.hstack([BLOB, levels]), np.array([False] * 3 + [True] * 3)
    assert structure_test(table, discrete=discrete) == structure_test(BLOB)
    assert structure_test(table, discrete=discrete).inputs == 3


NUMBERS = np.arange(20.0)[:, None]
EDGE_CASES = {
    "no rows": (np.empty((0, 2)), None, "too_few_rows"),
    "one row": (np.ones((1, 2)), None, "too_few_rows"),
    "few rows": (BLOB[: FEWEST_ROWS - 1], None, "too_few_rows"),
    "few different rows": (np.tile(BLOB[:4], (30, 1)), None, "too_few_rows"),
    "all equal": (np.full((50, 3), 0.1), None, "all_equal"),
    "no inputs": (np.empty((50, 0)), None, "all_equal"),
    "categories alone": (np.eye(2)[RANDOM.integers(0, 2, 50)], [True, True], "only_categories"),
    "categories and constants": (
        np.column_stack([NUMBERS % 2, np.ones(20)]), [True, False], "only_categories",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("table", "discrete", "outcome"), EDGE_CASES.values(), ids=EDGE_CASES)
def test_where_the_test_cannot_run_it_says_why(table, discrete, outcome):
    structure = structure_test(table, discrete=None if discrete is None else np.array(discrete))
    assert structure.outcome == outcome
    assert not structure.found and not structure.tested
    assert np.isnan(structure.p_value)
    assert str(structure.verdict).endswith(".")


ODD = {
    "ten rows": BLOB[:10],
    "one column": BLOB[:, :1],
    "one rounded column": np.round(2 * BLOB[:, :1]),
    "one yes-no column": (BLOB[:, :1] > 0).astype(float),
    "a constant beside": np.column_stack([BLOB, np.full(len(BLOB), 3.0)]),
    "the same column twice": BLOB[:, [0, 0, 1]],
    "more columns than rows": RANDOM.normal(size=(20, 80)),
    "huge numbers": BLOB * 1e300,
    "tiny numbers": BLOB * 1e-300,
    "a single far row": np.vstack([BLOB, np.full((1, 3), 1e9)]),
}


@pytest.mark.parametrize("table", ODD.values(), ids=ODD)
def test_odd_tables_without_groups_have_a_quiet_answer(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        structure = structure_test(table)
    assert structure.outcome == "none"


def test_sentences_hold_the_numbers():
    found, none = structure_test(TWO), structure_test(BLOB)
    assert "p = 0.01" in str(found.verdict) and "look grouped" in str(found.verdict)
    assert "Bent, ring-shaped or trending data" in str(found.verdict)
    assert "No groups were found" in str(none.verdict) and "120 rows" in str(none.verdict)
    assert f"p = {LEVEL})" in str(none.verdict) and "do not read" in str(none.verdict)
    assert "dip test" in found.test_name
    assert "one round blob" in str(found.about_hopkins)
    assert replace(found, hopkins=float("nan")).about_hopkins is None


def test_in_few_rows_none_found_does_not_mean_that_there_are_none():
    none = Structure(
        outcome="none", test=TEST, p_value=0.4, statistic=1.0, hopkins=0.7, rows=FEW_ROWS - 1,
        inputs=2, references=N_REFERENCES,
    )  # fmt: skip
    assert none.is_small and not replace(none, rows=FEW_ROWS).is_small
    assert f"fewer than {FEW_ROWS} rows groups may be missed" in str(none.verdict)
    assert "do not read a meaning" not in str(none.verdict)
    assert "may be missed" not in str(replace(none, rows=FEW_ROWS).verdict)


@pytest.mark.parametrize("table", [TWO, BLOB[:5]], ids=["found", "too few"])
def test_a_structure_survives_its_frame(table):
    frame = structure_test(table).to_frame()
    again = Structure.from_frame(frame)
    assert len(frame) == 1
    pd.testing.assert_frame_equal(again.to_frame(), frame)


def test_prominence_of_known_spacings():
    # Ten rows 1 apart, a hole of 8, ten rows 2 apart: with k = 1 the second region's spacing
    # is 2 and the way to the first is 8 wide.
    line = np.concatenate([np.arange(10.0), 17 + 2 * np.arange(10.0)])[:, None]
    assert second_mode_prominence(line, n_neighbors=1) == pytest.approx(np.log(8 / 2))
    assert second_mode_prominence(np.arange(20.0)[:, None], n_neighbors=1) == 0


def test_runt_of_known_tables():
    line = np.concatenate([np.arange(12.0), 30 + np.arange(8.0)])[:, None]
    assert runt(line, n_neighbors=1) == 8 / 20
    assert runt(line[:2], n_neighbors=1) == 1 / 2


def test_prominence_of_copies_is_finite():
    assert second_mode_prominence(np.repeat([[0.0], [1.0]], 10, axis=0), 2) == 0


@pytest.mark.parametrize("column", [BLOB[:, 0], TWO[:, 0], np.exp(BLOB[:, 0]), np.arange(9.0)])
def test_the_nearest_distribution_has_one_peak(column):
    shares, values = _one_peak(column)
    slopes = np.diff(shares) / np.diff(values)
    peak = int(np.argmax(slopes))
    assert (np.diff(slopes[: peak + 1]) >= -1e-9).all()
    assert (np.diff(slopes[peak:]) <= 1e-9).all()
    assert values[0] == column.min() and values[-1] == column.max()


def test_the_nearest_distribution_is_near_where_there_is_one_peak():
    column = np.sort(BLOB[:, 0])
    shares, values = _one_peak(column)
    missed = np.abs(np.interp(column, values, shares) - (np.arange(120) + 0.5) / 120).max()
    assert missed < 0.06


def test_hopkins_is_a_half_for_an_even_spread_and_near_one_for_lumps():
    even = [hopkins(np.random.default_rng(n).uniform(size=(500, 2)), n) for n in range(10)]
    assert np.mean(even) == pytest.approx(0.5, abs=0.05)
    assert hopkins(TWO) > 0.9
    grid = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), axis=-1).reshape(-1, 2)
    assert hopkins(grid) < 0.3


def test_hopkins_calls_one_round_blob_clustered():
    # Its known weakness, said beside every value: this is why it decides nothing here.
    blob = np.random.default_rng(1).normal(size=(200, 5))
    assert hopkins(blob) > 0.75
    assert not structure_test(blob).found


def test_hopkins_has_no_value_for_rows_that_are_equal_or_few():
    assert np.isnan(hopkins(np.ones((50, 2))))
    assert np.isnan(hopkins(BLOB[:5]))


def k_means(matrix, seed):
    return KMeans(2, n_init=2, random_state=seed).fit_predict(matrix)


def silhouette(matrix, labels):
    return float(silhouette_score(matrix, labels))


def test_planted_groups_beat_shuffled_columns_and_independent_columns_do_not():
    planted = shuffled_scores(TWO, k_means, silhouette)
    assert planted.columns.tolist() == ["replicate", "value", "rows"]
    assert planted["replicate"].tolist() == list(range(20))
    assert planted["value"][0] == silhouette(TWO, k_means(TWO, 0))
    assert shuffled_p_value(planted) == 1 / 20
    assert shuffled_verdict(planted).code == "structure.shuffled.better"
    noise = shuffled_scores(BLOB, k_means, silhouette)
    assert shuffled_p_value(noise) > 0.05
    assert shuffled_verdict(noise).code == "structure.shuffled.same"


def test_shuffling_keeps_each_columns_values_and_the_inputs_of_a_category_together():
    seen = []
    levels = np.eye(3)[RANDOM.integers(0, 3, 60)]
    table = np.hstack([BLOB[:60, :2], levels])

    def remember(matrix, seed):
        seen.append(matrix.copy())
        return np.zeros(len(matrix), dtype=np.intp)

    shuffled_scores(table, remember, lambda *_: 0.0, groups=[[2, 3, 4]], n_shuffles=3)
    assert (seen[0] == table).all()
    for mixed in seen[1:]:
        assert (np.sort(mixed, axis=0) == np.sort(table, axis=0)).all()
        assert not (mixed[:, :2] == table[:, :2]).all(axis=1).any()
        assert (mixed[:, 2:].sum(axis=1) == 1).all()


def test_shuffled_p_value_counts_ties_against_the_data():
    frame = pd.DataFrame({"replicate": range(5), "value": [2.0, 1.0, 2.0, 3.0, np.nan]})
    assert shuffled_p_value(frame) == (1 + 2) / 5


def test_scores_that_are_not_defined():
    frame = pd.DataFrame({"replicate": range(20), "value": [np.nan] + [0.1] * 19})
    assert shuffled_p_value(frame) == 1
    assert shuffled_verdict(frame).code == "structure.shuffled.no_score"
    frame["value"] = [0.5] + [np.nan] * 19
    assert shuffled_p_value(frame) == 1 / 20
    assert shuffled_verdict(frame).code == "structure.shuffled.only_data"


def test_shuffling_reads_few_rows_and_tells_progress():
    told = []
    frame = shuffled_scores(
        BLOB, k_means, silhouette, n_shuffles=2, most_rows=50,
        report=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert frame["rows"].tolist() == [50] * 3
    assert told == [(1, 3), (2, 3), (3, 3)]
