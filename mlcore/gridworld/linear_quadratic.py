"""The linear-quadratic problem: one number to be kept near 0, with an exact answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mlcore.errors import UserError
from mlcore.gridworld.world import Numbers


@dataclass(frozen=True, kw_only=True)
class LinearQuadratic:
    """A number that drifts, and an action that pushes it: ``s' = a s + b u + noise``.

    Each step costs ``q s² + r u²``; the reward is the negative cost.

    Parameters
    ----------
    a, b : float
        How far the number keeps what it is, and how far an action pushes it.
    q, r : float
        What being away from 0 costs, and what acting costs.
    noise : float
        Standard deviation of what comes by chance.
    discount : float
        What a cost a step later counts.
    """

    a: float = 1.0
    b: float = 0.5
    q: float = 1.0
    r: float = 0.5
    noise: float = 0.1
    discount: float = 0.9


@dataclass(frozen=True, kw_only=True)
class ExactAnswer:
    """The best policy of a linear-quadratic problem and what it is worth.

    Parameters
    ----------
    curvature : float
        ``P``: the value of ``s`` is ``-P s² - constant``.
    gain : float
        ``K``: the best action is ``-K s``.
    constant : float
        What chance costs, wherever one starts.
    """

    curvature: float
    gain: float
    constant: float

    def action(self, s: Numbers) -> Numbers:
        """Return the best action at each ``s``."""
        return -self.gain * s

    def value(self, s: Numbers) -> Numbers:
        """Return the expected discounted sum of rewards from each ``s``."""
        return -self.curvature * s**2 - self.constant


def exact(world: LinearQuadratic) -> ExactAnswer:
    """Solve a linear-quadratic problem exactly.

    With one number the Riccati equation ``P = q + γ a² P - (γ a b P)² / (r + γ b² P)`` is
    quadratic in ``P``, and the value has the curvature of its root that is not negative.

    Parameters
    ----------
    world : LinearQuadratic
        The problem.

    Raises
    ------
    UserError
        ``gridworld.no_finite_answer``: whatever one does, the costs grow without bound;
        ``gridworld.no_single_answer``: neither distance nor acting costs anything.

    References
    ----------
    Bertsekas, D. P. (2017). Dynamic Programming and Optimal Control, volume 1, section 3.1.
    """
    unit = max(world.q, world.r)
    if unit <= 0:
        raise UserError("gridworld.no_single_answer")
    # Costs of any size have the same best action; counted in the larger of them none overflows.
    curvature = _curvature(world, world.q / unit, world.r / unit)
    price = world.r / unit + world.discount * world.b**2 * curvature
    if price <= 0:
        raise UserError("gridworld.no_single_answer")
    later = world.discount * curvature * world.noise**2
    if not math.isfinite(curvature) or (later > 0 and world.discount >= 1):
        raise UserError("gridworld.no_finite_answer")
    return ExactAnswer(
        curvature=unit * curvature,
        gain=world.discount * world.a * world.b * curvature / price,
        constant=unit * later / (1 - world.discount) if later else 0.0,
    )


def _curvature(world: LinearQuadratic, q: float, r: float) -> float:
    """Return the larger root of ``γ b² P² + (r (1 - γ a²) - γ b² q) P - q r = 0``."""
    pushed = world.discount * world.b**2
    fading = 1 - world.discount * world.a**2
    if pushed == 0:
        if q == 0:
            return 0.0
        return q / fading if fading > 0 else math.inf
    linear = r * fading - pushed * q
    root = math.sqrt(linear**2 + 4 * pushed * q * r)
    # Of two equal forms the one that adds numbers of one sign loses no digits.
    if linear <= 0:
        return (root - linear) / (2 * pushed)
    return 2 * q * r / (root + linear)
