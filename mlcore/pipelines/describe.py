"""Name what a fitted pipeline made of the columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.experiment import Experiment
from mlcore.params import check_values
from mlcore.pipelines.preparation import PREPARATION_PARAMS


def feature_table(pipeline: Pipeline) -> pd.DataFrame:
    """Return what stands at each position of the model's input.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, as ``build_pipeline`` makes it.

    Returns
    -------
    DataFrame
        ``position`` (0 …), ``name`` (such as ``"island = Biscoe"``), ``column`` (the raw column).
    """
    rows: list[tuple[str, str]] = []
    for name, transformer, columns in pipeline.named_steps["prepare"].transformers_:
        if name != "remainder":
            rows.extend(_names_of_branch(name, transformer, columns))
    table = pd.DataFrame(rows, columns=["name", "column"])
    table.insert(0, "position", range(len(table)))
    return table


def _names_of_branch(branch: str, steps: Pipeline, columns: Any) -> Iterator[tuple[str, str]]:
    if branch.startswith("date"):
        yield f"{columns} ({branch.split('_', 1)[1]})", str(columns)
    elif branch.startswith("text"):
        for word in steps.named_steps["tfidfvectorizer"].get_feature_names_out():
            yield f"{columns[0]}: word “{word}”", columns[0]
    elif branch == "numbers":
        yield from ((column, column) for column in columns)
        indicator = steps.named_steps["simpleimputer"].indicator_
        if indicator is not None:
            yield from ((f"{columns[i]} is missing", columns[i]) for i in indicator.features_)
    elif branch == "onehot":
        encoder = steps.named_steps["onehotencoder"]
        for column, categories in zip(columns, encoder.categories_, strict=True):
            yield from ((f"{column} = {category}", column) for category in categories)
    elif branch == "frequent":
        yield from _names_of_frequent(steps.named_steps["onehotencoder"], columns)
    elif branch == "target":
        yield from _names_of_targets(steps.named_steps["targetencoder"], columns)
    else:
        yield from ((f"{column} (rank of category)", column) for column in columns)


def _names_of_frequent(encoder: Any, columns: list[str]) -> Iterator[tuple[str, str]]:
    rare = encoder.infrequent_categories_
    for column, categories, seldom in zip(columns, encoder.categories_, rare, strict=True):
        joined = set() if seldom is None else set(seldom)
        yield from ((f"{column} = {name}", column) for name in categories if name not in joined)
        if joined:
            yield f"{column} = one of {len(joined)} rare categories", column


def _names_of_targets(encoder: Any, columns: list[str]) -> Iterator[tuple[str, str]]:
    classes = list(encoder.classes_) if encoder.target_type_ == "multiclass" else [None]
    for column in columns:
        for name in classes:
            of_class = f" of {name}" if name is not None else ""
            yield f"{column} (average label{of_class})", column


def preparation_table(experiment: Experiment) -> pd.DataFrame:
    """Return the preparation in words: ``step``, ``setting``, ``meaning``."""
    values = check_values("The preparation", PREPARATION_PARAMS, experiment.preparation)
    rows = []
    for param in PREPARATION_PARAMS:
        value = values[param.name]
        words = getattr(param, "choices", {})
        shown = (
            ", ".join(words[part] for part in value)
            if isinstance(value, tuple)
            else words.get(value, str(value))
        )
        rows.append((param.label, shown, param.help))
    return pd.DataFrame(rows, columns=["step", "setting", "meaning"])
