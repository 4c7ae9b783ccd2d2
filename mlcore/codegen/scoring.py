"""Write the scores of a run with the functions of scikit-learn that they agree with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from mlcore.codegen.expression import Node, Writer, call, flat, laid_out, mapped
from mlcore.evaluation.evaluation import PROBABILITY

#: When a score has a value, in the words of a script; for scores without one in some folds.
_EACH_CLASS = "set(y) == set(model.classes_)"
_KNOWN_CLASSES = "set(y) <= set(model.classes_)"


@dataclass(frozen=True)
class _Formula:
    """How a score is written.

    Parameters
    ----------
    function : str
        Of ``sklearn.metrics``.
    answers : str
        What it is given beside ``y``: ``"predicted"``, ``"probabilities"`` or ``"second"``, the
        probability of the second of two classes.
    options : mapping
        Further arguments.
    defined : str
        When it has a value.
    divides : bool
        Whether it divides by what may be nothing, which has to be answered with 0.
    """

    function: str
    answers: str = "predicted"
    options: Mapping[str, str] = field(default_factory=dict)
    defined: str = ""
    divides: bool = False


def _plain(function: str, divides: bool = False, defined: str = "", **options: str) -> _Formula:
    return _Formula(function, "predicted", options, defined, divides)


def _chances(function: str, defined: str, **options: str) -> _Formula:
    return _Formula(function, "probabilities", options, defined)


_AVERAGES = {
    f"{name}_{way}": _plain(f"{name}_score", True, average=f'"{way}"')
    for name in ("f1", "precision", "recall")
    for way in ("macro", "weighted")
}

#: By metric, for two classes (the second one is looked for), and otherwise.
_BINARY: Mapping[str, _Formula] = {
    "roc_auc": _Formula("roc_auc_score", "second", {}, _EACH_CLASS),
    "average_precision": _Formula(
        "average_precision_score", "second", {"pos_label": "model.classes_[1]"}, _EACH_CLASS
    ),
    "brier": _Formula(
        "brier_score_loss", "second", {"pos_label": "model.classes_[1]"}, _KNOWN_CLASSES
    ),
}
_FORMULAS: Mapping[str, _Formula] = {
    "balanced_accuracy": _plain("balanced_accuracy_score"),
    "accuracy": _plain("accuracy_score"),
    **_AVERAGES,
    "mcc": _plain("matthews_corrcoef"),
    "roc_auc": _chances("roc_auc_score", _EACH_CLASS, multi_class='"ovr"'),
    "average_precision": _chances("average_precision_score", _EACH_CLASS),
    "log_loss": _chances("log_loss", _KNOWN_CLASSES, labels="model.classes_"),
    "brier": _chances("brier_score_loss", _KNOWN_CLASSES, labels="model.classes_"),
    "rmse": _plain("root_mean_squared_error"),
    "mae": _plain("mean_absolute_error"),
    "median_absolute_error": _plain("median_absolute_error"),
    "mape": _plain("mean_absolute_percentage_error", defined="(y != 0).all()"),
    "r2": _plain("r2_score", defined="y.nunique() > 1"),
    "max_error": _plain("max_error"),
}


def scored(scores: pd.DataFrame) -> list[str]:
    """Return the metrics that have a value in at least one fold, in their order."""
    found = scores.groupby("metric", sort=False)["value"].count()
    return [str(metric) for metric in found.index[found > 0]]


def scores_code(
    scores: pd.DataFrame, predictions: pd.DataFrame, writer: Writer, *, test: pd.DataFrame | None
) -> str:
    """Return the function ``scores_of(model, X, y)`` of a script.

    Parameters
    ----------
    scores, predictions : DataFrame
        Of the run's evaluation: they tell which scores have a value, in which folds.
    writer : Writer
        Collects the imports.
    test : DataFrame, optional
        Scores on the test rows, if they are scored too: ``metric``, ``value``.
    """
    gaps = set(scores.loc[scores["value"].isna(), "metric"])
    if test is not None:
        gaps |= set(test.loc[test["value"].isna(), "metric"])
    formulas = _formulas(scores, predictions)
    divides = test is not None or not _all_named(predictions)
    lines = ["def scores_of(model, X, y):", "    predicted = model.predict(X)"]
    if {formula.answers for formula in formulas.values()} & {"probabilities", "second"}:
        lines.append("    probabilities = model.predict_proba(X)")
    return "\n".join([*lines, _returned(formulas, gaps, divides, writer)])


def answer_scores_code(
    scores: pd.DataFrame, predictions: pd.DataFrame, writer: Writer, has_unreached: bool
) -> str:
    """Return the functions ``named(probabilities)`` and ``scores_of(y, probabilities)``.

    They judge answers that are probabilities of ``classes``, which the script knows; a row of
    nothing but zeros has no answer, and counts as wrong and as equally likely to be any class.
    """
    gaps = set(scores.loc[scores["value"].isna(), "metric"])
    divides = has_unreached or not _all_named(predictions)
    returned = _returned(_formulas(scores, predictions), gaps, divides, writer)
    lines = [
        "def named(probabilities):",
        "    largest = probabilities.max(axis=1, keepdims=True)",
        "    first = (probabilities >= largest - 1e-9).argmax(axis=1)",
    ]
    if has_unreached:
        lines.append('    return np.where(largest[:, 0] > 0, classes[first], "(unlabelled)")')
    else:
        lines.append("    return classes[first]")
    lines += ["", "", "def scores_of(y, probabilities):", "    predicted = named(probabilities)"]
    if has_unreached:
        lines.append("    unreached = ~probabilities.any(axis=1, keepdims=True)")
        lines.append("    probabilities = np.where(unreached, 1 / len(classes), probabilities)")
    return "\n".join([*lines, returned.replace("model.classes_", "classes")])


def _formulas(scores: pd.DataFrame, predictions: pd.DataFrame) -> dict[str, _Formula]:
    two = sum(str(name).startswith(PROBABILITY) for name in predictions.columns) == 2
    return {
        name: (_BINARY.get(name) if two else None) or _FORMULAS[name] for name in scored(scores)
    }


def _returned(
    formulas: Mapping[str, _Formula], gaps: set[str], divides: bool, writer: Writer
) -> str:
    entries: dict[str, Node] = {
        name: _value(formula, name in gaps, divides, writer) for name, formula in formulas.items()
    }
    return "    " + laid_out(mapped(entries), 4, "return ")


def _all_named(predictions: pd.DataFrame) -> bool:
    """Return whether every class of a fold was predicted in it, so that nothing is divided by 0."""
    if not any(str(name).startswith(PROBABILITY) for name in predictions.columns):
        return False
    return all(
        set(fold["actual"]) == set(fold["predicted"]) for _, fold in predictions.groupby("fold")
    )


def _value(formula: _Formula, has_gaps: bool, divides: bool, writer: Writer) -> Node:
    function = writer.name("sklearn.metrics", formula.function)
    answers = {"second": "probabilities[:, 1]"}.get(formula.answers, formula.answers)
    options: dict[str, Node] = dict(formula.options)
    if formula.divides and divides:
        options["zero_division"] = "0"
    made = call(function, "y", answers, **options)
    if not has_gaps or not formula.defined:
        return made
    nan = f"{writer.module('numpy')}.nan"
    return f"{flat(made)} if {formula.defined} else {nan}"
