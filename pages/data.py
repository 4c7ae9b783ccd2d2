"""Bring a table and see what is in it."""

from __future__ import annotations

import streamlit as st

from pages.ui import frame, importing, stored, table_view
from pages.ui.session import session, use_dataset

#: What can be done with a table: the page, and what it is for.
NEXT_STEPS = {
    "explore.py": "Explore columns and relations",
    "setup.py": "Choose what to predict",
    "cluster.py": "Find groups",
    "semi_supervised.py": "Complete a column with few labels",
    "label_fusion.py": "Make one label of several",
}

frame.heading("data.py")
state = session()
table = stored.current_dataset()

if table is None or state.staged:
    importing.draw(first=table is None)
else:
    known = {info.id: info for info in stored.datasets().all()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Table in use",
            list(known),
            index=list(known).index(state.dataset) if state.dataset in known else 0,
            format_func=lambda identifier: (
                f"{known[identifier].name} ({known[identifier].rows:,} rows)"
            ),
            key=f"table_in_use_{state.dataset}",
            help="Every table you have brought stays here until you delete it.",
        )
        if st.button("Delete", icon=":material/delete:", key="table_delete"):
            table_view.confirm_delete(known[chosen])
    if chosen != state.dataset:
        use_dataset(chosen)
        st.rerun()
    with st.container(horizontal=True):
        for file, label in NEXT_STEPS.items():
            frame.link(file, label)
    table_view.draw(table, state.dataset or "")
    st.divider()
    st.subheader("Bring another table")
    importing.draw(first=False)
