"""Tables with few labels, for any test: ``from few_labels_tables import ...``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from tables import make_dataset

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind


def labelled(features: pd.DataFrame, labels: Sequence[str], known: np.ndarray) -> Dataset:
    """Return a table whose column ``kind`` is filled for the known rows only."""
    label = pd.Series(labels, dtype="str").where(known)
    return make_dataset(features.assign(kind=label), {"kind": ColumnKind.CATEGORY}, "kind")


def make_clouds(
    n_rows: int = 150, n_known: int = 24, apart: float = 6.0, seed: int = 0
) -> tuple[Dataset, pd.Series]:
    """Return a table with three round clouds, one a class, and the true class of every row."""
    rng = np.random.default_rng(seed)
    code = rng.integers(0, 3, n_rows)
    centres = apart * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    features = pd.DataFrame(rng.normal(centres[code], 1.0), columns=["x", "y"])
    truth = pd.Series(np.array(["ant", "bee", "cat"])[code], dtype="str")
    known = np.zeros(n_rows, dtype=bool)
    for number in range(3):
        known[np.flatnonzero(code == number)[: n_known // 3]] = True
    return labelled(features, truth.tolist(), known), truth


def make_noise(n_rows: int = 120, n_known: int = 60, seed: int = 0) -> Dataset:
    """Return a table whose labels were thrown by lot, so that nobody can know them."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=["x", "y", "z"])
    labels = rng.choice(["heads", "tails"], n_rows).tolist()
    known = np.arange(n_rows) < n_known
    return labelled(features, labels, known)


def make_island(n_rows: int = 60) -> Dataset:
    """Return two clouds with labels and, far from them, one without any: the last third."""
    rng = np.random.default_rng(3)
    code = np.repeat([0, 1, 2], n_rows // 3)
    features = pd.DataFrame(
        rng.normal(np.array([[0.0, 0.0], [8.0, 0.0], [100.0, 100.0]])[code], 1.0),
        columns=["x", "y"],
    )
    known = np.zeros(n_rows, dtype=bool)
    known[[0, 1, 2, n_rows // 3, n_rows // 3 + 1, n_rows // 3 + 2]] = True
    return labelled(features, np.array(["ant", "bee", "none"])[code].tolist(), known)
