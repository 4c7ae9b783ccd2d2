"""The record that describes a run completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, PREDICTABLE, ColumnKind, Role, Schema, guess_task
from mlcore.errors import UserError
from mlcore.fusion.config import FusionConfig
from mlcore.params import ParamValue
from mlcore.splitting import FewLabelsConfig, SampleConfig, SplitConfig
from mlcore.tasks import Task

#: Which rows teach and which judge; what has to be said for it depends on the task.
RowsConfig: TypeAlias = SplitConfig | SampleConfig | FewLabelsConfig | FusionConfig

#: The form of it for each task.
ROWS_CONFIGS: Mapping[Task, type[RowsConfig]] = {
    Task.CLASSIFICATION: SplitConfig,
    Task.REGRESSION: SplitConfig,
    Task.CLUSTERING: SampleConfig,
    Task.SEMI_SUPERVISED: FewLabelsConfig,
    Task.FUSION: FusionConfig,
}


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Everything that a run will do. Same experiment, same table, same libraries: same numbers.

    Parameters
    ----------
    fingerprint : str
        Of the table it belongs to.
    task : Task
        What is predicted.
    target : str, optional
        The label's column; ``None`` where nothing is predicted.
    features : tuple of str
        The columns the model sees.
    kinds : mapping of str to ColumnKind
        Kind of each feature, frozen at the time of set-up.
    split : SplitConfig, SampleConfig, FewLabelsConfig or FusionConfig
        How rows are divided, which are learnt from where there is no label, which labels count
        where there are few, or where the votes stand; its ``seed`` is also the seed of the
        algorithm.
    preparation : mapping
        Values of ``mlcore.pipelines.preparation.PREPARATION_PARAMS``.
    algorithm : str
        Id in the catalogue.
    params : mapping
        Values of the algorithm's own parameters, complete.
    weight : str, optional
        The column that says how much each row counts while a model is fitted; ``None`` where all
        count the same. Scores never take it into account.
    """

    fingerprint: str
    task: Task
    target: str | None
    features: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]
    split: RowsConfig = field(default_factory=SplitConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)
    algorithm: str
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    weight: str | None = None

    @property
    def spec(self) -> AlgorithmSpec:
        """The declaration of the algorithm."""
        return find(self.algorithm, self.task)

    @property
    def label(self) -> str:
        """The label's column, for the code that only runs where there is one."""
        if self.target is None:
            raise ValueError(f"A {self.task} has no label.")
        return self.target

    def to_json(self) -> dict[str, Any]:
        """Return plain data (text, numbers, lists) that :meth:`from_json` reads back."""
        return {
            "version": 1,
            "fingerprint": self.fingerprint,
            "task": self.task.value,
            "target": self.target,
            "features": {name: self.kinds[name].value for name in self.features},
            "split": self.split.to_json(),
            "preparation": _plain(self.preparation),
            "algorithm": self.algorithm,
            "params": _plain(self.params),
            "weight": self.weight,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Experiment:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        UserError
            A value does not fit its declaration.
        """
        task = Task(plain["task"])
        return cls(
            fingerprint=plain["fingerprint"],
            task=task,
            target=plain["target"],
            features=tuple(plain["features"]),
            kinds={name: ColumnKind(kind) for name, kind in plain["features"].items()},
            split=ROWS_CONFIGS[task].from_json(plain["split"]),
            preparation=_values(plain["preparation"]),
            algorithm=plain["algorithm"],
            params=find(plain["algorithm"], task).check(_values(plain["params"])),
            # Records from before there were weights do not name one.
            weight=plain.get("weight"),
        )


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is chosen before the algorithms that predict a label are.

    It is shared by all runs that start together. Parameters have the meaning they have in
    :class:`Experiment`.
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
        made = _experiment(self, self.task, self.target, dataset, algorithm, params)
        return replace(made, weight=self.weight)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "target": self.target,
            "task": self.task.value,
            "features": list(self.features),
            "split": self.split.to_json(),
            "preparation": _plain(self.preparation),
            "weight": self.weight,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Setup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            task=Task(plain["task"]),
            features=tuple(plain["features"]),
            split=SplitConfig.from_json(plain["split"]),
            preparation=_values(plain["preparation"]),
            weight=plain.get("weight"),
        )


@dataclass(frozen=True, kw_only=True)
class ClusterSetup:
    """What is chosen before the algorithms that find groups are.

    Parameters have the meaning they have in :class:`Experiment`.
    """

    features: tuple[str, ...]
    split: SampleConfig = field(default_factory=SampleConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)

    def experiment(
        self, dataset: Dataset, algorithm: str, params: Mapping[str, Any] | None = None
    ) -> Experiment:
        """Return the experiment that clusters with one algorithm and this set-up.

        Raises
        ------
        UserError
            The set-up does not fit the table, or a parameter does not fit its declaration.
        """
        check_features(dataset.schema, self.features)
        return _experiment(self, Task.CLUSTERING, None, dataset, algorithm, params)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "features": list(self.features),
            "split": self.split.to_json(),
            "preparation": _plain(self.preparation),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ClusterSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            features=tuple(plain["features"]),
            split=SampleConfig.from_json(plain["split"]),
            preparation=_values(plain["preparation"]),
        )


def _experiment(
    setup: Setup | ClusterSetup,
    task: Task,
    target: str | None,
    dataset: Dataset,
    algorithm: str,
    params: Mapping[str, Any] | None,
) -> Experiment:
    return Experiment(
        fingerprint=dataset.fingerprint,
        task=task,
        target=target,
        features=setup.features,
        kinds={name: dataset.schema[name].kind for name in setup.features},
        split=setup.split,
        preparation=setup.preparation,
        algorithm=algorithm,
        params=find(algorithm, task).check(params or {}),
    )


#: Kinds that decide by default which rows are alike: each column becomes one input or a few.
ALIKE_BY = (ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.YES_NO)


def default_cluster_setup(dataset: Dataset) -> ClusterSetup:
    """Return a sensible set-up for finding groups: what the screen starts with.

    A column marked as label stays aside: what is known already must not decide which rows are
    alike, and can be compared with the groups afterwards. So do text and dates, whose many inputs
    would outweigh the other columns.
    """
    schema = dataset.schema
    labels = schema.with_role(Role.LABEL)
    features = schema.default_features(None)
    return ClusterSetup(
        features=tuple(f for f in features if f not in labels and schema[f].kind in ALIKE_BY)
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


def _can_stratify(dataset: Dataset, target: str) -> bool:
    counts = dataset.frame[target].value_counts()
    return len(counts) > 0 and int(counts.min()) > SplitConfig().folds


def _plain(values: Mapping[str, ParamValue]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _values(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}


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


def check_features(schema: Schema, features: tuple[str, ...]) -> None:
    """Check that features are chosen, exist and can be learnt from.

    Raises
    ------
    UserError
        No feature is chosen, a column is missing, or its kind cannot be learnt from.
    """
    if not features:
        raise UserError("setup.no_features")
    for name in features:
        kind = schema[name].kind
        if kind not in LEARNABLE:
            raise UserError("setup.feature_kind", name=name, kind=kind.value)
