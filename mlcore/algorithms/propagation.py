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

from mlcore.algorithms.affinity import RowGraph, Weights
from mlcore.algorithms.graph_equations import Equations, shares, solve
from mlcore.algorithms.labels import Labels
from mlcore.errors import UserError

#: What a row is called, on the screen and in files, that no label reached.
UNREACHED = "(unlabelled)"

#: The code of a row without a label.
NO_LABEL = -1

#: How strongly rows hang together. An array has one node for each row.
Affinity: TypeAlias = RowGraph | Weights

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

    @property
    def tied(self) -> npt.NDArray[np.bool_]:
        """Whether several classes are as probable as the one that is predicted."""
        largest = self.distributions.max(axis=1, keepdims=True, initial=0.0)
        leaders = (self.distributions >= largest - SAME).sum(axis=1)
        return np.asarray(self.reached & (leaders > 1))


def label_propagation(
    affinity: Affinity,
    codes: Labels,
    n_classes: int,
    rounds: int | None = None,
    class_mass: bool = False,
) -> Propagated:
    """Give each row the weighted mean of its neighbours' distributions; given labels stay.

    Rows on one node of a graph get the mean of the labels there, where there are any, except
    those that have a label themselves.

    Parameters
    ----------
    affinity : RowGraph, or csr_array or array of shape (n_rows, n_rows)
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
    nodes = _Nodes(affinity, codes, n_classes)
    weights, labelled = nodes.weights, np.flatnonzero(nodes.is_labelled)
    open_nodes = np.flatnonzero(nodes.in_labelled_part & ~nodes.is_labelled)
    from_labels = weights[open_nodes][:, labelled] @ nodes.labels[labelled]
    solution = solve(
        Equations(
            joined=_without_diagonal(weights[open_nodes][:, open_nodes]),
            leaving=from_labels.sum(axis=1),
            giving=from_labels,
        )
    )
    values = nodes.labels.copy()
    values[open_nodes] = solution.values
    distributions = nodes.with_given(nodes.of_rows(values))
    if class_mass:
        distributions = _class_mass(distributions, codes)
    return nodes.propagated(distributions, solution.steps)


def label_spreading(
    affinity: Affinity,
    codes: Labels,
    n_classes: int,
    alpha: float = 0.8,
    rounds: int | None = None,
) -> Propagated:
    """Let labels wear off on their way, so that neighbours may outvote a label.

    Rows on one node of a graph get the same distribution, also those that have a label.

    Parameters
    ----------
    affinity : RowGraph, or csr_array or array of shape (n_rows, n_rows)
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
    nodes = _Nodes(affinity, codes, n_classes)
    part = np.flatnonzero(nodes.in_labelled_part)
    joined = _without_diagonal(nodes.weights[part][:, part])
    degree = _degrees(joined)
    # With f = D^(-1/2) F / (1 - alpha), F = (1 - alpha) (I - alpha S)^-1 Y becomes
    # (D - alpha W) f = D^(1/2) Y. Dividing a row by D^(1/2) changes none of its shares.
    solution = solve(
        Equations(
            joined=alpha * joined,
            leaving=(1 - alpha) * degree,
            giving=np.sqrt(degree)[:, None] * nodes.labels[part],
        )
    )
    values = np.zeros_like(nodes.labels)
    values[part] = solution.values
    return nodes.propagated(nodes.of_rows(values), solution.steps)


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
    graph = _graph(affinity)
    steps = np.full(graph.weights.shape[0], -1, dtype=np.intp)
    front = np.unique(graph.node[codes != NO_LABEL])
    steps[front] = taken = 0
    while len(front):
        taken += 1
        near = _joined_to(graph.weights, front)
        front = near[steps[near] < 0]
        steps[front] = taken
    # A label on its own node arrives at a row in the first round, as one of a neighbour does.
    found = np.where(steps == 0, 1, steps)[graph.node]
    return np.where(codes != NO_LABEL, 0, found)


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
        self.method, self.alpha, self.class_mass = method, alpha, class_mass
        self.nodes = _Nodes(affinity, codes, n_classes)

    def values(self) -> Iterator[Distributions]:
        """Yield the values of each round without end; their rows need not sum to 1."""
        nodes = self.nodes
        if self.method == "label_propagation":
            return _propagation_rounds(nodes.weights, nodes.is_labelled, nodes.labels)
        return _spreading_rounds(nodes.weights, nodes.labels, self.alpha)

    def after(self, rounds: int) -> Propagated:
        """Return what is known after so many rounds."""
        return self.propagated(next(islice(self.values(), rounds, None)), rounds)

    def propagated(self, values: Distributions, rounds: int) -> Propagated:
        """Return a round's values as distributions of the rows; in round 0 only the given ones."""
        enough = values.sum(axis=1, keepdims=True) >= _LEAST_SUM
        distributions = self.nodes.of_rows(shares(np.where(enough, values, 0.0)))
        if not rounds:
            distributions = np.zeros_like(distributions)
        if not rounds or self.method == "label_propagation":
            distributions = self.nodes.with_given(distributions)
        if self.class_mass:
            distributions = _class_mass(distributions, self.nodes.codes)
        return self.nodes.propagated(distributions, rounds)


class _Nodes:
    """The nodes of a graph with the labels that are given there.

    Attributes
    ----------
    weights : csr_array or array of shape (n_nodes, n_nodes)
    labels : array of shape (n_nodes, n_classes)
        The mean of the labels on a node; all zeros where there is none.
    is_labelled, in_labelled_part : bool arrays of shape (n_nodes,)
        Whether there is a label on the node; whether one may reach it.
    """

    def __init__(self, affinity: Affinity, codes: Labels, n_classes: int) -> None:
        graph = _graph(affinity)
        self.weights, self._node = graph.weights, graph.node
        self.codes = codes
        self._labelled = _labelled_rows(codes)
        node, shape = self._node[self._labelled], (self.weights.shape[0], n_classes)
        counts = np.zeros(shape)
        np.add.at(counts, (node, codes[self._labelled]), 1.0)
        self.labels = shares(counts)
        self.is_labelled = np.asarray(counts.any(axis=1), dtype=bool)
        self._component = _components(self.weights)
        self.in_labelled_part = np.isin(self._component, self._component[node])

    def of_rows(self, values: Distributions) -> Distributions:
        """Return the values of each row's node."""
        return np.asarray(values[self._node])

    def with_given(self, distributions: Distributions) -> Distributions:
        """Return distributions of the rows in which the given labels stand as they are."""
        kept = distributions.copy()
        kept[self._labelled] = 0.0
        kept[self._labelled, self.codes[self._labelled]] = 1.0
        return kept

    def propagated(self, distributions: Distributions, rounds: int) -> Propagated:
        return Propagated(
            distributions=distributions,
            reached=distributions.sum(axis=1) > 0,
            component=self._component[self._node],
            rounds=rounds,
        )


def _graph(affinity: Affinity) -> RowGraph:
    if isinstance(affinity, RowGraph):
        return affinity
    return RowGraph(weights=affinity, node=np.arange(affinity.shape[0]))


def _labelled_rows(codes: Labels) -> Labels:
    """Return the rows with a label, of which there must be some of two classes."""
    labelled = np.flatnonzero(codes != NO_LABEL)
    if not len(labelled):
        raise UserError("few_labels.graph_no_label", rows=len(codes))
    if len(np.unique(codes[labelled])) == 1:
        raise UserError("few_labels.graph_one_class", rows=len(labelled))
    return labelled


def _propagation_rounds(
    weights: Weights, is_labelled: npt.NDArray[np.bool_], labels: Distributions
) -> Iterator[Distributions]:
    """Yield the mean of the neighbours' distributions, with the labels put back each time."""
    values = labels
    while True:
        yield values
        values = np.where(is_labelled[:, None], labels, shares(weights @ values))


def _spreading_rounds(
    weights: Weights, labels: Distributions, alpha: float
) -> Iterator[Distributions]:
    """Yield alpha times what neighbours give plus 1 - alpha times a node's own labels."""
    joined = _without_diagonal(weights)
    root = 1 / np.sqrt(_degrees(joined))[:, None]
    own, values = (1 - alpha) * labels, labels
    while True:
        yield values
        values = alpha * (root * (joined @ (root * values))) + own


def _class_mass(distributions: Distributions, codes: Labels) -> Distributions:
    """Weight classes to the labelled rows' shares (class mass normalisation)."""
    is_open = codes == NO_LABEL
    share = np.bincount(codes[~is_open], minlength=distributions.shape[1]) / (~is_open).sum()
    # Sorted, so that the sum is the same to the last digit in whatever order the rows come.
    mass = np.sort(distributions[is_open], axis=0).sum(axis=0)
    factor = np.divide(share, mass, out=np.zeros_like(mass), where=mass > 0)
    weighted = distributions.copy()
    weighted[is_open] = shares(distributions[is_open] * factor)
    return weighted


def _components(weights: Weights) -> Labels:
    """Return the number of the part of the graph that each node is in."""
    graph = weights if issparse(weights) else csr_array(weights)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _without_diagonal(weights: Weights) -> Weights:
    if isinstance(weights, np.ndarray):
        cleared = weights.copy()
        np.fill_diagonal(cleared, 0.0)
        return cleared
    if not weights.diagonal().any():
        return weights
    return csr_array(weights - diags_array(weights.diagonal()))


def _degrees(joined: Weights) -> npt.NDArray[np.float64]:
    """Return the sum of each node's weights, 1 for nodes that are joined to none."""
    degree = np.asarray(joined.sum(axis=1), dtype=np.float64).ravel()
    return np.where(degree > 0, degree, 1.0)


def _joined_to(weights: Weights, nodes: Labels) -> Labels:
    """Return the nodes that any of these nodes is joined to."""
    if isinstance(weights, np.ndarray):
        return np.flatnonzero((weights[nodes] > 0).any(axis=0))
    return np.unique(weights[nodes].indices)
