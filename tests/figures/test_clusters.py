"""Figures of clusters: bars, bounds, and the numbers in their alternative texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from figures.test_figures import EVIL, texts
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from mlcore.evaluation.clusters import silhouette_frame, size_frame
from mlcore.evaluation.stability import bootstrap_stability, stability_summary
from mlcore.figures import clusters
from mlcore.figures.theme import GREY, PALETTE

IRIS = load_iris().data
KINDS = KMeans(3, n_init=3, random_state=0).fit_predict(IRIS).astype(np.intp)
SILHOUETTES = silhouette_frame(IRIS, KINDS, np.arange(150) + 500)
SIZES = size_frame(pd.Series(["0"] * 6 + ["1"] * 3 + ["noise"]))
SHUFFLED = pd.DataFrame({"replicate": [0, 1, 2, 3], "value": [0.7, 0.2, 0.3, np.nan]})
SUMMARY = pd.DataFrame(
    {"cluster": ["0", "1", "2"], "jaccard": [0.95, 0.5, np.nan], "low": [0.9, 0.4, np.nan],
     "high": [1.0, 0.6, np.nan], "verdict": ["highly_stable", "not_trusted", "unknown"]}
)  # fmt: skip
SCORE = "Silhouette"
CASES = {
    "silhouette": (clusters.silhouette_figure, clusters.describe_silhouette, SILHOUETTES, ()),
    "size": (clusters.size_figure, clusters.describe_size, SIZES, ()),
    "stability": (clusters.stability_figure, clusters.describe_stability, SUMMARY, ()),
    "shuffled": (clusters.shuffled_figure, clusters.describe_shuffled, SHUFFLED, (SCORE,)),
}
every_figure = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


@every_figure
def test_it_draws_and_says_and_leaves_its_frame_alone(case):
    draw, describe, frame, more = case
    before = frame.copy()
    made = draw(frame, *more)
    assert made.data and made.layout.xaxis.title.text and made.to_json()
    said = describe(frame, *more)
    assert said.endswith(".") and "nan" not in said
    pd.testing.assert_frame_equal(frame, before)


@every_figure
def test_nothing_to_draw_is_said(case):
    draw, describe, frame, more = case
    assert draw(frame.iloc[:0], *more).layout.annotations[0].text == (
        "There is nothing to draw here."
    )
    assert describe(frame.iloc[:0], *more) == "There is nothing to draw here."


def test_silhouettes_stand_sorted_in_their_cluster_with_a_line_at_the_mean():
    made = clusters.silhouette_figure(SILHOUETTES)
    assert [trace.name for trace in made.data] == ["Cluster 0", "Cluster 1", "Cluster 2"]
    assert [trace.marker.color for trace in made.data] == list(PALETTE[:3])
    places = np.concatenate([trace.y for trace in made.data])
    assert len(places) == 150 and (np.diff(places) > 0).all()
    for trace, (name, part) in zip(made.data, SILHOUETTES.groupby("cluster"), strict=True):
        assert list(trace.x) == part["silhouette"].tolist()
        assert list(trace.customdata) == part["row"].tolist()
        tick = made.layout.yaxis.tickvals[made.layout.yaxis.ticktext.index(name)]
        assert tick == pytest.approx(np.mean(trace.y))
    (line,) = made.layout.shapes
    assert line.x0 == line.x1 == pytest.approx(SILHOUETTES["silhouette"].mean())


def test_the_mean_line_counts_rows_by_what_they_stand_for():
    frame = pd.DataFrame(
        {"row": [0, 1, 2], "cluster": ["0", "0", "1"], "silhouette": [0.5, 0.5, -1.0],
         "weight": [10, 10, 1]}
    )  # fmt: skip
    (line,) = clusters.silhouette_figure(frame).layout.shapes
    assert line.x0 == pytest.approx((20 * 0.5 - 1) / 21)
    assert clusters.describe_silhouette(frame) == (
        "Silhouettes of 3 rows in 2 groups, 0.429 on average. They are highest in cluster “0” "
        "(0.5) and lowest in cluster “1” (−1); 4.76 % of the rows are nearer to another group."
    )


def test_many_rows_and_many_clusters_are_bounded():
    names = np.repeat([str(number) for number in range(50)], 100)
    frame = pd.DataFrame({"row": range(5000), "cluster": names, "silhouette": 0.5, "weight": 1.0})
    made = clusters.silhouette_figure(frame)
    assert len(made.data) == 30 and sum(len(trace.y) for trace in made.data) == 1500
    assert "Drawn are 1500 of 5000." in clusters.describe_silhouette(frame)
    sizes = size_frame(pd.Series([*names, "noise"]))
    made = clusters.size_figure(sizes)
    assert len(made.data[0].x) == 31 and made.layout.yaxis.ticktext[-1] == "noise"
    assert "Drawn are 30 of 50." in clusters.describe_size(sizes)


def test_sizes_have_noise_last_and_grey():
    made = clusters.size_figure(SIZES)
    assert made.layout.yaxis.ticktext == ("0", "1", "noise")
    assert list(made.data[0].marker.color) == [PALETTE[0], PALETTE[1], GREY]
    assert clusters.describe_size(SIZES) == (
        "Sizes of 2 groups: the largest is “0” with 6 rows, the smallest “1” with 3. "
        "Rows that are noise: 1."
    )
    one = size_frame(pd.Series(["0"] * 5))
    assert clusters.describe_size(one).startswith("There is one group, “0”, with 5 rows. ")
    alike = size_frame(pd.Series(["0", "0", "1", "1"]))
    assert clusters.describe_size(alike).startswith("Sizes of 2 groups: each has 2 rows. ")
    noise = size_frame(pd.Series(["noise"] * 4))
    assert clusters.describe_size(noise) == "There is no group: all 4 rows are noise."
    assert clusters.size_figure(noise).data


def test_stability_stands_between_the_bounds():
    made = clusters.stability_figure(SUMMARY)
    assert [shape.x0 for shape in made.layout.shapes] == [0.85, 0.75, 0.6]
    (trace,) = made.data
    assert list(trace.x) == [0.95, 0.5]
    np.testing.assert_allclose(trace.x + trace.error_x.array, [1.0, 0.6])
    np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, [0.9, 0.4])
    assert clusters.describe_stability(SUMMARY) == (
        "Stability of 2 groups. The most stable is “0” (mean Jaccard similarity 0.95), the "
        "least “1” (0.5); 1 are below 0.75."
    )
    real = stability_summary(bootstrap_stability(lambda rows, seed: KINDS[rows], KINDS, n_boot=2))
    assert list(clusters.stability_figure(real).data[0].x) == [1, 1, 1]
    assert clusters.describe_stability(real) == (
        "Stability of 3 groups: mean Jaccard similarity 1."
    )


def test_shuffled_columns_stand_beside_the_table():
    made = clusters.shuffled_figure(SHUFFLED, SCORE)
    assert [list(trace.x) for trace in made.data] == [[0.2, 0.3], [0.7]]
    assert made.layout.yaxis.ticktext == ("Columns shuffled", "This table")
    assert clusters.describe_shuffled(SHUFFLED, SCORE) == (
        "Silhouette is 0.7 on this table, and 0.2 to 0.3 in 2 tables with shuffled columns."
    )
    assert "has no value on this table" in clusters.describe_shuffled(SHUFFLED[1:], SCORE)
    alone = SHUFFLED.assign(value=SHUFFLED["value"].where(SHUFFLED["replicate"] == 0))
    assert clusters.describe_shuffled(alone, SCORE) == (
        "Silhouette is 0.7 on this table, and has no value on 3 tables with shuffled columns, "
        "because no two groups were found in them."
    )
    made = clusters.shuffled_figure(SHUFFLED, EVIL)
    assert not [text for text in texts(made.to_plotly_json()["layout"]["xaxis"]) if "<" in text]
