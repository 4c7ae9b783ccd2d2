"""How probabilities are spread over rows of a class and over the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import GREY, axis, color, empty, figure, hover, plain, words
from mlcore.figures.theme import number as in_words


def score_distribution_figure(frame: pd.DataFrame, of_class: str) -> go.Figure:
    """Return two overlaid histograms of the probability of one class.

    Parameters
    ----------
    frame : DataFrame
        Of ``score_distribution_frame``.
    of_class : str
        Whose probability is drawn.
    """
    part = frame[frame["class"] == of_class]
    x, y = axis("probability_of", name=of_class), axis("share_of_rows")
    if part.empty:
        return empty(x, y)
    made = figure(x, y)
    looks = ((True, "legend.member", color(0)), (False, "legend.others", GREY))
    for member, code, shade in looks:
        bars = part[part["member"] == member]
        made.add_trace(
            go.Bar(
                x=(bars["low"] + bars["high"]) / 2,
                y=bars["share"],
                width=bars["high"] - bars["low"],
                customdata=bars[["low", "high", "count"]],
                marker={"color": shade, "opacity": 0.6},
                name=words(code, name=plain(of_class)),
                hovertemplate=hover([words("hover.score_distribution")]),
            )
        )
    made.update_layout(barmode="overlay", bargap=0)
    made.update_xaxes(range=[0, 1])
    made.update_yaxes(tickformat=".0%")
    return made


def describe_score_distribution(frame: pd.DataFrame, of_class: str) -> str:
    """Return the alternative text: the share of either side from one half upwards."""
    part = frame[frame["class"] == of_class]
    if part.empty:
        return words("figure.nothing")
    upper = part[(part["low"] + part["high"]) / 2 >= 0.5]
    share = upper.groupby("member")["share"].sum()
    above = {member: 100 * float(share.get(member, np.nan)) for member in (True, False)}
    return words(
        "alt.score_distribution",
        name=of_class,
        member=in_words(above[True]),
        others=in_words(above[False]),
    )
