"""How often the sealed test rows of a table were looked at.

Counted by the content of the file, so that neither changing the kind of a column nor uploading the
file again makes it forgotten.
"""

from __future__ import annotations

import time

from mlcore.data.store import DatasetStore
from mlcore.workspace import Workspace


def count_openings(workspace: Workspace, dataset_id: str) -> int:
    """Return how often the user opened a test set of this table."""
    content = DatasetStore(workspace).content(dataset_id)
    with workspace.connect() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM test_openings WHERE user = ? AND content = ?",
            (workspace.user, content),
        ).fetchone()
    return int(count)


def record_opening(workspace: Workspace, dataset_id: str, run: str) -> None:
    """Count one opening, for the run whose final scores are shown."""
    content = DatasetStore(workspace).content(dataset_id)
    with workspace.connect() as connection:
        connection.execute(
            "INSERT INTO test_openings (user, content, run, opened) VALUES (?, ?, ?, ?)",
            (workspace.user, content, run, time.time()),
        )
