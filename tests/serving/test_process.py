"""The server as a process: real sockets, real clients, and a swap of versions under load."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import httpx2
import psutil
import pytest
from serving_process import is_live, serving, until

from mlcore.registry.store import CHAMPION, Registry
from mlcore.serving.beside import PREDICTION, address
from mlcore.serving.process import bound, is_loopback
from mlcore.serving.tokens import ApiTokens
from mlcore.training.environment import ROOT
from mlcore.training.processes import ProcessMark
from mlcore.training.service import accompanied, is_running
from mlcore.workspace import Workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")


@pytest.fixture
def body(client: Any) -> bytes:
    """A request with a row that training saw."""
    paths = client.get("/openapi.json").json()["paths"]
    media = paths["/models/ants/predict"]["post"]["requestBody"]["content"]["application/json"]
    return json.dumps(media["example"]).encode()


def test_versions_are_swapped_under_load_without_a_failed_request(
    served: Workspace, body: bytes
) -> None:
    registry, seen, failed = Registry(served), set[int](), list[str]()
    swapped = threading.Event()

    def ask(url: str) -> None:
        with httpx2.Client(base_url=url) as client:
            while not swapped.is_set():
                got = client.post("/models/ants/predict", content=body)
                if got.status_code == 200:
                    seen.add(got.json()["version"])
                else:
                    failed.append(got.text)

    with serving(served.home) as (url, _):
        clients = [threading.Thread(target=ask, args=(url,)) for _ in range(4)]
        for client in clients:
            client.start()
        for number in range(100):
            registry.point("ants", CHAMPION, 2 if number % 2 == 0 else 1)
            time.sleep(0.01)
        swapped.set()
        for client in clients:
            client.join()
    assert failed == []
    assert seen == {1, 2}


def test_workers_share_the_work_and_what_they_count(served: Workspace, body: bytes) -> None:
    with serving(served.home, "--workers", "2") as (url, process):
        for _ in range(20):  # each on a connection of its own, which any worker may take
            assert httpx2.post(f"{url}/models/ants/predict", content=body).status_code == 200
        text = httpx2.get(f"{url}/metrics").text
        assert 'workbench_requests_total{model="ants",status="200",version="1"} 20.0' in text
        workers = [
            ProcessMark(worker.pid, worker.create_time())
            for worker in psutil.Process(process.pid).children()
        ]
    until(lambda: not any(worker.find() for worker in workers), "the end of the workers")


def test_listening_elsewhere_needs_a_token(served: Workspace) -> None:
    with serving(served.home, "--new-token", "my phone", host="0.0.0.0") as (url, process):
        told = process.stdout.readline()
        assert "shown this once" in told
        token = told.split()[-1]
        assert httpx2.get(f"{url}/models").status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx2.get(f"{url}/models", headers=headers).status_code == 200
        assert [one.name for one in ApiTokens(served).all()] == ["my phone"]


def test_a_port_in_use_is_a_sentence(served: Workspace) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "mlcore", "serve", "--port", str(taken.getsockname()[1])],
            env={**os.environ, "WORKBENCH_HOME": str(served.home)},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert "Choose another with --port" in done.stderr


def test_beside_the_pages_it_takes_a_free_port_and_ends_with_them(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("WORKBENCH_API_PORT", str(taken.getsockname()[1]))
        with accompanied(served, [PREDICTION]):
            until(lambda: is_live(address(served) or "http://127.0.0.1:9"), "the server")
            assert not (address(served) or "").endswith(f":{taken.getsockname()[1]}")
    until(lambda: not is_running(served, PREDICTION), "its end")
    assert address(served) is None


def test_beside_the_pages_it_waits_for_the_first_model(workspace: Workspace) -> None:
    with accompanied(workspace, [PREDICTION]):
        assert not is_running(workspace, PREDICTION)
    assert address(workspace) is None


def test_answers_are_sent_at_once() -> None:
    """The body does not wait for the word that the head has arrived, which takes 40 ms."""

    async def delays() -> int:
        accepted: asyncio.Queue[Any] = asyncio.Queue()
        listener = bound("127.0.0.1", 0)
        server = await asyncio.start_server(
            lambda _, writer: accepted.put_nowait(writer), sock=listener
        )
        async with server:
            _, mine = await asyncio.open_connection(*listener.getsockname())
            writer = await accepted.get()
            on = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for each in (mine, writer):
                each.close()
                await each.wait_closed()
            return int(on)

    assert asyncio.run(delays()) != 0


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("example.org", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
