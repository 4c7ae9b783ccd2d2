"""The frame around every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.errors import UserError
from pages.ui import frame
from pages.ui.text import literal

_UI = Path(__file__).parent / "ui"

# A named icon would be fetched from the network as the tab's picture; this one is our own file.
st.set_page_config(
    page_title="ML Workbench",
    page_icon=str(_UI / "icon.svg"),
    layout="wide",
)

page = st.navigation(
    [
        st.Page(
            spec.file,
            title=spec.title,
            icon=spec.icon,
            help=spec.help,
            url_path=spec.file.removesuffix(".py"),
            default=spec is frame.PAGES[0],
        )
        for spec in frame.PAGES
    ]
)
st.html(_UI / "look.css")
frame.sidebar_summary()
try:
    page.run()
except UserError as error:
    st.error(literal(error), icon=":material/error:")
