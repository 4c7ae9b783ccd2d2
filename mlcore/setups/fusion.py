"""What is chosen before the rules that make one label of several are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.layout import detect_layout
from mlcore.params import ParamValue
from mlcore.setups.columns import (
    check_classifier,
    check_features,
    plain_columns,
    planned,
    read_columns,
)
from mlcore.tasks import Task


@dataclass(frozen=True, kw_only=True)
class FusionSetup:
    """What is chosen before the rules that make one label of several are.

    Parameters
    ----------
    target : str, optional
        The gold column: the true label of some rows.
    features : tuple of str
        What the model of a source looks at, where such models vote; else nothing.
    split : FusionConfig
        Where the votes stand and how they are read.
    preparation : mapping
        As in :class:`mlcore.experiment.Experiment`; for the models of the sources.
    """

    target: str | None = None
    features: tuple[str, ...] = ()
    split: FusionConfig = field(default_factory=FusionConfig)
    preparation: Mapping[str, ParamValue] = field(default_factory=dict)

    def experiment(
        self, dataset: Dataset, algorithm: str, params: Mapping[str, Any] | None = None
    ) -> Experiment:
        """Return the experiment that fuses votes with one rule and this set-up.

        Raises
        ------
        UserError
            The set-up does not fit the table, or a parameter does not fit its declaration.
        """
        check_fusion(dataset, self)
        return planned(self, dataset, Task.FUSION, self.target, algorithm, params)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {"target": self.target, **plain_columns(self)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FusionSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            split=FusionConfig.from_json(plain["split"]),
            **read_columns(plain),
        )


def default_fusion_setup(dataset: Dataset) -> FusionSetup:
    """Return what the table looks like to someone who looks for votes in it."""
    layout = detect_layout(dataset.frame)
    return FusionSetup(
        target=layout.gold,
        split=FusionConfig(
            sources=layout.sources, row=layout.row, source=layout.source, label=layout.label
        ),
    )


def check_fusion(dataset: Dataset, setup: FusionSetup) -> None:
    """Check that there are sources, that the columns exist, and that no column has two parts.

    Raises
    ------
    UserError
        Fewer than two sources are chosen, a column of a long table is missing, the gold column is
        one of the votes, or models are asked for without features.
    """
    config = setup.split
    if config.is_long and len(set(config.columns)) < 3:
        raise UserError("fusion.three_columns")
    if not config.is_long and len(config.sources) < 2:
        raise UserError("fusion.two_sources", count=len(config.sources))
    for name in (*config.columns, *((setup.target,) if setup.target else ())):
        dataset.schema[name]
    if setup.target in config.columns:
        raise UserError("fusion.gold_is_source", name=setup.target)
    if config.learner is not None:
        _check_learner(dataset, setup, config.learner)


def _check_learner(dataset: Dataset, setup: FusionSetup, learner: str) -> None:
    check_classifier(learner)
    if setup.split.is_long:
        raise UserError("fusion.models_need_wide")
    if setup.split.numbers:
        raise UserError("fusion.models_need_classes")
    check_features(dataset.schema, setup.features)
    for name in setup.features:
        if name in setup.split.columns or name == setup.target:
            raise UserError("fusion.source_is_feature", name=name)
