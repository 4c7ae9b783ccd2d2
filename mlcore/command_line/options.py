"""The options of the command line, derived from the declarations, and what they ask for."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore import __version__
from mlcore.algorithms.catalogue import baseline, find
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role, guess_task
from mlcore.errors import UserError, did_you_mean
from mlcore.experiment import Experiment, Setup, check_columns, default_setup
from mlcore.messages import listing
from mlcore.params import (
    BoolParam,
    ChoiceParam,
    FloatParam,
    IntParam,
    Param,
    SeveralParam,
    check_values,
)
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.splitting import SPLIT_PARAMS, SplitConfig
from mlcore.tasks import Task

#: Trained when none is named: one that is easy to read and two that are hard to beat.
DEFAULT_ALGORITHMS: dict[Task, tuple[str, ...]] = {
    Task.CLASSIFICATION: ("logistic_regression", "random_forest", "hist_gradient_boosting"),
    Task.REGRESSION: ("ridge", "random_forest", "hist_gradient_boosting"),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``command`` says which command was given."""
    whole = argparse.ArgumentParser(
        prog="python -m mlcore", description="Train models on a table without the browser."
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, dest="command", metavar="COMMAND")
    algorithms = commands.add_parser("algorithms", help="list what can be trained")
    algorithms.add_argument("--task", choices=list(map(str, Task)), help="only those of a task")
    algorithms.add_argument("--json", action="store_true", help="print JSON")
    _add_train_options(commands.add_parser("train", help="train, compare and keep models"))
    return whole


def _add_train_options(train: argparse.ArgumentParser) -> None:
    add = train.add_argument
    add("file", metavar="FILE", type=Path, help="the table: a CSV or TSV file")
    add("--target", required=True, metavar="COLUMN", help="the label: the column to predict")
    add("--task", choices=list(map(str, Task)), help="guessed from the label when not given")
    add(
        "--features",
        metavar="A,B,…",
        help="the columns to learn from; all that fit if not given; quote a name with a comma",
    )
    add(
        "--algorithm",
        action="append",
        default=[],
        metavar="ID",
        help="what to train; may be repeated (default: "
        f"{', '.join(DEFAULT_ALGORITHMS[Task.CLASSIFICATION])} for classes, "
        f"{', '.join(DEFAULT_ALGORITHMS[Task.REGRESSION])} for numbers); the baseline comes along",
    )
    add("--param", action="append", default=[], metavar="ID.NAME=VALUE", help="set a parameter")
    add("--prepare", action="append", default=[], metavar="NAME=VALUE", help="set the preparation")
    add("--kind", action="append", default=[], metavar="COLUMN=KIND", help="what a column holds")
    add("--group", metavar="COLUMN", help="its rows of one value stay together (split by group)")
    add("--time", metavar="COLUMN", help="the past teaches, the future judges (split by time)")
    for param in SPLIT_PARAMS:
        flag = "split" if param.name == "method" else param.name.replace("_", "-")
        # Argparse takes a percent sign for a field of its own.
        words = param.help.replace("%", "%%")
        add(f"--{flag}", dest=f"split_{param.name}", metavar=_form(param), help=words)
    for name, words in (
        ("encoding", "such as utf-8"), ("delimiter", "between fields"), ("decimal", "mark: . or ,")
    ):  # fmt: skip
        add(f"--{name}", metavar="TEXT", help=f"{words}; detected when not given")
    add("--out", type=Path, metavar="FOLDER", help="write a bundle for each model into it")
    add("--json", action="store_true", help="print one JSON object instead of the table")


def _form(param: Param) -> str:
    if isinstance(param, ChoiceParam):
        return "|".join(param.choices)
    return "WHOLE" if isinstance(param, IntParam) else "NUMBER"


def _parse(param: Param, text: str) -> Any:
    """Return the value that a text stands for; what does not fit stays text, for the check."""
    if isinstance(param, BoolParam):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    if param.none_label is not None and text.lower() == "none":
        return None
    if isinstance(param, SeveralParam):
        return tuple(filter(None, map(str.strip, text.split(","))))
    if isinstance(param, IntParam | FloatParam):
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                continue
    return text


def _parse_all(owner: str, params: Sequence[Param], texts: Mapping[str, str]) -> dict[str, Any]:
    known = {param.name: param for param in params}
    values = {name: _parse(known[name], text) for name, text in texts.items() if name in known}
    return check_values(owner, params, {**texts, **values})


def _assignments(given: Iterable[str], form: str, example: str) -> dict[str, str]:
    pairs = {}
    for text in given:
        # The last sign counts: a column's name may hold one, a value never does.
        name, equals, value = text.rpartition("=")
        if not name or not equals:
            raise UserError("command.setting_form", given=text, form=form, example=example)
        pairs[name.strip()] = value.strip()
    return pairs


def kinds_of(given: Iterable[str], columns: Iterable[str]) -> dict[str, ColumnKind]:
    """Return the kinds of columns that were chosen.

    Raises
    ------
    UserError
        There is no such column or kind.
    """
    known = list(columns)
    words = {kind.value: kind.value for kind in ColumnKind}
    param = ChoiceParam(name="kind", label="--kind", help="", default="number", choices=words)
    chosen = {}
    for name, kind in _assignments(given, "COLUMN=KIND", "postcode=category").items():
        if name not in known:
            raise UserError(
                "setup.no_column",
                name=name,
                known=listing(known, most=12),
                suggestion=did_you_mean(name, known),
            )
        chosen[name] = ColumnKind(str(param.check(kind)))
    return chosen


def setup_of(dataset: Dataset, options: argparse.Namespace) -> Setup:
    """Return what all runs share: what was given, sensible choices for the rest.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration.
    """
    schema = dataset.schema
    roles = {options.time: Role.TIME, options.group: Role.GROUP}
    schema = schema.with_roles({name: role for name, role in roles.items() if name is not None})
    task = Task(options.task) if options.task else guess_task(schema[options.target])[0]
    setup = default_setup(replace(dataset, schema=schema), options.target, task)
    if options.features:
        (features,) = csv.reader([options.features], skipinitialspace=True)
        setup = replace(setup, features=tuple(features))
    check_columns(schema, task, setup.target, setup.features)
    prepare = _assignments(options.prepare, "NAME=VALUE", "scaling=robust")
    return replace(
        setup,
        split=_split_config(setup.split, options),
        preparation=_parse_all("The preparation", PREPARATION_PARAMS, prepare),
    )


def _split_config(default: SplitConfig, options: argparse.Namespace) -> SplitConfig:
    given = {
        param.name: _parse(param, text)
        for param in SPLIT_PARAMS
        if (text := getattr(options, f"split_{param.name}")) is not None
    }
    values = {**default.values(), **given}
    return SplitConfig.checked(values, group=options.group, time=options.time)


def experiments_of(
    dataset: Dataset, setup: Setup, options: argparse.Namespace
) -> tuple[Experiment, ...]:
    """Return one experiment for each algorithm, the baseline first.

    Raises
    ------
    UserError
        There is no such algorithm or parameter, or a value does not fit it.
    """
    line = baseline(setup.task).id
    named = options.algorithm or DEFAULT_ALGORITHMS[setup.task]
    chosen = dict.fromkeys([line, *named])
    texts: dict[str, dict[str, str]] = {name: {} for name in chosen}
    form, example = "ID.NAME=VALUE", "random_forest.n_estimators=200"
    for name, value in _assignments(options.param, form, example).items():
        algorithm, dot, parameter = name.partition(".")
        if not dot:
            raise UserError("command.setting_form", given=name, form=form, example=example)
        find(algorithm, setup.task)
        if algorithm not in texts:
            raise UserError("command.not_trained", given=name, algorithm=algorithm)
        texts[algorithm][parameter] = value
    specs = [find(name, setup.task) for name in chosen]
    return tuple(
        setup.experiment(dataset, spec.id, _parse_all(spec.name, spec.params, texts[spec.id]))
        for spec in specs
    )
