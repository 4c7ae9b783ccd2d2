"""The files of one dataset: what came, the tables made of it, and what is known.

``original`` (the bytes that came), ``upload.json`` (its name), ``table.parquet`` (all text),
``frame.parquet`` (typed), ``schema.json``, ``findings.json`` (none after a change, until somebody
wants to see them) and, written last, ``reading.json``: a dataset whose ``reading.json`` is there is
complete. ``detected.json`` tells by which columns decisions about the file are remembered. Where
the user has steps of their own, ``source.parquet`` and ``source_schema.json`` hold the typed table
before them; the steps stand in ``schema.json``, with the fingerprint of what they lead to.
``steps_before.json`` holds what each change has replaced, to be taken back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.dataset import Dataset
from mlcore.data.history import History
from mlcore.data.quality import FINDINGS_VERSION
from mlcore.data.reading import Reading, as_text_frame
from mlcore.data.recipe.recipe import Recipe
from mlcore.data.schema import Schema
from mlcore.findings import Finding
from mlcore.workspace import write_whole


@dataclass(frozen=True)
class TableFolder:
    """The folder of one dataset.

    Parameters
    ----------
    path : Path
        Where it lies.
    """

    path: Path

    # As it came

    @property
    def is_there(self) -> bool:
        """Whether a file has come in."""
        return self._file("upload.json").is_file()

    @property
    def original(self) -> Path:
        """Where the file lies as it came."""
        return self._file("original")

    @property
    def file_name(self) -> str:
        """The name of the file as it came."""
        return str(self._json("upload.json")["name"])

    @property
    def content(self) -> str:
        """The SHA-256 of the file as it came."""
        return str(self._json("upload.json")["sha256"])

    def keep(self, name: str, content: bytes | Path) -> None:
        """Make the folder and put a file into it."""
        self.path.mkdir(parents=True)
        if isinstance(content, bytes):
            write_whole(self.original, content)
        else:
            shutil.copyfile(content, self.original)
        with self.original.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._write_json("upload.json", {"name": name, "sha256": digest})

    # As it was read

    @property
    def is_read(self) -> bool:
        """Whether the file has been read completely."""
        return self._file("reading.json").is_file()

    def reading(self) -> Reading:
        """Return how the file was read."""
        return Reading.from_json(self._json("reading.json"))

    def forget_reading(self) -> None:
        """Remove what an earlier reading has left, so that half of it never stands beside a new."""
        self._file("reading.json").unlink(missing_ok=True)
        self.forget_source()
        self.history.clear()

    def write_reading(self, reading: Reading) -> None:
        """Write how the file was read; from then on the dataset is complete."""
        self._write_json("reading.json", reading.to_json())

    def detected(self) -> dict[str, Any] | None:
        """Return the ``columns`` that decisions are remembered by, and if all was read ``anew``."""
        return self._json("detected.json") if self._file("detected.json").is_file() else None

    def write_detected(self, columns: str, anew: bool) -> None:
        """Write by which columns decisions are remembered."""
        self._write_json("detected.json", {"columns": columns, "anew": anew})

    def preview(self, rows: int) -> pd.DataFrame:
        """Return the first rows as text, NaN for missing, without loading the others."""
        with pq.ParquetFile(self._file("table.parquet")) as file:
            batch = next(file.iter_batches(batch_size=rows))
        return as_text_frame(pa.Table.from_batches([batch]))

    def text(self, names: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the cells of some columns, or of all, as text; NaN for missing."""
        columns = None if names is None else list(names)
        return as_text_frame(pq.read_table(self._file("table.parquet"), columns=columns))

    def text_names(self) -> tuple[str, ...]:
        """Return the names of the columns as they were read."""
        return tuple(pq.read_schema(self._file("table.parquet")).names)

    def write_cells(self, frame: pd.DataFrame) -> None:
        """Write all cells as text."""
        _write_parquet(self._file("table.parquet"), frame)

    # As it is now

    def described(self) -> tuple[Schema, str, Recipe]:
        """Return what the columns are, the fingerprint, and the steps that led there."""
        plain = self._json("schema.json")
        # Tables from before there were steps do not name any.
        recipe = Recipe.from_json(plain.get("recipe", ()))
        return Schema.from_json(plain), str(plain["fingerprint"]), recipe

    def write_schema(self, schema: Schema, mark: str, recipe: Recipe) -> None:
        """Write what :meth:`described` returns."""
        plain = {"fingerprint": mark, "recipe": recipe.to_json(), **schema.to_json()}
        self._write_json("schema.json", plain)

    def load(self, name: str) -> Dataset:
        """Return the table under a name."""
        schema, mark, recipe = self.described()
        frame = pd.read_parquet(self._file("frame.parquet"))
        return Dataset(name, frame, schema, mark, recipe, self._options())

    def write(self, dataset: Dataset) -> None:
        """Write the table; what was noticed about an earlier one is forgotten."""
        _write_parquet(self._file("frame.parquet"), dataset.frame)
        self._file("findings.json").unlink(missing_ok=True)
        self.write_schema(dataset.schema, dataset.fingerprint, dataset.recipe)

    def findings(self) -> tuple[Finding, ...] | None:
        """Return what was noticed about the table, or ``None`` where nobody has looked."""
        path = self._file("findings.json")
        plain = self._json(path.name) if path.is_file() else None
        if not isinstance(plain, dict) or plain["version"] != FINDINGS_VERSION:
            return None
        return tuple(map(Finding.from_json, plain["findings"]))

    def write_findings(self, found: Iterable[Finding]) -> None:
        """Write what was noticed about the table."""
        plain = {"version": FINDINGS_VERSION, "findings": [one.to_json() for one in found]}
        self._write_json("findings.json", plain)

    # As it was before the user's own steps, and before each change

    def load_source(self, name: str) -> Dataset:
        """Return the typed table before the user's own steps under a name."""
        # Written last and removed first, so the table lies beside it.
        if not self._file("source_schema.json").is_file():
            return self.load(name)
        plain = self._json("source_schema.json")
        frame, schema = pd.read_parquet(self._file("source.parquet")), Schema.from_json(plain)
        return Dataset(name, frame, schema, str(plain["fingerprint"]), reading=self._options())

    def source_schema(self) -> Schema:
        """Return what the columns are before the user's own steps, without loading them."""
        if not self._file("source_schema.json").is_file():
            return self.described()[0]
        return Schema.from_json(self._json("source_schema.json"))

    def write_source(self, source: Dataset) -> None:
        """Write the table before the steps; its cells only where they are not there yet."""
        path = self._file("source_schema.json")
        is_there = path.is_file() and self._json(path.name)["fingerprint"] == source.fingerprint
        if not is_there:
            _write_parquet(self._file("source.parquet"), source.frame)
        self._write_source_schema(source.schema, source.fingerprint)

    def write_source_schema(self, schema: Schema) -> None:
        """Write what the columns before the steps are; their cells stay."""
        self._write_source_schema(schema, self._json("source_schema.json")["fingerprint"])

    def _write_source_schema(self, schema: Schema, mark: str) -> None:
        self._write_json("source_schema.json", {"fingerprint": mark, **schema.to_json()})

    def forget_source(self) -> None:
        """Remove the table before the steps, because there are none."""
        for name in ("source_schema.json", "source.parquet"):
            self._file(name).unlink(missing_ok=True)

    @property
    def history(self) -> History:
        """What each change has replaced."""
        return History(self._file("steps_before.json"))

    # Inside

    def _file(self, name: str) -> Path:
        return self.path / name

    def _json(self, name: str) -> Any:
        return json.loads(self._file(name).read_text(encoding="utf-8"))

    def _write_json(self, name: str, plain: Any) -> None:
        text = json.dumps(plain, ensure_ascii=False, indent=1)
        write_whole(self._file(name), text.encode("utf-8"))

    def _options(self) -> dict[str, Any]:
        return dict(self._json("reading.json")["options"])


def _write_parquet(path: Path, frame: pd.DataFrame) -> None:
    temporary = path.with_suffix(".writing")
    try:
        frame.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
