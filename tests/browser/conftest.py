"""A real server with a workspace of its own, and a tab of a real browser in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_setup import FLAGS
from driving import settled
from live_server import Server, live_server
from playwright.sync_api import BrowserContext, Page, sync_playwright


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests: to start it takes longer than most of what they do with it."""
    with live_server(tmp_path_factory.mktemp("server") / "home") as running:
        yield running


@pytest.fixture
def server(running_server: Server) -> Iterator[Server]:
    """A running server with an empty workspace."""
    running_server.empty()
    yield running_server
    defects = running_server.defects
    assert not defects.exists(), f"Something broke:\n{defects.read_text(encoding='utf-8')}"


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser keeps what it has compiled: half of what a page costs it anew."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def window(browser_path: str, profile: Path) -> Iterator[BrowserContext]:
    """A running browser with one profile for all tests; it goes with its module, as ``browser``."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=browser_path,
            args=FLAGS,
            viewport={"width": 1366, "height": 900},
        )
        yield running
        running.close()


@pytest.fixture
def tab(window: BrowserContext, server: Server) -> Iterator[Page]:
    """A tab that is open on the first page, and remembers nothing of another test's."""
    page = window.new_page()
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
    settled(page)  # what is still being drawn would write into the next test's workspace
    page.evaluate("localStorage.clear()")
    page.close()
    window.clear_cookies()
    assert foreign == []
