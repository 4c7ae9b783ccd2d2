"""The process in which a model from elsewhere runs: ``python -m mlcore.registry.onnx_child``.

It takes little memory and time: a calculation that needs more ends this process, and nothing else.
It is given the file and then rows, by its input, and answers by its output (``onnx_wire``). It ends
when its input does.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import psutil

from mlcore.errors import UserError
from mlcore.registry.bundle_files.onnx_model import onnx_session
from mlcore.registry.onnx_wire import Arrays, receive, send
from mlcore.training.limits import limit_memory

#: How the process ends when it has taken more than it may.
OUT_OF_MEMORY, OUT_OF_TIME = 70, 71

#: Seconds between two looks at what a calculation has taken.
_LOOK = 0.1

#: Whoever asks is trusted, and says how long each message is.
_ANY = 2**62

Values = npt.NDArray[Any]


class Watch(threading.Thread):
    """Ends the process when a calculation takes more than it may, on every system.

    Parameters
    ----------
    memory_mb : int
        Memory in MiB.
    seconds : float
        Seconds for one calculation.
    """

    def __init__(self, memory_mb: int, seconds: float) -> None:
        super().__init__(daemon=True)
        self._most, self._seconds = memory_mb * 2**20, seconds
        self._deadline = 0.0
        self._is_busy = threading.Event()

    def __enter__(self) -> None:
        self._deadline = time.monotonic() + self._seconds
        self._is_busy.set()

    def __exit__(self, *_: object) -> None:
        self._is_busy.clear()

    def run(self) -> None:
        """Look every now and then, while something is calculated."""
        process = psutil.Process()
        while self._is_busy.wait():
            if process.memory_info().rss > self._most:
                os._exit(OUT_OF_MEMORY)
            if time.monotonic() > self._deadline:
                os._exit(OUT_OF_TIME)
            time.sleep(_LOOK)


def main() -> None:
    """Open the file that comes first, then answer."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    limit_memory(memory_mb)
    given, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    watch = Watch(memory_mb, seconds)
    watch.start()
    try:
        _serve(given, told, watch)
    except (EOFError, BrokenPipeError):
        os._exit(0)


def _serve(given: IO[bytes], told: IO[bytes], watch: Watch) -> None:
    plain, arrays = receive(given, _ANY)
    names = tuple(plain["names"])
    try:
        with watch:
            session = _opened(arrays["file"].tobytes())
    except UserError as error:
        send(told, {"error": error.message.to_json()}, {})
        return
    del arrays
    send(told, {}, {})
    while True:
        plain, arrays = receive(given, _ANY)
        try:
            with watch:
                reply = _answered(session, arrays, plain["rows"], names)
        except UserError as error:
            reply = {"error": error.message.to_json()}, {}
        send(told, *reply)


def _opened(content: bytes) -> Any:
    # The runtime reports what it cannot run in exceptions of many kinds.
    try:
        return onnx_session(content)
    except Exception as error:
        raise _failure(error) from error


def _answered(
    session: Any, arrays: Arrays, n_rows: int, names: tuple[str, ...]
) -> tuple[Mapping[str, Any], Arrays]:
    ranks = {each.name: len(each.shape) for each in session.get_inputs()}
    feed = {name: values if ranks[name] == 2 else values.ravel() for name, values in arrays.items()}
    try:
        outputs = session.run(None, feed)
        predicted, shares, classes = _ordered(outputs, n_rows, names)
    except UserError:
        raise
    except Exception as error:
        raise _failure(error) from error
    found = {"predicted": predicted} if shares is None else {"predicted": predicted, "p": shares}
    return {"classes": classes}, found


def _failure(error: Exception) -> UserError:
    """Return what it was that the runtime could not do."""
    # The runtime has no kind of its own for it, only words.
    if isinstance(error, MemoryError) or re.search("allocate memory|bad_alloc", str(error)):
        return UserError("registry.import.memory", limit=int(sys.argv[1]))
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return UserError("registry.import.failed", reason=reason)


def _ordered(
    outputs: Sequence[Any], n_rows: int, told: tuple[str, ...]
) -> tuple[Values, Values | None, tuple[str, ...]]:
    """Return labels or numbers, probabilities, and the classes, of what a graph gave.

    Raises
    ------
    UserError
        ``registry.import.outputs``: it is neither.
    """
    first = outputs[0]
    if not isinstance(first, np.ndarray) or first.shape[:1] != (n_rows,) or first.ndim > 2:
        raise UserError("registry.import.outputs")
    is_table = first.ndim == 2 and first.shape[1] != 1
    if first.dtype.kind != "f":
        if is_table:
            raise UserError("registry.import.outputs")
        shares, names = _shares(outputs[1:], n_rows, told)
        return first.ravel().astype(str).astype(object), shares, names or told
    if not is_table:
        return first.ravel().astype(float), None, ()
    shares, names = _shares(outputs, n_rows, told)
    return np.array(names, dtype=object)[first.argmax(axis=1)], shares, names


def _shares(
    outputs: Sequence[Any], n_rows: int, told: tuple[str, ...]
) -> tuple[Values | None, tuple[str, ...]]:
    """Return a table of probabilities, and the classes of its columns."""
    for output in outputs[:1]:
        if isinstance(output, list) and output and isinstance(output[0], dict):
            names = tuple(map(str, output[0]))
            return np.array([list(row.values()) for row in output], dtype=float), names
        is_table = isinstance(output, np.ndarray) and output.ndim == 2 and len(output) == n_rows
        if is_table and output.dtype.kind == "f" and output.shape[1] > 1:
            fits = len(told) == output.shape[1]
            names = told if fits else tuple(map(str, range(output.shape[1])))
            return output.astype(float), names
    return None, ()


if __name__ == "__main__":
    main()
