"""Keep models under a name, with versions, and let programs ask them."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, stored
from pages.ui.panels import (
    models_about,
    models_calls,
    models_card,
    models_compare,
    models_import,
    models_list,
    models_register,
    models_tokens,
    models_traffic,
    models_versions,
)
from pages.ui.text import literal

frame.heading("models.py")
models_register.follow()
models = stored.registry().all()
models_register.draw(models)
models_import.draw()

if models:
    chosen = models_list.draw(models)
    parts = {
        "Versions": lambda: models_versions.draw(chosen),
        "Compare": lambda: models_compare.draw(chosen),
        "Card": lambda: models_card.draw(chosen),
        "Ask it": lambda: models_calls.draw(chosen),
        "Requests": lambda: models_traffic.draw(chosen),
        "About": lambda: models_about.draw(chosen),
    }
    st.subheader(literal(chosen.name))
    tabs = st.tabs(list(parts), key="models_part", on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
    st.divider()

models_tokens.draw(models)
