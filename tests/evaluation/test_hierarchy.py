"""The tree of merges, against scikit-learn's and scipy's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster import hierarchy
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import make_blobs

from mlcore.errors import UserError
from mlcore.evaluation.hierarchy import (
    cut,
    dendrogram_segments,
    height_for,
    linkage_frame,
    say_cut,
    suggest_cut,
)

MATRIX = np.random.default_rng(0).normal(size=(70, 3))
BLOBS, BLOB = make_blobs(300, centers=4, random_state=3, cluster_std=0.5)
LINKAGES = ("ward", "complete", "average", "single")
#: Two pairs, one unit apart each, ten units from each other.
PAIRS = np.array([[0.0], [1.0], [10.0], [11.0]])


@pytest.mark.parametrize("linkage", LINKAGES)
def test_merges_are_those_of_scikit_learn(linkage):
    frame = linkage_frame(MATRIX, linkage)
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=0, linkage=linkage)
    model.fit(MATRIX)
    np.testing.assert_allclose(frame["height"], model.distances_)
    assert [set(pair) for pair in zip(frame["left"], frame["right"], strict=True)] == [
        set(pair) for pair in model.children_
    ]
    assert frame["size"].iloc[-1] == 70 and set(frame["rows"]) == {70}
    assert frame["merge"].tolist() == list(range(69))


@pytest.mark.parametrize("linkage", LINKAGES)
def test_a_cut_leaves_as_many_groups_as_scipy_finds(linkage):
    frame = linkage_frame(MATRIX, linkage)
    merges = frame[["left", "right", "height", "size"]].to_numpy(dtype=float)
    for height in (0.0, 0.5, 1.0, 2.0, 4.0, float(frame["height"].iloc[-2]), 1e9):
        groups = hierarchy.fcluster(merges, height, criterion="distance")
        assert cut(frame, height) == len(set(groups))


@pytest.mark.parametrize("linkage", LINKAGES)
def test_the_height_for_a_number_leaves_that_number(linkage):
    frame = linkage_frame(MATRIX, linkage)
    assert [cut(frame, height_for(frame, k)) for k in range(1, 71)] == list(range(1, 71))
    for k in (0, 71):
        with pytest.raises(ValueError, match="from 1 to 70"):
            height_for(frame, k)


def test_the_suggested_cut_lies_in_the_largest_gap():
    frame = linkage_frame(PAIRS, "single")
    assert frame["height"].tolist() == [1, 1, 9]
    assert suggest_cut(frame) == 5
    for linkage in ("average", "single"):
        tree = linkage_frame(BLOBS, linkage)
        assert cut(tree, suggest_cut(tree)) in (2, 4)
    far = np.array([0.0, 1e-9, 5, 5.5, 6, 6.5, 7]).reshape(-1, 1)
    lone = linkage_frame(far, "single")
    assert cut(lone, suggest_cut(lone, most_groups=4)) == 2


def test_blobs_come_out_of_the_suggested_cut_of_single_linkage():
    tree = linkage_frame(BLOBS, "single")
    assert cut(tree, suggest_cut(tree)) == 4


def test_equal_rows_are_one_group_and_two_rows_a_tree():
    same = linkage_frame(np.ones((5, 2)))
    assert cut(same, suggest_cut(same)) == 1
    two = linkage_frame(PAIRS[:2])
    assert (cut(two, suggest_cut(two)), cut(two, height_for(two, 2))) == (1, 2)
    with pytest.raises(UserError, match="at least 2 rows, and there are 1"):
        linkage_frame(PAIRS[:1])


def test_rows_are_bounded_by_lot():
    frame = linkage_frame(MATRIX, most_rows=30, seed=1)
    assert len(frame) == 29 and set(frame["rows"]) == {30}
    assert frame.equals(linkage_frame(MATRIX, most_rows=30, seed=1))


def test_the_words_have_the_number_of_groups():
    frame = linkage_frame(PAIRS, "single")
    assert str(say_cut(frame, 5)) == "A cut at height 5 leaves 2 groups of the 4 rows used."
    assert "all 4 rows used in one group" in str(say_cut(frame, 20))


# --- drawing ------------------------------------------------------------------------------------


def test_lines_of_a_tree_of_four():
    lines = dendrogram_segments(linkage_frame(PAIRS, "single"))
    assert lines["line"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert lines["above"].tolist() == [2] * 8 + [-1] * 4
    assert lines["x"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 0.5, 0.5, 2.5, 2.5]
    assert lines["y"].tolist() == [0, 1, 1, 0, 0, 1, 1, 0, 1, 9, 9, 1]
    assert lines["leaf_rows"].tolist() == [1, 0, 0, 1] * 2 + [0] * 4


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("most", [2, 10, 60, 100])
def test_lines_are_those_that_scipy_draws(linkage, most):
    frame = linkage_frame(MATRIX, linkage)
    merges = frame[["left", "right", "height", "size"]].to_numpy(dtype=float)
    theirs = hierarchy.dendrogram(
        merges, no_plot=True, **({"truncate_mode": "lastp", "p": most} if most < 70 else {})
    )
    ours = dendrogram_segments(frame, most)
    tops = ours.groupby("line")["y"].max()
    np.testing.assert_allclose(sorted(tops), sorted(line[1] for line in theirs["dcoord"]))
    leaves = ours[ours["leaf_rows"] > 0]
    assert len(leaves) == min(most, 70) == len(theirs["ivl"])
    assert leaves["leaf_rows"].sum() == 70
    assert sorted(leaves["x"]) == list(range(len(leaves)))
    sizes = [int(text.strip("()")) if "(" in text else 1 for text in theirs["ivl"]]
    assert sorted(leaves["leaf_rows"]) == sorted(sizes)


def test_lines_hang_together_and_do_not_cross():
    lines = dendrogram_segments(linkage_frame(BLOBS), 30)
    middle = lines.groupby("line")["x"].mean()
    tops = lines.groupby("line")["y"].max()
    feet = {(row.x, row.y) for row in lines.itertuples() if row.leaf_rows == 0}
    for line, above in lines.groupby("line")["above"].first().items():
        if above >= 0:
            assert (middle[line], tops[line]) in feet and tops[above] >= tops[line]
    collapsed = lines[lines["leaf_rows"] > 1]
    assert (collapsed["y"] > 0).all()  # a collapsed leaf ends where it branches
