"""What a model expects of each column, learnt from the rows it was trained on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.cells import DATE_FORMS, POWERS, read_date, read_number
from mlcore.data.dataset import Dataset
from mlcore.data.reading import MISSING
from mlcore.data.recipe.steps import FILTERS, PlainStep
from mlcore.data.schema import Column, ColumnKind
from mlcore.data.units import spellings
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.messages import message
from mlcore.registry.summary import learnt_summary
from mlcore.splitting import Rows, Split
from mlcore.tasks import Task
from mlcore.workflow import RunResult, labels_of

#: Longest list of known categories that is kept; beyond it a value cannot be called unseen.
MOST_CATEGORIES = 1000

#: How many words that training took as missing are kept of a column.
MOST_WORDS = 50

#: What stands in brackets at the end of a name, and is short enough to be a unit.
_UNIT = re.compile(r"\S\s*[\[(]([^\s\d()\[\]][^()\[\]]{0,14})[\])]$")

#: Cells that mean "no value" in a file, besides an empty one.
MISSING_TOKENS = tuple(filter(None, MISSING))


@dataclass(frozen=True, kw_only=True)
class InputFeature:
    """What one column held in training.

    Parameters
    ----------
    name : str
        Its name.
    kind : ColumnKind
        How the model sees it.
    missing_allowed : bool
        Whether a row may lack it; the preparation fills gaps of every kind, so always true.
    missing_in_training : int or None
        How many training rows lacked it; ``None`` where training is not known.
    low, high : float or str or None
        Range of a number, or of a date in ISO 8601; ``None`` for other kinds, or without values.
    categories : tuple of str or None
        Known values of a category or yes/no column in alphabetical order, at most
        :data:`MOST_CATEGORIES`; ``None`` for other kinds.
    n_categories : int or None
        How many there were.
    example : str
        A value as it would stand in a file; empty when there was none.
    decimal : str
        The decimal mark of a number column.
    thousands : str, optional
        Its mark between thousands, empty for none; ``None`` where any is understood.
    date_form : str or None
        How the dates of a column are written: a key of :data:`mlcore.data.cells.DATE_FORMS`;
        ``None`` for any of them. ISO 8601 is always understood.
    day_first : bool
        Whether 01/02 is the first of February.
    missing_tokens : tuple of str
        Cells that mean "no value" in this column, besides an empty one; a word that is a value of
        the column in training is a value.
    typical : float or str or None
        The middle value of a number or date (ISO 8601), the most frequent one of another kind;
        ``None`` for free text and without values.
    whole : bool
        Whether all numbers were whole ones.
    unit : str, optional
        What stands beside the numbers in the file, or in brackets at the end of the name, as in
        ``height (cm)``.
    unit_words : tuple of str
        All the words for the unit that may stand beside a number, and :data:`POWERS` where
        letters and words after it stand for powers of ten, as in 80.6M.
    edges, counts : tuple, optional
        How the values lay in training, see :func:`mlcore.registry.summary.learnt_summary`;
        ``counts`` is ``None`` in bundles that were made before they were kept.
    """

    name: str
    kind: ColumnKind
    missing_allowed: bool = True
    missing_in_training: int | None
    low: float | str | None = None
    high: float | str | None = None
    categories: tuple[str, ...] | None = None
    n_categories: int | None = None
    example: str = ""
    decimal: str = "."
    thousands: str | None = None
    date_form: str | None = None
    day_first: bool = True
    missing_tokens: tuple[str, ...] = MISSING_TOKENS
    typical: float | str | None = None
    whole: bool = False
    unit: str | None = None
    unit_words: tuple[str, ...] = ()
    edges: tuple[float | str, ...] | None = None
    counts: tuple[int, ...] | None = None

    @property
    def categories_cut(self) -> bool:
        """Whether there were more categories than are kept."""
        return self.categories is not None and self.n_categories != len(self.categories)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "missing_allowed": self.missing_allowed,
            "missing_in_training": self.missing_in_training,
            "low": self.low,
            "high": self.high,
            "categories": None if self.categories is None else list(self.categories),
            "n_categories": self.n_categories,
            "categories_cut": self.categories_cut,
            "example": self.example,
            "decimal": self.decimal,
            "thousands": self.thousands,
            "date_form": self.date_form,
            "day_first": self.day_first,
            "missing_tokens": list(self.missing_tokens),
            "typical": self.typical,
            "whole": self.whole,
            "unit": self.unit,
            "unit_words": list(self.unit_words),
            "edges": None if self.edges is None else list(self.edges),
            "counts": None if self.counts is None else list(self.counts),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> InputFeature:
        """Read what :meth:`to_json` wrote."""
        values = {name: value for name, value in plain.items() if name != "categories_cut"}
        values["kind"] = ColumnKind(values["kind"])
        values["missing_tokens"] = tuple(values["missing_tokens"])
        values["unit_words"] = tuple(values.get("unit_words", ()))
        for name in ("categories", "edges", "counts"):
            if values.get(name) is not None:
                values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class RowAssignment:
    """How a model gives rows to the clusters that were found.

    Parameters
    ----------
    id : str
        Of the :class:`mlcore.algorithms.assignment.Assignment`.
    is_exact : bool
        Whether it is the algorithm's own rule; otherwise it is a named approximation.
    sentence : str
        The same in words.
    probabilities : bool
        Whether a probability of each cluster comes out too, as a mixture has them.
    """

    id: str
    is_exact: bool
    sentence: str
    probabilities: bool


#: The share of intervals that are meant to hold the true number.
COVERAGE = 0.9


@dataclass(frozen=True, kw_only=True)
class Interval:
    """How far predicted numbers may lie from the true ones, the same for every row.

    The width is a quantile of the errors on rows that the model had not seen while it was checked,
    taken so far out that a further error of the same kind is at most as large with the stated
    chance (split conformal prediction). That is exact for the models of the folds; the final one
    has learnt from more rows, so for it the share is close, not guaranteed. Nothing holds for rows
    of another kind than those of training, nor for each kind of row by itself.

    Parameters
    ----------
    coverage : float
        The share of rows whose true number lies inside, between 0 and 1.
    width : float
        From the prediction to either end.
    rows : int
        How many errors it was taken from.
    test_rows : int, default 0
        How many test rows it was measured on, once they were opened.
    test_coverage : float, optional
        The share of them whose true number lay inside.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani, Wasserman (2018), "Distribution-Free Predictive Inference for
    Regression". Barber, Candès, Ramdas, Tibshirani (2021), "Predictive Inference with the
    Jackknife+", on what holds when folds take turns.
    """

    coverage: float
    width: float
    rows: int
    test_rows: int = 0
    test_coverage: float | None = None


def learnt_interval(predictions: pd.DataFrame, coverage: float = COVERAGE) -> Interval | None:
    """Return the interval that errors on unseen rows give; ``None`` if there are too few.

    Parameters
    ----------
    predictions : DataFrame
        ``row``, ``actual`` and ``predicted``; a row that was predicted several times counts with
        the mean of its errors.
    coverage : float, default 0.9
        The share of rows that lie inside.
    """
    errors = (predictions["actual"] - predictions["predicted"]).abs()
    by_row = np.sort(errors.groupby(predictions["row"]).mean().dropna().to_numpy(dtype=np.float64))
    # The further row is one more among them, which may come at any place.
    place = math.ceil(round((len(by_row) + 1) * coverage, 9))
    if place > len(by_row) or not math.isfinite(by_row[place - 1]):
        return None
    return Interval(coverage=coverage, width=float(by_row[place - 1]), rows=len(by_row))


def measured(interval: Interval, predictions: pd.DataFrame) -> Interval:
    """Return an interval with the share of test rows that it held.

    Parameters
    ----------
    interval : Interval
        Learnt without these rows.
    predictions : DataFrame
        ``actual`` and ``predicted`` of the test rows.
    """
    low, high = (predictions["predicted"] + sign * interval.width for sign in (-1, 1))
    inside = (predictions["actual"] >= low) & (predictions["actual"] <= high)
    return replace(interval, test_rows=len(inside), test_coverage=float(inside.mean()))


@dataclass(frozen=True, kw_only=True)
class InputSchema:
    """What goes into a model and what comes out.

    Parameters
    ----------
    task : Task
        What is predicted.
    target : str, optional
        Name of the label; ``None`` where nothing is predicted.
    features : tuple of InputFeature
        The columns, in the model's order.
    classes : tuple of str
        The classes, or the names of the clusters without noise, in the model's order; empty for
        regression.
    assignment : RowAssignment, optional
        For clusters alone.
    decimal : str
        The decimal mark of files, ``"."`` or ``","``.
    encoding : str
        Encoding of the training file, for files that are not Unicode.
    quote : str
        The quotation mark of files.
    interval : Interval, optional
        For numbers, where enough rows were predicted unseen.
    target_words : tuple of str
        All the words for the unit of the label that may stand beside it.
    """

    task: Task
    target: str | None
    features: tuple[InputFeature, ...]
    classes: tuple[str, ...] = ()
    assignment: RowAssignment | None = None
    decimal: str = "."
    encoding: str = "utf-8"
    quote: str = '"'
    interval: Interval | None = None
    target_words: tuple[str, ...] = ()
    steps: tuple[PlainStep, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "version": 1,
            "task": self.task.value,
            "target": self.target,
            "classes": list(self.classes),
            "assignment": None if self.assignment is None else asdict(self.assignment),
            "decimal": self.decimal,
            "encoding": self.encoding,
            "quote": self.quote,
            "interval": None if self.interval is None else asdict(self.interval),
            "target_words": list(self.target_words),
            "features": [feature.to_json() for feature in self.features],
            "steps": [dict(step) for step in self.steps],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> InputSchema:
        """Read what :meth:`to_json` wrote."""
        return cls(
            task=Task(plain["task"]),
            target=plain["target"],
            features=tuple(map(InputFeature.from_json, plain["features"])),
            classes=tuple(plain["classes"]),
            assignment=RowAssignment(**plain["assignment"]) if plain["assignment"] else None,
            decimal=plain["decimal"],
            encoding=plain["encoding"],
            quote=plain["quote"],
            # Schemas from before there were intervals and steps have none.
            interval=Interval(**plain["interval"]) if plain.get("interval") else None,
            target_words=tuple(plain.get("target_words", ())),
            steps=tuple(plain.get("steps", ())),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Writing:
    """How the table was written, and so the files will be that come later.

    Parameters
    ----------
    decimal : str, default "."
        The decimal mark.
    text : DataFrame, optional
        The table as it was written, all text, with the rows of the file; from it each column's
        own decimal mark and written form of dates are learnt.
    encoding, quote : str
        Encoding and quotation mark.
    source : Dataset, optional
        The table before the user's own steps, where there are some: new rows come as it has them.
    """

    decimal: str = "."
    text: pd.DataFrame | None = None
    encoding: str = "utf-8"
    quote: str = '"'
    source: Dataset | None = None


def learnt_rows(task: Task, split: Split) -> Rows:
    """Return the rows that a run's model has seen, all others sealed or assigned later.

    Where labels are few, rows without one teach too.
    """
    if task is Task.SEMI_SUPERVISED:
        return np.union1d(split.development, split.unlabelled)
    return split.development


def run_schema(
    dataset: Dataset,
    result: RunResult,
    writing: Writing | None = None,
    test_predictions: pd.DataFrame | None = None,
) -> InputSchema:
    """Return what goes into a run's model and what comes out.

    Into a fusion go the columns that hold the votes, whether sources or their models voted.

    Parameters
    ----------
    dataset : Dataset
        The table.
    result : RunResult
        The run.
    writing : Writing, optional
        How the table was written.
    test_predictions : DataFrame, optional
        ``actual`` and ``predicted`` of the test rows, if they were opened for this run; the
        interval of numbers is measured on them.
    """
    experiment, rows = result.experiment, learnt_rows(result.experiment.task, result.split)
    if isinstance(experiment.split, FusionConfig):
        experiment = of_votes(dataset, experiment, experiment.split)
        return input_schema(dataset, experiment, range(len(dataset.frame)), writing, result.classes)
    classes = cluster_names(result) if experiment.task is Task.CLUSTERING else None
    schema = input_schema(dataset, experiment, rows, writing, classes)
    return replace(schema, interval=_interval(result, test_predictions))


def _interval(result: RunResult, test_predictions: pd.DataFrame | None) -> Interval | None:
    if result.experiment.task is not Task.REGRESSION:
        return None
    learnt = learnt_interval(result.evaluation.predictions)
    if learnt is None or test_predictions is None:
        return learnt
    return measured(learnt, test_predictions)


def of_votes(dataset: Dataset, experiment: Experiment, config: FusionConfig) -> Experiment:
    """Return a fusion as one whose features are the columns that hold the votes."""
    kinds = {name: dataset.schema[name].kind for name in config.columns}
    return replace(experiment, target=None, features=config.columns, kinds=kinds)


def cluster_names(result: RunResult) -> tuple[str, ...]:
    """Return the names of the clusters that a run's model tells apart.

    A mixture may have a component that is the likeliest of no row; it has a probability too.
    """
    columns = result.evaluation.predictions.columns
    components = [n.removeprefix(PROBABILITY) for n in columns if n.startswith(PROBABILITY)]
    return tuple(components or (name for name in result.classes if name != NOISE_NAME))


def input_schema(
    dataset: Dataset,
    experiment: Experiment,
    rows: Rows | Sequence[int],
    writing: Writing | None = None,
    classes: Sequence[str] | None = None,
) -> InputSchema:
    """Return what the model expects, learnt from the rows it was trained on and no others.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Names the features, their kinds, the label and the task.
    rows : array of shape (n_rows,)
        Numbers of the training rows.
    writing : Writing, optional
        How the table was written; by default as the workbench writes tables itself.
    classes : sequence of str, optional
        Classes or clusters that the model tells apart; by default the labels of the rows.
    """
    way = writing or Writing()
    known = _labels(dataset, experiment, rows) if classes is None else classes
    asked = inputs_of(dataset, experiment, way.source)
    places = asked.places[list(rows)]
    features = []
    for name, kind in asked.kinds.items():
        column = asked.table.frame[name].iloc[places]
        written = None if way.text is None else way.text[name].iloc[places]
        read = asked.table.schema[name]
        form = written_form(column, kind, written, way.decimal, read)
        # Where the text is not at hand, what was found out about the column must do.
        words = read.nothing if written is None else words_for_nothing(column, written)
        marks = [] if kind is ColumnKind.DATETIME else _marks_for_nothing(asked.steps, name)
        if marks:
            words = (*words, *(cell_text(m, kind, form.get("decimal", ".")) for m in marks))
            column = column.mask(column.isin(marks))
        features.append(_feature(column, kind, form, words))
    return InputSchema(
        task=experiment.task,
        target=experiment.target,
        features=tuple(features),
        classes=tuple(known),
        assignment=row_assignment(experiment),
        decimal=way.decimal,
        encoding=way.encoding,
        quote=way.quote,
        target_words=_target_words(dataset, experiment),
        steps=asked.steps,
    )


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a new row must hold, and where training had it.

    Parameters
    ----------
    table : Dataset
        Holds the columns: the table before the user's own steps where there are some.
    places : array of shape (n_rows,)
        For each row of the run's table where it stands in ``table``.
    kinds : mapping of str to ColumnKind
        The columns in their order.
    steps : tuple of mapping
        What is done to them before the model sees them, with its sentences.
    """

    table: Dataset
    places: Rows
    kinds: Mapping[str, ColumnKind]
    steps: tuple[PlainStep, ...] = ()


def inputs_of(dataset: Dataset, experiment: Experiment, source: Dataset | None = None) -> Inputs:
    """Return what goes into a model: its features, or what the steps make them from.

    Parameters
    ----------
    dataset : Dataset
        The table of the run.
    experiment : Experiment
        Names the features and the steps.
    source : Dataset, optional
        The table before the steps; without it the model's own features go in.
    """
    recipe, needed = experiment.recipe.for_rows(experiment.features)
    if source is None or not experiment.recipe:
        kinds = {name: experiment.kinds[name] for name in experiment.features}
        return Inputs(dataset, np.arange(len(dataset.frame)), kinds)
    kept = experiment.recipe.kept_places(source.frame)
    said = (
        {**step, "said": str(sentence)}
        for step, sentence in zip(recipe.steps, recipe.sentences(), strict=True)
    )
    kinds = {column.name: column.kind for column in source.schema.columns if column.name in needed}
    return Inputs(source, kept, kinds, tuple(said))


def _marks_for_nothing(steps: Sequence[PlainStep], name: str) -> list[Any]:
    """Return the values of a column of numbers or words that the steps read as missing at once.

    They are no values of the column: 999 is not its largest one.
    """
    marks: dict[Any, None] = {}
    changed: set[Any] = set()
    for step in steps:
        if step.get("column") != name or step["step"] in FILTERS or step["step"] == "date_parts":
            continue
        if step["step"] != "replace":
            # What comes later finds other values.
            break
        for old, new in step["values"]:
            if new is None and old not in changed and not isinstance(old, bool):
                marks[old] = None
        changed |= {old for old, _ in step["values"]}
    return list(marks)


def _target_words(dataset: Dataset, experiment: Experiment) -> tuple[str, ...]:
    if experiment.target is None:
        return ()
    read = dataset.schema[experiment.target]
    return _words_beside(read, read.unit)


def _words_beside(read: Column, unit: str | None) -> tuple[str, ...]:
    """Return what may stand beside the numbers of a column."""
    return (*(spellings(unit) if unit else ()), *((POWERS,) if read.powers_of_ten else ()))


def _labels(
    dataset: Dataset, experiment: Experiment, rows: Rows | Sequence[int]
) -> tuple[str, ...]:
    if experiment.task.scored_as is not Task.CLASSIFICATION:
        return ()
    labels = labels_of(dataset, experiment).iloc[list(rows)]
    return tuple(sorted(map(str, labels.dropna().unique())))


def row_assignment(experiment: Experiment) -> RowAssignment | None:
    """Return how new rows are given to clusters, or ``None`` where there are none."""
    spec = experiment.spec
    if spec.assignment is None:
        return None
    way = spec.assignment(spec.check(experiment.params))
    return RowAssignment(
        id=way.id,
        is_exact=way.is_exact,
        sentence=str(message(f"clustering.assignment.{way.id}")),
        probabilities=spec.probabilities,
    )


def written_form(
    column: pd.Series,
    kind: ColumnKind,
    written: pd.Series | None,
    decimal: str,
    read: Column,
) -> dict[str, Any]:
    """Return the way a column is written that gives the typed values back.

    ``decimal``, ``thousands``, ``unit`` and ``unit_words`` for numbers, ``date_form`` and
    ``day_first`` for dates, nothing for other kinds. ``read`` is what reading the table found out
    about the column, which decides where the text cannot.
    """
    if kind is ColumnKind.NUMBER:
        unit = read.unit or unit_of(str(column.name))
        more = {"unit": unit, "unit_words": _words_beside(read, unit)}
        marks = dict.fromkeys((read.decimal or decimal, decimal, "," if decimal == "." else "."))
        ways: list[dict[str, Any]] = [
            {"decimal": mark, "thousands": thousands, **more}
            for thousands in (None, "", " ", ",", ".")
            for mark in marks
        ]
        return _first_true(ways, column, written, _reads_numbers) or ways[0]
    if kind is ColumnKind.DATETIME:
        # Of tables from before the order was kept, the code of the reason tells it.
        day_first = read.order != "month first" and "month_first" not in read.reason.code
        forms: list[dict[str, Any]] = [
            {"date_form": form, "day_first": first}
            for first in (day_first, not day_first)
            for form in dict.fromkeys((read.date_form or "iso", *DATE_FORMS))
        ]
        any_form: dict[str, Any] = {"date_form": read.date_form, "day_first": day_first}
        return _first_true(forms, column, written, _reads_dates) or any_form
    return {}


def _first_true(
    ways: Sequence[dict[str, Any]],
    column: pd.Series,
    written: pd.Series | None,
    reads: Callable[[dict[str, Any], str, Any], bool],
) -> dict[str, Any] | None:
    if written is None:
        return None
    cells = pd.DataFrame({"written": written, "typed": column}).dropna(subset=["written"])
    pairs = list(cells.drop_duplicates().itertuples(index=False, name=None))
    return next((way for way in ways if all(reads(way, *pair) for pair in pairs)), None)


def _reads_numbers(way: dict[str, Any], cell: str, typed: float) -> bool:
    value = read_number(cell, way["decimal"], way.get("unit_words", ()), way["thousands"])
    return value == typed or (math.isnan(value) and math.isnan(typed))


def _reads_dates(way: dict[str, Any], cell: str, typed: pd.Timestamp) -> bool:
    value = read_date(cell, way["date_form"], way["day_first"])
    return bool(pd.isna(typed)) if value is None else bool(value == typed)


def words_for_nothing(column: pd.Series, written: pd.Series | None) -> tuple[str, ...]:
    """Return the words that training took as missing, the most frequent ones, in order.

    A column of numbers may say "unknown" here and there; what taught the model that a value is
    missing says the same of a new row.
    """
    if written is None or column.dtype.kind not in "fM":
        return ()
    words = written[column.isna()].dropna().astype("str").str.strip()
    return tuple(sorted(words[words != ""].value_counts().index[:MOST_WORDS]))


def _feature(
    column: pd.Series, kind: ColumnKind, form: Mapping[str, Any], words: Sequence[str] = ()
) -> InputFeature:
    present = column.dropna()
    low, high = _range(present, kind)
    listed = kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO)
    values = sorted(map(str, present.unique())) if present.dtype.kind not in "fM" else []
    categories = tuple(values[:MOST_CATEGORIES]) if listed else None
    edges, counts = learnt_summary(present, kind, categories)
    return InputFeature(
        name=str(column.name),
        kind=kind,
        missing_in_training=len(column) - len(present),
        low=low,
        high=high,
        categories=categories,
        n_categories=len(values) if listed else None,
        example=_example(present, kind, form.get("decimal", ".")),
        missing_tokens=tuple(
            token for token in dict.fromkeys([*MISSING_TOKENS, *words]) if token not in set(values)
        ),
        typical=_typical(present, kind),
        whole=kind is ColumnKind.NUMBER and bool((present % 1 == 0).all()),
        edges=edges,
        counts=counts,
        **{"unit": unit_of(str(column.name)), **form},
    )


def _range(present: pd.Series, kind: ColumnKind) -> tuple[float | str | None, float | str | None]:
    if present.empty:
        return None, None
    if kind is ColumnKind.NUMBER:
        return float(present.min()), float(present.max())
    if kind is ColumnKind.DATETIME:
        return cell_text(present.min(), kind, "."), cell_text(present.max(), kind, ".")
    return None, None


def _typical(present: pd.Series, kind: ColumnKind) -> float | str | None:
    """Return the middle value or the most frequent one; a value that occurs, so whole stays whole.

    Of free text each value is somebody's own, so none is shown.
    """
    if present.empty or kind is ColumnKind.TEXT:
        return None
    if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME):
        middle = present.sort_values().iloc[(len(present) - 1) // 2]
        return float(middle) if kind is ColumnKind.NUMBER else cell_text(middle, kind, ".")
    return str(present.mode().iloc[0])


def unit_of(name: str) -> str | None:
    """Return the unit that a column's name ends with in brackets: ``cm`` of ``height (cm)``."""
    found = _UNIT.search(name)
    return found[1].strip() if found else None


def _example(present: pd.Series, kind: ColumnKind, decimal: str) -> str:
    if present.empty:
        return ""
    if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME):
        middle = present.sort_values().iloc[len(present) // 2]
        return cell_text(middle, kind, decimal)
    return str(present.mode().iloc[0])


def cell_text(value: Any, kind: ColumnKind, decimal: str) -> str:
    """Return a value as it stands in a file; reading it back gives the same value.

    Parameters
    ----------
    value : float, Timestamp, str or missing
        A cell of the typed frame.
    kind : ColumnKind
        Of its column.
    decimal : str
        The decimal mark.
    """
    if pd.isna(value):
        return ""
    if kind is ColumnKind.NUMBER:
        return repr(float(value)).removesuffix(".0").replace(".", decimal)
    if kind is ColumnKind.DATETIME:
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)
