"""A real server that can be killed, and the gestures of a person in front of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
from playwright.sync_api import Locator, Page, expect

from mlcore.workspace import Workspace

# A machine that runs two test processes at once is slow now and then.
expect.set_options(timeout=30_000)

ROOT = Path(__file__).parents[1]


class Server:
    """The workbench as its user starts it, in a process that can be killed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start it and wait until it answers."""
        options = ["--server.port", str(self.port), "--server.headless", "true"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *options],
            cwd=ROOT,
            env={**os.environ, "WORKBENCH_HOME": str(self.home), **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health") as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("The server did not start within a minute.")

    def kill(self) -> None:
        """End it without a warning, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, its supervisor and every job."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
        for process in self.others():
            process.kill()

    def others(self) -> list[psutil.Process]:
        """Return the supervisor of this workspace and the processes below it."""
        found = [
            process
            for process in psutil.process_iter(["cmdline"])
            if "mlcore.training.supervisor" in " ".join(process.info["cmdline"] or ())
            and str(self.home) in " ".join(process.info["cmdline"] or ())
        ]
        return [*found, *(child for process in found for child in process.children(recursive=True))]

    def job_processes(self) -> list[psutil.Process]:
        """Return the processes of the jobs that run now."""
        with Workspace(self.home).connect() as connection:
            rows = connection.execute("SELECT pid FROM jobs WHERE status = 'running'").fetchall()
        return [psutil.Process(row["pid"]) for row in rows]


def by_key(tab: Page, key: str) -> Locator:
    """Return the widget with this key."""
    return tab.locator(f".st-key-{key}")


def says(tab: Page, text: str) -> None:
    """Wait until the screen says something; twice for a moment while a part is drawn anew."""
    expect(tab.get_by_text(text).first).to_be_visible()


def press(tab: Page, key: str) -> None:
    """Press the button with this key."""
    by_key(tab, key).get_by_role("button").first.click()


def choose(tab: Page, key: str, option: str) -> None:
    """Choose an option of a select box."""
    by_key(tab, key).locator("input").click()
    tab.get_by_role("option", name=option, exact=True).click()


def go_to(tab: Page, title: str) -> None:
    """Open another page by its link in the sidebar."""
    tab.get_by_test_id("stSidebarNav").get_by_role("link", name=title).click()
    expect(tab.get_by_role("heading", name=title, exact=True)).to_be_visible()
