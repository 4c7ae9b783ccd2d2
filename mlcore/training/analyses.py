"""What was computed about a table and a set-up before any run: kept with the table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.workspace import Workspace, write_whole


@dataclass(frozen=True)
class Analyses:
    """The tables kept with one dataset; they go when it goes.

    Parameters
    ----------
    workspace : Workspace
        Whose they are.
    dataset_id : str
        The dataset.
    """

    workspace: Workspace
    dataset_id: str

    def frame(self, name: str, plan: Mapping[str, Any]) -> pd.DataFrame | None:
        """Return the table that was computed for a plan, ``None`` when it was not.

        Parameters
        ----------
        name : str
            Of the table, such as ``"structure"``.
        plan : mapping
            Plain data on which the table depends; the table of another plan is another table.
        """
        path = self._path(name, plan)
        return pd.read_parquet(path) if path.is_file() else None

    def save(self, name: str, plan: Mapping[str, Any], frame: pd.DataFrame) -> None:
        """Keep the table of a plan; it appears whole.

        Raises
        ------
        UserError
            The workspace is full.
        """
        content = frame.to_parquet()
        self.workspace.require_space(len(content))
        write_whole(self._path(name, plan), content)

    def _path(self, name: str, plan: Mapping[str, Any]) -> Path:
        digest = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:32]
        folder = self.workspace.folder("datasets", self.dataset_id) / "analyses"
        return folder / f"{name}-{digest}.parquet"
