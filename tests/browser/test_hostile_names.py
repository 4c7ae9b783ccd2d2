"""Names come from outside: none of them may become a link, a picture, a script or a formula."""

from __future__ import annotations

import csv
import io
import random

import pytest
from driving import by_key, go_to, open_part
from live_server import Server
from playwright.sync_api import Page, expect
from stocked import train

from mlcore.data.store import DatasetStore
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser

#: What a careless page would fetch, run or follow.
NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "![picture](http://198.51.100.7/beacon.png)",
    "[link](javascript:alert(3))",
    "$x^2$ `code` **bold** :red[red]",
    '"><svg onload=alert(4)>',
)


def hostile_table() -> bytes:
    """A table whose columns, classes and cells are hostile."""
    draw = random.Random(1)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*NAMES, "label"])
    for number in range(90):
        numbers = [round(draw.gauss(number % 3, 1), 3) for _ in NAMES[1:]]
        writer.writerow([NAMES[number % 4], *numbers, NAMES[number % 3]])
    return file.getvalue().encode()


def test_names_are_shown_letter_by_letter(tab: Page, server: Server) -> None:
    workspace = Workspace.open(server.home)
    store = DatasetStore(workspace)
    identifier = store.stage(f"{NAMES[2]}{NAMES[0]}.csv", hostile_table())
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    for run in train(workspace, identifier, "label", "decision_tree", "logistic_regression"):
        RunStore(workspace).rename(run, NAMES[1] + NAMES[2])
    dialogs: list[str] = []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def look() -> None:
        expect(tab.get_by_test_id("stStatusWidget")).to_be_hidden()
        tab.wait_for_timeout(300)
        main = tab.get_by_test_id("stApp")
        assert main.locator("script, img[src='x'], a[href^='javascript'], svg[onload]").count() == 0
        assert main.locator("a[href*='198.51.100.7'], img[src*='198.51.100.7']").count() == 0

    tab.goto(server.address)
    for part in ("Columns", "Findings", "Rows"):
        open_part(tab, part)
        look()
    go_to(tab, "Explore")
    for part in tab.get_by_role("tab").all_inner_texts():
        open_part(tab, part)
        look()
    for title in ("Set up", "Train", "Results"):
        go_to(tab, title)
        look()
    expect(by_key(tab, "results_run")).to_be_visible()
    for part in tab.get_by_role("tab").all_inner_texts():
        open_part(tab, part)
        look()
    assert dialogs == []
