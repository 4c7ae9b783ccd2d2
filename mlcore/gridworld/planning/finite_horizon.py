"""A fixed number of steps: best values and moves, backwards from the last step."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.certificate import Certificate, rounding
from mlcore.gridworld.planning.knobs import whole
from mlcore.gridworld.planning.record import Reached, Record, policies_frame
from mlcore.gridworld.planning.sweeping import change_of
from mlcore.gridworld.policies import best_within
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.wording import error_words
from mlcore.gridworld.world import Numbers
from mlcore.gridworld.worlds import model_of_world
from mlcore.messages import message
from mlcore.params import IntParam


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world that is left after a fixed number of steps; a sweep is one step more left."""
    model = model_of_world(plan.world)
    horizon = whole(plan, "horizon")
    record = Record(plan, model, report)
    policies = record.thinned()
    values = np.zeros(model.n_states)
    record.begin(values)
    off = 0.0
    for left in range(1, horizon + 1):
        offered = model.action_values(values)
        new = offered.max(axis=1)
        off = model.discount * off + rounding(model, new)
        record.add(new, change_of(new, values), off, model.n_states)
        if record.keeps or left == horizon:
            policies.add(left, _best_moves(offered, off))
        record.progress(left, horizon)
        values = new
    reached = Reached(values, _certificate(horizon, off), offered=offered)
    frames = {"policies": policies_frame(model, policies.items())}
    return record.result(reached, policy=_best_moves(offered, off), frames=frames)


def finite_values(model: Model, horizon: int) -> Numbers:
    """Return what states are worth with so many steps left, shape (n_states,)."""
    values = np.zeros(model.n_states)
    for _ in range(horizon):
        values = model.action_values(values).max(axis=1)
    return values


def _best_moves(offered: Numbers, off: float) -> Numbers:
    """Return the best moves, ties (which rounding may have parted) sharing the chance."""
    best = best_within(offered, 2 * off).astype(float)
    shared: Numbers = best / best.sum(axis=1, keepdims=True)
    return shared


def _certificate(horizon: int, off: float) -> Certificate:
    note = message("gridworld.certified.horizon", steps=f"{horizon:,}", bound=error_words(off))
    return Certificate(bound=off, floor=off, note=note)


SPEC = MethodSpec(
    id="finite_horizon",
    name="Finite horizon",
    family=Family.PLANNING,
    counts="step",
    run=run,
    params=(
        IntParam(
            name="horizon",
            label="Steps",
            help=(
                "How many steps the agent has. What the best move is may depend on how many are "
                "left, so there is a policy for each number."
            ),
            default=100,
            low=1,
            high=100_000,
            basic=True,
        ),
    ),
    summary=(
        "Gives the agent a fixed number of steps and works backwards: with one step left the best "
        "reward counts, with two the best reward and what is left then, and so on."
    ),
    use_when=(
        "Episodes are cut off after a known number of steps, and that is part of the problem. A "
        "discount of 1 is no difficulty here."
    ),
    avoid_when="There is no limit, or it stands only for patience: then it distorts the values.",
    maths=(
        r"V_0=0,\qquad V_{h}(s)=\max_a\sum_{s'}P(s'\mid s,a)\,"
        r"\bigl[r(s,a,s')+\gamma V_{h-1}(s')\bigr]"
    ),
    reference="R. Bellman (1957). Dynamic Programming. Princeton University Press.",
)
