"""Labels flow as the closed forms and scikit-learn say, and never where they cannot."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import shortest_path
from sklearn.datasets import load_digits, load_iris, make_blobs, make_circles
from sklearn.exceptions import ConvergenceWarning
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from mlcore.algorithms.affinity import neighbor_graph, rbf_affinity
from mlcore.algorithms.propagation import (
    Propagated,
    arrival,
    flow,
    label_propagation,
    label_spreading,
)
from mlcore.errors import UserError

Flow = Callable[..., Propagated]
BOTH = [label_propagation, label_spreading]


def row_weights(matrix: np.ndarray, k: int) -> csr_array:
    """The weights between rows of which no two are equal."""
    graph = neighbor_graph(matrix, k)
    assert len(np.unique(graph.node)) == len(matrix)
    return csr_array(graph.weights[graph.node][:, graph.node])


def path(rows: int) -> csr_array:
    """Rows in a line, each joined to the next."""
    ones = np.ones(rows - 1)
    return csr_array(diags_array([ones, ones], offsets=[1, -1], shape=(rows, rows)))


def codes_of(rows: int, **given: int) -> np.ndarray:
    """No label but those given as ``r<row>=class``."""
    codes = np.full(rows, -1)
    for name, code in given.items():
        codes[int(name[1:])] = code
    return codes


def blobs(rows: int, labels: int = 40, seed: int = 0) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """The graph of rows in four groups, the few labels known, and all of them."""
    matrix, truth = make_blobs(rows, 2, centers=4, cluster_std=0.3, random_state=0)
    codes = np.full(rows, -1)
    known = np.random.default_rng(seed).choice(rows, labels, replace=False)
    codes[known] = truth[known]
    return row_weights(matrix, 7), codes, truth


def dense_harmonic(weights: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """The harmonic solution as the paper writes it."""
    given = np.eye(n_classes)[codes] * (codes >= 0)[:, None]
    is_open = codes < 0
    laplacian = np.diag(weights.sum(axis=1)) - weights
    right = weights[np.ix_(is_open, ~is_open)] @ given[~is_open]
    given[is_open] = np.linalg.solve(laplacian[np.ix_(is_open, is_open)], right)
    return given


def dense_spreading(
    weights: np.ndarray, codes: np.ndarray, n_classes: int, alpha: float
) -> np.ndarray:
    """The limit of label spreading as the paper writes it, rows divided by their sum."""
    given = np.eye(n_classes)[codes] * (codes >= 0)[:, None]
    root = 1 / np.sqrt(weights.sum(axis=1))
    spread = np.eye(len(codes)) - alpha * root[:, None] * weights * root
    values = (1 - alpha) * np.linalg.solve(spread, given)
    return values / values.sum(axis=1, keepdims=True)


def scikit_learn(
    made: LabelPropagation | LabelSpreading, codes: np.ndarray
) -> LabelPropagation | LabelSpreading:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return made.fit(np.arange(len(codes), dtype=float)[:, None], codes)


# Closed forms and published numbers.


@pytest.mark.parametrize("dense", [False, True])
def test_on_a_path_the_probability_is_the_place_on_it(dense: bool) -> None:
    weights = path(11).toarray() if dense else path(11)
    found = label_propagation(weights, codes_of(11, r0=0, r10=1), 2)
    np.testing.assert_allclose(found.distributions[:, 1], np.arange(11) / 10, atol=1e-9, rtol=0)
    assert found.predicted.tolist() == [0] * 6 + [1] * 5, "the first class of two equal ones"


@pytest.mark.parametrize("method", BOTH)
def test_two_labels_are_enough_for_two_circles(method: Flow) -> None:
    # scikit-learn's example; its 7 neighbours count the row itself.
    matrix, truth = make_circles(n_samples=200, shuffle=False)
    codes = codes_of(200, r0=truth[0], r199=truth[199])
    found = method(neighbor_graph(matrix, 6), codes, 2)
    assert (found.predicted == truth).all()


def test_digits_of_scikit_learns_gallery() -> None:
    digits = load_digits()
    order = np.arange(len(digits.target))
    np.random.RandomState(2).shuffle(order)
    matrix, truth = digits.data[order[:340]], digits.target[order[:340]]
    codes = np.where(np.arange(340) < 40, truth, -1)
    weights = rbf_affinity(matrix, 0.25)
    for rounds in (20, None):
        found = label_spreading(weights, codes, 10, alpha=0.2, rounds=rounds)
        assert np.mean(found.predicted[40:] == truth[40:]) == pytest.approx(0.8967, abs=5e-5)


@pytest.mark.parametrize(
    ("labels", "propagation", "spread", "spreading"),
    [(6, 0.884, 0.073, 0.900), (15, 0.942, 0.033, 0.941), (30, 0.952, 0.025, 0.949)],
)
def test_iris_by_number_of_labels(
    labels: int, propagation: float, spread: float, spreading: float
) -> None:
    """Each seed draws as many rows of each class; 2,000 rounds at most, as scikit-learn stops."""
    matrix, truth = load_iris(return_X_y=True)
    weights = rbf_affinity(matrix, 20)
    ours: list[list[float]] = []
    for seed in range(20):
        draw = np.random.RandomState(seed)
        known = [draw.choice(np.flatnonzero(truth == k), labels // 3, False) for k in range(3)]
        codes = np.full(150, -1)
        codes[np.concatenate(known)] = truth[np.concatenate(known)]
        theirs = scikit_learn(
            LabelPropagation(kernel=lambda *_: weights.copy(), max_iter=2000, tol=1e-3), codes
        )  # a copy, because it is changed in place
        found = label_propagation(weights, codes, 3, rounds=theirs.n_iter_)
        np.testing.assert_allclose(found.distributions, theirs.label_distributions_, atol=1e-12)
        spread_out = label_spreading(weights, codes, 3, alpha=0.2)
        right = [np.mean((f.predicted == truth)[codes < 0]) for f in (found, spread_out)]
        ours.append(right)
    mean, deviation = np.mean(ours, axis=0), np.std(ours, axis=0)
    # Both ends of what is rounded to the third place.
    assert mean[0] == pytest.approx(propagation, abs=6e-4)
    assert deviation[0] == pytest.approx(spread, abs=6e-4)
    assert mean[1] == pytest.approx(spreading, abs=6e-4)


@pytest.mark.parametrize("dense", [False, True])
def test_the_exact_solutions_are_those_of_the_papers(dense: bool) -> None:
    weights, codes, _ = blobs(400)
    full = weights.toarray() + 1e-4  # one component, so that the textbook's matrix has an inverse
    np.fill_diagonal(full, 0)
    given = full if dense else csr_array(full)
    found = label_propagation(given, codes, 4)
    np.testing.assert_allclose(found.distributions, dense_harmonic(full, codes, 4), atol=1e-9)
    for alpha in (0.2, 0.8, 0.99):
        found = label_spreading(given, codes, 4, alpha=alpha)
        expected = dense_spreading(full, codes, 4, alpha)
        np.testing.assert_allclose(found.distributions, expected, atol=1e-9)


def test_what_a_row_is_joined_to_itself_with_does_not_change_the_limit() -> None:
    matrix = np.random.default_rng(0).normal(size=(80, 2))
    weights = rbf_affinity(matrix, 3.0)
    codes = codes_of(80, r0=0, r1=1)
    bare = weights - np.eye(80)
    for method in BOTH:
        one, other = method(weights, codes, 2), method(csr_array(bare), codes, 2)
        np.testing.assert_allclose(one.distributions, other.distributions, atol=1e-9)


# Rounds.


@pytest.mark.parametrize("rounds", [1, 2, 5, 30])
@pytest.mark.parametrize("dense", [False, True])
def test_rounds_are_those_of_scikit_learn(rounds: int, dense: bool) -> None:
    weights, codes, _ = blobs(200, labels=12)
    full = weights.toarray() + np.eye(200) if dense else weights
    kernel = lambda *_: full.copy()  # noqa: E731
    theirs = scikit_learn(LabelPropagation(kernel=kernel, max_iter=rounds, tol=0), codes)
    found = label_propagation(full, codes, 4, rounds=rounds)
    np.testing.assert_allclose(found.distributions, theirs.label_distributions_, atol=1e-12)
    assert found.rounds == rounds
    for alpha in (0.2, 0.8):
        if not dense:  # scikit-learn takes no sparse kernel of one's own for spreading
            kernel = lambda *_: weights.toarray()  # noqa: E731
        theirs = scikit_learn(
            LabelSpreading(kernel=kernel, alpha=alpha, max_iter=rounds, tol=0), codes
        )
        found = label_spreading(full, codes, 4, alpha=alpha, rounds=rounds)
        np.testing.assert_allclose(found.distributions, theirs.label_distributions_, atol=1e-12)


@pytest.mark.parametrize("method", BOTH)
def test_many_rounds_come_to_the_exact_solution(method: Flow) -> None:
    weights, codes, _ = blobs(200)
    exact, rounds = method(weights, codes, 4), method(weights, codes, 4, rounds=3000)
    np.testing.assert_allclose(rounds.distributions, exact.distributions, atol=1e-7)


@pytest.mark.parametrize("method", ["label_propagation", "label_spreading"])
def test_the_flow_reaches_one_step_more_each_round(method: str) -> None:
    weights, codes, _ = blobs(600, labels=8)
    steps = arrival(weights, codes)
    seen = list(flow(method, weights, codes, 4, 12))  # type: ignore[arg-type]
    assert [stage.rounds for stage in seen] == list(range(13))
    assert (seen[0].predicted == codes).all()
    for number, stage in enumerate(seen):
        np.testing.assert_array_equal(stage.reached, (steps >= 0) & (steps <= number))
    assert all((a.reached <= b.reached).all() for a, b in pairwise(seen))
    direct = (label_propagation if method == "label_propagation" else label_spreading)(
        weights, codes, 4, rounds=12
    )
    np.testing.assert_array_equal(seen[-1].distributions, direct.distributions)


@pytest.mark.parametrize("dense", [False, True])
def test_labels_arrive_after_as_many_rounds_as_there_are_steps(dense: bool) -> None:
    weights, codes, _ = blobs(300, labels=5)
    away = shortest_path(weights, unweighted=True)[codes >= 0].min(axis=0)
    expected = np.where(np.isfinite(away), away, -1)
    given = weights.toarray() if dense else weights
    np.testing.assert_array_equal(arrival(given, codes), expected)


# Rows that no label reaches, or hardly any.


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("rounds", [None, 50])
@pytest.mark.parametrize("dense", [False, True])
def test_a_part_without_labels_stays_unlabelled(
    method: Flow, rounds: int | None, dense: bool
) -> None:
    weights = np.zeros((9, 9))
    for start, end in [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6)]:  # 7 and 8 are joined to none
        weights[start, end] = weights[end, start] = 0.5
    codes = codes_of(9, r0=1, r2=2, r8=0)
    found = method(weights if dense else csr_array(weights), codes, 3, rounds=rounds)
    assert found.predicted[3:].tolist() == [-1, -1, -1, -1, -1, 0]
    assert (~found.reached).sum() == 5
    assert not found.distributions[~found.reached].any()
    assert found.certainty[3] == 0 and found.certainty[8] == 1
    assert len(set(found.component)) == 4
    assert np.isfinite(found.distributions).all()


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.8, 0.99])
def test_far_rows_have_the_right_sizes_of_classes_among_themselves(alpha: float) -> None:
    """Values on a path fall by one factor a step, to 10⁻⁵⁰⁰ and less in its middle."""
    rows = 601
    found = label_spreading(path(rows), codes_of(rows, r0=0, r600=1), 2, alpha=alpha)
    # Away from the ends x_i = alpha (x_{i-1} + x_{i+1}) / 2, which q^i solves.
    q = (1 - np.sqrt(1 - alpha**2)) / alpha
    nearer = np.arange(301 - 10, 301 + 10)  # round the middle, where both classes count
    ratio = q ** (rows - 1 - 2 * nearer.astype(float))
    np.testing.assert_allclose(
        found.distributions[nearer, 1], ratio / (1 + ratio), atol=1e-9, rtol=0
    )
    assert found.predicted.tolist() == [0] * 301 + [1] * 300
    assert found.reached.all()


@pytest.mark.parametrize("alpha", [0.2, 0.8, 0.99, 0.9999])
def test_the_sparse_solver_agrees_with_elimination_in_every_row(alpha: float) -> None:
    weights, codes, _ = blobs(1500, labels=8)
    assert (
        label_spreading(weights, codes, 4, 0.2, rounds=6).reached < (arrival(weights, codes) >= 0)
    ).any()
    one = label_spreading(weights, codes, 4, alpha)
    other = label_spreading(weights.toarray(), codes, 4, alpha)
    np.testing.assert_allclose(one.distributions, other.distributions, atol=1e-8)
    np.testing.assert_array_equal(one.predicted, other.predicted)


def test_where_scikit_learn_leaves_rows_at_the_first_class_ours_are_right() -> None:
    weights, codes, truth = blobs(10_000)
    for found in (
        label_propagation(weights, codes, 4),
        label_spreading(weights, codes, 4),
        label_spreading(weights, codes, 4, alpha=0.2),
    ):
        assert found.reached.all()
        assert np.mean(found.predicted == truth) == 1
        np.testing.assert_allclose(found.distributions.sum(axis=1), 1, atol=1e-8)


def test_weights_next_to_nothing_still_decide() -> None:
    """Three rows in a line, far from both labels: the nearer label wins by a wide margin."""
    matrix = np.array([[0.0], [24.0], [25.0], [26.0], [51.0]])
    weights = rbf_affinity(matrix, 1.0)  # exp(-576) = 10⁻²⁵⁰ between row 1 and the first label
    found = label_propagation(weights, codes_of(5, r0=0, r4=1), 2)
    assert found.predicted.tolist() == [0, 0, 0, 0, 1]
    assert found.distributions[1, 0] == pytest.approx(1, abs=1e-9)


# Class masses, ties, permutations.


def test_class_masses_become_those_of_the_labels() -> None:
    weights, codes, _ = blobs(400, labels=30)
    full = weights.toarray() + 0.01
    plain = label_propagation(full, codes, 4)
    found = label_propagation(full, codes, 4, class_mass=True)
    is_open, share = codes < 0, np.bincount(codes[codes >= 0]) / 30
    weighted = plain.distributions[is_open] * share / plain.distributions[is_open].mean(axis=0)
    weighted /= weighted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.distributions[is_open], weighted, atol=1e-9)
    assert (found.predicted[~is_open] == codes[~is_open]).all()


def test_a_class_without_labels_gets_nothing_and_harms_nothing() -> None:
    weights, codes = path(6), codes_of(6, r0=0, r5=2)
    for found in (
        label_propagation(weights, codes, 4, class_mass=True),
        label_spreading(weights, codes, 4),
        label_propagation(weights, codes, 4, rounds=9, class_mass=True),
    ):
        assert not found.distributions[:, [1, 3]].any()
        np.testing.assert_allclose(found.distributions.sum(axis=1), 1)


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("dense", [False, True])
def test_a_table_with_all_labels_keeps_them(method: Flow, dense: bool) -> None:
    codes = np.array([0, 0, 1, 1])
    weights = path(4).toarray() if dense else path(4)
    assert (method(weights, codes, 2).predicted == codes).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), dense=st.booleans(), n_classes=st.integers(2, 4))
def test_permuting_rows_and_classes_permutes_the_result(
    seed: int, dense: bool, n_classes: int
) -> None:
    random = np.random.default_rng(seed)
    rows = 40
    weights = row_weights(random.normal(size=(rows, 2)), 3)
    codes = np.full(rows, -1)
    codes[:8] = np.arange(8) % n_classes
    order, names = random.permutation(rows), random.permutation(n_classes)
    mixed = weights[order][:, order]
    mixed_codes = np.where(codes >= 0, names[codes], -1)[order]
    if dense:
        weights, mixed = weights.toarray(), mixed.toarray()
    for method in BOTH:
        for rounds in (None, 4):
            one = method(weights, codes, n_classes, rounds=rounds)
            other = method(mixed, mixed_codes, n_classes, rounds=rounds)
            expected = one.distributions[order][:, np.argsort(names)]
            np.testing.assert_allclose(other.distributions, expected, atol=1e-8)
            np.testing.assert_array_equal(other.reached, one.reached[order])
            sums = one.distributions.sum(axis=1)
            assert np.isclose(sums[one.reached], 1, atol=1e-8).all()
            assert not sums[~one.reached].any()
            assert (one.distributions >= 0).all()


# Rows with equal inputs.


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    columns=st.integers(1, 4),
    values=st.integers(1, 4),
    rounds=st.sampled_from([None, 1, 3]),
    class_mass=st.booleans(),
)
def test_equal_rows_are_treated_alike_whatever_the_order_of_the_file(
    seed: int, columns: int, values: int, rounds: int | None, class_mass: bool
) -> None:
    random = np.random.default_rng(seed)
    matrix = random.integers(values, size=(60, columns)).astype(float)
    codes = np.where(random.random(60) < 0.3, random.integers(3, size=60), -1)
    codes[:2] = 0, 1
    order = random.permutation(60)
    one, other = neighbor_graph(matrix, 3), neighbor_graph(matrix[order], 3)
    np.testing.assert_array_equal(arrival(one, codes)[order], arrival(other, codes[order]))
    for made in (
        lambda graph, known: label_propagation(graph, known, 3, rounds, class_mass),
        lambda graph, known: label_spreading(graph, known, 3, rounds=rounds),
    ):
        found, mixed = made(one, codes), made(other, codes[order])
        # To the last digit, so that not even a tie is decided by the order.
        np.testing.assert_array_equal(mixed.distributions, found.distributions[order])
        np.testing.assert_array_equal(mixed.reached, found.reached[order])
        np.testing.assert_array_equal(mixed.component, found.component[order])
        for node in np.unique(one.node):
            equal = found.distributions[(one.node == node) & (codes < 0)]
            assert (equal == equal[:1]).all(), "equal rows without a label"
    with_label = label_propagation(one, codes, 3, rounds, class_mass).predicted[codes >= 0]
    np.testing.assert_array_equal(with_label, codes[codes >= 0])


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("rounds", [None, 5])
def test_equal_rows_have_the_shares_of_their_labels(method: Flow, rounds: int | None) -> None:
    codes = np.r_[np.repeat([0, 1, 2], [13, 7, 4]), np.full(976, -1)]
    found = method(neighbor_graph(np.zeros((1000, 2)), 6), codes, 3, rounds=rounds)
    np.testing.assert_allclose(found.distributions[24:] * 24, [[13, 7, 4]] * 976, atol=1e-9)
    assert arrival(neighbor_graph(np.zeros((1000, 2)), 6), codes)[[0, 24]].tolist() == [0, 1]


@pytest.mark.parametrize("method", ["label_propagation", "label_spreading"])
def test_a_label_gets_to_equal_rows_in_the_first_round(method: str) -> None:
    matrix = np.array([[0.0], [0.0], [1.0], [2.0], [2.0], [50.0], [50.0]])
    graph, codes = neighbor_graph(matrix[:5], 1), codes_of(5, r0=0, r4=1)
    steps = arrival(graph, codes)
    assert steps.tolist() == [0, 1, 1, 1, 0]
    for number, stage in enumerate(flow(method, graph, codes, 2, 2)):  # type: ignore[arg-type]
        np.testing.assert_array_equal(stage.reached, steps <= number)


@pytest.mark.parametrize("in_file_order", [True, False])
def test_labels_by_lot_on_one_category_are_guessed_no_better_in_a_sorted_file(
    in_file_order: bool,
) -> None:
    """The column says nothing; a graph that joins rows by their place in the file gets 0.82."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1], 300)
    matrix = np.eye(3)[random.integers(3, size=600)]
    order = np.arange(600) if in_file_order else random.permutation(600)
    known = np.zeros(600, dtype=bool)
    known[random.permutation(600)[:120]] = True
    codes = np.where(known, truth, -1)[order]
    for method in BOTH:
        found = method(neighbor_graph(matrix[order], 6), codes, 2)
        assert np.mean((found.predicted == truth[order])[codes < 0]) == pytest.approx(0.5, abs=0.06)


def test_ties_are_told_within_rounding() -> None:
    found = label_propagation(path(5), codes_of(5, r0=0, r4=1), 2)
    assert found.tied.tolist() == [False, False, True, False, False]
    alone = label_propagation(csr_array((3, 3)), codes_of(3, r0=0, r1=1), 2)
    assert not alone.tied.any(), "nothing is not a tie"
    shares = np.array([[0.5 - 1e-12, 0.5 + 1e-12], [0.4999, 0.5001]])
    nearly = Propagated(
        distributions=shares,
        reached=np.ones(2, dtype=bool),
        component=np.zeros(2, dtype=np.intp),
        rounds=0,
    )
    assert nearly.tied.tolist() == [True, False] and nearly.predicted.tolist() == [0, 1]


# Odd input, memory.


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("rounds", [None, 3])
def test_labels_that_cannot_be_learnt_from_are_named(method: Flow, rounds: int | None) -> None:
    for codes, code in [
        (codes_of(5), "few_labels.graph_no_label"),
        (codes_of(5, r0=1, r3=1), "few_labels.graph_one_class"),
    ]:
        with pytest.raises(UserError) as caught:
            method(path(5), codes, 2, rounds=rounds)
        assert caught.value.code == code


@pytest.mark.parametrize("method", BOTH)
@pytest.mark.parametrize("rounds", [None, 5])
def test_memory_stays_far_below_that_of_all_pairs(method: Flow, rounds: int | None) -> None:
    weights, codes, _ = blobs(8000)
    tracemalloc.start()
    method(weights, codes, 4, rounds=rounds)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8000 * 8000 * 8 / 20
