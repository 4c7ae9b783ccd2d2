"""Files leave through a link with a random token that works once and only for minutes.

The tokens themselves are kept nowhere: the database knows their SHA-256, so that a copy of it
opens nothing.
"""

from __future__ import annotations

import hashlib
import html
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from mlcore.messages import message
from mlcore.workspace import Workspace

#: Seconds for which a link works.
LIFETIME = 300.0

#: Bytes of randomness in a token.
TOKEN_BYTES = 32


@dataclass(frozen=True)
class DownloadTokens:
    """The download links of one user.

    Parameters
    ----------
    workspace : Workspace
        Whose files.
    """

    workspace: Workspace

    def mint(self, path: Path, name: str) -> str:
        """Return a new token for a file.

        Parameters
        ----------
        path : Path
            The file, inside the user's folder of the workspace.
        name : str
            What it is called on the other side.

        Raises
        ------
        ValueError
            The path lies outside the user's folder, or is no file.
        """
        inside = _inside(self.workspace, path)
        if inside is None:
            raise ValueError("Only files of the user's own folder can be downloaded.")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = time.time()
        with self.workspace.connect() as connection:
            connection.execute("DELETE FROM download_tokens WHERE expires < ?", (now,))
            connection.execute(
                "INSERT INTO download_tokens (sha256, user, path, name, expires)"
                " VALUES (?, ?, ?, ?, ?)",
                (_digest(token), self.workspace.user, str(inside), name, now + LIFETIME),
            )
        return token

    def redeem(self, token: str) -> tuple[Path, str] | None:
        """Return path and name for a token, and make it worthless; ``None`` when it is already."""
        with self.workspace.connect() as connection:
            row = connection.execute(
                "DELETE FROM download_tokens WHERE sha256 = ? AND user = ?"
                " RETURNING path, name, expires",
                (_digest(token), self.workspace.user),
            ).fetchone()
        if row is None or not 0 <= row["expires"] - time.time() <= LIFETIME:
            return None
        path = _inside(self.workspace, Path(row["path"]))
        return None if path is None else (path, row["name"])


def download_route(workspace: Workspace) -> Route:
    """Return the route ``/download/{token}``, which streams a file of the user from disk."""

    async def download(request: Request) -> Response:
        # Programs that only look (HEAD) must not use the link up.
        redeemed = (
            DownloadTokens(workspace).redeem(request.path_params["token"])
            if request.method == "GET"
            else None
        )
        if redeemed is None:
            return _gone()
        path, name = redeemed
        return FileResponse(
            path,
            filename=safe_name(name),
            media_type="application/octet-stream",
            headers={"Cache-Control": "no-store"},
        )

    return Route("/download/{token}", download, methods=["GET"])


def safe_name(name: str) -> str:
    """Return a file name that every system takes: no folders, no control or reserved characters.

    >>> safe_name("../../my: run.csv")
    'my_ run.csv'
    """
    last = re.split(r"[/\\]", name)[-1]
    # Marks that turn the writing direction can make "exe.csv" look like "vsc.exe".
    plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]', "_", last)
    return plain.strip(" .")[-150:] or "download"


def _gone() -> Response:
    title = html.escape(str(message("download.gone.title")))
    text = html.escape(str(message("download.gone")))
    page = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1><p>{text}</p>"
    return HTMLResponse(page, status_code=404, headers={"Cache-Control": "no-store"})


def _inside(workspace: Workspace, path: Path) -> Path | None:
    """Return the real path of an existing file in the user's folder, else ``None``."""
    root = (workspace.home / "users" / workspace.user).resolve()
    real = path.resolve()
    return real if real.is_relative_to(root) and real.is_file() else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
