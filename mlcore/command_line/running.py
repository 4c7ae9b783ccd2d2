"""What every command does with a file: read it, run experiments on it, write bundles."""

from __future__ import annotations

import argparse
import errno
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pandas as pd

from mlcore.command_line.given import kinds_of
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.reading import reading_options
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.reading import Reading, read_table
from mlcore.data.recipe.steps_file import read_steps
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.registry.bundle import write_bundle
from mlcore.registry.exports import csv_bytes
from mlcore.tasks import Task
from mlcore.training.defects import record_defect
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace, write_whole

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class FileTable:
    """What came of the file that was named.

    Parameters
    ----------
    source : Dataset
        The table as the file has it.
    dataset : Dataset
        The table after the user's own steps; the same where there are none.
    reading : Reading
        How the file was read.
    """

    source: Dataset
    dataset: Dataset
    reading: Reading


def read_file(options: argparse.Namespace) -> FileTable:
    """Return the table of the file that was named, after the steps of the one that was named.

    Raises
    ------
    UserError
        There is no such file, it holds no table, or an option or a step does not fit it.
    """
    path: Path = options.file
    table = _opened(path, lambda: read_table(path, reading_options(options)), "table")
    kinds = kinds_of(options.kind, table.names)
    schema, frame = table.typed(kinds)
    cautions = (*table.reading.cautions, *schema.main_cautions)
    reading = replace(table.reading, cautions=cautions)
    used = reading.options.to_json()
    source = Dataset(path.stem, frame, schema, fingerprint(frame), reading=used)
    return FileTable(source, _after_steps(source, options.steps), reading)


def _after_steps(source: Dataset, path: Path | None) -> Dataset:
    if path is None:
        return source
    content = _opened(path, path.read_bytes, "steps")
    return source.after(read_steps(content, path.name))


def _opened(path: Path, read: Callable[[], T], holding: str) -> T:
    """Return what is read from a file, or say why there is nothing."""
    if not path.exists():
        raise UserError("command.no_file", path=path.name, folder=str(path.absolute().parent))
    try:
        return read()
    except OSError as error:
        what = message(f"command.file_of.{holding}")
        raise UserError(
            "command.cannot_read", path=path.name, reason=_reason(error), expected=str(what)
        ) from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


#: What a run does, as the code of a sentence.
_DOING = {
    Task.CLASSIFICATION: "training",
    Task.REGRESSION: "training",
    Task.CLUSTERING: "grouping",
    Task.SEMI_SUPERVISED: "spreading",
    Task.FUSION: "fusing",
}


def run_one(dataset: Dataset, experiment: Experiment) -> Outcome:
    """Run an experiment; what went wrong becomes part of the outcome."""
    tell(message(f"command.{_DOING[experiment.task]}", name=experiment.spec.name))
    started = time.perf_counter()
    result, why = attempt(lambda: run_experiment(dataset, experiment), experiment.spec.name)
    seconds = time.perf_counter() - started
    return Outcome(experiment=experiment, seconds=seconds, result=result, why=why)


def attempt(work: Callable[[], T], name: str) -> tuple[T | None, Message | None]:
    """Return what came of some work, or why nothing did.

    Parameters
    ----------
    work : callable
        What is to be done.
    name : str
        Of the algorithm or method, for the sentence.
    """
    try:
        return work(), None
    except UserError as error:
        return None, error.message
    except Exception as error:  # the border of a run: it is reported, and the others go on
        return None, _why(name, error)


def _why(name: str, error: Exception) -> Message:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return message("command.out_of_memory", name=name)
    return message("training.defect", number=record_defect(Workspace.open(), error))


def tell(words: Message) -> None:
    """Tell somebody who waits at a terminal how far it is."""
    if sys.stderr.isatty():
        print(words, file=sys.stderr)


def make_folder(folder: Path) -> None:
    """Make the folder for bundles.

    Raises
    ------
    UserError
        It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = _reason(error)
        raise UserError("command.cannot_write", path=str(folder), reason=reason) from error


def write_one(
    outcome: Outcome,
    table: FileTable,
    folder: Path,
    baseline: Evaluation | None = None,
) -> Outcome:
    """Return the outcome with its bundle, or with the reason why there is none."""
    if outcome.result is None:
        return outcome
    path = folder / f"{outcome.spec.id}.zip"
    dataset, reading = table.dataset, table.reading
    try:
        write_bundle(
            path,
            dataset=dataset,
            result=outcome.result,
            name=f"{dataset.name}: {outcome.spec.name}",
            baseline=baseline,
            decimal=reading.options.decimal or ".",
            encoding=reading.options.encoding or "utf-8",
            quote=reading.quote,
            source=table.source if dataset.recipe else None,
        )
    except UserError as error:
        return replace(outcome, why=error.message)
    except OSError as error:
        return replace(outcome, why=not_written(folder, error))
    return replace(outcome, path=path)


def write_rows(outcome: Outcome, rows: pd.DataFrame, folder: Path) -> Outcome:
    """Return the outcome with what it says of every row as a CSV file, or why there is none."""
    path = folder / f"{outcome.spec.id}.csv"
    try:
        write_whole(path, csv_bytes(rows))
    except OSError as error:
        return replace(outcome, why=not_written(folder, error))
    return replace(outcome, rows_path=path)


def not_written(folder: Path, error: OSError) -> Message:
    """Return why nothing could be written into a folder."""
    return message("command.cannot_write", path=str(folder), reason=_reason(error))
