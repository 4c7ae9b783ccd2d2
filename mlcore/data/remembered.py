"""What was decided about a file, kept for the next one with the same columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlcore.data.reading import Reading, ReadingOptions, TextTable, read_table
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import message
from mlcore.workspace import Workspace

#: What a reading says first that followed an earlier one.
AS_LAST_TIME = "data.decision.as_last_time"

#: Options that belong to one file alone: its lines, and its tables.
_OF_ONE_FILE: dict[str, Any] = {"undone": (), "table": None}


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What a user decided about files with certain columns.

    Parameters
    ----------
    file : str
        The file that it was decided about.
    options : ReadingOptions
        Those that were chosen; the others are detected.
    names : str
        Stands for the names of the columns that this gave (see :func:`mark_of`).
    kinds : mapping of str to ColumnKind
        Those that were chosen.
    """

    file: str
    options: ReadingOptions = field(default_factory=ReadingOptions)
    names: str
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)


def mark_of(names: Iterable[str]) -> str:
    """Return a short text that stands for names of columns in their order."""
    return hashlib.sha256(json.dumps(list(names)).encode()).hexdigest()[:16]


def keep_options(workspace: Workspace, columns: str, decisions: Decisions) -> None:
    """Keep what was chosen about files whose detected columns have a mark, or that nothing was."""
    options = replace(decisions.options, **_OF_ONE_FILE)
    plain = {**_plain(workspace, columns), "file": decisions.file, "names": decisions.names}
    _write(workspace, columns, {**plain, "options": _chosen(options)})


def keep_kinds(
    workspace: Workspace, columns: str, file: str, names: str, kinds: Mapping[str, ColumnKind]
) -> None:
    """Keep kinds that were chosen, beside those that were chosen before."""
    plain = {"names": names, **_plain(workspace, columns), "file": file}
    before = plain.get("kinds", {})
    after = {name: kind.value for name, kind in kinds.items()}
    _write(workspace, columns, {**plain, "kinds": {**before, **after}})


def forget(workspace: Workspace, columns: str) -> None:
    """Forget what was decided."""
    workspace.remember(_key(columns), None)


def recall(workspace: Workspace, columns: str) -> Decisions | None:
    """Return what was decided about files whose detected columns have a mark, if anything was."""
    plain = _plain(workspace, columns)
    if not plain.get("options") and not plain.get("kinds"):
        return None
    return Decisions(
        file=plain["file"],
        options=ReadingOptions.from_json(plain.get("options", {})),
        names=plain["names"],
        kinds={name: ColumnKind(kind) for name, kind in plain.get("kinds", {}).items()},
    )


def read_as_last_time(path: Path, detected: TextTable, decisions: Decisions) -> TextTable:
    """Return a file read as was decided about the last one with the same columns.

    Parameters
    ----------
    path : Path
        The file.
    detected : TextTable
        It as it is read without any choice; comes back when it cannot be read otherwise.
    decisions : Decisions
        As :func:`recall` returns them.
    """
    table = detected
    if decisions.options.chosen:
        try:
            table = read_table(path, decisions.options)
        except UserError:
            table = detected
        if mark_of(table.frame.columns) != decisions.names:
            said = message("data.caution.not_as_last_time", file=decisions.file)
            cautions = (said, *detected.reading.cautions)
            return replace(detected, reading=replace(detected.reading, cautions=cautions))
    what = [*decisions.options.chosen, *(["kinds of columns"] if decisions.kinds else [])]
    said = message(AS_LAST_TIME, file=decisions.file, what=", ".join(what))
    return replace(
        table, reading=replace(table.reading, decisions=(said, *table.reading.decisions))
    )


def chosen_options(reading: Reading) -> ReadingOptions:
    """Return the options of a reading that were chosen; the others are left to detection."""
    chosen = {name: getattr(reading.options, name) for name in reading.chosen}
    return ReadingOptions(**chosen)


def _chosen(options: ReadingOptions) -> dict[str, Any]:
    plain = options.to_json()
    return {name: plain[name] for name in options.chosen}


def _plain(workspace: Workspace, columns: str) -> dict[str, Any]:
    return dict(workspace.recall(_key(columns)) or {})


def _write(workspace: Workspace, columns: str, plain: Mapping[str, Any]) -> None:
    workspace.remember(_key(columns), dict(plain))


def _key(columns: str) -> str:
    return f"reading:{columns}"
