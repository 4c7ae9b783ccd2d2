"""A fitted pipeline as an ONNX file, and the proof that it answers as the pipeline does.

The file takes the columns as they stand in the table, one input a column: numbers as doubles,
categories as text, dates as seconds since 1970 in double precision. Inside everything is computed
in double precision, because single precision moves rows across thresholds.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.errors import UserError
from mlcore.registry.bundle_files.contract import BLOCK
from mlcore.registry.bundle_files.onnx_model import Answer, OnnxModel
from mlcore.registry.onnx_estimators import answered
from mlcore.registry.onnx_graph import NUMBER, TEXT, WHOLE, Graph, Outcome
from mlcore.registry.onnx_preparation import prepared
from mlcore.registry.probe import LEAST_ROWS
from mlcore.registry.schema import InputSchema
from mlcore.tasks import Task

#: How far two numbers may be apart and still be one answer; of a probability as it is, of a
#: predicted number relative to its size (or to the middle size, where it is close to zero).
TOLERANCE = 1e-5

#: The name of what is answered, by task.
_ANSWER = {Task.REGRESSION: "prediction", Task.CLUSTERING: "cluster"}

#: Blocks of rows that are asked again and again, each time in other places.
_STEADY_BLOCKS = 20

_HOW_TO_FEED = (
    "One input a column, each of shape (rows, 1). Numbers are doubles, NaN where missing. "
    'Categories are text, "" where missing. Dates are seconds since 1970-01-01 00:00 as doubles, '
    "NaN where missing."
)

Values = npt.NDArray[Any]


def export_onnx(pipeline: Pipeline, schema: InputSchema, probe: pd.DataFrame) -> bytes:
    """Return a fitted pipeline as an ONNX file, after it has answered as the pipeline does.

    Parameters
    ----------
    pipeline : Pipeline
        As ``mlcore.pipelines.build`` makes it, fitted.
    schema : InputSchema
        Its columns; kept in the file's metadata.
    probe : DataFrame of shape (n_rows, n_columns)
        Raw rows to compare on (``mlcore.registry.probe.hard_rows``), at least
        ``LEAST_ROWS`` of that module.

    Returns
    -------
    bytes
        Same pipeline, same bytes.

    Raises
    ------
    UserError
        The file is withheld: there is free text (``registry.onnx.text``), there is no way to
        write the model (``registry.onnx.unconvertible``), some label differs
        (``registry.onnx.labels``), or some number does (``registry.onnx.numbers``).
    """
    # Anything may go wrong inside the converter and the runtime; the sentence tells what.
    try:
        content = _written(pipeline, schema)
        model = OnnxModel(content)
        compare(pipeline, model, probe)
    except UserError:
        raise
    except Exception as error:
        reason = str(error).strip().splitlines() or [""]
        kind = type(error).__name__
        raise UserError("registry.onnx.unconvertible", reason=f"{kind}: {reason[0]}") from error
    return content


def _written(pipeline: Pipeline, schema: InputSchema) -> bytes:
    names = [feature.name for feature in schema.features]
    graph = Graph(prefix=_unlike(names))
    outcome = answered(prepared(graph, pipeline.named_steps["prepare"]), pipeline[-1])
    outputs = _give_out(graph, outcome, schema, names, getattr(pipeline[-1], "classes_", None))
    facts = {
        "schema": json.dumps(schema.to_json(), ensure_ascii=False),
        "outputs": json.dumps(outputs, ensure_ascii=False),
        "inputs": _HOW_TO_FEED,
    }
    content: bytes = graph.model(facts).SerializeToString()
    return content


def _unlike(names: list[str]) -> str:
    """Return a prefix with which no column begins."""
    prefix = "_"
    while any(name.startswith(prefix) for name in names):
        prefix += "_"
    return prefix


def _give_out(
    graph: Graph, outcome: Outcome, schema: InputSchema, columns: list[str], classes: Any
) -> dict[str, Any]:
    """Name the outputs and return what they are: role → name, and the classes in their order."""
    answer = _free(_ANSWER.get(schema.task, "label"), columns)
    named: dict[str, Any] = {"answer": answer}
    if schema.task is Task.REGRESSION:
        graph.output(outcome.answer, answer, NUMBER, 1)
        return named
    graph.output(outcome.answer, answer, WHOLE if schema.task is Task.CLUSTERING else TEXT, None)
    if classes is not None:
        named["classes"] = np.asarray(classes).tolist()
    if outcome.probabilities is not None:
        named["probabilities"] = _free("probabilities", columns)
        graph.output(outcome.probabilities, named["probabilities"], NUMBER, None)
    return named


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name


def compare(pipeline: Pipeline, model: OnnxModel, rows: pd.DataFrame) -> None:
    """Compare an export with its original.

    Parameters
    ----------
    pipeline : Pipeline
        The original.
    model : OnnxModel
        The export.
    rows : DataFrame
        Raw rows, as of :func:`export_onnx`.

    Raises
    ------
    UserError
        ``registry.onnx.labels``, ``registry.onnx.numbers``: how many rows differ.
    """
    if len(rows) < LEAST_ROWS:
        raise ValueError(f"At least {LEAST_ROWS} rows are compared, not {len(rows)}.")
    got, expected = model.answer(rows), np.asarray(pipeline.predict(rows))
    if model.schema["task"] == Task.REGRESSION:
        sizes = np.abs(expected)
        _check_numbers(np.abs(got.predicted - expected), np.maximum(sizes, np.median(sizes)))
    elif wrong := int((got.predicted != expected).sum()):
        raise UserError("registry.onnx.labels", rows=wrong, total=len(rows))
    if got.probabilities is not None:
        _check_numbers(np.abs(got.probabilities - pipeline.predict_proba(rows)).max(axis=1), 1.0)


def _check_numbers(differences: Values, sizes: Values | float) -> None:
    # A comparison with NaN is false, so no number is not close either.
    is_close = differences <= TOLERANCE * np.asarray(sizes)
    if not is_close.all():
        raise UserError("registry.onnx.numbers", rows=int((~is_close).sum()), total=len(is_close))


def check_steady(model: OnnxModel, rows: pd.DataFrame) -> None:
    """See whether a row gets the same bits alone, and wherever it stands among others.

    Processors add the numbers of a row in an order that depends on its place in memory. Rows are
    asked as they are when the model answers, in whole blocks.

    Raises
    ------
    UserError
        ``registry.onnx.unsteady``.
    """
    part = rows[: _STEADY_BLOCKS * BLOCK]
    expected = _bits(model.answer(part))
    for shift in range(1, BLOCK):
        got = _bits(model.answer(part[shift : shift - BLOCK]))
        if got != expected[shift : shift - BLOCK]:
            raise UserError("registry.onnx.unsteady")
    for place in range(0, len(part), BLOCK + 1):
        if _bits(model.answer(part.iloc[[place] * BLOCK]))[0] != expected[place]:
            raise UserError("registry.onnx.unsteady")


def _bits(answer: Answer) -> list[tuple[str, bytes]]:
    """Return what is said of each row; ``repr`` of a number tells all its digits."""
    found, shares = answer.predicted.tolist(), answer.probabilities
    bits = [b""] * len(found) if shares is None else [row.tobytes() for row in shares]
    return [(repr(one), row) for one, row in zip(found, bits, strict=True)]
