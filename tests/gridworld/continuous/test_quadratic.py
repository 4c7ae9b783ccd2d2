"""What a policy of the linear-quadratic problem is worth, against its closed form."""

from __future__ import annotations

import numpy as np
import pytest

from mlcore.gridworld.continuous.quadratic import Quadratic, worth
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact


def by_formula(world: LinearQuadratic, gain: float, starts: np.ndarray) -> float:
    """The value of pushing back by a gain: costs fall by the same share with every step."""
    kept = (world.a - world.b * gain) ** 2
    curvature = (world.q + world.r * gain**2) / (1 - world.discount * kept)
    chance = world.discount * world.noise**2 / (1 - world.discount) if world.noise else 0.0
    return float(-curvature * ((starts**2).mean() + chance))


@pytest.mark.parametrize("gain", [0.6, 1.1])
@pytest.mark.parametrize("discount", [0.0, 0.9, 0.99, 0.999])
def test_a_linear_policy_is_worth_its_closed_form(discount: float, gain: float) -> None:
    world = LinearQuadratic(discount=discount)
    starts = Quadratic(world).starts(np.random.default_rng(0), 2000)
    found = worth(world, lambda s: -gain * s, starts, np.random.default_rng(1))
    assert found == pytest.approx(by_formula(world, gain, starts), rel=0.01)


@pytest.mark.parametrize("discount", [0.9, 0.99, 0.999])
def test_nobody_beats_the_optimum_and_the_best_policy_comes_to_it(discount: float) -> None:
    world = LinearQuadratic(discount=discount)
    best, starts = exact(world), Quadratic(world).starts(np.random.default_rng(0), 500)
    optimum = best.value(starts[:, 0]).mean()
    rng = np.random.default_rng(1)
    assert worth(world, best.action, starts, rng) == pytest.approx(optimum, rel=1e-12)
    nearly = worth(world, lambda s: best.action(s) + 0.01 * np.sin(20 * s), starts, rng)
    assert nearly is not None
    assert optimum * 1.01 < nearly < optimum


def test_what_runs_away_is_worth_no_number() -> None:
    world = LinearQuadratic(a=1.5)
    assert worth(world, lambda s: 0 * s, np.ones((3, 1)), np.random.default_rng(0)) is None


def test_without_chance_and_discount_an_episode_comes_to_an_end_too() -> None:
    world = LinearQuadratic(noise=0.0, discount=1.0)
    starts = np.linspace(-1, 1, 5)[:, None]
    found = worth(world, lambda s: -1.0 * s, starts, np.random.default_rng(0))
    assert found == pytest.approx(by_formula(world, 1.0, starts), rel=1e-9)
