"""Runs of before, in whatever world: found again, opened, renamed and removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.training.grid_runs import GridRun
from pages.ui import show
from pages.ui.confirming import confirm_deletion
from pages.ui.grid_runs import runs
from pages.ui.grid_state import fingerprint, name_of, open_world
from pages.ui.text import literal

#: The latest ones are listed.
_MOST = 200


def draw() -> None:
    """Draw the list of all runs; it opens when asked for."""
    found = runs().all()[-_MOST:]
    if not found:
        return
    folded = st.expander(
        f"All runs ({len(found)})",
        icon=":material/history:",
        key="grid_earlier",
        on_change="rerun",
    )
    if not folded.open:
        return
    with folded:
        listed = list(reversed(found))
        picked = show.table(
            _table(listed),
            alt="Runs in all worlds, the latest first; select one to open its world",
            on_select="rerun",
            selection_mode="single-row",
            key="grid_runs",
        )
        rows = picked.selection.rows
        if not rows or rows[0] >= len(listed):
            st.caption("Select a run to open its world, to rename it or to remove it.")
            return
        _actions(listed[rows[0]])


def _table(listed: Sequence[GridRun]) -> pd.DataFrame:
    here = fingerprint()
    return pd.DataFrame(
        {
            "Run": [run.name for run in listed],
            "World": [name_of(run.plan.world) for run in listed],
            "On the screen": ["yes" if run.world == here else "" for run in listed],
            "Started": [datetime.fromtimestamp(run.created) for run in listed],
            "Ended": [_ended(run) for run in listed],
        }
    )


def _ended(run: GridRun) -> str:
    if run.is_done:
        return "done"
    return run.job.status.value if run.job else ""


def _actions(run: GridRun) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Open its world",
            key="grid_open",
            icon=":material/grid_on:",
            on_click=_open,
            args=(run,),
            disabled=run.world == fingerprint(),
        )
        name = st.text_input("Name", value=run.name, key=f"grid_name_{run.id}", max_chars=200)
        if name != run.name:
            _rename(run, name)
        if st.button("Remove", key="grid_delete", icon=":material/delete:"):
            confirm_deletion(
                "Remove this run?",
                "The run is removed from this machine with everything that came of it. This "
                "cannot be undone.",
                partial(runs().delete, run.id),
                "grid_delete",
            )


def _open(run: GridRun) -> None:
    open_world(run.plan.world)
    st.session_state["grid_family"] = run.spec.family


def _rename(run: GridRun, name: str) -> None:
    try:
        runs().rename(run.id, name)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
    else:
        st.rerun()
