"""What every answer of the server carries, and the doors that stay shut."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What the pages need below ``/_stcore/``; everything else there answers 404.
OPEN_ENDPOINTS = ("health", "host-config", "stream", "upload_file", "bidi-components")

_CORE = re.compile(r"/_stcore(?:/([^/]*)|$)")
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d+)?|\[[0-9A-Fa-f:]+\](?::\d+)?")


class SecurityHeaders:
    """ASGI middleware: security headers on every answer, 404 for what no page needs.

    Parameters
    ----------
    app : ASGI application
        What it stands before.
    index : Path
        The HTML page that the front end starts from. The scripts written into it are allowed by
        their hash, so that no other script in a page runs, whoever wrote it there.
    """

    def __init__(self, app: ASGIApp, index: Path) -> None:
        self.app = app
        self.script_hashes = inline_script_hashes(index.read_bytes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and is_shut(scope["path"]):
            answer = PlainTextResponse("Not found", status_code=404)
            await answer(scope, receive, self._with_headers(scope, send))
        else:
            await self.app(scope, receive, self._with_headers(scope, send))

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http":
            return send
        policy = content_security_policy(self.script_hashes, Headers(scope=scope).get("host", ""))

        async def send_with_headers(sent: Message) -> None:
            if sent["type"] == "http.response.start":
                headers = MutableHeaders(scope=sent)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "SAMEORIGIN"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            await send(sent)

        return send_with_headers


def is_shut(path: str) -> bool:
    """Return whether a path leads to an endpoint of Streamlit's that the pages do not need."""
    return any(name not in OPEN_ENDPOINTS for name in _CORE.findall(path))


def inline_script_hashes(index: bytes) -> tuple[str, ...]:
    """Return the policy's words for the scripts that stand in an HTML page."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(index))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(script_hashes: tuple[str, ...], host: str) -> str:
    """Return the policy under which the pages run.

    Parameters
    ----------
    script_hashes : tuple of str
        What :func:`inline_script_hashes` gives.
    host : str
        The host the browser asked; its WebSocket is named, since not every browser counts it as
        ``'self'``.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    rules = {
        "default-src": "'self'",
        # blob: is how the front end loads components; a page cannot make one without a script.
        "script-src": " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *script_hashes]),
        "worker-src": "'self' blob:",
        # The front end and the charts write style elements while they run.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' data: blob:{sockets}",
        "frame-src": "'self' blob: data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{rule} {value}" for rule, value in rules.items())
