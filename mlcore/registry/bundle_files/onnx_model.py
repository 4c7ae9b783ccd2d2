"""A model that ONNX Runtime answers with, far sooner for a few rows than scikit-learn.

The file was made of the trained model and found to give its answers before it was kept. What it
takes and gives stands in its own metadata. ``contract.py`` opens it where ``manifest.json`` says
that it answers.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import onnxruntime

if TYPE_CHECKING:
    import pandas as pd

#: Rows that are answered at once, whole blocks of 16; models that compare rows hold a number for
#: each pair.
_BATCH = 256

#: No larger number was compared with the answers of the trained model.
_HUGE = 1e30

Values = npt.NDArray[Any]


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
        The file, as the workbench wrote it.

    Attributes
    ----------
    schema : dict
        What it expects, as in ``input_schema.json``.
    classes_ : array
        Classes in the order of the probabilities, where there are any.
    has_probabilities : bool
        Whether :meth:`predict_proba` answers.
    """

    def __init__(self, content: bytes) -> None:
        self._session = onnx_session(content)
        facts = self._session.get_modelmeta().custom_metadata_map
        self.schema: dict[str, Any] = json.loads(facts["schema"])
        outputs = json.loads(facts["outputs"])
        self.classes_ = np.array(outputs.get("classes", ()), dtype=object)
        self.has_probabilities = "probabilities" in outputs
        self._names = [outputs[role] for role in ("answer", "probabilities") if role in outputs]
        used = {node.name for node in self._session.get_inputs()}
        kinds = {feature["name"]: feature["kind"] for feature in self.schema["features"]}
        self._kinds = {name: kind for name, kind in kinds.items() if name in used}
        self._numbers = [name for name, kind in self._kinds.items() if kind == "number"]

    def answer(self, frame: pd.DataFrame) -> Answer:
        """Return prediction and probabilities of typed rows, in one go.

        Parameters
        ----------
        frame : DataFrame
            Columns by name, typed as the pipeline takes them.
        """
        return self.answer_to({name: fed(frame[name], kind) for name, kind in self._kinds.items()})

    def answer_columns(self, columns: Mapping[str, Sequence[Any]]) -> Answer:
        """Return the same of columns as ``contract.Reading`` has them.

        Raises
        ------
        ValueError
            A number is larger than any that was compared with the trained model.
        """
        numbers = np.array([columns[name] for name in self._numbers], dtype=float)
        if (np.abs(numbers) > _HUGE).any():
            raise ValueError(f"A number is larger than {_HUGE:g}.")
        feed = dict(zip(self._numbers, numbers[..., None], strict=True))
        for name, kind in self._kinds.items():
            if kind == "date or time":
                feed[name] = _seconds(np.array(columns[name], dtype="datetime64[us]"))
            elif kind != "number":
                cells = [cell or "" for cell in columns[name]]
                feed[name] = np.array(cells, dtype=object).reshape(-1, 1)
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


def fed(column: pd.Series, kind: str) -> Values:
    """Return a typed column as the export takes it, of shape (n_rows, 1)."""
    if kind == "number":
        return column.to_numpy(dtype=float, na_value=np.nan).reshape(-1, 1)
    if kind == "date or time":
        return _seconds(column.to_numpy(dtype="datetime64[us]"))
    cells = [
        "" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)
    ]
    return np.array(cells, dtype=object).reshape(-1, 1)


def _seconds(exact: Values) -> Values:
    seconds = exact.astype(np.int64) / 1e6
    return np.where(np.isnat(exact), np.nan, seconds).reshape(-1, 1)
