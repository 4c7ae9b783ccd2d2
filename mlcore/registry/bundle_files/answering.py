"""From values to the answers of a model, and what should be known of them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from mlcore.registry.bundle_files.problems import Problem, listing
    from mlcore.registry.bundle_files.row_reading import Reading
else:
    # In a bundle they lie beside this file.
    from problems import Problem, listing
    from row_reading import Reading

if TYPE_CHECKING:
    import pandas as pd

#: What is done with a row that holds something training did not see.
POLICIES = ("warn", "refuse")

_NOISE = -1
#: Beyond this a model may have no answer: many count in numbers that end near 3e38.
_HUGE = 1e30


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of rows, and what should be known about it.

    Parameters
    ----------
    columns : mapping of str to list
        As they stand in a file: ``prediction`` or ``cluster``, ``probability_<name>`` for each
        class that has one, ``low`` and ``high`` of an interval; ``None`` for refused rows.
    problems : tuple of Problem
        What was odd in the rows.
    refused : frozenset of int
        Numbers of the rows without an answer.
    n_rows : int
        How many rows there are.
    coverage : float or None
        The share of intervals that hold the true number, where there are intervals.
    """

    columns: Mapping[str, list[Any]]
    problems: tuple[Problem, ...]
    refused: frozenset[int]
    n_rows: int
    coverage: float | None = None

    @property
    def prediction(self) -> list[Any]:
        """The class or cluster as text, or the number; ``None`` for refused rows."""
        return next(iter(self.columns.values()))

    @property
    def probabilities(self) -> dict[str, list[float | None]]:
        """For each class or cluster that has one, its probability by row."""
        return {
            name.removeprefix(_PROBABILITY): values
            for name, values in self.columns.items()
            if name.startswith(_PROBABILITY)
        }

    @property
    def general(self) -> tuple[Problem, ...]:
        """The problems that concern all rows."""
        return tuple(problem for problem in self.problems if problem.row is None)

    @cached_property
    def by_row(self) -> dict[int, list[Problem]]:
        """The problems of each row that has some."""
        found: dict[int, list[Problem]] = {}
        for problem in self.problems:
            if problem.row is not None:
                found.setdefault(problem.row, []).append(problem)
        return found

    @property
    def warnings(self) -> list[str]:
        """For each row what was odd in it, in words; empty where nothing was."""
        return [
            " ".join(problem.sentence for problem in self.by_row.get(row, ()))
            for row in range(self.n_rows)
        ]

    def part(self, start: int, stop: int) -> Answers:
        """Return the answers for some rows that follow each other, numbered from 0."""
        problems = tuple(
            problem if problem.row is None else replace(problem, row=problem.row - start)
            for problem in self.problems
            if problem.row is None or start <= problem.row < stop
        )
        return Answers(
            {name: values[start:stop] for name, values in self.columns.items()},
            problems,
            frozenset(row - start for row in self.refused if start <= row < stop),
            stop - start,
            self.coverage,
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return plain data for each row.

        ``prediction``, ``probabilities`` by class if there are any, ``interval`` (``low``,
        ``high``, ``coverage``) if there is one, ``refused`` and ``warnings``, a list of problems.
        """
        shares, told = self.probabilities, self.by_row
        by_row = zip(*shares.values(), strict=True) if shares else repeat((), self.n_rows)
        records = []
        for row, (prediction, of_row) in enumerate(zip(self.prediction, by_row, strict=True)):
            record: dict[str, Any] = {"prediction": prediction}
            if shares:
                record["probabilities"] = dict(zip(shares, of_row, strict=True))
            if self.coverage is not None:
                ends = {end: self.columns[end][row] for end in ("low", "high")}
                record["interval"] = {**ends, "coverage": self.coverage}
            record["refused"] = row in self.refused
            record["warnings"] = [problem.to_json() for problem in told.get(row, ())]
            records.append(record)
        return records

    def to_json(self) -> dict[str, Any]:
        """Return plain data: ``answers`` by row, and ``problems`` that concern all rows."""
        return {
            "answers": self.to_records(),
            "problems": [problem.to_json() for problem in self.general],
        }


_PROBABILITY = "probability_"


def answers(
    model: Any, schema: Mapping[str, Any], reading: Reading, policy: str = "warn"
) -> Answers:
    """Return what a model says of rows.

    Parameters
    ----------
    model : object
        With ``predict`` and, for classes, ``predict_proba`` and ``classes_``; they take a frame.
    schema : mapping
        As in ``input_schema.json``.
    reading : Reading
        The rows.
    policy : {"warn", "refuse"}, default "warn"
        Whether a row with something that training did not see is answered all the same. A row
        that cannot be read never is.
    """

    def ask(part: Reading) -> Mapping[str, list[Any]]:
        return block_predictions(model, part, schema)

    return answered(ask, answer_names(model, schema), schema, reading, policy)


def block_predictions(
    model: Any,
    reading: Reading,
    schema: Mapping[str, Any],
    prepare: Callable[[Reading], Any] | None = None,
) -> dict[str, list[Any]]:
    """Return what :func:`predictions` does of rows, asked in whole blocks.

    Parameters
    ----------
    model, schema
        As for :func:`answers`.
    reading : Reading
        Rows without errors.
    prepare : callable, optional
        Returns what the preparation of the model makes of rows, or nothing where it cannot.
    """
    rows = reading.in_blocks()
    inputs = prepare(rows) if prepare else None
    if hasattr(model, "answer_columns"):
        told = model.answer_columns(rows.columns)
        found = _columns(told.predicted, told.probabilities, model, schema)
    elif inputs is not None:
        found = last_step_answers(model.steps[-1][1], inputs, schema)
    else:
        found = predictions(model, rows.frame, schema)
    return {name: values[: reading.n_rows] for name, values in found.items()}


def answered(
    ask: Callable[[Reading], Mapping[str, list[Any]]],
    names: Sequence[str],
    schema: Mapping[str, Any],
    reading: Reading,
    policy: str = "warn",
) -> Answers:
    """Return :func:`answers` of a model that is asked in a way of its own.

    Parameters
    ----------
    ask : callable
        Takes a reading without refused rows and returns what :func:`predictions` does.
    names : sequence of str
        As :func:`answer_names` returns them.
    schema, reading, policy
        As for :func:`answers`.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy is “{policy}”; expected one of {listing(POLICIES)}")
    refused = reading.refused(policy)
    huge = [row for row in _huge_rows(reading) if row not in refused]
    apart = refused.union(huge)
    asked = [row for row in range(reading.n_rows) if row not in apart]
    columns: dict[str, list[Any]] = {name: [None] * reading.n_rows for name in names}
    if asked:
        _fill(columns, asked, ask(reading.only(asked)))
    for row in huge:
        _fill(columns, [row], _asked_alone(ask, reading.only([row])))
    silent = _silent(columns, refused)
    for row in silent:
        for values in columns.values():
            values[row] = None
    told = (Problem(row, None, "no_answer") for row in silent)
    interval = schema.get("interval")
    return Answers(
        columns,
        (*reading.problems, *told),
        refused.union(silent),
        reading.n_rows,
        interval["coverage"] if interval else None,
    )


def _huge_rows(reading: Reading) -> list[int]:
    found = {
        row
        for name, values in reading.columns.items()
        if reading.kinds[name] == "number"
        # The first comparison is quick and holds for nearly every column; none holds with NaN.
        if values and not (max(values) <= _HUGE and min(values) >= -_HUGE)
        for row, value in enumerate(values)
        if value > _HUGE or value < -_HUGE
    }
    return sorted(found)


def _asked_alone(
    ask: Callable[[Reading], Mapping[str, list[Any]]], row: Reading
) -> Mapping[str, list[Any]]:
    """Return the answer for a row with numbers that may be too large; nothing if they are."""
    with warnings.catch_warnings():
        # Overflows show in the answer.
        warnings.simplefilter("ignore")
        try:
            return ask(row)
        except (ValueError, ArithmeticError):
            return {}


def _fill(
    columns: Mapping[str, list[Any]], rows: Sequence[int], found: Mapping[str, list[Any]]
) -> None:
    for name, values in found.items():
        column = columns[name]
        if len(rows) == len(column):
            column[:] = values
            continue
        for row, value in zip(rows, values, strict=True):
            column[row] = value


def _silent(columns: Mapping[str, list[Any]], refused: frozenset[int]) -> list[int]:
    """Return the rows that were asked and have no answer, or one that is no finite number."""
    return sorted(
        {
            row
            for values in columns.values()
            if not _are_answers(values)
            for row, value in enumerate(values)
            if (value is None or (type(value) is float and not math.isfinite(value)))
            and row not in refused
        }
    )


def _are_answers(values: Sequence[Any]) -> bool:
    """Return whether it shows at a glance that every value is a text or a finite number."""
    kinds = set(map(type, values))
    return kinds == {str} or (kinds == {float} and math.isfinite(sum(values)))


def answer_names(model: Any, schema: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that a model's answers have.

    They are ``prediction``, or ``cluster`` where rows are given to clusters; for each class or
    cluster that has a probability ``probability_<name>``; and ``low`` and ``high`` where numbers
    have an interval.
    """
    if schema["task"] == "regression":
        return ["prediction", *(("low", "high") if schema.get("interval") else ())]
    names = [f"{_PROBABILITY}{name}" for name in _with_probability(model, schema)]
    return ["cluster" if schema["task"] == "clustering" else "prediction", *names]


def predictions(model: Any, frame: pd.DataFrame, schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of answers by name: classes and clusters are text, numbers ``float``."""
    return last_step_answers(*prepared(model, frame), schema)


def prepared(model: Any, frame: pd.DataFrame) -> tuple[Any, Any]:
    """Return the last step of a model, and what it is given when the model is asked about rows.

    Preparing a row takes far longer than predicting it, so what is asked of the last step twice
    (the class, the probabilities) is prepared once.
    """
    if not hasattr(model, "steps"):
        return model, frame
    inputs: Any = frame
    for _, step in model.steps[:-1]:
        inputs = step.transform(inputs)
    return model.steps[-1][1], inputs


def last_step_answers(step: Any, inputs: Any, schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what :func:`predictions` does, from what :func:`prepared` returned."""
    names = _with_probability(step, schema)
    shares = step.predict_proba(inputs) if len(names) else None
    if shares is not None and type(step).__name__ in _MOST_PROBABLE:
        found = step.classes_.take(shares.argmax(axis=1))
    else:
        found = step.predict(inputs)
    return _columns(found, shares, step, schema)


def _columns(
    found: Any, shares: Any, model: Any, schema: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return arrays of answers as columns by name."""
    if schema["task"] == "regression":
        numbers = found.astype(float).tolist()
        return {"prediction": numbers, **_intervals(numbers, schema)}
    if schema["task"] == "clustering":
        said: dict[str, list[Any]] = {"cluster": [cluster_name(number) for number in found]}
    else:
        said = {"prediction": [str(name) for name in found.tolist()]}
    for place, name in enumerate(_with_probability(model, schema)):
        said[f"{_PROBABILITY}{name}"] = shares[:, place].astype(float).tolist()
    return said


#: Models that would compute the probabilities anew to say which class has the highest.
_MOST_PROBABLE = ("RandomForestClassifier", "ExtraTreesClassifier")


def _with_probability(model: Any, schema: Mapping[str, Any]) -> Sequence[Any]:
    """Return the classes or clusters that have a probability."""
    if schema["task"] == "regression":
        return ()
    if schema["task"] == "clustering":
        return schema["classes"] if schema["assignment"]["probabilities"] else ()
    return model.classes_ if hasattr(model, "predict_proba") else ()


def _intervals(numbers: Sequence[float], schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    interval = schema.get("interval")
    if not interval:
        return {}
    width = interval["width"]
    return {"low": [n - width for n in numbers], "high": [n + width for n in numbers]}


def cluster_name(number: int) -> str:
    """Return what a cluster is called: its number, or ``"noise"`` for rows that are in none."""
    return "noise" if number == _NOISE else str(int(number))
