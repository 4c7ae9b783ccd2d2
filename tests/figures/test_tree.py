"""The colours of a tree that stands beside other figures."""

from __future__ import annotations

import pandas as pd

from mlcore.figures.clusters import cluster_color
from mlcore.figures.theme import GREY, color
from mlcore.figures.tree import tree_figure

NODES = pd.DataFrame(
    {
        "node": [0, 1, 2],
        "parent": [-1, 0, 0],
        "branch": ["", "yes", "no"],
        "depth": [0, 1, 1],
        "x": [0.5, 0.0, 1.0],
        "rule": ["age ≤ 30", "", ""],
        "cut": False,
        "samples": [30, 10, 20],
        "value": [0.6, 1.0, 0.9],
        "class": ["2", "noise", "2"],
        "impurity": [0.4, 0.0, 0.1],
    }
)


def test_clusters_keep_the_colours_they_have_elsewhere() -> None:
    assert list(tree_figure(NODES, cluster_color).data[-1].marker.color) == [
        color(2),
        GREY,
        color(2),
    ]


def test_classes_without_colours_get_them_in_order() -> None:
    assert list(tree_figure(NODES).data[-1].marker.color) == [color(0), color(1), color(0)]
