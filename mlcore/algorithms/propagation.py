"""Labels that flow from the few labelled rows to the rest, along a graph of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, issparse
from scipy.sparse.csgraph import connected_components

from mlcore.algorithms.graph_equations import Equations, shares, solve
from mlcore.algorithms.labels import Labels
from mlcore.errors import UserError

#: What a row is called, on the screen and in files, that no label reached.
UNREACHED = "(unlabelled)"

#: The code of a row without a label.
NO_LABEL = -1

#: How strongly rows hang together, of shape (n_rows, n_rows): symmetric and never negative.
Affinity: TypeAlias = csr_array | npt.NDArray[np.float64]

#: One distribution over the classes a row, of shape (n_rows, n_classes).
Distributions: TypeAlias = npt.NDArray[np.float64]

#: The two ways in which labels flow.
Method: TypeAlias = Literal["label_propagation", "label_spreading"]

#: Probabilities nearer to each other than this are the same: a solver's rounding names no winner.
SAME = 1e-9

#: A row whose values sum to less, after rounds, holds nothing that can be trusted.
_LEAST_SUM = 1e-290


@dataclass(frozen=True, kw_only=True)
class Propagated:
    """What labels made of all rows.

    Parameters
    ----------
    distributions : array of shape (n_rows, n_classes)
        Each row sums to 1, or is all zeros where no label reached it.
    reached : array of shape (n_rows,), bool
    component : array of shape (n_rows,)
        Number of the part of the graph that a row is in; no label leaves its part.
    rounds : int
        Rounds done, or steps of the solver where the result is the exact one.
    """

    distributions: Distributions
    reached: npt.NDArray[np.bool_]
    component: Labels
    rounds: int

    @property
    def predicted(self) -> Labels:
        """Code of each row's most probable class, the first of equals; -1 where unreached."""
        largest = self.distributions.max(axis=1, keepdims=True, initial=0.0)
        first = (self.distributions >= largest - SAME).argmax(axis=1)
        return np.asarray(np.where(self.reached, first, NO_LABEL), dtype=np.intp)

    @property
    def certainty(self) -> npt.NDArray[np.float64]:
        """Highest probability of each row; 0 where unreached."""
        return np.asarray(self.distributions.max(axis=1, initial=0.0))


def label_propagation(
    affinity: Affinity,
    codes: Labels,
    n_classes: int,
    rounds: int | None = None,
    class_mass: bool = False,
) -> Propagated:
    """Give each row the weighted mean of its neighbours' distributions; given labels stay.

    Parameters
    ----------
    affinity : csr_array or array of shape (n_rows, n_rows)
        Symmetric and never negative.
    codes : array of shape (n_rows,)
        Class number of the labelled rows, -1 for the others.
    n_classes : int
    rounds : int, optional
        Rounds in which every row takes the mean of its neighbours. By default the distributions
        that no further round would change are solved for (the harmonic solution).
    class_mass : bool
        Weight the classes so that, over the rows without a label, they have the shares that they
        have among the labelled rows. Off by default: labelled rows are rarely drawn by lot.

    Returns
    -------
    Propagated

    Raises
    ------
    UserError
        No row has a label, or all labels are of one class.

    References
    ----------
    Zhu, Ghahramani and Lafferty, "Semi-supervised learning using Gaussian fields and harmonic
    functions", ICML 2003.
    """
    if rounds is not None:
        run = _Rounds("label_propagation", affinity, codes, n_classes, class_mass=class_mass)
        return run.after(rounds)
    given = _given(codes, n_classes)
    component = _components(affinity)
    reached = _in_labelled_part(component, codes)
    open_rows = np.flatnonzero(reached & (codes == NO_LABEL))
    labelled = np.flatnonzero(codes != NO_LABEL)
    from_labels = affinity[open_rows][:, labelled] @ given[labelled]
    solution = solve(
        Equations(
            joined=_without_diagonal(affinity[open_rows][:, open_rows]),
            leaving=from_labels.sum(axis=1),
            giving=from_labels,
        )
    )
    distributions = given.copy()
    distributions[open_rows] = solution.values
    if class_mass:
        distributions = _class_mass(distributions, codes)
    return _propagated(distributions, component, solution.steps)


def label_spreading(
    affinity: Affinity,
    codes: Labels,
    n_classes: int,
    alpha: float = 0.8,
    rounds: int | None = None,
) -> Propagated:
    """Let labels wear off on their way, so that neighbours may outvote a label.

    Parameters
    ----------
    affinity : csr_array or array of shape (n_rows, n_rows)
        Symmetric and never negative; the diagonal counts for nothing.
    codes : array of shape (n_rows,)
        Class number of the labelled rows, -1 for the others.
    n_classes : int
    alpha : float
        Share that a row takes from its neighbours, between 0 and 1; the rest is its own label.
        With 0.8, unlike with the 0.2 of scikit-learn, labels still count some steps away.
    rounds : int, optional
        Rounds done. By default what infinitely many rounds would give is solved for.

    Returns
    -------
    Propagated

    Raises
    ------
    UserError
        No row has a label, or all labels are of one class.

    References
    ----------
    Zhou, Bousquet, Lal, Weston and Schölkopf, "Learning with local and global consistency",
    NIPS 16 (2003).
    """
    if rounds is not None:
        return _Rounds("label_spreading", affinity, codes, n_classes, alpha=alpha).after(rounds)
    given = _given(codes, n_classes)
    component = _components(affinity)
    rows = np.flatnonzero(_in_labelled_part(component, codes))
    joined = _without_diagonal(affinity[rows][:, rows])
    degree = _degrees(joined)
    # With f = D^(-1/2) F / (1 - alpha), F = (1 - alpha) (I - alpha S)^-1 Y becomes
    # (D - alpha W) f = D^(1/2) Y. Dividing a row by D^(1/2) changes none of its shares.
    solution = solve(
        Equations(
            joined=alpha * joined,
            leaving=(1 - alpha) * degree,
            giving=np.sqrt(degree)[:, None] * given[rows],
        )
    )
    distributions = np.zeros_like(given)
    distributions[rows] = solution.values
    return _propagated(distributions, component, solution.steps)


def flow(
    method: Method,
    affinity: Affinity,
    codes: Labels,
    n_classes: int,
    rounds: int,
    *,
    alpha: float = 0.8,
    class_mass: bool = False,
) -> Iterator[Propagated]:
    """Yield what is known after each round, from round 0, the given labels alone, to ``rounds``.

    Each round is that of scikit-learn's LabelPropagation or LabelSpreading with the same affinity.

    Parameters
    ----------
    method : {"label_propagation", "label_spreading"}
    affinity, codes, n_classes
        As for :func:`label_propagation`.
    rounds : int
        Rounds to do after round 0.
    alpha : float
        For label spreading.
    class_mass : bool
        For label propagation.

    Yields
    ------
    Propagated

    Raises
    ------
    UserError
        No row has a label, or all labels are of one class.
    """
    run = _Rounds(method, affinity, codes, n_classes, alpha=alpha, class_mass=class_mass)
    for number, values in zip(range(rounds + 1), run.values(), strict=False):
        yield run.propagated(values, number)


def arrival(affinity: Affinity, codes: Labels) -> Labels:
    """Return how many steps along the graph each row is from the nearest labelled row.

    That is the round in which the first label arrives at it.

    Returns
    -------
    array of shape (n_rows,)
        0 for labelled rows, -1 where no label ever arrives.
    """
    steps = np.where(codes != NO_LABEL, 0, -1).astype(np.intp)
    front = np.flatnonzero(codes != NO_LABEL)
    taken = 0
    while len(front):
        taken += 1
        near = _joined_to(affinity, front)
        front = near[steps[near] < 0]
        steps[front] = taken
    return steps


class _Rounds:
    """One method on one graph, round by round."""

    def __init__(
        self,
        method: Method,
        affinity: Affinity,
        codes: Labels,
        n_classes: int,
        *,
        alpha: float = 0.8,
        class_mass: bool = False,
    ) -> None:
        self.method, self.affinity, self.codes = method, affinity, codes
        self.alpha, self.class_mass = alpha, class_mass
        self.given = _given(codes, n_classes)
        self.component = _components(affinity)

    def values(self) -> Iterator[Distributions]:
        """Yield the values of each round without end; their rows need not sum to 1."""
        if self.method == "label_propagation":
            return _propagation_rounds(self.affinity, self.codes, self.given)
        return _spreading_rounds(self.affinity, self.given, self.alpha)

    def after(self, rounds: int) -> Propagated:
        """Return what is known after so many rounds."""
        return self.propagated(next(islice(self.values(), rounds, None)), rounds)

    def propagated(self, values: Distributions, rounds: int) -> Propagated:
        """Return a round's values as distributions."""
        enough = values.sum(axis=1, keepdims=True) >= _LEAST_SUM
        distributions = shares(np.where(enough, values, 0.0))
        if self.class_mass:
            distributions = _class_mass(distributions, self.codes)
        return _propagated(distributions, self.component, rounds)


def _propagated(distributions: Distributions, component: Labels, rounds: int) -> Propagated:
    return Propagated(
        distributions=distributions,
        reached=distributions.sum(axis=1) > 0,
        component=component,
        rounds=rounds,
    )


def _given(codes: Labels, n_classes: int) -> Distributions:
    """Return the given labels as distributions: all of one class, or nothing."""
    labelled = np.flatnonzero(codes != NO_LABEL)
    if not len(labelled):
        raise UserError("few_labels.graph_no_label", rows=len(codes))
    if len(np.unique(codes[labelled])) == 1:
        raise UserError("few_labels.graph_one_class", rows=len(labelled))
    given = np.zeros((len(codes), n_classes))
    given[labelled, codes[labelled]] = 1.0
    return given


def _propagation_rounds(
    affinity: Affinity, codes: Labels, given: Distributions
) -> Iterator[Distributions]:
    """Yield the mean of the neighbours' distributions, with labelled rows put back each time."""
    values, labelled = given, (codes != NO_LABEL)[:, None]
    while True:
        yield values
        values = np.where(labelled, given, shares(affinity @ values))


def _spreading_rounds(
    affinity: Affinity, given: Distributions, alpha: float
) -> Iterator[Distributions]:
    """Yield alpha times what neighbours give plus 1 - alpha times a row's own label."""
    joined = _without_diagonal(affinity)
    root = 1 / np.sqrt(_degrees(joined))[:, None]
    own, values = (1 - alpha) * given, given
    while True:
        yield values
        values = alpha * (root * (joined @ (root * values))) + own


def _class_mass(distributions: Distributions, codes: Labels) -> Distributions:
    """Weight classes to the labelled rows' shares (class mass normalisation)."""
    is_open = codes == NO_LABEL
    share = np.bincount(codes[~is_open], minlength=distributions.shape[1]) / (~is_open).sum()
    mass = distributions[is_open].sum(axis=0)
    factor = np.divide(share, mass, out=np.zeros_like(mass), where=mass > 0)
    weighted = distributions.copy()
    weighted[is_open] = shares(distributions[is_open] * factor)
    return weighted


def _components(affinity: Affinity) -> Labels:
    """Return the number of the part of the graph that each row is in."""
    graph = affinity if issparse(affinity) else csr_array(affinity)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _in_labelled_part(component: Labels, codes: Labels) -> npt.NDArray[np.bool_]:
    return np.isin(component, component[codes != NO_LABEL])


def _without_diagonal(affinity: Affinity) -> Affinity:
    if isinstance(affinity, np.ndarray):
        cleared = affinity.copy()
        np.fill_diagonal(cleared, 0.0)
        return cleared
    if not affinity.diagonal().any():
        return affinity
    return csr_array(affinity - diags_array(affinity.diagonal()))


def _degrees(joined: Affinity) -> npt.NDArray[np.float64]:
    """Return the sum of each row's weights, 1 for rows that are joined to none."""
    degree = np.asarray(joined.sum(axis=1), dtype=np.float64).ravel()
    return np.where(degree > 0, degree, 1.0)


def _joined_to(affinity: Affinity, rows: Labels) -> Labels:
    """Return the rows that any of these rows is joined to."""
    if isinstance(affinity, np.ndarray):
        return np.flatnonzero((affinity[rows] > 0).any(axis=0))
    return np.unique(affinity[rows].indices)
