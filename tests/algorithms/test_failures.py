"""A fit that cannot work is explained in a sentence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.failures import explain_failure
from mlcore.tasks import Task

ROWS = np.arange(40.0).reshape(20, 2)
RARE = np.array(["a"] * 19 + ["b"])


def failure(algorithm: str, y: np.ndarray, **values: Any) -> tuple[str, str]:
    """Return code and sentence for a fit and prediction that fails."""
    spec = find(algorithm, Task.CLASSIFICATION)
    with warnings.catch_warnings(), pytest.raises(ValueError) as caught:
        warnings.simplefilter("ignore")
        spec.build(values, seed=0).fit(ROWS, y).predict(ROWS)
    explained = explain_failure(spec, caught.value)
    assert explained is not None, caught.value
    return explained.code, str(explained)


def test_calibration_with_a_rare_class() -> None:
    code, sentence = failure("svm_rbf", RARE, method="sigmoid")
    assert code == "setup.calibration_rows"
    assert "at least 3 training rows of each class" in sentence


@pytest.mark.parametrize("algorithm", ["mlp", "hist_gradient_boosting"])
def test_stopping_early_with_a_rare_class(algorithm: str) -> None:
    code, sentence = failure(algorithm, RARE, early_stopping=True)
    assert code == "setup.early_stopping_rows"
    assert "Turn “Stop early” off" in sentence


def test_stopping_early_with_more_classes_than_rows_set_aside() -> None:
    code, _ = failure("hist_gradient_boosting", np.repeat(list("abcde"), 4), early_stopping=True)
    assert code == "setup.early_stopping_rows"


def test_more_neighbours_than_rows() -> None:
    code, sentence = failure("k_nearest_neighbors", RARE, n_neighbors=50)
    assert code == "setup.more_than_rows"
    assert "is 50, but there are only 20 rows to learn from" in sentence


def test_as_many_classes_as_rows() -> None:
    code, _ = failure("linear_discriminant", np.arange(20).astype(str))
    assert code == "setup.more_classes_than_rows"


def test_a_defect_is_not_explained_away() -> None:
    assert explain_failure(find("mlp", Task.REGRESSION), ValueError("shapes differ")) is None
