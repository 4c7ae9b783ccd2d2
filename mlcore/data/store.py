"""The datasets of a workspace: the file as it came, the tables made of it, and what is known.

A folder a dataset: ``original`` (the bytes that came), ``upload.json`` (its name),
``table.parquet`` (all text), ``frame.parquet`` (typed), ``schema.json``, ``findings.json`` (none
after a change, until somebody wants to see them) and, written last, ``reading.json``: a dataset
whose ``reading.json`` is there is complete.
``detected.json`` tells by which columns decisions about the file are remembered. Where the user
has steps of their own, ``source.parquet`` and ``source_schema.json`` hold the typed table before
them; the steps stand in ``schema.json``, with the fingerprint of what they lead to.
``steps_before.json`` holds what each change has replaced, to be taken back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore import settings
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.history import History, State
from mlcore.data.kinds import type_column
from mlcore.data.plain_file import as_csv, name_as_read
from mlcore.data.quality import FINDINGS_VERSION, Remedy, check_roles, check_table
from mlcore.data.reading import Reading, ReadingOptions, TextTable, as_text_frame, read_table
from mlcore.data.recipe.recipe import Recipe, origins
from mlcore.data.recipe.steps import PlainStep
from mlcore.data.remembered import (
    Decisions,
    chosen_options,
    forget,
    keep_kinds,
    keep_options,
    mark_of,
    read_as_last_time,
    recall,
)
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

    def read(
        self, identifier: str, options: ReadingOptions | None = None, *, anew: bool = False
    ) -> Reading:
        """Read the file and write all that is derived from it. Runs inside a job.

        Parameters
        ----------
        identifier : str
            A staged dataset. When it was read before, the new reading takes the old one's place.
        options : ReadingOptions, optional
            What the user chose. Where nothing is, the file is read as was decided about the last
            one with the same columns.
        anew : bool, default False
            Detect everything all the same.

        Raises
        ------
        UserError
            The file cannot be read so; an earlier reading stays as it was.
        """
        folder = self._existing(identifier)
        table = read_table(folder / "original", options)
        kinds: Mapping[str, ColumnKind] = {}
        if options is None or not options.chosen:
            table, kinds = self._as_last_time(folder, table, anew)
        reading = table.reading
        schema, frame = table.typed(kinds)
        self.workspace.require_space(int(frame.memory_usage(deep=False).sum()))
        (folder / "reading.json").unlink(missing_ok=True)
        self._forget_source(identifier)
        self._history(identifier).clear()
        _write_parquet(folder / "table.parquet", table.frame)
        dataset = Dataset(self.name(identifier), frame, schema, fingerprint(frame))
        self._write_typed(identifier, dataset)
        _write_findings(folder, check_table(dataset))
        _write_json(folder / "reading.json", reading.to_json())
        return reading

    def _as_last_time(
        self, folder: Path, detected: TextTable, anew: bool
    ) -> tuple[TextTable, Mapping[str, ColumnKind]]:
        """Return a file that was detected as the last one with its columns was read."""
        columns = mark_of(detected.names)
        _write_json(folder / "detected.json", {"columns": columns, "anew": anew})
        decisions = None if anew else recall(self.workspace, columns)
        if decisions is None:
            return detected, {}
        return read_as_last_time(folder / "original", detected, decisions)

    def _keep_decisions(self, identifier: str) -> None:
        """Remember how a file was read, for the next one with the same columns."""
        path = self._folder(identifier) / "detected.json"
        if not path.is_file():
            return
        detected, reading = _read_json(path), self.reading(identifier)
        options = chosen_options(reading)
        if detected["anew"] and not options.chosen:
            forget(self.workspace, detected["columns"])
            return
        names = mark_of(self.text_names(identifier))
        decisions = Decisions(file=self.file_name(identifier), options=options, names=names)
        keep_options(self.workspace, detected["columns"], decisions)

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
        schema, mark, _ = self._described(identifier)
        self._keep_decisions(identifier)
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

    def text_names(self, identifier: str) -> tuple[str, ...]:
        """Return the names of the columns as they were read."""
        return tuple(pq.read_schema(self._require_read(identifier) / "table.parquet").names)

    def as_read(self, identifier: str) -> bytes:
        """Return the table as it was read, before any steps, as CSV that every program reads."""
        return as_csv(self.load_source(identifier).frame)

    def as_read_name(self, identifier: str) -> str:
        """Return what the file of :meth:`as_read` is called."""
        return name_as_read(self.file_name(identifier))

    def load(self, identifier: str) -> Dataset:
        """Return the table in memory; pages keep it in their own bounded cache."""
        folder = self._require_read(identifier)
        schema, mark, recipe = self._described(identifier)
        frame = pd.read_parquet(folder / "frame.parquet")
        return Dataset(
            self.name(identifier), frame, schema, mark, recipe, self._options(identifier)
        )

    def load_source(self, identifier: str) -> Dataset:
        """Return the typed table as it is before the user's own steps."""
        folder = self._require_read(identifier)
        # Written last and removed first, so the table lies beside it.
        if not (folder / "source_schema.json").is_file():
            return self.load(identifier)
        plain = _read_json(folder / "source_schema.json")
        frame, schema = pd.read_parquet(folder / "source.parquet"), Schema.from_json(plain)
        return Dataset(
            self.name(identifier),
            frame,
            schema,
            str(plain["fingerprint"]),
            reading=self._options(identifier),
        )

    def source_schema(self, identifier: str) -> Schema:
        """Return what the columns are before the user's own steps, without loading them."""
        path = self._require_read(identifier) / "source_schema.json"
        return Schema.from_json(_read_json(path)) if path.is_file() else self.schema(identifier)

    def load_after(self, identifier: str, recipe: Recipe) -> Dataset:
        """Return the table after some steps, which need not be those it has now.

        A run belongs to the table as it was when it was set up, whatever has been changed since.

        Raises
        ------
        UserError
            A step does not fit the table, which has been typed anew since.
        """
        dataset = self.load(identifier)
        if dataset.recipe == recipe:
            return dataset
        return self.load_source(identifier).after(recipe.steps)

    def schema(self, identifier: str) -> Schema:
        """Return what the columns are."""
        return self._described(identifier)[0]

    def recipe(self, identifier: str) -> Recipe:
        """Return the user's own steps."""
        return self._described(identifier)[2]

    def findings(self, identifier: str) -> tuple[Finding, ...]:
        """Return what was noticed about the table, before any label is chosen."""
        folder = self._require_read(identifier)
        path = folder / "findings.json"
        # A change leaves none: looking a large table through takes as long as the change itself.
        plain = _read_json(path) if path.is_file() else None
        if not isinstance(plain, dict) or plain["version"] != FINDINGS_VERSION:
            found = check_table(self.load(identifier))
            _write_findings(folder, found)
            return found
        return tuple(map(Finding.from_json, plain["findings"]))

    # Changing

    def change(
        self,
        identifier: str,
        *,
        kinds: Mapping[str, ColumnKind] | None = None,
        steps: Iterable[PlainStep] | None = None,
        roles: Mapping[str, Role] | None = None,
    ) -> Schema:
        """Change what columns hold, what is done to the table and what columns are for.

        All of it is one change: :meth:`undo` takes it back at once.

        Parameters
        ----------
        identifier : str
            A dataset that has been read.
        kinds : mapping of str to ColumnKind, optional
            Columns that are taken as another kind; the others stay as they are.
        steps : iterable of mapping, optional
            These steps and no others, as :data:`mlcore.data.recipe.catalogue.STEPS` describes
            them; none bring the table back as it was read. Left as they are when not given.
        roles : mapping of str to Role, optional
            Columns that are for something else, by their names after the steps.

        Raises
        ------
        UserError
            A kind fits none of a column's values, or a step does not fit or leaves no row; nothing
            is changed then.
        """
        before = self._described(identifier)
        columns = self._change_table(identifier, kinds or {}, steps)
        if roles:
            self.set_roles(identifier, roles)
        now = self._described(identifier)
        if now != before:
            schema, _, recipe = before
            was_for = {column.name: column.role for column in schema.columns}
            self._history(identifier).add(State(recipe=recipe, roles=was_for, columns=columns))
        return now[0]

    def carry_out(self, identifier: str, remedy: Remedy) -> Schema:
        """Do what one click does about a finding; :meth:`undo` takes it back.

        Raises
        ------
        UserError
            As for :meth:`change`.
        """
        steps = [*self.recipe(identifier).steps, *remedy.steps] if remedy.steps else None
        return self.change(identifier, kinds=remedy.kinds, steps=steps, roles=remedy.roles)

    def set_recipe(self, identifier: str, steps: Iterable[PlainStep]) -> Schema:
        """Do these steps and no others to the table (see :meth:`change`)."""
        return self.change(identifier, steps=steps)

    def set_kinds(self, identifier: str, kinds: Mapping[str, ColumnKind]) -> Schema:
        """Take some columns as another kind, as :meth:`change` does, but not to be taken back."""
        self._change_table(identifier, kinds, None)
        return self.schema(identifier)

    def set_roles(self, identifier: str, roles: Mapping[str, Role]) -> Schema:
        """Change what some columns are for, as :meth:`change` does, but not to be taken back."""
        schema, mark, recipe = self._described(identifier)
        schema = schema.with_roles(roles)
        folder = self._existing(identifier)
        _write_schema(folder, schema, mark, recipe)
        if (folder / "findings.json").is_file():
            found = check_roles(self.load(identifier), self.findings(identifier))
            _write_findings(folder, found)
        return schema

    def can_undo(self, identifier: str) -> bool:
        """Return whether something was changed that :meth:`undo` takes back."""
        return bool(self._history(identifier))

    def undo(self, identifier: str) -> Schema:
        """Take back the last change of kinds, steps and roles; before the first nothing is done.

        Raises
        ------
        UserError
            The earlier steps no longer fit, because a kind was changed that cannot be taken back.
        """
        history = self._history(identifier)
        if not history:
            return self.schema(identifier)
        state = history.last()
        source = self._with_columns(identifier, state.columns)
        schema = self._write_steps(identifier, source, state.recipe)
        roles = {name: role for name, role in state.roles.items() if name in schema.names}
        schema = self.set_roles(identifier, roles)
        was_chosen = {c.name: c.kind if c.is_chosen else None for c in state.columns}
        self._keep_kinds(identifier, was_chosen)
        history.drop_last()
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

    def _options(self, identifier: str) -> dict[str, Any]:
        """Return how the file was read."""
        return dict(_read_json(self._require_read(identifier) / "reading.json")["options"])

    def _described(self, identifier: str) -> tuple[Schema, str, Recipe]:
        """Return what the columns are, the fingerprint, and the steps that led there."""
        plain = _read_json(self._require_read(identifier) / "schema.json")
        # Tables from before there were steps do not name any.
        recipe = Recipe.from_json(plain.get("recipe", ()))
        return Schema.from_json(plain), str(plain["fingerprint"]), recipe

    def _write_steps(self, identifier: str, source: Dataset, recipe: Recipe) -> Schema:
        """Write what the steps make of a source; roles that were chosen stay."""
        now, _, before = self._described(identifier)
        roles = {
            origin.name: now[name].role
            for name, origin in origins(before, source.schema).items()
            if name in now.names and _is_chosen(now[name], origin)
        }
        source = replace(source, schema=source.schema.with_roles(roles))
        made = source.after(recipe.steps)
        schema = made.schema.with_roles(
            {c.name: c.role for c in now.columns if c.name in made.schema.names and _is_made(c)}
        )
        if made.recipe:
            self.workspace.require_space(int(made.frame.memory_usage(deep=False).sum()))
            self._write_source(identifier, source)
        self._write_typed(identifier, replace(made, schema=schema))
        if not made.recipe:
            self._forget_source(identifier)
        return schema

    def _write_source(self, identifier: str, source: Dataset) -> None:
        path = self._folder(identifier) / "source_schema.json"
        is_there = path.is_file() and _read_json(path)["fingerprint"] == source.fingerprint
        if not is_there:
            _write_parquet(path.with_name("source.parquet"), source.frame)
        _write_json(path, {"fingerprint": source.fingerprint, **source.schema.to_json()})

    def _forget_source(self, identifier: str) -> None:
        for name in ("source_schema.json", "source.parquet"):
            (self._folder(identifier) / name).unlink(missing_ok=True)

    def _history(self, identifier: str) -> History:
        return History(self._folder(identifier) / "steps_before.json")

    def _change_table(
        self, identifier: str, kinds: Mapping[str, ColumnKind], steps: Iterable[PlainStep] | None
    ) -> tuple[Column, ...]:
        """Write the table with other kinds and steps; return what the columns of source were."""
        now, _, recipe = self._described(identifier)
        source = self.load_source(identifier)
        other = {name: kind for name, kind in kinds.items() if now[name].kind is not kind}
        changed = _of_source(other, recipe, source)
        if not changed and steps is None:
            return ()
        before = tuple(column for column in source.schema.columns if column.name in changed)
        source = self._with_kinds(identifier, source, changed)
        recipe = recipe if steps is None else Recipe.from_json(steps)
        self._write_steps(identifier, source, recipe)
        self._keep_kinds(identifier, changed)
        return before

    def _with_kinds(
        self, identifier: str, source: Dataset, kinds: Mapping[str, ColumnKind]
    ) -> Dataset:
        """Return the table before the steps with some columns taken as another kind."""
        usual, notation = source.schema.date_order, self.reading(identifier).options.notation
        text = self._text_of(identifier, kinds)
        typed = {
            name: type_column(text[name], chosen=kind, usual_dates=usual, **notation)
            for name, kind in kinds.items()
        }
        return _replaced(
            source,
            {name: _keeping_role(source.schema[name], one) for name, (one, _) in typed.items()},
            {name: series for name, (_, series) in typed.items()},
        )

    def _with_columns(self, identifier: str, columns: Iterable[Column]) -> Dataset:
        """Return the table before the steps with some columns as they were once."""
        earlier = {column.name: column for column in columns}
        source, text = self.load_source(identifier), self._text_of(identifier, earlier)
        notation = self.reading(identifier).options.notation
        typed = {
            name: type_column(
                text[name],
                chosen=column.kind,
                usual_dates=column.order,
                **{**notation, "decimal": column.decimal or notation["decimal"]},
            )
            for name, column in earlier.items()
        }
        return _replaced(source, earlier, {name: series for name, (_, series) in typed.items()})

    def _text_of(self, identifier: str, names: Iterable[str]) -> pd.DataFrame:
        path = self._folder(identifier) / "table.parquet"
        return as_text_frame(pq.read_table(path, columns=list(names)))

    def _keep_kinds(self, identifier: str, kinds: Mapping[str, ColumnKind | None]) -> None:
        """Remember kinds that were chosen, for the next file with the same columns."""
        path = self._folder(identifier) / "detected.json"
        if kinds and path.is_file():
            names = mark_of(self.text_names(identifier))
            file = self.file_name(identifier)
            keep_kinds(self.workspace, _read_json(path)["columns"], file, names, kinds)

    def _write_typed(self, identifier: str, dataset: Dataset) -> None:
        folder, schema, mark = self._folder(identifier), dataset.schema, dataset.fingerprint
        _write_parquet(folder / "frame.parquet", dataset.frame)
        (folder / "findings.json").unlink(missing_ok=True)
        _write_schema(folder, schema, mark, dataset.recipe)
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


def _replaced(
    dataset: Dataset, columns: Mapping[str, Column], values: Mapping[str, pd.Series]
) -> Dataset:
    """Return a table with other columns in the place of those of the same names."""
    kept = tuple(columns.get(column.name, column) for column in dataset.schema.columns)
    schema = replace(dataset.schema, columns=kept)
    if not values:
        return replace(dataset, schema=schema)
    frame = dataset.frame.assign(**values)
    return replace(dataset, frame=frame, schema=schema, fingerprint=fingerprint(frame))


def _keeping_role(before: Column, after: Column) -> Column:
    """Keep the user's role unless the kind made the column one to ignore, or no longer does."""
    if Role.IGNORED in (before.role, after.role):
        return after
    return replace(after, role=before.role)


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write_json(path: Path, plain: Any) -> None:
    write_whole(path, json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8"))


def _is_made(column: Column) -> bool:
    return column.reason.code == "recipe.reason"


def _is_chosen(now: Column, origin: Column) -> bool:
    """Return whether a role can go back to the column it came from."""
    return Role.IGNORED not in (now.role, origin.role) or now.kind is origin.kind


def _of_source(
    kinds: Mapping[str, ColumnKind], recipe: Recipe, source: Dataset
) -> dict[str, ColumnKind]:
    """Return kinds by the names of the columns before the steps.

    Raises
    ------
    UserError
        ``recipe.kind_of_made``: a step made the column.
    """
    known = origins(recipe, source.schema)
    if made := next((name for name in kinds if name not in known), None):
        raise UserError("recipe.kind_of_made", column=made)
    return {known[name].name: kind for name, kind in kinds.items()}


def _write_schema(folder: Path, schema: Schema, mark: str, recipe: Recipe) -> None:
    plain = {"fingerprint": mark, "recipe": recipe.to_json(), **schema.to_json()}
    _write_json(folder / "schema.json", plain)


def _write_findings(folder: Path, findings: tuple[Finding, ...]) -> None:
    plain = {"version": FINDINGS_VERSION, "findings": [one.to_json() for one in findings]}
    _write_json(folder / "findings.json", plain)


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    temporary = path.with_suffix(".writing")
    try:
        frame.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
