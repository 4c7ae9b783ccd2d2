"""A file of rows to predict: kept, looked through, predicted by a job, and taken away again.

Each has a folder of its own with the file as it came. Two jobs work on it: the first lists what is
odd before anything is predicted, the second predicts.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.propagation import UNREACHED
from mlcore.data.reading import MISSING
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.sealed import final_scores
from mlcore.messages import message
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.bundle_files.contract import Answers, Problem, Reading
from mlcore.registry.bundle_files.predict import Notices, TableFile
from mlcore.registry.store import ModelVersion, Registry
from mlcore.serving.drifting import DriftTally
from mlcore.serving.opened import open_version
from mlcore.serving.row_files import write_plain
from mlcore.tasks import Task
from mlcore.training.context import JobContext
from mlcore.workflow import Progress, without_unreached
from mlcore.workspace import Workspace, new_id, write_whole

#: Problems that are listed one by one, and rows that are shown, at most.
MOST_LISTED = 1_000
PREVIEW_ROWS = 200

#: Rows that are predicted at once: few enough that progress is seen.
_CHUNK = 2_000

_INPUT, _SOURCE, _CHECKED, _DONE = "input.csv", "source.json", "checked.json", "done.json"

#: The same rows as a plain table, where the file is none that a model's reader takes.
_PLAIN = "plain.csv"
CSV, EXCEL = "predictions.csv", "predictions.xlsx"


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a file of rows is, and which model is to predict it.

    Parameters
    ----------
    name : str
        The file's name as it came.
    model, number : str, int
        The version that is asked.
    created : float
        When it came, in seconds since 1970.
    """

    name: str
    model: str
    number: int
    created: float


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a look through a file found, before anything is predicted.

    Parameters
    ----------
    rows : int
        How many there are.
    ignored : tuple of str
        Columns the model does not use.
    ragged : int
        Rows with more or fewer cells than the header.
    refused : mapping of str to int
        How many rows get no prediction, by policy.
    sentences : tuple of str
        What is odd, one sentence a column and kind.
    problems : int
        How many problems there are; the first :data:`MOST_LISTED` are listed.
    has_label : bool
        Whether the file holds the column that is predicted.
    cautions : tuple of str
        What may be wrong with how the file was read.
    """

    rows: int
    ignored: tuple[str, ...]
    ragged: int
    refused: Mapping[str, int]
    sentences: tuple[str, ...]
    problems: int
    has_label: bool
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a prediction left behind.

    Parameters
    ----------
    rows, refused : int
        How many rows there are, and how many of them got no prediction.
    policy : str
        One of ``contract.POLICIES``.
    labelled : int
        On how many rows the scores are measured; 0 without labels.
    header : tuple of str
        Columns of the file, followed by those that were added.
    """

    rows: int
    refused: int
    policy: str
    labelled: int
    header: tuple[str, ...]


@dataclass(frozen=True)
class TablePredictions:
    """The files of rows of one user."""

    workspace: Workspace

    def stage(self, name: str, content: bytes, version: ModelVersion) -> str:
        """Keep a file that a version is to predict, and return its id.

        Raises
        ------
        UserError
            The workspace is full.
        """
        self.workspace.require_space(len(content))
        identifier = new_id()
        source = Source(name=name, model=version.model, number=version.number, created=time.time())
        write_whole(self.folder(identifier) / _INPUT, content)
        self._write(identifier, _SOURCE, asdict(source))
        return identifier

    def folder(self, identifier: str) -> Path:
        """Return where the files of a prediction are."""
        return self.workspace.folder("predictions", identifier)

    def source(self, identifier: str) -> Source | None:
        """Return what was staged, or ``None`` when it is gone."""
        plain = self._read(identifier, _SOURCE)
        return None if plain is None else Source(**plain)

    def checked(self, identifier: str) -> Checked | None:
        """Return what the look through the file found; ``None`` before it is over."""
        plain = self._read(identifier, _CHECKED)
        if plain is None:
            return None
        lists = {name: tuple(plain.get(name, ())) for name in ("ignored", "sentences", "cautions")}
        return Checked(**{**plain, **lists})

    def done(self, identifier: str) -> Done | None:
        """Return what the prediction left behind; ``None`` before it is over."""
        plain = self._read(identifier, _DONE)
        return None if plain is None else Done(**{**plain, "header": tuple(plain["header"])})

    def frame(self, identifier: str, name: str) -> pd.DataFrame | None:
        """Return a table of a prediction, if there is one.

        Parameters
        ----------
        identifier : str
            Of the prediction.
        name : str
            ``"problems"`` (``row`` from 1, ``column``, ``problem``, ``is_refused``), ``"preview"``
            (the first rows with their answers), ``"answers"``, ``"scores"`` (as
            :func:`mlcore.evaluation.sealed.final_scores` returns them) or ``"drift"`` (as
            :class:`mlcore.serving.drifting.DriftTally` does).
        """
        path = self.folder(identifier) / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    def delete(self, identifier: str) -> None:
        """Remove a file with all that came of it."""
        shutil.rmtree(self.folder(identifier), ignore_errors=True)

    def _write(self, identifier: str, name: str, plain: Mapping[str, Any]) -> None:
        write_whole(self.folder(identifier) / name, json.dumps(plain).encode())

    def _read(self, identifier: str, name: str) -> dict[str, Any] | None:
        path = self.folder(identifier) / name
        if not path.is_file():
            return None
        plain: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return plain

    def _keep(self, identifier: str, name: str, frame: pd.DataFrame) -> None:
        content = frame.to_parquet(index=False)
        self.workspace.require_space(len(content))
        write_whole(self.folder(identifier) / f"{name}.parquet", content)

    # What the jobs do

    def check(self, identifier: str, report: Callable[[Progress], None]) -> Checked:
        """Look through a file, and keep what is odd in it.

        Raises
        ------
        UserError
            ``prediction.file``: it is no table with the columns of the model.
        """
        schema = self._schema(identifier)
        folder = self.folder(identifier)
        cautions = write_plain(folder / _INPUT, folder / _PLAIN, schema)
        table, schema, marks = self._table(identifier, schema)
        found = _Look(schema, table, report)
        for reading, _rows in _readings(table, schema):
            found.add(reading)
        said = (*map(str, cautions), *predict.marks_told(marks))
        checked = replace(found.checked(), cautions=said)
        if not checked.rows:
            raise UserError("prediction.no_rows", name=self._name(identifier))
        self._keep(identifier, "problems", found.frame())
        self._write(identifier, _CHECKED, asdict(checked))
        return checked

    def predict(self, identifier: str, policy: str, report: Callable[[Progress], None]) -> Done:
        """Predict a file that was checked, and keep what comes of it.

        Raises
        ------
        UserError
            The model cannot be opened, the workspace is full, or the file is no such table.
        """
        opened = open_version(self.workspace, self._asked(identifier))
        checked = self.checked(identifier) or self.check(identifier, report)
        table, schema, _ = self._table(identifier, opened.schema)
        work = _Work(opened.model, schema, table, policy, checked.rows, report)
        self.workspace.require_space(2 * table.path.stat().st_size)
        output = self.folder(identifier) / CSV
        try:
            predict.write_beside(table, table.header, work.parts(), output, schema["decimal"])
        except contract.Refusal as refusal:
            raise self._unfit(identifier, refusal) from refusal
        for name, frame in work.frames().items():
            self._keep(identifier, name, frame)
        (self.folder(identifier) / EXCEL).unlink(missing_ok=True)
        self._write(identifier, _DONE, asdict(work.done()))
        return work.done()

    def write_excel(self, identifier: str) -> Path:
        """Write the predicted rows as a spreadsheet, unless that is done, and return its path.

        Raises
        ------
        UserError
            ``prediction.too_long``: a sheet does not hold so many rows.
        """
        from mlcore.serving.sheets import MOST_ROWS, write_sheet

        path, done = self.folder(identifier) / EXCEL, self.done(identifier)
        if done is None:
            raise UserError("prediction.not_predicted")
        if done.rows >= MOST_ROWS:
            raise UserError("prediction.too_long", rows=done.rows, limit=MOST_ROWS - 1)
        if not path.is_file():
            table, schema, _ = self._table(identifier, self._schema(identifier))
            answers = self.frame(identifier, "answers")
            assert answers is not None
            write_sheet(path, done.header, _sheet_rows(table, schema, answers))
        return path

    def _asked(self, identifier: str) -> ModelVersion:
        source = self.source(identifier)
        if source is None:
            raise UserError("prediction.gone")
        return Registry(self.workspace).find(source.model, source.number)

    def _schema(self, identifier: str) -> dict[str, Any]:
        version = self._asked(identifier)
        return contract.read_schema(Registry(self.workspace).checked_folder(version))

    def _name(self, identifier: str) -> str:
        source = self.source(identifier)
        return source.name if source else _INPUT

    def _table(
        self, identifier: str, schema: Mapping[str, Any]
    ) -> tuple[TableFile, dict[str, Any], dict[str, str]]:
        """Return the file, how its columns are read, and which have another decimal mark."""
        plain = self.folder(identifier) / _PLAIN
        path = plain if plain.is_file() else self.folder(identifier) / _INPUT
        try:
            table = TableFile(path, schema)
            marks = predict.other_marks(table, schema)
            return table, predict.with_marks(schema, marks), marks
        except contract.Refusal as refusal:
            raise self._unfit(identifier, refusal) from refusal

    def _unfit(self, identifier: str, refusal: contract.Refusal) -> UserError:
        # The person knows the file by the name it came with.
        reason = str(refusal)
        for name in (_INPUT, _PLAIN):
            reason = reason.replace(f"“{name}”", f"“{self._name(identifier)}”")
        return UserError("prediction.file", reason=reason)


def _readings(
    table: TableFile, schema: Mapping[str, Any]
) -> Iterator[tuple[Reading, list[list[str]]]]:
    """Yield some rows after the other: as the model takes them, and as they are in the file."""
    for rows in table.chunks(_CHUNK):
        yield contract.read_columns(table.features(rows), schema), rows


class _Look:
    """Gathers what is odd in a file."""

    def __init__(
        self, schema: Mapping[str, Any], table: TableFile, report: Callable[[Progress], None]
    ) -> None:
        self._schema, self._table, self._report = schema, table, report
        self._notices = Notices()
        self._listed: list[tuple[int, str | None, str, bool]] = []
        self._refused = dict.fromkeys(contract.POLICIES, 0)
        self._rows, self._problems = 0, 0

    def add(self, reading: Reading) -> None:
        """Take some more rows."""
        self._notices.add_all(reading.problems)
        of_rows = [problem for problem in reading.problems if problem.row is not None]
        self._problems += len(of_rows)
        self._listed += [self._listing(p) for p in of_rows[: MOST_LISTED - len(self._listed)]]
        for policy in self._refused:
            self._refused[policy] += len(reading.refused(policy))
        self._rows += reading.n_rows
        self._report(Progress(0, 0, message("prediction.stage.checking", rows=self._rows)))

    def _listing(self, problem: Problem) -> tuple[int, str | None, str, bool]:
        number = self._rows + (problem.row or 0) + 1
        return number, problem.column, problem.sentence, problem.severity == "error"

    def checked(self) -> Checked:
        """Return what was found."""
        return Checked(
            rows=self._rows,
            ignored=tuple(name for name in self._table.ignored if name != self._schema["target"]),
            ragged=self._table.ragged,
            refused=self._refused,
            sentences=tuple(self._notices.sentences()),
            problems=self._problems,
            has_label=self._schema["target"] in self._table.header,
        )

    def frame(self) -> pd.DataFrame:
        """Return the list of problems."""
        return pd.DataFrame(self._listed, columns=["row", "column", "problem", "is_refused"])


class _Work:
    """Predicts a file part by part, and keeps what is said of it afterwards."""

    def __init__(
        self,
        model: Any,
        schema: Mapping[str, Any],
        table: TableFile,
        policy: str,
        rows: int,
        report: Callable[[Progress], None],
    ) -> None:
        self._model, self._schema, self._table, self._policy = model, schema, table, policy
        self._total, self._report = rows, report
        self._drift = DriftTally(schema)
        self._rows, self._refused = 0, 0
        self._answers: list[pd.DataFrame] = []
        self._labels: list[list[str]] = []
        self._preview: pd.DataFrame | None = None
        target = schema["target"]
        self._target = table.header.index(target) if target in table.header else None

    def parts(self) -> Iterator[predict.Part]:
        """Yield rows with their answers."""
        for reading, rows in _readings(self._table, self._schema):
            told = contract.answers(self._model, self._schema, reading, self._policy)
            self._take(reading, rows, told)
            yield rows, {**told.columns, "warnings": told.warnings}

    def _take(self, reading: Reading, rows: Sequence[Sequence[str]], told: Answers) -> None:
        self._drift.add(reading)
        self._refused += len(told.refused)
        self._rows += len(rows)
        frame = pd.DataFrame({**told.columns, "warnings": told.warnings})
        self._answers.append(frame)
        if self._target is not None:
            self._labels.append([row[self._target] for row in rows])
        if self._preview is None:
            self._preview = self._first(rows[:PREVIEW_ROWS], frame)
        stage = message("prediction.stage.predicting", rows=self._rows, total=self._total)
        self._report(Progress(self._rows, self._total, stage))

    def _first(self, rows: Sequence[Sequence[str]], answers: pd.DataFrame) -> pd.DataFrame:
        names = predict.output_names(self._table.header, map(str, answers.columns))
        beside = answers.head(len(rows)).set_axis(names, axis=1)
        # What was asked for stands first: a wide table would hide it.
        return pd.concat([beside, pd.DataFrame(rows, columns=self._table.header)], axis=1)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables that are kept."""
        answers = pd.concat(self._answers, ignore_index=True)
        found = {"answers": answers, "drift": self._drift.frame()}
        if self._preview is not None:
            found["preview"] = self._preview
        labels = self._known(answers)
        if len(labels):
            found["scores"] = _scores(self._schema, answers.loc[labels.index], labels)
        return found

    def _known(self, answers: pd.DataFrame) -> pd.Series:
        """Return the labels of the rows that have one and a prediction, by row."""
        cells = [cell for part in self._labels for cell in part]
        labels = actual_labels(cells, self._schema)
        answered = answers.iloc[: len(labels), 0].notna()
        return labels[labels.notna() & answered.reindex(labels.index, fill_value=False)]

    def done(self) -> Done:
        """Return what the prediction left behind."""
        answers = pd.concat(self._answers, ignore_index=True)
        names = predict.output_names(self._table.header, map(str, answers.columns))
        return Done(
            rows=self._rows,
            refused=self._refused,
            policy=self._policy,
            labelled=len(self._known(answers)),
            header=(*self._table.header, *names),
        )


def actual_labels(cells: Sequence[str], schema: Mapping[str, Any]) -> pd.Series:
    """Return the labels that stand in a file, as the model names them; missing where there is none.

    Parameters
    ----------
    cells : sequence of str
        The column of the label.
    schema : mapping
        As in ``input_schema.json``.
    """
    if schema["task"] == "clustering":
        return pd.Series(dtype="float64")
    bare = [cell.strip(contract.BLANKS) for cell in cells]
    if schema["task"] == "regression":
        units = schema.get("target_words", ())
        return pd.Series(
            [contract.read_number(cell, schema["decimal"], units) for cell in bare],
            dtype="float64",
        )
    known = set(schema["classes"])
    missing = {*MISSING} - known
    return pd.Series(
        [None if cell in missing else _class(cell, known, schema["decimal"]) for cell in bare],
        dtype="str",
    )


def _class(cell: str, known: set[str], decimal: str) -> str:
    if cell in known:
        return cell
    # Classes that are numbers are named as numbers are: 1.50 is the class 1.5.
    number = f"{contract.read_number(cell, decimal):.15g}"
    return number if number in known else cell


def _scores(schema: Mapping[str, Any], answers: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Return every score that the workbench knows of a task, on the rows with a label."""
    task = Task(schema["task"]).scored_as
    predicted = answers.iloc[:, 0]
    prefix = "probability_"
    names = [str(name) for name in answers.columns if str(name).startswith(prefix)]
    probabilities = answers[names].rename(columns=lambda n: PROBABILITY + n.removeprefix(prefix))
    if PROBABILITY + UNREACHED in probabilities:
        probabilities = without_unreached(probabilities)
    shares = probabilities.rename(columns=lambda name: name.removeprefix(PROBABILITY))
    return final_scores(labels, predicted, shares if names else None, task)


def _sheet_rows(
    table: TableFile, schema: Mapping[str, Any], answers: pd.DataFrame
) -> Iterator[list[Any]]:
    """Yield rows with their answers; numbers of the model's columns as numbers."""
    numbers = {
        table.positions[feature["name"]]: feature["decimal"]
        for feature in schema["features"]
        if feature["kind"] == "number"
    }
    told = answers.astype(object).where(answers.notna(), None).itertuples(index=False, name=None)
    for rows in table.chunks(_CHUNK):
        for row in rows:
            cells: list[Any] = list(row)
            for place, decimal in numbers.items():
                value = contract.read_number(row[place].strip(contract.BLANKS), decimal)
                cells[place] = row[place] if np.isnan(value) else value
            yield [*cells, *next(told)]


# The jobs


def check(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Look through the file that the job is about."""
    context.report(Progress(0, 0, message("prediction.stage.opening")))
    TablePredictions(context.workspace).check(context.subject, context.report)


def predict_rows(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Predict the file that the job is about, under ``payload["policy"]``."""
    context.report(Progress(0, 0, message("prediction.stage.opening")))
    store = TablePredictions(context.workspace)
    store.predict(context.subject, payload["policy"], context.report)


def package(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Write the predicted rows as a spreadsheet."""
    context.report(Progress(0, 1, message("prediction.stage.sheet")))
    TablePredictions(context.workspace).write_excel(context.subject)
