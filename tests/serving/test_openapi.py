"""What the description promises holds: whatever is sent, no defect, and the answer as described."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from mlcore.serving.answer_schemas import ANSWERS
from mlcore.serving.api import ENDPOINTS, make_app
from mlcore.workspace import Workspace

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def client(stocked_home: Path) -> Iterator[TestClient]:
    """Asks a server that nothing here changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_API_RATE", "100000")
        with TestClient(make_app(Workspace.open(stocked_home))) as made:
            yield made


@pytest.fixture(scope="module")
def described(client: TestClient) -> Any:
    return schemathesis.openapi.from_dict(client.get("/openapi.json").json())


def sent(client: TestClient, case: Any) -> Any:
    """Return the answer to a case, with the bytes that a client would send."""
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body
    return client.request(str(wire.method), str(wire.url), content=body, headers=dict(wire.headers))


@settings(
    max_examples=120,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_whatever_is_sent_is_answered_as_described(
    client: TestClient, described: Any, data: st.DataObject
) -> None:
    operations = [one.ok() for one in described.get_all_operations()]
    operation = data.draw(st.sampled_from(operations))
    mode = data.draw(st.sampled_from(list(GenerationMode)))
    case = data.draw(operation.as_strategy(generation_mode=mode))
    if data.draw(st.booleans()) and "name" in case.path_parameters:
        case.path_parameters["name"] = data.draw(st.sampled_from(["ants", "price"]))
    case.validate_response(sent(client, case), checks=CHECKS)


def test_every_way_in_has_its_answer_described() -> None:
    assert {one.path for one in ENDPOINTS if one.path != "/models/{name}/predict"} == set(ANSWERS)
