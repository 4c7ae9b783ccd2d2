"""Whether the rows without a label help."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.algorithms.semi_supervised import BASES
from mlcore.evaluation.label_draws import (
    GainVerdict,
    Method,
    draw_summary,
    gain_at_fewer,
    gain_verdict,
    judge_gain,
)
from mlcore.figures.few_labels import (
    describe_draws,
    describe_gain,
    draws_figure,
    gain_figure,
)
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts
from pages.ui.panels.few_board import PERCENT
from pages.ui.text import literal

#: What both ways of learning are called.
_METHODS = {
    Method.ALONE.value: "Labelled rows alone",
    Method.WITH_UNLABELLED.value: "With the other rows",
}


def draw(run: Run) -> None:
    """Draw the verdict, accuracy by number of labels, and what the other rows add."""
    draws, gains = few_facts.frame(run.id, "draws"), few_facts.gains(run.id)
    say(gains)
    if draws.empty:
        return
    summary = draw_summary(draws)
    st.caption(
        "The same labels, learnt from twice: from the labelled rows alone, by "
        f"{literal(_rival(run))}, and with all other rows too. Some labels are hidden by lot and "
        "judge both; that is repeated for several numbers of labels."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Accuracy by the number of labels**")
        show.figure(draws_figure(summary), describe_draws(summary), "semi_draws")
    with right:
        st.markdown("**What the other rows add**")
        show.figure(gain_figure(gains), describe_gain(gains), "semi_gain")
    _draw_table(summary)
    frame_button("Download as CSV", "semi_draws_csv", draws, "label_draws.csv")


def say(gains: pd.DataFrame) -> None:
    """Draw the verdict; harm is a warning."""
    words, verdict = literal(gain_verdict(gains)), judge_gain(gains)
    if verdict is GainVerdict.HELPS:
        st.success(words, icon=":material/check_circle:")
    elif verdict is GainVerdict.HURTS:
        st.warning(words, icon=":material/warning:")
    else:
        st.info(words, icon=":material/info:")
    if fewer := gain_at_fewer(gains):
        st.markdown(literal(fewer))


def _rival(run: Run) -> str:
    """Return the classifier that learns from the labelled rows alone."""
    values = run.experiment.spec.check(run.experiment.params)
    return BASES[str(values.get("estimator", few_facts.config_of(run).rival))].name


def _draw_table(summary: pd.DataFrame) -> None:
    show.table(
        pd.DataFrame(
            {
                "Labels": summary["size"],
                "Learnt from": summary["method"].map(_METHODS),
                "Accuracy": 100 * summary["mean"],
                "From": 100 * summary["low"],
                "To": 100 * summary["high"],
                "Draws": summary["repeats"],
            }
        ),
        alt="Accuracy on hidden labels with and without the other rows, by number of labels",
        placeholder="–",
        column_config={
            "Labels": st.column_config.NumberColumn(help="Labels that were learnt from, in all."),
            "Accuracy": st.column_config.NumberColumn(
                format=PERCENT, help="Share of the hidden labels that were found, mean of draws."
            ),
            "From": st.column_config.NumberColumn(
                format=PERCENT, help="Lower end of the 95 % interval over the draws."
            ),
            "To": st.column_config.NumberColumn(
                format=PERCENT, help="Upper end of the 95 % interval over the draws."
            ),
            "Draws": st.column_config.NumberColumn(help="How often labels were drawn by lot."),
        },
    )
