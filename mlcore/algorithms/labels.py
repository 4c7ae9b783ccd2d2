"""Cluster labels: whole numbers by size, the largest cluster first, and noise."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

#: Prepared inputs of shape (n_rows, n_inputs), dense.
Matrix: TypeAlias = npt.NDArray[np.float64]

#: One cluster number a row, of shape (n_rows,); :data:`NOISE` for rows that are in no cluster.
Labels: TypeAlias = npt.NDArray[np.intp]

#: The label of a row that belongs to no cluster, as scikit-learn has it.
NOISE = -1

#: What such a row is called on the screen and in files.
NOISE_NAME = "noise"


def name_of(label: int) -> str:
    """Return what a cluster is called: its number, or ``"noise"``."""
    return NOISE_NAME if label == NOISE else str(int(label))


def names_of(labels: Labels) -> pd.Series:
    """Return the name of each row's cluster, as text."""
    return pd.Series(labels).map(name_of).astype("str")


def order_by_size(labels: Labels) -> Labels:
    """Return the clusters' present numbers, the largest first; noise is not among them.

    Of two clusters of one size, the one that holds the earlier row comes first, so that the order
    does not depend on the numbers an algorithm happened to give.
    """
    present, first, counts = np.unique(labels, return_index=True, return_counts=True)
    is_cluster = present != NOISE
    order = np.lexsort((first[is_cluster], -counts[is_cluster]))
    return np.asarray(present[is_cluster][order], dtype=np.intp)


def by_size(labels: Labels) -> Labels:
    """Return the same clusters numbered 0, 1, … by size; noise stays noise."""
    ordered = order_by_size(labels)
    numbered = np.full(len(labels), NOISE, dtype=np.intp)
    for number, label in enumerate(ordered):
        numbered[labels == label] = number
    return numbered
