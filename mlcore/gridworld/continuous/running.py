"""The run of the expected-utility algorithm, from a plan to a result."""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
from threadpoolctl import threadpool_limits

from mlcore.errors import UserError
from mlcore.gridworld.continuous import tables
from mlcore.gridworld.continuous.actor_critic import Agent, Learner, Training, Update
from mlcore.gridworld.continuous.arena import Arena
from mlcore.gridworld.continuous.fine_grid import FineGrid, solve
from mlcore.gridworld.continuous.quadratic import START, Quadratic, horizon, worth
from mlcore.gridworld.continuous.room import Room, room_of
from mlcore.gridworld.continuous.trials import play, walked
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.result import GridReport, GridResult
from mlcore.gridworld.world import GridWorld, Numbers
from mlcore.messages import Message, message

#: So many episodes say what an agent is worth, and so many are kept to be looked at.
_TRIALS, _PATHS = 2000, 12
#: An episode of a trained agent goes on for so many steps at most.
_PATIENCE = 200
#: A run reports so often at most.
_REPORTS = 200
#: Episodes of the linear-quadratic problem are short: soon the number is near 0, whatever one does.
#: Those that are only watched go on until what follows counts less than this, or for so long.
_SHORT, _LITTLE, _LONG = 5, 0.01, 500
#: The luck of the trials is apart from that of all agents, whose numbers count from 0.
_TRIAL_LUCK = 2**31


def run(plan: GridPlan, report: GridReport) -> GridResult:
    """Train agents, and compare what they come to with the best there is.

    Parameters
    ----------
    plan : GridPlan
        With a drawn world or the linear-quadratic problem.
    report : callable
        Told how far it is; the value is the mean return when the agent was last watched.

    Raises
    ------
    UserError
        The world does not fit, or the training diverged.
    """
    # Matrices this small are multiplied faster by one thread than by several.
    with threadpool_limits(1):
        if isinstance(plan.world, GridWorld):
            return _in_room(plan, plan.world, report)
        if isinstance(plan.world, LinearQuadratic):
            return _quadratic(plan, plan.world, report)
    raise UserError("gridworld.no_room", world=plan.world.id)


def _in_room(plan: GridPlan, world: GridWorld, report: GridReport) -> GridResult:
    begun = time.perf_counter()
    room, notes = room_of(world, cast(float, plan.params["noise"]))
    best = solve(room, cast(int, plan.params["fine_grid"]))
    # Whoever wanders cannot cross a large room as soon as a small one.
    most_steps = max(50, 4 * (world.rows + world.columns))
    agents, seen = _train(plan, room, (most_steps, most_steps), report)
    rng = _luck(plan, _TRIAL_LUCK)
    starts = room.starts(rng, _TRIALS)
    figures = tables.mean_figures([_worth_in_room(room, agent, starts, plan) for agent in agents])
    if best.settled:
        figures["exact_start_value"] = float(best.at(starts).mean())
    figures["seconds"] = time.perf_counter() - begun
    paths = walked(room, agents[0].act, starts[:_PATHS], rng, _PATIENCE)
    frames = {
        "updates": tables.updates_frame(seen, has_goal=True),
        "field": tables.room_field(room, agents[0], best),
        "paths": tables.paths_frame(paths, ("x", "y")),
        "network": tables.network_frame(agents[0]),
    }
    return GridResult(plan, frames, figures, (*notes, *_room_notes(best, figures)))


def _worth_in_room(room: Room, agent: Agent, starts: Numbers, plan: GridPlan) -> dict[str, float]:
    """Return what the mean action of an agent comes to."""
    trials = play(room, agent.act, starts, _luck(plan, _TRIAL_LUCK + 1), _PATIENCE)
    figures = {
        "start_value": float(trials.returns.mean()),
        "learnt_start_value": float(agent.value(starts).mean()),
        "reached": float(trials.reached.mean()),
    }
    if trials.reached.any():
        figures["mean_steps"] = float(trials.steps[trials.reached].mean())
    return figures


def _room_notes(best: FineGrid, figures: dict[str, float]) -> list[Message]:
    found = []
    if not best.settled:
        found.append(message("gridworld.fine_grid_not_settled"))
    if figures["reached"] < 0.995:
        found.append(message("gridworld.goal_missed", share=f"{1 - figures['reached']:.1%}"))
    return found


def _quadratic(plan: GridPlan, world: LinearQuadratic, report: GridReport) -> GridResult:
    begun = time.perf_counter()
    best, arena = exact(world), Quadratic(world)
    watched_steps = min(_LONG, horizon(world.discount, _LITTLE))
    agents, seen = _train(plan, arena, (_SHORT, watched_steps), report)
    rng = _luck(plan, _TRIAL_LUCK)
    starts = arena.starts(rng, _TRIALS)
    own = [_worth_of_pushing(world, agent, starts, plan) for agent in agents]
    figures = tables.mean_figures(own) | {
        "exact_gain": best.gain,
        "exact_start_value": float(best.value(starts[:, 0]).mean()),
        "seconds": time.perf_counter() - begun,
    }
    paths = walked(arena, agents[0].act, starts[:_PATHS], rng, 20)
    frames = {
        "updates": tables.updates_frame(seen, has_goal=False),
        "field": tables.quadratic_field(np.linspace(-START, START, 81), agents[0], best),
        "paths": tables.paths_frame(paths, ("s",)),
        "network": tables.network_frame(agents[0]),
    }
    unstable = not all("start_value" in figures for figures in own)
    notes = (message("gridworld.pushed_away"),) if unstable else ()
    return GridResult(plan, frames, figures, notes)


def _worth_of_pushing(
    world: LinearQuadratic, agent: Agent, starts: Numbers, plan: GridPlan
) -> dict[str, float]:
    """Return the gain of an agent, and what its mean action is worth unless numbers run away."""
    figures = {"gain": gain(agent), "learnt_start_value": float(agent.value(starts).mean())}
    value = worth(world, agent.act, starts, _luck(plan, _TRIAL_LUCK + 1))
    return figures if value is None else figures | {"start_value": value}


def gain(agent: Agent) -> float:
    """Return how strongly an agent pushes back: minus the slope of its mean action, through 0.

    By least squares over evenly spaced numbers where episodes begin.
    """
    s = np.linspace(-START, START, 81)
    return -float(s @ agent.act(s[:, None])[:, 0] / (s @ s))


def _train(
    plan: GridPlan, arena: Arena, longest: tuple[int, int], report: GridReport
) -> tuple[list[Agent], list[list[Update]]]:
    """Train the agents one after another; ``longest`` are episodes they learn from, and others."""
    params = cast(dict[str, Any], plan.params)
    training = Training(
        updates=params["updates"],
        samples=params["samples"],
        hidden=params["hidden"],
        rate=params["learning_rate"],
        decay=params["gae_lambda"],
        sigma=params["initial_sigma"],
        local=params["spread"] == "place",
        bonus=params["entropy_bonus"],
        passes=params["passes"],
        most_steps=longest[0],
        watched_steps=longest[1],
    )
    n_agents = cast(int, plan.setting["seeds"])
    total = n_agents * training.updates
    agents, seen = [], []
    report(0, total)
    for number in range(n_agents):
        learner = Learner(arena, training, _luck(plan, number))
        told = _Told(report, number * training.updates, total)
        seen.append([told.passed(update) for update in learner.updates()])
        agents.append(learner.agent)
    return agents, seen


class _Told:
    """Passes updates on, and reports some of them."""

    def __init__(self, report: GridReport, done: int, total: int) -> None:
        self._report, self._done, self._total = report, done, total
        self._every = -(-total // _REPORTS)
        self._utility: float | None = None

    def passed(self, update: Update) -> Update:
        self._done += 1
        self._utility = self._utility if update.utility is None else update.utility
        if self._done % self._every == 0 or self._done == self._total:
            self._report(self._done, self._total, self._utility)
        return update


def _luck(plan: GridPlan, number: int) -> np.random.Generator:
    return np.random.default_rng([cast(int, plan.setting["seed"]), number])
