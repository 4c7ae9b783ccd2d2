"""What the server says of itself and of its models: facts, OpenAPI, and a page to try it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

import mlcore
from mlcore.registry.bundle_files.contract import ENGINES, ONNX, POLICIES, SCIKIT_LEARN, Answers
from mlcore.registry.store import CHAMPION, RegisteredModel, Registry
from mlcore.serving.answer_schemas import SHARED, predicted, responses
from mlcore.serving.opened import OpenVersion

if TYPE_CHECKING:
    from mlcore.serving.api import Endpoint

#: How each kind of column comes in JSON.
_JSON_TYPES: Mapping[str, dict[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "date or time": {"type": ["string", "null"]},
    "category": {"type": ["string", "null"]},
    "yes/no": {"type": ["string", "boolean", "number", "null"]},
    "text": {"type": ["string", "null"]},
}


@dataclass(frozen=True, eq=False)
class Described:
    """A model in the description.

    Parameters
    ----------
    opened : OpenVersion
        Its champion.
    """

    opened: OpenVersion

    @property
    def name(self) -> str:
        """Its name."""
        return self.opened.version.model

    @property
    def example(self) -> dict[str, Any]:
        """A row as it could come: a value of each column that training saw."""
        return {
            feature["name"]: example_value(feature) for feature in self.opened.schema["features"]
        }

    @property
    def row(self) -> dict[str, Any]:
        """JSON schema of a row."""
        features = self.opened.schema["features"]
        return {
            "type": "object",
            "properties": {feature["name"]: column_schema(feature) for feature in features},
            "required": [feature["name"] for feature in features],
            "example": self.example,
        }


def example_value(feature: Mapping[str, Any]) -> Any:
    """Return a value of a column as JSON has it."""
    text = feature["example"]
    if feature["kind"] != "number" or not text:
        return text or None
    return float(text.replace(feature["decimal"], ".").replace(" ", ""))


def column_schema(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a column, with what training saw in words."""
    plain = dict(_JSON_TYPES[feature["kind"]])
    if feature["low"] is not None:
        plain["description"] = f"Trained on {feature['low']} to {feature['high']}."
    elif feature["categories"]:
        known = ", ".join(feature["categories"][:20])
        more = ", …" if len(feature["categories"]) > 20 else ""
        plain["description"] = f"Trained on: {known}{more}"
        plain["examples"] = list(feature["categories"][:20])
    return plain


def model_facts(model: RegisteredModel, registry: Registry) -> dict[str, Any]:
    """Return what is known of a model, as ``GET /models`` tells it."""
    champion = model.pointed_at(CHAMPION)
    return {
        "name": model.name,
        "description": model.description,
        "tags": list(model.tags),
        "champion": champion.number if champion else None,
        "versions": [
            {
                "version": version.number,
                "aliases": list(version.aliases),
                "note": version.note,
                "created": version.created,
                "engine": ENGINES[registry.engine(version)],
            }
            for version in model.versions
            if not version.is_archived
        ],
    }


# The Open Inference Protocol


def open_metadata(opened: OpenVersion, model: RegisteredModel) -> dict[str, Any]:
    """Return a model's metadata: one input for each column."""
    features = opened.schema["features"]
    is_number = opened.schema["task"] == "regression"
    return {
        "name": model.name,
        "versions": [str(one.number) for one in model.versions if not one.is_archived],
        "platform": "onnxruntime" if opened.engine == ONNX else SCIKIT_LEARN,
        "inputs": [
            {
                "name": feature["name"],
                "datatype": "FP64" if feature["kind"] == "number" else "BYTES",
                "shape": [-1, 1],
            }
            for feature in features
        ],
        "outputs": [
            {"name": "prediction", "datatype": "FP64" if is_number else "BYTES", "shape": [-1, 1]}
        ],
    }


def open_outputs(answers: Answers) -> list[dict[str, Any]]:
    """Return answers as tensors, one for each column of theirs."""
    return [
        {
            "name": "prediction" if values is answers.prediction else name,
            "shape": [answers.n_rows, 1],
            "datatype": "BYTES" if isinstance(values[0], str) else "FP64",
            "data": values,
        }
        for name, values in answers.columns.items()
    ]


# OpenAPI


def openapi(
    endpoints: Iterable[Endpoint], described: Iterable[Described], needs_token: bool
) -> dict[str, Any]:
    """Return the description of the server, with an operation for each model.

    Parameters
    ----------
    endpoints : iterable of Endpoint
        Every way in.
    described : iterable of Described
        The models whose columns and examples are told.
    needs_token : bool
        Whether requests need a token.
    """
    models = list(described)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        for path, operation in _operations(endpoint, models):
            if not endpoint.is_open and needs_token:
                operation["security"] = [{"token": []}]
            paths.setdefault(path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ML Workbench predictions",
            "version": mlcore.__version__,
            "description": "Registered models, asked over HTTP. Errors come as RFC 9457 problems.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(SHARED),
        },
    }


def _operations(
    endpoint: Endpoint, models: Iterable[Described]
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return path and operation: one for each model where its columns are told, else one."""
    if endpoint.describe is not None:
        for model in models:
            path = endpoint.path.replace("{name}", model.name)
            yield path, _completed(endpoint, endpoint.describe(model))
        return
    names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    operation: dict[str, Any] = {"parameters": parameters} if parameters else {}
    if endpoint.method == "POST":
        operation["requestBody"] = _body({"type": "object"}, None)
    yield endpoint.path, _completed(endpoint, operation)


def _completed(endpoint: Endpoint, operation: dict[str, Any]) -> dict[str, Any]:
    fine = operation.pop("fine", None)
    answers = responses(endpoint.method, endpoint.path, fine)
    return {"summary": endpoint.summary, **operation, "responses": answers}


def predict_operation(model: Described) -> dict[str, Any]:
    """Return the operation that predicts rows with a model, in our own form."""
    rows = {"type": "array", "items": model.row, "minItems": 1}
    policy = {
        "type": "string",
        "enum": list(POLICIES),
        "default": POLICIES[0],
        "description": "Whether rows with something that training did not see are answered.",
    }
    body = {
        "type": "object",
        "properties": {"rows": rows, "policy": policy},
        "required": ["rows"],
    }
    parameters = [
        {
            "name": "version",
            "in": "query",
            "required": False,
            "description": "A version's number, or an alias; the champion by default.",
            "schema": {"type": "string"},
        }
    ]
    return {
        "parameters": parameters,
        "requestBody": _body(body, {"rows": [model.example]}),
        "fine": predicted(model.opened.schema),
    }


def mlflow_operation(model: Described) -> dict[str, Any]:
    """Return the operation that predicts rows with a model, in a form of MLflow's."""
    records = {"type": "array", "items": model.row, "minItems": 1}
    body = {
        "type": "object",
        "properties": {"dataframe_records": records},
        "required": ["dataframe_records"],
    }
    return {"requestBody": _body(body, {"dataframe_records": [model.example]})}


def _body(schema: Mapping[str, Any], example: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"required": True, "content": {"application/json": content}}


# The page


def docs_page() -> Response:
    """Return a page that shows the description and sends requests; it loads nothing else."""
    page = Path(__file__).with_name("docs.html").read_text(encoding="utf-8")
    hashes = {
        tag: base64.b64encode(hashlib.sha256(_between(page, tag).encode()).digest()).decode()
        for tag in ("script", "style")
    }
    policy = (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; "
        f"style-src 'sha256-{hashes['style']}'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _between(page: str, tag: str) -> str:
    return page.split(f"<{tag}>", 1)[1].split(f"</{tag}>", 1)[0]
