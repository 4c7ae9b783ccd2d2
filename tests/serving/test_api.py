"""The prediction server: every form gives the same answer, and every failure a sentence."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from starlette.testclient import TestClient

from mlcore.registry.bundle_files import contract
from mlcore.registry.offers import prepare_download
from mlcore.registry.onnx_import import register_import
from mlcore.registry.store import CHALLENGER, CHAMPION, Registry
from mlcore.serving.api import ENDPOINTS, STATUS, make_app
from mlcore.serving.tokens import ApiTokens
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

ROW: dict[str, Any] = {
    "size": 1.2,
    "weight": 4.0,
    "colour": "red",
    "tagged": "yes",
    "seen": "2024-02-01",
    "remark": "small and quick",
    "place": "north",
}


@pytest.fixture
def row(client: TestClient) -> dict[str, Any]:
    """A row as the description shows it: a value that training saw in each column."""
    paths = client.get("/openapi.json").json()["paths"]
    body = paths["/models/ants/predict"]["post"]["requestBody"]["content"]["application/json"]
    found: dict[str, Any] = body["example"]["rows"][0]
    return found


def openly(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the Open Inference Protocol has it."""
    return {
        "id": "42",
        "inputs": [
            {
                "name": name,
                "shape": [1, 1],
                "datatype": "BYTES" if isinstance(value, str) else "FP64",
                "data": [value],
            }
            for name, value in row.items()
        ],
    }


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Return the problem that an answer tells of, as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    plain: dict[str, Any] = answer.json()
    assert (plain["status"], plain["code"]) == (status, code)
    assert plain["detail"].endswith((".", "?"))
    return plain


# Answers


def test_a_row_is_answered_as_the_model_in_its_folder_answers(
    client: TestClient, served: Workspace, row: dict[str, Any]
) -> None:
    folder = Registry(served).checked_folder(Registry(served).find("ants"))
    schema = contract.read_schema(folder)
    reading = contract.read_records([row], schema)
    expected = contract.answers(contract.load_model(folder), schema, reading)
    got = client.post("/models/ants/predict", json={"rows": [row]}).json()
    assert (got["model"], got["version"]) == ("ants", 1)
    assert got["answers"] == expected.to_records()


def test_every_form_gives_the_same_answer(client: TestClient, row: dict[str, Any]) -> None:
    csv = f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"
    ask = client.post
    plain = ask("/models/ants/predict", json={"rows": [row]}).json()["answers"][0]
    answers = {
        "input": ask("/models/ants/predict", json={"input": [*row.values()]}),
        "inputs": ask("/models/ants/predict", json={"input": [[*row.values()]]}),
    }
    for answer in answers.values():
        assert answer.json()["answers"][0] == plain
    frames: tuple[dict[str, Any], ...] = (
        {"dataframe_records": [row]},
        {"dataframe_split": {"columns": [*row], "data": [[*row.values()]]}},
        {"instances": [row]},
        {"inputs": {name: [value] for name, value in row.items()}},
    )
    for body in frames:
        got = ask("/models/ants/invocations", json=body)
        assert got.json() == {"predictions": [plain["prediction"]]}, body
    got = ask("/models/ants/invocations", content=csv, headers={"Content-Type": "text/csv"})
    assert got.json() == {"predictions": [plain["prediction"]]}
    got = ask("/v2/models/ants/infer", json=openly(row)).json()
    assert (got["id"], got["model_name"], got["model_version"]) == ("42", "ants", "1")
    named = {one["name"]: one["data"][0] for one in got["outputs"]}
    assert named.pop("prediction") == plain["prediction"]
    assert named == {f"probability_{k}": v for k, v in plain["probabilities"].items()}


def test_tensors_may_come_in_binary(client: TestClient, row: dict[str, Any]) -> None:
    inputs, pieces = [], []
    for name, value in row.items():
        if isinstance(value, str):
            piece, datatype = struct.pack("<I", len(value.encode())) + value.encode(), "BYTES"
        else:
            piece, datatype = struct.pack("<d", value), "FP64"
        pieces.append(piece)
        size = {"binary_data_size": len(piece)}
        inputs.append({"name": name, "shape": [1, 1], "datatype": datatype, "parameters": size})
    head = json.dumps({"inputs": inputs}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    got = client.post(
        "/v2/models/ants/infer", content=head + b"".join(pieces), headers=headers
    ).json()
    assert (
        got["outputs"] == client.post("/v2/models/ants/infer", json=openly(row)).json()["outputs"]
    )
    cut = client.post(
        "/v2/models/ants/infer", content=(head + b"".join(pieces))[:-1], headers=headers
    )
    assert problem(cut, 400, "serving.cut_off")["error"]


def test_a_number_comes_with_its_interval(client: TestClient, row: dict[str, Any]) -> None:
    (answer,) = client.post(
        "/models/price/predict", json={"rows": [{**row, "species": "ant"}]}
    ).json()["answers"]
    low, high = answer["interval"]["low"], answer["interval"]["high"]
    assert low < answer["prediction"] < high
    assert 0 < answer["interval"]["coverage"] < 1


def test_what_is_odd_is_said_and_can_be_refused(client: TestClient, row: dict[str, Any]) -> None:
    odd = {**row, "size": 1e6, "colour": "mauve", "extra": 1}
    got = client.post("/models/ants/predict", json={"rows": [odd, row]}).json()
    first, second = got["answers"]
    assert {one["code"] for one in first["warnings"]} == {"outside", "unseen"}
    assert first["prediction"] is not None
    assert second["warnings"] == []
    assert [one["code"] for one in got["problems"]] == ["unknown_column"]
    got = client.post("/models/ants/predict", json={"rows": [odd, row], "policy": "refuse"}).json()
    assert [one["refused"] for one in got["answers"]] == [True, False]
    assert got["answers"][0]["prediction"] is None


def test_a_missing_column_and_a_wrong_kind_are_told_by_row(
    client: TestClient, row: dict[str, Any]
) -> None:
    without = {name: value for name, value in row.items() if name != "size"}
    wrong = {**row, "size": "large"}
    got = client.post("/models/ants/predict", json={"rows": [without, wrong]})
    plain = problem(got, 422, "serving.refused_rows")
    assert [(one["row"], one["code"]) for one in plain["errors"]] == [
        (0, "missing_column"),
        (1, "unreadable"),
    ]
    # These forms have no place for a row without an answer.
    for path, body in (
        ("/models/ants/invocations", {"dataframe_records": [row, wrong]}),
        ("/v2/models/ants/infer", openly(wrong)),
    ):
        plain = problem(client.post(path, json=body), 422, "serving.refused_rows")
        assert "size" in plain["errors"][0]["sentence"]


def test_requests_that_are_answered_together_keep_their_own_problems(
    served: Workspace, row: dict[str, Any]
) -> None:
    from mlcore.serving.forms import Asked
    from mlcore.serving.opened import Asking, open_version

    asking = Asking(open_version(served, Registry(served).find("ants")), "warn")
    rows = [row, {**row, "extra": 1}, {"colour": "red"}, {**row, "size": 1e6}]
    parts = [Asked(columns={k: [v] for k, v in one.items()}, n_rows=1) for one in rows]
    together = asking(parts)
    alone = [asking([part])[0] for part in parts]
    assert [one.to_json() for one in together] == [one.to_json() for one in alone]
    assert [len(one.problems) > 0 for one in together] == [False, True, True, True]


def test_a_model_from_elsewhere_answers_too(
    client: TestClient, served: Workspace, row: dict[str, Any]
) -> None:
    run = Registry(served).find("ants").run
    assert run is not None
    content = prepare_download(RunStore(served), run, "onnx").read_bytes()
    register_import(served, "foreign", content, file="ants.onnx")
    # The file itself knows dates as seconds.
    seconds = {**row, "seen": datetime.fromisoformat(f"{row['seen']}T00:00+00:00").timestamp()}
    own, foreign = (
        client.post(f"/models/{name}/predict", json={"rows": [asked]}).json()["answers"][0]
        for name, asked in (("ants", row), ("foreign", seconds))
    )
    assert foreign["prediction"] == own["prediction"]
    assert foreign["probabilities"] == pytest.approx(own["probabilities"])
    assert client.get("/v2/models/foreign").json()["platform"] == "onnxruntime"
    problem(client.get("/models/foreign/card"), 404, "serving.no_card")


# Versions


def test_a_version_or_an_alias_can_be_asked_for(
    client: TestClient, served: Workspace, row: dict[str, Any]
) -> None:
    def version(query: str = "") -> int:
        got = client.post(f"/models/ants/predict{query}", json={"rows": [row]})
        return int(got.json()["version"])

    assert (version(), version("?version=2")) == (1, 2)
    Registry(served).point("ants", CHALLENGER, 2)
    assert version("?version=challenger") == 2
    Registry(served).point("ants", CHAMPION, 2)
    assert version() == 2
    Registry(served).roll_back("ants")
    assert version() == 1
    assert client.get("/v2/models/ants/versions/2/ready").json() == {"name": "ants", "ready": True}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/models/aunts/schema", "registry.no_model"),
        ("/models/ants/schema?version=9", "registry.no_version"),
        ("/models/ants/schema?version=99999999999999999999", "registry.no_version"),
        ("/models/ants/schema?version=nobody", "registry.no_version"),
        ("/v2/models/ants/versions/9/ready", "registry.no_version"),
        ("/nowhere", "serving.no_address"),
        ("/models/ants/predict/more", "serving.no_address"),
    ],
)
def test_what_is_not_there(client: TestClient, path: str, code: str) -> None:
    problem(client.get(path), 404, code)


def test_the_wrong_method_names_the_right_one(client: TestClient) -> None:
    plain = problem(client.get("/models/ants/predict"), 405, "serving.wrong_method")
    assert "POST" in plain["detail"]


def test_a_broken_model_answers_503_and_disturbs_no_other(
    served: Workspace, client: TestClient, row: dict[str, Any]
) -> None:
    registry = Registry(served)
    path = registry.checked_folder(registry.find("ants", 2)) / "model.skops"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(bytes(content))
    registry.point("ants", CHAMPION, 2)
    for _ in range(2):
        answer = client.post("/models/ants/predict", json={"rows": [row]})
        problem(answer, 503, "serving.model_broken")
        assert int(answer.headers["retry-after"]) >= 1
    assert client.post("/models/ants/predict?version=1", json={"rows": [row]}).status_code == 200
    assert client.get("/models/price/schema").status_code == 200
    assert "/models/price/predict" in client.get("/openapi.json").json()["paths"]
    registry.roll_back("ants")
    assert client.post("/models/ants/predict", json={"rows": [row]}).status_code == 200


def break_database(served: Workspace) -> None:
    for name in ("workbench.sqlite3", "workbench.sqlite3-wal", "workbench.sqlite3-shm"):
        if (served.home / name).exists():
            (served.home / name).write_bytes(b"no database" * 100)


def test_a_corrupt_registry_lets_known_models_answer(
    served: Workspace, client: TestClient, row: dict[str, Any]
) -> None:
    assert client.post("/models/ants/predict", json={"rows": [row]}).status_code == 200
    break_database(served)
    assert client.post("/models/ants/predict", json={"rows": [row]}).status_code == 200
    with TestClient(make_app(served)) as another:
        problem(another.get("/models"), 503, "serving.registry_broken")
        assert another.get("/health/live").status_code == 200
        assert another.get("/health/ready").status_code == 503


def test_a_token_that_cannot_be_looked_up_is_no_defect(
    served: Workspace, row: dict[str, Any]
) -> None:
    token, _ = ApiTokens(served).create("robot")
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(make_app(served, needs_token=True)) as client:
        ask = partial(client.post, "/models/ants/predict", json={"rows": [row]}, headers=headers)
        assert ask().status_code == 200
        with served.connect() as connection:
            connection.execute("ALTER TABLE api_tokens RENAME TO elsewhere")
        plain = problem(ask(), 503, "serving.tokens_broken")
        assert "no such table" in plain["detail"]
        assert client.get("/health/live").status_code == 200
        with served.connect() as connection:
            connection.execute("ALTER TABLE elsewhere RENAME TO api_tokens")
        assert ask().status_code == 200
    break_database(served)
    with TestClient(make_app(served, needs_token=True)) as client:
        answer = client.get("/models", headers=headers)
        assert answer.headers["content-type"] == "application/problem+json"
        problem(answer, 503, "serving.tokens_broken")


def test_a_model_that_is_not_known_is_asked_for_in_a_broken_registry(
    served: Workspace, client: TestClient, row: dict[str, Any]
) -> None:
    assert client.get("/models/ants").status_code == 200
    break_database(served)
    answer = client.post("/models/bees/predict", json={"rows": [row]})
    problem(answer, 503, "serving.registry_broken")


# What comes in


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "serving.not_json"),
        (b"{", 400, "serving.not_json"),
        (b"\xff\xfe", 400, "serving.not_json"),
        (b'{"rows": [{"size": NaN}]}', 400, "serving.not_json"),
        (b"[" * 100_000, 400, "serving.not_json"),
        (b"1" * 5000, 400, "serving.not_json"),
        (b"[]", 422, "serving.wrong_form"),
        (b"{}", 422, "serving.wrong_form"),
        (b'{"rows": 1}', 422, "serving.wrong_form"),
        (b'{"rows": [1]}', 422, "serving.wrong_form"),
        (b'{"rows": []}', 422, "serving.no_rows"),
        (b'{"input": []}', 422, "serving.no_rows"),
        (b'{"input": [1, 2]}', 422, "serving.wrong_length"),
        (b'{"rows": [{}], "policy": "guess"}', 422, "serving.wrong_policy"),
        (b'{"rows": [{"size": [1]}]}', 422, "serving.refused_rows"),
        (b'{"rows": [{}]}', 422, "serving.refused_rows"),
    ],
)
def test_a_body_that_cannot_be_used(
    client: TestClient, body: bytes, status: int, code: str
) -> None:
    problem(client.post("/models/ants/predict", content=body), status, code)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"inputs": 1},
        {"inputs": [1]},
        {"inputs": []},
        {"inputs": [{"name": "size", "datatype": "COMPLEX", "data": [1]}]},
        {"inputs": [{"name": "size", "datatype": "FP64", "data": 1}]},
        {"inputs": [{"name": "a", "datatype": "FP64", "data": [1]},
                    {"name": "b", "datatype": "FP64", "data": [1, 2]}]},
        {"inputs": [{"name": "size", "datatype": "FP64", "parameters": {"binary_data_size": "x"}}]},
    ],
)  # fmt: skip
def test_an_inference_request_that_is_none(client: TestClient, body: Any) -> None:
    answer = client.post("/v2/models/ants/infer", json=body)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"] == answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instances": [1], "inputs": [1]},
        {"dataframe_split": {"columns": 1, "data": []}},
        {"inputs": {"size": [1, 2], "weight": [1]}},
    ],
)
def test_an_invocation_that_is_none(client: TestClient, body: Any) -> None:
    assert client.post("/models/ants/invocations", json=body).status_code == 422


def test_too_much_is_refused_before_it_is_read(
    served: Workspace, monkeypatch: pytest.MonkeyPatch, row: dict[str, Any]
) -> None:
    monkeypatch.setenv("WORKBENCH_API_BODY_MB", "1")
    monkeypatch.setenv("WORKBENCH_API_ROWS", "3")
    read = 0

    def pieces() -> Any:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b" " * 2**17

    with TestClient(make_app(served)) as small:
        problem(small.post("/models/ants/predict", content=pieces()), 413, "serving.too_large")
        announced = {"Content-Length": str(2**31)}
        answer = small.post("/models/ants/predict", content=b"{}", headers=announced)
        problem(answer, 413, "serving.too_large")
        answer = small.post("/models/ants/predict", json={"rows": [row] * 4})
        problem(answer, 413, "serving.too_many_rows")
        assert small.post("/models/ants/predict", json={"rows": [row] * 3}).status_code == 200


def test_a_flood_is_told_to_wait(served: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_API_RATE", "5")
    with TestClient(make_app(served)) as slow:
        answers = [slow.get("/models") for _ in range(10)]
        assert [one.status_code for one in answers].count(200) in (5, 6)
        problem(answers[-1], 429, "serving.too_fast")
        assert int(answers[-1].headers["retry-after"]) >= 1


# Tokens


def test_from_elsewhere_everything_but_what_is_open_needs_a_token(served: Workspace) -> None:
    token, made = ApiTokens(served).create("a program")
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(make_app(served, needs_token=True)) as guarded:
        for endpoint in ENDPOINTS:
            path = endpoint.path.replace("{name}", "ants").replace("{version}", "1")
            got = guarded.request(endpoint.method, path)
            assert (got.status_code == 401) != endpoint.is_open, path
            if not endpoint.is_open:
                problem(got, 401, "serving.token_needed")
                assert got.headers["www-authenticate"] == "Bearer"
                assert guarded.request(endpoint.method, path, headers=headers).status_code != 401
        assert guarded.get("/models", headers=headers).status_code == 200
        ApiTokens(served).revoke(made.id)
        problem(guarded.get("/models", headers=headers), 401, "serving.token_wrong")


def test_a_token_for_one_model_opens_no_other(served: Workspace) -> None:
    token, _ = ApiTokens(served).create("a program", model="price")
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(make_app(served, needs_token=True)) as guarded:
        assert guarded.get("/models/price/schema", headers=headers).status_code == 200
        answer = guarded.get("/models/ants/schema", headers=headers)
        problem(answer, 403, "serving.token_elsewhere")
        listed = guarded.get("/models", headers=headers).json()["models"]
        assert [one["name"] for one in listed] == ["price"]
        described = guarded.get("/openapi.json", headers=headers).json()["paths"]
        assert "/models/ants/predict" not in described


def test_guessing_tokens_ends_in_waiting(served: Workspace) -> None:
    token, _ = ApiTokens(served).create("a program")
    with TestClient(make_app(served, needs_token=True)) as guarded:
        codes = [
            guarded.get("/models", headers={"Authorization": f"Bearer mlw_{n}"}).status_code
            for n in range(30)
        ]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert codes == sorted(codes)
        assert guarded.get("/health/live").status_code == 200


def test_one_users_token_opens_no_models_of_another(served: Workspace) -> None:
    other = Workspace(served.home, "other")
    token, _ = ApiTokens(other).create("a program")
    headers = {"Authorization": f"Bearer {token}"}
    with TestClient(make_app(served)) as guarded:
        assert guarded.get("/models", headers=headers).json() == {"models": []}
        for endpoint in ENDPOINTS:
            if "{name}" in endpoint.path:
                path = endpoint.path.replace("{name}", "ants").replace("{version}", "1")
                got = guarded.request(endpoint.method, path, headers=headers)
                problem(got, 404, "registry.no_models")


# What the server tells of itself


def test_the_description_has_an_example_that_works(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    asked = 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            example = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("example")
            )
            if example is not None:
                assert client.request(method, path, json=example).status_code == 200, path
                asked += 1
    assert asked == 4


def test_measures_count_what_came(client: TestClient, row: dict[str, Any]) -> None:
    client.post("/models/ants/predict", json={"rows": [row, {**row, "size": 1e6}]})
    client.post("/models/ants/predict", content=b"{")
    text = client.get("/metrics").text
    assert 'workbench_requests_total{model="ants",status="200",version="1"} 1.0' in text
    assert 'workbench_requests_total{model="ants",status="400",version="1"} 1.0' in text
    assert 'workbench_rows_total{model="ants",version="1"} 2.0' in text
    assert 'workbench_odd_cells_total{kind="outside",model="ants",version="1"} 1.0' in text
    traffic = client.get("/models/ants/traffic").json()
    assert (traffic["requests"], traffic["errors"], traffic["rows"]) == (2, 1, 2)
    assert traffic["odd"] == [{"column": "size", "code": "outside", "count": 1}]
    assert 0 < traffic["p50_ms"] <= traffic["p95_ms"]


def test_the_log_holds_nothing_of_the_data(
    client: TestClient, row: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="mlcore.serving.access")
    client.post("/models/ants/predict", json={"rows": [{**row, "colour": "secret-colour"}]})
    client.get("/models/x%0A[ERROR]%20forged/schema")
    first, second = (record.getMessage() for record in caplog.records)
    assert "secret-colour" not in first
    assert json.loads(first)["rows"] == 1
    assert "\n" not in second
    assert json.loads(second)["status"] == 404


def test_every_status_has_a_code_that_exists(client: TestClient) -> None:
    from mlcore.messages import SENTENCES

    assert set(STATUS) <= set(SENTENCES)


def test_the_page_to_try_it_runs_only_its_own_script(client: TestClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text and "https://" not in answer.text
