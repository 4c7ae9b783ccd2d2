"""Tables as files that leave the workbench."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlcore.registry.spreadsheet import neutralise
from mlcore.workspace import Workspace, write_whole


def write_csv(workspace: Workspace, frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that a spreadsheet opens without running any of it.

    Raises
    ------
    UserError
        ``workspace.full``.
    """
    content = csv_bytes(frame)
    workspace.require_space(len(content))
    write_whole(path, content)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a table as the CSV that :func:`write_csv` writes."""
    # With a byte order mark, without which spreadsheets misread anything beyond English letters.
    text = neutralise(frame).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")
