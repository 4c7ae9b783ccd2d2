"""Folders of runs: each appears whole, under a name that fits, or not at all."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mlcore.errors import UserError
from mlcore.workspace import Workspace


@contextmanager
def kept_whole(
    workspace: Workspace, identifier: str, folder: Path, temp: Path | None = None
) -> Iterator[Path]:
    """Give a folder to write a run into; it takes its place at once when the block ends well.

    Parameters
    ----------
    workspace : Workspace
        Where there must be room for it.
    identifier : str
        Of the run.
    folder : Path
        Its place.
    temp : Path, optional
        Where it is put together, inside the workspace; a folder of its own when not given.

    Raises
    ------
    UserError
        The workspace is full.
    """
    draft = (temp or workspace.folder("temp", identifier)) / "run"
    draft.mkdir(parents=True, exist_ok=True)
    try:
        yield draft
        for path in filter(Path.is_file, draft.rglob("*")):
            _flush(path)
        workspace.require_space()
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(draft, folder)
    finally:
        shutil.rmtree(draft if temp else draft.parent, ignore_errors=True)


def write_json(path: Path, plain: Mapping[str, Any]) -> None:
    """Write plain data so that a person can read it too."""
    path.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")


def checked_name(name: str) -> str:
    """Return the name of a run without needless blanks.

    Raises
    ------
    UserError
        It is empty or has more than 200 characters.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= 200:
        raise UserError("training.name", length=len(name))
    return name


def versions_of(libraries: Sequence[str]) -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed."""
    return {"python": platform.python_version(), **{name: version(name) for name in libraries}}


def _flush(path: Path) -> None:
    # The folder is renamed into place, so its files must be on disk before that.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
