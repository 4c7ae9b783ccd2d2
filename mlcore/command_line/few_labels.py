"""The command ``propagate``: complete a column of few labels, and tell how far to trust it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import pandas as pd

from mlcore.command_line.columns import filled, left_out
from mlcore.command_line.experiments import experiments_of
from mlcore.command_line.few_labels_report import FewLabelsReport, as_json, print_report
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.running import (
    FileTable,
    make_folder,
    read_file,
    run_one,
    write_one,
    write_rows,
)
from mlcore.command_line.setups import few_labels_setup_of
from mlcore.data.dataset import Dataset
from mlcore.data.reading import MARKS
from mlcore.messages import Message, message
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import FewLabelsConfig, make_few_labels_split
from mlcore.tasks import Task
from mlcore.training.predictions import completed_frame
from mlcore.workflow.given_labels import check_class_names
from mlcore.workflow.table import known_labels, labels_given


def propagate(options: argparse.Namespace) -> int:
    """Complete a column of few labels with what was asked for and print how it went.

    Returns
    -------
    int
        0, or 1 when a run failed or its files could not be written; the others went on.

    Raises
    ------
    UserError
        The file or an option cannot be used; nothing was run.
    """
    table = read_file(options)
    dataset = table.dataset
    setup = few_labels_setup_of(dataset, options)
    experiments = experiments_of(dataset, setup, Task.SEMI_SUPERVISED, options)
    given = labels_given(dataset, setup.target, setup.split)
    # Divided once before anything runs, so that a column without labels is refused at once.
    check_class_names(given.labels, setup.target)
    split = make_few_labels_split(setup.split, given.labels, setup.target, given.own)
    if options.out is not None:
        make_folder(options.out)
    outcomes = [run_one(dataset, experiment) for experiment in experiments]
    if options.out is not None:
        outcomes = [_written(each, table, options) for each in outcomes]
    report = FewLabelsReport(
        dataset=dataset,
        reading=table.reading,
        setup=setup,
        left_out=left_out(dataset.schema, setup, is_named=bool(options.features)),
        filled=filled(dataset, setup),
        known=given.labels,
        split=split,
        decided=tuple(_decided(dataset, setup)),
        outcomes=tuple(outcomes),
    )
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        print_report(report)
    return int(any(outcome.why for outcome in outcomes))


def _written(outcome: Outcome, table: FileTable, options: argparse.Namespace) -> Outcome:
    """Return the outcome with its bundle and the completed rows."""
    result = outcome.result
    if result is None:
        return outcome
    rows = completed_frame(table.dataset, result.frames["rows"], result.split)
    return write_rows(write_one(outcome, table, options.out), rows, options.out)


def _decided(dataset: Dataset, setup: FewLabelsSetup) -> Iterator[Message]:
    """Yield how many rows each word for "no label" stands in."""
    column = _spelled(known_labels(dataset, setup.target, FewLabelsConfig()))
    for token in setup.split.no_label:
        rows = int(column.eq(token.strip().casefold()).sum())
        if rows:
            yield message("command.no_label.rows", token=token, rows=f"{rows:,}")
        # A mark means no value already, so it is not among the labels.
        elif token.strip() not in MARKS:
            yield message("command.no_label.absent", token=token, target=setup.target)


def _spelled(label: pd.Series) -> pd.Series:
    return label.str.strip().str.casefold()
