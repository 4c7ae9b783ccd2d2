"""The registry: models under a name, their versions, and the aliases that point at one of them.

A version never changes: its folder holds the unpacked files of a bundle, and the database keeps
the SHA-256 of their list, so that nothing is opened which the registry did not write. What changes
is where an alias points. Each move of an alias is a row that stays, which is what makes rolling
back possible.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing
from mlcore.registry.bundle_files import contract
from mlcore.registry.packing import Files, write_files
from mlcore.training.run_folders import kept_whole
from mlcore.workspace import Workspace, new_id

#: The alias of the version that answers when none is asked for.
CHAMPION = "champion"

#: The alias of a version that is being tried beside it.
CHALLENGER = "challenger"

#: Names stand in addresses: no blanks, and nothing an address gives a meaning of its own.
_NAME = re.compile(r"\w[\w.-]{0,99}")

#: A folder that no version has is left alone for so many seconds: it may be one that is being made.
_YOUNG_SECONDS = 3600.0

#: So many tags, and so many characters of a note, are taken.
_MOST_TAGS = 20
_LONGEST = 2000


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One version of a registered model.

    Parameters
    ----------
    id : str
        Its identifier, and the name of its folder.
    model : str
        Name of the model.
    number : int
        Counts up from 1; a number is never given twice.
    origin : str
        ``"run"``, or ``"import"`` for a model from elsewhere.
    run : str, optional
        Id of the run it was registered from.
    note : str
        What the user wrote about it.
    author : str
        Who registered it.
    created : float
        When, in seconds since 1970.
    is_archived : bool
        Whether it is put away: it answers no more, and no alias points at it.
    aliases : tuple of str
        What points at it.
    """

    id: str
    model: str
    number: int
    origin: str
    run: str | None
    note: str
    author: str
    created: float
    is_archived: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """A name, and the versions under it.

    Parameters
    ----------
    name : str
        Stands in addresses.
    description : str
        What the user wrote about it.
    tags : tuple of str
        Words to find it by.
    created : float
        When it was registered first, in seconds since 1970.
    versions : tuple of ModelVersion
        Newest first.
    """

    name: str
    description: str
    tags: tuple[str, ...]
    created: float
    versions: tuple[ModelVersion, ...]

    def pointed_at(self, alias: str) -> ModelVersion | None:
        """Return the version that an alias points at, if it points at one."""
        return next((one for one in self.versions if alias in one.aliases), None)

    def numbered(self, number: int) -> ModelVersion | None:
        """Return the version of that number, if there is one."""
        return next((one for one in self.versions if one.number == number), None)


@dataclass(frozen=True, kw_only=True)
class AliasMove:
    """One move of an alias.

    Parameters
    ----------
    alias : str
        What was moved.
    number : int or None
        The version it points at since; ``None``: it was taken away.
    moved : float
        When, in seconds since 1970.
    is_back : bool
        Whether earlier moves were undone by it.
    """

    alias: str
    number: int | None
    moved: float
    is_back: bool


@dataclass(frozen=True)
class Registry:
    """The registered models of one user."""

    workspace: Workspace

    # Looking

    def all(self) -> list[RegisteredModel]:
        """Return every model, in the order of their names."""
        return self._select("1")

    def get(self, name: str) -> RegisteredModel:
        """Return a model.

        Raises
        ------
        UserError
            ``registry.no_model``: there is none of that name.
        """
        found = self._select("name = ?", name)
        if not found:
            known = [model.name for model in self.all()]
            if not known:
                raise UserError("registry.no_models", name=name)
            raise UserError(
                "registry.no_model",
                name=name,
                known=listing(known),
                suggestion=did_you_mean(name, known),
            )
        return found[0]

    def find(self, name: str, which: str | int | None = None) -> ModelVersion:
        """Return the version of a model that is asked for.

        Parameters
        ----------
        name : str
            Of the model.
        which : str or int, optional
            An alias, or the number of a version; the champion by default.

        Raises
        ------
        UserError
            ``registry.no_model``, ``registry.no_version`` or ``registry.no_champion``;
            ``registry.archived``: it is put away.
        """
        return version_of(self.get(name), which)

    def moves(self, name: str) -> list[AliasMove]:
        """Return how the aliases of a model were moved, newest first."""
        with self.workspace.connect() as connection:
            rows = connection.execute(
                "SELECT alias, number, moved, is_back FROM alias_moves WHERE model ="
                " (SELECT id FROM models WHERE user = ? AND name = ?) ORDER BY sequence DESC",
                (self.workspace.user, name),
            ).fetchall()
        return [
            AliasMove(
                alias=row["alias"],
                number=row["number"],
                moved=row["moved"],
                is_back=bool(row["is_back"]),
            )
            for row in rows
        ]

    # Adding

    def add(
        self,
        name: str,
        files: Files,
        *,
        origin: str = "run",
        run: str | None = None,
        note: str = "",
        temp: Path | None = None,
    ) -> ModelVersion:
        """Keep a new version of a model; the first of a name becomes its champion.

        Parameters
        ----------
        name : str
            Of the model; a new one is made when there is none of that name.
        files : dict of str to bytes
            What a bundle holds, its list of files (``manifest.json``) among them.
        origin, run, note : str
            As in :class:`ModelVersion`.
        temp : Path, optional
            Where the folder is put together, inside the workspace.

        Raises
        ------
        UserError
            The name does not fit into an address, or the workspace is full.
        """
        name, note = checked_model_name(name), note.strip()[:_LONGEST]
        identifier = new_id()
        with kept_whole(self.workspace, identifier, self._folder(identifier), temp) as draft:
            write_files(draft, files)
        digest = hashlib.sha256(files[contract.MANIFEST]).hexdigest()
        try:
            with self.workspace.connect() as connection:
                connection.execute("BEGIN IMMEDIATE")
                model, number = self._next_number(connection, name)
                connection.execute(
                    "INSERT INTO model_versions (id, user, model, number, origin, run, note,"
                    " author, manifest_sha256, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(identifier, self.workspace.user, model, number, origin, run, note),
                        *(self.workspace.user, digest, time.time()),
                    ),
                )
                if number == 1:
                    self._move(connection, model, CHAMPION, number)
        except sqlite3.Error:
            shutil.rmtree(self._folder(identifier), ignore_errors=True)
            raise
        return self.find(name, number)

    def _next_number(self, connection: sqlite3.Connection, name: str) -> tuple[str, int]:
        """Return the id of the model of a name, made if need be, and its next number."""
        connection.execute(
            "INSERT INTO models (id, user, name, created) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (user, name) DO NOTHING",
            (new_id(), self.workspace.user, name, time.time()),
        )
        row = connection.execute(
            "UPDATE models SET latest = latest + 1 WHERE user = ? AND name = ?"
            " RETURNING id, latest",
            (self.workspace.user, name),
        ).fetchone()
        return row["id"], row["latest"]

    def describe(self, name: str, description: str, tags: Iterable[str]) -> None:
        """Say what a model is for, and give it words to find it by."""
        kept = list(dict.fromkeys(filter(None, (" ".join(tag.split()) for tag in tags))))
        self.get(name)
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE models SET description = ?, tags = ? WHERE user = ? AND name = ?",
                (
                    *(description.strip()[:_LONGEST], json.dumps(kept[:_MOST_TAGS])),
                    *(self.workspace.user, name),
                ),
            )

    # Aliases

    def point(self, name: str, alias: str, number: int) -> None:
        """Let an alias point at a version; requests that come from now on are answered by it.

        Raises
        ------
        UserError
            The alias is no word, or looks like a number; there is no such version; it is archived.
        """
        if not _NAME.fullmatch(alias) or alias.isdecimal():
            raise UserError("registry.alias", alias=alias)
        self.find(name, number)
        self._move_of(name, alias, number)

    def take_away(self, name: str, alias: str) -> None:
        """Let an alias point at nothing."""
        self.find(name, alias)
        self._move_of(name, alias, None)

    def roll_back(self, name: str, alias: str = CHAMPION) -> ModelVersion:
        """Undo the last move of an alias that was not undone yet; return where it points then.

        Going back again undoes the move before; :meth:`point` leads forward again. Versions that
        are gone or archived are passed over.

        Raises
        ------
        UserError
            ``registry.nothing_before``: it never pointed at another version that is still there.
        """
        before = self.previous(name, alias)
        if before is None:
            raise UserError("registry.nothing_before", name=name, alias=alias)
        self._move_of(name, alias, before.number, is_back=True)
        return self.find(name, before.number)

    def previous(self, name: str, alias: str = CHAMPION) -> ModelVersion | None:
        """Return the version that :meth:`roll_back` would lead to, if there is one."""
        model = self.get(name)
        now = model.pointed_at(alias)
        for number in reversed(self._not_undone(name, alias)):
            before = None if number is None else model.numbered(number)
            if before and not before.is_archived and before != now:
                return before
        return None

    def _not_undone(self, name: str, alias: str) -> list[int | None]:
        """Return where an alias was pointed at, oldest first, without what was undone since."""
        path: list[int | None] = []
        for move in reversed([move for move in self.moves(name) if move.alias == alias]):
            while move.is_back and path and path[-1] != move.number:
                path.pop()
            if not move.is_back:
                path.append(move.number)
        return path

    def _move_of(self, name: str, alias: str, number: int | None, *, is_back: bool = False) -> None:
        with self.workspace.connect() as connection:
            row = connection.execute(
                "SELECT id FROM models WHERE user = ? AND name = ?", (self.workspace.user, name)
            ).fetchone()
            self._move(connection, row["id"], alias, number, is_back)

    def _move(
        self,
        connection: sqlite3.Connection,
        model: str,
        alias: str,
        number: int | None,
        is_back: bool = False,
    ) -> None:
        connection.execute(
            "INSERT INTO alias_moves (user, model, alias, number, moved, is_back)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (self.workspace.user, model, alias, number, time.time(), int(is_back)),
        )

    # Putting away

    def archive(self, name: str, number: int, is_archived: bool = True) -> None:
        """Put a version away, so that it answers no more, or bring it back.

        Raises
        ------
        UserError
            ``registry.in_use``: an alias points at it.
        """
        version = self._unused(name, number) if is_archived else self._any(name, number)
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE model_versions SET is_archived = ? WHERE id = ? AND user = ?",
                (int(is_archived), version.id, self.workspace.user),
            )

    def delete_version(self, name: str, number: int) -> None:
        """Remove a version with its files.

        Raises
        ------
        UserError
            ``registry.in_use``: an alias points at it.
        """
        version = self._unused(name, number)
        with self.workspace.connect() as connection:
            connection.execute(
                "DELETE FROM model_versions WHERE id = ? AND user = ?",
                (version.id, self.workspace.user),
            )
        shutil.rmtree(self._folder(version.id), ignore_errors=True)
        self.sweep()

    def sweep(self) -> None:
        """Remove folders that no version has any more: what was deleted and not wholly removed.

        A folder takes its place before its version counts, so young ones are left alone.
        """
        folders = list(self._folder("any").parent.glob("*"))
        with self.workspace.connect() as connection:
            rows = connection.execute("SELECT id FROM model_versions").fetchall()
        known = {row["id"] for row in rows}
        for folder in folders:
            if folder.name not in known and _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def delete(self, name: str) -> None:
        """Remove a model with all its versions.

        Raises
        ------
        UserError
            ``registry.in_use``: an alias points at one of them.
        """
        for version in self.get(name).versions:
            self._unused(name, version.number)
        for version in self.get(name).versions:
            self.delete_version(name, version.number)
        with self.workspace.connect() as connection:
            connection.execute(
                "DELETE FROM alias_moves WHERE model ="
                " (SELECT id FROM models WHERE user = ? AND name = ?)",
                (self.workspace.user, name),
            )
            connection.execute(
                "DELETE FROM models WHERE user = ? AND name = ?", (self.workspace.user, name)
            )

    def _any(self, name: str, number: int) -> ModelVersion:
        model = self.get(name)
        found = model.numbered(number)
        if found is None:
            raise UserError(
                "registry.no_version", name=name, which=str(number), known=_offered(model)
            )
        return found

    def _unused(self, name: str, number: int) -> ModelVersion:
        version = self._any(name, number)
        if version.aliases:
            aliases = listing(version.aliases)
            raise UserError("registry.in_use", name=name, number=number, aliases=aliases)
        return version

    # Files

    def checked_folder(self, version: ModelVersion) -> Path:
        """Return a version's folder after comparing each of its files with what was written.

        Raises
        ------
        UserError
            ``registry.changed``: a file is missing or is another than the registry wrote.
        """
        folder = self._folder(version.id)
        with self.workspace.connect() as connection:
            row = connection.execute(
                "SELECT manifest_sha256 FROM model_versions WHERE id = ? AND user = ?",
                (version.id, self.workspace.user),
            ).fetchone()
        manifest = folder / contract.MANIFEST
        content = manifest.read_bytes() if manifest.is_file() else b""
        if row is None or hashlib.sha256(content).hexdigest() != row["manifest_sha256"]:
            raise UserError("registry.changed", name=version.model, number=version.number)
        try:
            contract.check_files(folder, needed=())
        except contract.Refusal as refusal:
            raise UserError(
                "registry.changed", name=version.model, number=version.number
            ) from refusal
        return folder

    def engine(self, version: ModelVersion) -> str:
        """Return what answers for a version, ``contract.SCIKIT_LEARN`` or ``contract.ONNX``."""
        try:
            return contract.engine_of(self._folder(version.id))
        except (OSError, ValueError):  # a damaged list is told of when the version is opened
            return contract.SCIKIT_LEARN

    def _folder(self, identifier: str) -> Path:
        return self.workspace.folder("models", identifier)

    def _select(self, condition: str, *values: str) -> list[RegisteredModel]:
        user = self.workspace.user
        with self.workspace.connect() as connection:
            connection.execute("BEGIN")  # three tables, one moment
            models = connection.execute(
                f"SELECT * FROM models WHERE user = ? AND {condition} ORDER BY name COLLATE NOCASE",
                (user, *values),
            ).fetchall()
            versions = connection.execute(
                "SELECT * FROM model_versions WHERE user = ? ORDER BY number DESC", (user,)
            ).fetchall()
            aliases = connection.execute(_POINTED, (user,)).fetchall()
        pointed: dict[tuple[str, int], list[str]] = {}
        for row in aliases:
            pointed.setdefault((row["model"], row["number"]), []).append(row["alias"])
        return [_model(row, versions, pointed) for row in models]


#: Where each alias points now: its last move, unless that took it away.
_POINTED = """
    SELECT model, alias, number FROM alias_moves WHERE sequence IN (
        SELECT max(sequence) FROM alias_moves WHERE user = ? GROUP BY model, alias
    ) AND number IS NOT NULL ORDER BY alias
"""


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > _YOUNG_SECONDS
    except FileNotFoundError:
        return False


def version_of(model: RegisteredModel, which: str | int | None = None) -> ModelVersion:
    """Return the version of a model that is asked for, see :meth:`Registry.find`."""
    text = CHAMPION if which is None else str(which)
    is_number = text.isdecimal() and len(text) < 10
    found = model.numbered(int(text)) if is_number else model.pointed_at(text)
    if found is None:
        code = "registry.no_champion" if text == CHAMPION else "registry.no_version"
        raise UserError(code, name=model.name, which=text, known=_offered(model))
    if found.is_archived:
        raise UserError("registry.archived", name=model.name, number=found.number)
    return found


def checked_model_name(name: str) -> str:
    """Return the name of a model as it stands in addresses.

    Raises
    ------
    UserError
        ``registry.model_name``: it holds something other than letters, digits, ``-``, ``_`` and
        ``.``, or has more than 100 characters.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not _NAME.fullmatch(name):
        raise UserError("registry.model_name", name=name[:100])
    return name


def suggested_model_name(name: str) -> str:
    """Return a name that fits into an address for something of this name.

    >>> suggested_model_name("Random forest, 100 trees")
    'random-forest-100-trees'
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).lower())
    return "-".join(words)[:100].strip("-") or "model"


def _offered(model: RegisteredModel) -> str:
    return ", ".join(
        " ".join([str(version.number), *(f"({alias})" for alias in version.aliases)])
        for version in model.versions
        if not version.is_archived
    )


def _model(
    row: sqlite3.Row,
    versions: Sequence[sqlite3.Row],
    pointed: Mapping[tuple[str, int], Sequence[str]],
) -> RegisteredModel:
    return RegisteredModel(
        name=row["name"],
        description=row["description"],
        tags=tuple(json.loads(row["tags"])),
        created=row["created"],
        versions=tuple(
            _version(one, row["name"], pointed.get((row["id"], one["number"]), ()))
            for one in versions
            if one["model"] == row["id"]
        ),
    )


def _version(row: sqlite3.Row, name: str, aliases: Sequence[str]) -> ModelVersion:
    return ModelVersion(
        id=row["id"],
        model=name,
        number=row["number"],
        origin=row["origin"],
        run=row["run"],
        note=row["note"],
        author=row["author"],
        created=row["created"],
        is_archived=bool(row["is_archived"]),
        aliases=tuple(aliases),
    )
