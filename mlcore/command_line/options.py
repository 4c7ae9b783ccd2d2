"""The options of the command line, derived from the declarations."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from mlcore import __version__, settings
from mlcore.command_line.experiments import (
    DEFAULT_ALGORITHMS,
    DEFAULT_NUMBER_RULES,
    algorithm_flag,
)
from mlcore.command_line.gridworlds import DEFAULT_AGENTS, DEFAULT_METHOD, shared_params
from mlcore.command_line.reading import add_reading_options
from mlcore.data.schema import ColumnKind
from mlcore.fusion.config import FUSION_PARAMS
from mlcore.params import ChoiceParam, IntParam, Param
from mlcore.setups import ALIKE_BY
from mlcore.splitting import (
    FEW_LABELS_PARAMS,
    SAMPLE_PARAMS,
    SPLIT_PARAMS,
    FewLabelsConfig,
)
from mlcore.tasks import SUPERVISED_TASKS, Task


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``command`` says which command was given."""
    whole = argparse.ArgumentParser(
        prog="python -m mlcore",
        description=(
            "Train models on a table, find groups in it, or complete its labels; solve grid "
            "worlds or let agents learn them. All without the browser."
        ),
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, dest="command", metavar="COMMAND")
    algorithms = commands.add_parser("algorithms", help="list what can be trained")
    algorithms.add_argument("--task", choices=list(map(str, Task)), help="only those of a task")
    algorithms.add_argument("--json", action="store_true", help="print JSON")
    _add_train_options(commands.add_parser("train", help="train, compare and keep models"))
    _add_cluster_options(commands.add_parser("cluster", help="find groups of rows, and doubt them"))
    _add_propagate_options(commands.add_parser("propagate", help="complete a column of few labels"))
    _add_fuse_options(commands.add_parser("fuse", help="make one label of several sources'"))
    _add_gridworld_options(commands.add_parser("gridworld", help="solve a grid world or learn it"))
    _add_serve_options(commands.add_parser("serve", help="answer for registered models over HTTP"))
    return whole


def _add_serve_options(serve: argparse.ArgumentParser) -> None:
    add = serve.add_argument
    add(
        "--host",
        default="127.0.0.1",
        help="where to listen; elsewhere than on this machine, requests need a token (127.0.0.1)",
    )
    port = settings.API_PORT.read()
    add("--port", type=int, default=port, help=f"the port ({port})")
    add("--workers", type=int, default=1, help="processes that answer (1)")
    add("--new-token", metavar="NAME", help="make a token first, and show it this once")


def _add_train_options(train: argparse.ArgumentParser) -> None:
    add = train.add_argument
    _add_file(train)
    add("--target", required=True, metavar="COLUMN", help="the label: the column to predict")
    add("--task", choices=list(map(str, SUPERVISED_TASKS)), help="guessed when not given")
    _add_columns(train, "the columns to learn from; all that fit if not given")
    _add_algorithms(
        train,
        Task.CLASSIFICATION,
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
    _add_algorithms(
        cluster, Task.CLUSTERING, "how to find groups", f"those of {named} that suit the table)"
    )
    _add_declared(cluster, SAMPLE_PARAMS)
    _add_reading_and_writing(cluster)


def _add_propagate_options(propagate: argparse.ArgumentParser) -> None:
    add = propagate.add_argument
    _add_file(propagate)
    add(
        "--target",
        required=True,
        metavar="COLUMN",
        help="the label: the column to complete, empty in most rows",
    )
    add(
        "--no-label",
        action="append",
        default=[],
        metavar="TOKEN",
        help="what else stands for “no label” in that column; may be repeated",
    )
    _add_columns(propagate, "the columns that make rows alike; all that fit if not given")
    named = ", ".join(DEFAULT_ALGORITHMS[Task.SEMI_SUPERVISED])
    _add_algorithms(propagate, Task.SEMI_SUPERVISED, "how to spread labels", f"{named})")
    add(
        "--rival",
        metavar="ID",
        help="the classifier that learns from the labelled rows alone, to see whether the others "
        f"help (default: {FewLabelsConfig().rival})",
    )
    _add_declared(propagate, FEW_LABELS_PARAMS)
    _add_reading_and_writing(propagate)


def _add_fuse_options(fuse: argparse.ArgumentParser) -> None:
    _add_file(fuse)
    _add_vote_options(fuse)
    named = ", ".join(DEFAULT_ALGORITHMS[Task.FUSION])
    numbers = ", ".join(DEFAULT_NUMBER_RULES)
    _add_algorithms(
        fuse,
        Task.FUSION,
        "the rule that makes one label of several",
        f"those of {named} for which there are gold labels; with --numbers {numbers})",
    )
    _add_declared(fuse, FUSION_PARAMS)
    add = fuse.add_argument
    add("--order", metavar="A,B,…", help="the labels in the order that decides ties, lowest first")
    add(
        "--weight",
        action="append",
        default=[],
        metavar="SOURCE=NUMBER",
        help="how much a source counts for the method “weights”; 1 if not given",
    )
    add(
        "--learner",
        metavar="ID",
        help="train this classifier for each source on the rows that it labelled, and let these "
        "models vote on every row",
    )
    _add_columns(
        fuse, "the columns that the models of --learner look at; all that fit if not given"
    )
    _add_reading_and_writing(fuse)


def _add_vote_options(fuse: argparse.ArgumentParser) -> None:
    add = fuse.add_argument
    add("--sources", metavar="A,B,…", help="the columns with labels, one for each source")
    for name, words in (
        ("row", "names the row"), ("source", "names the source"), ("label", "holds its label"),
    ):  # fmt: skip
        add(f"--{name}", metavar="COLUMN", help=f"table with one line a vote: the column {words}")
    add("--gold", metavar="COLUMN", help="the true label, where it is known")
    add(
        "--abstain",
        action="append",
        default=[],
        metavar="TOKEN",
        help="what a source writes that does not know; may be repeated",
    )
    add("--numbers", action="store_true", help="labels are numbers on a scale, to be averaged")


def _add_gridworld_options(gridworld: argparse.ArgumentParser) -> None:
    actions = gridworld.add_subparsers(required=True, dest="action", metavar="ACTION")
    listed = actions.add_parser("list", help="list worlds that come ready, and methods")
    listed.add_argument("--json", action="store_true", help="print JSON")
    solve = actions.add_parser("solve", help="solve a world exactly, its rules being known")
    _add_grid_method(solve, "--method", f"the planner (default: {DEFAULT_METHOD})")
    train = actions.add_parser("train", help="let agents learn a world by trying")
    agents = ", ".join(DEFAULT_AGENTS)
    _add_grid_method(train, "--agent", f"the agent (default: {agents})")
    for action, command in (("solve", solve), ("train", train)):
        for name, param in shared_params(action).items():
            flag, words = name.replace("_", "-"), param.help.replace("%", "%%")
            command.add_argument(
                f"--{flag}", dest=f"shared_{name}", metavar=_form(param), help=words
            )
        add = command.add_argument
        add("--out", type=Path, metavar="FOLDER", help="write bundle, policy and course into it")
        add("--json", action="store_true", help="print one JSON object instead of the text")


def _add_grid_method(command: argparse.ArgumentParser, flag: str, words: str) -> None:
    add = command.add_argument
    add(
        "world",
        metavar="WORLD",
        help="a world file (JSON), FrozenLake text, or a name from “gridworld list”",
    )
    add(
        flag,
        dest="method",
        action="append",
        default=[],
        metavar="ID",
        help=f"{words}; may be repeated",
    )
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a parameter; ID.NAME=VALUE sets it for one of several methods; may be repeated",
    )
    add("--discount", metavar="NUMBER", help="what a reward a step later is worth, 0 to 1")


def _add_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="the table: text, Excel, Parquet or JSON, also packed",
    )


def _listing_of_kinds(kinds: Iterable[ColumnKind]) -> str:
    """Return kinds in words, such as "number, category and yes/no columns"."""
    *others, last = (kind.value for kind in kinds)
    return f"{', '.join(others)} and {last} columns"


def _add_columns(command: argparse.ArgumentParser, words: str) -> None:
    add = command.add_argument
    add("--features", metavar="A,B,…", help=f"{words}; quote a name with a comma")
    add("--kind", action="append", default=[], metavar="COLUMN=KIND", help="what a column holds")
    add("--steps", type=Path, metavar="FILE", help="steps before modelling, as JSON")
    add("--prepare", action="append", default=[], metavar="NAME=VALUE", help="set the preparation")


def _add_algorithms(command: argparse.ArgumentParser, task: Task, words: str, default: str) -> None:
    add = command.add_argument
    add(
        algorithm_flag(task),
        dest="algorithm",
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
    add_reading_options(command)
    add = command.add_argument
    add("--out", type=Path, metavar="FOLDER", help="write a bundle for each model into it")
    add("--json", action="store_true", help="print one JSON object instead of the table")


def _form(param: Param) -> str:
    if isinstance(param, ChoiceParam):
        return "|".join(param.choices)
    return "WHOLE" if isinstance(param, IntParam) else "NUMBER"
