"""The eigenvalues that spectral clustering sees, against closed forms and pieces that are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import laplacian
from sklearn.cluster import SpectralClustering
from sklearn.datasets import load_wine, make_blobs, make_circles, make_moons
from sklearn.preprocessing import StandardScaler

from mlcore.errors import UserError
from mlcore.evaluation.spectrum import eigengap_frame, say_eigengap, suggest_by_eigengap

CENTERS = [[0, 0], [20, 0], [0, 20], [20, 20]]
APART = make_blobs(200, centers=CENTERS, random_state=0)[0]
WINE = StandardScaler().fit_transform(load_wine().data)


def test_a_graph_in_pieces_has_an_eigenvalue_0_for_each():
    frame = eigengap_frame(APART)
    assert frame["eigenvalue"].iloc[:4].max() < 1e-9 < frame["eigenvalue"].iloc[4]
    assert suggest_by_eigengap(frame) == 4
    assert "suggests 4 groups" in str(say_eigengap(frame))


def test_equally_alike_rows_have_the_eigenvalues_of_the_complete_graph():
    frame = eigengap_frame(np.zeros((6, 2)), affinity="rbf", n=15)
    np.testing.assert_allclose(frame["eigenvalue"], [0, *[6 / 5] * 4], atol=1e-12)
    assert frame["position"].tolist() == [1, 2, 3, 4, 5] and set(frame["rows"]) == {6}
    assert frame["gap"].iloc[0] == pytest.approx(1.2)
    assert suggest_by_eigengap(frame) == 1
    assert "one group" in str(say_eigengap(frame))


@pytest.mark.parametrize(
    "settings",
    [
        {"affinity": "nearest_neighbors", "n_neighbors": 7},
        {"affinity": "rbf", "gamma": 0.1},
    ],
)
def test_the_graph_is_that_of_spectral_clustering(settings):
    model = SpectralClustering(3, random_state=0, **settings).fit(WINE)
    graph = model.affinity_matrix_
    dense = graph.toarray() if hasattr(graph, "toarray") else graph
    values = np.linalg.eigvalsh(laplacian(dense, normed=True))[:11]
    frame = eigengap_frame(WINE, n=10, **settings)
    np.testing.assert_allclose(frame["eigenvalue"], values[:10], atol=1e-10)
    np.testing.assert_allclose(frame["gap"], np.diff(values), atol=1e-10)
    np.testing.assert_allclose(frame["relative_gap"], np.diff(values) / values[1:], atol=1e-8)


@pytest.mark.parametrize(
    "matrix",
    [
        make_moons(300, noise=0.05, random_state=0)[0],
        make_circles(300, noise=0.05, factor=0.4, random_state=0)[0],
    ],
    ids=["moons", "circles"],
)
def test_bent_groups_are_two(matrix):
    frame = eigengap_frame(matrix)
    assert suggest_by_eigengap(frame) == 2
    assert say_eigengap(frame).code == "choosing.eigengap"


def test_wine_has_three_groups():
    assert suggest_by_eigengap(eigengap_frame(WINE)) == 3


@pytest.mark.parametrize("n_columns", [2, 5, 10])
def test_noise_is_not_called_grouped(n_columns):
    for seed in range(3):
        matrix = np.random.default_rng(seed).uniform(size=(200, n_columns))
        assert say_eigengap(eigengap_frame(matrix)).code != "choosing.eigengap"


def test_rows_and_neighbours_are_bounded():
    frame = eigengap_frame(APART, most_rows=50, seed=2)
    assert set(frame["rows"]) == {50}
    pd.testing.assert_frame_equal(frame, eigengap_frame(APART, most_rows=50, seed=2))
    few = eigengap_frame(APART[:4], n_neighbors=10)
    assert len(few) == 3
    with pytest.raises(UserError, match="at least 2 rows"):
        eigengap_frame(APART[:1])
