"""What every test can ask for: a workspace of its own, small tables, a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser_setup import NONE_FOUND, find, is_required
from hypothesis import settings

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.messages import Message
from mlcore.workspace import Workspace

# The same examples on every machine and every day, however slow the machine is.
settings.register_profile("house", derandomize=True, deadline=None, database=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the installation: never the one of whoever runs the tests."""
    folder = tmp_path / "home"
    for name in list(os.environ):
        if name.startswith("WORKBENCH_") and name != "WORKBENCH_BROWSER":
            monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    return folder


@pytest.fixture
def workspace(home: Path) -> Workspace:
    """An empty workspace."""
    return Workspace.open(home)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser for Playwright. Without one the test is skipped, or fails where CI=true."""
    path = find()
    if path is None:
        (pytest.fail if is_required() else pytest.skip)(NONE_FOUND)
    return path


@pytest.fixture(scope="session")
def browser(browser_path: str) -> Iterator[object]:
    """A running headless browser (``playwright.sync_api.Browser``)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser_path, headless=True)
        yield running
        running.close()


def make_dataset(
    frame: pd.DataFrame, kinds: dict[str, ColumnKind], label: str | None = None
) -> Dataset:
    """Return a Dataset of a hand-made frame; kinds not given are numbers."""
    columns = tuple(
        Column(
            name=str(name),
            kind=kinds.get(str(name), ColumnKind.NUMBER),
            role=Role.LABEL if name == label else Role.FEATURE,
            reason=Message("test.by_hand"),
            missing=int(frame[name].isna().sum()),
            distinct=int(frame[name].nunique()),
        )
        for name in frame.columns
    )
    return Dataset("by hand", frame, Schema(columns, len(frame)), fingerprint(frame))


@pytest.fixture(scope="session")
def mixed_dataset() -> Dataset:
    """120 rows with every kind of column and gaps in each.

    Labels: ``species`` (three classes that the features tell apart), ``grown`` (yes/no) and
    ``price`` (a number that follows ``size``).
    """
    n_rows = 120
    rng = np.random.default_rng(7)
    species = np.resize(["ant", "bee", "cat"], n_rows)
    size = rng.normal(np.select([species == "ant", species == "bee"], [1.0, 3.0], 6.0), 0.7)
    frame = pd.DataFrame(
        {
            "size": size,
            "weight": rng.gamma(2.0, 3.0, n_rows),
            "colour": pd.Series(rng.choice(["red", "green", "blue"], n_rows), dtype="str"),
            "tagged": pd.Series(rng.choice(["yes", "no"], n_rows), dtype="str"),
            "seen": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n_rows), "D"),
            "remark": pd.Series(
                [f"the {kind} was {word}" for kind, word in zip(
                    species, rng.choice(["calm", "loud", "quick"], n_rows), strict=True
                )],
                dtype="str",
            ),
            "place": pd.Series([f"site {number}" for number in np.arange(n_rows) // 10], dtype="str"),
            "species": pd.Series(species, dtype="str"),
            "grown": pd.Series(np.where(size > 3, "yes", "no"), dtype="str"),
            "price": 10 + 2 * size + rng.normal(0, 0.5, n_rows),
        }
    )  # fmt: skip
    for position, name in enumerate(["size", "weight", "colour", "tagged", "seen", "remark"]):
        frame.loc[position::17, name] = None
    kinds = {
        "colour": ColumnKind.CATEGORY,
        "tagged": ColumnKind.YES_NO,
        "seen": ColumnKind.DATETIME,
        "remark": ColumnKind.TEXT,
        "place": ColumnKind.CATEGORY,
        "species": ColumnKind.CATEGORY,
        "grown": ColumnKind.YES_NO,
    }
    return make_dataset(frame, kinds, label="species")
