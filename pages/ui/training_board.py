"""What is in training and what came of it, redrawn while something runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from mlcore.evaluation.clusters import MAIN_CLUSTER_METRIC, find_cluster_metric
from mlcore.evaluation.fusion_scores import MAIN_FUSION_METRIC, find_fusion_metric
from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.evaluation.stability import agreement_of_run
from mlcore.figures.loss import loss_figure
from mlcore.tasks import Task
from mlcore.training.jobs import JobStatus
from mlcore.training.runs import Run
from pages.ui import frame, stored
from pages.ui.text import duration, literal, number

#: Runs that ended are listed here up to this number; the rest is on the Results page.
_MOST_ENDED = 12

_ENDED = {
    JobStatus.DONE: ("Done", ":material/check_circle:", "green"),
    JobStatus.FAILED: ("Failed", ":material/error:", "red"),
    JobStatus.CANCELLED: ("Cancelled", ":material/cancel:", "gray"),
    JobStatus.INTERRUPTED: ("Interrupted", ":material/power_off:", "orange"),
}


@dataclass(frozen=True, kw_only=True)
class Board:
    """What one page shows of the training.

    Parameters
    ----------
    prefix : str
        Of the keys of its buttons: ``<prefix>_cancel``.
    heading : str
        Stands above what is active.
    runs : callable
        The id of a table -> the runs that are listed, oldest first.
    results : str
        The page that shows what came of them, or nothing where they stand on the same one.
    """

    prefix: str
    heading: str
    runs: Callable[[str], list[Run]]
    results: str = ""


#: Runs that predict a label, as the Train page lists them.
SUPERVISED = Board(
    prefix="train", heading="In training", runs=stored.supervised_runs, results="results.py"
)

#: Runs that find groups.
CLUSTERING = Board(prefix="cluster", heading="In progress", runs=stored.cluster_runs)

#: Runs that learn from few labels.
FEW_LABELS = Board(prefix="semi", heading="In progress", runs=stored.few_labels_runs)

#: Runs that make one label of several.
FUSION = Board(prefix="fusion", heading="In progress", runs=stored.fusion_runs)


def draw(dataset: str, board: Board) -> None:
    """Draw the board of a table's runs; it refreshes itself only while something is active."""
    active = any(run.job and run.job.is_active for run in board.runs(dataset))
    st.fragment(_board, run_every="0.5s" if active else None)(dataset, board, active)


def _board(dataset: str, board: Board, was_active: bool) -> None:
    runs = [run for run in board.runs(dataset) if run.job is not None]
    active = [run for run in runs if run.job and run.job.is_active]
    if was_active and not active:
        st.rerun()
    if active:
        _draw_active(active, board)
    ended = [run for run in reversed(runs) if run not in active][:_MOST_ENDED]
    if ended:
        _draw_ended(ended, board.results)


def _draw_active(active: list[Run], board: Board) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(board.heading)
        if st.button(
            "Cancel" if len(active) == 1 else "Cancel all",
            key=f"{board.prefix}_cancel",
            icon=":material/stop:",
        ):
            for run in active:
                _cancel(run)
    for run in active:
        _draw_running(run, board.prefix, alone=len(active) == 1)


def _draw_running(run: Run, prefix: str, alone: bool) -> None:
    job = run.job
    assert job is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(run.name)}**", width="stretch")
            st.caption(_time(run), width="content")
            if not alone:
                st.button(
                    "Cancel",
                    key=f"{prefix}_cancel_{run.id}",
                    on_click=_cancel,
                    args=(run,),
                    icon=":material/stop:",
                )
        st.progress(job.share, text=_stage(run))
        if len(job.live) > 1:
            curve = pd.DataFrame(job.live, columns=["step", "value"])
            st.plotly_chart(
                loss_figure(curve.assign(fold=0, name="training_loss")),
                key=f"{prefix}_live_{run.id}",
                height=180,
                alt=f"Loss of {run.name} so far, step by step",
                config={"displayModeBar": False},
            )


def _time(run: Run) -> str:
    job = run.job
    if job is None or job.started is None:
        return "Waiting"
    return f"{duration(job.elapsed)} elapsed"


def _stage(run: Run) -> str:
    job = run.job
    if job is None or job.status is JobStatus.QUEUED:
        return "Waiting for a free place"
    words = literal(job.stage) if job.stage else "Starting"
    if job.step:
        words += f", step {job.step}" + (f" of at most {job.steps}" if job.steps else "")
    return words


def _cancel(run: Run) -> None:
    if run.job is not None:
        stored.jobs().cancel(run.job.id)


def _draw_ended(ended: list[Run], results: str) -> None:
    st.subheader("Finished")
    for run in ended:
        job = run.job
        assert job is not None
        words, icon, colour = _ENDED[job.status]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":{colour}[{icon}] **{literal(run.name)}** {words.lower()}", width=330)
            if run.is_trained:
                st.markdown(_score(run), width="stretch")
            elif job.error:
                st.markdown(literal(job.error), width="stretch")
            st.caption(duration(job.elapsed), width="content")
    if about := _about_scores(ended):
        st.caption(about)
    if results and any(run.is_trained for run in ended):
        frame.link(results, "See the results")


def _about_scores(ended: list[Run]) -> str:
    """Return what the score of the runs means; nothing where none has that score."""
    task = ended[0].experiment.task
    if task is Task.FUSION:
        fused = find_fusion_metric(MAIN_FUSION_METRIC)
        is_told = any(
            f" · {fused.label.lower()} " in _score(run) for run in ended if run.is_trained
        )
        return f"{fused.label}: {fused.help}" if is_told else ""
    if task is Task.SEMI_SUPERVISED:
        return (
            "Accuracy on hidden labels: share of the labels that were found again after being "
            "hidden, mean and spread over the folds. A row that no label reaches counts as wrong."
        )
    if not task.is_supervised:
        metric = find_cluster_metric(MAIN_CLUSTER_METRIC)
        return f"{metric.label}: {metric.help}"
    predicting = find_metric(MAIN_METRIC[task])
    return f"{predicting.label}, mean over the validation rows of each fold. {predicting.help}"


def _score(run: Run) -> str:
    task = run.experiment.task
    scores = stored.evaluation(run.id).scores
    if task is Task.FUSION:
        return _fused(scores)
    if task is Task.CLUSTERING:
        return _groups(scores)
    if task is Task.SEMI_SUPERVISED and scores.empty:
        return "No label could be hidden, so there is no score"
    metric = find_metric("accuracy" if task is Task.SEMI_SUPERVISED else MAIN_METRIC[task])
    values = scores.loc[scores["metric"] == metric.id, "value"]
    spread = f" ± {number(values.std())}" if len(values) > 1 else ""
    return f"{metric.label} {number(values.mean())}{spread}"


def _groups(scores: pd.DataFrame) -> str:
    """Return how many groups were found, how far apart they are, and whether they come back."""
    means = scores.groupby("metric")["value"].mean()
    count = round(means["n_clusters"])
    said = [f"{count} group{'s' if count != 1 else ''}"]
    if means["noise_share"] > 0:
        said.append(f"{means['noise_share']:.0%} noise")
    if pd.notna(means.get(MAIN_CLUSTER_METRIC)):
        said.append(f"silhouette {number(means[MAIN_CLUSTER_METRIC])}")
    if (agreement := agreement_of_run(scores)) is not None:
        said.append(f"stability {number(agreement.mean)}")
    return " · ".join(said)


def _fused(scores: pd.DataFrame) -> str:
    """Return how many rows got a label, and how well it fits what is known to be true."""
    values = scores[scores["fold"] == 0].set_index("metric")["value"].dropna()
    said = [f"{values['decided_share']:.0%} of the rows decided"]
    said += [
        f"{find_fusion_metric(metric, numbers=numbers).label.lower()} {number(values[metric])}"
        for metric, numbers in ((MAIN_FUSION_METRIC, False), ("mean_absolute_error", True))
        if metric in values
    ]
    return " · ".join(said)
