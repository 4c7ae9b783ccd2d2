"""All runs of a table side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlcore.evaluation.compare import RunScores, leaderboard, split_key, verdict_message
from mlcore.evaluation.metrics import MAIN_METRIC, MetricSpec, find_metric, metrics_for
from mlcore.figures.leaderboard import describe_leaderboard, leaderboard_figure
from mlcore.tasks import Task
from mlcore.training.runs import Run
from pages.ui import run_changes, show, stored
from pages.ui.downloads import frame_button
from pages.ui.session import workspace
from pages.ui.text import literal, number

#: Shown beside the main metric unless others are chosen.
_BESIDE = {
    Task.CLASSIFICATION: ("accuracy", "f1_macro", "roc_auc"),
    Task.REGRESSION: ("mae", "r2"),
}


def title(run: Run) -> str:
    """Return what tells a run from the others in a menu."""
    metric = MAIN_METRIC[run.experiment.task]
    scores = stored.evaluation(run.id).scores
    mean = scores.loc[scores["metric"] == metric, "value"].mean()
    score = f"{find_metric(metric).label} {number(mean)}"
    return f"{run.name} · predicts {run.experiment.target} · {score}"


def best(runs: Sequence[Run]) -> str:
    """Return the best run among those that predict what the newest one predicts."""
    newest = runs[-1].experiment
    alike = [
        r for r in runs if (r.experiment.target, r.experiment.task) == (newest.target, newest.task)
    ]
    return str(_board(alike)["id"].iloc[0])


def _scores(run: Run) -> RunScores:
    evaluation = stored.evaluation(run.id)
    return RunScores(
        id=run.id,
        name=run.name,
        algorithm=run.experiment.spec.name,
        task=run.experiment.task,
        evaluation=evaluation,
        baseline=run.experiment.spec.is_baseline,
        split_key=_split_key(workspace().user, run.id),
    )


def _board(runs: Sequence[Run], metric: str | None = None) -> pd.DataFrame:
    return _cached_board(workspace().user, tuple((run.id, run.name) for run in runs), metric, runs)


@st.cache_data(max_entries=32, show_spinner=False)
def _cached_board(
    user: str, names: tuple[tuple[str, str], ...], metric: str | None, _runs: Sequence[Run]
) -> pd.DataFrame:
    return leaderboard([_scores(run) for run in _runs], metric)


@st.cache_data(max_entries=256, show_spinner=False)
def _split_key(user: str, run: str) -> str:
    return split_key(stored.evaluation(run))


def draw(trained: Sequence[Run], untrained: Sequence[Run]) -> None:
    """Draw the board, its figure and what can be done with the runs."""
    shown = _choose_question(trained)
    compared, beside, wanted = _choose_view(shown[0].experiment.task)
    st.caption(literal(find_metric(compared).help))
    board = _board(shown, compared)
    board = board[board["name"].str.contains(wanted, case=False, regex=False)]
    if board.empty:
        st.info("No run has this in its name.")
    else:
        _draw_table(_readable(board, [find_metric(name) for name in (compared, *beside)]))
        show.figure(leaderboard_figure(board), describe_leaderboard(board), "results_board_figure")
    with st.container(horizontal=True):
        frame_button("Download as CSV", "results_download", board, "leaderboard.csv")
        run_changes.rename_or_delete(
            shown, "results", "How often the test set was opened stays counted."
        )
    run_changes.without_result(untrained, "results")


def _choose_question(trained: Sequence[Run]) -> list[Run]:
    """Return the runs that predict one label; which one is asked only when there are several."""

    def question(run: Run) -> tuple[Task, str]:
        return run.experiment.task, run.experiment.label

    chosen = question(trained[-1])
    questions = list(dict.fromkeys(map(question, reversed(trained))))
    if len(questions) > 1:
        chosen = st.selectbox(
            "Runs that predict",
            questions,
            format_func=lambda pair: f"{pair[1]} ({pair[0].value})",
            key="results_group",
        )
    return [run for run in trained if question(run) == chosen]


def _choose_view(task: Task) -> tuple[str, list[str], str]:
    """Return the metric to compare by, those to show beside it, and the filter."""
    metrics = [metric.id for metric in metrics_for(task)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        compared = st.selectbox(
            "Compare by",
            metrics,
            index=metrics.index(MAIN_METRIC[task]),
            format_func=lambda name: find_metric(name).label,
            key=f"results_metric_{task}",
            help="The differences and the order of the table are in this metric.",
        )
        beside = st.multiselect(
            "Show also",
            [metric for metric in metrics if metric != compared],
            default=[name for name in _BESIDE[task] if name != compared],
            format_func=lambda name: find_metric(name).label,
            key=f"results_beside_{task}_{compared}",
        )
        wanted = st.text_input(
            "Filter", key="results_filter", placeholder="Part of a name", type="search"
        )
    return compared, beside, wanted or ""


def _readable(board: pd.DataFrame, metrics: Sequence[MetricSpec]) -> pd.DataFrame:
    """Return the board's columns as people read them, numbers kept as numbers."""
    main, *beside = metrics
    columns: dict[str, object] = {
        "Run": board["name"],
        main.label: board[main.id],
        f"± {main.label}": board[f"{main.id}_std"],
        "To the baseline": board["to_baseline"],
        "Against the baseline": _verdicts(board, "to_baseline", "the baseline"),
        "To the best": board["to_best"],
        "Against the best": _verdicts(board, "to_best", "the best"),
    }
    for metric in beside:
        columns[metric.label] = board[metric.id]
        columns[f"± {metric.label}"] = board[f"{metric.id}_std"]
    columns["Training (s)"] = board["fit_seconds"]
    columns["Predicting (s)"] = board["predict_seconds"]
    columns["Algorithm"] = board["algorithm"]
    return pd.DataFrame(columns)


def _verdicts(board: pd.DataFrame, name: str, reference: str) -> list[str]:
    return [str(verdict_message(verdict, reference)) for verdict in board[f"{name}_verdict"]]


def _draw_table(readable: pd.DataFrame) -> None:
    numbers = [name for name in readable.columns if readable[name].dtype.kind == "f"]
    show.table(
        readable,
        alt="Leaderboard: every run with its scores, their spread over folds, and differences",
        column_config={
            name: st.column_config.NumberColumn(
                format=show.digits(readable[name]), help=_column_help(name)
            )
            for name in numbers
        }
        | {
            name: st.column_config.TextColumn(
                help="Whether the difference is clear: its interval over the folds, which allows "
                "for the number of runs compared, does not hold 0. The download has the interval.",
            )
            for name in ("Against the baseline", "Against the best")
        },
    )


def _column_help(name: str) -> str:
    if name.startswith("± "):
        return "Standard deviation over the folds."
    if name.startswith("To the "):
        return "Mean difference over the folds, in the metric's own unit."
    if name.endswith("(s)"):
        return "Seconds, mean over the folds."
    return "Mean over the validation rows of each fold."
