"""What every bundle is packed from: files as bytes, their list, and the check before they leave."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from mlcore.data import cells
from mlcore.data.recipe import formula, steps
from mlcore.errors import UserError
from mlcore.registry import bundle_files
from mlcore.registry.bundle_files import (
    answering,
    contract,
    model_folder,
    predict,
    problems,
    row_reading,
)

#: Version of the bundle's layout.
FORMAT_VERSION = 1

#: What the programs import, and scipy, in which scikit-learn does part of its arithmetic.
LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")

#: What a model needs besides that ONNX Runtime answers with: a program, and a library.
ONNX_PROGRAM = "onnx_model.py"
ONNX_LIBRARY = "onnxruntime"

Files = dict[str, bytes]


def library_versions(engine: str = contract.SCIKIT_LEARN) -> dict[str, str]:
    """Return the installed version of each library that a model needs, by what answers."""
    more = (ONNX_LIBRARY,) if engine == contract.ONNX else ()
    return {name: version(name) for name in (*LIBRARIES, *more)}


def shipped(name: str) -> bytes:
    """Return a file that goes into bundles word for word."""
    return _source(Path(str(bundle_files.__file__)).with_name(name))


def _source(path: Path) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n")


def programs() -> Files:
    """Return the programs that go with every model, word for word."""
    parts = (model_folder, problems, row_reading, answering, cells)
    return _sources(predict, contract, *parts)


def step_programs() -> Files:
    """Return what does the steps of a recipe, word for word."""
    return _sources(formula, steps)


def _sources(*modules: ModuleType) -> Files:
    paths = [Path(str(module.__file__)) for module in modules]
    return {path.name: _source(path) for path in paths}


def json_bytes(plain: Any) -> bytes:
    """Return plain data as JSON that people can read."""
    return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()


def cells_csv(header: Iterable[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return texts as CSV, as they are: for programs, not for spreadsheets."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def answers_csv(answers: Mapping[str, Sequence[Any]]) -> bytes:
    """Return columns of answers as CSV, each number with all its digits."""
    return cells_csv(answers, zip(*(map(str, column) for column in answers.values()), strict=True))


def scores_csv(frame: pd.DataFrame) -> bytes:
    """Return a table of numbers with names of ours as CSV."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def requirements(engine: str = contract.SCIKIT_LEARN) -> bytes:
    """Return the list from which the libraries of a model are installed, by what answers."""
    lines = [
        f"# What predict.py needs, in the versions the model was made with, under Python "
        f"{platform.python_version()}.",
        *(f"{name}=={installed}" for name, installed in library_versions(engine).items()),
    ]
    return ("\n".join(lines) + "\n").encode()


def with_manifest(
    name: str, files: Files, libraries: Mapping[str, str], engine: str | None = None
) -> Files:
    """Return the files and, last, the list of them with a SHA-256 of each.

    Parameters
    ----------
    name : str
        What the user calls the run.
    files : dict of str to bytes
        By name, ``/`` between folders.
    libraries : mapping of str to str
        Versions of what the programs need besides Python.
    engine : str, optional
        What answers, ``contract.SCIKIT_LEARN`` or ``contract.ONNX``, where it can be either.
    """
    listed = {
        "format": "ml-workbench-bundle",
        "version": FORMAT_VERSION,
        "name": name,
        "python": platform.python_version(),
        "libraries": dict(libraries),
        **({} if engine is None else {"engine": engine}),
        "files": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    }
    return {**files, contract.MANIFEST: json_bytes(listed)}


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder and folders inside it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def checked(files: Files, failures_in: Callable[[Path], Sequence[str]]) -> Files:
    """Return the files after they have passed their own check, unpacked.

    Raises
    ------
    UserError
        ``registry.self_test``: they have not; the reason is named.
    """
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name), files)
        try:
            failures = failures_in(Path(name))
        except contract.Refusal as refusal:
            failures = [str(refusal)]
    if failures:
        raise UserError("registry.self_test", reason=" ".join(failures[:3]))
    return files
