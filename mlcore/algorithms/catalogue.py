"""Every algorithm the workbench offers, in the order of the menu."""

from __future__ import annotations

from mlcore.algorithms import baseline as _baselines
from mlcore.algorithms import (
    bayes,
    clustering,
    ensembles,
    kernels,
    label_fusion,
    linear,
    neighbors,
    neural,
    semi_supervised,
    trees,
)
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.trees import CLASS_WEIGHT
from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing
from mlcore.params import ChoiceParam, ParamValue, defaults, shown_params
from mlcore.tasks import Task

#: All specs: what is easiest to understand first, what needs most tuning late, baselines last.
CATALOGUE: tuple[AlgorithmSpec, ...] = (
    *linear.SPECS,
    *trees.SPECS,
    *ensembles.SPECS,
    *neighbors.SPECS,
    *kernels.SPECS,
    *bayes.SPECS,
    *neural.SPECS,
    *linear.STOCHASTIC,
    *_baselines.SPECS,
    *clustering.SPECS,
    *semi_supervised.SPECS,
    *label_fusion.SPECS,
)

#: Those that learn from a label.
SUPERVISED: tuple[AlgorithmSpec, ...] = tuple(s for s in CATALOGUE if s.task.is_supervised)

#: Those that find groups.
CLUSTERERS: tuple[AlgorithmSpec, ...] = clustering.SPECS


def for_task(task: Task) -> tuple[AlgorithmSpec, ...]:
    """Return the algorithms for a task, in menu order, a baseline last."""
    return tuple(spec for spec in CATALOGUE if spec.task is task)


def baseline(task: Task) -> AlgorithmSpec:
    """Return the algorithm that every model of a supervised task has to beat."""
    return next(spec for spec in for_task(task) if spec.is_baseline)


def class_weights() -> dict[str, ParamValue]:
    """Return what ``class_weight`` has to be, by id, for classes to weigh alike.

    Without algorithms that take weights only beside another knob that is off by default.
    """
    weights: dict[str, ParamValue] = {}
    for spec in for_task(Task.CLASSIFICATION):
        for param in shown_params(spec.params, defaults(spec.params)):
            if param.name == CLASS_WEIGHT.name and isinstance(param, ChoiceParam):
                (weights[spec.id],) = param.choices
    return weights


def find(id: str, task: Task) -> AlgorithmSpec:
    """Return an algorithm by its id.

    Raises
    ------
    UserError
        The task has no such algorithm; the nearest id is offered.
    """
    known = {spec.id: spec for spec in for_task(task)}
    if id not in known:
        raise UserError(
            "setup.unknown_algorithm",
            name=id,
            known=listing(known, most=len(known)),
            suggestion=did_you_mean(id, known),
        )
    return known[id]
