"""What can be measured on predicted rows: scores where labels are there, and drift."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.drift import SOMEWHAT, VERY, Verdict
from mlcore.serving.table_predictions import Done
from pages.ui import show
from pages.ui.downloads import frame_button

_VERDICTS = {
    Verdict.VERY: "very different",
    Verdict.SOMEWHAT: "somewhat different",
    Verdict.CHANCE: "too few rows to tell",
    Verdict.ALIKE: "as in training",
}


def scores(frame: pd.DataFrame | None, done: Done) -> None:
    """Draw the scores on the rows with a label, if there are some."""
    if frame is None:
        return
    st.subheader("Scores on the rows with a label")
    show.intervals(frame, "Scores on the rows of the file that have a label")
    st.caption(
        f"Measured on {done.labelled:,} rows. From and to hold the middle 95 % of the scores when "
        "the rows are drawn again and again (bootstrap). If the model learnt from these rows, the "
        "scores are too good."
    )


def drift(frame: pd.DataFrame | None) -> None:
    """Draw how the rows compare with those of training."""
    if frame is None:
        return
    st.subheader("Compared with training")
    if frame.empty:
        st.caption("This version was registered before training was summed up; nothing to compare.")
        return
    different = frame[frame["verdict"].isin([Verdict.VERY.value, Verdict.SOMEWHAT.value])]
    if different.empty:
        st.success(
            "No column differs from training by more than chance explains.",
            icon=":material/check_circle:",
        )
    else:
        st.warning(
            f"{len(different)} of {len(frame)} columns differ from training. The more they do, the "
            "less the scores of training hold for these rows.",
            icon=":material/warning:",
        )
    _drift_table(frame)
    st.caption(
        "The population stability index compares the shares of values (tenths of training, or "
        f"categories; gaps count as a value) here and in training. Below {SOMEWHAT} the column is "
        f"as in training, from {VERY} on very different. Whether chance explains it is tested with "
        "a chi-squared test at 1 % over all columns. Of text, only whether there is some is "
        "compared."
    )
    frame_button("Download the comparison as CSV", "predict_drift_csv", frame, "drift.csv")


def _drift_table(frame: pd.DataFrame) -> None:
    shares = ("missing_then", "missing_now", "outside_now")
    shown = frame.assign(
        verdict=[_VERDICTS[Verdict(name)] for name in frame["verdict"]],
        **{name: 100 * frame[name] for name in shares},
    )
    titles = ("Missing in training", "Missing here", "Not seen in training")
    show.table(
        shown[["column", "verdict", "index", "change", *shares]],
        alt="How each column compares with training",
        height="content" if len(shown) <= 12 else "auto",
        column_config={
            "column": "Column",
            "verdict": "Verdict",
            "index": st.column_config.NumberColumn("Stability index", format="%.3f"),
            "change": st.column_config.TextColumn("Largest change", width="medium"),
            **{
                name: st.column_config.NumberColumn(title, format="%.1f %%")
                for name, title in zip(shares, titles, strict=True)
            },
        },
    )
