"""How certain the answers are, how the classes are shared, and whether labelled rows differ."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.label_reach import certainty_frame, class_count_frame
from mlcore.figures.few_labels import (
    certainty_figure,
    class_share_figure,
    describe_certainty,
    describe_class_share,
)
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts


def draw(run: Run) -> None:
    """Draw how many rows are how certain, and the shares of the classes before and after."""
    rows = few_facts.frame(run.id, "rows")
    certainty, counts = certainty_frame(rows), class_count_frame(rows)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**How certain the answers are**")
        show.figure(certainty_figure(certainty), describe_certainty(certainty), "semi_certainty")
        frame_button("Download as CSV", "semi_certainty_csv", certainty, "certainty.csv")
    with right:
        st.markdown("**The classes before and after**")
        show.figure(class_share_figure(counts), describe_class_share(counts), "semi_class_share")
        frame_button("Download as CSV", "semi_class_share_csv", counts, "classes.csv")
    st.caption(
        "Certainty is the highest probability of a row. It says how clearly neighbours agree (or "
        "how sure the classifier is), not how often such rows are right: see the accuracy on "
        "hidden labels for that."
    )


def draw_shift(run: Run) -> None:
    """Draw column by column how the labelled rows compare with the rest."""
    shift = few_facts.frame(run.id, "shift")
    st.markdown("**The labelled rows beside the rest, column by column**")
    if shift.empty:
        st.caption("There is nothing to compare: no column has values in both.")
        return
    show.table(
        _readable(shift),
        alt="Labelled rows compared with the rest, column by column",
        placeholder="–",
        column_config={
            "Differs": st.column_config.CheckboxColumn(
                help="Clearly (adjusted p-value below 0.05) and not negligibly."
            ),
            "p-value": st.column_config.NumberColumn(
                format="%.3f",
                help="How often labels given by lot look at least as different, adjusted for the "
                "number of columns (Holm).",
            ),
            "Effect": st.column_config.NumberColumn(
                format="%.2f",
                help="How large the difference is: Cohen's d for numbers and dates, Cohen's h for "
                "shares. About 0.2 is small, 0.5 medium, 0.8 large.",
            ),
        },
    )
    frame_button("Download as CSV", "semi_shift_csv", shift, "labelled_rows.csv")


def _readable(shift: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Column": shift["column"],
            "Differs": shift["differs"].astype(bool),
            "Labelled rows": shift["labelled"],
            "The rest": shift["rest"],
            "Effect": shift["effect"],
            "p-value": shift["adjusted"],
        }
    )
