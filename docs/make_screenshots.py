"""Make the README's pictures: a real server, a real browser, one sample table, some algorithms.

Run it by ``make screenshots`` after a page has changed its looks.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browser_setup import NONE_FOUND, find
from live_server import live_server
from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent / "screenshots"
PATIENCE_MS = 60_000
SIZE: ViewportSize = {"width": 1280, "height": 900}
#: Besides those that the page proposes.
ALGORITHMS = ("Extra trees", "k nearest neighbours", "Support vector machine (RBF)")


def keyed(page: Page, key: str) -> Locator:
    """Return the widget of that key."""
    return page.locator(f".st-key-{key}")


def settle(page: Page) -> None:
    """Wait until the server has answered and everything is drawn."""
    page.wait_for_timeout(700)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_timeout(1000)


def choose(page: Page, key: str, *names: str) -> None:
    """Pick entries of a multiple choice."""
    for name in names:
        box = keyed(page, key).get_by_role("combobox")
        box.click()
        box.fill(name)
        page.get_by_role("option", name=name).first.click()
        settle(page)
    page.keyboard.press("Escape")


def open_page(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/{name}")
    settle(page)


def take(page: Page, name: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png")


def whole_job(page: Page, url: str) -> None:
    open_page(page, url, "")
    # The penguins are the sample proposed, their species the label proposed.
    keyed(page, "data_use").get_by_role("button").click()
    settle(page)
    take(page, "data")
    open_page(page, url, "explore")
    page.get_by_role("tab", name="Two columns", exact=True).click()
    page.locator(".js-plotly-plot").first.wait_for()
    settle(page)
    take(page, "explore")
    open_page(page, url, "setup")
    open_page(page, url, "train")
    choose(page, "train_algorithms", *ALGORITHMS)
    keyed(page, "train_start").get_by_role("button").click()
    cancel = page.locator("[class*=st-key-train_cancel]")
    cancel.first.wait_for()
    cancel.first.scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 600)
    page.wait_for_timeout(1500)
    take(page, "train")
    # Cancel stands beside every run that is not over.
    expect(cancel).to_have_count(0)
    open_page(page, url, "results")
    keyed(page, "results_run").wait_for()
    settle(page)
    take(page, "results")


def register(page: Page, url: str, run: str) -> None:
    """Keep a run as the next version of the penguins' model."""
    open_page(page, url, "models")
    form = keyed(page, "models_register").locator("summary")
    if form.count() and not keyed(page, "register_submit").is_visible():
        form.first.click()
        settle(page)
    choose(page, "register_run", run)
    name = keyed(page, "register_name").get_by_role("textbox")
    name.fill("penguins")
    name.press("Enter")
    settle(page)
    keyed(page, "register_submit").get_by_role("button").click()
    page.get_by_text("is registered.").wait_for()
    settle(page)


def keep_and_ask(page: Page, url: str) -> None:
    """Register two runs under one name, and ask the model about a penguin."""
    for run in ("Extra trees", "Logistic regression"):
        register(page, url, run)
    take(page, "models")
    open_page(page, url, "predict")
    for column, value in (("bill_length_mm", "49"), ("flipper_length_mm", "215")):
        number = page.get_by_role("spinbutton", name=column)
        number.fill(value)
        number.press("Enter")
        settle(page)
    keyed(page, "predict_change").get_by_role("button").click()
    settle(page)
    page.set_viewport_size({"width": 1280, "height": 1700})
    page.mouse.move(800, 1600)
    page.mouse.wheel(0, -3000)
    settle(page)
    take(page, "predict")
    page.set_viewport_size(SIZE)


def find_groups(page: Page, url: str) -> None:
    """Find groups in the penguins with what the page proposes, and show the groups of one run."""
    open_page(page, url, "cluster")
    keyed(page, "cluster_start").get_by_role("button").click()
    keyed(page, "cluster_run").wait_for()
    expect(keyed(page, "cluster_cancel")).to_have_count(0)
    settle(page)
    page.get_by_role("tab", name="Map", exact=True).click()
    settle(page)
    keyed(page, "cluster_run").scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 700)
    settle(page)
    take(page, "cluster")


def use_sample(page: Page, url: str, name: str) -> None:
    """Bring another sample and make it the table in use."""
    open_page(page, url, "")
    choose(page, "data_sample", name)
    keyed(page, "data_use").get_by_role("button").click()
    settle(page)


def spread_labels(page: Page, url: str) -> None:
    """Complete the moons from few labels, and show them flowing."""
    use_sample(page, url, "Two moons with few labels")
    open_page(page, url, "semi_supervised")
    keyed(page, "semi_start").get_by_role("button").click()
    keyed(page, "semi_run").wait_for()
    expect(keyed(page, "semi_cancel")).to_have_count(0)
    settle(page)
    page.get_by_role("tab", name="Labels flowing", exact=True).click()
    settle(page)
    for _ in range(4):
        page.get_by_text("Step", exact=False).first.click()
        page.wait_for_timeout(600)
    keyed(page, "semi_run").scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 700)
    settle(page)
    take(page, "few_labels")


def fuse_labels(page: Page, url: str) -> None:
    """Fuse the photo tags with what the page proposes."""
    use_sample(page, url, "Photo tags")
    open_page(page, url, "label_fusion")
    keyed(page, "fusion_start").get_by_role("button").click()
    keyed(page, "fusion_run").wait_for()
    expect(keyed(page, "fusion_cancel")).to_have_count(0)
    settle(page)
    page.get_by_role("heading", name="Results").scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 500)
    settle(page)
    take(page, "label_fusion")


def solve_world(page: Page, url: str) -> None:
    """Solve a world of the books, and look at one of its cells."""
    open_page(page, url, "gridworld")
    choose(page, "grid_preset", "Russell & Norvig 4×3 (3rd edition)")
    keyed(page, "grid_solve").get_by_role("button").click()
    page.get_by_role("heading", name="What each cell is worth").wait_for()
    settle(page)
    page.get_by_role("heading", name="What each cell is worth").scroll_into_view_if_needed()
    page.mouse.move(800, 500)
    page.mouse.wheel(0, 400)
    settle(page)
    take(page, "gridworld")


def main() -> None:
    browser_path = find()
    if browser_path is None:
        sys.exit(NONE_FOUND)
    expect.set_options(timeout=PATIENCE_MS)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        live_server(Path(home)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path)
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")
        page.set_default_timeout(PATIENCE_MS)
        whole_job(page, server.address)
        keep_and_ask(page, server.address)
        find_groups(page, server.address)
        spread_labels(page, server.address)
        fuse_labels(page, server.address)
        solve_world(page, server.address)
        browser.close()


if __name__ == "__main__":
    main()
