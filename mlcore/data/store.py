"""The datasets of a workspace: a list, and a folder for each."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mlcore import settings
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.history import State
from mlcore.data.plain_file import as_csv, name_as_read
from mlcore.data.quality import Remedy, check_roles, check_table
from mlcore.data.reading import Reading, ReadingOptions, TextTable, read_table
from mlcore.data.recipe.recipe import Recipe
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
from mlcore.data.retyping import after_steps, kinds_in_source, roles_back, with_columns, with_kinds
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.data.table_folder import TableFolder
from mlcore.errors import UserError
from mlcore.findings import Finding
from mlcore.workspace import Workspace, new_id

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
        self._folder(identifier).keep(name, content)
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
        table = read_table(folder.original, options)
        kinds: Mapping[str, ColumnKind] = {}
        if options is None or not options.chosen:
            table, kinds = self._as_last_time(folder, table, anew)
        reading = table.reading
        schema, frame = table.typed(kinds)
        self.workspace.require_space(int(frame.memory_usage(deep=False).sum()))
        folder.forget_reading()
        folder.write_cells(table.frame)
        dataset = Dataset(self.name(identifier), frame, schema, fingerprint(frame))
        self._write(identifier, dataset)
        folder.write_findings(check_table(dataset))
        folder.write_reading(reading)
        return reading

    def _as_last_time(
        self, folder: TableFolder, detected: TextTable, anew: bool
    ) -> tuple[TextTable, Mapping[str, ColumnKind]]:
        """Return a file that was detected as the last one with its columns was read."""
        columns = mark_of(detected.names)
        folder.write_detected(columns, anew)
        decisions = None if anew else recall(self.workspace, columns)
        if decisions is None:
            return detected, {}
        return read_as_last_time(folder.original, detected, decisions)

    def _keep_decisions(self, identifier: str) -> None:
        """Remember how a file was read, for the next one with the same columns."""
        folder = self._folder(identifier)
        detected = folder.detected()
        if detected is None:
            return
        options = chosen_options(folder.reading())
        if detected["anew"] and not options.chosen:
            forget(self.workspace, detected["columns"])
            return
        names = mark_of(folder.text_names())
        decisions = Decisions(file=folder.file_name, options=options, names=names)
        keep_options(self.workspace, detected["columns"], decisions)

    def is_read(self, identifier: str) -> bool:
        """Return whether the file has been read completely."""
        return self._existing(identifier).is_read

    def register(self, identifier: str, name: str | None = None) -> DatasetInfo:
        """Put a dataset that has been read on the list.

        Parameters
        ----------
        identifier : str
            A dataset that has been read.
        name : str, optional
            What to call it; the file's name when not given.
        """
        schema, mark, _ = self._complete(identifier).described()
        name = self.name(identifier) if name is None else _valid_name(name)
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
        return self._existing(identifier).file_name

    def file_name(self, identifier: str) -> str:
        """Return the name of the file as it came, whatever the dataset is called since."""
        return self._existing(identifier).file_name

    def content(self, identifier: str) -> str:
        """Return the SHA-256 of the file as it came, whatever was decided about it since."""
        return self._existing(identifier).content

    def original_path(self, identifier: str) -> Path:
        """Return where the file lies as it came."""
        return self._existing(identifier).original

    def reading(self, identifier: str) -> Reading:
        """Return how the file was read."""
        return self._complete(identifier).reading()

    def preview(self, identifier: str, rows: int = 20) -> pd.DataFrame:
        """Return the first rows as text, NaN for missing, without loading the others."""
        return self._complete(identifier).preview(rows)

    def text(self, identifier: str) -> pd.DataFrame:
        """Return all cells as text, as the file writes them; NaN for missing."""
        return self._complete(identifier).text()

    def text_names(self, identifier: str) -> tuple[str, ...]:
        """Return the names of the columns as they were read."""
        return self._complete(identifier).text_names()

    def as_read(self, identifier: str) -> bytes:
        """Return the table as it was read, before any steps, as CSV that every program reads."""
        return as_csv(self.load_source(identifier).frame)

    def as_read_name(self, identifier: str) -> str:
        """Return what the file of :meth:`as_read` is called."""
        return name_as_read(self.file_name(identifier))

    def load(self, identifier: str) -> Dataset:
        """Return the table in memory; pages keep it in their own bounded cache."""
        return self._complete(identifier).load(self.name(identifier))

    def load_source(self, identifier: str) -> Dataset:
        """Return the typed table as it is before the user's own steps."""
        return self._complete(identifier).load_source(self.name(identifier))

    def source_schema(self, identifier: str) -> Schema:
        """Return what the columns are before the user's own steps, without loading them."""
        return self._complete(identifier).source_schema()

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
        return self._complete(identifier).described()[0]

    def recipe(self, identifier: str) -> Recipe:
        """Return the user's own steps."""
        return self._complete(identifier).described()[2]

    def findings(self, identifier: str) -> tuple[Finding, ...]:
        """Return what was noticed about the table, before any label is chosen."""
        folder = self._complete(identifier)
        found = folder.findings()
        # A change leaves none: looking a large table through takes as long as the change itself.
        if found is None:
            found = check_table(self.load(identifier))
            folder.write_findings(found)
        return found

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
        folder = self._complete(identifier)
        before = folder.described()
        columns = self._change_table(identifier, kinds or {}, steps)
        if roles:
            self.set_roles(identifier, roles)
        now = folder.described()
        if now != before:
            schema, _, recipe = before
            was_for = {column.name: column.role for column in schema.columns}
            folder.history.add(State(recipe=recipe, roles=was_for, columns=columns))
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
        folder = self._complete(identifier)
        schema, mark, recipe = folder.described()
        schema = schema.with_roles(roles)
        folder.write_schema(schema, mark, recipe)
        if recipe:
            folder.write_source_schema(roles_back(schema, recipe, folder.source_schema()))
        if found := folder.findings():
            folder.write_findings(check_roles(self.load(identifier), found))
        return schema

    def can_undo(self, identifier: str) -> bool:
        """Return whether something was changed that :meth:`undo` takes back."""
        return bool(self._folder(identifier).history)

    def undo(self, identifier: str) -> Schema:
        """Take back the last change of kinds, steps and roles; before the first nothing is done.

        Raises
        ------
        UserError
            The earlier steps no longer fit, because a kind was changed that cannot be taken back.
        """
        folder = self._complete(identifier)
        history = folder.history
        if not history:
            return self.schema(identifier)
        state = history.last()
        earlier = {column.name: column for column in state.columns}
        notation = folder.reading().options.notation
        source = self.load_source(identifier)
        source = with_columns(source, folder.text(earlier), earlier, notation)
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
        shutil.rmtree(folder.path, ignore_errors=True)

    def clear_abandoned(self, older_than: float = ABANDONED_SECONDS) -> int:
        """Remove uploads that were never registered; return how many.

        Parameters
        ----------
        older_than : float, default one day
            Seconds since the upload. Younger ones may still be looked at in some tab.
        """
        listed = {info.id for info in self.all()}
        root = self._folder("0").path.parent
        old = [
            folder
            for folder in (root.iterdir() if root.is_dir() else ())
            if folder.name not in listed and time.time() - folder.stat().st_mtime > older_than
        ]
        for folder in old:
            shutil.rmtree(folder, ignore_errors=True)
        return len(old)

    # Inside

    def _folder(self, identifier: str) -> TableFolder:
        try:
            return TableFolder(self.workspace.folder("datasets", identifier))
        except ValueError as error:
            raise UserError("data.unknown") from error

    def _existing(self, identifier: str) -> TableFolder:
        folder = self._folder(identifier)
        if not folder.is_there:
            raise UserError("data.unknown")
        return folder

    def _complete(self, identifier: str) -> TableFolder:
        folder = self._existing(identifier)
        if not folder.is_read:
            raise UserError("data.not_read", name=self.name(identifier))
        return folder

    def _change_table(
        self, identifier: str, kinds: Mapping[str, ColumnKind], steps: Iterable[PlainStep] | None
    ) -> tuple[Column, ...]:
        """Write the table with other kinds and steps; return what the columns of source were."""
        folder = self._complete(identifier)
        now, _, recipe = folder.described()
        source = self.load_source(identifier)
        other = {name: kind for name, kind in kinds.items() if now[name].kind is not kind}
        changed = kinds_in_source(other, recipe, source.schema)
        if not changed and steps is None:
            return ()
        before = tuple(column for column in source.schema.columns if column.name in changed)
        notation = folder.reading().options.notation
        source = with_kinds(source, folder.text(changed), changed, notation)
        recipe = recipe if steps is None else Recipe.from_json(steps)
        self._write_steps(identifier, source, recipe)
        self._keep_kinds(identifier, changed)
        return before

    def _write_steps(self, identifier: str, source: Dataset, recipe: Recipe) -> Schema:
        """Write what the steps make of a source; roles that were chosen stay."""
        folder = self._complete(identifier)
        now, _, before = folder.described()
        made, source = after_steps(now, before, source, recipe)
        if made.recipe:
            self.workspace.require_space(int(made.frame.memory_usage(deep=False).sum()))
            folder.write_source(source)
        self._write(identifier, made)
        if not made.recipe:
            folder.forget_source()
        return made.schema

    def _write(self, identifier: str, dataset: Dataset) -> None:
        """Write the table, and its size into the list."""
        self._folder(identifier).write(dataset)
        schema, user = dataset.schema, self.workspace.user
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE datasets SET fingerprint = ?, rows = ?, columns = ?"
                " WHERE id = ? AND user = ?",
                (dataset.fingerprint, schema.n_rows, len(schema.columns), identifier, user),
            )

    def _keep_kinds(self, identifier: str, kinds: Mapping[str, ColumnKind | None]) -> None:
        """Remember kinds that were chosen, for the next file with the same columns."""
        folder = self._folder(identifier)
        detected = folder.detected()
        if kinds and detected is not None:
            names = mark_of(folder.text_names())
            keep_kinds(self.workspace, detected["columns"], folder.file_name, names, kinds)


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
