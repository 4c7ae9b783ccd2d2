"""The linear-quadratic problem: one number to be kept near 0, with an exact answer."""

from __future__ import annotations

from dataclasses import dataclass


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
