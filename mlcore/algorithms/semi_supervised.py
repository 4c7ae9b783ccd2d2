"""Algorithms that learn from few labelled rows and many without a label.

Two of them lay a graph over the rows and let labels flow along it; the third is built around any
classifier of the catalogue. Each is a :class:`~mlcore.algorithms.learner.Learner` while it learns;
what is kept is a stock scikit-learn estimator that answers for new rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import (
    LabelPropagation,
    LabelSpreading,
    SelfTrainingClassifier,
)

from mlcore.algorithms import bayes, ensembles, kernels, linear, neighbors, neural, trees
from mlcore.algorithms.affinity import (
    MOST_DENSE_ROWS,
    RowGraph,
    distinct_rows,
    finds_nearest_exactly,
    neighbor_graph,
    rbf_affinity,
)
from mlcore.algorithms.cost import search_method
from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.labels import Labels, Matrix
from mlcore.algorithms.learner import Learner
from mlcore.algorithms.propagation import (
    UNREACHED,
    Affinity,
    Method,
    Propagated,
    arrival,
    flow,
    label_propagation,
    label_spreading,
)
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.errors import UserError
from mlcore.params import BoolParam, ChoiceParam, FloatParam, IntParam, Param, ParamValue
from mlcore.tasks import Task

MakeLearner: TypeAlias = Callable[[Mapping[str, ParamValue], Matrix, int], Learner]

#: Classifiers that self-training can be built around, by id: all there are, in menu order.
BASES: dict[str, AlgorithmSpec] = {
    spec.id: spec
    for spec in (
        *linear.SPECS,
        *trees.SPECS,
        *ensembles.SPECS,
        *neighbors.SPECS,
        *kernels.SPECS,
        *bayes.SPECS,
        *neural.SPECS,
        *linear.STOCHASTIC,
    )
    if spec.task is Task.CLASSIFICATION
}


@dataclass(frozen=True, eq=False)
class GraphLearner:
    """Labels that flow along a graph of near rows.

    Parameters
    ----------
    method : {"label_propagation", "label_spreading"}
        How they flow.
    values : mapping
        Complete values of the algorithm's parameters.
    matrix : array of shape (n_rows, n_inputs)
        Prepared rows.
    """

    method: Method
    values: Mapping[str, ParamValue]
    matrix: Matrix

    @cached_property
    def affinity(self) -> Affinity:
        """The graph; it does not depend on any label."""
        if not self.is_sparse:
            return rbf_affinity(self.matrix, float(str(self.values["gamma"])))
        return neighbor_graph(self.matrix, self.n_neighbors)

    def edges(self, rows: Labels) -> tuple[Labels, Labels]:
        """Return the joins among some rows, as two rows each; none where all are joined to all."""
        none = np.empty(0, dtype=np.intp)
        return self.affinity.edges(rows) if isinstance(self.affinity, RowGraph) else (none, none)

    @property
    def is_exact(self) -> bool:
        """Whether no other row is nearer than those that a row is joined to."""
        if not isinstance(self.affinity, RowGraph):
            return True
        return finds_nearest_exactly(self.affinity.weights.shape[0], self.matrix.shape[1])

    @property
    def is_sparse(self) -> bool:
        """Whether rows are joined to near rows only."""
        return self.values["affinity"] == "nearest_neighbors"

    @property
    def n_neighbors(self) -> int:
        """Near rows that each row is joined to; all others where there are not so many."""
        return min(int(str(self.values["n_neighbors"])), len(self.matrix) - 1)

    @property
    def options(self) -> dict[str, Any]:
        """The parameters of the method itself."""
        name = "class_mass" if self.method == "label_propagation" else "alpha"
        return {name: self.values[name]}

    def spread(self, codes: Labels, n_classes: int) -> Propagated:
        """Return the solution, exact or after the rounds that were asked for."""
        spread = label_propagation if self.method == "label_propagation" else label_spreading
        options = {"rounds": self.values["rounds"], **self.options}
        return spread(self.affinity, codes, n_classes, **options)

    def flow(self, codes: Labels, n_classes: int, rounds: int) -> Iterator[Propagated]:
        """Yield the labels round by round."""
        return flow(self.method, self.affinity, codes, n_classes, rounds, **self.options)

    def arrival(self, codes: Labels) -> Labels:
        """Return how many steps along the graph the nearest label is away."""
        return arrival(self.affinity, codes)

    def model(self, codes: Labels, classes: Sequence[str], spread: Propagated) -> BaseEstimator:
        """Return scikit-learn's own estimator with our solution in it.

        A new row gets the mean of what its nearest rows have (Delalleau, Bengio, Le Roux 2005,
        with equal weights). Rows that no label reached stand for a class of their own, so that a
        new row beside them is not given a class by chance. Rows with equal inputs have one
        distribution, their mean, and rows are sorted by their inputs, so that a new row's answer
        does not depend on the order of the file.
        """
        kinds = {"label_propagation": LabelPropagation, "label_spreading": LabelSpreading}
        model = kinds[self.method](kernel="knn", n_neighbors=max(1, self.n_neighbors))
        names, distributions = with_unreached(classes, spread)
        place = distinct_rows(self.matrix)[1]
        order = np.argsort(place, kind="stable")
        model.X_ = self.matrix[order]
        model.n_features_in_ = self.matrix.shape[1]
        model.classes_ = np.array(names, dtype=object)
        model.label_distributions_ = _means_by(place, distributions)[place[order]]
        # Text of one width: as objects, each row's name would be a part of the file by itself.
        model.transduction_ = np.array(names)[spread.predicted[order]]
        model.n_iter_ = spread.rounds
        # By itself the estimator makes the search at the first question, and always with a tree
        # where there are few columns.
        search = NearestNeighbors(
            n_neighbors=model.n_neighbors, algorithm=search_method(*self.matrix.shape)
        )
        model.nn_fit = search.fit(model.X_)
        return model


def _means_by(place: Labels, distributions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean of the rows at each place, of shape (n_places, n_classes)."""
    sums = [np.bincount(place, column) for column in distributions.T]
    return np.asarray(np.column_stack(sums) / np.bincount(place)[:, None])


def with_unreached(
    classes: Sequence[str], spread: Propagated
) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Return classes and distributions with a class of its own for rows that no label reached.

    Nothing is added where every row was reached.
    """
    if spread.reached.all():
        return tuple(classes), spread.distributions
    rest = (~spread.reached).astype(np.float64)
    return (*classes, UNREACHED), np.column_stack([spread.distributions, rest])


@dataclass(frozen=True, eq=False)
class SelfTrainingLearner:
    """A classifier that labels the rows it is sure of and learns from them too.

    Parameters
    ----------
    values : mapping
        Complete values of the algorithm's parameters.
    matrix : array of shape (n_rows, n_inputs)
        Prepared rows.
    seed : int
        Of the classifier's random numbers.
    """

    values: Mapping[str, ParamValue]
    matrix: Matrix
    seed: int

    def spread(self, codes: Labels, n_classes: int) -> Propagated:
        """Return what the classifier says of each row once it has stopped."""
        trained = self._trained(codes, self.max_iter)
        return self._answer(trained, codes, n_classes, int(trained.n_iter_))

    def flow(self, codes: Labels, n_classes: int, rounds: int) -> Iterator[Propagated]:
        """Yield the rows that have a label after each round; the others have none yet."""
        trained = self._trained(codes, self.max_iter)
        known = np.where(codes >= 0, codes, trained.transduction_)
        for number in range(min(rounds, int(trained.n_iter_)) + 1):
            has_label = (trained.labeled_iter_ >= 0) & (trained.labeled_iter_ <= number)
            yield _sure(known, has_label, n_classes, number)

    def arrival(self, codes: Labels) -> Labels:
        """Return the round in which each row was labelled; -1 where the classifier never was sure.

        Such rows get the final classifier's best guess.
        """
        return np.asarray(self._trained(codes, self.max_iter).labeled_iter_, dtype=np.intp)

    def model(self, codes: Labels, classes: Sequence[str], spread: Propagated) -> BaseEstimator:
        """Return the classifier, fitted on the labelled rows and those it labelled itself."""
        trained = self._trained(codes, self.max_iter)
        learnt = trained.transduction_
        names = np.array(classes, dtype=object)
        return clone(self.base).fit(self.matrix[learnt >= 0], names[learnt[learnt >= 0]])

    @property
    def base(self) -> BaseEstimator:
        """The classifier, unfitted."""
        return build_base(str(self.values["estimator"]), self.seed)

    @property
    def max_iter(self) -> int | None:
        """Most rounds; no limit where there is none."""
        value = self.values["max_iter"]
        return None if value is None else int(str(value))

    @cached_property
    def _memory(self) -> dict[bytes, SelfTrainingClassifier]:
        return {}

    def _trained(self, codes: Labels, max_iter: int | None) -> SelfTrainingClassifier:
        """Return the fitted classifier; the last one is kept, since one answer takes many looks."""
        key = codes.tobytes()
        if key not in self._memory:
            self._memory.clear()
            trainer = _self_training(self.values, self.base).set_params(max_iter=max_iter)
            try:
                self._memory[key] = trainer.fit(self.matrix, codes)
            except ValueError as error:
                raise self._explained(error, codes) from error
        return self._memory[key]

    def _explained(self, error: ValueError, codes: Labels) -> Exception:
        base = BASES[str(self.values["estimator"])]
        if explain_failure(base, error) is None:
            return error
        # That sentence is about settings of the classifier, and self-training offers none of them.
        labels = int((codes >= 0).sum())
        return UserError("few_labels.too_few_for", name=base.name, labels=labels)

    def _answer(
        self, trained: SelfTrainingClassifier, codes: Labels, n_classes: int, rounds: int
    ) -> Propagated:
        answers = np.zeros((len(codes), n_classes))
        try:
            answers[:, trained.classes_] = trained.predict_proba(self.matrix)
        except ValueError as error:
            raise self._explained(error, codes) from error
        return Propagated(
            distributions=answers,
            reached=np.ones(len(codes), dtype=bool),
            component=np.zeros(len(codes), dtype=np.intp),
            rounds=rounds,
        )


def build_base(algorithm: str, seed: int) -> BaseEstimator:
    """Return a classifier of the catalogue with its defaults, giving probabilities."""
    spec = BASES[algorithm]
    # Support vector machines say how sure they are only when they are asked to learn it.
    values = {} if spec.probabilities else {"method": "sigmoid"}
    return spec.build(values, seed)


def _self_training(values: Mapping[str, ParamValue], base: BaseEstimator) -> SelfTrainingClassifier:
    return SelfTrainingClassifier(
        base,
        criterion=values["criterion"],
        threshold=values["threshold"],
        k_best=values["k_best"],
        max_iter=values["max_iter"],
    )


def _sure(
    known: Labels, has_label: npt.NDArray[np.bool_], n_classes: int, rounds: int
) -> Propagated:
    distributions = np.zeros((len(known), n_classes))
    distributions[has_label, known[has_label]] = 1.0
    return Propagated(
        distributions=distributions,
        reached=has_label,
        component=np.zeros(len(known), dtype=np.intp),
        rounds=rounds,
    )


def _graph_learner(method: Method) -> MakeLearner:
    def learner(values: Mapping[str, ParamValue], matrix: Matrix, seed: int) -> GraphLearner:
        return GraphLearner(method, values, matrix)

    return learner


def _stock(kind: type[BaseEstimator]) -> Callable[[Mapping[str, ParamValue], int], BaseEstimator]:
    def build(values: Mapping[str, ParamValue], seed: int) -> BaseEstimator:
        return kind(kernel="knn", n_neighbors=values["n_neighbors"])

    return build


_GRAPH: tuple[Param, ...] = (
    IntParam(
        name="n_neighbors",
        label="Neighbours (k)",
        help=(
            "Each row is joined to this many nearest rows, and labels flow along these joins. "
            "Fewer follow fine shapes, but rows may be left that no label reaches; more reach "
            "everything, but lead across gaps between classes. 6 is what scikit-learn calls 7, "
            "where a row counts as its own neighbour."
        ),
        default=6,
        low=1,
        high=200,
        basic=True,
    ),
    ChoiceParam(
        name="affinity",
        label="How rows are joined",
        help=(
            "Nearest rows: each row to its k nearest, with weights that adapt to how dense the "
            "rows are there. Gaussian: every row to every other by one width; it is kept for "
            "comparison with textbooks and takes the square of the rows in memory, so at most "
            f"{MOST_DENSE_ROWS:,} rows."
        ),
        default="nearest_neighbors",
        choices={"nearest_neighbors": "Nearest rows", "rbf": "Gaussian (RBF)"},
    ),
    FloatParam(
        name="gamma",
        label="Gamma of the Gaussian",
        help=(
            "Weight exp(−gamma · distance²) of two rows. Larger: only near rows count. 20 is "
            "scikit-learn's default, for columns on one scale."
        ),
        default=20.0,
        low=1e-4,
        high=1e4,
        log=True,
        only_if=("affinity", ("rbf",)),
    ),
)
_ROUNDS = IntParam(
    name="rounds",
    label="Rounds",
    help=(
        "In each round every row takes the mean of its neighbours. “Until nothing changes” "
        "solves for the end at once. With fewer rounds, labels only get so many steps far."
    ),
    default=None,
    none_label="Until nothing changes",
    low=1,
    high=10_000,
)

PROPAGATION = AlgorithmSpec(
    id="label_propagation",
    name="Label propagation",
    task=Task.SEMI_SUPERVISED,
    estimator=LabelPropagation,
    params=(
        *_GRAPH,
        _ROUNDS,
        BoolParam(
            name="class_mass",
            label="Keep the shares of the classes",
            help=(
                "Class-mass normalisation: makes the classes as frequent in the answer as among "
                "the labelled rows. Only when these were drawn by lot."
            ),
            default=False,
        ),
    ),
    build_with=_stock(LabelPropagation),
    scaling=True,
    dense=True,
    learner=_graph_learner("label_propagation"),
    growth="Twice the rows take a little more than twice the time.",
    summary=(
        "Joins each row to its nearest rows and lets the known labels flow along the joins until "
        "nothing changes. Known labels stay as they are."
    ),
    use_when="The labels are right, and rows of one class are near each other.",
    avoid_when="Some labels are wrong, or classes overlap so that near rows say little.",
    maths=(
        r"f_i=\frac{\sum_j w_{ij}f_j}{\sum_j w_{ij}}\ (i\text{ unlabelled}),\quad "
        r"F_U=(D_{UU}-W_{UU})^{-1}W_{UL}Y_L,\quad "
        r"w_{ij}=\exp\!\left(-\frac{\lVert x_i-x_j\rVert^2}{\sigma_i\sigma_j}\right)"
    ),
    reference=(
        "X. Zhu, Z. Ghahramani, J. Lafferty (2003). Semi-supervised learning using Gaussian "
        "fields and harmonic functions. ICML, 912–919."
    ),
)

SPREADING = AlgorithmSpec(
    id="label_spreading",
    name="Label spreading",
    task=Task.SEMI_SUPERVISED,
    estimator=LabelSpreading,
    params=(
        FloatParam(
            name="alpha",
            label="Weight of the neighbours (alpha)",
            help=(
                "How much a row listens to its neighbours rather than to its own label. Near 0 "
                "labels hardly move; near 1 known labels may be overruled. scikit-learn's 0.2 "
                "stops after a few steps and leaves rows without an answer."
            ),
            default=0.9,
            low=0.01,
            high=0.999,
            basic=True,
        ),
        *_GRAPH,
        _ROUNDS,
    ),
    build_with=_stock(LabelSpreading),
    scaling=True,
    dense=True,
    learner=_graph_learner("label_spreading"),
    growth="Twice the rows take a little more than twice the time.",
    summary=(
        "Like label propagation, but known labels give way where all their neighbours disagree, "
        "so that a few wrong labels do less harm."
    ),
    use_when="Some of the labels may be wrong.",
    avoid_when="Every label is certain: label propagation keeps them.",
    maths=(
        r"F=(1-\alpha)(I-\alpha S)^{-1}Y,\quad S=D^{-1/2}WD^{-1/2},\quad "
        r"\hat y_i=\arg\max_c F_{ic}"
    ),
    reference=(
        "D. Zhou, O. Bousquet, T. N. Lal, J. Weston, B. Schölkopf (2003). Learning with local and "
        "global consistency. NIPS 16, 321–328."
    ),
)

SELF_TRAINING = AlgorithmSpec(
    id="self_training",
    name="Self-training",
    task=Task.SEMI_SUPERVISED,
    estimator=SelfTrainingClassifier,
    params=(
        ChoiceParam(
            name="estimator",
            label="Classifier",
            help=(
                "The algorithm that labels the rows it is sure of, learns from them too, and goes "
                "on. It runs with its default settings."
            ),
            default="logistic_regression",
            choices={name: spec.name for name, spec in BASES.items()},
            basic=True,
        ),
        ChoiceParam(
            name="criterion",
            label="Which rows it labels in a round",
            help=(
                "Above a threshold: all rows it is sure enough of, which needs honest "
                "probabilities. The surest: a fixed number, whatever the probabilities are."
            ),
            default="threshold",
            choices={"threshold": "Those above a threshold", "k_best": "The surest ones"},
            basic=True,
        ),
        FloatParam(
            name="threshold",
            label="Threshold",
            help=(
                "A row is labelled when its class has at least this probability. Lower values "
                "take more rows, and more wrong ones. 0.75 is scikit-learn's default."
            ),
            default=0.75,
            low=0.5,
            high=0.999,
            basic=True,
            only_if=("criterion", ("threshold",)),
        ),
        IntParam(
            name="k_best",
            label="Rows in a round",
            help="How many rows are labelled in each round.",
            default=10,
            low=1,
            high=100_000,
            only_if=("criterion", ("k_best",)),
        ),
        IntParam(
            name="max_iter",
            label="Rounds",
            help="Most rounds of labelling and learning anew.",
            default=10,
            none_label="Until no row is left",
            low=1,
            high=10_000,
        ),
    ),
    build_with=lambda values, seed: _self_training(
        values, build_base(str(values["estimator"]), seed)
    ),
    scaling=True,
    dense=True,
    learner=SelfTrainingLearner,
    growth="Once the time of the classifier for each round.",
    summary=(
        "A classifier learns from the labelled rows, labels the other rows it is sure of, learns "
        "from these too, and so on. Its mistakes feed back into it."
    ),
    use_when="A classifier suits the table, and its probabilities can be trusted.",
    avoid_when="The labels are too few for a sure answer, or the classifier is overly sure.",
    maths=(
        r"L_{t+1}=L_t\cup\{(x,\hat y(x)):\ x\in U_t,\ \max_c \hat p_t(c\mid x)\ge\tau\},\quad "
        r"\hat p_{t+1}=\mathrm{fit}(L_{t+1})"
    ),
    reference=(
        "D. Yarowsky (1995). Unsupervised word sense disambiguation rivaling supervised methods. "
        "ACL, 189–196."
    ),
)

#: In menu order.
SPECS: tuple[AlgorithmSpec, ...] = (PROPAGATION, SPREADING, SELF_TRAINING)
