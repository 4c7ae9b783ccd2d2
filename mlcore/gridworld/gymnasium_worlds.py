"""Gymnasium's own small worlds, as they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GymnasiumWorld:
    """A world of Gymnasium that is not drawn here.

    Parameters
    ----------
    id : str
        Its name there, such as ``"Taxi-v4"``.
    discount : float, default 1
        What a reward a step later is worth.
    """

    id: str
    discount: float = 1.0
