"""Claim: from starting the server to the first page is a few seconds at most.

The clock starts with the process and stops when the HTML is served, and again when a browser shows
the first page. Each round has an empty workspace, so its database is made too.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from browser_setup import NONE_FOUND, find
from live_server import live_server
from playwright.sync_api import sync_playwright


def one_round(browser: object) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = browser.new_page()
        started = time.perf_counter()
        with live_server(Path(folder)) as server:
            served = time.perf_counter() - started
            page.goto(server.address)
            page.locator(".st-key-data_sample").wait_for(timeout=60_000)
            shown = time.perf_counter() - started
            page.close()
    return served, shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    path = find()
    if path is None:
        sys.exit(NONE_FOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        rounds = [one_round(browser) for _ in range(options.rounds)]
        browser.close()
    served, shown = zip(*rounds, strict=True)
    print(f"page served: median {statistics.median(served):.2f} s, worst {max(served):.2f} s")
    print(f"page shown:  median {statistics.median(shown):.2f} s, worst {max(shown):.2f} s")
    print(f"ratio shown / served: {statistics.median(shown) / statistics.median(served):.2f}")


if __name__ == "__main__":
    main()
