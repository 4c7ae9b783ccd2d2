"""The map of the rows: looks, hover boxes, and rows behind the points."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from figures.test_figures import EVIL, lengthy, texts
from sklearn.datasets import load_iris

from mlcore.evaluation.maps import explained, map_frame
from mlcore.figures.maps import axis_titles, describe_map, hover_texts, map_figure, symbol
from mlcore.figures.theme import GREY, MOST_POINTS, PALETTE, color


def mapped(clusters, n_rows=None):
    n_rows = n_rows or len(clusters)
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "row": np.arange(n_rows) * 3,
            "x": random.normal(size=n_rows),
            "y": random.normal(size=n_rows),
            "cluster": np.resize(clusters, n_rows),
        }
    ).astype({"cluster": "str"})


MIXED = mapped(["0", "1", "noise", "0"], 40)


def test_clusters_differ_by_colour_and_symbol_and_noise_is_small_and_grey_below():
    made = map_figure(MIXED, "pca", shares=(0.6, 0.3))
    assert [trace.name for trace in made.data] == ["Noise", "Cluster 0", "Cluster 1"]
    noise, first, second = (trace.marker for trace in made.data)
    assert noise.color == GREY and noise.size < first.size
    assert (first.color, second.color) == PALETTE[:2] and first.symbol != second.symbol
    ranks = {trace.name: trace.legendrank for trace in made.data}
    assert sorted(ranks, key=ranks.get) == ["Cluster 0", "Cluster 1", "Noise"]
    assert made.layout.xaxis.title.text == "First principal component (60 &#37; of the spread)"
    assert made.layout.yaxis.scaleanchor == "x" and made.layout.dragmode == "lasso"


def test_a_point_knows_its_row():
    made = map_figure(MIXED, "tsne")
    for trace, name in zip(made.data, ("noise", "0", "1"), strict=True):
        part = MIXED[MIXED["cluster"] == name]
        assert list(trace.customdata) == part["row"].tolist()
        assert list(trace.x) == part["x"].tolist()
    assert made.layout.xaxis.showticklabels is False  # no unit


def test_looks_do_not_come_again_soon_and_small_clusters_share_a_line():
    looks = [(color(number), symbol(number)) for number in range(36)]
    assert len(set(looks)) == 36
    frame = mapped([str(number) for number in range(40)], 400)
    made = map_figure(frame, "pca")
    assert len(made.data) == 13
    rest = made.data[0]
    assert rest.name == "28 smaller groups"
    ranks = {trace.name: trace.legendrank for trace in made.data}
    assert max(ranks, key=ranks.get) == rest.name
    shown = list(zip(rest.marker.color, rest.marker.symbol, strict=True))
    names = frame.loc[frame["cluster"].astype(int) >= 12, "cluster"].astype(int)
    assert shown == [(color(number), symbol(number)) for number in names]
    assert "cluster 39" in rest.hovertext[-1]
    lone = map_figure(mapped(["0", "12"]), "pca")
    assert [trace.name for trace in lone.data] == ["1 smaller groups", "Cluster 0"]


def test_the_hover_box_shows_the_row_letter_by_letter():
    hostile = pd.DataFrame({EVIL: [EVIL, None], "x": ["5", "<b>"]}, dtype="object")
    frame = mapped(["0", "noise"])
    first, second = hover_texts(frame, hostile)
    assert first.startswith("Row 0, cluster 0<br>&lt;script&gt;")
    assert first.endswith("<br>x: 5") and second.startswith("Row 3, noise<br>")
    assert ": –<br>x: &lt;b&gt;" in second
    figure = json.loads(map_figure(frame, "pca", texts=hostile).to_json(engine="json"))
    for text in texts([figure["data"], {**figure["layout"], "template": None}]):
        inside = re.sub(r"<br>|<extra></extra>", "", text)
        assert "<" not in inside and "$" not in inside, text
        assert re.findall(r"%\{.*?\}", inside) in ([], ["%{hovertext}"])


def test_the_hover_box_is_bounded():
    wide = pd.DataFrame([[f"v{n}" for n in range(30)]], columns=[f"c{n}" for n in range(30)])
    (box,) = hover_texts(mapped(["0"]), wide)
    assert box.count("<br>") == 11 and box.endswith("<br>c9: v9<br>and 20 more columns")


def test_texts_stay_with_their_rows_when_points_are_thinned():
    frame = mapped(["0", "1"], 12_000)
    made = map_figure(frame, "pca", texts=pd.DataFrame({"number": frame["row"].astype(str)}))
    figure = json.loads(made.to_json(engine="json"))
    assert sum(len(lengthy(trace)) for trace in figure["data"]) == MOST_POINTS
    assert figure["data"][0]["type"] == "scattergl"
    for trace in made.data:
        for row, box in zip(trace.customdata, trace.hovertext, strict=True):
            assert box.endswith(f"number: {row}")
    assert describe_map(frame, "pca").endswith("Drawn are 5000 of 12000.")


def test_a_single_column_says_that_up_and_down_means_nothing():
    matrix = load_iris().data[:, :1]
    frame = map_frame(matrix, "pca", np.arange(150)).assign(cluster="0")
    made = map_figure(frame, "pca", shares=explained(matrix), one_column=True)
    assert made.layout.xaxis.title.text == "The column, as prepared"
    assert made.layout.yaxis.title.text == "Shifted by lot (means nothing)"
    assert made.layout.yaxis.showticklabels is False and not made.layout.yaxis.scaleanchor


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
def test_axes_have_titles(method):
    first, second = axis_titles(method)
    assert first != second and first[0].isupper()


def test_the_alternative_text():
    assert describe_map(MIXED, "umap") == (
        "Map of 40 rows by UMAP, coloured by 2 groups; the largest is “0” with 20 rows. "
        "10 rows are noise."
    )
    assert describe_map(mapped(["noise"] * 3), "umap") == (
        "Map of 3 rows by UMAP; all of them are noise."
    )
    assert describe_map(MIXED[:0], "pca") == "There is nothing to draw here."
    assert map_figure(MIXED[:0], "pca").layout.annotations[0].text
