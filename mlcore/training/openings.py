"""How often the sealed test rows of a table were looked at."""

from __future__ import annotations

import time

from mlcore.workspace import Workspace


def count_openings(workspace: Workspace, fingerprint: str) -> int:
    """Return how often the user opened a test set of the table with this fingerprint."""
    with workspace.connect() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM test_openings WHERE user = ? AND fingerprint = ?",
            (workspace.user, fingerprint),
        ).fetchone()
    return int(count)


def record_opening(workspace: Workspace, fingerprint: str, run: str) -> None:
    """Count one opening, for the run whose final scores were shown."""
    with workspace.connect() as connection:
        connection.execute(
            "INSERT INTO test_openings (user, fingerprint, run, opened) VALUES (?, ?, ?, ?)",
            (workspace.user, fingerprint, run, time.time()),
        )
