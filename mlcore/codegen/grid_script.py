"""The script of a run in a grid world: the world written out, and the method that solves it."""

from __future__ import annotations

from collections.abc import Mapping

from mlcore.codegen.expression import Writer
from mlcore.codegen.grid_continuous import ContinuousCode
from mlcore.codegen.grid_learning import AgentCode
from mlcore.codegen.grid_planning import PlannerCode
from mlcore.codegen.grid_world import WORLD_FILE, WorldCode
from mlcore.codegen.script import Script, needs
from mlcore.gridworld.catalogue import find_method
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family

#: What writes the methods of each family.
_WRITERS: Mapping[Family, type[PlannerCode | AgentCode]] = {
    Family.PLANNING: PlannerCode,
    Family.LEARNING: AgentCode,
}


def grid_script(result: GridResult, name: str, versions: Mapping[str, str]) -> Script:
    """Return the program that repeats a run in a grid world.

    Parameters
    ----------
    result : GridResult
        The run; of its tables ``policy`` alone is looked at.
    name : str
        What the user calls it.
    versions : mapping of str to str
        Of the libraries it was made with.
    """
    spec = find_method(result.plan.method)
    world = result.plan.world
    writer = Writer()
    is_read = False
    if spec.family is Family.CONTINUOUS or isinstance(world, LinearQuadratic):
        steps = ContinuousCode(result, writer).steps()
    else:
        code = WorldCode(world, writer)
        is_read = code.is_read
        steps = [*code.steps(), *_WRITERS[spec.family](result, code, writer).steps()]
    title = getattr(world, "name", "") or getattr(world, "id", "")
    beside = f": put the world of its bundle, {WORLD_FILE}, beside this script" if is_read else ""
    notes = (f"Repeats the run “{name}”{beside}.", needs(writer, versions))
    return Script(
        title=f"{spec.name} in the world “{title}”.",
        notes=notes,
        imports=writer.imports(),
        steps=tuple(steps),
    )
