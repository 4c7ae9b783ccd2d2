"""A prediction server as a process of its own, started as users start it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from mlcore.training.environment import ROOT


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Any, what: str, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def is_live(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready", timeout=2).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def serving(home: Path, *options: str, host: str = "127.0.0.1") -> Iterator[tuple[str, Any]]:
    """Have a server of its own, started as users start it."""
    port = free_port()
    # Into a file: a pipe that nobody reads is full after some hundred lines of the access log.
    said = home.with_name(f"{home.name}-{port}.log")
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *("-m", "mlcore", "serve", "--host", host), "--port", str(port)]
            + list(options),
            env={**os.environ, "WORKBENCH_HOME": str(home), "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdout=log,
        )
    process.stdout = said.open(encoding="utf-8")  # type: ignore[assignment]
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: is_live(url) or process.poll() is not None, "the server")
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()
