"""What programs sent to a version, and how it was answered."""

from __future__ import annotations

import streamlit as st

from mlcore.errors import UserError
from mlcore.registry.store import CHAMPION, ModelVersion, RegisteredModel
from mlcore.serving.asking import TrafficReport, read_traffic
from mlcore.serving.beside import address
from pages.ui import show
from pages.ui.panels.models_versions import choose, living
from pages.ui.session import workspace
from pages.ui.text import literal


def draw(model: RegisteredModel) -> None:
    """Draw the choice of a version and its counts, which keep themselves up to date."""
    choices = living(model)
    if not choices:
        st.info("Every version is archived, so nothing is asked of this model.")
        return
    champion = model.pointed_at(CHAMPION)
    version = choose(
        choices,
        "Version",
        "model_traffic_version",
        "The version whose requests are counted, whichever name programs asked it by.",
        champion.number if champion else None,
    )
    # Drawn only while this part is open, so nothing asks the server when nobody looks.
    st.fragment(_counts, run_every="3s")(version)


def _counts(version: ModelVersion) -> None:
    server = address(workspace())
    if server is None:
        st.info(
            "The prediction server is not running just now, so nothing is counted. It starts with "
            "the workbench.",
            icon=":material/power_off:",
        )
        return
    try:
        report = read_traffic(server, version.model, version.number)
    except UserError as error:
        st.warning(literal(error), icon=":material/warning:")
        return
    _draw(version, report)


def _draw(version: ModelVersion, report: TrafficReport) -> None:
    numbers = (
        ("Requests", f"{report.requests:,}", "Prediction requests since the server started."),
        ("Errors", f"{report.errors:,}", "Requests that were refused or failed."),
        ("Rows", f"{report.rows:,}", "Rows that were predicted."),
        ("Half within", _milliseconds(report.p50_ms), "p50: the median time of an answer."),
        ("95 % within", _milliseconds(report.p95_ms), "p95: one answer in twenty took longer."),
    )
    with st.container(horizontal=True, gap="medium"):
        for label, value, help in numbers:
            st.metric(label, value, help=help, width="content")
    st.caption(
        "Since the server started; times are of the newest 1,000 requests, inside the server. "
        "Nothing of the data is kept."
    )
    st.markdown("**What was unlike training**")
    if report.odd.empty:
        st.caption("Nothing so far." if report.requests else "No request came so far.")
        return
    show.table(
        report.odd[["column", "words", "count"]].rename(
            columns={"column": "Column", "words": "What", "count": "Cells"}
        ),
        alt=f"What was unlike training in the input of version {version.number}, by column",
        height="content",
        column_config={
            "Cells": st.column_config.NumberColumn(help="How often, in all rows that came.")
        },
    )


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g} ms"
