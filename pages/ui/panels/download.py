"""Take the model home."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.registry.formats import Format, formats_for
from mlcore.registry.offers import prepared, withheld
from mlcore.training.runs import Run
from pages.ui import stored
from pages.ui.downloads import download_button


def draw(run: Run) -> None:
    """Draw one card for each thing that can be taken."""
    st.caption(
        "Each model is checked before it is offered: what was exported must answer exactly as the "
        "original does."
    )
    forms = formats_for(run.experiment.task)
    for start in range(0, len(forms), 2):
        # Two at a time, so that neighbours are of one height.
        for column, form in zip(
            st.columns(2, gap="medium"), forms[start : start + 2], strict=False
        ):
            with column, st.container(border=True, height="stretch"):
                st.markdown(f"**{form.label}**")
                st.markdown(form.help)
                _button(run, form)


def _button(run: Run, form: Format) -> None:
    def prepare() -> tuple[Path, str]:
        with st.spinner("Preparing and checking the file …"):
            job = stored.jobs().submit("package", run.id, {"format": form.id})
            stored.wait(job)
        return prepared(stored.runs(), run.id, form.id), form.file_name(run.name)

    if reason := withheld(stored.runs(), run.id, form.id):
        st.caption(str(reason))
        return
    download_button(f"Download {form.extension}", f"download_{form.id}", prepare)
