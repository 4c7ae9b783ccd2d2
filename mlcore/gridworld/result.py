"""What a run in a grid world leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from mlcore.gridworld.plan import GridPlan
from mlcore.messages import Message


class GridReport(Protocol):
    """Told how far a run is."""

    def __call__(self, done: int, total: int, value: float | None = None) -> None:
        """Take note that ``done`` of ``total`` steps are done; ``value`` is what improves."""


def ignore(done: int, total: int, value: float | None = None) -> None:
    """Report to nobody."""


@dataclass(frozen=True, eq=False)
class GridResult:
    """What a run leaves behind.

    Parameters
    ----------
    plan : GridPlan
        What was run.
    frames : mapping of str to DataFrame
        Tables by name; :mod:`mlcore.gridworld.planning`, :mod:`~mlcore.gridworld.learning` and
        :mod:`~mlcore.gridworld.continuous` document theirs. Where states are cells, ``"policy"``
        is among them.
    figures : mapping of str to float
        Single numbers by name, such as ``start_value`` and ``error_bound``.
    notes : tuple of Message
        What was decided or noticed on the way.
    """

    plan: GridPlan
    frames: Mapping[str, pd.DataFrame]
    figures: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
