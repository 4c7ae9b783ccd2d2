"""What is chosen before the algorithms that complete a column from few labels are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.params import ParamValue
from mlcore.setups.columns import (
    check_classifier,
    check_features,
    plain_columns,
    planned,
    read_columns,
)
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task


@dataclass(frozen=True, kw_only=True)
class FewLabelsSetup:
    """What is chosen before the algorithms that spread labels are.

    Parameters have the meaning they have in :class:`mlcore.experiment.Experiment`.
    """

    target: str
    features: tuple[str, ...]
    split: FewLabelsConfig = field(default_factory=FewLabelsConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)

    def experiment(
        self, dataset: Dataset, algorithm: str, params: Mapping[str, Any] | None = None
    ) -> Experiment:
        """Return the experiment that spreads labels with one algorithm and this set-up.

        Raises
        ------
        UserError
            The set-up does not fit the table, or a parameter does not fit its declaration.
        """
        check_few_labels(dataset, self.target, self.features)
        check_classifier(self.split.rival)
        return planned(self, dataset, Task.SEMI_SUPERVISED, self.target, algorithm, params)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {"target": self.target, **plain_columns(self)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FewLabelsSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            split=FewLabelsConfig.from_json(plain["split"]),
            **read_columns(plain),
        )


def default_few_labels_setup(dataset: Dataset, target: str) -> FewLabelsSetup:
    """Return a sensible set-up for a column with few labels: what the screen starts with.

    Other columns marked as label stay aside: they may say the same as the one to be completed.
    """
    schema = dataset.schema
    others = schema.with_role(Role.LABEL)
    features = tuple(name for name in schema.default_features(target) if name not in others)
    return FewLabelsSetup(target=target, features=features)


def check_few_labels(dataset: Dataset, target: str, features: tuple[str, ...]) -> None:
    """Check that label and features exist, differ and can be learnt from.

    Raises
    ------
    UserError
        A column is missing or of a kind that cannot be used, or no feature is chosen.
    """
    # A column with a few labels may look like anything: three labels, all different, are an
    # identifier to the reader. Only a date cannot be a class.
    if dataset.schema[target].kind is ColumnKind.DATETIME:
        kind = dataset.schema[target].kind.value
        raise UserError("setup.label_kind", name=target, kind=kind)
    if target in features:
        raise UserError("setup.target_is_feature", name=target)
    check_features(dataset.schema, features)
