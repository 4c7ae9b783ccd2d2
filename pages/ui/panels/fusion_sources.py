"""How far each source can be trusted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.figures.fusion import (
    Reference,
    describe_source_accuracy,
    describe_source_confusion,
    source_accuracy_figure,
    source_confusion_figure,
)
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import fusion_facts

#: Findings that are about sources.
_ABOUT_SOURCES = ("FUSE001", "FUSE002", "FUSE003", "FUSE004")


def draw(run: Run) -> None:
    """Draw every source, how often it is right, and one source's mistakes."""
    show.findings(f for f in fusion_facts.findings(run.id) if f.code in _ABOUT_SOURCES)
    sources = fusion_facts.frame(run.id, "sources")
    shown = sources.sort_values("votes", ascending=False, kind="stable")
    readable = _readable(shown)
    show.table(
        readable.head(fusion_facts.MOST_SHOWN),
        alt="Every source with its votes, its agreement and how often it is right",
        placeholder="–",
        column_config={name: config for name, config in _COLUMNS.items() if name in readable},
    )
    if len(shown) > fusion_facts.MOST_SHOWN:
        st.caption(
            f"The {fusion_facts.MOST_SHOWN:,} with the most votes are shown; the download has all."
        )
    frame_button("Download as CSV", "fusion_sources_csv", sources, "sources.csv")
    if fusion_facts.config_of(run).numbers:
        return
    left, _ = st.columns([3, 1])
    with left:
        show.figure(
            source_accuracy_figure(sources), describe_source_accuracy(sources), "fusion_accuracy"
        )
    _mistakes(run, list(shown["source"]))


def _readable(sources: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as people read them; what is empty for every source is left out."""
    kept = [name for name in _NAMES if name in sources and sources[name].notna().any()]
    if "gold_rows" in kept and not sources["gold_rows"].any():
        kept = [name for name in kept if name not in ("gold_rows", "gold_hits")]
    return fusion_facts.rounded(sources[kept]).rename(columns=_NAMES)


_NAMES = {
    "source": "Source",
    "votes": "Votes",
    "abstained": "Abstained",
    "coverage": "Coverage",
    "accuracy": "Accuracy",
    "low": "From",
    "high": "To",
    "gold_rows": "Gold rows",
    "agreement": "As fused",
    "leave_one_out": "As the others",
    "conflicts": "Conflicts",
    "weight": "Weight",
    "estimated_accuracy": "Estimated accuracy",
    "mean_difference": "Mean difference",
    "mean_absolute_difference": "Mean absolute difference",
}

_number = st.column_config.NumberColumn

_COLUMNS = {
    "Source": st.column_config.TextColumn(pinned=True),
    "Votes": _number(help="Rows that it gave a label."),
    "Abstained": _number(help="Rows on which it said that it does not know."),
    "Coverage": _number(
        format="percent", help="Share of all rows that it looked at: votes and abstentions."
    ),
    "Accuracy": _number(
        format="percent", help="Share of its votes on gold rows that are the true label."
    ),
    "From": _number(
        format="percent",
        help="Lower end of the 95 % interval of the accuracy (Wilson). Few gold rows make it wide.",
    ),
    "To": _number(format="percent", help="Upper end of the same interval."),
    "Gold rows": _number(help="Rows with a known true label on which it voted."),
    "As fused": _number(
        format="percent",
        help="Share of its votes that are the fused label. The label was made with these votes, so "
        "this flatters the source.",
    ),
    "As the others": _number(
        format="percent",
        help="Share of its votes that are what most of the other sources say; a fairer comparison.",
    ),
    "Conflicts": _number(help="Its votes on rows where another source voted otherwise."),
    "Weight": _number(
        format="%.3g", help="What its vote counts. Below 0: the rule takes it for misleading."
    ),
    "Estimated accuracy": _number(
        format="percent", help="How often it is right by the model's estimate, without any gold."
    ),
    "Mean difference": _number(
        format="%.4g", help="Its numbers less the fused ones, on average: above 0 it says too much."
    ),
    "Mean absolute difference": _number(
        format="%.4g", help="How far its numbers are from the fused ones, whatever the direction."
    ),
}


def _mistakes(run: Run, sources: list[str]) -> None:
    """Draw the confusion matrix of a chosen source."""
    cells = fusion_facts.frame(run.id, "confusions")
    known = set(cells["source"])
    offered = [source for source in sources if source in known]
    st.markdown("**What a source says on the rows of each class**")
    matrix, choices = st.columns([3, 2], gap="large")
    with choices:
        source, is_estimate = _matrix_of(run, offered, bool(cells["estimated"].any()))
        shown = cells[(cells["source"] == source) & (cells["estimated"] == is_estimate)]
        if len(offered) < len(sources):
            st.caption(f"The {len(offered):,} sources with the most votes can be chosen.")
        frame_button("Download as CSV", "fusion_confusion_csv", shown, "confusion.csv")
    reference: Reference = "gold" if fusion_facts.has_gold(run.id) else "fused"
    with matrix:
        show.figure(
            source_confusion_figure(shown, source, reference),
            describe_source_confusion(shown, source, reference),
            f"fusion_confusion_{is_estimate}",
        )


def _matrix_of(run: Run, offered: list[str], has_estimates: bool) -> tuple[str, bool]:
    """Draw the choice of a matrix; return its source, and whether the model estimated it."""
    source = st.selectbox(
        "Source", offered, key=f"fusion_confusion_of_{run.id}", help="Most votes first."
    )
    if has_estimates and st.toggle(
        "As the model estimates it",
        key="fusion_confusion_estimated",
        help="The estimate of the model uses all rows; otherwise votes are counted.",
    ):
        return source, True
    has_gold = fusion_facts.has_gold(run.id)
    against = "the gold labels" if has_gold else "the fused labels, since no gold is known"
    st.caption(f"Votes are counted against {against}.")
    return source, False
