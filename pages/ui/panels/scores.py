"""The scores of one run."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.checks import check_run
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import find_metric
from mlcore.evaluation.summary import summarise
from mlcore.findings import Finding
from mlcore.messages import Message
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.downloads import frame_button
from pages.ui.session import workspace


def draw(run: Run, evaluation: Evaluation) -> None:
    """Draw every metric with its spread, the scores fold by fold, and what stands out."""
    summary = summarise(evaluation, run.experiment.task)
    table, folds = st.columns([3, 2], gap="large")
    with table:
        _draw_summary(summary)
    with folds:
        _draw_folds(run, evaluation, list(summary["metric"]))
    st.markdown("**What to watch out for**")
    found, notes = found_in(run)
    show.findings(found)
    show.notes(notes)


def found_in(run: Run) -> tuple[tuple[Finding, ...], tuple[Message, ...]]:
    """Return what stands out in a trained run, and its notes."""
    baseline = stored.runs().baseline_of(run)
    return _found(workspace().user, run.id, baseline.id if baseline else None)


def _draw_summary(summary: pd.DataFrame) -> None:
    show.table(
        _readable(summary),
        alt="Every metric of this run with its spread over the folds",
        height="content",
        column_config={
            **{
                name: st.column_config.NumberColumn(format="%.4g")
                for name in ("Mean", "Spread", "From", "To")
            },
            "What it says": st.column_config.TextColumn(width="large"),
        },
    )
    st.caption(
        "Mean and spread (standard deviation) over the folds, on rows the model had not seen. "
        "From and to: a 95 % interval that allows for folds sharing training rows (Nadeau and "
        "Bengio). An empty cell means the metric is not defined for these rows."
    )
    frame_button("Download as CSV", "results_scores", summary, "scores.csv")


def _draw_folds(run: Run, evaluation: Evaluation, metrics: list[str]) -> None:
    chosen = st.selectbox(
        "Fold by fold",
        metrics,
        format_func=lambda name: find_metric(name).label,
        key=f"results_folds_{run.experiment.task}",
    )
    one = evaluation.scores.loc[evaluation.scores["metric"] == chosen, ["fold", "value"]]
    show.table(
        one,
        alt=f"{find_metric(chosen).label} in each fold",
        column_config={
            "fold": st.column_config.NumberColumn("Fold", width="small"),
            "value": st.column_config.ProgressColumn(
                find_metric(chosen).label,
                format="%.4g",
                min_value=min(0.0, float(one["value"].min())),
                max_value=max(1.0, float(one["value"].max())),
            ),
        },
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _found(
    user: str, run: str, baseline: str | None
) -> tuple[tuple[Finding, ...], tuple[Message, ...]]:
    """Return what stands out in a run, and its notes; neither changes once it is trained."""
    notes = stored.runs().result(run).notes
    task = stored.runs().get(run).experiment.task
    against = stored.evaluation(baseline) if baseline else None
    return check_run(stored.evaluation(run), against, task, notes), notes


def _readable(summary: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Metric": summary["label"],
            "Mean": summary["mean"],
            "Spread": summary["std"],
            "From": summary["low"],
            "To": summary["high"],
            "What it says": [find_metric(name).help for name in summary["metric"]],
        }
    )
