"""How far the groups are apart, and whether they come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.algorithms.labels import NOISE, NOISE_NAME, Labels
from mlcore.evaluation.clusters import (
    MAIN_CLUSTER_METRIC,
    find_cluster_metric,
    why_undefined,
)
from mlcore.evaluation.stability import stability_message, stability_summary
from mlcore.evaluation.structure import shuffled_verdict
from mlcore.figures.clusters import (
    describe_shuffled,
    describe_silhouette,
    describe_stability,
    shuffled_figure,
    silhouette_figure,
    stability_figure,
)
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts
from pages.ui.text import literal


def draw(run: Run) -> None:
    """Draw every score, the silhouettes, the stability and the comparison with chance."""
    _draw_scores(run)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_silhouettes(run)
    with right:
        _draw_stability(run)
    _draw_shuffled(run)


def _draw_silhouettes(run: Run) -> None:
    st.markdown("**Silhouette, row by row**")
    frame = cluster_facts.frame(run.id, "silhouettes")
    if frame.empty:
        st.caption("A silhouette needs at least two groups.")
        return
    show.figure(silhouette_figure(frame), describe_silhouette(frame), "cluster_silhouettes")


def _draw_scores(run: Run) -> None:
    scores = cluster_facts.scores(run.id)
    show.table(
        _readable(scores),
        alt="Every score of the groups, with what it says",
        height="content",
        column_config={
            "Value": st.column_config.NumberColumn(format="%.4g"),
            "Rows": st.column_config.NumberColumn(help="Rows it was measured on."),
            "What it says": st.column_config.TextColumn(width="large"),
        },
    )
    labels = _labels(run)
    undefined = scores.loc[scores["value"].isna(), "metric"]
    show.notes(
        reason
        for metric in undefined
        if (reason := why_undefined(find_cluster_metric(metric), labels)) is not None
    )
    frame_button("Download as CSV", "cluster_scores_csv", scores, "scores.csv")


def _labels(run: Run) -> Labels:
    """Return the labels of the rows that the scores were measured on."""
    rows = stored.result(run.id).split.development
    names = cluster_facts.clusters(run.id).loc[pd.Index(rows)]
    return np.asarray(names.replace(NOISE_NAME, str(NOISE)).astype(int), dtype=np.intp)


def _readable(scores: pd.DataFrame) -> pd.DataFrame:
    specs = [find_cluster_metric(metric) for metric in scores["metric"]]
    return pd.DataFrame(
        {
            "Score": [spec.label for spec in specs],
            "Value": scores["value"].to_numpy(),
            "Rows": scores["rows"].to_numpy(),
            "What it says": [spec.help for spec in specs],
        }
    )


def _draw_stability(run: Run) -> None:
    st.markdown("**Do the same groups come back?**")
    measured = cluster_facts.stability(run.id)
    if measured is None:
        st.caption("Stability was not measured in this run; the notes above say why.")
        return
    for sentence in stability_message(measured):
        st.markdown(literal(sentence))
    summary = stability_summary(measured)
    if summary["jaccard"].notna().any():
        show.figure(stability_figure(summary), describe_stability(summary), "cluster_stability")


def _draw_shuffled(run: Run) -> None:
    st.markdown("**Better than without groups?**")
    label = find_cluster_metric(MAIN_CLUSTER_METRIC).label
    frame = cluster_facts.frame(run.id, "shuffled")
    words, figure = st.columns(2, gap="large")
    with words:
        st.markdown(literal(shuffled_verdict(frame)))
    if frame["value"].isna().all():  # the verdict has said so
        return
    with figure:
        show.figure(
            shuffled_figure(frame, label), describe_shuffled(frame, label), "cluster_shuffled"
        )
