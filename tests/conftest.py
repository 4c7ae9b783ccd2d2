"""What every test can ask for: a workspace of its own, small tables, a browser."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import pytest
import shared_work
from browser_setup import FLAGS, NONE_FOUND, find, is_required
from hypothesis import settings
from tables import make_mixed
from xdist.scheduler import LoadScopeScheduling

from mlcore.data.dataset import Dataset
from mlcore.workspace import Workspace

# The same examples on every machine and every day, however slow the machine is.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")


#: Numbers the homes of the tests. A folder is made by the tests that need one, not for each.
_NUMBERS = count()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import without a search for rubbish: what imports leave behind stays to the end anyway.

    Later searches pass it over too; otherwise they take a tenth of the time of all tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


#: Folders whose files one worker takes: one browser at a time is enough for a small machine, and
#: what the others start or register once takes seconds.
TOGETHER = ("tests/browser/", "tests/serving/", "tests/codegen/")


#: What takes longest in one piece. It starts first, so that no worker waits for another at the end.
FIRST = (
    *TOGETHER,
    "tests/registry/",
    "tests/test_conformance.py",
    "tests/test_cluster_conformance.py",
    "tests/evaluation/test_structure.py",
    "tests/pages/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first; all else stays in its order."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    found = (place for place, path in enumerate(FIRST) if nodeid.startswith(path))
    return next(found, len(FIRST))


class _ByFile(LoadScopeScheduling):
    """Give each file to one worker, and the files of some folders to the same."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in TOGETHER if nodeid.startswith(folder)), None)
        return folder or str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return _ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _shared_work(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let all workers of this run find what one of them has computed."""
    own = tmp_path_factory.getbasetemp()
    shared_work.FOLDER = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    shared_work.FOLDER.mkdir(exist_ok=True)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the installation: never the one of whoever runs the tests."""
    folder = tmp_path_factory.getbasetemp() / f"home-{next(_NUMBERS)}"
    for name in list(os.environ):
        if name.startswith("WORKBENCH_") and name != "WORKBENCH_BROWSER":
            monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture
def workspace(home: Path) -> Iterator[Workspace]:
    """An empty workspace, which somebody has open, as the supervisor has in use.

    Otherwise each query would be the last to close it, and SQLite tidies up then.
    """
    opened = Workspace.open(home)
    with opened.connect():
        yield opened


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser for Playwright. Without one the test is skipped, or fails where CI=true."""
    path = find()
    if path is None:
        (pytest.fail if is_required() else pytest.skip)(NONE_FOUND)
    return path


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[object]:
    """A running headless browser (``playwright.sync_api.Browser``).

    It goes with its module: as long as it runs, its event loop forbids other tests their own.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def mixed_dataset() -> Dataset:
    """120 rows with every kind of column and gaps in most; see ``tables.make_mixed``."""
    return make_mixed()
