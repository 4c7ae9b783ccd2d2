"""The workspace on disk: folders for what is large, one SQLite file for what is true.

Pages, supervisor and jobs are separate processes; the database in write-ahead mode is the only
thing they share. Every path and every query names the user.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore import settings
from mlcore.errors import UserError

#: The only user of an installation without sign-in.
LOCAL_USER = "local"

#: One script for each version of the database, run in order; ``user_version`` counts them.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE datasets (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL,
        rows INTEGER NOT NULL, columns INTEGER NOT NULL, created REAL NOT NULL
    );
    CREATE TABLE jobs (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL,
        kind TEXT NOT NULL, subject TEXT NOT NULL, payload TEXT NOT NULL, status TEXT NOT NULL,
        done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, stage TEXT,
        step INTEGER, steps INTEGER, live TEXT,
        urgent INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0,
        cancel INTEGER NOT NULL DEFAULT 0, forget INTEGER NOT NULL DEFAULT 0,
        pid INTEGER, pid_created REAL, queued REAL NOT NULL, started REAL, finished REAL,
        error TEXT, memory_mb INTEGER NOT NULL, seconds INTEGER NOT NULL
    );
    CREATE INDEX jobs_status ON jobs (status, sequence);
    CREATE INDEX jobs_subject ON jobs (user, subject);
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, dataset TEXT NOT NULL, name TEXT NOT NULL,
        algorithm TEXT NOT NULL, experiment TEXT NOT NULL, model_sha256 TEXT,
        created REAL NOT NULL
    );
    CREATE INDEX runs_dataset ON runs (user, dataset);
    CREATE TABLE test_openings (
        user TEXT NOT NULL, content TEXT NOT NULL, run TEXT NOT NULL, opened REAL NOT NULL
    );
    CREATE TABLE servers (
        pid INTEGER PRIMARY KEY, created REAL NOT NULL
    );
    CREATE TABLE preferences (
        user TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (user, key)
    );
    CREATE TABLE download_tokens (
        sha256 TEXT PRIMARY KEY, user TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
        expires REAL NOT NULL
    );
    """,
    """
    CREATE TABLE grid_runs (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, method TEXT NOT NULL,
        world TEXT NOT NULL, plan TEXT NOT NULL, is_done INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL
    );
    CREATE INDEX grid_runs_user ON grid_runs (user, created);
    """,
    """
    CREATE TABLE models (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '[]',
        latest INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, UNIQUE (user, name)
    );
    CREATE TABLE model_versions (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, model TEXT NOT NULL, number INTEGER NOT NULL,
        origin TEXT NOT NULL, run TEXT, note TEXT NOT NULL, author TEXT NOT NULL,
        manifest_sha256 TEXT NOT NULL, is_archived INTEGER NOT NULL DEFAULT 0,
        created REAL NOT NULL, UNIQUE (model, number)
    );
    CREATE TABLE alias_moves (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, model TEXT NOT NULL,
        alias TEXT NOT NULL, number INTEGER, moved REAL NOT NULL
    );
    CREATE TABLE api_tokens (
        id TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, start TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE, model TEXT, created REAL NOT NULL, expires REAL,
        last_used REAL
    );
    """,
    """
    ALTER TABLE alias_moves ADD COLUMN is_back INTEGER NOT NULL DEFAULT 0;
    """,
)


@dataclass(frozen=True)
class Workspace:
    """One user's view of the workspace.

    Parameters
    ----------
    home : Path
        The folder of the installation; it is made when it is missing.
    user : str, default "local"
        Whose things are read and written.
    """

    home: Path
    user: str = LOCAL_USER

    @classmethod
    def open(cls, home: Path | None = None, user: str = LOCAL_USER) -> Workspace:
        """Return the workspace at ``home`` (the setting when not given), ready for use."""
        workspace = cls((home or settings.home()).resolve(), user)
        workspace.home.mkdir(parents=True, exist_ok=True)
        with workspace.connect() as connection:
            _migrate(connection)
        return workspace

    @contextmanager
    def connect(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that commits when the block ends well and always closes."""
        connection = sqlite3.connect(self.home / "workbench.sqlite3", timeout=30)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            with connection:
                yield connection
        finally:
            connection.close()

    def folder(self, kind: str, identifier: str) -> Path:
        """Return ``<home>/users/<user>/<kind>/<identifier>``; identifiers are ours, never names."""
        if not identifier.isalnum() or not kind.isalnum():
            raise ValueError(f"Not an identifier of this workspace: {identifier!r}")
        return self.home / "users" / self.user / kind / identifier

    def remember(self, key: str, value: Any) -> None:
        """Keep a small piece of plain data under a name, for the next session."""
        with self.connect() as connection:
            connection.execute(
                "INSERT INTO preferences VALUES (?, ?, ?) "
                "ON CONFLICT (user, key) DO UPDATE SET value = excluded.value",
                (self.user, key, json.dumps(value)),
            )

    def recall(self, key: str) -> Any:
        """Return what was remembered under a name, or ``None``."""
        with self.connect() as connection:
            row = connection.execute(
                "SELECT value FROM preferences WHERE user = ? AND key = ?", (self.user, key)
            ).fetchone()
        return json.loads(row["value"]) if row else None

    def used_bytes(self) -> int:
        """Return how much disk space the user's files take."""
        # ``os.walk`` passes over a folder that a job removes meanwhile; ``Path.rglob`` raises.
        walked = os.walk(self.home / "users" / self.user)
        return sum(_size(Path(folder, name)) for folder, _, names in walked for name in names)

    def require_space(self, more_bytes: int = 0) -> None:
        """Refuse to write when the quota (or the disk) would be exceeded.

        Raises
        ------
        UserError
            ``workspace.full``, with what is used and what is allowed.
        """
        limit = settings.QUOTA_MB.read()
        used = self.used_bytes()
        free = shutil.disk_usage(self.home).free
        if used + more_bytes > limit * 2**20 or more_bytes + 2**24 > free:
            raise UserError(
                "workspace.full",
                used=round(used / 2**20),
                limit=min(limit, round((used + free) / 2**20)),
            )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a job removed its temporary file in between
        return 0


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        for statement in filter(None, map(str.strip, script.split(";"))):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")


def new_id() -> str:
    """Return a random identifier of 128 bits, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it: temporary file, flush, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
