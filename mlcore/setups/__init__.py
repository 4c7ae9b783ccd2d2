"""What is chosen before an algorithm is, one module for each question that a table is asked.

A set-up is shared by all runs that start together; with an algorithm and its parameters it becomes
an :class:`~mlcore.experiment.Experiment`. ``columns`` is what all of them have in common.
"""

from mlcore.setups.clustering import ALIKE_BY, ClusterSetup, default_cluster_setup
from mlcore.setups.columns import check_features
from mlcore.setups.few_labels import (
    FewLabelsSetup,
    check_few_labels,
    default_few_labels_setup,
)
from mlcore.setups.fusion import FusionSetup, check_fusion, default_fusion_setup
from mlcore.setups.supervised import Setup, check_columns, default_setup, following

__all__ = [
    "ALIKE_BY",
    "ClusterSetup",
    "FewLabelsSetup",
    "FusionSetup",
    "Setup",
    "check_columns",
    "check_few_labels",
    "check_features",
    "check_fusion",
    "default_cluster_setup",
    "default_few_labels_setup",
    "default_fusion_setup",
    "default_setup",
    "following",
]
