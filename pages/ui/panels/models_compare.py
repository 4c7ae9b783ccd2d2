"""Two versions of a model side by side."""

from __future__ import annotations

import streamlit as st

from mlcore.registry.store import CHAMPION, RegisteredModel
from mlcore.registry.version_facts import VersionFacts, compared_scores, differences, same_rows
from pages.ui import show, stored
from pages.ui.panels.models_versions import choose


def draw(model: RegisteredModel) -> None:
    """Draw the choice of two versions, their scores, and what else is not the same."""
    if len(model.versions) < 2:
        st.info("There is one version only. Register another run under this name to compare.")
        return
    champion = model.pointed_at(CHAMPION)
    first = champion.number if champion else model.versions[-1].number
    second = next(one.number for one in model.versions if one.number != first)
    help = "What is compared; archived versions too."
    left, right = st.columns(2, gap="medium")
    with left:
        one = choose(model.versions, "Version", "model_compare_one", help, first)
    with right:
        other = choose(model.versions, "With", "model_compare_other", help, second)
    if one == other:
        st.info("This is one and the same version. Choose two.", icon=":material/info:")
        return
    names = (f"Version {one.number}", f"Version {other.number}")
    facts = (stored.version_facts(one), stored.version_facts(other))
    _scores(*facts, names)
    _rest(*facts, names)


def _scores(one: VersionFacts, other: VersionFacts, names: tuple[str, str]) -> None:
    table = compared_scores(one, other)
    st.markdown("**Scores**")
    if table.empty:
        st.caption("No score was measured of both.")
        return
    columns = {
        "label": "Metric",
        "mean_one": names[0],
        "mean_other": names[1],
        "difference": "Difference",
        "std_one": f"± {names[0]}",
        "std_other": f"± {names[1]}",
    }
    shown = table[list(columns)].rename(columns=columns)
    show.table(
        shown,
        alt=f"The scores of {names[0]} and {names[1]} with their spread",
        height="content",
        column_config={
            title: st.column_config.NumberColumn(format="%.4g")
            for title in list(columns.values())[1:]
        },
    )
    st.caption(
        "Mean and spread (standard deviation) over the folds, on rows the model had not seen. A "
        "difference that is small beside the spreads says little."
    )
    if not same_rows(one, other):
        st.warning(
            "The two were judged on different rows: their table, what they predict, or the "
            "division of the rows is not the same. Part of the difference may come from that.",
            icon=":material/warning:",
        )


def _rest(one: VersionFacts, other: VersionFacts, names: tuple[str, str]) -> None:
    st.markdown("**What else is not the same**")
    table = differences(one, other)
    if table.empty:
        st.caption("Nothing: same table, same settings, same libraries.")
        return
    show.table(
        table.rename(columns={"what": "What", "one": names[0], "other": names[1]}),
        alt=f"What is not the same in {names[0]} and {names[1]}, besides their scores",
        height="content",
    )
