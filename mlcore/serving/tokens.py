"""Tokens with which programs ask the prediction server from elsewhere.

A token is shown once, when it is made; the database keeps its SHA-256. It is random enough (256
bits) that a slow hash would add nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass

from mlcore.errors import UserError
from mlcore.workspace import Workspace, new_id

#: Every token begins so: whoever finds one in a log or a repository sees what it is.
PREFIX = "mlw_"

#: Bytes of randomness in a token.
TOKEN_BYTES = 32

#: So many characters of a token are kept, to tell it from others in a list.
_SHOWN = 10

#: Seconds between two notes of when a token was used last; each is a write.
_NOTE_EVERY = 60.0

_DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class ApiToken:
    """What is known of a token; never the token itself.

    Parameters
    ----------
    id : str
        Its identifier.
    user : str
        Whose models it opens.
    name : str
        What the user calls it, such as the program that has it.
    start : str
        Its first characters.
    model : str, optional
        The only model it opens; ``None``: all.
    created : float
        When it was made, in seconds since 1970.
    expires : float, optional
        When it ends.
    last_used : float, optional
        When it was used last, to about a minute.
    """

    id: str
    user: str
    name: str
    start: str
    model: str | None
    created: float
    expires: float | None
    last_used: float | None


@dataclass(frozen=True)
class ApiTokens:
    """The tokens of one user."""

    workspace: Workspace

    def create(
        self, name: str, *, model: str | None = None, days: int | None = None
    ) -> tuple[str, ApiToken]:
        """Make a token; return it, for this once, and what is kept of it.

        Parameters
        ----------
        name : str
            What it is for.
        model : str, optional
            The only model it opens; all by default.
        days : int, optional
            How long it works; until it is revoked by default.

        Raises
        ------
        UserError
            ``serving.token_name``: the name is empty or has more than 100 characters.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= 100:
            raise UserError("serving.token_name", length=len(name))
        token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        now = time.time()
        kept = ApiToken(
            id=new_id(),
            user=self.workspace.user,
            name=name,
            start=token[:_SHOWN],
            model=model,
            created=now,
            expires=None if days is None else now + days * _DAY,
            last_used=None,
        )
        with self.workspace.connect() as connection:
            connection.execute(
                "INSERT INTO api_tokens (id, user, name, start, sha256, model, created, expires)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(kept.id, kept.user, kept.name, kept.start, _digest(token)),
                    *(kept.model, kept.created, kept.expires),
                ),
            )
        return token, kept

    def all(self) -> list[ApiToken]:
        """Return the tokens that work or have ended, newest first."""
        with self.workspace.connect() as connection:
            rows = connection.execute(
                "SELECT * FROM api_tokens WHERE user = ? ORDER BY created DESC, rowid DESC",
                (self.workspace.user,),
            ).fetchall()
        return [_token(row) for row in rows]

    def revoke(self, identifier: str) -> None:
        """End a token; the next request with it is refused.

        Raises
        ------
        UserError
            ``serving.no_token``: there is none of that id.
        """
        with self.workspace.connect() as connection:
            changed = connection.execute(
                "DELETE FROM api_tokens WHERE id = ? AND user = ?",
                (identifier, self.workspace.user),
            ).rowcount
        if not changed:
            raise UserError("serving.no_token")


def find_token(workspace: Workspace, token: str) -> ApiToken | None:
    """Return what is known of a token of any user, or ``None`` when it opens nothing.

    What is compared is the hash of what came, which tells nothing about the hashes that are kept.
    """
    now = time.time()
    with workspace.connect() as connection:
        row = connection.execute(
            "SELECT * FROM api_tokens WHERE sha256 = ?", (_digest(token),)
        ).fetchone()
        if row is None or (row["expires"] is not None and row["expires"] <= now):
            return None
        if row["last_used"] is None or now - row["last_used"] > _NOTE_EVERY:
            # On a full disk a token works all the same.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute(
                    "UPDATE api_tokens SET last_used = ? WHERE id = ?", (now, row["id"])
                )
    return _token(row)


def _token(row: sqlite3.Row) -> ApiToken:
    return ApiToken(**{name: row[name] for name in ApiToken.__dataclass_fields__})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
