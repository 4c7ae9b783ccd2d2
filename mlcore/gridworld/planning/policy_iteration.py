"""Policy iteration: evaluate a policy exactly, take what is better, and again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.certificate import certify
from mlcore.gridworld.planning.exact import PolicySearch, check_values_exist, evaluate
from mlcore.gridworld.planning.knobs import MOST_SWEEPS, TOLERANCE, choice, tolerance, whole
from mlcore.gridworld.planning.record import Reached, Record, policies_frame
from mlcore.gridworld.planning.starting import lowest_values
from mlcore.gridworld.planning.sweeping import (
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
from mlcore.params import ChoiceParam, IntParam

#: Rounds are few; the share that is done is told by this many.
_USUAL_ROUNDS = 20
_MOST_ROUNDS = 1_000


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world by improving a policy until nothing is better.

    Raises
    ------
    UserError
        The discount is 1, and some cell has no way to a terminal, or a reward can be collected
        for ever.
    """
    model = model_of_world(plan.world)
    check_values_exist(model)
    record = Record(plan, model, report)
    rounds = _Rounds(record)
    first = rounds.begin(choice(plan, "start"))
    search = PolicySearch(model, values=first)
    while rounds.add(search):
        pass
    reached = Reached(search.values, certify(model, search.values))
    return record.result(reached, frames=rounds.frames())


class _Rounds:
    """Takes note of each policy, what it is worth, and how much of it could be bettered."""

    def __init__(self, record: Record) -> None:
        self.record, self.model = record, record.model
        self.policies = record.thinned()
        self.improved: list[tuple[int, int]] = []
        self.before: Numbers = np.zeros(self.model.n_states)

    def begin(self, start: str) -> Numbers:
        """Return the values that the first policy is taken from."""
        if start == "random":
            policy = np.full((self.model.n_states, self.model.n_actions), 1 / self.model.n_actions)
            with contextlib.suppress(UserError):
                # Where moves by chance have no value, the first policy is that of no values.
                self.before = evaluate(self.model, policy)
                self.policies.add(0, policy)
        self.record.begin(self.before)
        return self.before

    def add(self, search: PolicySearch) -> bool:
        """Take note of a policy, and better it; return whether that was possible."""
        values, number = search.values, search.rounds
        bound = None if self.model.discount == 1 else certify(self.model, values).bound
        self.record.add(values, change_of(values, self.before), bound, self.model.n_states)
        self.record.progress(min(number, _USUAL_ROUNDS - 1), _USUAL_ROUNDS)
        self.policies.add(number, search.policy())
        self.before = values
        self.improved.append((number, search.improve()))
        if self.improved[-1][1] > 0 and number >= _MOST_ROUNDS:
            raise UserError("gridworld.rounds_spent", rounds=f"{_MOST_ROUNDS:,}")
        return self.improved[-1][1] > 0

    def frames(self) -> dict[str, pd.DataFrame]:
        kept = self.policies.items() if self.record.keeps else self.policies.items()[-1:]
        return {
            "policies": policies_frame(self.model, kept),
            "improvements": pd.DataFrame(self.improved, columns=["sweep", "improved"]),
        }


def modified_run(plan: GridPlan, report: GridReport) -> GridResult:
    """Solve a world by improving a policy that is evaluated by a few sweeps only.

    Raises
    ------
    UserError
        As for :func:`run`.
    """
    model = model_of_world(plan.world)
    check_values_exist(model)
    record = Record(plan, model, report, aimed_change(model, tolerance(plan)))
    first = lowest_values(model)
    sweeps = improved_and_swept(model, first, whole(plan, "sweeps_between"))
    return record.result(sweep_until_certain(record, first, sweeps, best_proof(model)))


def improved_and_swept(model: Model, first: Numbers, between: int) -> Iterator[Sweep]:
    """Round after round: the best actions, then a few sweeps that keep to them."""
    values, spent = first, 0
    while True:
        offered = model.action_values(values)
        best = offered.max(axis=1)
        yield Sweep(best, change_of(best, values), spent + model.n_states)
        transitions, rewards = model.under(np.eye(model.n_actions)[offered.argmax(axis=1)])
        values = best
        for _ in range(between):
            values = rewards + model.discount * (transitions @ values)
        spent = between * model.n_states


SPEC = MethodSpec(
    id="policy_iteration",
    name="Policy iteration",
    family=Family.PLANNING,
    counts="round",
    refuse=refuse_endless,
    run=run,
    params=(
        ChoiceParam(
            name="start",
            label="First policy",
            help=(
                "Begin with moves by chance, as textbooks do, or with the moves of the best next "
                "reward (without discounting: towards a terminal)."
            ),
            default="random",
            basic=True,
            choices={"random": "All moves alike", "greedy": "The best next reward"},
        ),
    ),
    summary=(
        "Computes exactly what a policy is worth by solving linear equations, then takes a better "
        "move wherever there is one, until there is none. Very few rounds suffice."
    ),
    use_when=(
        "You want exact values, or the discount is very near 1, where value iteration takes "
        "thousands of sweeps."
    ),
    avoid_when=(
        "The world has some hundred thousand cells or more: solving the equations takes seconds "
        "and a gigabyte of memory each round."
    ),
    maths=(
        r"V^{\pi}=(I-\gamma P_\pi)^{-1}r_\pi,\qquad "
        r"\pi'(s)=\arg\max_a\sum_{s'}P(s'\mid s,a)\,\bigl[r(s,a,s')+\gamma V^{\pi}(s')\bigr]"
    ),
    reference="R. A. Howard (1960). Dynamic Programming and Markov Processes. MIT Press.",
)

MODIFIED_SPEC = MethodSpec(
    id="modified_policy_iteration",
    name="Modified policy iteration",
    family=Family.PLANNING,
    counts="round",
    refuse=refuse_endless,
    run=modified_run,
    params=(
        IntParam(
            name="sweeps_between",
            label="Sweeps between improvements",
            help=(
                "How many times the values follow a policy before it is improved. 0 is value "
                "iteration; very many is policy iteration. 20 is a common choice."
            ),
            default=20,
            low=0,
            high=1000,
            basic=True,
        ),
        TOLERANCE,
        MOST_SWEEPS,
    ),
    summary=(
        "Between value iteration and policy iteration: a policy is improved, followed for a few "
        "cheap sweeps, and improved again. It begins with values that no state can fall below."
    ),
    use_when="The world is large and the discount near 1: it often needs the least work of all.",
    avoid_when="You want to see textbook sweeps: here each row of the history is a whole round.",
    maths=(
        r"\pi_k(s)=\arg\max_a Q_k(s,a),\qquad V_{k+1}=(T_{\pi_k})^{m}\,T V_k,\qquad "
        r"T_\pi V=r_\pi+\gamma P_\pi V"
    ),
    reference=(
        "M. L. Puterman, M. C. Shin (1978). Modified policy iteration algorithms for discounted "
        "Markov decision problems. Management Science 24(11), 1127–1137."
    ),
)
