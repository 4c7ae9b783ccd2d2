from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path

import pytest
import streamlit
from serving.test_downloads import ask
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mlcore.serving.headers import SecurityHeaders, content_security_policy, is_shut

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"


@pytest.fixture
def app():
    async def answer(request):
        return PlainTextResponse("hello")

    return SecurityHeaders(Starlette(routes=[Route("/{path:path}", answer)]), INDEX)


def rules(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (rule.split() for rule in policy.split("; "))}


def test_every_answer_carries_the_headers(app):
    for path in ("/", "/results", "/_stcore/metrics"):
        _, headers, _ = ask(app, path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "no-referrer"
        policy = rules(headers["content-security-policy"])
        assert policy["frame-ancestors"] == ["'self'"]
        assert policy["object-src"] == ["'none'"]
        assert "ws://127.0.0.1:8501" in policy["connect-src"]


def test_no_rule_lets_foreign_hosts_or_written_scripts_in(app):
    policy = rules(ask(app, "/")[1]["content-security-policy"])
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    for rule, sources in policy.items():
        assert "*" not in sources and "https:" not in sources and "http:" not in sources, rule
    script = INDEX.read_bytes().split(b"<script>")[1].split(b"</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert f"'sha256-{digest}'" in policy["script-src"]


@pytest.mark.parametrize("host", ["evil; script-src *", "a b", "x'y", "", "a,b", "[::1"])
def test_a_crooked_host_adds_nothing_to_the_policy(host: str):
    assert content_security_policy((), host) == content_security_policy((), "")


def test_ordinary_hosts_are_named():
    for host in ("localhost:8501", "[::1]:80", "bench.example"):
        connect = rules(content_security_policy((), host))["connect-src"]
        assert f"ws://{host}" in connect and f"wss://{host}" in connect


@pytest.mark.parametrize(
    ("path", "shut"),
    [
        ("/_stcore/metrics", True),
        ("/_stcore/script-health-check", True),
        ("/_stcore/agent/openapi.json", True),
        ("/_stcore/agent/mcp", True),
        ("/page/_stcore/metrics", True),
        ("/_stcore/", True),
        ("/_stcore", True),
        ("/_stcore/health/../metrics", False),
        ("/_stcore/health", False),
        ("/_stcore/host-config", False),
        ("/_stcore/stream", False),
        ("/_stcore/upload_file/a/b", False),
        ("/_stcore/bidi-components/x/y.js", False),
        ("/", False),
        ("/results", False),
        ("/media/abc.png", False),
        ("/download/abc", False),
    ],
)
def test_doors_no_page_needs_stay_shut(path: str, shut: bool, app):
    assert is_shut(path) is shut
    assert ask(app, path)[0] == (404 if shut else 200)


def test_other_connections_pass_untouched():
    seen = []

    async def inner(scope, receive, send):
        seen.append((scope["type"], send))

    async def send(message): ...

    async def receive(): ...

    middle = SecurityHeaders(inner, INDEX)
    for kind in ("lifespan", "websocket"):
        scope = {"type": kind, "path": "/_stcore/stream", "headers": []}
        asyncio.run(middle(scope, receive, send))
    assert seen == [("lifespan", send), ("websocket", send)]
