"""Files leave through a link that works once, never through a public address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from mlcore.registry.exports import write_csv
from mlcore.serving.downloads import DownloadTokens
from mlcore.workspace import new_id
from pages.ui.session import workspace

# The browser fetches each address once, however often the page is drawn again.
_FETCH = st.components.v2.component(
    "fetch_download",
    html="<span></span>",
    js="""
const fetched = (window.__workbenchFetched ??= new Set())
export default function ({ data }) {
  if (!data?.url || fetched.has(data.url)) return
  fetched.add(data.url)
  const link = document.createElement("a")
  link.href = data.url
  link.download = ""
  document.body.appendChild(link)
  link.click()
  link.remove()
}
""",
)


def download_button(label: str, key: str, prepare: Callable[[], tuple[Path, str]]) -> None:
    """Draw a button that sends a file from the workspace to the browser.

    Parameters
    ----------
    label, key : str
        Of the button.
    prepare : callable
        Called when it is pressed; returns the file's path and the name it gets on the other side.
    """
    if st.button(label, key=key, icon=":material/download:"):
        path, name = prepare()
        token = DownloadTokens(workspace()).mint(path, name)
        _FETCH(data={"url": f"/download/{token}"}, key=f"{key}_fetch")


def frame_button(label: str, key: str, frame: pd.DataFrame, name: str) -> None:
    """Draw a button that downloads a table as CSV, safe to open in a spreadsheet."""

    def prepare() -> tuple[Path, str]:
        path = workspace().folder("exports", new_id()).with_suffix(".csv")
        write_csv(workspace(), frame, path)
        return path, name

    download_button(label, key, prepare)
