"""Votes of simulated sources, whose quality is therefore known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

CLASSES = np.array(list("abcdefgh"))


@dataclass(frozen=True, eq=False)
class Simulated:
    """A long table (row, who, label), the true class of each row, and what made the votes."""

    frame: pd.DataFrame
    truth: np.ndarray
    prior: np.ndarray
    confusions: np.ndarray


def even_confusions(accuracies, n_classes: int) -> np.ndarray:
    """Sources that err evenly: of shape (n_sources, n_classes, n_classes)."""
    accuracies = np.asarray(accuracies, dtype=float)[:, None, None]
    eye = np.eye(n_classes)
    return accuracies * eye + (1 - accuracies) / max(n_classes - 1, 1) * (1 - eye)


def uneven_confusions(accuracies, n_classes: int, seed: int) -> np.ndarray:
    """Sources that take some classes for others more often."""
    generator = np.random.default_rng(seed)
    made = np.zeros((len(accuracies), n_classes, n_classes))
    for source, accuracy in enumerate(accuracies):
        for actual in range(n_classes):
            others = [code for code in range(n_classes) if code != actual]
            made[source, actual, actual] = accuracy
            wrong = generator.dirichlet(np.full(n_classes - 1, 2.0))
            made[source, actual, others] = (1 - accuracy) * wrong
    return made


def simulate(n_rows: int, confusions, prior, n_votes: int | None = None, seed: int = 0):
    """Let sources vote: on every row, or about ``n_votes`` times in all."""
    confusions, prior = np.asarray(confusions), np.asarray(prior)
    generator = np.random.default_rng(seed)
    truth = generator.choice(len(prior), n_rows, p=prior)
    cells = n_rows * len(confusions)
    cell = np.arange(cells)
    if n_votes is not None:
        cell = np.unique(generator.integers(0, cells, n_votes))
    row, source = cell // len(confusions), cell % len(confusions)
    reached = confusions[source, truth[row]].cumsum(axis=1)
    reached[:, -1] = 1
    label = (reached < generator.random(len(cell))[:, None]).sum(axis=1)
    names = np.array([f"w{number:03}" for number in range(len(confusions))])
    frame = pd.DataFrame({"row": row, "who": names[source], "label": CLASSES[label]})
    return Simulated(frame, truth, prior, confusions)


def all_patterns(accuracies) -> tuple[pd.DataFrame, np.ndarray]:
    """Every way in which sources can vote "a" or "b", and its probability for either truth."""
    patterns = np.array(list(product([0, 1], repeat=len(accuracies))))
    chance = np.empty((len(patterns), 2))
    for truth in (0, 1):
        chance[:, truth] = np.where(patterns == truth, accuracies, 1 - np.asarray(accuracies)).prod(
            axis=1
        )
    names = [f"source {number}" for number in range(len(accuracies))]
    return pd.DataFrame(np.array(["a", "b"])[patterns], columns=names), chance / 2
