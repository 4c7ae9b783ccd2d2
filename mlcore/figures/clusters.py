"""How far clusters are apart, how large they are, and whether they come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.stability import JACCARD_BOUNDS
from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    axis,
    bounded,
    bounded_note,
    color,
    drawn_of,
    empty,
    figure,
    hover,
    in_order,
    largest,
    name_ticks,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words

#: Bars of the silhouette figure at most; a screen has no more lines.
MOST_SILHOUETTES = 1500


def cluster_color(cluster: object) -> str:
    """Return the colour that a cluster has in every figure."""
    name = str(cluster)
    return GREY if name == NOISE_NAME else color(int(name))


def silhouette_figure(frame: pd.DataFrame) -> go.Figure:
    """Return a lying bar for each row, sorted in its cluster, and a line at the mean.

    A good cluster is a block that reaches beyond the mean; bars to the left of 0 are rows that
    are nearer to another cluster.

    Parameters
    ----------
    frame : DataFrame
        Of ``silhouette_frame``; the first 30 clusters, and evenly spread at most 1,500 rows.
    """
    x, y = axis("silhouette"), axis("cluster")
    if frame.empty:
        return empty(x, y)
    names = in_order(frame["cluster"])[:MOST_BARS]
    drawn = bounded(frame[frame["cluster"].isin(names)], MOST_SILHOUETTES)
    made = figure(x, y, height=480)
    start, middles = 0, []
    gap = max(1, len(drawn) // 60)
    for name in names:
        part = drawn[drawn["cluster"] == name]
        made.add_trace(_silhouettes(part, start, name))
        middles.append(start + (len(part) - 1) / 2)
        start += len(part) + gap
    mean = _mean(frame["silhouette"], frame["weight"])
    made.add_vline(x=mean, line={"color": GREY, "dash": "dash"})
    made.update_layout(bargap=0, showlegend=False)
    made.update_xaxes(range=[min(-0.1, float(drawn["silhouette"].min())), 1])
    ticks = {**name_ticks(names), "tickvals": middles}
    made.update_yaxes(**ticks, autorange="reversed", showgrid=False, zeroline=False)
    made.add_annotation(
        x=mean,
        y=1,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=words("legend.silhouette_mean", value=in_words(mean)),
    )
    return made


def _mean(values: pd.Series, weights: pd.Series) -> float:
    return float(np.average(values, weights=weights))


def _silhouettes(part: pd.DataFrame, start: int, name: object) -> go.Bar:
    return go.Bar(
        x=part["silhouette"],
        y=np.arange(start, start + len(part)),
        width=1,
        orientation="h",
        customdata=part["row"],
        marker={"color": cluster_color(name), "line": {"width": 0}},
        name=words("legend.cluster", name=plain(name)),
        hovertemplate=hover([words("hover.silhouette")]),
    )


def describe_silhouette(frame: pd.DataFrame) -> str:
    """Return the alternative text: the mean, the best and the worst cluster, and misfits."""
    if frame.empty:
        return words("figure.nothing")
    means = frame.groupby("cluster", sort=False)["silhouette"].mean()
    said = words(
        "alt.silhouette",
        rows=len(frame),
        clusters=len(means),
        mean=in_words(_mean(frame["silhouette"], frame["weight"])),
        best=means.idxmax(),
        best_value=in_words(means.max()),
        worst=means.idxmin(),
        worst_value=in_words(means.min()),
        negative=in_words(100 * _mean(frame["silhouette"] < 0, frame["weight"])),
    )
    return said + drawn_of(len(frame), MOST_SILHOUETTES)


def size_figure(frame: pd.DataFrame) -> go.Figure:
    """Return a lying bar for each cluster, noise last and grey.

    Parameters
    ----------
    frame : DataFrame
        Of ``size_frame``; the 30 first clusters and noise are drawn.
    """
    x, y = axis("rows"), axis("cluster")
    if frame.empty:
        return empty(x, y)
    drawn = _first(frame)
    made = figure(x, y, height=_tall(drawn))
    made.add_trace(
        go.Bar(
            x=drawn["rows"],
            y=list(range(len(drawn))),
            orientation="h",
            customdata=drawn["share"],
            marker={"color": [cluster_color(name) for name in drawn["cluster"]]},
            showlegend=False,
            hovertemplate=hover([words("hover.sizes")]),
        )
    )
    made.update_yaxes(**name_ticks(drawn["cluster"]), autorange="reversed", showgrid=False)
    return made


def _first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the first 30 clusters, and noise."""
    noise = frame["cluster"] == NOISE_NAME
    return pd.concat([frame[~noise].head(MOST_BARS), frame[noise]])


def _tall(drawn: pd.DataFrame) -> int:
    return 120 + 24 * max(3, len(drawn))


def describe_size(frame: pd.DataFrame) -> str:
    """Return the alternative text: the largest and the smallest cluster, and noise."""
    if frame.empty:
        return words("figure.nothing")
    noise = int(frame.loc[frame["cluster"] == NOISE_NAME, "rows"].sum())
    clusters = frame[frame["cluster"] != NOISE_NAME]
    if clusters.empty:
        return words("alt.sizes.noise", rows=noise)
    said = f"{_sizes(clusters)} {words('alt.sizes.and_noise', noise=noise)}"
    return said + bounded_note(min(MOST_BARS, len(clusters)), len(clusters))


def _sizes(clusters: pd.DataFrame) -> str:
    most, least = largest(clusters, clusters["rows"]), largest(clusters, clusters["rows"], -1)
    if len(clusters) == 1:
        return words("alt.sizes.one", name=most["cluster"], rows=most["rows"])
    if most["rows"] == least["rows"]:
        return words("alt.sizes.equal", clusters=len(clusters), rows=most["rows"])
    return words(
        "alt.sizes",
        clusters=len(clusters),
        largest=most["cluster"],
        largest_rows=most["rows"],
        smallest=least["cluster"],
        smallest_rows=least["rows"],
    )


def stability_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the mean Jaccard similarity of each cluster between Hennig's bounds.

    Parameters
    ----------
    frame : DataFrame
        Of ``stability_summary``; the 30 first clusters are drawn, those never sampled left out.
    """
    x, y = axis("jaccard"), axis("cluster")
    known = frame.dropna(subset=["jaccard"])
    if known.empty:
        return empty(x, y)
    drawn = known.head(MOST_BARS)
    made = figure(x, y, height=_tall(drawn) + 40)
    for verdict, bound in JACCARD_BOUNDS.items():
        made.add_vline(x=bound, line={"color": GREY, "dash": "dot", "width": 1.5})
        made.add_annotation(**_bound_label(verdict, bound))
    made.add_trace(_similarities(drawn))
    made.update_xaxes(range=[0, 1.03])
    ticks = name_ticks(drawn["cluster"])
    made.update_yaxes(**ticks, range=[len(drawn) - 0.5, -0.5], showgrid=False, zeroline=False)
    made.update_layout(margin={"t": 80, "r": 95})
    return made


def _bound_label(verdict: str, bound: float) -> dict[str, object]:
    """Return a slanted label above a bound; level ones would run into each other."""
    return {
        "x": bound,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "left",
        "showarrow": False,
        "textangle": -30,
        "text": words(f"legend.{verdict}", value=bound),
    }


def _similarities(drawn: pd.DataFrame) -> go.Scatter:
    return go.Scatter(
        x=drawn["jaccard"],
        y=list(range(len(drawn))),
        mode="markers",
        marker={"color": [cluster_color(name) for name in drawn["cluster"]], "size": 10},
        error_x={
            "type": "data",
            "array": (drawn["high"] - drawn["jaccard"]).clip(lower=0),
            "arrayminus": (drawn["jaccard"] - drawn["low"]).clip(lower=0),
            "color": GREY,
            "thickness": 1.5,
        },
        customdata=drawn[["low", "high"]],
        showlegend=False,
        hovertemplate=hover([words("hover.jaccard")]),
    )


def describe_stability(frame: pd.DataFrame) -> str:
    """Return the alternative text: the most and the least stable cluster, and how many doubts."""
    known = frame.dropna(subset=["jaccard"])
    if known.empty:
        return words("figure.nothing")
    return _similar(known) + bounded_note(min(MOST_BARS, len(known)), len(known))


def _similar(known: pd.DataFrame) -> str:
    best, worst = largest(known, known["jaccard"]), largest(known, known["jaccard"], -1)
    if best["jaccard"] == worst["jaccard"]:
        value = in_words(best["jaccard"])
        return words("alt.stability.equal", clusters=len(known), value=value)
    return words(
        "alt.stability",
        clusters=len(known),
        best=best["cluster"],
        best_value=in_words(best["jaccard"]),
        worst=worst["cluster"],
        worst_value=in_words(worst["jaccard"]),
        doubtful=int((known["jaccard"] < JACCARD_BOUNDS["stable"]).sum()),
    )


def shuffled_figure(frame: pd.DataFrame, metric: str) -> go.Figure:
    """Return the score of the table beside its scores when every column is shuffled by itself.

    Parameters
    ----------
    frame : DataFrame
        ``replicate`` (0 is the table itself), ``value``.
    metric : str
        Label of the score, for the axis.
    """
    x = axis("metric", name=metric)
    known = frame.dropna(subset=["value"])
    if known.empty:
        return empty(x, "")
    made = figure(x, "", height=220)
    ours = known["replicate"] == 0
    looks = ((known[~ours], "circle-open", GREY, 9), (known[ours], "diamond", color(0), 13))
    for position, (part, shape, shade, size) in enumerate(looks):
        made.add_trace(
            go.Scatter(
                x=part["value"],
                y=[position] * len(part),
                mode="markers",
                marker={"color": shade, "symbol": shape, "size": size},
                showlegend=False,
                hovertemplate=hover([words("hover.shuffled")]),
            )
        )
    names = [words("legend.shuffled"), words("legend.data")]
    made.update_yaxes(**name_ticks(names), range=[-0.6, 1.6], showgrid=False, zeroline=False)
    return made


def describe_shuffled(frame: pd.DataFrame, metric: str) -> str:
    """Return the alternative text: the score of the table and the range of the shuffled ones."""
    if frame["value"].isna().all():
        return words("figure.nothing")
    ours = frame.loc[frame["replicate"] == 0, "value"].dropna()
    theirs = frame.loc[frame["replicate"] != 0, "value"].dropna()
    if ours.empty:
        return words("alt.shuffled.no_value", metric=metric)
    if theirs.empty:
        replicates = int((frame["replicate"] != 0).sum())
        value = in_words(ours.iloc[0])
        return words("alt.shuffled.only_data", metric=metric, value=value, replicates=replicates)
    return words(
        "alt.shuffled",
        metric=metric,
        value=in_words(ours.iloc[0]),
        low=in_words(theirs.min()),
        high=in_words(theirs.max()),
        replicates=len(theirs),
    )
