"""Policy evaluation: what a given policy is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.certificate import certify_policy, expected_steps, rounding
from mlcore.gridworld.planning.exact import evaluate, optimal
from mlcore.gridworld.planning.knobs import MOST_SWEEPS, TOLERANCE, choice, tolerance
from mlcore.gridworld.planning.record import Reached, Record
from mlcore.gridworld.planning.sweeping import (
    Proof,
    Sweep,
    aimed_change,
    change_of,
    sweep_until_certain,
)
from mlcore.gridworld.planning.termination import check_endings, idle_for_ever
from mlcore.gridworld.policies import greedy
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import Numbers
from mlcore.gridworld.worlds import model_of_world
from mlcore.params import ChoiceParam


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Evaluate a policy, by sweeps or by linear equations.

    Raises
    ------
    UserError
        The discount is 1, and from some cell no terminal can be reached, or the policy goes on
        for ever.
    """
    model = model_of_world(plan.world)
    check_endings(model)
    policy = policy_named(model, choice(plan, "policy"))
    followed = policy.copy()
    if model.discount == 1:
        followed[idle_for_ever(model, policy)] = 0
    by_sweeps = choice(plan, "how") == "sweeps"
    record = Record(plan, model, report, aimed_change(model, tolerance(plan)) * by_sweeps)
    reached = _swept(record, followed) if by_sweeps else _solved(record, followed)
    return record.result(reached, policy=policy)


def refuse(plan: GridPlan, model: Model) -> None:
    """Refuse a world from which episodes cannot end, and moves by chance that never end."""
    check_endings(model)
    if model.discount == 1 and choice(plan, "policy") == "random":
        idle_for_ever(model, policy_named(model, "random"))


def policy_named(model: Model, name: str) -> Numbers:
    """Return the policy that a word stands for, shape (n_states, n_actions).

    Parameters
    ----------
    model : Model
        The world.
    name : str
        ``"random"`` or ``"optimal"``; ties share the chance.
    """
    if name == "random":
        return np.full((model.n_states, model.n_actions), 1 / model.n_actions)
    best = greedy(optimal(model)[1]).astype(float)
    shared: Numbers = best / best.sum(axis=1, keepdims=True)
    return shared


def followed(model: Model, policy: Numbers, first: Numbers) -> Iterator[Sweep]:
    """Sweep after sweep, each from the values of the one before."""
    transitions, rewards = model.under(policy)
    values = first
    while True:
        new = rewards + model.discount * (transitions @ values)
        yield Sweep(new, change_of(new, values), model.n_states)
        values = new


def _swept(record: Record, policy: Numbers) -> Reached:
    first = np.zeros(record.model.n_states)
    sweeps = followed(record.model, policy, first)
    return sweep_until_certain(record, first, sweeps, _proof(record.model, policy))


def _solved(record: Record, policy: Numbers) -> Reached:
    model = record.model
    record.begin(np.zeros(model.n_states))
    values = evaluate(model, policy)
    certificate = certify_policy(model, policy, values)
    record.add(values, float(np.abs(values).max()), certificate.bound, model.n_states)
    return Reached(values, certificate)


def _proof(model: Model, policy: Numbers) -> Proof:
    """Return the proof of the values of a policy: what is missing, times its number of steps."""
    steps = expected_steps(model, policy)
    if steps == np.inf:
        raise UserError("gridworld.too_many_steps")

    def of_change(change: float, values: Numbers) -> float:
        return (model.discount * change + rounding(model, values)) * steps

    return Proof(
        of_change,
        lambda values: certify_policy(model, policy, values),
        lambda _, values: certify_policy(model, policy, values),
    )


SPEC = MethodSpec(
    id="policy_evaluation",
    name="Policy evaluation",
    family=Family.PLANNING,
    refuse=refuse,
    run=run,
    params=(
        ChoiceParam(
            name="policy",
            label="Policy",
            help="Whose values: of moves by chance, or of the best moves (ties by chance).",
            default="random",
            basic=True,
            choices={"random": "All moves alike", "optimal": "The best moves"},
        ),
        ChoiceParam(
            name="how",
            label="How",
            help=(
                "Sweeps show how values spread, and need some patience near a discount of 1. The "
                "equations are solved in one go."
            ),
            default="sweeps",
            basic=True,
            choices={"sweeps": "Sweep by sweep", "equations": "By linear equations, exactly"},
        ),
        TOLERANCE,
        MOST_SWEEPS,
    ),
    summary=(
        "Tells what each cell is worth to an agent that keeps to a given policy: the average of "
        "what its moves pay and of the values that follow."
    ),
    use_when="You want to know how good a policy is before it is improved.",
    avoid_when="You want the best policy: then value iteration or policy iteration is for you.",
    maths=(
        r"V_{k+1}(s)=\sum_a\pi(a\mid s)\sum_{s'}P(s'\mid s,a)\,"
        r"\bigl[r(s,a,s')+\gamma V_k(s')\bigr],\qquad V^\pi=(I-\gamma P_\pi)^{-1}r_\pi"
    ),
    reference=(
        "R. S. Sutton, A. G. Barto (2018). Reinforcement Learning: An Introduction, 2nd edition, "
        "section 4.1. MIT Press."
    ),
)
