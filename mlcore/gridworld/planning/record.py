"""What is kept of a run sweep by sweep, and the result that is made of it."""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.certificate import Certificate
from mlcore.gridworld.planning.ties import best_actions
from mlcore.gridworld.policies import greedy, joined, policy_frame
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.world import Mask, Numbers
from mlcore.messages import Message

#: Of larger worlds the last values are kept only.
MOST_KEPT = 3_600
_MOST_SWEEPS = 300
_MOST_ROWS = 500_000
_STEPS = 100


class Thinned:
    """Snapshots by number: the first ones, the last one, and an even choice of the rest.

    Parameters
    ----------
    most : int
        How many are kept at most, at least 3.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._first = most // 3
        self._stride = 1
        self._kept: dict[int, Numbers] = {}
        self._last: tuple[int, Numbers] | None = None

    def add(self, number: int, values: Numbers) -> None:
        """Keep a snapshot, and drop others where there are too many."""
        self._last = number, values.copy()
        if number >= self._first and number % self._stride:
            return
        self._kept[number] = self._last[1]
        while len(self._kept) >= self._most:
            self._stride *= 2
            self._kept = {
                number: values
                for number, values in self._kept.items()
                if number < self._first or number % self._stride == 0
            }

    def items(self) -> list[tuple[int, Numbers]]:
        """Return number and snapshot, in order."""
        kept = dict(self._kept)
        if self._last is not None:
            kept[self._last[0]] = self._last[1]
        return sorted(kept.items())


class Reached(NamedTuple):
    """Where a planner came to: values, what is proved about them, and what else is to be said.

    Parameters
    ----------
    values : float array of shape (n_states,)
        What each state is worth.
    certificate : Certificate
        How far they may be off.
    notes : tuple of Message
        More to be said.
    offered : float array of shape (n_states, n_actions), optional
        What each action is worth, where that is not what these values make of it.
    """

    values: Numbers
    certificate: Certificate
    notes: tuple[Message, ...] = ()
    offered: Numbers | None = None


class Record:
    """Takes note of each sweep, and reports how far the run is.

    Parameters
    ----------
    plan : GridPlan
        What is run.
    model : Model
        Its world.
    report : GridReport
        Is told the share that is done, in hundredths, and the last change.
    aim : float, default 0
        The change at which the run will be done, for the share; 0: it is told otherwise.
    """

    def __init__(self, plan: GridPlan, model: Model, report: GridReport, aim: float = 0.0) -> None:
        self.started = time.perf_counter()
        self.plan, self.model, self.report = plan, model, report
        self.keeps = model.n_states <= MOST_KEPT
        self._snapshots = self.thinned()
        self._rows: list[tuple[int, float, float | None, int]] = []
        self._aim, self._first, self._share = aim, 0.0, 0
        self._latest: Numbers | None = None
        report(0, _STEPS)

    def thinned(self) -> Thinned:
        """Return an empty album of snapshots with as much room as there may be rows of a frame."""
        most = min(_MOST_SWEEPS, _MOST_ROWS // self.model.n_states)
        return Thinned(max(3, most) if self.keeps else 3)

    @property
    def sweeps(self) -> int:
        """How many sweeps there were; what is known before the first one is number 0."""
        return len(self._rows) - 1

    @property
    def backups(self) -> int:
        """How many states have been backed up."""
        return self._rows[-1][3] if self._rows else 0

    def begin(self, values: Numbers) -> None:
        """Take note of the values before the first sweep."""
        self._rows.append((0, math.nan, None, 0))
        self._snap(0, values)

    def add(self, values: Numbers | None, change: float, bound: float | None, backups: int) -> None:
        """Take note of a sweep.

        Parameters
        ----------
        values : float array of shape (n_states,), optional
            After it; may be left out where only the last ones are kept.
        change : float
            The largest change.
        bound : float, optional
            How far the values are from the exact ones at most.
        backups : int
            How many states it backed up.
        """
        number = len(self._rows)
        self._rows.append((number, change, bound, self.backups + backups))
        if values is not None:
            self._snap(number, values)
        self._tell(change)

    def progress(self, done: int, total: int, change: float | None = None) -> None:
        """Report a share that is known."""
        share = _STEPS * done // max(1, total)
        if share > self._share:
            self._share = min(share, _STEPS)
            self.report(self._share, _STEPS, change)

    def sweep_frame(self) -> pd.DataFrame:
        """Return the sweeps: ``sweep``, ``largest_change``, ``error_bound``, ``backups``."""
        columns = ["sweep", "largest_change", "error_bound", "backups"]
        frame = pd.DataFrame(self._rows, columns=columns)
        return frame.astype({"largest_change": float, "error_bound": float})

    def value_frame(self) -> pd.DataFrame:
        """Return the values that were kept: ``sweep``, ``state``, ``value`` (as shown)."""
        kept = self._snapshots.items() if self.keeps else self._snapshots.items()[-1:]
        states = np.arange(self.model.n_states)
        return pd.DataFrame(
            {
                "sweep": np.repeat([number for number, _ in kept], len(states)),
                "state": np.tile(states, len(kept)),
                "value": np.concatenate([self.model.shown(values) for _, values in kept]),
            }
        )

    def result(
        self,
        reached: Reached,
        *,
        policy: Numbers | Mask | None = None,
        frames: dict[str, pd.DataFrame] | None = None,
        compiled: bool = False,
    ) -> GridResult:
        """Return the result of the run.

        Parameters
        ----------
        reached : Reached
            What was found.
        policy : array of shape (n_states, n_actions), optional
            The policy that they belong to; by default that of the best actions.
        frames : dict of str to DataFrame, optional
            More of them.
        compiled : bool, default False
            Whether compiled loops ran.
        """
        values, certificate, notes, offered = reached
        self._certify(certificate.bound)
        if offered is None:
            offered = self.model.action_values(values)
        if policy is None:
            policy = best_actions(self.model, offered, values, certificate.bound)
        figures: dict[str, float] = {
            "start_value": float(self.model.starts @ values),
            "error_bound": certificate.bound,
            "sweeps": float(self.sweeps),
            "backups": float(self.backups),
            "compiled": float(compiled),
        }
        made: dict[str, Any] = {
            "policy": policy_frame(self.model, offered, values, policy),
            "sweeps": self.sweep_frame(),
            "values": self.value_frame(),
            **(frames or {}),
        }
        figures["seconds"] = time.perf_counter() - self.started
        self.progress(_STEPS, _STEPS)
        return GridResult(self.plan, made, figures, (certificate.note, *notes))

    def _certify(self, bound: float) -> None:
        """Write down for the last sweep what is certain in the end, which may be more."""
        number, change, _, backups = self._rows[-1]
        self._rows[-1] = (number, change, bound, backups)

    def _snap(self, number: int, values: Numbers) -> None:
        if not self.keeps:
            self._snapshots = self.thinned()
        self._snapshots.add(number, values)

    def _tell(self, change: float) -> None:
        """Report the share of the way from the first change to the last, on a scale of ratios."""
        self._first = max(self._first, change)
        if 0 < self._aim < self._first and change > 0:
            whole = math.log(self._first / self._aim)
            share = math.log(self._first / max(change, self._aim)) / whole
            self.progress(int(share * (_STEPS - 1)), _STEPS, change)


def policies_frame(model: Model, policies: list[tuple[int, Numbers]]) -> pd.DataFrame:
    """Return policies sweep by sweep: ``sweep``, ``state``, ``actions``, ``arrows``.

    Parameters
    ----------
    model : Model
        The world.
    policies : list of (int, array of shape (n_states, n_actions))
        Number of the sweep, and the chance of each action.
    """
    chosen = np.concatenate([policy for _, policy in policies])
    final = np.tile(model.terminal, len(policies))
    # Few sets of actions occur, many times each: the words for a set are put together once.
    shown = greedy(chosen.astype(float)) & ~final[:, None]
    sets, which = np.unique(shown, axis=0, return_inverse=True)
    return pd.DataFrame(
        {
            "sweep": np.repeat([number for number, _ in policies], model.n_states),
            "state": np.tile(np.arange(model.n_states), len(policies)),
            "actions": joined(sets, model.actions, ", ")[which.ravel()],
            "arrows": joined(sets, model.arrows, "")[which.ravel()],
        }
    )
