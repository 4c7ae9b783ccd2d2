"""Trees and forests as ONNX, to the last bit: thresholds and sums stay in double precision.

The trees answer with the number of the leaf a row ends in; what the leaf says is looked up and
added up behind them. skl2onnx stores thresholds and leaves in single precision, which moves rows
to other leaves where a scaler stands in front, and gives the other class where two are even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import numpy_helper as arrays

from mlcore.registry.onnx_graph import Term

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class FlatTree:
    """One tree, its nodes in arrays.

    Parameters
    ----------
    is_leaf, feature, threshold, left, right : arrays of shape (n_nodes,)
        A row goes left where its feature is at most the threshold. The first node is the root.
    values : float array of shape (n_nodes, n_outputs)
        What a leaf says.
    """

    is_leaf: Numbers
    feature: Numbers
    threshold: Numbers
    left: Numbers
    right: Numbers
    values: Numbers


def flat_tree(tree: Any) -> FlatTree:
    """Return a ``sklearn.tree._tree.Tree`` in arrays."""
    return FlatTree(
        is_leaf=tree.children_left < 0,
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        values=tree.value[:, 0, :],
    )


def flat_predictor(nodes: Numbers, output: int, n_outputs: int) -> FlatTree:
    """Return a tree of histogram gradient boosting, which adds to one of the outputs."""
    values = np.zeros((len(nodes), n_outputs))
    values[:, output] = nodes["value"]
    return FlatTree(
        is_leaf=nodes["is_leaf"].astype(bool),
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        left=nodes["left"],
        right=nodes["right"],
        values=values,
    )


def sum_of_trees(matrix: Term, trees: Sequence[FlatTree]) -> Term:
    """Return the sum of what the leaves say, of shape (n_rows, n_outputs)."""
    flat = [_without_lone_root(tree) for tree in trees]
    leaves = [tree.values[tree.is_leaf] for tree in flat]
    first = np.concatenate([[0], np.cumsum([len(values) for values in leaves])])
    numbers = matrix.graph.add(
        "TreeEnsemble",
        matrix,
        domain="ai.onnx.ml",
        n_targets=len(flat),
        aggregate_function=1,
        post_transform=0,
        leaf_targetids=np.repeat(np.arange(len(flat)), [len(values) for values in leaves]).tolist(),
        leaf_weights=arrays.from_array(np.arange(first[-1], dtype=float)),
        **_nodes(flat, first),
    )
    places = matrix.graph.add("Cast", numbers, to=7)
    return places.entries_of(np.concatenate(leaves)).total(1, keep=False)


def _without_lone_root(tree: FlatTree) -> FlatTree:
    """Return a tree with at least one question; the operator has no tree without."""
    if len(tree.is_leaf) > 1:
        return tree
    return FlatTree(
        is_leaf=np.array([False, True, True]),
        feature=np.zeros(3, dtype=int),
        threshold=np.zeros(3),
        left=np.array([1, 0, 0]),
        right=np.array([2, 0, 0]),
        values=np.repeat(tree.values, 3, axis=0),
    )


def _nodes(trees: Sequence[FlatTree], first_leaf: Numbers) -> dict[str, Any]:
    """Return the attributes of all questions, and where each leads: to a question or a leaf."""
    parts: dict[str, list[Numbers]] = {}
    roots, n_before = [], 0
    for tree, first in zip(trees, first_leaf, strict=False):
        asks = ~tree.is_leaf
        # Leaves and questions are counted apart, each over all trees.
        place = (
            np.where(tree.is_leaf, first + np.cumsum(tree.is_leaf), n_before + np.cumsum(asks)) - 1
        )
        for side, ends in (("true", tree.left[asks]), ("false", tree.right[asks])):
            parts.setdefault(f"nodes_{side}nodeids", []).append(place[ends])
            parts.setdefault(f"nodes_{side}leafs", []).append(tree.is_leaf[ends])
        parts.setdefault("nodes_featureids", []).append(tree.feature[asks])
        parts.setdefault("nodes_splits", []).append(tree.threshold[asks])
        roots.append(n_before)
        n_before += int(asks.sum())
    made: dict[str, Any] = {name: np.concatenate(of_trees) for name, of_trees in parts.items()}
    splits = made.pop("nodes_splits").astype(float)
    whole = {name: values.astype(int).tolist() for name, values in made.items()}
    return {
        **whole,
        "tree_roots": roots,
        "nodes_splits": arrays.from_array(splits),
        "nodes_modes": arrays.from_array(np.zeros(len(splits), dtype=np.uint8)),
    }
