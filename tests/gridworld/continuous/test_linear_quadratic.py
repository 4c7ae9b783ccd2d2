"""The exact answer of the linear-quadratic problem."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_discrete_are

from mlcore.errors import UserError
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact


def test_the_standard_problem_has_its_known_answer() -> None:
    answer = exact(LinearQuadratic())
    assert answer.curvature == pytest.approx(1.9294916248735609, rel=1e-14)
    assert answer.gain == pytest.approx(0.9294916248735609, rel=1e-14)
    assert answer.value(np.zeros(1))[0] == pytest.approx(-0.17365424623862055, rel=1e-14)
    assert answer.action(np.array([2.0]))[0] == pytest.approx(-2 * 0.9294916248735609)
    assert answer.value(np.array([2.0]))[0] == pytest.approx(-4 * 1.9294916248735609 - 0.173654246)


@settings(max_examples=60, deadline=None)
@given(
    a=st.floats(-2, 2),
    b=st.floats(0.1, 3),
    q=st.floats(0.1, 5),
    r=st.floats(0.1, 5),
    discount=st.floats(0.3, 0.99),
)
def test_it_is_the_solution_of_the_riccati_equation(
    a: float, b: float, q: float, r: float, discount: float
) -> None:
    root = math.sqrt(discount)
    expected = solve_discrete_are(np.eye(1) * a * root, np.eye(1) * b * root, np.eye(1) * q, r)
    answer = exact(LinearQuadratic(a=a, b=b, q=q, r=r, discount=discount))
    assert answer.curvature == pytest.approx(expected[0, 0], rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(
    a=st.floats(-2, 2),
    b=st.one_of(st.just(0.0), st.floats(-3, 3)),
    q=st.floats(0, 5),
    r=st.floats(0, 5),
    noise=st.floats(0, 2),
    discount=st.floats(0, 1),
    s=st.floats(-3, 3),
)
def test_value_and_action_satisfy_the_bellman_equation_or_there_is_a_sentence(
    a: float, b: float, q: float, r: float, noise: float, discount: float, s: float
) -> None:
    world = LinearQuadratic(a=a, b=b, q=q, r=r, noise=noise, discount=discount)
    try:
        answer = exact(world)
    except UserError as error:
        assert error.code in ("gridworld.no_finite_answer", "gridworld.no_single_answer")
        return
    action = -answer.gain * s
    after = -answer.curvature * ((a * s + b * action) ** 2 + noise**2) - answer.constant
    backed_up = -(q * s**2 + r * action**2) + discount * after
    value = float(answer.value(np.array([s]))[0])
    assert backed_up == pytest.approx(value, rel=1e-6, abs=1e-6)


def test_without_pushing_costs_are_a_geometric_series() -> None:
    answer = exact(LinearQuadratic(a=0.5, b=0.0, q=1.0, r=1.0, noise=0.0, discount=0.8))
    assert (answer.gain, answer.constant) == (0.0, 0.0)
    assert answer.curvature == pytest.approx(1 / (1 - 0.8 * 0.25))


def test_acting_for_free_brings_it_home_at_once() -> None:
    answer = exact(LinearQuadratic(a=1.5, b=0.5, q=2.0, r=0.0, noise=0.0, discount=1.0))
    assert (answer.gain, answer.curvature) == (pytest.approx(3.0), pytest.approx(2.0))


@pytest.mark.parametrize(
    ("world", "code"),
    [
        (LinearQuadratic(a=2.0, b=0.0), "gridworld.no_finite_answer"),
        (LinearQuadratic(discount=1.0), "gridworld.no_finite_answer"),
        (LinearQuadratic(q=0.0, r=0.0), "gridworld.no_single_answer"),
    ],
)
def test_what_has_no_answer_gets_a_sentence(world: LinearQuadratic, code: str) -> None:
    with pytest.raises(UserError) as caught:
        exact(world)
    assert caught.value.code == code
