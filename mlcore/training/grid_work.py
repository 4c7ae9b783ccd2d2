"""The job that executes a plan for a grid world, in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.gridworld.catalogue import find_method, run_plan
from mlcore.gridworld.spec import Family
from mlcore.messages import message
from mlcore.training.context import JobContext
from mlcore.training.grid_runs import GridRunStore
from mlcore.workflow import Progress

#: What a run does, as the code of a sentence.
_STAGES = {
    Family.PLANNING: "gridworld.stage.solving",
    Family.LEARNING: "gridworld.stage.learning",
    Family.CONTINUOUS: "gridworld.stage.learning",
}


def run_grid(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Execute a run's plan and keep what it leaves behind.

    What it reports while it goes on becomes the job's steps and, where there is a value, its live
    points: the learning curve that is seen before the run is over.
    """
    context.workspace.require_space()
    store = GridRunStore(context.workspace)
    plan = store.get(context.subject).plan
    stage = message(_STAGES[find_method(plan.method).family])

    def report(done: int, total: int, value: float | None = None) -> None:
        context.report(Progress(0, 1, stage, done, total, value))

    report(0, 0)
    result = run_plan(plan, report)
    context.report(Progress(1, 1, message("training.stage.saving")))
    store.save(context.subject, result, context.temp)
