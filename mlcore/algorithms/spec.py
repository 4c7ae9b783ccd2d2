"""The declaration of one algorithm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import BaseEstimator

from mlcore.params import Param, ParamValue, check_values
from mlcore.tasks import Task


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
    estimator : type
        The scikit-learn class.
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
        Classification only: whether it gives class probabilities.
    build_with : callable, optional
        ``(values, seed) -> estimator`` for algorithms that are more than one constructor call
        (polynomial regression). By default the class is called with ``values`` and ``fixed``.
    progress : str, optional
        A regular expression with a named group ``step`` and optionally ``loss`` for the lines the
        estimator prints with ``verbose``; through it the page shows progress inside a fit and the
        loss per epoch.
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
    """

    id: str
    name: str
    task: Task
    estimator: type[BaseEstimator]
    params: tuple[Param, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seeded: bool = False
    scaling: bool = False
    dense: bool = False
    probabilities: bool = True
    build_with: Callable[[Mapping[str, ParamValue], int], BaseEstimator] | None = None
    progress: str | None = None
    verbose: int = 1
    steps: str | None = None
    growth: str
    summary: str
    use_when: str
    avoid_when: str
    maths: str
    reference: str
    is_baseline: bool = False

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
        seeded = {"random_state": seed} if self.seeded else {}
        return self.estimator(**{**checked, **self.fixed, **seeded})
