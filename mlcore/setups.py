"""What is chosen before an algorithm is, where labels are few or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.semi_supervised import BASES
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role
from mlcore.errors import UserError, did_you_mean
from mlcore.experiment import Experiment, check_features
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.layout import detect_layout
from mlcore.messages import listing
from mlcore.params import ParamValue
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
        return Experiment(
            fingerprint=dataset.fingerprint,
            task=Task.SEMI_SUPERVISED,
            target=self.target,
            features=self.features,
            kinds={name: dataset.schema[name].kind for name in self.features},
            split=self.split,
            preparation=self.preparation,
            algorithm=algorithm,
            params=find(algorithm, Task.SEMI_SUPERVISED).check(params or {}),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "target": self.target,
            "features": list(self.features),
            "split": self.split.to_json(),
            "preparation": plain_values(self.preparation),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FewLabelsSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            features=tuple(plain["features"]),
            split=FewLabelsConfig.from_json(plain["split"]),
            preparation=read_values(plain["preparation"]),
        )


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
        return Experiment(
            fingerprint=dataset.fingerprint,
            task=Task.FUSION,
            target=self.target,
            features=self.features,
            kinds={name: dataset.schema[name].kind for name in self.features},
            split=self.split,
            preparation=self.preparation,
            algorithm=algorithm,
            params=find(algorithm, Task.FUSION).check(params or {}),
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "target": self.target,
            "features": list(self.features),
            "split": self.split.to_json(),
            "preparation": plain_values(self.preparation),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FusionSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(
            target=plain["target"],
            features=tuple(plain["features"]),
            split=FusionConfig.from_json(plain["split"]),
            preparation=read_values(plain["preparation"]),
        )


def default_few_labels_setup(dataset: Dataset, target: str) -> FewLabelsSetup:
    """Return a sensible set-up for a column with few labels: what the screen starts with.

    Other columns marked as label stay aside: they may say the same as the one to be completed.
    """
    schema = dataset.schema
    others = schema.with_role(Role.LABEL)
    features = tuple(name for name in schema.default_features(target) if name not in others)
    return FewLabelsSetup(target=target, features=features)


def default_fusion_setup(dataset: Dataset) -> FusionSetup:
    """Return what the table looks like to someone who looks for votes in it."""
    layout = detect_layout(dataset.frame)
    return FusionSetup(
        target=layout.gold,
        split=FusionConfig(
            sources=layout.sources, row=layout.row, source=layout.source, label=layout.label
        ),
    )


def check_classifier(algorithm: str) -> None:
    """Check that a classifier of that id can be trained beside others; a baseline is none.

    Raises
    ------
    UserError
        There is no such classifier; the nearest one is offered.
    """
    if algorithm not in BASES:
        raise UserError(
            "setup.unknown_algorithm",
            name=algorithm,
            known=listing(BASES, most=len(BASES)),
            suggestion=did_you_mean(algorithm, BASES),
        )


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


def plain_values(values: Mapping[str, ParamValue]) -> dict[str, Any]:
    """Return parameter values as JSON has them: tuples become lists."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def read_values(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Read what :func:`plain_values` wrote."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}
