"""How the model behind a fused label was fitted."""

from __future__ import annotations

import streamlit as st

from mlcore.figures.fusion import describe_likelihood, likelihood_figure
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import fusion_facts
from pages.ui.text import literal


def draw(run: Run) -> None:
    """Draw the log-likelihood of each start."""
    curve = fusion_facts.frame(run.id, "likelihood")
    st.markdown(
        "The model goes round and round between two guesses: which label each row has, and which "
        "mistakes each source makes. With each round the votes become more probable under it "
        "(a higher log-likelihood), until nothing changes any more. One start is from the shares "
        "of the votes, the others are by lot; the end that fits best is kept."
    )
    show.figure(likelihood_figure(curve), describe_likelihood(curve), "fusion_likelihood")
    for found in fusion_facts.findings(run.id):
        if found.code == "FUSE008":
            st.caption(f"{literal(found.explanation)} {literal(found.action)}")
    frame_button("Download as CSV", "fusion_likelihood_csv", curve, "log_likelihood.csv")
