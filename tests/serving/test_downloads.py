from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from starlette.applications import Starlette

from mlcore.serving import downloads
from mlcore.serving.downloads import DownloadTokens, download_route, safe_name
from mlcore.workspace import Workspace


def ask(app, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Send one request to an ASGI application; return status, headers and body."""
    sent: list[dict] = []

    received = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if not received:
            await asyncio.Event().wait()  # the browser stays connected
        return received.pop()

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "headers": [(b"host", b"127.0.0.1:8501")], "query_string": b"", "http_version": "1.1",
        "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
        "extensions": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])


@pytest.fixture
def file(workspace: Workspace) -> Path:
    path = workspace.folder("exports", "abc").with_suffix(".csv")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a,b\n1,2\n")
    return path


@pytest.fixture
def app(workspace: Workspace) -> Starlette:
    return Starlette(routes=[download_route(workspace)])


def test_a_link_works_once(workspace: Workspace, file: Path, app: Starlette):
    token = DownloadTokens(workspace).mint(file, "Größe “1”.csv")
    looked, _, _ = ask(app, f"/download/{token}", "HEAD")
    assert looked == 404
    status, headers, body = ask(app, f"/download/{token}")
    assert (status, body) == (200, b"a,b\n1,2\n")
    assert headers["content-disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe")
    assert headers["cache-control"] == "no-store"
    status, headers, body = ask(app, f"/download/{token}")
    assert status == 404
    assert "no longer valid" in body.decode() and "Traceback" not in body.decode()
    assert "content-disposition" not in headers


@pytest.mark.parametrize("token", ["x", "..%2f..%2fetc", "' OR 1=1 --", "\0", "é" * 5000])
def test_invented_tokens_open_nothing(app: Starlette, workspace: Workspace, file: Path, token: str):
    DownloadTokens(workspace).mint(file, "a.csv")
    assert DownloadTokens(workspace).redeem(token) is None
    assert ask(app, "/download/" + token.replace("/", "_"))[0] == 404


def test_links_end_by_themselves(workspace: Workspace, file: Path, monkeypatch):
    tokens = DownloadTokens(workspace)
    monkeypatch.setattr(downloads.time, "time", lambda: 1_000.0)
    late, early = tokens.mint(file, "a.csv"), tokens.mint(file, "a.csv")
    monkeypatch.setattr(downloads.time, "time", lambda: 1_000.0 + downloads.LIFETIME + 1)
    assert tokens.redeem(late) is None
    # A clock that was set back does not make a link last for ever.
    monkeypatch.setattr(downloads.time, "time", lambda: 900.0)
    assert tokens.redeem(early) is None


def test_tokens_are_long_and_kept_nowhere(workspace: Workspace, file: Path):
    tokens = {DownloadTokens(workspace).mint(file, "a.csv") for _ in range(20)}
    assert len(tokens) == 20 and min(map(len, tokens)) >= 43
    with workspace.connect() as connection:
        dump = "\n".join(connection.iterdump())
    assert not [token for token in tokens if token in dump]


def test_only_files_of_the_user_leave(workspace: Workspace, file: Path, tmp_path: Path):
    outside = tmp_path / "secret"
    outside.write_text("secret", encoding="utf-8")
    guest = Workspace(workspace.home, "guest")
    theirs = guest.folder("exports", "abc")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs", encoding="utf-8")
    refused = [
        outside,
        theirs,
        workspace.home / "workbench.sqlite3",
        file.parent / ".." / ".." / ".." / "guest" / "exports" / "abc",
        file.parent,
        file.parent / "missing",
    ]
    for path in refused:
        with pytest.raises(ValueError, match="own folder"):
            DownloadTokens(workspace).mint(path, "a.csv")
    token = DownloadTokens(guest).mint(theirs, "a.csv")
    assert DownloadTokens(workspace).redeem(token) is None
    assert DownloadTokens(guest).redeem(token) == (theirs.resolve(), "a.csv")


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_file_that_turns_into_a_link_outside_is_refused(
    workspace: Workspace, file: Path, tmp_path: Path
):
    outside = tmp_path / "secret"
    outside.write_text("secret", encoding="utf-8")
    token = DownloadTokens(workspace).mint(file, "a.csv")
    file.unlink()
    file.symlink_to(outside)
    assert DownloadTokens(workspace).redeem(token) is None


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("model.joblib", "model.joblib"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        ("C:\\x", "x"),
        ("\\\\?\\UNC\\server", "server"),
        ("a\0b\r\nSet-Cookie: x", "a_b__Set-Cookie_ x"),
        ("\u202egpj.exe", "_gpj.exe"),
        ("...", "download"),
        ("", "download"),
        ("x" * 5000 + ".csv", "x" * 146 + ".csv"),
    ],
)
def test_names_are_made_safe(workspace: Workspace, file: Path, app: Starlette, given, safe):
    assert safe_name(given) == safe
    token = DownloadTokens(workspace).mint(file, given)
    status, headers, _ = ask(app, f"/download/{token}")
    assert status == 200
    assert "set-cookie" not in headers and "\n" not in headers["content-disposition"]
