"""Plain data and arrays between two processes that need not trust each other; nothing is unpickled.

A message is the lengths of its two halves, a JSON object, and arrays of numbers one behind the
other. Arrays of text stand in the JSON object.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

_LENGTHS = struct.Struct("<QQ")

Arrays = Mapping[str, npt.NDArray[Any]]


def send(stream: IO[bytes], plain: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a message.

    Parameters
    ----------
    stream : binary file
        Where to.
    plain : mapping
        What JSON can say.
    arrays : mapping of str to array
        Numbers, or objects that are text.
    """
    texts = {name: array.tolist() for name, array in arrays.items() if array.dtype.kind == "O"}
    numbers = [name for name in arrays if name not in texts]
    body = io.BytesIO()
    for name in numbers:
        np.lib.format.write_array(body, np.ascontiguousarray(arrays[name]), allow_pickle=False)
    head = json.dumps({"plain": plain, "texts": texts, "numbers": numbers}).encode()
    stream.write(_LENGTHS.pack(len(head), body.tell()))
    stream.write(head)
    stream.write(body.getbuffer())
    stream.flush()


def receive(stream: IO[bytes], most: int) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Read a message of at most so many bytes; return what :func:`send` was given.

    Raises
    ------
    EOFError
        The other side is gone.
    ValueError
        What came is no message, or a longer one.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if head_bytes + body_bytes > most:
        raise ValueError(f"A message of more than {most} bytes came.")
    head = json.loads(_exactly(stream, head_bytes))
    body = io.BytesIO(_exactly(stream, body_bytes))
    found = {name: np.array(cells, dtype=object) for name, cells in head["texts"].items()}
    for name in head["numbers"]:
        found[name] = np.lib.format.read_array(body, allow_pickle=False)
    return head["plain"], found


def _exactly(stream: IO[bytes], size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
