"""A run of an agent, from plan to result."""

from __future__ import annotations

import time
from collections.abc import Mapping

from mlcore.errors import UserError
from mlcore.gridworld.learning.agent import Agent, Arena, number
from mlcore.gridworld.learning.exact_lines import (
    ExactLines,
    Start,
    control_lines,
    prediction_lines,
    reachable,
)
from mlcore.gridworld.learning.policy_gradient import PolicyGradient
from mlcore.gridworld.learning.record import Record
from mlcore.gridworld.learning.tabulating import (
    episodes_frame,
    last_figures,
    learnt_policy,
    lines_frame,
    replay_frame,
)
from mlcore.gridworld.learning.walking import Walk, starts_of
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.spec import Estimates
from mlcore.gridworld.worlds import model_of_world
from mlcore.messages import Message, message
from mlcore.params import ParamValue

#: Numbers in one table of all seeds at most: 256 MB.
MOST_NUMBERS = 2**25
#: Episodes of all seeds together at most: each is a row of a table.
MOST_EPISODES = 2_000_000


def run_agent(kind: type[Agent], plan: GridPlan, report: GridReport) -> GridResult:
    """Let agents of one kind learn a world.

    Parameters
    ----------
    kind : type
        What they are.
    plan : GridPlan
        Where, how, and for how long.
    report : GridReport
        Told how many episodes are done, and what the latest earned on average (discounted).

    Returns
    -------
    GridResult
        Its tables are described in :mod:`mlcore.gridworld.learning`.

    Raises
    ------
    UserError
        The world cannot be learnt, or there would be too much to keep.
    """
    began = time.perf_counter()
    setting = {name: int(number(plan.setting, name)) for name in plan.setting}
    seed = setting.pop("seed")
    arena = Arena(model=model_of_world(plan.world), **setting)
    _check_size(arena)
    agent = kind(arena, plan.params)
    start = Start(
        states=starts_of(arena, agent.exploring_starts), any_action=agent.exploring_starts
    )
    exact = _exact(arena, agent, start, plan.params)
    counted = reachable(arena.model, start.states) & ~arena.model.terminal
    record = Record(arena, exact.target, counted)
    Walk(arena, agent, seed, record).run(report)
    return GridResult(
        plan=plan,
        frames={
            "episodes": episodes_frame(record),
            "errors": record.errors(),
            "policy": learnt_policy(arena, agent, record),
            "replay": replay_frame(arena, record),
            "lines": lines_frame(exact),
        },
        figures={**_figures(arena, agent, exact, record), "seconds": time.perf_counter() - began},
        notes=(*exact.notes, *_notes(record, agent)),
    )


#: The lines that are figures too.
_FIGURES = ("optimum", "soft_optimum", "policy_value")


def _figures(arena: Arena, agent: Agent, exact: ExactLines, record: Record) -> dict[str, float]:
    return {
        "start_value": float(arena.model.starts @ agent.mean_values()),
        **{name: exact.lines[name][1] for name in _FIGURES if name in exact.lines},
        **last_figures(record),
    }


def _check_size(arena: Arena) -> None:
    numbers = arena.seeds * arena.model.n_states * arena.model.n_actions
    if numbers > MOST_NUMBERS:
        raise UserError(
            "gridworld.learning.too_large",
            states=f"{arena.model.n_states:,}",
            actions=arena.model.n_actions,
            seeds=arena.seeds,
            most=f"{MOST_NUMBERS // (arena.model.n_states * arena.model.n_actions):,}",
        )
    if arena.seeds * arena.episodes > MOST_EPISODES:
        raise UserError(
            "gridworld.learning.too_long",
            seeds=arena.seeds,
            episodes=f"{arena.episodes:,}",
            most=f"{MOST_EPISODES // arena.seeds:,}",
        )


def _exact(
    arena: Arena, agent: Agent, start: Start, values: Mapping[str, ParamValue]
) -> ExactLines:
    """Return the lines that fit what the agent tries to do."""
    if agent.estimates is Estimates.BY_CHANCE:
        return prediction_lines(arena.model, start)
    always = "epsilon" in values and values["epsilon_decay"] == "none"
    epsilon = number(values, "epsilon") if always else 0.0
    return control_lines(arena.model, start, epsilon, agent.estimates)


def _notes(record: Record, agent: Agent) -> tuple[Message, ...]:
    """Return what must be known of the episodes and of the policy."""
    notes = []
    broken = int((~record.terminated).sum())
    if broken:
        total = record.terminated.size
        notes.append(
            message("gridworld.learning.broken_off", broken=f"{broken:,}", total=f"{total:,}")
        )
    if agent.exploring_starts:
        notes.append(message("gridworld.learning.exploring_starts"))
    if isinstance(agent, PolicyGradient):
        notes.append(message("gridworld.learning.likeliest"))
    return tuple(notes)
