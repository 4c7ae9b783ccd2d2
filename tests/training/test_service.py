"""The thread that keeps a supervisor running."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from mlcore.training import service
from mlcore.workspace import Workspace


def test_a_start_that_fails_is_tried_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started = threading.Event()
    failures = [sqlite3.OperationalError("database is locked"), OSError("No space left on device")]

    def start(*_: object) -> None:
        if failures:
            raise failures.pop(0)
        started.set()

    monkeypatch.setattr(service, "WATCH_INTERVAL", 0.01)
    monkeypatch.setattr(service, "is_running", lambda *_: started.is_set())
    watch = service.Watch(workspace)
    monkeypatch.setattr(service, "ensure_running", lambda *_: None)
    watch.start()
    monkeypatch.setattr(service, "ensure_running", start)
    assert started.wait(10)
    watch.stop()
    assert "database is locked" in caplog.text
    assert "No space left" in caplog.text
