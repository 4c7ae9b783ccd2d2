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
from mlcore.command_line.estimates import learned_rows
from mlcore.data.dataset import Dataset
from mlcore.data.reading import MARKS
from mlcore.data.schema import LEARNABLE, ColumnKind, Role, Schema, guess_task
from mlcore.errors import UserError, did_you_mean
from mlcore.experiment import (
    ALIKE_BY,
    ClusterSetup,
    Experiment,
    Setup,
    check_columns,
    default_cluster_setup,
    default_setup,
)
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
from mlcore.splitting import SAMPLE_PARAMS, SPLIT_PARAMS, SampleConfig, SplitConfig
from mlcore.tasks import SUPERVISED_TASKS, Task

#: Run when none is named: what is easy to read first, then what is hard to beat; clusterers only
#: where they suit the table.
DEFAULT_ALGORITHMS: dict[Task, tuple[str, ...]] = {
    Task.CLASSIFICATION: ("logistic_regression", "random_forest", "hist_gradient_boosting"),
    Task.REGRESSION: ("ridge", "random_forest", "hist_gradient_boosting"),
    Task.CLUSTERING: ("k_means", "hierarchical", "hdbscan"),
}

#: How a parameter is set, in words about what a task has.
_EXAMPLES: dict[Task, str] = {
    Task.CLASSIFICATION: "random_forest.n_estimators=200",
    Task.REGRESSION: "random_forest.n_estimators=200",
    Task.CLUSTERING: "k_means.n_clusters=4",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``command`` says which command was given."""
    whole = argparse.ArgumentParser(
        prog="python -m mlcore",
        description="Train models on a table, or find groups in it, without the browser.",
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, dest="command", metavar="COMMAND")
    algorithms = commands.add_parser("algorithms", help="list what can be trained")
    algorithms.add_argument("--task", choices=list(map(str, Task)), help="only those of a task")
    algorithms.add_argument("--json", action="store_true", help="print JSON")
    _add_train_options(commands.add_parser("train", help="train, compare and keep models"))
    _add_cluster_options(commands.add_parser("cluster", help="find groups of rows, and doubt them"))
    return whole


def _add_train_options(train: argparse.ArgumentParser) -> None:
    add = train.add_argument
    _add_file(train)
    add("--target", required=True, metavar="COLUMN", help="the label: the column to predict")
    add("--task", choices=list(map(str, SUPERVISED_TASKS)), help="guessed when not given")
    _add_columns(train, "the columns to learn from; all that fit if not given")
    _add_algorithms(
        train,
        "what to train",
        f"{', '.join(DEFAULT_ALGORITHMS[Task.CLASSIFICATION])} for classes, "
        f"{', '.join(DEFAULT_ALGORITHMS[Task.REGRESSION])} for numbers); the baseline comes along",
    )
    add("--group", metavar="COLUMN", help="its rows of one value stay together (split by group)")
    add("--time", metavar="COLUMN", help="the past teaches, the future judges (split by time)")
    add("--weight", metavar="COLUMN", help="how much each row counts while learning; 0 or more")
    _add_declared(train, SPLIT_PARAMS)
    _add_reading_and_writing(train)


def _add_cluster_options(cluster: argparse.ArgumentParser) -> None:
    _add_file(cluster)
    kinds = _listing_of_kinds(ALIKE_BY)
    _add_columns(cluster, f"the columns that decide which rows are alike; if not given: {kinds}")
    named = ", ".join(DEFAULT_ALGORITHMS[Task.CLUSTERING])
    _add_algorithms(cluster, "how to find groups", f"those of {named} that suit the table)")
    _add_declared(cluster, SAMPLE_PARAMS)
    _add_reading_and_writing(cluster)


def _add_file(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", type=Path, help="the table: a CSV or TSV file")


def _listing_of_kinds(kinds: Iterable[ColumnKind]) -> str:
    """Return kinds in words, such as "number, category and yes/no columns"."""
    *others, last = (kind.value for kind in kinds)
    return f"{', '.join(others)} and {last} columns"


def _add_columns(command: argparse.ArgumentParser, words: str) -> None:
    add = command.add_argument
    add("--features", metavar="A,B,…", help=f"{words}; quote a name with a comma")
    add("--kind", action="append", default=[], metavar="COLUMN=KIND", help="what a column holds")
    add("--prepare", action="append", default=[], metavar="NAME=VALUE", help="set the preparation")


def _add_algorithms(command: argparse.ArgumentParser, words: str, default: str) -> None:
    add = command.add_argument
    add(
        "--algorithm",
        action="append",
        default=[],
        metavar="ID",
        help=f"{words}; may be repeated (default: {default}",
    )
    add("--param", action="append", default=[], metavar="ID.NAME=VALUE", help="set a parameter")


def _add_declared(command: argparse.ArgumentParser, params: Sequence[Param]) -> None:
    for param in params:
        flag = "split" if param.name == "method" else param.name.replace("_", "-")
        # Argparse takes a percent sign for a field of its own.
        words = param.help.replace("%", "%%")
        command.add_argument(
            f"--{flag}", dest=f"declared_{param.name}", metavar=_form(param), help=words
        )


def _add_reading_and_writing(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    for name, words in (
        ("encoding", "such as utf-8"), ("delimiter", "between fields"), ("decimal", "mark: . or ,")
    ):  # fmt: skip
        add(f"--{name}", metavar="TEXT", help=f"{words}; detected when not given")
    marks = " ".join(MARKS)
    add("--keep-marks", action="store_true", help=f"{marks} are values; else they mean no value")
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
    roles = {options.time: Role.TIME, options.group: Role.GROUP, options.weight: Role.WEIGHT}
    schema = schema.with_roles({name: role for name, role in roles.items() if name is not None})
    task = Task(options.task) if options.task else guess_task(schema[options.target])[0]
    setup = default_setup(replace(dataset, schema=schema), options.target, task)
    features = _features(options) or setup.features
    setup = replace(setup, features=features, weight=options.weight)
    _check_kinds(schema, setup.features)
    check_columns(schema, task, setup.target, setup.features, setup.weight)
    split = {**setup.split.values(), **_declared(SPLIT_PARAMS, options)}
    return replace(
        setup,
        split=SplitConfig.checked(split, group=options.group, time=options.time),
        preparation=_preparation(options),
    )


def cluster_setup_of(dataset: Dataset, options: argparse.Namespace) -> ClusterSetup:
    """Return what all clusterings share: what was given, sensible choices for the rest.

    It has no features where those that were named, or else all columns, hold one value each.

    Raises
    ------
    UserError
        An option does not fit the table or its declaration, or no column can be grouped by.
    """
    return replace(
        ClusterSetup(features=_alike_by(dataset, options)),
        split=SampleConfig.checked(_declared(SAMPLE_PARAMS, options)),
        preparation=_preparation(options),
    )


def _alike_by(dataset: Dataset, options: argparse.Namespace) -> tuple[str, ...]:
    schema, named = dataset.schema, _features(options)
    if all(schema[name].kind is ColumnKind.CONSTANT for name in named or schema.names):
        return ()
    features = named or default_cluster_setup(dataset).features
    if not features:
        columns = ", ".join(f"“{each.name}” is {each.kind}" for each in schema.columns)
        raise UserError("command.nothing_to_group", columns=columns)
    _check_kinds(schema, features)
    return features


def _check_kinds(schema: Schema, features: Iterable[str]) -> None:
    for name in features:
        if (kind := schema[name].kind) not in LEARNABLE:
            raise UserError("command.feature_kind", name=name, kind=kind.value)


def _features(options: argparse.Namespace) -> tuple[str, ...]:
    if not options.features:
        return ()
    (features,) = csv.reader([options.features], skipinitialspace=True)
    return tuple(features)


def _declared(params: Sequence[Param], options: argparse.Namespace) -> dict[str, Any]:
    return {
        param.name: _parse(param, text)
        for param in params
        if (text := getattr(options, f"declared_{param.name}")) is not None
    }


def _preparation(options: argparse.Namespace) -> dict[str, Any]:
    given = _assignments(options.prepare, "NAME=VALUE", "scaling=robust")
    return _parse_all("The preparation", PREPARATION_PARAMS, given)


def experiments_of(
    dataset: Dataset, setup: Setup | ClusterSetup, task: Task, options: argparse.Namespace
) -> tuple[Experiment, ...]:
    """Return one experiment for each algorithm, a baseline first where the task has one.

    Raises
    ------
    UserError
        There is no such algorithm or parameter, or a value does not fit it.
    """
    texts = _settings(task, options)
    line = [baseline(task).id] if task.is_supervised else []
    named = options.algorithm or _defaults(dataset, setup, task, texts)
    chosen = dict.fromkeys([*line, *named])
    for algorithm, given in texts.items():
        if algorithm not in chosen:
            setting = f"{algorithm}.{next(iter(given))}"
            raise UserError("command.not_run", given=setting, algorithm=algorithm)
    specs = [find(name, task) for name in chosen]
    return tuple(
        setup.experiment(
            dataset, spec.id, _parse_all(spec.name, spec.params, texts.get(spec.id, {}))
        )
        for spec in specs
    )


def _settings(task: Task, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Return the parameters that were set, by algorithm, as text."""
    form, example = "ID.NAME=VALUE", _EXAMPLES[task]
    texts: dict[str, dict[str, str]] = {}
    for name, value in _assignments(options.param, form, example).items():
        algorithm, dot, parameter = name.partition(".")
        if not dot:
            raise UserError("command.setting_form", given=name, form=form, example=example)
        texts.setdefault(find(algorithm, task).id, {})[parameter] = value
    return texts


def _defaults(
    dataset: Dataset, setup: Setup | ClusterSetup, task: Task, texts: Mapping[str, object]
) -> list[str]:
    """Return the default algorithms that suit the table, or of which something was set."""
    names = DEFAULT_ALGORITHMS[task]
    if not isinstance(setup, ClusterSetup):
        return list(names)
    rows = learned_rows(setup.split, len(dataset.frame))
    return [name for name in names if name in texts or find(name, task).suits(rows)]


def not_tried(experiments: Iterable[Experiment], options: argparse.Namespace) -> tuple[str, ...]:
    """Return the algorithms that would be run by default but do not suit the table."""
    if options.algorithm:
        return ()
    run = {experiment.algorithm for experiment in experiments}
    return tuple(name for name in DEFAULT_ALGORITHMS[Task.CLUSTERING] if name not in run)
