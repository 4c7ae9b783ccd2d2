"""A model from elsewhere, which answers in a small process of its own with little memory and time.

What such a graph takes for a row is known only when it is run. A process that is ended for taking
too much takes nobody with it: the pages, the prediction server and the other models go on.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore import settings
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import Message
from mlcore.registry.bundle_files.contract import read_schema
from mlcore.registry.bundle_files.onnx_model import Answer, AsPipeline, fed
from mlcore.registry.onnx_child import OUT_OF_MEMORY, OUT_OF_TIME
from mlcore.registry.onnx_wire import Arrays, receive, send
from mlcore.registry.schema import InputFeature, InputSchema
from mlcore.tasks import Task
from mlcore.training.environment import ROOT, job_environment

#: Where the file lies in a registered version, and what was read in it.
MODEL_FILE, WIRING = "model.onnx", "wiring.json"

#: Seconds in which a process that has closed its output is gone.
_FAREWELL = 1.0

#: A process that dies is started again, once a request.
_MOST_STARTS = 2

Values = npt.NDArray[Any]

#: Labels or numbers, probabilities, and the classes in the order of these.
Outcome = tuple[Values, Values | None, tuple[str, ...]]


class LimitedSession:
    """A graph in a process of its own, which is started when it is asked, and again if it died.

    Parameters
    ----------
    content : bytes
        The file.
    names : sequence of str
        Names of the classes that the file tells.
    """

    def __init__(self, content: bytes, names: Sequence[str]) -> None:
        self._file = np.frombuffer(content, dtype=np.uint8)
        self._names = names
        self._memory_mb = settings.IMPORT_MEMORY_MB.read()
        self._seconds = settings.IMPORT_SECONDS.read()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    def run(self, feed: Arrays, n_rows: int) -> Outcome:
        """Return the answer to each row, the probabilities if there are any, and their classes.

        Parameters
        ----------
        feed : mapping of str to array of shape (n_rows, n)
            What goes into each input.
        n_rows : int
            How many rows these are.

        Raises
        ------
        UserError
            ``registry.import.failed``, ``registry.import.outputs``: it cannot be run;
            ``registry.import.memory``, ``registry.import.slow``: it takes more than it may;
            ``registry.import.died``.
        """
        with self._lock:
            for _ in range(_MOST_STARTS):
                try:
                    return self._answer(feed, n_rows)
                # It is gone, or what it says makes no sense.
                except (EOFError, OSError, ValueError, KeyError, TypeError):
                    self._look_why(self._end())
        raise UserError("registry.import.died")

    def close(self) -> None:
        """End the process for good, whatever it is doing."""
        self._is_closed, child = True, self._child
        if child is not None:
            child.kill()
        with self._lock:  # whoever waits for an answer hears of it at once
            self._end()

    def _answer(self, feed: Arrays, n_rows: int) -> Outcome:
        if self._child is None:
            if self._is_closed:
                raise UserError("registry.import.died")
            self._start()
        plain, arrays = self._ask({"rows": n_rows}, feed)
        predicted, shares = arrays["predicted"], arrays.get("p")
        classes = tuple(map(str, plain["classes"]))
        if predicted.shape != (n_rows,) or predicted.dtype.kind not in "Of":
            raise ValueError("These are not the answers of so many rows.")
        shape = (n_rows, len(classes))
        if shares is not None and (shares.shape, shares.dtype.kind) != (shape, "f"):
            raise ValueError("These are not the probabilities of so many rows.")
        return predicted, shares, classes

    def _look_why(self, code: int | None) -> None:
        """Say why a process ended, where there is a reason; without one it is tried again."""
        if code == OUT_OF_MEMORY:
            raise UserError("registry.import.memory", limit=self._memory_mb)
        if code == OUT_OF_TIME:
            raise UserError("registry.import.slow", limit=self._seconds)

    def _start(self) -> None:
        limits = (str(self._memory_mb), str(self._seconds))
        self._child = subprocess.Popen(
            [sys.executable, "-m", "mlcore.registry.onnx_child", *limits],
            env=job_environment(),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        # Also when nobody closes it: when it is forgotten, and when this process ends.
        self._farewell = weakref.finalize(self, _end, self._child)
        try:
            self._ask({"names": self._names}, {"file": self._file})
        except UserError:
            self._end()
            raise

    def _ask(self, plain: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        assert self._child is not None and self._child.stdin and self._child.stdout
        send(self._child.stdin, plain, arrays)
        # It cannot have more to say than it may hold.
        reply, found = receive(self._child.stdout, self._memory_mb * 2**20)
        if "error" in reply:
            error = Message.from_json(reply["error"])
            raise UserError(error.code, **error.parameters)
        return reply, found

    def _end(self) -> int | None:
        """End the process, and return how it ended if it did so by itself."""
        child, self._child = self._child, None
        if child is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_FAREWELL)
        code = child.poll()
        self._farewell()
        return code


def _end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


class ImportedModel(AsPipeline):
    """An ONNX model from elsewhere, with the methods of a pipeline.

    Parameters
    ----------
    content : bytes
        The file, as ``mlcore.registry.onnx_import`` checked it.
    features : tuple of InputFeature
        The columns.
    columns : sequence of (str, str)
        Which input each column belongs to, and its type as NumPy calls it.
    names : sequence of str
        Names of the classes that the file tells.

    Attributes
    ----------
    schema : InputSchema
        What goes in and what comes out, derived from the file.
    classes_ : array
        Classes in the order of the probabilities; empty without any.
    """

    def __init__(
        self,
        content: bytes,
        features: tuple[InputFeature, ...],
        columns: Sequence[tuple[str, str]],
        names: Sequence[str],
    ) -> None:
        self._columns, self._features, self._names = columns, features, names
        self._session = LimitedSession(content, names)
        predicted, shares, classes = self._run(_trial(features))
        self.has_probabilities = shares is not None
        self.classes_ = np.array(classes, dtype=object)
        self.schema = InputSchema(
            task=Task.REGRESSION if predicted.dtype.kind == "f" else Task.CLASSIFICATION,
            target="prediction",
            features=features,
            classes=classes,
        )

    def answer(self, frame: pd.DataFrame) -> Answer:
        """Return prediction and probabilities of typed rows."""
        return Answer(*self._run(frame)[:2])

    def wiring(self) -> dict[str, Any]:
        """Return what was read in the file, so that it need not be parsed again."""
        return {"columns": [list(pair) for pair in self._columns], "classes": list(self._names)}

    def close(self) -> None:
        """End the process in which it answers."""
        self._session.close()

    def _run(self, frame: pd.DataFrame) -> Outcome:
        parts: dict[str, list[Values]] = {}
        for feature, (name, kind) in zip(self._features, self._columns, strict=True):
            values = fed(frame[feature.name], feature.kind)
            parts.setdefault(name, []).append(values.astype(kind))
        feed = {name: np.hstack(columns) for name, columns in parts.items()}
        return self._session.run(feed, len(frame))


def kept_model(folder: Path) -> ImportedModel:
    """Return the model of a version that was registered from elsewhere; nothing is parsed here.

    Parameters
    ----------
    folder : Path
        What :meth:`mlcore.registry.store.Registry.checked_folder` returned.

    Raises
    ------
    UserError
        It does not calculate any more.
    """
    wiring = json.loads((folder / WIRING).read_text(encoding="utf-8"))
    features = InputSchema.from_json(read_schema(folder)).features
    columns = [(name, kind) for name, kind in wiring["columns"]]
    content = (folder / MODEL_FILE).read_bytes()
    return ImportedModel(content, features, columns, wiring["classes"])


def _trial(features: Sequence[InputFeature]) -> pd.DataFrame:
    """Return two rows of zeros and empty text."""
    zeros: dict[str, Any] = {
        feature.name: [0.0, 0.0]
        if feature.kind is ColumnKind.NUMBER
        else pd.Series(["", ""], dtype=object)
        for feature in features
    }
    return pd.DataFrame(zeros)
