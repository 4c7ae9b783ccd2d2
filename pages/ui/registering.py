"""What leads from a trained run to the Models page."""

from __future__ import annotations

import streamlit as st

from mlcore.registry.formats import BUNDLE
from mlcore.training.runs import Run
from pages.ui.session import session


def can_be_registered(run: Run) -> bool:
    """Return whether a run leaves a model that can be kept under a name."""
    return run.is_trained and run.experiment.task in BUNDLE.tasks


def register_button(run: Run, key: str) -> None:
    """Draw the button that leads to the Models page with this run chosen, where it can be one."""
    if can_be_registered(run) and st.button(
        "Register this model",
        key=key,
        icon=":material/inventory_2:",
        help="Keep it under a name, so that programs can ask it and later versions can replace it.",
    ):
        session().register_run = run.id
        st.switch_page("models.py")
