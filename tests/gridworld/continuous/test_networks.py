"""Gradients against finite differences and automatic ones, Adam by hand, bell curves."""

from __future__ import annotations

from collections.abc import Callable

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from scipy import stats

from mlcore.gridworld.continuous.actor_critic import value_loss
from mlcore.gridworld.continuous.adam import Adam
from mlcore.gridworld.continuous.gaussian import (
    CLIP,
    NARROWEST,
    WIDEST,
    GaussianPolicy,
    entropy,
    log_density,
)
from mlcore.gridworld.continuous.network import Network

POLICIES = [
    GaussianPolicy(2, 2, (5, 4), bounded=bounded, local=local)
    for bounded in (False, True)
    for local in (False, True)
] + [GaussianPolicy(1, 1, (6,))]


def finite_differences(loss: Callable[[np.ndarray], float], params: np.ndarray) -> np.ndarray:
    """By central differences of fourth order."""
    gradient = np.empty_like(params)
    for number in range(len(params)):
        step = np.zeros_like(params)
        step[number] = 1e-4
        near, far = (loss(params + k * step) - loss(params - k * step) for k in (1, 2))
        gradient[number] = (8 * near - far) / (12 * 1e-4)
    return gradient


def relative_error(gradient: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(gradient - expected) / np.linalg.norm(expected))


def through(sizes: tuple[int, ...], params: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """What a network puts out, written so that it can be differentiated automatically."""
    passed, at = inputs, 0
    for number, (n_in, n_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        weights = anp.reshape(params[at : at + n_in * n_out], (n_in, n_out))
        biases = params[at + n_in * n_out : at + (n_in + 1) * n_out]
        at += (n_in + 1) * n_out
        passed = passed @ weights + biases
        if number < len(sizes) - 2:
            passed = anp.tanh(passed)
    return passed


def policy_case(policy: GaussianPolicy, spread: float = 0.3) -> tuple[np.ndarray, dict]:
    """Parameters, and steps taken with densities that tell all cases of the brake apart."""
    rng = np.random.default_rng(8)
    params = policy.initial(rng, 0.4) + spread * rng.standard_normal(
        policy.network.n_params + policy.n_numbers
    )
    inputs = rng.uniform(-1, 1, (40, policy.n_inputs))
    actions = rng.normal(0, 0.6, (40, policy.n_numbers))
    ratios = rng.choice([0.7, 0.95, 1.1, 1.4], 40)
    before = log_density(policy.look(params, inputs), actions) - np.log(ratios)
    return params, {
        "inputs": inputs,
        "actions": actions,
        "advantages": rng.standard_normal(40),
        "before": before,
        "bonus": 0.07,
    }


def automatic_policy_loss(policy: GaussianPolicy, params: np.ndarray, case: dict) -> np.ndarray:
    """The loss written anew from its definition."""
    n_numbers = policy.n_numbers
    out = through(policy.network.sizes, params[:-n_numbers], case["inputs"])
    mean = anp.tanh(out[:, :n_numbers]) if policy.bounded else out[:, :n_numbers]
    log_sigma = params[-n_numbers:] + (out[:, n_numbers:] if policy.local else 0 * mean)
    density = anp.sum(
        -0.5 * ((case["actions"] - mean) / anp.exp(log_sigma)) ** 2
        - log_sigma
        - 0.5 * anp.log(2 * anp.pi),
        axis=1,
    )
    ratio = anp.exp(density - case["before"])
    kept = anp.minimum(
        ratio * case["advantages"], anp.clip(ratio, 1 - CLIP, 1 + CLIP) * case["advantages"]
    )
    undecided = anp.sum(log_sigma + 0.5 * (anp.log(2 * anp.pi) + 1), axis=1)
    return -anp.mean(kept + case["bonus"] * undecided)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_policy_gradient_is_that_of_finite_differences(policy: GaussianPolicy) -> None:
    params, case = policy_case(policy)
    expected = finite_differences(lambda changed: policy.loss(changed, **case)[0], params)
    assert relative_error(policy.loss(params, **case)[1], expected) <= 1e-6


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_policy_loss_and_gradient_are_those_of_autograd(policy: GaussianPolicy) -> None:
    params, case = policy_case(policy)
    loss, gradient = policy.loss(params, **case)
    assert loss == pytest.approx(float(automatic_policy_loss(policy, params, case)), rel=1e-12)
    expected = autograd.grad(lambda changed: automatic_policy_loss(policy, changed, case))(params)
    assert relative_error(gradient, expected) <= 1e-12


def test_steps_that_went_too_far_already_count_no_more() -> None:
    policy = POLICIES[0]
    params, case = policy_case(policy)
    density = log_density(policy.look(params, case["inputs"]), case["actions"])
    case |= {"bonus": 0.0, "advantages": np.ones(40), "before": density - np.log(1.3)}
    assert not policy.loss(params, **case)[1].any()
    case["before"] = density - np.log(1.1)
    assert policy.loss(params, **case)[1].any()


def test_gradient_at_the_policy_that_took_the_steps_is_the_policy_gradient() -> None:
    policy = POLICIES[3]
    params, case = policy_case(policy)

    def plain(changed: np.ndarray) -> float:
        density = log_density(policy.look(changed, case["inputs"]), case["actions"])
        return -float(np.mean(case["advantages"] * density))

    now = log_density(policy.look(params, case["inputs"]), case["actions"])
    gradient = policy.loss(params, **(case | {"before": now, "bonus": 0.0}))[1]
    assert relative_error(gradient, finite_differences(plain, params)) <= 1e-6


def test_a_spread_at_its_bound_may_come_back_but_go_no_further() -> None:
    policy = GaussianPolicy(1, 1, (3,))
    inputs, far, near = np.zeros((1, 1)), np.full((1, 1), 9.0), np.zeros((1, 1))
    for bound, action, is_back in ((NARROWEST, far, True), (WIDEST, far, False)):
        params = policy.initial(np.random.default_rng(0), float(np.exp(bound)) * 1.0)
        params[-1] = bound + (0.1 if bound == WIDEST else -0.1)
        before = log_density(policy.look(params, inputs), action)
        _, gradient = policy.loss(params, inputs, action, np.ones(1), before=before)
        assert (gradient[-1] < 0) == is_back, "minus the gradient is where the spread goes"
        before = log_density(policy.look(params, inputs), near)
        _, gradient = policy.loss(params, inputs, near, np.ones(1), before=before)
        assert (gradient[-1] > 0) != is_back


@pytest.mark.parametrize("hidden", [(7,), (5, 4), (3, 4, 5)])
def test_value_gradient_is_that_of_finite_differences_and_of_autograd(
    hidden: tuple[int, ...],
) -> None:
    rng = np.random.default_rng(2)
    critic = Network((2, *hidden, 1))
    params = critic.initial(rng) + 0.1
    inputs, targets = rng.uniform(-1, 1, (30, 2)), rng.standard_normal(30)
    loss, gradient = value_loss(critic, params, inputs, targets)

    def automatic(changed: np.ndarray) -> np.ndarray:
        return 0.5 * anp.mean((through(critic.sizes, changed, inputs)[:, 0] - targets) ** 2)

    assert loss == pytest.approx(float(automatic(params)), rel=1e-12)
    expected = finite_differences(
        lambda changed: value_loss(critic, changed, inputs, targets)[0], params
    )
    assert relative_error(gradient, expected) <= 1e-6
    assert relative_error(gradient, autograd.grad(automatic)(params)) <= 1e-12


def test_layers_are_views_of_one_row() -> None:
    network = Network((2, 3, 1))
    params = np.arange(float(network.n_params))
    (first, first_bias), (last, last_bias) = network.layers(params)
    assert first.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert first_bias.tolist() == [6, 7, 8]
    assert (last.ravel().tolist(), last_bias.tolist()) == ([9, 10, 11], [12])
    last_bias[0] = 99
    assert params[12] == 99


def test_adam_takes_the_two_steps_computed_by_hand() -> None:
    adam = Adam(2)
    # First step: both corrections undo the start at 0, so the step is the rate times the sign.
    first = adam.step(np.array([0.5, -2.0]), 0.1)
    np.testing.assert_allclose(first, [-0.1, 0.1], rtol=1e-7)
    # Second: mean (0.9*0.05 + 0.1*1) / 0.19, square (0.999*0.00025 + 0.001*1) / 0.001999.
    second = adam.step(np.array([1.0, 0.0]), 0.1)
    mean = np.array([0.145, -0.18]) / 0.19
    square = np.array([0.00124975, 0.003996]) / 0.001999
    np.testing.assert_allclose(second, -0.1 * mean / np.sqrt(square), rtol=1e-7)


def test_entropy_and_density_are_those_of_normal_distributions() -> None:
    log_sigma = np.log(np.array([[0.3, 1.7], [1.0, 1.0]]))
    expected = [
        sum(float(stats.norm(0, sigma).entropy()) for sigma in row) for row in np.exp(log_sigma)
    ]
    np.testing.assert_allclose(entropy(log_sigma), expected, rtol=1e-12)
    assert entropy(np.zeros((1, 2)))[0] == pytest.approx(np.log(2 * np.pi * np.e), rel=1e-12)

    policy = POLICIES[3]
    params, case = policy_case(policy)
    look = policy.look(params, case["inputs"])
    expected = stats.norm(look.mean, np.exp(look.log_sigma)).logpdf(case["actions"]).sum(axis=1)
    np.testing.assert_allclose(log_density(look, case["actions"]), expected, rtol=1e-12)


def test_a_policy_begins_near_nothing_with_the_spread_it_was_given() -> None:
    policy = GaussianPolicy(2, 2, (32, 32), local=True)
    rng = np.random.default_rng(0)
    look = policy.look(policy.initial(rng, 0.5), rng.uniform(-1, 1, (50, 2)))
    assert np.abs(look.mean).max() < 0.05
    np.testing.assert_allclose(np.exp(look.log_sigma), 0.5, rtol=0.05)
