"""Small evaluations with known content."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.evaluation.evaluation import PROBABILITY, Evaluation
from mlcore.evaluation.metrics import score_all
from mlcore.tasks import Task


def evaluation_of(predictions: pd.DataFrame, task: Task, n_rows: int | None = None) -> Evaluation:
    """Return the evaluation that belongs to a predictions frame."""
    total = n_rows or len(predictions)
    scores, timing = [], [timing_row(0, total, 0, float("nan"))]
    for fold, part in predictions.groupby("fold"):
        names = [name for name in part if name.startswith(PROBABILITY)]
        shares = part[names].rename(columns=lambda name: name.removeprefix(PROBABILITY))
        values = score_all(task, part["actual"], part["predicted"], shares if names else None)
        scores += [(fold, metric, value) for metric, value in values.items()]
        timing.append(timing_row(fold, total - len(part), len(part), 0.5))
    return Evaluation(
        scores=pd.DataFrame(scores, columns=["fold", "metric", "value"]),
        predictions=predictions,
        timing=pd.DataFrame(timing),
        curves=pd.DataFrame(columns=["fold", "step", "name", "value"]),
    )


def timing_row(fold: int, n_train: int, n_validation: int, predict_seconds: float) -> dict:
    return {
        "fold": fold,
        "n_train": n_train,
        "n_validation": n_validation,
        "fit_seconds": 1.0 + fold,
        "predict_seconds": predict_seconds,
    }


def evaluation_with_scores(metric: str, values: list[float], n_train: int, n_validation: int):
    """Return an evaluation whose folds have exactly these scores (and no useful predictions)."""
    folds = range(1, len(values) + 1)
    n_rows = len(values) * n_validation
    return Evaluation(
        scores=pd.DataFrame({"fold": list(folds), "metric": metric, "value": values}),
        predictions=pd.DataFrame(
            {
                "row": np.arange(n_rows),
                "fold": np.repeat(list(folds), n_validation),
                "actual": "a",
                "predicted": "a",
            }
        ),
        timing=pd.DataFrame(
            [timing_row(0, n_rows, 0, float("nan"))]
            + [timing_row(fold, n_train, n_validation, 0.5) for fold in folds]
        ),
        curves=pd.DataFrame(columns=["fold", "step", "name", "value"]),
    )


def class_predictions(
    names=("cat", "dog", "owl"),
    n_rows: int = 240,
    seed: int = 0,
    skill: float = 1.5,
    folds: int = 4,
) -> pd.DataFrame:
    """Return predictions of a classifier that is right more often than not."""
    random = np.random.default_rng(seed)
    names = np.array(names, dtype=object)
    actual = names[random.integers(len(names), size=n_rows)]
    raw = random.gamma(1, size=(n_rows, len(names))) + skill * (actual[:, None] == names)
    shares = raw / raw.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(
        {
            "row": np.arange(n_rows),
            "fold": np.arange(n_rows) % folds + 1,
            "actual": pd.Series(actual, dtype="str"),
            "predicted": pd.Series(names[shares.argmax(axis=1)], dtype="str"),
        }
    )
    for position, name in enumerate(names):
        frame[f"{PROBABILITY}{name}"] = shares[:, position]
    return frame


def value_predictions(n_rows: int = 240, seed: int = 0, noise: float = 1.0, folds: int = 4):
    """Return predictions of a regressor with normal errors."""
    random = np.random.default_rng(seed)
    actual = random.normal(50, 10, n_rows)
    return pd.DataFrame(
        {
            "row": np.arange(n_rows),
            "fold": np.arange(n_rows) % folds + 1,
            "actual": actual,
            "predicted": actual + random.normal(0, noise, n_rows),
        }
    )
