"""A fitted pipeline as an ONNX file, and the proof that it answers as the pipeline does.

The file takes the columns as they stand in the table, one input a column: numbers as doubles,
categories as text, dates as seconds since 1970 in double precision. Inside everything is computed
in double precision, because single precision moves rows across thresholds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.registry.onnx_estimators import answered
from mlcore.registry.onnx_graph import NUMBER, TEXT, WHOLE, Graph, Outcome
from mlcore.registry.onnx_preparation import prepared
from mlcore.registry.schema import InputSchema
from mlcore.tasks import Task

#: How far two numbers may be apart and still be one answer; of a probability as it is, of a
#: predicted number relative to its size (or to the middle size, where it is close to zero).
TOLERANCE = 1e-5

#: Fewest rows on which original and export are compared.
LEAST_ROWS = 1000

#: Rows that are answered at once; models that compare rows hold a number for each pair.
_BATCH = 250

#: The name of what is answered, by task.
_ANSWER = {Task.REGRESSION: "prediction", Task.CLUSTERING: "cluster"}

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
        :data:`LEAST_ROWS`.

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


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says of some rows.

    Parameters
    ----------
    predicted : array of shape (n_rows,)
        Labels, numbers of clusters, or numbers.
    probabilities : float array of shape (n_rows, n_classes) or None
        In the order of the model's classes.
    """

    predicted: Values
    probabilities: Values | None = None


class AsPipeline(ABC):
    """The methods of a pipeline for what answers in one go.

    Attributes
    ----------
    has_probabilities : bool
        Whether :meth:`predict_proba` answers.
    """

    has_probabilities: bool

    @abstractmethod
    def answer(self, frame: pd.DataFrame) -> Answer:
        """Return prediction and probabilities of typed rows."""

    def predict(self, frame: pd.DataFrame) -> Values:
        """Return the label, cluster or number of each row."""
        return self.answer(frame).predicted

    @property
    def predict_proba(self) -> Callable[[pd.DataFrame], Values]:
        """The function that returns the probability of each class, of shape (n_rows, n_classes).

        It is only there where the model has probabilities, as with scikit-learn.
        """
        if not self.has_probabilities:
            raise AttributeError("This model has no probabilities.")
        return self._probabilities

    def _probabilities(self, frame: pd.DataFrame) -> Values:
        return np.asarray(self.answer(frame).probabilities)


class OnnxModel(AsPipeline):
    """An exported model that answers on one thread, with the methods of a pipeline.

    Parameters
    ----------
    content : bytes
        What :func:`export_onnx` returned; bytes from elsewhere are for
        ``mlcore.registry.onnx_import``.

    Attributes
    ----------
    classes_ : array
        Classes in the order of the probabilities, where there are any.
    has_probabilities : bool
        Whether :meth:`predict_proba` answers.
    """

    def __init__(self, content: bytes) -> None:
        self._session = onnx_session(content)
        facts = self._session.get_modelmeta().custom_metadata_map
        self.schema = InputSchema.from_json(json.loads(facts["schema"]))
        outputs = json.loads(facts["outputs"])
        self.classes_ = np.array(outputs.get("classes", ()), dtype=object)
        self.has_probabilities = "probabilities" in outputs
        self._names = [outputs[role] for role in ("answer", "probabilities") if role in outputs]
        used = {node.name for node in self._session.get_inputs()}
        kinds = {feature.name: feature.kind for feature in self.schema.features}
        self._kinds = {name: kind for name, kind in kinds.items() if name in used}

    def answer(self, frame: pd.DataFrame) -> Answer:
        """Return prediction and probabilities of typed rows, in one go.

        Parameters
        ----------
        frame : DataFrame
            Columns by name, typed as the pipeline takes them.
        """
        feed = {name: fed(frame[name], kind) for name, kind in self._kinds.items()}
        return self.answer_to(feed)

    def answer_to(self, feed: Mapping[str, Values]) -> Answer:
        """Return the same of columns that are typed as the file takes them (see :func:`fed`)."""
        n_rows = max(map(len, feed.values()), default=0)
        parts = [
            self._session.run(
                self._names, {name: cells[start : start + _BATCH] for name, cells in feed.items()}
            )
            for start in range(0, max(n_rows, 1), _BATCH)
        ]
        found = [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]
        return Answer(found[0].ravel(), found[1] if self.has_probabilities else None)


def onnx_session(content: bytes) -> Any:
    """Return a quiet session of ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # What matters arrives as an exception.
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def fed(column: pd.Series, kind: ColumnKind) -> Values:
    """Return a typed column as the export takes it, of shape (n_rows, 1)."""
    if kind is ColumnKind.NUMBER:
        return column.to_numpy(dtype=float, na_value=np.nan).reshape(-1, 1)
    if kind is ColumnKind.DATETIME:
        exact = column.to_numpy(dtype="datetime64[us]")
        seconds = exact.astype(np.int64) / 1e6
        return np.where(np.isnat(exact), np.nan, seconds).reshape(-1, 1)
    cells = [
        "" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)
    ]
    return np.array(cells, dtype=object).reshape(-1, 1)


def compare(pipeline: Pipeline, model: OnnxModel, rows: pd.DataFrame) -> None:
    """Compare an export with its original.

    Parameters
    ----------
    pipeline : Pipeline
        The original.
    model : OnnxModel
        The export.
    rows : DataFrame
        Raw rows, at least :data:`LEAST_ROWS`.

    Raises
    ------
    UserError
        ``registry.onnx.labels``, ``registry.onnx.numbers``: how many rows differ.
    """
    if len(rows) < LEAST_ROWS:
        raise ValueError(f"At least {LEAST_ROWS} rows are compared, not {len(rows)}.")
    got, expected = model.answer(rows), np.asarray(pipeline.predict(rows))
    if model.schema.task is Task.REGRESSION:
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
