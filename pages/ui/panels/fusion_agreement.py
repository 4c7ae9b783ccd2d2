"""How far the sources agree, all together and two by two."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.rater_agreement import FEWEST_COMMON_ROWS, kappa_note, read_agreement
from mlcore.figures.fusion import describe_kappa, kappa_figure
from mlcore.messages import message
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import fusion_facts
from pages.ui.text import literal

_STATISTICS = {
    "fleiss": "Fleiss’ kappa",
    "alpha_nominal": "Krippendorff’s alpha, nominal",
    "alpha_ordinal": "Krippendorff’s alpha, ordinal",
    "alpha_interval": "Krippendorff’s alpha, interval",
}


def draw(run: Run) -> None:
    """Draw the statistics with their intervals, what they mean, and each pair of sources."""
    overall = fusion_facts.frame(run.id, "agreement")
    known = overall.dropna(subset=["value"])
    st.markdown("**All sources together**")
    if len(known):
        _table(known)
    left, right = st.columns([2, 3], gap="large")
    with left:
        for sentence in read_agreement(overall):
            st.markdown(literal(sentence))
        frame_button("Download as CSV", "fusion_agreement_csv", overall, "agreement.csv")
    with right:
        st.markdown("**Two by two: Cohen’s kappa**")
        _pairs(run)


def _table(known: pd.DataFrame) -> None:
    readable = known.assign(statistic=known["statistic"].map(_STATISTICS)).rename(
        columns={
            "statistic": "Statistic",
            "value": "Value",
            "low": "From",
            "high": "To",
            "rows": "Rows",
        }
    )
    number = st.column_config.NumberColumn
    show.table(
        readable,
        alt="How far all sources agree, with 95 % intervals",
        width="content",
        placeholder="–",
        column_config={
            "Value": number(format="%.3f", help="1: always the same label. 0: as chance would."),
            "From": number(format="%.3f", help="95 % interval, from rows drawn anew (bootstrap)."),
            "To": number(format="%.3f", help="The other end of it."),
            "Rows": number(help="Rows with at least two votes."),
        },
    )


def _pairs(run: Run) -> None:
    pairs = fusion_facts.frame(run.id, "kappa")
    if pairs.empty or pairs["kappa"].isna().all():
        st.info("No two sources can be compared: they share no rows.", icon=":material/info:")
        return
    known = pairs[pairs["kappa"].notna()]
    if known["rows"].max() < FEWEST_COMMON_ROWS:
        few = message("fusion.kappa.few_rows", rows=FEWEST_COMMON_ROWS)
        st.info(literal(few), icon=":material/info:")
    else:
        show.figure(kappa_figure(pairs), describe_kappa(pairs), "fusion_kappa")
    if note := kappa_note(len(fusion_facts.frame(run.id, "sources"))):
        st.caption(literal(note))
    frame_button("Download as CSV", "fusion_kappa_csv", pairs, "kappa.csv")
