"""The command ``train``: read a table, train what was asked for, tell how it went."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from mlcore.command_line.experiments import experiments_of
from mlcore.command_line.outcomes import Report
from mlcore.command_line.reports import as_json, print_report
from mlcore.command_line.running import make_folder, read_file, run_one, write_one
from mlcore.command_line.setups import setup_of
from mlcore.workflow import divide


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
    table = read_file(options)
    dataset = table.dataset
    setup = setup_of(dataset, options)
    experiments = experiments_of(dataset, setup, setup.task, options)
    # Divided once before any training, so that a table that cannot be divided is refused at once.
    split = divide(dataset, setup)
    if options.out is not None:
        make_folder(options.out)
    outcomes = tuple(run_one(dataset, experiment) for experiment in experiments)
    report = Report(
        dataset=dataset, reading=table.reading, setup=setup, split=split, outcomes=outcomes
    )
    if options.out is not None:
        written = tuple(
            write_one(outcome, table, options.out, report.baseline) for outcome in outcomes
        )
        report = replace(report, outcomes=written)
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        print_report(report)
    return int(any(outcome.why for outcome in report.outcomes))
