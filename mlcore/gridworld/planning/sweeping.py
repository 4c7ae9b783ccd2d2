"""Sweeps until the values are certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.certificate import (
    Certificate,
    certify,
    certify_change,
    change_bound,
    rounding,
)
from mlcore.gridworld.planning.knobs import tolerance, whole
from mlcore.gridworld.planning.record import Reached, Record
from mlcore.gridworld.wording import error_words
from mlcore.gridworld.world import Numbers
from mlcore.messages import Message, message

#: A part of the states is done with once it changes by this share of what is aimed at …
FINER = 0.5
#: … and where that was not enough, by this share of what was reached.
COARSER = 0.1
#: Without discounting a small change proves nothing; where the proof fails, this much smaller.
_SMALLER = 0.1


class Sweep(NamedTuple):
    """What a sweep did.

    Parameters
    ----------
    values : float array of shape (n_states,), optional
        After it; may be left out where the record keeps the last ones only.
    change : float
        The largest change.
    backups : int
        How many states it backed up.
    whole : bool
        Whether it backed up all states, so that the change says how far the values are off.
    """

    values: Numbers | None
    change: float
    backups: int
    whole: bool = True


class Proof(NamedTuple):
    """How values are proved to be right: by the change of each sweep, and once and for all."""

    of_change: Callable[[float, Numbers], float | None]
    of_values: Callable[[Numbers], Certificate]
    of_last: Callable[[float, Numbers], Certificate]


def best_proof(model: Model) -> Proof:
    """Return the proof of the values of the best policy."""
    return Proof(
        lambda change, values: change_bound(model, change, values),
        lambda values: certify(model, values),
        lambda change, values: certify_change(model, change, values),
    )


def aimed_change(model: Model, tolerance: float) -> float:
    """Return the change at which values are certain (or, without discounting, may be)."""
    if model.discount == 1:
        return tolerance
    return tolerance * (1 - model.discount) / max(model.discount, 1e-3)


def sweep_until_certain(
    record: Record,
    first: Numbers,
    sweeps: Iterable[Sweep],
    proof: Proof,
) -> Reached:
    """Take sweeps until their values are proved to be as right as the plan wants them.

    Parameters
    ----------
    record : Record
        Takes note of each; its plan has a tolerance and the most sweeps.
    first : float array of shape (n_states,)
        The values before the first one.
    sweeps : iterable of Sweep
        One after the other, without end.
    proof : Proof
        How values are proved.
    """
    record.begin(first)
    judge = _Judge(record.model, proof, tolerance(record.plan))
    most = whole(record.plan, "most_sweeps")
    values = first
    for number, sweep in enumerate(sweeps, start=1):
        values = values if sweep.values is None else sweep.values
        bound = proof.of_change(sweep.change, values) if sweep.whole else None
        record.add(sweep.values, sweep.change, bound, sweep.backups)
        if sweep.whole and (certificate := judge.verdict(sweep.change, bound, values)):
            return Reached(values, certificate, judge.doubts(certificate))
        if number >= most and sweep.values is not None:
            break
    certificate = proof.of_values(values)
    return Reached(values, certificate, judge.doubts(certificate, sweeps_spent=number))


class _Judge:
    """Decides whether values are certain enough, or as certain as they can become."""

    def __init__(self, model: Model, proof: Proof, tolerance: float) -> None:
        self.model, self.proof, self.tolerance = model, proof, tolerance
        self.aim = tolerance

    def verdict(self, change: float, bound: float | None, values: Numbers) -> Certificate | None:
        """Return the certificate if there is nothing left to gain."""
        still = change <= rounding(self.model, values)
        if bound is not None:
            return self.proof.of_last(change, values) if bound <= self.tolerance or still else None
        if change > self.aim and not still:
            return None
        self.aim = change * _SMALLER
        found = self.proof.of_values(values)
        missing = found.bound - found.floor
        enough = found.bound <= self.tolerance or missing <= min(found.floor, self.tolerance)
        return found if enough or still else None

    def doubts(
        self, certificate: Certificate, sweeps_spent: int | None = None
    ) -> tuple[Message, ...]:
        """Return what is to be said where the values are less certain than was asked for."""
        if certificate.bound <= self.tolerance:
            return ()
        said = {
            "tolerance": error_words(self.tolerance),
            "bound": error_words(certificate.bound),
        }
        if sweeps_spent is None:
            return (message("gridworld.rounding_reached", **said),)
        return (message("gridworld.sweeps_spent", sweeps=sweeps_spent, **said),)


def change_of(new: Numbers, old: Numbers) -> float:
    """Return the largest change."""
    return float(np.abs(new - old).max())
