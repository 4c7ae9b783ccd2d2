"""All fusions of a table side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlcore.evaluation.fusion_board import (
    CLASS_METRICS,
    NUMBER_BOARD_METRICS,
    FusionRunScores,
    best_two_runs,
    fusion_board,
    number_board,
)
from mlcore.evaluation.fusion_scores import find_fusion_metric
from mlcore.figures.fusion import describe_method, method_figure
from mlcore.messages import Message, message
from mlcore.training.runs import Run
from pages.ui import run_changes, show
from pages.ui.downloads import frame_button
from pages.ui.panels import fusion_facts
from pages.ui.session import workspace
from pages.ui.text import literal

_NOT_HERE = "–"


def best(runs: Sequence[Run]) -> str:
    """Return the run that stands first on the boards."""
    classes, numbers, _ = _boards(runs)
    return str((classes if len(classes) else numbers)["id"].iloc[0])


def _boards(runs: Sequence[Run]) -> tuple[pd.DataFrame, pd.DataFrame, Message]:
    return _cached_boards(workspace().user, tuple((run.id, run.name) for run in runs), runs)


@st.cache_data(max_entries=32, show_spinner=False)
def _cached_boards(
    user: str, names: tuple[tuple[str, str], ...], _runs: Sequence[Run]
) -> tuple[pd.DataFrame, pd.DataFrame, Message]:
    told = fusion_facts.scores(_runs)
    return fusion_board(told), number_board(told), _verdict(_runs, told)


def _verdict(runs: Sequence[Run], told: Sequence[FusionRunScores]) -> Message:
    """Return what tells the rules apart, among runs that fused the same votes as the newest."""
    asked = {each.id: _question(run) for run, each in zip(runs, told, strict=True)}
    classes = [each for each in told if not each.is_number]
    alike = [each for each in classes if asked[each.id] == asked[classes[-1].id]]
    verdict = best_two_runs(alike)
    if len(alike) == len(classes):
        return verdict
    if len(alike) < 2:
        return message("fusion.best_two.different_votes", of=len(classes))
    return message(
        "fusion.best_two.same_votes", runs=len(alike), of=len(classes), verdict=str(verdict)
    )


def draw(trained: Sequence[Run], untrained: Sequence[Run]) -> None:
    """Draw the tables of runs, what tells them apart, and what can be done with them."""
    classes, numbers, verdict = _boards(trained)
    if len(classes):
        _draw_classes(classes, verdict)
    if len(numbers):
        _draw_numbers(numbers)
    if len({_question(run) for run in trained}) > 1:
        st.caption(
            ":material/warning: The runs were made from different votes, or judged by different "
            "gold labels. Compare only those that share both; the part Details of a run says what "
            "it was told."
        )
    with st.container(horizontal=True):
        for name, board in (("classes", classes), ("numbers", numbers)):
            if len(board):
                frame_button(
                    "Download as CSV", f"fusion_board_{name}_csv", board, f"fusion_{name}.csv"
                )
        run_changes.rename_or_delete(trained, "fusion")
    without_result(untrained)


def without_result(runs: Sequence[Run]) -> None:
    """List the runs that ended without a result."""
    run_changes.without_result(runs, "fusion")


def _question(run: Run) -> str:
    """Return what was fused and judged: all but the rule, its weights and its ties."""
    plain = run.experiment.to_json()
    split = {k: v for k, v in plain["split"].items() if k not in ("weights", "ties", "seed")}
    return json.dumps([plain["target"], plain["features"], split], sort_keys=True)


def _draw_classes(board: pd.DataFrame, verdict: Message) -> None:
    is_judged = bool(board["accuracy"].notna().any())
    show.table(
        _readable(board, is_judged),
        alt="Every run with the share of rows it decided and how often it is right",
        placeholder=_NOT_HERE,
        column_config=_columns(is_judged),
    )
    st.markdown(literal(verdict))
    st.caption(
        "No rule wins everywhere: on public tables of labels by many people, Dawid–Skene lies up "
        "to 14 points above the most votes and up to 8 below. So compare them on your own rows."
    )
    if is_judged:
        figure, _ = st.columns([3, 1])
        with figure:
            show.figure(method_figure(board), describe_method(board), "fusion_methods_figure")


def _readable(full: pd.DataFrame, is_judged: bool) -> pd.DataFrame:
    board = fusion_facts.rounded(full)
    columns: dict[str, object] = {"Run": board["name"]}
    if is_judged:
        columns["Accuracy"] = board["accuracy"]
        columns["From"], columns["To"] = board["low"], board["high"]
        for metric in ("ties_wrong", "ties_right", "balanced_accuracy"):
            columns[find_fusion_metric(metric).label] = board[metric]
        columns["Gold rows"] = board["gold_rows"]
    columns["Decided"], columns["Ties"] = board["decided_share"], board["tie_share"]
    columns[_MOST] = board["same_as_most"]
    columns["Seconds"] = board["fit_seconds"]
    return pd.DataFrame(columns)


_MOST = "Same as most votes"


def _columns(is_judged: bool) -> dict[str, object]:
    number = st.column_config.NumberColumn
    named = {
        find_fusion_metric(metric).label: number(
            format="percent", help=find_fusion_metric(metric).help
        )
        for metric in CLASS_METRICS
    }
    judged = {
        "From": number(
            format="percent",
            help="Lower end of the 95 % interval of the accuracy (Wilson): with other rows of the "
            "same kind it might be as low as this.",
        ),
        "To": number(format="percent", help="Upper end of the same interval."),
        "Gold rows": number(help="Rows with a known true label that the run was judged on."),
    }
    return {
        "Run": st.column_config.TextColumn(pinned=True),
        **named,
        **(judged if is_judged else {}),
        _MOST: number(
            format="percent",
            help="Share of the decided rows whose label no other label outvotes.",
        ),
        "Seconds": number(format="%.2g", help="To fuse the votes once."),
    }


def _draw_numbers(board: pd.DataFrame) -> None:
    is_judged = bool(board["mean_absolute_error"].notna().any())
    shown = {"Run": board["name"]}
    for metric in NUMBER_BOARD_METRICS:
        if is_judged or metric != "mean_absolute_error":
            shown[find_fusion_metric(metric, numbers=True).label] = board[metric]
    if is_judged:
        shown["Gold rows"] = board["gold_rows"]
    shown["Seconds"] = board["fit_seconds"]
    number = st.column_config.NumberColumn
    show.table(
        pd.DataFrame(shown),
        alt="Every run that fused numbers, with how far it is off",
        placeholder=_NOT_HERE,
        column_config={
            "Run": st.column_config.TextColumn(pinned=True),
            "Decided": number(
                format="percent", help=find_fusion_metric("decided_share", numbers=True).help
            ),
            "Mean absolute error": number(
                format="%.4g", help=find_fusion_metric("mean_absolute_error", numbers=True).help
            ),
            "Gold rows": number(help="Rows with a known true number."),
            "Seconds": number(format="%.2g", help="To fuse the votes once."),
        },
    )
    if not is_judged:
        st.caption(
            "Which rule is best cannot be told: no row has a known true number. The median stands "
            "firm when some sources are far off; the trimmed mean is more exact when they are not."
        )
