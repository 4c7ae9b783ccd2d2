"""What the server answers, as JSON schemas for its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: In words what each status means; its keys are the statuses that the server answers with.
TITLES: Mapping[int, str] = {
    400: "Not understood",
    401: "Token needed",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    413: "Too large",
    422: "Cannot be answered",
    429: "Too many requests",
    500: "A defect of ours",
    503: "Not available",
}

_JSON, _TEXT = "application/json", "text/plain"
_STRING, _WHOLE, _NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
_MAYBE_NUMBER, _MAYBE_TEXT = {"type": ["number", "null"]}, {"type": ["string", "null"]}
_TRUE = {"type": "boolean"}


def _object(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that always has these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_ODD = _object(
    row={"type": ["integer", "null"], "description": "From 0; null for what concerns all rows."},
    column=_MAYBE_TEXT,
    code=_STRING,
    severity={"type": "string", "enum": ["error", "warning"]},
    got=_STRING,
    expected=_STRING,
    sentence=_STRING,
)

_PROBLEM = _object(type=_STRING, title=_STRING, status=_WHOLE, detail=_STRING)
_PROBLEM["properties"].update(
    code={"type": "string", "description": "Stable; the sentence in “detail” is not."},
    request_id=_MAYBE_TEXT,
    errors=_list(_named("Odd")),
    error={"type": "string", "description": "As “detail”, for the Open Inference Protocol."},
)

_VERSION = _object(
    version=_WHOLE,
    aliases=_list(_STRING),
    note=_STRING,
    created=_NUMBER,
    engine={"type": "string", "description": "What answers: ONNX Runtime or scikit-learn."},
)

_MODEL = _object(
    name=_STRING,
    description=_STRING,
    tags=_list(_STRING),
    champion={"type": ["integer", "null"]},
    versions=_list(_VERSION),
)

_TENSOR = _object(
    name=_STRING,
    shape=_list(_WHOLE),
    datatype={"type": "string", "enum": ["BYTES", "FP64"]},
    data=_list({"type": ["string", "number"]}),
)

_INPUT = _object(name=_STRING, shape=_list(_WHOLE), datatype=_STRING)

#: Shapes that several answers share.
SHARED: Mapping[str, dict[str, Any]] = {
    "Problem": _PROBLEM,
    "Odd": _ODD,
    "Model": _MODEL,
    "Tensor": _TENSOR,
}

_READY, _LIVE = _object(ready=_TRUE), _object(live=_TRUE)
_INVOKED = _object(predictions=_list({"type": ["string", "number"]}))
_OPEN_METADATA = _object(
    name=_STRING,
    versions=_list(_STRING),
    platform=_STRING,
    inputs=_list(_INPUT),
    outputs=_list(_INPUT),
)
_INFERRED = _object(model_name=_STRING, model_version=_STRING, outputs=_list(_named("Tensor")))
_TRAFFIC = _object(
    model=_STRING,
    version=_WHOLE,
    requests=_WHOLE,
    errors=_WHOLE,
    rows=_WHOLE,
    p50_ms=_MAYBE_NUMBER,
    p95_ms=_MAYBE_NUMBER,
    odd=_list(_object(column=_STRING, code=_STRING, count=_WHOLE)),
)

#: Media type and schema of the answer at each address; those of ``predict`` differ by model.
ANSWERS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "/models": (_JSON, _object(models=_list(_named("Model")))),
    "/models/{name}": (_JSON, _named("Model")),
    "/models/{name}/schema": (
        _JSON,
        _object(model=_STRING, version=_WHOLE, schema={"type": "object"}),
    ),
    "/models/{name}/card": ("text/markdown", _STRING),
    "/models/{name}/traffic": (_JSON, _TRAFFIC),
    "/models/{name}/invocations": (_JSON, _INVOKED),
    "/invocations": (_JSON, _INVOKED),
    **{
        f"/v2/models/{{name}}{version}{end}": (_JSON, schema)
        for version in ("", "/versions/{version}")
        for end, schema in (
            ("", _OPEN_METADATA),
            ("/ready", _object(name=_STRING, ready=_TRUE)),
            ("/infer", _INFERRED),
        )
    },
    "/v2": (_JSON, _object(name=_STRING, version=_STRING, extensions=_list(_STRING))),
    "/health/live": (_JSON, _LIVE),
    "/health/ready": (_JSON, _READY),
    "/v2/health/live": (_JSON, _LIVE),
    "/v2/health/ready": (_JSON, _READY),
    "/ping": (_TEXT, _STRING),
    "/version": (_TEXT, _STRING),
    "/metrics": (_TEXT, _STRING),
    "/openapi.json": (_JSON, {"type": "object"}),
    "/docs": ("text/html", _STRING),
}


def predicted(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of what a model answers, from its input schema."""
    is_number = schema["task"] == "regression"
    record = _object(
        prediction=_MAYBE_NUMBER if is_number else _MAYBE_TEXT,
        refused=_TRUE,
        warnings=_list(_named("Odd")),
    )
    if schema.get("interval"):
        interval = _object(low=_MAYBE_NUMBER, high=_MAYBE_NUMBER, coverage=_NUMBER)
        record["properties"]["interval"] = interval
    elif not is_number:
        record["properties"]["probabilities"] = {
            "type": "object",
            "additionalProperties": _MAYBE_NUMBER,
        }
    return _object(
        model=_STRING, version=_WHOLE, answers=_list(record), problems=_list(_named("Odd"))
    )


def responses(method: str, path: str, fine: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return everything that may be answered at an address, by status.

    Parameters
    ----------
    method, path : str
        What is asked.
    fine : mapping, optional
        Schema of the answer where it differs by model; that of :data:`ANSWERS` by default.
    """
    kind, schema = ANSWERS[path] if fine is None else (_JSON, fine)
    answered = {"description": "The answer.", "content": {kind: {"schema": dict(schema)}}}
    failures = {
        str(status): {
            "description": TITLES[status],
            "content": {"application/problem+json": {"schema": _named("Problem")}},
        }
        for status in _failures(method, path)
    }
    return {"200": answered, **failures}


def _failures(method: str, path: str) -> Sequence[int]:
    # A token that opens nothing is told so, also where none is needed.
    found = {401, 429, 503}
    if "/models" in path or path == "/invocations":
        found |= {403, 404}
    if method == "POST":
        found |= {400, 413, 422}
    return sorted(found)
