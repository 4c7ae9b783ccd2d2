"""Tables as files that leave the workbench."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlcore.serving.spreadsheet import neutralise
from mlcore.training.predictions import predictions_frame
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace, write_whole


def write_csv(workspace: Workspace, frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that a spreadsheet opens without running any of it.

    Raises
    ------
    UserError
        ``workspace.full``.
    """
    # With a byte order mark, without which spreadsheets misread anything beyond English letters.
    text = neutralise(frame).to_csv(index=False, lineterminator="\r\n")
    content = text.encode("utf-8-sig")
    workspace.require_space(len(content))
    write_whole(path, content)


def write_predictions(store: RunStore, run_id: str, path: Path) -> None:
    """Write what a run predicts for every row of its table, as CSV.

    The columns are those of :func:`mlcore.training.predictions.predictions_frame`.

    Raises
    ------
    UserError
        There is no such run, it is not trained, its table is gone, or the workspace is full.
    """
    write_csv(store.workspace, predictions_frame(store, run_id), path)
