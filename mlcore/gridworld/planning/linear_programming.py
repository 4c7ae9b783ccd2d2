"""Linear programming: the smallest values that no move can better."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, vstack

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.certificate import certify
from mlcore.gridworld.planning.exact import PolicySearch, check_values_exist
from mlcore.gridworld.planning.record import Reached, Record
from mlcore.gridworld.planning.sweeping import change_of
from mlcore.gridworld.planning.termination import check_endings, resting
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import Numbers
from mlcore.gridworld.worlds import model_of_world

#: The solver takes minutes beyond this, where sweeps take less than a second.
MOST_STATES = 10_000


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world as a linear programme, and sharpen the answer to full precision.

    Raises
    ------
    UserError
        As for value iteration; ``gridworld.linear_too_large``: there are too many cells.
    """
    model = model_of_world(plan.world)
    refuse(plan, model)
    check_values_exist(model)
    record = Record(plan, model, report)
    first = np.zeros(model.n_states)
    record.begin(first)
    record.progress(1, 4)
    found = smallest_values(model)
    record.add(found, change_of(found, first), certify(model, found).bound, model.n_states)
    record.progress(3, 4)
    search = PolicySearch(model, values=found)
    search.finish()
    certificate = certify(model, search.values)
    change = change_of(search.values, found)
    record.add(search.values, change, certificate.bound, search.rounds * model.n_states)
    return record.result(Reached(search.values, certificate))


def refuse(plan: GridPlan, model: Model) -> None:
    """Refuse a world with too many cells, or from which episodes cannot end."""
    if model.n_states > MOST_STATES:
        raise UserError(
            "gridworld.linear_too_large", count=f"{model.n_states:,}", most=f"{MOST_STATES:,}"
        )
    check_endings(model)


def smallest_values(model: Model) -> Numbers:
    """Return the smallest values that no action can better, to the precision of the solver.

    Parameters
    ----------
    model : Model
        A world whose best values exist.

    Returns
    -------
    float array of shape (n_states,)

    Raises
    ------
    UserError
        ``gridworld.linear_unsolved``: the discount is so near 1 that the solver gives up.
    """
    every = np.eye(model.n_actions)
    chains = [model.under(np.tile(action, (model.n_states, 1))) for action in every]
    same = eye_array(model.n_states)
    left = vstack([csr_array(same - model.discount * going) for going, _ in chains])
    right = np.concatenate([rewards for _, rewards in chains])
    least = np.full(model.n_states, -np.inf)
    if model.discount == 1:
        # Where nothing need ever happen, nothing less than 0 need be accepted.
        least[resting(model)] = 0.0
    bounds = np.column_stack([least, np.full(model.n_states, np.inf)])
    found = linprog(np.ones(model.n_states), A_ub=-left, b_ub=-right, bounds=bounds, method="highs")
    if found.x is None:
        raise UserError("gridworld.linear_unsolved")
    values: Numbers = found.x
    return values


SPEC = MethodSpec(
    id="linear_programming",
    name="Linear programming",
    family=Family.PLANNING,
    counts="round",
    refuse=refuse,
    run=run,
    summary=(
        "Looks for the smallest values that no move can better, which are the best values, with a "
        "solver for linear programmes (HiGHS). The solver's answer is then sharpened by solving "
        "the equations of its policy."
    ),
    use_when="You want a check by an entirely different way, or to see that there is one.",
    avoid_when=(
        f"The world is large: it is slower than sweeps, and refused above {MOST_STATES:,} cells."
    ),
    maths=(
        r"\min_V\sum_s V(s)\quad\text{s.t.}\quad "
        r"V(s)\ge\sum_{s'}P(s'\mid s,a)\,\bigl[r(s,a,s')+\gamma V(s')\bigr]\ \ \forall s,a"
    ),
    reference=(
        "F. d'Epenoux (1963). A probabilistic production and inventory problem. Management "
        "Science 10(1), 98–108."
    ),
)
