"""Value iteration: each state is worth what its best action is worth, again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.backups import Backups, with_end
from mlcore.gridworld.planning.blocks import Blocks, cut, settle_all
from mlcore.gridworld.planning.compiled import backups_of
from mlcore.gridworld.planning.exact import check_values_exist
from mlcore.gridworld.planning.knobs import (
    MOST_SWEEPS,
    START,
    TOLERANCE,
    choice,
    tolerance,
    whole,
)
from mlcore.gridworld.planning.record import MOST_KEPT, Record
from mlcore.gridworld.planning.starting import first_values
from mlcore.gridworld.planning.sweeping import (
    COARSER,
    FINER,
    Sweep,
    aimed_change,
    best_proof,
    change_of,
    sweep_until_certain,
)
from mlcore.gridworld.planning.termination import refuse_endless
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import Numbers
from mlcore.gridworld.worlds import model_of_world
from mlcore.params import ChoiceParam


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world by sweeps over its states.

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
    order = choice(plan, "order")
    if order == "blocks" or (order == "automatic" and model.n_states > MOST_KEPT):
        blocks = cut(model)
        backups = backups_of(blocks.model)
        sweeps = by_blocks(blocks, backups, first, aim, whole(plan, "most_sweeps"))
    else:
        backups = backups_of(model, in_turn=order == "in_place")
        sweeps = (in_turn if order == "in_place" else at_once)(backups, first)
    reached = sweep_until_certain(record, first, sweeps, best_proof(model))
    return record.result(reached, compiled=backups.compiled)


def at_once(backups: Backups, first: Numbers) -> Iterator[Sweep]:
    """Sweep after sweep, each from the values of the one before."""
    values = with_end(first)
    while True:
        values, change = backups.sweep(values)
        yield Sweep(values[:-1], change, len(first))


def in_turn(backups: Backups, first: Numbers) -> Iterator[Sweep]:
    """Sweep after sweep, each state from the newest values."""
    values = with_end(first)
    while True:
        change = backups.in_place(values)
        yield Sweep(values[:-1], change, len(first))


def by_blocks(
    blocks: Blocks, backups: Backups, first: Numbers, aim: float, most: int
) -> Iterator[Sweep]:
    """Squares where something changes, then all states at once, to see what is missing.

    As many backups of squares as there are states count as a sweep. Of a large world the values
    are shown only then, and from sweep ``most`` on, where one may want to stop.
    """
    n_states, sweeps = len(first), 0
    keeps = n_states <= MOST_KEPT
    values = with_end(first[blocks.order])
    threshold = aim * FINER
    while True:
        done, largest = 0, 0.0
        for count, change in settle_all(blocks, backups, values, threshold):
            done, largest = done + count, max(largest, change)
            if done >= n_states:
                sweeps += 1
                shown = blocks.unsorted(values) if keeps or sweeps >= most else None
                yield Sweep(shown, largest, done, whole=False)
                done, largest = 0, 0.0
        sweeps += 1
        new, change = backups.sweep(values)
        yield Sweep(blocks.unsorted(new), change, done + n_states)
        values = new
        threshold = min(threshold, change) * COARSER


def q_run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world by sweeps over its states and actions.

    Raises
    ------
    UserError
        As for :func:`run`.
    """
    model = model_of_world(plan.world)
    check_values_exist(model)
    record = Record(plan, model, report, aimed_change(model, tolerance(plan)))
    first = first_values(model, choice(plan, "start"))
    sweeps = of_actions(model, first)
    return record.result(sweep_until_certain(record, first, sweeps, best_proof(model)))


def of_actions(model: Model, first: Numbers) -> Iterator[Sweep]:
    """Sweep after sweep over the values of actions; a state is worth its best one."""
    action_values = np.repeat(first[:, None], model.n_actions, axis=1)
    while True:
        new = model.action_values(action_values.max(axis=1))
        change = change_of(new, action_values)
        action_values = new
        yield Sweep(new.max(axis=1), change, model.n_states)


SPEC = MethodSpec(
    id="value_iteration",
    name="Value iteration",
    family=Family.PLANNING,
    refuse=refuse_endless,
    run=run,
    params=(
        ChoiceParam(
            name="order",
            label="Order of the sweeps",
            help=(
                "All at once is the textbook form: the new values are made of the old ones. Cell "
                "after cell uses each new value at once and needs fewer sweeps. Part by part goes "
                "over squares of cells, and only where something still changes, which suits large "
                "worlds. By size takes that above 3,600 cells, else all at once."
            ),
            default="automatic",
            basic=True,
            choices={
                "automatic": "By size of the world",
                "synchronous": "All at once",
                "in_place": "Cell after cell",
                "blocks": "Part by part",
            },
        ),
        TOLERANCE,
        START,
        MOST_SWEEPS,
    ),
    summary=(
        "Gives each cell the value of its best move, computed from the values of the cells that "
        "follow, and repeats that until the values are certain. Nothing is learnt from trying: "
        "the world is known."
    ),
    use_when=(
        "You want the best policy and its values, and to watch how values spread from the rewards."
    ),
    avoid_when=(
        "The discount is very near 1 and the world is small: policy iteration then needs far fewer "
        "rounds. With moves of unknown effect let an agent learn."
    ),
    maths=(
        r"V_{k+1}(s)=\max_a\sum_{s'}P(s'\mid s,a)\,\bigl[r(s,a,s')+\gamma V_k(s')\bigr],\qquad "
        r"\lVert V_{k+1}-V^*\rVert_\infty\le\frac{\gamma}{1-\gamma}"
        r"\lVert V_{k+1}-V_k\rVert_\infty"
    ),
    reference="R. Bellman (1957). Dynamic Programming. Princeton University Press.",
)

Q_SPEC = MethodSpec(
    id="q_value_iteration",
    name="Q-value iteration",
    family=Family.PLANNING,
    refuse=refuse_endless,
    run=q_run,
    params=(TOLERANCE, START, MOST_SWEEPS),
    summary=(
        "Value iteration on moves instead of cells: each move in each cell is worth its reward "
        "and the best move that follows. It is what Q-learning does, with the world known."
    ),
    use_when="You want to see the values of all moves grow, or to compare with Q-learning.",
    avoid_when="Only the values of cells matter: it keeps a number for each move, several a cell.",
    maths=(r"Q_{k+1}(s,a)=\sum_{s'}P(s'\mid s,a)\,\bigl[r(s,a,s')+\gamma\max_{a'}Q_k(s',a')\bigr]"),
    reference=("C. J. C. H. Watkins, P. Dayan (1992). Q-learning. Machine Learning 8, 279–292."),
)
