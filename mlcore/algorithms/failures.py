"""Why a fit failed, where the values and the rows do not go together."""

from __future__ import annotations

import re

from mlcore.algorithms.kernels import CALIBRATION_FOLDS
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError

#: What scikit-learn says, and the code of the sentence that says what to do.
_REASONS = (
    (r"Requesting \d+-fold cross-validation but provided less than", "setup.calibration_rows"),
    (
        r"least populated class|(?:test|train)_size = \d+ should be greater",
        "setup.early_stopping_rows",
    ),
    (r"number of samples must be more than the number of classes", "setup.more_classes_than_rows"),
)
_NEIGHBOURS = re.compile(
    r"n_neighbors <=? n_samples_fit, (?:but )?n_neighbors = (\d+), n_samples_fit = (\d+)"
)


def explain_failure(spec: AlgorithmSpec, error: ValueError) -> UserError | None:
    """Return the sentence for a fit or prediction that failed, or ``None`` when it is a defect.

    What can be known beforehand is checked by :meth:`AlgorithmSpec.check_table`; here stand the
    failures that depend on which rows an estimator draws for itself.

    Parameters
    ----------
    spec : AlgorithmSpec
        The algorithm that failed.
    error : ValueError
        What scikit-learn raised.
    """
    text = str(error)
    if found := _NEIGHBOURS.search(text):
        label = next(param.label for param in spec.params if param.name == "n_neighbors")
        asked, rows = map(int, found.groups())
        return UserError("setup.more_than_rows", label=label, got=asked, rows=rows)
    for pattern, code in _REASONS:
        if re.search(pattern, text):
            return UserError(code, name=spec.name, needed=CALIBRATION_FOLDS)
    return None
