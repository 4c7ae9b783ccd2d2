"""Ask a registered model: about one row in a form, or about all rows of a file."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame
from pages.ui.panels import predict_file, predict_form, predict_model

frame.heading("predict.py")
opened = predict_model.choose()
if opened is None:
    st.stop()
policy = predict_model.choose_policy()

parts = {
    "One row": lambda: predict_form.draw(opened, policy),
    "A file": lambda: predict_file.draw(opened, policy),
}
tabs = st.tabs(list(parts), key="predict_part", on_change="rerun")
for tab, draw in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            draw()
