"""The same backups, compiled: the optional extra ``speed`` (numba)."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType

import numpy as np

from mlcore.gridworld.model import Model, astray
from mlcore.gridworld.planning.backups import Backups, PlainBackups, Settled
from mlcore.gridworld.world import Numbers, SlipTo

#: From so many states on a compiler saves more time than it takes to load it (a second). Sweeps
#: of all states at once are fast without, one state after the other is not.
_WORTH_IT_AT_ONCE = 20_000
_WORTH_IT_IN_TURN = 2_000
#: Once it is loaded, it saves time from so many states on.
_WORTH_IT_LOADED = 2_000
_KERNELS = "mlcore.gridworld.planning.kernels"


@cache
def _kernels() -> ModuleType | None:
    try:
        return importlib.import_module(_KERNELS)
    except ImportError:
        return None


def is_compiled() -> bool:
    """Return whether large worlds are solved by compiled loops on this machine."""
    return _kernels() is not None


def backups_of(model: Model, *, in_turn: bool = False) -> Backups:
    """Return the fastest way to back up the states of a world.

    Parameters
    ----------
    model : Model
        The world.
    in_turn : bool, default False
        Whether states will be backed up one after the other.
    """
    if model.n_states >= _enough(in_turn) and is_compiled():
        return CompiledBackups(model)
    return PlainBackups(model)


def _enough(in_turn: bool) -> int:
    if in_turn:
        return _WORTH_IT_IN_TURN
    return _WORTH_IT_LOADED if _KERNELS in sys.modules else _WORTH_IT_AT_ONCE


class CompiledBackups:
    """Backups in compiled loops.

    Parameters
    ----------
    model : Model
        The world.

    Raises
    ------
    ImportError
        The extra ``speed`` is not installed; ask :func:`is_compiled` first.
    """

    compiled = True

    def __init__(self, model: Model) -> None:
        kernels = _kernels()
        if kernels is None:
            raise ImportError("numba is not installed")
        self._sweep, self._settle = kernels.sweep, kernels.settle
        landing = np.where(model.ends, np.int32(model.n_states), model.landing)
        sideways = model.n_actions == 4 and (model.astray == astray(4, SlipTo.SIDEWAYS)).all()
        self._world = (
            np.ascontiguousarray(landing.T),
            np.ascontiguousarray(model.reward.T),
            model.slip,
            model.astray,
            model.discount,
            bool(sideways),
        )

    def sweep(self, values: Numbers) -> tuple[Numbers, float]:  # noqa: D102
        found = np.empty_like(values)
        found[-1] = 0
        return found, float(self._sweep(values, found, *self._world))

    def in_place(self, values: Numbers) -> float:  # noqa: D102
        return self.settle(values, 0, len(values) - 1, 1, 0.0).most

    def settle(  # noqa: D102
        self, values: Numbers, first: int, last: int, rounds: int, threshold: float
    ) -> Settled:
        return Settled(*self._settle(values, first, last, rounds, threshold, *self._world))
