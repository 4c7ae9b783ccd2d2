"""Prioritised sweeping: first the state whose value is off the most."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.backups import PlainBackups, StateLists, one_backup, with_end
from mlcore.gridworld.planning.exact import check_values_exist
from mlcore.gridworld.planning.knobs import MOST_SWEEPS, START, TOLERANCE, choice, tolerance
from mlcore.gridworld.planning.record import Record
from mlcore.gridworld.planning.starting import first_values
from mlcore.gridworld.planning.sweeping import (
    COARSER,
    FINER,
    Sweep,
    aimed_change,
    best_proof,
    sweep_until_certain,
)
from mlcore.gridworld.planning.termination import refuse_endless
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import Numbers
from mlcore.gridworld.worlds import model_of_world


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world by backing up the most urgent state first.

    Raises
    ------
    UserError
        The discount is 1, and some cell has no way to a terminal, or a reward can be collected
        for ever.
    """
    model = model_of_world(plan.world)
    check_values_exist(model)
    aim = aimed_change(model, tolerance(plan))
    record = Record(plan, model, report, aim)
    first = first_values(model, choice(plan, "start"))
    sweeps = most_urgent_first(model, first, aim)
    return record.result(sweep_until_certain(record, first, sweeps, best_proof(model)))


def most_urgent_first(model: Model, first: Numbers, aim: float) -> Iterator[Sweep]:
    """As many backups of urgent states as there are states, then all at once, and again.

    The sweep over all states shows what is missing; what it changes says anew what is urgent.
    """
    backups = PlainBackups(model)
    queue = _Queue(model)
    values, change = backups.sweep(with_end(first))
    yield Sweep(values[:-1], change, model.n_states)
    changes = np.abs(values[:-1] - first)
    threshold = aim * FINER
    while True:
        found = values.tolist()
        largest, count = queue.work(found, changes, threshold)
        values = np.asarray(found)
        if count:
            yield Sweep(values[:-1], largest, count, whole=False)
        new, change = backups.sweep(values)
        yield Sweep(new[:-1], change, model.n_states)
        changes = np.abs(new - values)[:-1]
        values = new
        threshold = min(threshold, change) * COARSER if change <= threshold else threshold


class _Queue:
    """States in the order of how far their values may be off."""

    def __init__(self, model: Model) -> None:
        self.lists = StateLists(model)
        self.unpaid = replace(model, reward=np.zeros_like(model.reward))
        self.before = _before(model)

    def work(self, values: list[float], changes: Numbers, threshold: float) -> tuple[float, int]:
        """Back up at most as many states as there are; return the largest change and the count.

        Parameters
        ----------
        values : list of float
            Of states, with a 0 behind; is changed.
        changes : float array of shape (n_states,)
            By how much each was changed since all were backed up.
        threshold : float
            States whose value is off by less need not wait.
        """
        # What followed an action has changed so much on average: the value is off by no more.
        urgency = self.unpaid.action_values(changes).max(axis=1).tolist()
        heap = [(-size, state) for state, size in enumerate(urgency) if size > threshold]
        heapq.heapify(heap)
        largest, count = 0.0, 0
        while heap and count < len(urgency):
            size, state = heapq.heappop(heap)
            if -size < urgency[state] or urgency[state] <= threshold:
                continue  # It was made more urgent, or has been backed up, since it was put here.
            new = one_backup(state, values, self.lists)
            change = abs(new - values[state])
            values[state], urgency[state] = new, 0.0
            largest, count = max(largest, change), count + 1
            for earlier, weight in self.before[state]:
                if weight * change > max(threshold, urgency[earlier]):
                    urgency[earlier] = weight * change
                    heapq.heappush(heap, (-urgency[earlier], earlier))
        return largest, count


def _before(model: Model) -> list[list[tuple[int, float]]]:
    """Return for each state those that lead there, and how much of a change reaches them."""
    kept = np.diag(model.astray)[:, None]
    others = (model.astray - np.diag(np.diag(model.astray))).max(axis=0)[:, None]
    chance = np.maximum((1 - model.slip) + model.slip * kept, model.slip * others)
    move, state = np.nonzero(~model.ends & (chance > 0))
    weight = model.discount * chance[move, state]
    found: list[list[tuple[int, float]]] = [[] for _ in range(model.n_states)]
    landings = model.landing[move, state].tolist()
    for target, earlier, share in zip(landings, state.tolist(), weight.tolist(), strict=True):
        found[target].append((earlier, share))
    return found


SPEC = MethodSpec(
    id="prioritised",
    name="Prioritised sweeping",
    family=Family.PLANNING,
    refuse=refuse_endless,
    run=run,
    params=(TOLERANCE, START, MOST_SWEEPS),
    summary=(
        "Value iteration that always updates the cell whose value is off the most, then asks the "
        "cells that lead there. Each row of the history is as many updates as there are cells, "
        "or a check of all cells."
    ),
    use_when=(
        "Rewards are few and far between, so that most updates of a whole sweep would change "
        "nothing."
    ),
    avoid_when=(
        "The world is large (above some ten thousand cells), or everything changes everywhere: "
        "keeping the order then costs more than it saves."
    ),
    maths=(
        r"s\leftarrow\arg\max_s p(s),\quad V(s)\leftarrow\max_a Q(s,a),\quad "
        r"p(\bar s)\leftarrow\max\bigl(p(\bar s),\ \gamma\max_a P(s\mid\bar s,a)\,"
        r"\lvert\Delta V(s)\rvert\bigr)"
    ),
    reference=(
        "A. W. Moore, C. G. Atkeson (1993). Prioritized sweeping: reinforcement learning with "
        "less data and less time. Machine Learning 13, 103–130."
    ),
)
