"""Tables, figures and messages, drawn the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.findings import Finding, Severity
from mlcore.messages import Message
from pages.ui.text import literal

_MARKS = {
    Severity.PROBLEM: (":material/error:", "red"),
    Severity.WARNING: (":material/warning:", "orange"),
    Severity.NOTE: (":material/info:", "blue"),
    Severity.PASSED: (":material/check_circle:", "green"),
    Severity.NOT_APPLICABLE: (":material/remove_circle:", "gray"),
}


def figure(drawn: go.Figure, alt: str, key: str, **options: Any) -> Any:
    """Draw a figure with its words, and return what was selected in it."""
    shown = st.plotly_chart(
        drawn, alt=alt, key=key, config={"displaylogo": False}, theme="streamlit", **options
    )
    st.caption(literal(alt))
    return shown


def table(frame: pd.DataFrame, alt: str, **options: Any) -> Any:
    """Draw a table with its name for screen readers."""
    return st.dataframe(frame, alt=alt, hide_index=True, **options)


def digits(values: pd.Series) -> str:
    """Return the number format of a column of scores: no digits behind large numbers."""
    return "%.0f" if values.abs().max() >= 10_000 else "%.4g"


def intervals(scores: pd.DataFrame, alt: str) -> None:
    """Draw scores with their intervals: ``label``, ``value``, ``low``, ``high``."""
    titles = {"value": "Score", "low": "From", "high": "To"}
    table(
        scores[["label", *titles]],
        alt=alt,
        height="content",
        column_config={
            "label": "Metric",
            **{
                name: st.column_config.NumberColumn(title, format=digits(scores[name]))
                for name, title in titles.items()
            },
        },
    )


def notes(messages: Iterable[Message]) -> None:
    """List what was decided or noticed, each thing in a line."""
    for note in dict.fromkeys(map(str, messages)):
        st.caption(f":material/info: {literal(note)}")


def findings(found: Iterable[Finding], beneath: Callable[[Finding], None] | None = None) -> None:
    """List findings, the grave ones first; what passed or does not apply stays folded.

    ``beneath`` draws what can be done about one.
    """
    order = list(Severity)
    ranked = sorted(found, key=lambda finding: order.index(finding.severity))
    quiet = [f for f in ranked if f.severity in (Severity.PASSED, Severity.NOT_APPLICABLE)]
    loud = [finding for finding in ranked if finding not in quiet]
    if not loud:
        st.success("Nothing stood out.", icon=":material/check_circle:")
    for finding in loud:
        _finding(finding)
        if beneath is not None:
            beneath(finding)
    if quiet:
        with st.expander(f"{len(quiet)} checks found nothing or do not apply"):
            for finding in quiet:
                _finding(finding)


def _finding(finding: Finding) -> None:
    icon, colour = _MARKS[finding.severity]
    st.markdown(
        f":{colour}[{icon}] **{literal(finding.title)}** :{colour}-badge[{finding.code}]  \n"
        f"{literal(finding.explanation)} {literal(finding.meaning)}"
        + (f"  \n**What to do:** {literal(finding.action)}" if finding.action else "")
    )
