"""The record that describes a run completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.schema import LEARNABLE, ColumnKind, Schema
from mlcore.errors import UserError
from mlcore.params import ParamValue
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Everything that a run will do. Same experiment, same table, same libraries: same numbers.

    Parameters
    ----------
    fingerprint : str
        Of the table it belongs to.
    task : Task
        What is predicted.
    target : str
        The label's column.
    features : tuple of str
        The columns the model sees.
    kinds : mapping of str to ColumnKind
        Kind of each feature, frozen at the time of set-up.
    split : SplitConfig
        How rows are divided; its ``seed`` is also the seed of the algorithm.
    preparation : mapping
        Values of ``mlcore.pipelines.preparation.PREPARATION_PARAMS``.
    algorithm : str
        Id in the catalogue.
    params : mapping
        Values of the algorithm's own parameters, complete.
    """

    fingerprint: str
    task: Task
    target: str
    features: tuple[str, ...]
    kinds: Mapping[str, ColumnKind]
    split: SplitConfig = field(default_factory=SplitConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)
    algorithm: str
    params: Mapping[str, ParamValue] = field(default_factory=dict)

    @property
    def spec(self) -> AlgorithmSpec:
        """The declaration of the algorithm."""
        return find(self.algorithm, self.task)

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
            split=SplitConfig.from_json(plain["split"]),
            preparation=_values(plain["preparation"]),
            algorithm=plain["algorithm"],
            params=find(plain["algorithm"], task).check(_values(plain["params"])),
        )


def _plain(values: Mapping[str, ParamValue]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _values(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}


def check_columns(schema: Schema, task: Task, target: str, features: tuple[str, ...]) -> None:
    """Check that label and features exist, differ and can be learnt from.

    Raises
    ------
    UserError
        A column is missing, the label is among the features, no feature is chosen, a feature's
        kind cannot be learnt from, or a number is to be predicted from a column without numbers.
    """
    label = schema[target]
    if not features:
        raise UserError("setup.no_features")
    if target in features:
        raise UserError("setup.target_is_feature", name=target)
    for name in features:
        kind = schema[name].kind
        if kind not in LEARNABLE:
            raise UserError("setup.feature_kind", name=name, kind=kind.value)
    if task is Task.REGRESSION and label.kind is not ColumnKind.NUMBER:
        raise UserError("task.regression_needs_numbers", target=target, kind=label.kind.value)
