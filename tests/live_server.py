"""A real server for browser tests, benchmarks and screenshots: ``streamlit run app.py``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from mlcore.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
#: Seconds after which a server that does not answer is given up.
PATIENCE = 60.0


class Server:
    """The workbench as its user starts it, in a process that can be killed.

    Parameters
    ----------
    home : Path
        The folder of its workspace.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start it and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.port", str(self.port)],
                cwd=ROOT,
                env={**own_environment(), "WORKBENCH_HOME": str(self.home), **environment},
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + PATIENCE
        while not answers(self.address):
            said = (self.home / "server.log").read_text(encoding="utf-8", errors="replace")
            assert self.process.poll() is None, f"The server ended:\n{said}"
            assert time.monotonic() < give_up, f"The server does not answer:\n{said}"
            time.sleep(0.02)

    def empty(self) -> None:
        """Remove all that is in its workspace, and whatever still works on it."""
        for process in self.job_processes():
            process.kill()
            process.wait(10)
        with Workspace.open(self.home).connect() as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = {row["name"] for row in found} - {"servers", "sqlite_sequence"}
            for name in names:
                connection.execute(f"DELETE FROM {name}")
        shutil.rmtree(self.home / "users", ignore_errors=True)
        self.defects.unlink(missing_ok=True)

    @property
    def defects(self) -> Path:
        """Where it writes down what broke."""
        return self.home / "logs" / "defects.log"

    def kill(self) -> None:
        """End it without a warning, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, its supervisor and every job."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        for process in self.supervisors():
            for each in (*process.children(recursive=True), process):
                each.kill()

    def supervisors(self) -> list[psutil.Process]:
        """Return the supervisor of this workspace, if it runs."""
        lines = [(p, " ".join(p.info["cmdline"] or ())) for p in psutil.process_iter(["cmdline"])]
        wanted = ("mlcore.training.supervisor", str(self.home))
        return [process for process, line in lines if all(word in line for word in wanted)]

    def job_processes(self) -> list[psutil.Process]:
        """Return the processes of the jobs that run now."""
        with Workspace(self.home).connect() as connection:
            rows = connection.execute("SELECT pid FROM jobs WHERE status = 'running'").fetchall()
        return [psutil.Process(row["pid"]) for row in rows]


def own_environment() -> dict[str, str]:
    """Return the environment without the settings of whoever runs this."""
    return {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Return whether the server gives its page."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def live_server(home: Path, **environment: str) -> Iterator[Server]:
    """Run the workbench on a workspace, and end it and its jobs with the block."""
    server = Server(home)
    try:
        server.start(**environment)
        yield server
    finally:
        server.stop()
