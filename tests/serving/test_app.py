"""The server as people start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from training.bench import is_gone, supervisors, until

from mlcore.serving.downloads import DownloadTokens
from mlcore.training.defects import record_defect
from mlcore.training.service import is_running
from mlcore.workspace import Workspace

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def answers(url: str) -> bool:
    try:
        return get(url)[0] == 200
    except urllib.error.URLError:
        return False


@pytest.fixture
def server(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with (tmp_path / "server.log").open("wb") as log:
        started = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=ROOT, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}/_stcore/health"), "the server")
        yield url, psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(20)
        for process in supervisors(workspace):
            for each in [*process.children(recursive=True), process]:
                each.kill()


def test_one_command_serves_pages_downloads_and_a_supervisor(server, workspace: Workspace):
    url, process = server
    for path in ("/", "/train", "/_stcore/metrics", "/download/x"):
        status, headers, body = get(url + path)
        assert status == (200 if path in ("/", "/train") else 404), path
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert b"Traceback" not in body
    file = workspace.folder("exports", "a")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * 3_000_000)
    token = DownloadTokens(workspace).mint(file, "big.bin")
    assert get(f"{url}/download/{token}")[2] == file.read_bytes()
    assert get(f"{url}/download/{token}")[0] == 404
    # A supervisor that dies is replaced, and ends with the server when there is no work.
    until(lambda: is_running(workspace), "the supervisor")
    (first,) = [each for each in supervisors(workspace) if not is_gone(each.pid)]
    first.kill()
    until(lambda: is_gone(first.pid), "its end")
    until(lambda: is_running(workspace), "the next supervisor")
    process.terminate()
    until(lambda: is_gone(process.pid), "the end of the server")
    until(lambda: not is_running(workspace), "the end of the supervisor")


def test_the_server_starts_without_what_only_jobs_need(home: Path):
    code = "import sys, app; print([m for m in ('sklearn', 'scipy') if m in sys.modules])"
    environment = {**os.environ, "WORKBENCH_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode().strip().endswith("[]")


def test_the_log_of_defects_is_bounded_and_keeps_one_line_an_entry(workspace: Workspace):
    number = ""
    for _ in range(3):
        try:
            raise KeyError("cell\n[ERROR] planted line")
        except KeyError as error:
            number = record_defect(workspace, error)
    log = (workspace.home / "logs" / "defects.log").read_text(encoding="utf-8")
    assert "planted" not in log
    assert log.count("KeyError") == 3 and number in log
