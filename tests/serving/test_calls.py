"""Calls that are offered to be copied do what they say, and what they leave behind is told."""

from __future__ import annotations

import json
import shlex
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from mlcore.errors import UserError
from mlcore.registry.bundle_files.contract import read_schema
from mlcore.registry.store import Registry
from mlcore.serving.api import make_app
from mlcore.serving.asking import read_traffic
from mlcore.serving.calls import TOKEN, calls, example_row, predict_address
from mlcore.workspace import Workspace


@pytest.fixture
def address(served: Workspace) -> Iterator[str]:
    """A server on a port of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(served), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def row(served: Workspace) -> dict[str, object]:
    registry = Registry(served)
    return example_row(read_schema(registry.checked_folder(registry.find("ants"))))


def test_the_program_in_python_gets_an_answer_which_is_counted(
    address: str, row: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    before = read_traffic(address, "ants", 1)
    assert (before.requests, before.p50_ms, list(before.odd["column"])) == (0, None, [])
    for sent in (row, {**row, "size": 1e6, "colour": "octarine"}):
        (program,) = [c.code for c in calls(predict_address(address, "ants"), sent)][1:2]
        exec(compile(program, "call.py", "exec"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert first.split(maxsplit=1)[1] == "[]" and "octarine" in second
    report = read_traffic(address, "ants", 1)
    assert (report.requests, report.errors, report.rows) == (2, 0, 2)
    assert report.p50_ms and report.p95_ms and report.p50_ms <= report.p95_ms
    told = dict(zip(report.odd["column"], report.odd["words"], strict=True))
    assert told == {
        "size": "Outside the range of training",
        "colour": "A category that training did not have",
    }
    assert read_traffic(address, "ants", 2).requests == 0
    with pytest.raises(UserError, match="no counts.*no version"):
        read_traffic(address, "ants", 99)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(UserError, match="does not answer"):
            read_traffic(f"http://127.0.0.1:{closed.getsockname()[1]}", "ants", 1)


def test_each_language_sends_the_same(row: dict[str, object]) -> None:
    odd = {**row, "colour": 'it\'s "red" \\ $HOME'}
    asked = predict_address("http://127.0.0.1:8602", "ants", "2")
    curl, _, javascript = (call.code for call in calls(asked, odd, with_token=True))
    words = shlex.split(curl)
    assert words[1] == asked and f"Authorization: Bearer {TOKEN}" in words
    assert json.loads(words[-1]) == {"rows": [odd]}
    assert json.loads(javascript.split("const rows = ")[1].split("\nconst reply")[0]) == [odd]
    assert all(TOKEN not in call.code for call in calls(asked, odd))


def test_names_and_aliases_are_safe_in_an_address() -> None:
    assert predict_address("http://h:1", "größe", "a.b") == (
        "http://h:1/models/gr%C3%B6%C3%9Fe/predict?version=a.b"
    )


def test_where_nothing_is_known_of_a_column_something_stands_in() -> None:
    unknown = {"example": "", "decimal": "."}
    features = [{"name": "a", "kind": "number"}, {"name": "b", "kind": "category"}]
    row = example_row({"features": [feature | unknown for feature in features]})
    assert row == {"a": 0.0, "b": "…"}
