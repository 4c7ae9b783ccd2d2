"""What a model and its bundle give away of the rows it was trained on."""

from __future__ import annotations

from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from sklearn.svm import SVC, SVR

from mlcore.algorithms.fitted_rule import model_of
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.registry.schema import row_assignment
from mlcore.tasks import Task

#: Estimators that keep training rows, and the sentence that says so.
HOLDS_ROWS: dict[type, str] = {
    KNeighborsClassifier: "registry.holds_rows.neighbors",
    KNeighborsRegressor: "registry.holds_rows.neighbors",
    SVC: "registry.holds_rows.support_vectors",
    SVR: "registry.holds_rows.support_vectors",
    LabelPropagation: "registry.holds_rows.graph",
    LabelSpreading: "registry.holds_rows.graph",
}


def rows_in_model(pipeline: Pipeline) -> Message | None:
    """Return the sentence on training rows inside the model, or ``None`` when it keeps none."""
    for part in _estimators(pipeline.named_steps["model"]):
        for kind, code in HOLDS_ROWS.items():
            if isinstance(part, kind):
                return message(code)
    return None


def _estimators(model: object) -> list[object]:
    """Return the model and what it is wrapped around: a pipeline's steps, or a model inside."""
    inner = [step for _, step in getattr(model, "steps", [])]
    wrapped = (getattr(model, name, None) for name in ("estimator", "regressor"))
    return [model, *inner, *(part for part in wrapped if part is not None)]


def what_it_holds(pipeline: Pipeline, experiment: Experiment) -> list[Message]:
    """Return a sentence for each way in which a bundle gives away parts of the table."""
    found = _in_model(pipeline, experiment)
    kinds = {experiment.kinds[name] for name in experiment.features}
    if kinds & {ColumnKind.NUMBER, ColumnKind.DATETIME}:
        found.append(message("registry.holds_rows.measured"))
    if kinds & {ColumnKind.CATEGORY, ColumnKind.YES_NO}:
        found.append(message("registry.holds_rows.categories"))
    if ColumnKind.TEXT in kinds:
        found.append(message("registry.holds_rows.text"))
    if kinds:
        found.append(message("registry.holds_rows.gaps"))
    return [*found, *([message("registry.holds_rows.golden")] if kinds else [])]


def _in_model(pipeline: Pipeline, experiment: Experiment) -> list[Message]:
    if experiment.task is Task.FUSION:
        kept = next(filter(None, map(rows_in_model, model_of(pipeline).models.values())), None)
        return [message("registry.holds_rows.votes"), *([kept] if kept else [])]
    way = row_assignment(experiment)
    if way is None:
        return [rows_in_model(pipeline) or message("registry.holds_rows.none")]
    return [message(f"registry.holds_rows.{way.id}"), message("registry.holds_rows.profile")]
