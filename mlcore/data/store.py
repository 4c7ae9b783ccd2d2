"""The datasets of a workspace: the file as it came, the tables made of it, and what is known.

A folder a dataset: ``original`` (the bytes that came), ``upload.json`` (its name),
``table.parquet`` (all text), ``frame.parquet`` (typed), ``schema.json``, ``findings.json`` and,
written last, ``reading.json``: a dataset whose ``reading.json`` is there is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore import settings
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_column, type_table
from mlcore.data.quality import check_table
from mlcore.data.reading import Reading, ReadingOptions, as_text_frame, read_table
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.findings import Finding
from mlcore.workspace import Workspace, new_id, write_whole

_LONGEST_NAME = 120

#: Uploads that were never used are removed after this many seconds (a day).
ABANDONED_SECONDS = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """A dataset in the list.

    Parameters
    ----------
    id : str
        Its identifier.
    name : str
        What the user calls it.
    fingerprint : str
        Of its typed table.
    rows, columns : int
        Its size.
    created : float
        When it was registered, in seconds since 1970.
    """

    id: str
    name: str
    fingerprint: str
    rows: int
    columns: int
    created: float


@dataclass(frozen=True)
class DatasetStore:
    """The datasets of one user.

    Parameters
    ----------
    workspace : Workspace
        Whose datasets they are.
    """

    workspace: Workspace

    # Coming in

    def stage(self, name: str, content: bytes | Path) -> str:
        """Keep a file for reading and return its identifier; it is not listed yet.

        Parameters
        ----------
        name : str
            The file's name; used as text only.
        content : bytes or Path
            The file.

        Raises
        ------
        UserError
            The file is larger than the setting allows, or the workspace is full.
        """
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        name = clean_name(name) or "table"
        most = settings.UPLOAD_MB.read()
        if size > most * 2**20:
            raise UserError("data.too_large", name=name, size=-(-size // 2**20), most=most)
        self.workspace.require_space(size)
        identifier = new_id()
        folder = self._folder(identifier)
        folder.mkdir(parents=True)
        if isinstance(content, bytes):
            write_whole(folder / "original", content)
        else:
            shutil.copyfile(content, folder / "original")
        with (folder / "original").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        _write_json(folder / "upload.json", {"name": name, "sha256": digest})
        return identifier

    def read(self, identifier: str, options: ReadingOptions | None = None) -> Reading:
        """Read the file and write all that is derived from it. Runs inside a job.

        Parameters
        ----------
        identifier : str
            A staged dataset. When it was read before, the new reading takes the old one's place.
        options : ReadingOptions, optional
            What the user chose.

        Raises
        ------
        UserError
            The file cannot be read so; an earlier reading stays as it was.
        """
        folder = self._existing(identifier)
        table = read_table(folder / "original", options)
        reading = table.reading
        schema, frame = type_table(table.frame, reading.options.decimal or ".")
        self.workspace.require_space(int(frame.memory_usage(deep=False).sum()))
        (folder / "reading.json").unlink(missing_ok=True)
        _write_parquet(folder / "table.parquet", table.frame)
        self._write_typed(identifier, schema, frame)
        _write_json(folder / "reading.json", reading.to_json())
        return reading

    def is_read(self, identifier: str) -> bool:
        """Return whether the file has been read completely."""
        return (self._existing(identifier) / "reading.json").is_file()

    def register(self, identifier: str, name: str | None = None) -> DatasetInfo:
        """Put a dataset that has been read on the list.

        Parameters
        ----------
        identifier : str
            A dataset that has been read.
        name : str, optional
            What to call it; the file's name when not given.
        """
        self._require_read(identifier)
        name = self.name(identifier) if name is None else _valid_name(name)
        schema, mark = self._schema_and_fingerprint(identifier)
        with self.workspace.connect() as connection:
            connection.execute(
                "INSERT INTO datasets (id, user, name, fingerprint, rows, columns, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
                " fingerprint = excluded.fingerprint, rows = excluded.rows,"
                " columns = excluded.columns",
                (
                    identifier,
                    self.workspace.user,
                    name,
                    mark,
                    schema.n_rows,
                    len(schema.columns),
                    time.time(),
                ),
            )
        return self.info(identifier)

    # Looking

    def all(self) -> list[DatasetInfo]:
        """Return the listed datasets, the newest first."""
        with self.workspace.connect() as connection:
            rows = connection.execute(
                "SELECT id, name, fingerprint, rows, columns, created FROM datasets"
                " WHERE user = ? ORDER BY created DESC, rowid DESC",
                (self.workspace.user,),
            ).fetchall()
        return [DatasetInfo(**dict(row)) for row in rows]

    def info(self, identifier: str) -> DatasetInfo:
        """Return a listed dataset's line in the list.

        Raises
        ------
        UserError
            ``data.unknown``: there is none.
        """
        for info in self.all():
            if info.id == identifier:
                return info
        raise UserError("data.unknown")

    def name(self, identifier: str) -> str:
        """Return what a dataset is called: as registered, else the file's name."""
        for info in self.all():
            if info.id == identifier:
                return info.name
        return str(_read_json(self._existing(identifier) / "upload.json")["name"])

    def file_name(self, identifier: str) -> str:
        """Return the name of the file as it came, whatever the dataset is called since."""
        return str(_read_json(self._existing(identifier) / "upload.json")["name"])

    def content(self, identifier: str) -> str:
        """Return the SHA-256 of the file as it came, whatever was decided about it since."""
        return str(_read_json(self._existing(identifier) / "upload.json")["sha256"])

    def original_path(self, identifier: str) -> Path:
        """Return where the file lies as it came."""
        return self._existing(identifier) / "original"

    def reading(self, identifier: str) -> Reading:
        """Return how the file was read."""
        return Reading.from_json(_read_json(self._require_read(identifier) / "reading.json"))

    def preview(self, identifier: str, rows: int = 20) -> pd.DataFrame:
        """Return the first rows as text, NaN for missing, without loading the others."""
        folder = self._require_read(identifier)
        with pq.ParquetFile(folder / "table.parquet") as file:
            batch = next(file.iter_batches(batch_size=rows))
        return as_text_frame(pa.Table.from_batches([batch]))

    def text(self, identifier: str) -> pd.DataFrame:
        """Return all cells as text, as the file writes them; NaN for missing."""
        return as_text_frame(pq.read_table(self._require_read(identifier) / "table.parquet"))

    def load(self, identifier: str) -> Dataset:
        """Return the table in memory; pages keep it in their own bounded cache."""
        folder = self._require_read(identifier)
        schema, mark = self._schema_and_fingerprint(identifier)
        frame = pd.read_parquet(folder / "frame.parquet")
        return Dataset(self.name(identifier), frame, schema, mark)

    def schema(self, identifier: str) -> Schema:
        """Return what the columns are."""
        return self._schema_and_fingerprint(identifier)[0]

    def findings(self, identifier: str) -> tuple[Finding, ...]:
        """Return what was noticed about the table, before any label is chosen."""
        folder = self._require_read(identifier)
        return tuple(map(Finding.from_json, _read_json(folder / "findings.json")))

    # Changing

    def set_kinds(self, identifier: str, kinds: Mapping[str, ColumnKind]) -> Schema:
        """Take some columns as another kind, chosen by the user.

        Parameters
        ----------
        identifier : str
            A dataset that has been read.
        kinds : mapping of str to ColumnKind
            The new kinds; other columns stay as they are.

        Raises
        ------
        UserError
            A kind fits none of a column's values; nothing is changed then.
        """
        folder = self._require_read(identifier)
        dataset = self.load(identifier)
        changed = {name: kind for name, kind in kinds.items() if dataset.schema[name].kind != kind}
        if not changed:
            return dataset.schema
        decimal = self.reading(identifier).options.decimal or "."
        text = as_text_frame(pq.read_table(folder / "table.parquet", columns=list(changed)))
        retyped = {name: type_column(text[name], decimal, changed[name]) for name in changed}
        columns = tuple(
            _keeping_role(column, retyped[column.name][0]) if column.name in retyped else column
            for column in dataset.schema.columns
        )
        schema = replace(dataset.schema, columns=columns)
        frame = dataset.frame.assign(**{name: series for name, (_, series) in retyped.items()})
        self._write_typed(identifier, schema, frame)
        return schema

    def set_roles(self, identifier: str, roles: Mapping[str, Role]) -> Schema:
        """Change what some columns are for."""
        schema, mark = self._schema_and_fingerprint(identifier)
        schema = schema.with_roles(roles)
        _write_schema(self._existing(identifier), schema, mark)
        frame = pd.read_parquet(self._existing(identifier) / "frame.parquet")
        findings = check_table(Dataset(self.name(identifier), frame, schema, mark))
        _write_findings(self._existing(identifier), findings)
        return schema

    def rename(self, identifier: str, name: str) -> None:
        """Call a listed dataset something else."""
        self.info(identifier)
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE datasets SET name = ? WHERE id = ? AND user = ?",
                (_valid_name(name), identifier, self.workspace.user),
            )

    def delete(self, identifier: str) -> None:
        """Remove a dataset from the list and from the disk."""
        folder = self._existing(identifier)
        with self.workspace.connect() as connection:
            connection.execute(
                "DELETE FROM datasets WHERE id = ? AND user = ?",
                (identifier, self.workspace.user),
            )
        shutil.rmtree(folder, ignore_errors=True)

    def clear_abandoned(self, older_than: float = ABANDONED_SECONDS) -> int:
        """Remove uploads that were never registered; return how many.

        Parameters
        ----------
        older_than : float, default one day
            Seconds since the upload. Younger ones may still be looked at in some tab.
        """
        listed = {info.id for info in self.all()}
        root = self._folder("0").parent
        old = [
            folder
            for folder in (root.iterdir() if root.is_dir() else ())
            if folder.name not in listed and time.time() - folder.stat().st_mtime > older_than
        ]
        for folder in old:
            shutil.rmtree(folder, ignore_errors=True)
        return len(old)

    # Inside

    def _folder(self, identifier: str) -> Path:
        try:
            return self.workspace.folder("datasets", identifier)
        except ValueError as error:
            raise UserError("data.unknown") from error

    def _existing(self, identifier: str) -> Path:
        folder = self._folder(identifier)
        if not (folder / "upload.json").is_file():
            raise UserError("data.unknown")
        return folder

    def _require_read(self, identifier: str) -> Path:
        if not self.is_read(identifier):
            raise UserError("data.not_read", name=self.name(identifier))
        return self._folder(identifier)

    def _schema_and_fingerprint(self, identifier: str) -> tuple[Schema, str]:
        plain = _read_json(self._require_read(identifier) / "schema.json")
        return Schema.from_json(plain), str(plain["fingerprint"])

    def _write_typed(self, identifier: str, schema: Schema, frame: pd.DataFrame) -> None:
        folder = self._folder(identifier)
        mark = fingerprint(frame)
        findings = check_table(Dataset(self.name(identifier), frame, schema, mark))
        _write_parquet(folder / "frame.parquet", frame)
        _write_schema(folder, schema, mark)
        _write_findings(folder, findings)
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE datasets SET fingerprint = ?, rows = ?, columns = ?"
                " WHERE id = ? AND user = ?",
                (mark, schema.n_rows, len(schema.columns), identifier, self.workspace.user),
            )


def clean_name(name: str) -> str:
    """Return the last part of a path as printable text of at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(letter if letter.isprintable() else " " for letter in last)
    return " ".join(printable.split())[:_LONGEST_NAME]


def _valid_name(name: str) -> str:
    cleaned = clean_name(name)
    if not cleaned:
        raise UserError("data.no_name")
    return cleaned


def _keeping_role(before: Column, after: Column) -> Column:
    """Keep the user's role unless the kind made the column one to ignore, or no longer does."""
    if Role.IGNORED in (before.role, after.role):
        return after
    return replace(after, role=before.role)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write_json(path: Path, plain: Any) -> None:
    write_whole(path, json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8"))


def _write_schema(folder: Path, schema: Schema, mark: str) -> None:
    _write_json(folder / "schema.json", {"fingerprint": mark, **schema.to_json()})


def _write_findings(folder: Path, findings: tuple[Finding, ...]) -> None:
    _write_json(folder / "findings.json", [finding.to_json() for finding in findings])


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    temporary = path.with_suffix(".writing")
    try:
        frame.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
