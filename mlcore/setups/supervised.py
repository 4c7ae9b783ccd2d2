"""What is chosen before the algorithms that predict a label are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlcore.data.dataset import Dataset
from mlcore.data.schema import PREDICTABLE, ColumnKind, Role, Schema, guess_task
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.params import ParamValue
from mlcore.setups.columns import check_features, plain_columns, planned, read_columns
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is chosen before the algorithms that predict a label are.

    It is shared by all runs that start together. Parameters have the meaning they have in
    :class:`mlcore.experiment.Experiment`.
    """

    target: str
    task: Task
    features: tuple[str, ...]
    split: SplitConfig = field(default_factory=SplitConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)
    weight: str | None = None

    def experiment(
        self, dataset: Dataset, algorithm: str, params: Mapping[str, Any] | None = None
    ) -> Experiment:
        """Return the experiment that trains one algorithm with this set-up.

        Raises
        ------
        UserError
            The set-up does not fit the table, or a parameter does not fit its declaration.
        """
        check_columns(dataset.schema, self.task, self.target, self.features, self.weight)
        made = planned(self, dataset, self.task, self.target, algorithm, params)
        return replace(made, weight=self.weight)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "target": self.target,
            "task": self.task.value,
            **plain_columns(self),
            "weight": self.weight,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Setup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            task=Task(plain["task"]),
            split=SplitConfig.from_json(plain["split"]),
            weight=plain.get("weight"),
            **read_columns(plain),
        )


def default_setup(dataset: Dataset, target: str, task: Task | None = None) -> Setup:
    """Return a sensible set-up for a label: what the screen starts with.

    Columns with the role *time order* or *group* decide the split; otherwise classes are
    stratified where each has enough members, and rows are drawn at random where not. A column with
    the role *weight* says how much each row counts, unless it holds one value only.
    """
    schema = dataset.schema
    task = task or guess_task(schema[target])[0]
    group, time = (schema.with_role(role)[:1] for role in (Role.GROUP, Role.TIME))
    if time:
        split = SplitConfig(method="time", time=time[0])
    elif group:
        split = SplitConfig(method="group", group=group[0])
    elif task is Task.CLASSIFICATION and _can_stratify(dataset, target):
        split = SplitConfig(method="stratified")
    else:
        split = SplitConfig(method="random")
    features = schema.default_features(target)
    weights = [
        name
        for name in schema.with_role(Role.WEIGHT)
        if name != target and schema[name].kind is not ColumnKind.CONSTANT
    ]
    return Setup(
        target=target, task=task, features=features, split=split, weight=next(iter(weights), None)
    )


def following(setup: Setup, before: Schema, dataset: Dataset) -> Setup | None:
    """Return a set-up after steps or roles of its table were changed.

    What was chosen stays where its column does. A new column is learnt from; a column that is
    ignored from now on no longer is; a group or time order that came or went decides the split.

    Parameters
    ----------
    setup : Setup
        What was chosen for the table before.
    before : Schema
        Of the table before.
    dataset : Dataset
        The table now.

    Returns
    -------
    Setup or None
        ``None`` when the label is gone.
    """
    schema = dataset.schema
    if setup.target not in schema.names:
        return None
    roles = {column.name: column.role for column in before.columns}
    changed = {c.name for c in schema.columns if roles.get(c.name) is not c.role}
    usual = default_setup(dataset, setup.target, setup.task)
    features = tuple(
        name
        for name in schema.names
        if name in (usual.features if name in changed else setup.features)
    )
    split = setup.split
    dividing = (Role.GROUP, Role.TIME)
    if any(before.with_role(role) != schema.with_role(role) for role in dividing):
        as_usual = {name: getattr(usual.split, name) for name in ("method", "group", "time")}
        split = replace(split, **as_usual)
    weight = setup.weight if setup.weight in schema.names else None
    return replace(setup, features=features, split=split, weight=weight)


def _can_stratify(dataset: Dataset, target: str) -> bool:
    counts = dataset.frame[target].value_counts()
    return len(counts) > 0 and int(counts.min()) > SplitConfig().folds


def check_columns(
    schema: Schema, task: Task, target: str, features: tuple[str, ...], weight: str | None = None
) -> None:
    """Check that label, features and weight exist, differ and can be learnt from.

    Raises
    ------
    UserError
        A column is missing, the label's kind cannot be predicted, the label is among the features,
        no feature is chosen, a feature's kind cannot be learnt from, a number is to be predicted
        from a column without numbers, or the weight holds no numbers or has another part already.
    """
    label = schema[target]
    if label.kind not in PREDICTABLE:
        raise UserError("setup.label_kind", name=target, kind=label.kind.value)
    if target in features:
        raise UserError("setup.target_is_feature", name=target)
    check_features(schema, features)
    if task is Task.REGRESSION and label.kind is not ColumnKind.NUMBER:
        raise UserError("task.regression_needs_numbers", target=target, kind=label.kind.value)
    if weight is not None:
        _check_weight(schema, target, features, weight)


def _check_weight(schema: Schema, target: str, features: tuple[str, ...], weight: str) -> None:
    kind = schema[weight].kind
    if weight == target:
        raise UserError("setup.weight_is_target", name=weight)
    if weight in features:
        raise UserError("setup.weight_is_feature", name=weight)
    if kind is not ColumnKind.NUMBER:
        raise UserError("setup.weight_kind", name=weight, kind=kind.value)
