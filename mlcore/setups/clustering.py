"""What is chosen before the algorithms that find groups are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role
from mlcore.experiment import Experiment
from mlcore.params import ParamValue
from mlcore.setups.columns import check_features, plain_columns, planned, read_columns
from mlcore.splitting import SampleConfig
from mlcore.tasks import Task

#: Kinds that decide by default which rows are alike: each column becomes one input or a few.
ALIKE_BY = (ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.YES_NO)


@dataclass(frozen=True, kw_only=True)
class ClusterSetup:
    """What is chosen before the algorithms that find groups are.

    Parameters have the meaning they have in :class:`mlcore.experiment.Experiment`.
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
        return planned(self, dataset, Task.CLUSTERING, None, algorithm, params)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return plain_columns(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ClusterSetup:
        """Read what :meth:`to_json` wrote."""
        return cls(split=SampleConfig.from_json(plain["split"]), **read_columns(plain))


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
