"""A real server for browser tests, benchmarks and screenshots: ``streamlit run app.py``."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Seconds after which a server that does not answer is given up.
PATIENCE = 60.0


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
def live_server(home: Path, port: int | None = None) -> Iterator[str]:
    """Run the workbench on a workspace; give its address once it answers.

    The supervisor it starts ends by itself when the server is gone and its last job is over.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with (home / "server.log").open("ab") as log:
        server = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env={**os.environ, "WORKBENCH_HOME": str(home)},
            stdout=log,
            stderr=log,
        )
    try:
        give_up = time.monotonic() + PATIENCE
        while not answers(url):
            said = (home / "server.log").read_text(encoding="utf-8", errors="replace")
            assert server.poll() is None, f"The server ended:\n{said}"
            assert time.monotonic() < give_up, f"The server does not answer:\n{said}"
            time.sleep(0.02)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
