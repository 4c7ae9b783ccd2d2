"""The settings of an installation, each an environment variable with a default.

Declared once; the README's table is held against this list by a test.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default and what it does."""

    name: str
    default: int | None
    help: str

    def read(self) -> int:
        """Return the value in force, as a whole number."""
        return int(os.environ.get(self.name, self.default or 0))


MAX_JOBS = Setting(
    "WORKBENCH_MAX_JOBS",
    os.cpu_count() or 1,
    "How many jobs run at the same time; the default is the number of processor cores.",
)
MEMORY_MB = Setting(
    "WORKBENCH_JOB_MEMORY_MB", 4096, "Memory in MiB that one job may use before it is stopped."
)
TIME_LIMIT_S = Setting(
    "WORKBENCH_JOB_SECONDS", 3600, "Seconds that one job may run before it is stopped."
)
QUOTA_MB = Setting(
    "WORKBENCH_QUOTA_MB", 20480, "Disk space in MiB that one user's workspace may use."
)
UPLOAD_MB = Setting("WORKBENCH_UPLOAD_MB", 1024, "Largest file in MiB that is read.")

API_PORT = Setting(
    "WORKBENCH_API_PORT",
    8602,
    "Port of the prediction server beside the pages; a free one is taken when it is in use.",
)
API_BODY_MB = Setting(
    "WORKBENCH_API_BODY_MB", 32, "Largest request in MiB that the prediction server reads."
)
API_ROWS = Setting(
    "WORKBENCH_API_ROWS", 100_000, "Most rows that the prediction server answers in one request."
)
API_RATE = Setting(
    "WORKBENCH_API_RATE",
    10_000,
    "Requests a second that one token, or one address without a token, may send.",
)
IMPORT_MEMORY_MB = Setting(
    "WORKBENCH_IMPORT_MEMORY_MB",
    2048,
    "Memory in MiB that a model from elsewhere may use, when it is looked through and answers.",
)
IMPORT_SECONDS = Setting(
    "WORKBENCH_IMPORT_SECONDS",
    60,
    "Seconds that a model from elsewhere may take to be looked through, and for each answer.",
)

NUMBERS: tuple[Setting, ...] = (
    *(MAX_JOBS, MEMORY_MB, TIME_LIMIT_S, QUOTA_MB, UPLOAD_MB, IMPORT_MEMORY_MB, IMPORT_SECONDS),
    *(API_PORT, API_BODY_MB, API_ROWS, API_RATE),
)

HOME = "WORKBENCH_HOME"
HOME_HELP = "The folder of the workspace; the default is the user's data folder."


def home() -> Path:
    """Return the folder in which the workspace lives."""
    given = os.environ.get(HOME)
    return Path(given) if given else Path(platformdirs.user_data_dir("ml-workbench", False))
