"""Build the one object that is evaluated, stored and downloaded.

It is made of scikit-learn, pandas and standard-library objects only, so a downloaded pipeline
opens wherever scikit-learn is, without this project.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from mlcore.data.schema import ColumnKind, Schema
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.params import ParamValue, check_values
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.tasks import Task

#: Stands for a missing category when it is kept as one of its own.
MISSING_CATEGORY = "(missing)"

_SCALERS: dict[str, type[BaseEstimator]] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
    # A row's length is a matter of its numbers together; ranks and date parts stand in branches
    # of their own, so there they are put on a scale of 0 to 1 instead.
    "unit_length": MinMaxScaler,
}


def build_pipeline(experiment: Experiment, schema: Schema) -> Pipeline:
    """Return the unfitted pipeline of an experiment: raw columns in, prediction out.

    Parameters
    ----------
    experiment : Experiment
        What to build.
    schema : Schema
        Of the table; it tells how many categories a column has, for the automatic encoding.

    Returns
    -------
    Pipeline
        Steps ``prepare`` (a ColumnTransformer) and ``model``. Nothing is fitted.

    Raises
    ------
    UserError
        A setting does not fit its declaration.
    """
    spec = experiment.spec
    values = check_values("The preparation", PREPARATION_PARAMS, experiment.preparation)
    branches = _Branches(
        values=values,
        scaling=resolve_scaling(values, spec.scaling),
        task=experiment.task,
        seed=experiment.split.seed,
    )
    prepare = ColumnTransformer(
        branches.for_columns(experiment, schema),
        # A sparse matrix saves memory for words and categories, but not every algorithm takes it.
        sparse_threshold=0.0 if spec.dense else 0.3,
    )
    model = spec.build(experiment.params, experiment.split.seed)
    return Pipeline([("prepare", prepare), ("model", model)])


def resolve_scaling(values: Mapping[str, ParamValue], algorithm_needs_it: bool) -> str:
    """Return the scaling in force once "automatic" is decided."""
    scaling = str(values["scaling"])
    if scaling != "auto":
        return scaling
    return "standard" if algorithm_needs_it else "none"


def resolve_encoding(values: Mapping[str, ParamValue], n_categories: int, task: Task) -> str:
    """Return the encoding in force for a column with so many categories.

    Raises
    ------
    UserError
        The average label is asked for where there is no label.
    """
    encoding = str(values["encoding"])
    if encoding == "target" and not task.is_supervised:
        has_few = task is Task.SEMI_SUPERVISED
        code = "few_labels.target_encoding" if has_few else "clustering.target_encoding"
        raise UserError(code)
    if encoding != "auto":
        return encoding
    # Without a label there is no average label; frequent categories get a column each instead.
    many = "target" if task.is_supervised else "frequent"
    few = n_categories <= int(str(values["onehot_limit"]))
    return "onehot" if few else many


class _Branches:
    """Makes one branch of the ColumnTransformer for each way a column is treated."""

    def __init__(
        self, values: Mapping[str, ParamValue], scaling: str, task: Task, seed: int
    ) -> None:
        self.values = values
        self.scaling = scaling
        self.task = task
        self.seed = seed

    def for_columns(
        self, experiment: Experiment, schema: Schema
    ) -> list[tuple[str, BaseEstimator, Any]]:
        """Return (name, transformer, columns): numbers, categories, dates, text, in this order."""
        by_kind: dict[str, list[str]] = {}
        for name in experiment.features:
            by_kind.setdefault(self._treatment(experiment, schema, name), []).append(name)
        branches: list[tuple[str, BaseEstimator, Any]] = []
        if names := by_kind.get("number"):
            branches.append(("numbers", self._numbers(), names))
        for encoding in ("onehot", "frequent", "ordinal", "target"):
            if names := by_kind.get(encoding):
                branches.append((encoding, self._categories(encoding), names))
        for position, name in enumerate(by_kind.get("date", [])):
            for part in _strings(self.values["date_parts"]):
                branches.append((f"date{position}_{part}", self._date_part(part), name))
        for position, name in enumerate(by_kind.get("text", [])):
            branches.append((f"text{position}", self._text(), [name]))
        if not branches:
            raise UserError("setup.no_inputs")
        return branches

    def _treatment(self, experiment: Experiment, schema: Schema, name: str) -> str:
        kind = experiment.kinds[name]
        if kind is ColumnKind.NUMBER:
            return "number"
        if kind is ColumnKind.DATETIME:
            return "date"
        if kind is ColumnKind.TEXT:
            return "text"
        return resolve_encoding(self.values, schema[name].distinct, self.task)

    def _numbers(self) -> BaseEstimator:
        strategy = str(self.values["number_missing"])
        constant = {"strategy": "constant", "fill_value": 0.0}
        imputer = SimpleImputer(
            **(constant if strategy == "zero" else {"strategy": strategy}),
            add_indicator=bool(self.values["missing_flag"]),
            # A fold may hold no value at all of a column; the column must not vanish there.
            keep_empty_features=True,
        )
        if self.scaling == "unit_length":
            return make_pipeline(imputer, Normalizer())
        return self._scaled(imputer)

    def _categories(self, encoding: str) -> BaseEstimator:
        if self.values["category_missing"] == "own":
            # A fold may hold no value at all of a column; the column must not vanish there.
            imputer = SimpleImputer(
                strategy="constant", fill_value=MISSING_CATEGORY, keep_empty_features=True
            )
        else:
            imputer = SimpleImputer(strategy="most_frequent", keep_empty_features=True)
        if encoding == "onehot":
            return make_pipeline(imputer, OneHotEncoder(handle_unknown="ignore"))
        if encoding == "frequent":
            most = int(str(self.values["onehot_limit"]))
            encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=most)
            return make_pipeline(imputer, encoder)
        if encoding == "ordinal":
            encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
            return self._scaled(imputer, encoder)
        return self._scaled(imputer, self._target_encoder())

    def _target_encoder(self) -> BaseEstimator:
        target_type = "continuous" if self.task is Task.REGRESSION else "auto"
        return TargetEncoder(target_type=target_type, shuffle=True, random_state=self.seed)

    def _date_part(self, part: str) -> BaseEstimator:
        # attrgetter and DataFrame are found by name in any Python, unlike a function of ours.
        return self._scaled(
            FunctionTransformer(operator.attrgetter(f"dt.{part}")),
            FunctionTransformer(pd.DataFrame),
            SimpleImputer(strategy="median", keep_empty_features=True),
        )

    def _text(self) -> BaseEstimator:
        return make_pipeline(
            SimpleImputer(strategy="constant", fill_value=""),
            FunctionTransformer(np.ravel),
            # Single letters count too, so that a fold with short texts keeps a vocabulary.
            TfidfVectorizer(
                max_features=int(str(self.values["text_words"])), token_pattern=r"(?u)\b\w+\b"
            ),
        )

    def _scaled(self, *steps: BaseEstimator) -> BaseEstimator:
        if self.scaling == "none":
            return make_pipeline(*steps)
        return make_pipeline(*steps, _SCALERS[self.scaling]())


def _strings(value: ParamValue) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()
