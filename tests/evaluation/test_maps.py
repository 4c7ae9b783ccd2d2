"""Places of rows in two dimensions."""

from __future__ import annotations

import importlib
import sys
import warnings
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numba
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris, make_blobs
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_info, threadpool_limits

from mlcore.errors import UserError
from mlcore.evaluation import maps
from mlcore.evaluation.maps import MAP_METHODS, explained, find_map, map_frame, map_notes

IRIS = load_iris().data
ROWS = np.arange(150) * 2
every_method = pytest.mark.parametrize("method", [spec.id for spec in MAP_METHODS])


class Layout:
    """Stands in for UMAP, which compiles itself for ten seconds before its first map."""

    def __init__(self, *, n_neighbors, random_state, n_jobs):
        self.n_neighbors, self.random_state = n_neighbors, random_state
        assert n_jobs == 1

    def fit_transform(self, matrix):
        assert 2 <= self.n_neighbors < len(matrix)
        warnings.warn("Graph is not fully connected", UserWarning, stacklevel=1)
        turned = np.random.default_rng(self.random_state).choice([-1, 1])
        return turned * PCA(2).fit_transform(matrix).astype(np.float32)


@pytest.fixture(autouse=True)
def quick_umap(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=Layout))


def capped(monkeypatch, most_rows):
    small = tuple(replace(spec, most_rows=most_rows) for spec in MAP_METHODS)
    monkeypatch.setattr(maps, "MAP_METHODS", small)


def places(frame):
    return frame[["x", "y"]].to_numpy()


def test_principal_components_are_those_of_scikit_learn():
    frame = map_frame(IRIS, "pca", ROWS)
    model = PCA(2).fit(IRIS)
    np.testing.assert_allclose(places(frame), model.transform(IRIS), atol=1e-10)
    assert frame["row"].tolist() == ROWS.tolist()
    assert explained(IRIS) == pytest.approx(tuple(model.explained_variance_ratio_))
    # known for iris: the first component holds 92.5 %, the second 5.3 %
    assert explained(IRIS) == pytest.approx((0.9246, 0.0531), abs=1e-4)


def test_tsne_is_that_of_scikit_learn_on_one_thread():
    part = IRIS[::3]
    with threadpool_limits(1):
        theirs = TSNE(perplexity=49 / 3, random_state=4).fit_transform(part)
    np.testing.assert_array_equal(places(map_frame(part, "tsne", ROWS[:50], seed=4)), theirs)


def test_tsne_runs_on_one_thread_because_sums_of_several_differ_each_time(monkeypatch):
    threads = []

    class Watched(TSNE):
        def fit_transform(self, X, y=None):
            found = threadpool_info()
            threads.extend(one["num_threads"] for one in found if one["user_api"] == "openmp")
            return super().fit_transform(X, y)

    monkeypatch.setattr(maps, "TSNE", Watched)
    map_frame(IRIS[::5], "tsne", ROWS[:30])
    assert set(threads) == {1}


@pytest.fixture
def real_umap(monkeypatch):
    """UMAP itself, in few steps and not compiled, which would take a hundred times as long."""
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)
    monkeypatch.delitem(sys.modules, "umap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        umap = importlib.import_module("umap")
    monkeypatch.setattr(umap, "UMAP", partial(umap.UMAP, n_epochs=50))
    return umap


def test_the_real_umap(real_umap):
    matrix, blob = make_blobs(36, centers=3, n_features=6, cluster_std=0.5, random_state=2)
    frame = map_frame(matrix, "umap", np.arange(36), seed=1)
    assert sys.modules["umap"] is real_umap and real_umap.__version__
    assert silhouette_score(places(frame), blob) > 0.5
    pd.testing.assert_frame_equal(frame, map_frame(matrix, "umap", np.arange(36), seed=1))
    for n_rows in (5, 6, 16):
        assert np.isfinite(places(map_frame(matrix[:n_rows], "umap", np.arange(n_rows)))).all()
    twins = np.repeat(matrix[:10], 3, axis=0)
    assert np.isfinite(places(map_frame(twins, "umap", np.arange(30)))).all()


@every_method
def test_far_blobs_lie_apart_and_the_same_seed_gives_the_same_map(method):
    matrix, blob = make_blobs(90, centers=3, n_features=6, cluster_std=0.5, random_state=2)
    frame = map_frame(matrix, method, np.arange(90), seed=1)
    assert silhouette_score(places(frame), blob) > 0.5
    assert np.isfinite(places(frame)).all()
    pd.testing.assert_frame_equal(frame, map_frame(matrix, method, np.arange(90), seed=1))


@every_method
def test_of_many_rows_some_are_drawn_and_it_is_said(method, monkeypatch):
    capped(monkeypatch, 40)
    told = []
    frame = map_frame(IRIS, method, ROWS, report=lambda *done: told.append(done))
    assert len(frame) == 40 and frame["row"].is_monotonic_increasing
    assert set(frame["row"]) <= set(ROWS) and told == [(0, 1), (1, 1)]
    assert [str(note) for note in map_notes(method, IRIS)][0].startswith("40 of 150 rows")
    capped(monkeypatch, 20)
    assert set(map_frame(IRIS, method, ROWS)["row"]) < set(frame["row"])


def test_all_rows_decide_the_components_of_a_part(monkeypatch):
    whole = map_frame(IRIS, "pca", ROWS)
    capped(monkeypatch, 40)
    part = map_frame(IRIS, "pca", ROWS)
    expected = whole[whole["row"].isin(part["row"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(part, expected)


@every_method
def test_one_column_is_a_line_with_a_shift_that_is_said(method):
    frame = map_frame(IRIS[:, :1], method, ROWS)
    np.testing.assert_array_equal(frame["x"], IRIS[:, 0])
    assert frame["y"].between(-0.5, 0.5).all() and frame["y"].nunique() == 150
    assert explained(IRIS[:, :1]) == (1, 0)
    assert "up and down means nothing" in str(map_notes(method, IRIS[:, :1])[0])


@every_method
@pytest.mark.parametrize("n_rows", [1, 2, 3, 4, 5, 7])
def test_few_rows(method, n_rows):
    frame = map_frame(IRIS[:n_rows], method, ROWS[:n_rows])
    assert len(frame) == n_rows and np.isfinite(places(frame)).all()
    said = [note.code for note in map_notes(method, IRIS[:n_rows])]
    few = 1 < n_rows < 5 and method != "pca"
    assert said == (["map.one_place"] if n_rows == 1 else ["map.few_rows"] if few else [])


@every_method
def test_equal_rows_lie_in_one_place(method):
    same = np.full((30, 3), 7.0)
    frame = map_frame(same, method, np.arange(30))
    assert (places(frame) == 0).all() and explained(same) == (0, 0)
    assert [note.code for note in map_notes(method, same)] == ["map.one_place"]


@every_method
def test_twins_and_constant_columns_are_no_obstacle(method):
    matrix = np.column_stack([np.repeat(IRIS[:20], 3, axis=0), np.ones(60)])
    assert np.isfinite(places(map_frame(matrix, method, np.arange(60)))).all()


def test_a_missing_package_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)  # import then says that there is none
    with pytest.raises(UserError, match=r"extra ml-workbench\[umap\].*pip install umap-learn"):
        map_frame(IRIS, "umap", ROWS)


def test_whether_a_package_is_there_is_known_without_importing_it(monkeypatch):
    assert find_map("pca").is_installed and find_map("tsne").is_installed
    monkeypatch.setattr(maps, "find_spec", lambda name: None)
    assert find_map("tsne").is_installed and not find_map("umap").is_installed


def test_declarations():
    assert [spec.id for spec in MAP_METHODS] == ["pca", "tsne", "umap"]
    for spec in MAP_METHODS:
        assert bool(spec.warning) == (spec.id != "pca")
        assert bool(spec.needs) == bool(spec.module) == bool(spec.package) == (spec.id == "umap")
    assert "means little here" in find_map("tsne").warning
    with pytest.raises(UserError, match="Did you mean “tsne”"):
        find_map("tsn")
