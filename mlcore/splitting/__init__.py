"""Which rows teach, which rows choose, which rows judge.

``supervised`` divides rows that have a label, ``few_labels`` hides some of the few there are,
``sample`` draws rows where there is no label; ``split`` is what comes out of each.
"""

from mlcore.splitting.few_labels import (
    FEW_LABELS_PARAMS,
    FewLabelsConfig,
    make_few_labels_split,
)
from mlcore.splitting.sample import SAMPLE_PARAMS, SampleConfig, make_sample
from mlcore.splitting.split import Rows, Split
from mlcore.splitting.supervised import SPLIT_PARAMS, SplitConfig, make_split

__all__ = [
    "FEW_LABELS_PARAMS",
    "SAMPLE_PARAMS",
    "SPLIT_PARAMS",
    "FewLabelsConfig",
    "Rows",
    "SampleConfig",
    "Split",
    "SplitConfig",
    "make_few_labels_split",
    "make_sample",
    "make_split",
]
