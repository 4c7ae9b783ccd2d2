"""The declaration of one algorithm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.preprocessing import StandardScaler

from mlcore.algorithms.assignment import Assignment
from mlcore.algorithms.cost import MIB, Cost, memory_words, most_rows
from mlcore.algorithms.labels import Matrix
from mlcore.errors import UserError
from mlcore.params import Param, ParamValue, check_values, shown_params
from mlcore.tasks import Task

if TYPE_CHECKING:
    from mlcore.algorithms.learner import Learner
    from mlcore.fusion.context import FusionContext
    from mlcore.fusion.numbers import FusedNumbers
    from mlcore.fusion.rules import Fused

#: The most numbers an algorithm may make from its input: 1 GiB of them, before copies.
MOST_CELLS = 2**27


@dataclass(frozen=True, kw_only=True)
class AlgorithmSpec:
    """Everything the workbench knows about one algorithm.

    Menu, form, check, learning card, docs row and conformance tests are derived from it: adding
    an algorithm is adding one of these to the catalogue.

    Parameters
    ----------
    id : str
        Stable name for files and the command line, such as ``"random_forest"``. The same id may
        stand once for each task.
    name : str
        What people call it.
    task : Task
        What it predicts.
    estimator : type, optional
        The scikit-learn class; none for a rule that fuses votes.
    params : tuple of Param
        Its knobs, by scikit-learn's names, basic ones first.
    fixed : mapping
        Constructor arguments the user does not choose, each with a reason in a comment beside it.
    seeded : bool
        Whether the estimator takes ``random_state``.
    scaling : bool
        Whether features should be on one scale (distances, gradients, penalties).
    dense : bool
        Whether it refuses sparse input.
    probabilities : bool
        Classification and clustering: whether it gives a probability for each class or cluster.
    build_with : callable, optional
        ``(values, seed) -> estimator`` for algorithms that are more than one constructor call
        (polynomial regression). By default the class is called with ``values`` and ``fixed``.
    none_means : mapping
        What the estimator calls the ``None`` of a knob: ``{"gamma": "scale"}``.
    scale_target : bool
        Regression only: whether the label is standardised while fitting (and predictions are put
        back in its units), for estimators whose step size, penalty or tolerance is in the label's
        units. The estimator is then the ``regressor`` of a ``TransformedTargetRegressor``.
    cells : callable, optional
        ``(values, rows, columns) -> int``: the numbers the fit holds at once, for algorithms that
        make new columns from their input.
    rows_at_least : tuple of str
        The names of parameters that must not exceed the number of training rows.
    progress : str, optional
        A regular expression for the text the estimator prints with ``verbose``: one match is one
        step. It has a named group ``step`` and optionally ``loss`` and ``score`` (of the
        estimator's own validation rows), may span lines, and must end with what follows the last
        number, so that half a number never matches. :mod:`mlcore.algorithms.progress` reads it.
    per_class : bool
        With more than two classes, one model a class is fitted in turn, and ``step`` starts over.
    verbose : int
        The ``verbose`` level that makes it print those lines.
    steps : str, optional
        The name of the parameter that says how many steps there will be at most.
    growth : str
        How time grows with rows and columns, in plain words.
    summary, use_when, avoid_when : str
        Plain sentences for the card.
    maths : str
        The model and its loss in LaTeX.
    reference : str
        The paper or book of the method.
    is_baseline : bool
        Trained always, as the line that a model has to beat.
    groups : str, optional
        Clustering only: the name of the parameter that says how many groups are asked for; none
        for algorithms that find the number themselves.
    from_data : callable, optional
        ``(values, matrix, seed) -> arguments`` of the estimator that follow from the prepared
        rows, such as a width that is estimated from their distances.
    fit_with : callable, optional
        Clustering only: ``(estimator, values, matrix)``, for algorithms whose fit is more than one
        call.
    assignment : callable, optional
        Clustering only: complete values → how new rows are given to the clusters.
    needs_density : bool
        Clustering only: whether its parameters count rows within reach, so that they mean
        something else when only a part of the rows is taken.
    any_shape : callable, optional
        Clustering only: complete values → whether the groups may have any shape, so that distances
        to the mean of a group say nothing of them; by default they are about round.
    choosing : tuple of str
        Clustering only: the analyses that help to choose its parameters, of
        ``mlcore.workflow.exploring.CHOICES``.
    cost : callable, optional
        ``(values, rows, columns) -> Cost``: time and memory of one fit, estimated beforehand.
    learner : callable, optional
        Semi-supervised only: ``(values, matrix, seed) -> Learner``, what spreads labels over the
        prepared rows; what does not depend on the labels (a graph) is worked out once.
    fuser : callable, optional
        Label fusion only: ``(values, context) -> Fused`` (or ``FusedNumbers``), the rule that
        makes one label of the votes of each row.
    needs_gold : bool
        Label fusion only: whether the rule learns from rows whose true label is known.
    fuses_numbers : bool
        Label fusion only: whether labels are numbers to be averaged rather than classes.
    """

    id: str
    name: str
    task: Task
    estimator: type[BaseEstimator] | None = None
    params: tuple[Param, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seeded: bool = False
    scaling: bool = False
    dense: bool = False
    probabilities: bool = True
    build_with: Callable[[Mapping[str, ParamValue], int], BaseEstimator] | None = None
    none_means: Mapping[str, Any] = field(default_factory=dict)
    scale_target: bool = False
    cells: Callable[[Mapping[str, ParamValue], int, int], int] | None = None
    rows_at_least: tuple[str, ...] = ()
    progress: str | None = None
    per_class: bool = False
    verbose: int = 1
    steps: str | None = None
    growth: str
    summary: str
    use_when: str
    avoid_when: str
    maths: str
    reference: str
    is_baseline: bool = False
    groups: str | None = None
    from_data: Callable[[Mapping[str, ParamValue], Matrix, int], dict[str, Any]] | None = None
    fit_with: Callable[[Any, Mapping[str, ParamValue], Matrix], None] | None = None
    assignment: Callable[[Mapping[str, ParamValue]], Assignment] | None = None
    needs_density: bool = False
    any_shape: Callable[[Mapping[str, ParamValue]], bool] | None = None
    choosing: tuple[str, ...] = ()
    cost: Callable[[Mapping[str, ParamValue], int, int], Cost] | None = None
    learner: Callable[[Mapping[str, ParamValue], Matrix, int], Learner] | None = None
    fuser: Callable[[Mapping[str, ParamValue], FusionContext], Fused | FusedNumbers] | None = None
    needs_gold: bool = False
    fuses_numbers: bool = False

    def check(self, values: Mapping[str, Any]) -> dict[str, ParamValue]:
        """Return a complete set of parameter values, or raise a sentence (``UserError``)."""
        return check_values(self.name, self.params, values)

    def build(self, values: Mapping[str, Any], seed: int) -> BaseEstimator:
        """Return the unfitted estimator for these values.

        Parameters
        ----------
        values : mapping
            Parameter values by name; missing ones take their default.
        seed : int
            Used as ``random_state`` where there is one.
        """
        checked = self.check(values)
        if self.build_with is not None:
            return self.build_with(checked, seed)
        if self.estimator is None:
            raise ValueError(f"{self.name} has no estimator.")
        return self.wrap(self.estimator(**self.arguments(checked, seed)))

    def shown(self, values: Mapping[str, ParamValue]) -> tuple[Param, ...]:
        """Return the knobs that matter with these (complete) values, in order."""
        return shown_params(self.params, values)

    def arguments(self, values: Mapping[str, ParamValue], seed: int) -> dict[str, Any]:
        """Return the constructor's arguments for complete values.

        Knobs that do not matter with the others are left at the estimator's own default, so that
        a value from a hidden control can neither change nor break a fit.
        """
        chosen = {param.name: values[param.name] for param in self.shown(values)}
        named = {
            name: self.none_means[name] if value is None and name in self.none_means else value
            for name, value in chosen.items()
        }
        seeded = {"random_state": seed} if self.seeded else {}
        return {**named, **self.fixed, **seeded}

    def wrap(self, estimator: BaseEstimator) -> BaseEstimator:
        """Return the estimator, fitted on a standardised label where the declaration says so."""
        if not self.scale_target:
            return estimator
        # The check would transform rows only to find that standardising can be undone.
        return TransformedTargetRegressor(
            regressor=estimator, transformer=StandardScaler(), check_inverse=False
        )

    def suits(self, rows: int) -> bool:
        """Return whether a clusterer is worth a try, as it is declared, on so many rows.

        Not where it would keep more pairs of rows than memory holds, nor, for one that feels the
        density, where there are fewer rows than two of its smallest groups have.
        """
        values = self.check({})
        most = most_rows(self.id, values)
        if most is not None and rows > most:
            return False
        if not self.needs_density:
            return True
        smallest = max(int(str(values[name] or 0)) for name in self.rows_at_least)
        return rows >= 2 * smallest

    def check_table(self, values: Mapping[str, ParamValue], rows: int, columns: int) -> None:
        """Check that complete values fit the size of the training rows.

        Parameters
        ----------
        values : mapping
            Complete parameter values.
        rows, columns : int
            Size of the model's input: training rows of the smallest fold, columns after the
            preparation.

        Raises
        ------
        UserError
            For instance 50 neighbours with 40 training rows, or a polynomial with more terms
            than memory holds.
        """
        for param in self.params:
            value = values.get(param.name)
            if param.name in self.rows_at_least and isinstance(value, int) and value > rows:
                raise UserError("setup.more_than_rows", label=param.label, got=value, rows=rows)
        if self.cells is not None and (cells := self.cells(values, rows, columns)) > MOST_CELLS:
            raise self._too_many_cells(cells, rows, columns)

    def _too_many_cells(self, cells: int, rows: int, columns: int) -> UserError:
        if self.task.is_supervised:
            return UserError(
                "setup.too_many_cells",
                name=self.name,
                made=f"{cells // max(rows, 1):,}",
                columns=columns,
                rows=f"{rows:,}",
            )
        return UserError(
            "clustering.too_many_cells",
            name=self.name,
            rows=f"{rows:,}",
            memory=str(memory_words(8 * cells / MIB)),
            most=str(memory_words(8 * MOST_CELLS / MIB)),
        )
