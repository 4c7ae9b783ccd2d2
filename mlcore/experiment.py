"""The record that describes a run completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.recipe.recipe import Recipe
from mlcore.data.schema import ColumnKind
from mlcore.fusion.config import FusionConfig
from mlcore.params import ParamValue, plain_values, read_values
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
    recipe: Recipe = Recipe()
    reading: Mapping[str, Any] = field(default_factory=dict)

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
            "preparation": plain_values(self.preparation),
            "algorithm": self.algorithm,
            "params": plain_values(self.params),
            "weight": self.weight,
            "recipe": self.recipe.to_json(),
            "reading": dict(self.reading),
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
            preparation=read_values(plain["preparation"]),
            algorithm=plain["algorithm"],
            params=find(plain["algorithm"], task).check(read_values(plain["params"])),
            # Records from before there were weights and steps do not name any.
            weight=plain.get("weight"),
            recipe=Recipe.from_json(plain.get("recipe", ())),
            reading=dict(plain.get("reading", {})),
        )
