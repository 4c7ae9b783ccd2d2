"""What every set-up has: columns to look at, how rows are used, and how columns are prepared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.semi_supervised import BASES
from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, Schema
from mlcore.errors import UserError, did_you_mean
from mlcore.experiment import Experiment, RowsConfig
from mlcore.messages import listing
from mlcore.params import ParamValue, plain_values, read_values
from mlcore.tasks import Task


class Columns(Protocol):
    """The part that all set-ups share; meanings as in :class:`mlcore.experiment.Experiment`."""

    @property
    def features(self) -> tuple[str, ...]:
        """The columns the model sees."""
        ...

    @property
    def split(self) -> RowsConfig:
        """Which rows teach and which judge."""
        ...

    @property
    def preparation(self) -> Mapping[str, ParamValue]:
        """Values of the preparation."""
        ...


def planned(
    setup: Columns,
    dataset: Dataset,
    task: Task,
    target: str | None,
    algorithm: str,
    params: Mapping[str, Any] | None,
) -> Experiment:
    """Return the experiment of a set-up that was checked, with one algorithm.

    Raises
    ------
    UserError
        There is no such algorithm, or a parameter does not fit its declaration.
    """
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
        recipe=dataset.recipe,
        reading=dataset.reading,
    )


def plain_columns(setup: Columns) -> dict[str, Any]:
    """Return the shared part as plain data."""
    return {
        "features": list(setup.features),
        "split": setup.split.to_json(),
        "preparation": plain_values(setup.preparation),
    }


def read_columns(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Read features and preparation back from what :func:`plain_columns` wrote."""
    return {
        "features": tuple(plain["features"]),
        "preparation": read_values(plain["preparation"]),
    }


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
