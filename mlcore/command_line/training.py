"""The command ``train``: read a table, train what was asked for, tell how it went."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from mlcore.command_line.options import experiments_of, kinds_of, setup_of
from mlcore.command_line.outcomes import Outcome, Report
from mlcore.command_line.reports import as_json, print_report
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.kinds import type_table
from mlcore.data.reading import Reading, ReadingOptions, read_table
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.messages import message
from mlcore.registry.bundle import write_bundle
from mlcore.training.defects import record_defect
from mlcore.workflow import divide, run_experiment
from mlcore.workspace import Workspace


def train(options: argparse.Namespace) -> int:
    """Train what was asked for on a table and print how it went.

    Returns
    -------
    int
        0, or 1 when a run failed or its bundle could not be written; the others went on.

    Raises
    ------
    UserError
        The file or an option cannot be used; nothing was trained.
    """
    dataset, reading = _read(options)
    setup = setup_of(dataset, options)
    experiments = experiments_of(dataset, setup, options)
    # Divided once before any training, so that a table that cannot be divided is refused at once.
    split = divide(dataset, setup)
    if options.out is not None:
        _make_folder(options.out)
    outcomes = tuple(_train(dataset, experiment) for experiment in experiments)
    report = Report(dataset=dataset, reading=reading, setup=setup, split=split, outcomes=outcomes)
    if options.out is not None:
        written = tuple(_write(outcome, report, options.out) for outcome in outcomes)
        report = replace(report, outcomes=written)
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        print_report(report)
    return int(any(outcome.why for outcome in report.outcomes))


def _read(options: argparse.Namespace) -> tuple[Dataset, Reading]:
    path: Path = options.file
    if not path.exists():
        raise UserError("command.no_file", path=path.name, folder=str(path.absolute().parent))
    chosen = ReadingOptions(
        encoding=options.encoding,
        # A shell passes a tab on only with difficulty.
        delimiter={"tab": "\t", "\\t": "\t"}.get(options.delimiter, options.delimiter),
        decimal=options.decimal,
    )
    try:
        table = read_table(path, chosen)
    except OSError as error:
        raise UserError("command.cannot_read", path=path.name, reason=_reason(error)) from error
    decimal = table.reading.options.decimal or "."
    kinds = kinds_of(options.kind, table.frame.columns)
    schema, frame = type_table(table.frame, decimal, kinds)
    return Dataset(path.stem, frame, schema, fingerprint(frame)), table.reading


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _train(dataset: Dataset, experiment: Experiment) -> Outcome:
    if sys.stderr.isatty():
        print(f"Training {experiment.spec.name} …", file=sys.stderr)
    started = time.perf_counter()
    result, why = None, None
    try:
        result = run_experiment(dataset, experiment)
    except UserError as error:
        why = error.message
    except Exception as error:  # the border of a run: it is reported, and the others go on
        why = message("training.defect", number=record_defect(Workspace.open(), error))
    seconds = time.perf_counter() - started
    return Outcome(experiment=experiment, seconds=seconds, result=result, why=why)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = _reason(error)
        raise UserError("command.cannot_write", path=str(folder), reason=reason) from error


def _write(outcome: Outcome, report: Report, folder: Path) -> Outcome:
    """Return the outcome with its bundle, or with the reason why there is none."""
    if outcome.result is None:
        return outcome
    path = folder / f"{outcome.spec.id}.zip"
    try:
        write_bundle(
            path,
            dataset=report.dataset,
            result=outcome.result,
            name=f"{report.dataset.name}: {outcome.spec.name}",
            baseline=report.baseline,
            decimal=report.reading.options.decimal or ".",
            encoding=report.reading.options.encoding or "utf-8",
            quote=report.reading.quote,
        )
    except UserError as error:
        return replace(outcome, why=error.message)
    except OSError as error:
        reason = _reason(error)
        why = message("command.cannot_write", path=str(folder), reason=reason)
        return replace(outcome, why=why)
    return replace(outcome, path=path)
