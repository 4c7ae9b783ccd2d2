"""Figures for choosing: what they mark is what the tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.criteria import COLUMNS, CRITERIA, suggestions
from mlcore.evaluation.hierarchy import cut, dendrogram_segments, height_for, linkage_frame
from mlcore.figures import choosing, dendrogram
from mlcore.figures.theme import GREY, color

NOTHING = "There is nothing to draw here."
MATRIX = np.random.default_rng(0).normal(size=(90, 2))
TREE = linkage_frame(MATRIX)


def table():
    made = pd.DataFrame(np.nan, index=range(4), columns=list(COLUMNS))
    return made.assign(
        k=[1, 2, 3, 4],
        rows=120,
        inertia=[100.0, 50, 10, 8],
        silhouette=[np.nan, 0.4, 0.7, 0.5],
        gap=[0.1, 0.2, 0.5, 0.4],
        gap_error=0.02,
        stability=[np.nan, 1.0, 1.0, 0.4],
        stability_std=[np.nan, 0.0, 0.0, 0.2],
    )


def test_each_criterion_with_a_value_has_a_panel_with_its_suggestion():
    frame = table()
    figure = choosing.sweep_figure(frame, suggestions(frame))
    shown = [spec for spec in CRITERIA if frame[spec.column].notna().any()]
    assert [trace.name for trace in figure.data] == [spec.label for spec in shown]
    for trace, spec in zip(figure.data, shown, strict=True):
        having = frame[frame[spec.column].notna()]
        assert list(trace.x) == having["k"].tolist()
        np.testing.assert_allclose(trace.y, having[spec.column])
        stars = [x for x, symbol in zip(trace.x, trace.marker.symbol, strict=True)
                 if symbol == "star"]  # fmt: skip
        assert stars == [3]
        assert (trace.error_y.array is not None) == bool(spec.spread)
    assert sum(shape.x0 == shape.x1 == 3 for shape in figure.layout.shapes) == len(shown)
    titles = [note.text for note in figure.layout.annotations]
    assert titles[:2] == ["Inertia (elbow): where it bends", "Silhouette: higher is better"]


def test_the_sweep_is_described_with_its_suggestions():
    frame = table()
    assert choosing.describe_sweep(frame, suggestions(frame)) == (
        "4 criteria over 1 to 4 groups, worked out on 120 rows. Suggested are: "
        "Inertia (elbow) 3, Silhouette 3, Gap statistic 3, Stability 3."
    )


def test_a_single_number_is_drawn_without_a_suggestion():
    frame = table().iloc[:1]
    figure = choosing.sweep_figure(frame, suggestions(frame))
    assert len(figure.data) == 2 and not figure.layout.shapes
    assert choosing.describe_sweep(frame, suggestions(frame)).endswith("120 rows.")


def distances():
    return pd.DataFrame({"position": [1, 2, 3, 4], "distance": [1.0, 1.5, 2, 8], "rows": 4})


def test_the_line_lies_at_eps():
    figure = choosing.k_distance_figure(distances(), 1.75)
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (1.75, 1.75)
    assert figure.layout.annotations[0].text == "eps = 1.75"
    assert not choosing.k_distance_figure(distances()).layout.shapes
    assert choosing.describe_k_distance(distances(), 1.75) == (
        "Sorted neighbour distances of 4 rows: from 1 over 1.75 in the middle to 8. "
        "A line at eps = 1.75 has 50 % of the rows at or below it."
    )


def eigenvalues():
    values = [0.0, 0.0, 0.5, 0.6]
    relative = [0.0, 1.0, 1 / 6]
    return pd.DataFrame(
        {"position": [1, 2, 3], "eigenvalue": values[:3], "gap": np.diff(values),
         "relative_gap": relative, "rows": 40}
    )  # fmt: skip


def test_eigenvalues_before_the_gap_stand_apart():
    figure = choosing.eigengap_figure(eigenvalues())
    assert [list(trace.x) for trace in figure.data] == [[1, 2], [3]]
    assert figure.layout.shapes[0].x0 == 2.5
    assert choosing.describe_eigengap(eigenvalues()) == (
        "The 3 smallest eigenvalues. The suggested gap follows number 2: from 0 to 0.5."
    )


@pytest.mark.parametrize("k", [1, 2, 4, 7])
def test_the_groups_below_a_cut_have_their_colours(k):
    height = height_for(TREE, k)
    segments = dendrogram_segments(TREE)
    groups = dendrogram.groups_below(segments, height)
    assert (groups == -1).sum() == k - 1
    assert sorted(set(groups) - {-1}) == list(range(k))  # none of them is a single leaf here
    rows = segments.groupby(segments["line"].map(groups))["leaf_rows"].sum()
    sizes = rows[rows.index >= 0]
    assert list(sizes) == sorted(sizes, reverse=True) and sizes.sum() == 90
    figure = dendrogram.dendrogram_figure(segments, height)
    colours = [trace.line.color for trace in figure.data]
    assert colours == [GREY] * (k > 1) + [color(group) for group in range(k)]
    assert figure.layout.shapes[0].y0 == height
    assert f"leaves {cut(TREE, height)} groups." in dendrogram.describe_dendrogram(segments, height)


def test_a_tree_without_a_cut_is_grey_and_its_leaves_have_their_rows():
    segments = dendrogram_segments(TREE, 10)
    figure = dendrogram.dendrogram_figure(segments)
    assert [trace.line.color for trace in figure.data] == [GREY]
    assert sum(int(text) for text in figure.layout.xaxis.ticktext) == 90
    heights = TREE["height"].iloc[::-1].tolist()
    assert dendrogram.describe_dendrogram(segments) == (
        f"Tree of merges of 90 rows, drawn with 10 branches. The last merge is at height "
        f"{heights[0]:.3g}. The one before is at {heights[1]:.3g}."
    )


def test_a_cut_below_what_is_drawn_does_not_pretend_to_count():
    segments = dendrogram_segments(TREE, 5)
    low = float(TREE["height"].iloc[20])
    assert "leaves at least 5 groups." in dendrogram.describe_dendrogram(segments, low)
    figure = dendrogram.dendrogram_figure(dendrogram_segments(linkage_frame(MATRIX[:2])), 0.0)
    assert figure.data


@pytest.mark.parametrize(
    ("draw", "describe", "frame", "more"),
    [
        (choosing.sweep_figure, choosing.describe_sweep, table(), (suggestions(table()),)),
        (choosing.k_distance_figure, choosing.describe_k_distance, distances(), (1.0,)),
        (choosing.eigengap_figure, choosing.describe_eigengap, eigenvalues(), ()),
        (dendrogram.dendrogram_figure, dendrogram.describe_dendrogram,
         dendrogram_segments(TREE), (1.0,)),
    ],
    ids=["sweep", "k_distance", "eigengap", "dendrogram"],
)  # fmt: skip
def test_every_figure_has_axes_and_says_when_there_is_nothing(draw, describe, frame, more):
    before = frame.copy()
    figure, said = draw(frame, *more), describe(frame, *more)
    pd.testing.assert_frame_equal(frame, before)
    titles = {axis.title.text for axis in figure.select_xaxes()}
    assert any(titles) and figure.layout.title.text is None
    assert figure.data and said.endswith(".") and "nan" not in said
    assert draw(frame.iloc[:0], *more).layout.annotations[0].text == NOTHING
    assert describe(frame.iloc[:0], *more) == NOTHING
