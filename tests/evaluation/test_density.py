"""The sorted distances, against DBSCAN itself and a grid whose distances are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import DBSCAN
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score, pairwise_distances

from mlcore.errors import UserError
from mlcore.evaluation.density import (
    DEFAULT_EPS,
    eps_outcome,
    k_distance_frame,
    say_eps,
    suggest_eps,
)

MOONS, MOON = make_moons(400, noise=0.05, random_state=0)


def test_distances_are_those_of_all_pairs_with_the_row_itself_counted():
    frame = k_distance_frame(MOONS, 4)
    expected = np.sort(np.sort(pairwise_distances(MOONS), axis=1)[:, 3])
    np.testing.assert_allclose(frame["distance"], expected)
    assert frame["position"].tolist() == list(range(1, 401))
    assert set(frame["rows"]) == {400}


def test_the_second_neighbour_on_a_line_is_one_step_away():
    frame = k_distance_frame(np.arange(10.0).reshape(-1, 1), 2)
    assert frame["distance"].tolist() == [1.0] * 10
    assert suggest_eps(frame) == 1.0  # no bend: all rows together


@pytest.mark.parametrize("min_samples", [1, 3, 10])
@pytest.mark.parametrize("eps", [0.03, 0.08, 0.2])
def test_the_share_is_that_of_dbscans_core_points(min_samples, eps):
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(MOONS)
    frame = k_distance_frame(MOONS, min_samples)
    assert eps_outcome(frame, eps) == len(model.core_sample_indices_) / len(MOONS)


def test_a_part_is_asked_but_neighbours_are_looked_for_among_all():
    whole, part = k_distance_frame(MOONS, 5), k_distance_frame(MOONS, 5, most_rows=150)
    assert set(part["rows"]) == {150} == {len(part)}
    assert set(part["distance"]) <= set(whole["distance"])
    pd.testing.assert_frame_equal(part, k_distance_frame(MOONS, 5, most_rows=150))


def test_the_bend_is_an_eps_that_finds_the_groups():
    matrix, truth = make_blobs(400, centers=[[0, 0], [6, 0], [0, 6]], random_state=0)
    for rows, known, min_samples in ((matrix, truth, 5), (MOONS, MOON, 10)):
        eps = suggest_eps(k_distance_frame(rows, min_samples))
        found = DBSCAN(eps=eps, min_samples=min_samples).fit_predict(rows)
        assert adjusted_rand_score(known[found >= 0], found[found >= 0]) > 0.95
        assert (found >= 0).mean() > 0.85


def test_eps_is_always_positive():
    repeated = np.repeat(np.array([[0.0], [1.0], [5.0]]), [30, 30, 2], axis=0)
    frame = k_distance_frame(repeated, 3)
    assert suggest_eps(frame) == 4.0
    assert suggest_eps(k_distance_frame(np.ones((9, 2)), 3)) == DEFAULT_EPS


def test_more_neighbours_than_rows_is_said():
    with pytest.raises(UserError, match="With 5 rows no row has 6 neighbours") as caught:
        k_distance_frame(np.ones((5, 2)), 6)
    assert caught.value.code == "choosing.min_samples_above_rows"
    assert len(k_distance_frame(np.ones((5, 2)), 5)) == 5


def test_the_words_have_the_share():
    frame = pd.DataFrame({"position": [1, 2, 3, 4], "distance": [1.0, 2, 3, 9], "rows": 4})
    assert str(say_eps(frame, 3.0)).startswith("With eps = 3, 75 % of the rows looked at (4)")
