"""Find a Chromium for the browser tests, or install one.

Run as a script by ``make``; ``find()`` is what tests, benchmarks and screenshots use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Names it a browser other than the ones found below.
VARIABLE = "WORKBENCH_BROWSER"

ON_THE_PATH = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)

#: Without a sandbox, because containers and root users have none; without calls of its own.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
]

NONE_FOUND = f"""
**********************************************************************
  NO BROWSER: the tests that click through the pages will not run.
  Install Chromium or Chrome (on Debian: apt-get install chromium),
  or name one: {VARIABLE}=/path/to/browser
**********************************************************************
"""


def find() -> str | None:
    """Return the path of a browser that Playwright can drive, or nothing."""
    if named := os.environ.get(VARIABLE):
        return named if Path(named).exists() else None
    for name in ON_THE_PATH:
        if path := shutil.which(name):
            return path
    return next((path for path in ELSEWHERE if Path(path).exists()), None)


def is_required() -> bool:
    """Return whether doing without a browser is a failure: in continuous integration it is."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def install() -> None:
    """Install Debian's chromium where this user may install packages."""
    if not shutil.which("apt-get"):
        return
    may_install = os.geteuid() == 0 if hasattr(os, "geteuid") else False
    prefix: list[str] = [] if may_install else ["sudo", "-n"]
    if prefix and not _runs([*prefix, "true"]):
        return
    print("No browser found; installing Debian's chromium for the browser tests.", flush=True)
    _runs([*prefix, "apt-get", "update", "-qq"])
    # "env" carries the variable through sudo, which clears the environment.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    _runs([*prefix, *quiet, "apt-get", "install", "-y", "-qq", "chromium"])


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def main() -> int:
    """Bring a browser; 1 when there is none and one is required."""
    if find() is None and VARIABLE not in os.environ:
        install()
    if find() is None:
        print(NONE_FOUND, file=sys.stderr)
        return int(is_required())
    return 0


if __name__ == "__main__":
    sys.exit(main())
