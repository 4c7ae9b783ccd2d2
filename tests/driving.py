"""The gestures of a person in front of the pages."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, TimeoutError, expect

# A machine that runs two test processes at once is slow now and then.
expect.set_options(timeout=30_000)


def by_key(tab: Page, key: str) -> Locator:
    """Return the widget with this key."""
    return tab.locator(f".st-key-{key}")


def settled(tab: Page) -> None:
    """Wait until the page is drawn to its end: a click on what is still being drawn may be lost."""
    expect(tab.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def open_part(tab: Page, name: str) -> None:
    """Open one of the tabs of a page."""
    settled(tab)
    tab.get_by_role("tab", name=name, exact=True).click()


def says(tab: Page, text: str) -> None:
    """Wait until the screen says something; twice for a moment while a part is drawn anew."""
    expect(tab.get_by_text(text).first).to_be_visible()


def press(tab: Page, key: str) -> None:
    """Press the button with this key."""
    by_key(tab, key).get_by_role("button").first.click()


def choose(tab: Page, key: str, option: str) -> None:
    """Choose an option of a select box."""
    choose_in(by_key(tab, key).locator("input"), option)


def choose_in(box: Locator, option: str) -> None:
    """Choose an option of a list."""
    choose_from(box, box.page.get_by_role("option", name=option, exact=True))


def choose_from(box: Locator, wanted: Locator) -> None:
    """Open a list and choose; a page that is drawn anew meanwhile closes it, so open it again."""
    for _ in range(20):
        if open_list(box, wanted).is_visible():
            try:
                wanted.click(timeout=3_000)
            except TimeoutError:
                continue
            return
    raise AssertionError(f"The list never stayed open for {wanted}.")


def open_list(box: Locator, wanted: Locator) -> Locator:
    """Open a list of options; one that opens while the page moves closes again at once."""
    for _ in range(20):
        settled(box.page)
        box.scroll_into_view_if_needed()
        box.focus()
        box.page.keyboard.press("ArrowDown")
        box.page.wait_for_timeout(300)
        if wanted.is_visible():
            break
        box.page.keyboard.press("Escape")
    return wanted


def go_to(tab: Page, title: str) -> None:
    """Open another page by its link in the sidebar."""
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    expect(tab.get_by_role("heading", name=title, exact=True)).to_be_visible()
