"""Which algorithms a command runs, and with which parameters."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from mlcore.algorithms.catalogue import baseline, find
from mlcore.command_line.estimates import learned_rows
from mlcore.command_line.given import assignments, parse_all
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.setups import ClusterSetup, FewLabelsSetup, FusionSetup, Setup
from mlcore.tasks import Task

AnySetup: TypeAlias = Setup | ClusterSetup | FewLabelsSetup | FusionSetup

#: Run when none is named: what is easy to read first, then what is hard to beat; clusterers only
#: where they suit the table, rules that need gold labels only where there are some.
DEFAULT_ALGORITHMS: dict[Task, tuple[str, ...]] = {
    Task.CLASSIFICATION: ("logistic_regression", "random_forest", "hist_gradient_boosting"),
    Task.REGRESSION: ("ridge", "random_forest", "hist_gradient_boosting"),
    Task.CLUSTERING: ("k_means", "hierarchical", "hdbscan"),
    Task.SEMI_SUPERVISED: ("label_propagation", "label_spreading", "self_training"),
    Task.FUSION: ("plurality", "log_odds", "one_coin", "dawid_skene"),
}
#: Run where labels are numbers on a scale, which are averaged.
DEFAULT_NUMBER_RULES = ("median", "trimmed_mean")

#: How a parameter is set, in words about what a task has.
_EXAMPLES: dict[Task, str] = {
    Task.CLASSIFICATION: "random_forest.n_estimators=200",
    Task.REGRESSION: "random_forest.n_estimators=200",
    Task.CLUSTERING: "k_means.n_clusters=4",
    Task.SEMI_SUPERVISED: "label_propagation.n_neighbors=10",
    Task.FUSION: "majority.quorum=3",
}


def algorithm_flag(task: Task) -> str:
    """Return the option that names what is run."""
    return "--method" if task is Task.FUSION else "--algorithm"


def experiments_of(
    dataset: Dataset,
    setup: AnySetup,
    task: Task,
    options: argparse.Namespace,
    defaults: Sequence[str] | None = None,
) -> tuple[Experiment, ...]:
    """Return one experiment for each algorithm, a baseline first where the task has one.

    Parameters
    ----------
    dataset : Dataset
        The table.
    setup : Setup, ClusterSetup, FewLabelsSetup or FusionSetup
        What they share.
    task : Task
        What is asked.
    options : Namespace
        The options.
    defaults : sequence of str, optional
        What is run when nothing is named; of the task when not given.

    Raises
    ------
    UserError
        There is no such algorithm or parameter, or a value does not fit it.
    """
    texts = _settings(task, options)
    line = [baseline(task).id] if task.is_supervised else []
    suited = _defaults(dataset, setup, task, texts) if defaults is None else defaults
    chosen = dict.fromkeys([*line, *(options.algorithm or suited)])
    specs = [find(name, task) for name in chosen]
    for algorithm, given in texts.items():
        if algorithm not in chosen:
            setting = f"{algorithm}.{next(iter(given))}"
            flag = algorithm_flag(task)
            raise UserError("command.not_run", given=setting, algorithm=algorithm, flag=flag)
    return tuple(
        setup.experiment(
            dataset, spec.id, parse_all(spec.name, spec.params, texts.get(spec.id, {}))
        )
        for spec in specs
    )


def _settings(task: Task, options: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Return the parameters that were set, by algorithm, as text."""
    form, example = "ID.NAME=VALUE", _EXAMPLES[task]
    texts: dict[str, dict[str, str]] = {}
    for name, value in assignments(options.param, form, example).items():
        algorithm, dot, parameter = name.partition(".")
        if not dot:
            raise UserError("command.setting_form", given=name, form=form, example=example)
        texts.setdefault(find(algorithm, task).id, {})[parameter] = value
    return texts


def _defaults(
    dataset: Dataset, setup: AnySetup, task: Task, texts: Mapping[str, object]
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
