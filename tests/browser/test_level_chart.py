"""The line in the chart of distances and in the tree: dragged, and moved with the keys."""

from __future__ import annotations

import re

import pytest
from driving import by_key, go_to, says, settled
from live_server import Server
from playwright.sync_api import Locator, Page, expect
from stocked import answer_choice, answer_structure, bring, cluster_setup, mark_label

from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser


def line_of(tab: Page, server: Server, algorithm: str) -> Locator:
    """Open the page with the analyses of an algorithm computed, and return its line."""
    workspace = Workspace.open(server.home)
    identifier = bring(workspace, "iris")
    mark_label(workspace, identifier, "species")
    setup = cluster_setup(workspace, identifier)
    answer_structure(workspace, identifier, setup)
    answer_choice(workspace, identifier, setup, algorithm)
    workspace.remember(f"clusterers:{identifier}", {"chosen": [algorithm], "params": {}})
    tab.goto(server.address)
    go_to(tab, "Find groups")
    says(tab, "Hopkins")  # drawn late, it would move what stands below
    settled(tab)
    unfold(by_key(tab, f"cluster_card_{algorithm}"))
    unfold(by_key(tab, f"cluster_choosing_{algorithm}"))
    return by_key(tab, f"cluster_{algorithm}_level").get_by_role("slider")


def unfold(expander: Locator) -> None:
    """Open an expander; a click while the parts above still unfold may hit nothing."""
    details = expander.locator("details").first
    for _ in range(20):
        settled(expander.page)
        if details.get_attribute("open") is None:
            expander.locator("summary").first.evaluate("it => it.click()")
        expander.page.wait_for_timeout(500)
        if details.get_attribute("open") is not None:
            return
    expect(details).to_have_attribute("open", "")


def drag(tab: Page, line: Locator, pixels: int) -> None:
    """Move the line down by so many pixels."""
    x, y = grasp(tab, line.locator("circle"))
    expect(line).to_have_class("level dragged")
    tab.mouse.move(x, y + pixels, steps=5)
    tab.mouse.up()


def grasp(tab: Page, grip: Locator) -> tuple[float, float]:
    """Press the mouse on the grip once parts that unfold above have stopped pushing it down."""
    box, before = None, grip.bounding_box()
    while box is None or box != before:
        grip.scroll_into_view_if_needed()
        tab.wait_for_timeout(300)
        before, box = box, grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    return x, y


def said_number(line: Locator) -> float:
    """Return the level that the line says it is at."""
    return float(str(line.get_attribute("aria-valuetext")).split(" ")[0])


def test_the_radius_follows_the_line(tab: Page, server: Server) -> None:
    line = line_of(tab, server, "dbscan")
    eps = by_key(tab, "cluster_dbscan_eps").locator("input")
    expect(eps).to_have_value("0.5")
    expect(line).to_have_attribute("aria-valuetext", re.compile(r"^0\.5 · \d+% core rows$"))
    drag(tab, line, -60)
    expect(eps).not_to_have_value("0.5")
    settled(tab)
    dragged = float(eps.input_value())
    assert dragged == pytest.approx(said_number(line), rel=0.01) and dragged > 0.5
    line.focus()
    tab.keyboard.press("ArrowDown")
    expect(eps).not_to_have_value(f"{dragged:g}")
    assert float(eps.input_value()) < dragged
    # The other way round: what is typed moves the line.
    eps.fill("0.7")
    eps.press("Enter")
    expect(line).to_have_attribute("aria-valuetext", re.compile(r"^0\.7 "))


def test_the_number_of_groups_follows_the_cut(tab: Page, server: Server) -> None:
    line = line_of(tab, server, "hierarchical")
    number = by_key(tab, "cluster_hierarchical_n_clusters").locator("input")
    expect(number).to_have_value("3")
    expect(line).to_have_attribute("aria-valuetext", re.compile("3 groups$"))
    drag(tab, line, 30)
    expect(number).not_to_have_value("3")
    settled(tab)
    k = int(number.input_value())
    assert k > 3
    expect(line).to_have_attribute("aria-valuetext", re.compile(f"{k} groups$"))
    line.focus()
    tab.keyboard.press("End")
    expect(number).to_have_value("2")
