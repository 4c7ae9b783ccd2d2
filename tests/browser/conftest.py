"""A real server with a workspace of its own, and a tab of a real browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import Server, live_server
from playwright.sync_api import Browser, Page


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """A running server with an empty workspace."""
    with live_server(home) as running:
        yield running
    defects = home / "logs" / "defects.log"
    assert not defects.exists(), f"Something broke:\n{defects.read_text(encoding='utf-8')}"


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab that is open on the first page."""
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    page.set_default_timeout(30_000)
    # Nothing may be asked of any other machine.
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            foreign.append(request.url)
            if not request.url.startswith((server.address, "data:", "blob:"))
            else None
        ),
    )
    page.goto(server.address)
    yield page
    page.close()
    assert foreign == []
