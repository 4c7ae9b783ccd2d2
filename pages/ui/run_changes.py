"""Give a run another name, or delete it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from mlcore.training.runs import Run
from pages.ui import stored
from pages.ui.confirming import confirm_deletion
from pages.ui.session import forget_widgets
from pages.ui.text import literal


def rename_or_delete(runs: Sequence[Run], prefix: str, stays: str = "") -> None:
    """Draw a button behind which a run is renamed or deleted.

    Parameters
    ----------
    runs : sequence of Run
        Those that can be chosen, at least one.
    prefix : str
        Of the keys: ``<prefix>_change``, ``<prefix>_rename``, ``<prefix>_delete``. The choice of a
        run under ``<prefix>_run`` starts anew when one is deleted.
    stays : str
        A sentence on what is not removed with a run.
    """
    known = {run.id: run for run in runs}
    with st.popover("Rename or delete", icon=":material/edit:"):
        chosen = st.selectbox(
            "Run", list(known), format_func=lambda name: known[name].name, key=f"{prefix}_change"
        )
        name = st.text_input("New name", value=known[chosen].name, key=f"{prefix}_name_{chosen}")
        with st.container(horizontal=True):
            if st.button("Rename", key=f"{prefix}_rename"):
                stored.runs().rename(chosen, name)
                st.rerun()
            if st.button("Delete", key=f"{prefix}_delete", icon=":material/delete:"):
                confirm_deletion(
                    "Delete this run?",
                    f"**{literal(known[chosen].name)}**, its scores and its model are removed. "
                    f"This cannot be undone. {stays}",
                    partial(_delete, chosen, prefix),
                    f"{prefix}_delete",
                )


def _delete(run: str, prefix: str) -> None:
    stored.runs().delete(run)
    forget_widgets(f"{prefix}_run", f"{prefix}_change")


def without_result(runs: Sequence[Run], prefix: str) -> None:
    """List the runs that ended without a result, folded, each with its reason.

    Parameters
    ----------
    runs : sequence of Run
        Those that are not trained; what still waits or runs is left out.
    prefix : str
        Of the keys of their buttons: ``<prefix>_delete_<id>``.
    """
    ended = [run for run in runs if run.job and not run.job.is_active]
    if not ended:
        return
    with st.expander(f"{len(ended)} run{'s' if len(ended) != 1 else ''} without a result"):
        for run in ended:
            _draw_ended(run, prefix)


def _draw_ended(run: Run, prefix: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        reason = run.job.error if run.job and run.job.error else "Cancelled."
        st.markdown(f"**{literal(run.name)}**: {literal(reason)}", width="stretch")
        if st.button("Delete", key=f"{prefix}_delete_{run.id}"):
            stored.runs().delete(run.id)
            st.rerun()
