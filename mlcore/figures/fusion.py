"""Votes and what was made of them: agreement, sources, models, methods, contested rows."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.rater_agreement import FEWEST_COMMON_ROWS
from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    SCALE,
    SYMBOLS,
    axis,
    bounded_note,
    color,
    dash,
    empty,
    figure,
    hover,
    in_order,
    largest,
    name_ticks,
    plain,
    records,
    words,
)
from mlcore.figures.theme import number as in_words

#: How sure a fused label is: columns of the table of rows.
Sureness: TypeAlias = Literal["confidence", "margin"]

#: What the votes of a source were counted against: known true labels, or the fused label.
Reference: TypeAlias = Literal["gold", "fused"]

#: Sources or classes along one side of a square at most, and until how many of them numbers fit
#: into the cells.
MOST_DRAWN, MOST_LABELLED = 70, 20
#: Bars of the histogram of confidence.
BINS = 20
#: Starts whose lines can still be told apart.
MOST_STARTS = 12


def _numbers(values: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(pd.to_numeric(values), dtype=np.float64)


def kappa_figure(frame: pd.DataFrame, fewest_rows: int = FEWEST_COMMON_ROWS) -> go.Figure:
    """Return Cohen's kappa of each two sources, as a square of cells.

    Parameters
    ----------
    frame : DataFrame
        Of ``cohen_kappa_frame``; the first 70 sources are drawn. Pairs without a kappa stay empty.
    fewest_rows : int, default 20
        Pairs with fewer common rows stay empty too: luck would fill the scale of colours.
    """
    x = y = axis("source")
    if frame.empty:
        return empty(x, y)
    sources = _sources(frame)[:MOST_DRAWN]
    place = {name: position for position, name in enumerate(sources)}
    size = len(sources)
    values, texts = np.full((size, size), np.nan), np.full((size, size), "", dtype=object)
    for row in records(frame):
        if row["source"] in place and row["other"] in place:
            first, second = place[row["source"]], place[row["other"]]
            is_known = not pd.isna(row["kappa"]) and row["rows"] >= fewest_rows
            value = row["kappa"] if is_known else np.nan
            values[first, second] = values[second, first] = value
            texts[first, second] = texts[second, first] = _pair(row, value)
    made = figure(x, y, height=160 + 34 * max(4, min(size, 18)))
    made.add_trace(
        go.Heatmap(
            z=values,
            colorscale=SCALE,
            zmin=min(0.0, float(np.nanmin(values))) if np.isfinite(values).any() else 0.0,
            zmax=1,
            texttemplate="%{z:.2f}" if size <= MOST_LABELLED else None,
            hovertext=texts,
            hoverinfo="text",
            hoverongaps=False,
            colorbar={"title": {"text": axis("kappa")}},
            xgap=1,
            ygap=1,
        )
    )
    _name_cells(made, sources, sources)
    return made


def _sources(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in in_order([*frame["source"].head(1), *frame["other"]])]


def _pair(row: dict[str, Any], value: float) -> str:
    return words(
        "hover.kappa",
        source=plain(row["source"]),
        other=plain(row["other"]),
        value=in_words(value),
        rows=row["rows"],
    )


def _name_cells(made: go.Figure, across: list[str], down: list[str]) -> None:
    made.update_xaxes(**name_ticks(across, 20), showgrid=False, zeroline=False)
    made.update_yaxes(**name_ticks(down, 20), autorange="reversed", showgrid=False, zeroline=False)


def describe_kappa(frame: pd.DataFrame, fewest_rows: int = FEWEST_COMMON_ROWS) -> str:
    """Return the alternative text: the pairs that agree most and least, and those left empty.

    Parameters
    ----------
    frame, fewest_rows : DataFrame, int
        As for :func:`kappa_figure`.
    """
    defined = frame[frame["kappa"].notna()]
    known = defined[defined["rows"] >= fewest_rows]
    if known.empty:
        return words("figure.nothing")
    values = _numbers(known["kappa"])
    most, least = largest(known, values), largest(known, values, -1)
    said = words(
        "alt.kappa" if len(known) > 1 else "alt.kappa.pair",
        sources=len(_sources(frame)),
        source=most["source"],
        other=most["other"],
        value=in_words(float(most["kappa"])),
        least_source=least["source"],
        least_other=least["other"],
        least=in_words(float(least["kappa"])),
    )
    more = ""
    if missing := len(frame) - len(defined):
        more += f" {words('alt.kappa.undefined', pairs=missing)}"
    if doubtful := len(defined) - len(known):
        more += f" {words('alt.kappa.few_rows', pairs=doubtful, rows=fewest_rows)}"
    return said + more + _drawn_sources(len(_sources(frame)), MOST_DRAWN)


def _drawn_sources(total: int, most: int) -> str:
    return bounded_note(min(total, most), total)


def source_accuracy_figure(frame: pd.DataFrame) -> go.Figure:
    """Return how often each source is right, with its interval, best on top.

    Without gold rows it shows how often the source agrees with the plurality of the others.

    Parameters
    ----------
    frame : DataFrame
        Of ``source_frame``; sources without a value are left out, and the 30 with the most votes
        are drawn.
    """
    column, shown = _judged_sources(frame)
    x, y = words(f"axis.source.{column}"), axis("source")
    if shown.empty:
        return empty(x, y)
    made = figure(x, y, height=130 + 24 * max(3, len(shown)))
    made.add_trace(
        go.Scatter(
            x=shown[column],
            y=list(range(len(shown))),
            mode="markers",
            marker={"size": 10, "color": color(0)},
            error_x=_reach(shown, column) if column == "accuracy" else None,
            showlegend=False,
            hoverinfo="text",
            hovertext=[_source_details(row, column) for row in records(shown)],
        )
    )
    made.update_xaxes(range=[-0.02, 1.02], tickformat=".0%")
    ticks = name_ticks(shown["source"])
    made.update_yaxes(**ticks, range=[len(shown) - 0.5, -0.5], zeroline=False)
    return made


def _judged_sources(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return what sources are judged by, and those that are drawn, best first."""
    column = "accuracy" if frame["accuracy"].notna().any() else "leave_one_out"
    known = frame[frame[column].notna()]
    active = known.sort_values("votes", ascending=False, kind="stable").head(MOST_BARS)
    return column, active.sort_values(column, ascending=False, kind="stable")


def _reach(shown: pd.DataFrame, column: str) -> dict[str, Any]:
    return {
        "type": "data",
        "array": (shown["high"] - shown[column]).clip(lower=0),
        "arrayminus": (shown[column] - shown["low"]).clip(lower=0),
        "color": GREY,
        "thickness": 1.5,
    }


def _source_details(row: dict[str, Any], column: str) -> str:
    return words(
        f"hover.source.{column}",
        name=plain(row["source"]),
        value=in_words(row[column]),
        low=in_words(row["low"]),
        high=in_words(row["high"]),
        hits=row["gold_hits"],
        rows=row["gold_rows"],
        votes=row["votes"],
    )


def describe_source_accuracy(frame: pd.DataFrame) -> str:
    """Return the alternative text: the best and the poorest source, with their intervals."""
    column, shown = _judged_sources(frame)
    if shown.empty:
        return words("figure.nothing")
    best, worst = (_span(row, column) for row in (shown.iloc[0], shown.iloc[-1]))
    said = words(
        f"alt.source.{column}" if len(shown) > 1 else f"alt.source.{column}.one",
        sources=len(shown),
        best=shown["source"].iloc[0],
        best_value=best,
        worst=shown["source"].iloc[-1],
        worst_value=worst,
    )
    return said + _drawn_sources(int(frame[column].notna().sum()), MOST_BARS)


def _span(row: pd.Series, column: str) -> str:
    value = in_words(float(row[column]))
    if column != "accuracy":
        return value
    low, high = in_words(float(row["low"])), in_words(float(row["high"]))
    return words("alt.source.span", value=value, low=low, high=high)


def source_confusion_figure(
    frame: pd.DataFrame, source: str, reference: Reference = "gold"
) -> go.Figure:
    """Return how one source votes on the rows of each class, classes downwards.

    Parameters
    ----------
    frame : DataFrame
        Of ``confusion_frame`` or ``estimated_confusion_frame``; the first 70 classes are drawn.
        Cells are coloured by the share of the class, and show the count of rows where they were
        counted.
    source : str
        The source.
    reference : {"gold", "fused"}, default "gold"
        What counted votes were counted against. A fused label is not the truth, and must not be
        called so.
    """
    cells = frame[frame["source"] == source]
    is_estimate, is_fused = bool(cells["estimated"].any()), _is_fused(cells, reference)
    classes_are = "estimated" if is_estimate else "fused" if is_fused else "actual"
    x, y = axis("vote"), axis(f"{classes_are}_class")
    if cells.empty:
        return empty(x, y)
    classes = [str(name) for name in in_order(cells["actual"])][:MOST_DRAWN]
    cells = cells[cells["actual"].isin(classes) & cells["vote"].isin(classes)]
    size = len(classes)
    texts = np.array([_confusion_details(row, is_fused) for row in records(cells)], dtype=object)
    labels = [in_words(n) if is_estimate else f"{n:.0f}" for n in cells["count"]]
    made = figure(x, y, height=160 + 34 * max(4, min(size, 18)))
    made.add_trace(
        go.Heatmap(
            z=_numbers(cells["share"]).reshape(size, size),
            text=np.array(labels, dtype=object).reshape(size, size),
            texttemplate="%{text}" if size <= MOST_LABELLED else None,
            hovertext=texts.reshape(size, size),
            hoverinfo="text",
            hoverongaps=False,
            colorscale=SCALE,
            zmin=0,
            zmax=1,
            colorbar={
                "title": {"text": axis("share_of_fused" if is_fused else "share_of_class")},
                "tickformat": ".0%",
            },
            xgap=1,
            ygap=1,
        )
    )
    _name_cells(made, classes, classes)
    return made


def _is_fused(cells: pd.DataFrame, reference: Reference) -> bool:
    """Return whether votes were counted against the fused label; an estimate counts none."""
    return reference == "fused" and not cells["estimated"].any()


#: What stands in a cell, by whether rows were fused so, and whether there is a single one.
_CELL = {
    (False, False): "hover.source_confusion",
    (False, True): "hover.source_confusion.one",
    (True, False): "hover.source_confusion.fused",
    (True, True): "hover.source_confusion.fused.one",
}


def _confusion_details(row: dict[str, Any], is_fused: bool) -> str:
    return words(
        _CELL[is_fused, row["count"] == 1],
        actual=plain(row["actual"]),
        vote=plain(row["vote"]),
        count=in_words(row["count"]),
        share=plain("–" if np.isnan(row["share"]) else f"{100 * row['share']:.3g} %"),
    )


def describe_source_confusion(
    frame: pd.DataFrame, source: str, reference: Reference = "gold"
) -> str:
    """Return the alternative text: how often the source is right, and its most common mistake.

    Against the fused label: how often it agrees with it, and where it differs most often.
    """
    cells = frame[frame["source"] == source]
    total = float(cells["count"].sum())
    if not total:
        return words("figure.nothing")
    right, is_fused = cells["actual"] == cells["vote"], _is_fused(cells, reference)
    against = "estimated" if cells["estimated"].any() else "fused" if is_fused else "gold"
    said = words(
        f"alt.source_confusion.{against}",
        source=source,
        rows=in_words(total),
        share=in_words(100 * float(cells.loc[right, "count"].sum()) / total),
    )
    wrong = cells[~right & (cells["count"] > 0)]
    if wrong.empty:
        return said
    worst = largest(wrong, wrong["count"])
    mistake = words(
        f"alt.source_confusion.{'difference' if is_fused else 'mistake'}",
        actual=worst["actual"],
        vote=worst["vote"],
        count=in_words(worst["count"]),
    )
    return f"{said} {mistake}"


def likelihood_figure(frame: pd.DataFrame) -> go.Figure:
    """Return how well the model fits, iteration by iteration, one line for each start.

    Parameters
    ----------
    frame : DataFrame
        ``start`` (0 is the one from the votes), ``iteration``, ``log_likelihood``; the first 12
        starts are drawn.
    """
    x, y = axis("iteration"), axis("log_likelihood")
    if frame.empty:
        return empty(x, y)
    made = figure(x, y)
    starts = in_order(frame["start"])
    for position, start in enumerate(starts[:MOST_STARTS]):
        line = frame[frame["start"] == start].sort_values("iteration")
        made.add_trace(
            go.Scatter(
                x=line["iteration"],
                y=line["log_likelihood"],
                mode="lines+markers" if len(line) < 3 else "lines",
                line={"color": color(position), "dash": dash(position), "width": 2},
                name=_start_name(start),
                hovertemplate=hover([words("hover.likelihood", start=_start_name(start))]),
            )
        )
    made.update_layout(showlegend=len(starts) > 1)
    return made


def _start_name(start: object) -> str:
    return words("legend.start.votes" if start == 0 else "legend.start.random", start=start)


def _in_full(value: float) -> str:
    """Return a log-likelihood, which may be in the thousands, without a power of ten."""
    size = f"{abs(value):,.0f}" if abs(value) >= 100 else f"{round(abs(value), 2):g}"
    return f"−{size}" if value < 0 and size != "0" else size


def describe_likelihood(frame: pd.DataFrame) -> str:
    """Return the alternative text: where the best start ends, and how far below the poorest."""
    if frame.empty:
        return words("figure.nothing")
    in_turn = frame.sort_values("iteration", kind="stable")
    ends = in_turn.groupby("start").last().reset_index()
    best = largest(ends, ends["log_likelihood"])
    said = words(
        "alt.likelihood" if len(ends) > 1 else "alt.likelihood.one",
        starts=len(ends),
        best=_in_full(best["log_likelihood"]),
        iterations=int(best["iteration"]),
        start=_start_name(best["start"]),
        lower=_in_full(float(best["log_likelihood"] - ends["log_likelihood"].min())),
    )
    return said + bounded_note(min(MOST_STARTS, len(ends)), len(ends))


def method_figure(board: pd.DataFrame) -> go.Figure:
    """Return the accuracy of each method on gold rows, best on top.

    The thick bar reaches from all ties wrong to all ties right, the thin line is the Wilson
    interval of the accuracy.

    Parameters
    ----------
    board : DataFrame
        Of ``fusion_board``, with ``name`` for the screen if there is one; methods without an
        accuracy are left out.
    """
    x, y = axis("gold_accuracy"), axis("method")
    known = board[board["accuracy"].notna()].head(MOST_BARS)
    if known.empty:
        return empty(x, y)
    places = list(range(len(known)))
    made = figure(x, y, height=150 + 34 * max(3, len(known)))
    made.add_trace(
        go.Bar(
            x=known["ties_right"] - known["ties_wrong"],
            base=known["ties_wrong"].tolist(),
            y=places,
            width=0.45,
            orientation="h",
            marker={"color": color(1), "opacity": 0.55},
            name=words("legend.ties"),
            hoverinfo="skip",
        )
    )
    made.add_trace(
        go.Scatter(
            x=known["accuracy"],
            y=places,
            mode="markers",
            marker={"size": 10, "color": color(0), "symbol": SYMBOLS[2]},
            error_x=_reach(known, "accuracy"),
            name=words("legend.gold_accuracy"),
            hoverinfo="text",
            hovertext=[_method_details(row) for row in records(known)],
        )
    )
    ends = known[["low", "high", "ties_wrong", "ties_right"]].to_numpy(dtype=np.float64)
    made.update_xaxes(range=[float(ends.min()) - 0.02, float(ends.max()) + 0.02], tickformat=".0%")
    ticks = name_ticks(_method_names(known))
    made.update_yaxes(**ticks, range=[len(known) - 0.5, -0.5], showgrid=False, zeroline=False)
    return made


def _method_names(board: pd.DataFrame) -> list[str]:
    return [str(name) for name in board["name" if "name" in board else "method"]]


def _method_details(row: dict[str, Any]) -> str:
    parts = ("accuracy", "low", "high", "ties_wrong", "ties_right")
    values = {part: in_words(row[part]) for part in parts}
    name = plain(row.get("name", row["method"]))
    return words("hover.method", name=name, rows=row["gold_rows"], **values)


def describe_method(board: pd.DataFrame) -> str:
    """Return the alternative text: the best and the poorest method, and the widest tie interval."""
    known = board[board["accuracy"].notna()]
    if known.empty:
        return words("figure.nothing")
    names = _method_names(known)
    best, worst = known.iloc[0], known.iloc[-1]
    said = words(
        "alt.method" if len(known) > 1 else "alt.method.one",
        methods=len(known),
        rows=int(best["gold_rows"]),
        best=names[0],
        best_value=_span(best, "accuracy"),
        worst=names[-1],
        worst_value=_span(worst, "accuracy"),
    )
    width = (known["ties_right"] - known["ties_wrong"]).to_numpy()
    if not width.any():
        return said + bounded_note(min(MOST_BARS, len(known)), len(known))
    place = int(np.nanargmax(width))
    ties = words(
        "alt.method.ties",
        name=names[place],
        low=in_words(known["ties_wrong"].iloc[place]),
        high=in_words(known["ties_right"].iloc[place]),
    )
    return f"{said} {ties}" + bounded_note(min(MOST_BARS, len(known)), len(known))


def sureness_figure(frame: pd.DataFrame, column: Sureness = "confidence") -> go.Figure:
    """Return a histogram of how sure the fused labels are; undecided rows are apart.

    Parameters
    ----------
    frame : DataFrame
        Of ``row_frame``: ``confidence`` or ``margin`` (0 to 1) and ``predicted``; rows without
        votes are left out.
    column : {"confidence", "margin"}, default "confidence"
        The probability of the label, or its lead over the next one.
    """
    x, y = words(f"axis.fused.{column}"), axis("rows")
    known = frame[frame["n_votes"] > 0]
    if known.empty:
        return empty(x, y)
    edges = np.linspace(0, 1, BINS + 1)
    decided = known["predicted"].notna()
    made = figure(x, y)
    looks = ((decided, "legend.decided", color(0)), (~decided, "legend.undecided", GREY))
    for rows, code, shade in looks:
        # A sum of shares may be a hair above 1, which would fall out of the last bar.
        counts, _ = np.histogram(_numbers(known.loc[rows, column]).clip(0, 1), edges)
        if not counts.any():
            continue
        made.add_trace(
            go.Bar(
                x=(edges[:-1] + edges[1:]) / 2,
                y=counts,
                width=1 / BINS,
                customdata=np.column_stack([edges[:-1], edges[1:]]),
                marker={"color": shade, "line": {"width": 0}},
                name=words(code),
                hovertemplate=hover([words("hover.sureness", group=words(code))]),
            )
        )
    made.update_layout(barmode="stack", bargap=0, showlegend=True)
    made.update_xaxes(range=[0, 1])
    return made


def describe_sureness(frame: pd.DataFrame, column: Sureness = "confidence") -> str:
    """Return the alternative text: the median, and how many rows are unsure or undecided."""
    known = frame[frame["n_votes"] > 0]
    if known.empty:
        return words("figure.nothing")
    values = _numbers(known[column])
    return words(
        f"alt.sureness.{column}",
        rows=len(known),
        median=in_words(float(np.median(values))),
        low=int((values < 0.5).sum()),
        undecided=int(known["predicted"].isna().sum()),
    )


def row_votes_figure(frame: pd.DataFrame, fused: str | None = None) -> go.Figure:
    """Return the votes of one row, one lying bar for each label.

    Parameters
    ----------
    frame : DataFrame
        Of ``row_votes_frame``; the first 30 labels are drawn.
    fused : str, optional
        The fused label of the row, whose bar is coloured; the others are grey.
    """
    x, y = axis("votes"), axis("label")
    if frame.empty:
        return empty(x, y)
    drawn = frame.head(MOST_BARS)
    made = figure(x, y, height=120 + 30 * max(2, len(drawn)))
    made.add_trace(
        go.Bar(
            x=drawn["votes"],
            y=list(range(len(drawn))),
            orientation="h",
            marker={"color": [color(0) if name == fused else GREY for name in drawn["label"]]},
            text=[plain(names, 60) for names in drawn["sources"]],
            textposition="auto",
            showlegend=False,
            hoverinfo="text",
            hovertext=[_vote_details(row) for row in records(drawn)],
        )
    )
    made.update_xaxes(rangemode="tozero", dtick=1 if drawn["votes"].max() <= 12 else None)
    made.update_yaxes(**name_ticks(drawn["label"]), autorange="reversed", showgrid=False)
    return made


def _vote_details(row: dict[str, Any]) -> str:
    return words(
        "hover.row_votes",
        label=plain(row["label"]),
        votes=row["votes"],
        sources=plain(row["sources"], 200),
    )


def describe_row_votes(
    frame: pd.DataFrame, fused: str | None = None, *, is_old: bool = False
) -> str:
    """Return the alternative text: each label with its sources, and what was decided.

    Parameters
    ----------
    frame : DataFrame
        Of ``row_votes_frame``.
    fused : str, optional
        The fused label of the row.
    is_old : bool, default False
        Whether votes of the row were changed after it was fused.
    """
    if frame.empty:
        return words("figure.nothing")
    each = [
        words("alt.row_votes.label", label=row["label"], votes=row["votes"], sources=row["sources"])
        for row in records(frame.head(MOST_BARS))
    ]
    outcome = f"{'undecided' if fused is None else 'fused'}{'_before' if is_old else ''}"
    decided = words(f"alt.row_votes.{outcome}", label=fused)
    votes = int(frame["votes"].sum())
    one = "" if len(frame) > 1 else ".one_label" if votes > 1 else ".one"
    said = words(f"alt.row_votes{one}", votes=votes, labels=len(frame))
    return " ".join([said, *each, decided]) + bounded_note(min(MOST_BARS, len(frame)), len(frame))
