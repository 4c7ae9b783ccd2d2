"""What was decided about a file, kept for the next one with the same columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlcore.data.kinds import type_table
from mlcore.data.reading import Reading, ReadingOptions, TextTable, read_table
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import listing, message
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
    workspace: Workspace,
    columns: str,
    file: str,
    names: str,
    kinds: Mapping[str, ColumnKind | None],
) -> None:
    """Keep kinds that were chosen, beside those that were chosen before; ``None`` forgets one."""
    plain = {"names": names, **_plain(workspace, columns), "file": file}
    after = {**plain.get("kinds", {}), **kinds}
    _write(workspace, columns, {**plain, "kinds": {n: k for n, k in after.items() if k}})


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


def read_as_last_time(
    path: Path, detected: TextTable, decisions: Decisions
) -> tuple[TextTable, dict[str, ColumnKind]]:
    """Return a file read as was decided about the last one with the same columns.

    Parameters
    ----------
    path : Path
        The file.
    detected : TextTable
        It as it is read without any choice; comes back when it cannot be read otherwise.
    decisions : Decisions
        As :func:`recall` returns them.

    Returns
    -------
    table : TextTable
        The file; what it says first is what was followed, and what could not be.
    kinds : dict of str to ColumnKind
        Those of the decisions that fit a column of this file.
    """
    options = decisions.options.chosen
    followed = _read_so(path, decisions) if options else detected
    table = followed or detected
    kinds = {name: kind for name, kind in decisions.kinds.items() if _fits(table, name, kind)}
    what = [*options] if followed else []
    what += [f"the kinds of {listing(list(kinds))}"] if kinds else []
    reading, file = table.reading, decisions.file
    said = [message(AS_LAST_TIME, file=file, what=", ".join(what))] if what else []
    doubts = [] if followed else [message("data.caution.not_as_last_time", file=file)]
    if unfit := [name for name in decisions.kinds if name not in kinds]:
        names = listing(unfit)
        doubts.append(message("data.caution.kinds_not_as_last_time", file=file, columns=names))
    reading = replace(
        reading,
        decisions=(*said, *reading.decisions),
        cautions=(*doubts, *reading.cautions),
    )
    return replace(table, reading=reading), kinds


def _read_so(path: Path, decisions: Decisions) -> TextTable | None:
    """Return a file read with the options that were chosen; ``None`` where they do not fit it."""
    try:
        table = read_table(path, decisions.options)
    except UserError:
        return None
    return table if mark_of(table.names) == decisions.names else None


def _fits(table: TextTable, name: str, kind: ColumnKind) -> bool:
    """Return whether a table has a column of that name, and it can be taken as that kind."""
    if name not in table.levels:
        return False
    column = {name: table.levels[name]}
    try:
        type_table(column, kinds={name: kind}, **table.reading.options.notation)
    except UserError:
        return False
    return True


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
