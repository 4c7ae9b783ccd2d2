"""Look at the columns of the table in use, one by one and together."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame
from pages.ui.panels import (
    explore_column,
    explore_label,
    explore_map,
    explore_missing,
    explore_pair,
    explore_relations,
)

frame.heading("explore.py")
table = frame.require_dataset()

#: Each part is worked out when it is looked at.
PARTS = {
    "One column": explore_column.draw,
    "Two columns": explore_pair.draw,
    "Relations": explore_relations.draw,
    "Missing": explore_missing.draw,
    "Label": explore_label.draw,
    "Map": explore_map.draw,
}

for tab, draw in zip(
    st.tabs(list(PARTS), key="explore_part", on_change="rerun"), PARTS.values(), strict=True
):
    if tab.open:
        with tab:
            draw(table)
