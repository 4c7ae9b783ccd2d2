"""One prediction: the probability of each class, and the steps that lead to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    axis,
    bounded_note,
    color,
    empty,
    figure,
    hover,
    name_ticks,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words

#: Columns with a step of their own; the others are one step together.
MOST_STEPS = 10


def probability_figure(frame: pd.DataFrame) -> go.Figure:
    """Return lying bars of the probability of each class.

    Parameters
    ----------
    frame : DataFrame
        ``class`` and ``probability``, the likeliest first; the 30 first are drawn.
    """
    title = axis("prediction_probability")
    if frame.empty:
        return empty(title, "")
    shown = frame.head(MOST_BARS)
    made = figure(title, "", height=70 + 30 * max(2, len(shown)))
    made.add_trace(
        go.Bar(
            x=shown["probability"],
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": [color(0), *[GREY] * (len(shown) - 1)]},
            text=[f"{share:.1%}" for share in shown["probability"]],
            textposition="auto",
            customdata=[plain(name) for name in shown["class"]],
            showlegend=False,
            hovertemplate=hover(["%{customdata}", words("hover.prediction.probability")]),
        )
    )
    made.update_xaxes(range=[0, 1], tickformat=".0%")
    made.update_yaxes(**name_ticks(shown["class"]), autorange="reversed", showgrid=False)
    return made


def describe_probabilities(frame: pd.DataFrame) -> str:
    """Return the alternative text: the two likeliest classes."""
    if frame.empty:
        return words("figure.nothing")
    names, shares = frame["class"].tolist(), (100 * frame["probability"]).tolist()
    second = (
        words("alt.prediction.second", name=names[1], share=in_words(shares[1]))
        if len(names) > 1
        else ""
    )
    said = words(
        "alt.prediction.probabilities", top=names[0], share=in_words(shares[0]), second=second
    )
    return said + bounded_note(min(MOST_BARS, len(frame)), len(frame))


def steps_frame(frame: pd.DataFrame, start: float, end: float) -> pd.DataFrame:
    """Return the steps from a typical row's prediction to this one.

    Parameters
    ----------
    frame : DataFrame
        ``column``, ``value`` and ``adds``, those that add most first.
    start, end : float
        The two predictions; the steps lead from one to the other.

    Returns
    -------
    DataFrame
        ``label``, ``start`` and ``stop`` of each bar: the typical row, the columns that add most,
        all others together, this row. ``kind`` is ``"end"``, ``"up"`` or ``"down"``.
    """
    moving = frame[frame["adds"] != 0]
    shown, others = moving.head(MOST_STEPS), moving.iloc[MOST_STEPS:]
    pairs = zip(shown["column"], shown["value"], strict=True)
    labels = [f"{name} = {value or '–'}" for name, value in pairs]
    adds = shown["adds"].tolist()
    if len(others):
        labels.append(words("figure.prediction.rest", count=len(others)))
        adds.append(float(others["adds"].sum()))
    stops = (start + np.cumsum(adds)).tolist()
    rows = [(words("figure.prediction.start"), 0.0, start, "end")]
    for label, add, before, stop in zip(labels, adds, [start, *stops], stops, strict=False):
        rows.append((label, before, stop, "up" if add > 0 else "down"))
    rows.append((words("figure.prediction.end"), 0.0, end, "end"))
    return pd.DataFrame(rows, columns=["label", "start", "stop", "kind"])


def steps_figure(
    frame: pd.DataFrame, start: float, end: float, of_class: str | None = None
) -> go.Figure:
    """Return the steps as bars, each beginning where the one above ends.

    The two predictions at the ends are points: bars from nought would make the steps too small.

    Parameters
    ----------
    frame, start, end
        As :func:`steps_frame` takes them.
    of_class : str, optional
        Whose probability it is; ``None`` for numbers.
    """
    steps = steps_frame(frame, start, end)
    if of_class is None:
        title = axis("prediction_number")
    else:
        title = axis("prediction_of_class", name=of_class)
    made = figure(title, "", height=90 + 30 * len(steps))
    _draw_steps(made, steps)
    _mark_ends(made, steps)
    made.update_yaxes(**name_ticks(steps["label"], 34), autorange="reversed", showgrid=False)
    made.update_xaxes(range=_span(steps))
    return made


def _draw_steps(made: go.Figure, steps: pd.DataFrame) -> None:
    moves = steps[steps["kind"] != "end"]
    adds = moves["stop"] - moves["start"]
    said = [_signed(value) for value in adds]
    made.add_trace(
        go.Bar(
            base=moves["start"],
            x=adds,
            y=moves.index,
            orientation="h",
            marker={"color": [color(0) if value > 0 else color(1) for value in adds]},
            text=said,
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [plain(name, 60), add] for name, add in zip(moves["label"], said, strict=True)
            ],
            showlegend=False,
            hovertemplate=hover(["%{customdata[0]}", words("hover.prediction.adds")]),
        )
    )


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−'}{in_words(abs(value))}"


def _mark_ends(made: go.Figure, steps: pd.DataFrame) -> None:
    ends = steps[steps["kind"] == "end"]
    made.add_trace(
        go.Scatter(
            x=ends["stop"],
            y=ends.index,
            mode="markers+text",
            marker={"color": GREY, "symbol": "diamond", "size": 11},
            text=[f" {in_words(value)}" for value in ends["stop"]],
            textposition="middle right",
            cliponaxis=False,
            showlegend=False,
            hoverinfo="skip",
        )
    )


def _span(steps: pd.DataFrame) -> list[float]:
    moves = steps[steps["kind"] != "end"]
    values = [*steps["stop"], *moves["start"]]
    width = max(values) - min(values) or 0.4 * max(1e-6, abs(max(values)))
    # Numbers stand to the right of what they tell of, and to the left of steps down; on a narrow
    # page they take as much room as the bars.
    left = 0.55 if (moves["kind"] == "down").any() else 0.1
    return [min(values) - left * width, max(values) + 0.65 * width]


def describe_steps(frame: pd.DataFrame, start: float, end: float) -> str:
    """Return the alternative text: both ends, and the three largest steps."""
    largest = frame[frame["adds"] != 0].head(3)
    steps = [
        words("alt.prediction.step", column=name, adds=_signed(adds))
        for name, adds in zip(largest["column"], largest["adds"], strict=True)
    ]
    return words(
        "alt.prediction.adds",
        start=in_words(start),
        end=in_words(end),
        steps=", ".join(steps) or words("alt.prediction.no_step"),
    )
