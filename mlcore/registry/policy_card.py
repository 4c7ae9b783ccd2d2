"""The card of a policy: the world, the method, what came out, how it was measured, its limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlcore.gridworld.catalogue import find_method
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.knobs import LINEAR_QUADRATIC_PARAMS, WORLD_PARAMS, settings_of
from mlcore.gridworld.plan import SETTINGS
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import World
from mlcore.messages import SENTENCES, message
from mlcore.params import Param, ParamValue
from mlcore.registry.card_tables import param_value
from mlcore.registry.markdown import bullets, markdown_text, table

#: Values that differ by less are the same to a reader.
_ALIKE = 1e-5


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What is known of a policy as it stands in its files.

    Parameters
    ----------
    is_of_states : bool
        Whether it says what to do in each of many states, so that it can be computed exactly.
    start_value : float, optional
        What it is worth on average over the starts; ``None`` where that has no number.
    """

    is_of_states: bool
    start_value: float | None = None


def world_name(world: World) -> str:
    """Return what a world is called."""
    if isinstance(world, GridWorld):
        return world.name
    if isinstance(world, GymnasiumWorld):
        return world.id
    return str(message("gridworld.card.linear_quadratic"))


def policy_card(result: GridResult, name: str, versions: Mapping[str, str], worth: Worth) -> str:
    """Return the card of a run in Markdown; whatever users named is escaped.

    Parameters
    ----------
    result : GridResult
        The run.
    name : str
        What the user calls it.
    versions : mapping of str to str
        Of Python and the libraries that it was made with.
    worth : Worth
        What is known of the policy as it stands.
    """
    spec = find_method(result.plan.method)
    sections = {
        "world": _world(result.plan.world),
        "method": f"{spec.name}. {spec.summary}\n\n{_settings(result)}\n\n{spec.reference}",
        "result": "\n\n".join([_figures(result.figures), _said(result, spec.family, worth)]),
        "columns": _columns(result),
        "limits": _limits(spec.family),
        "versions": table(
            [message("gridworld.card.library"), message("gridworld.card.version")],
            versions.items(),
        ),
    }
    parts = [f"# {markdown_text(name)}"]
    for key, body in sections.items():
        parts += [f"## {message(f'gridworld.card.{key}')}", body]
    return "\n\n".join(parts) + "\n"


def _world(world: World) -> str:
    """Return what a world is called, where it is from, and its knobs."""
    said = markdown_text(world_name(world))
    if isinstance(world, GridWorld):
        if world.source:
            said = f"{said}\n\n{markdown_text(world.source)}"
        size = (message("gridworld.card.size"), f"{world.rows} × {world.columns}")
        return f"{said}\n\n{_table(WORLD_PARAMS, settings_of(world), [size])}"
    if isinstance(world, GymnasiumWorld):
        return f"{said}\n\n{_table(WORLD_PARAMS[:1], {'discount': world.discount})}"
    values = {param.name: getattr(world, param.name) for param in LINEAR_QUADRATIC_PARAMS}
    return f"{said}\n\n{_table(LINEAR_QUADRATIC_PARAMS, values)}"


def _settings(result: GridResult) -> str:
    spec, plan = find_method(result.plan.method), result.plan
    params = (*spec.shown(plan.params, plan.world), *SETTINGS[spec.family])
    if not params:
        return str(message("gridworld.card.no_settings"))
    return _table(params, {**plan.params, **plan.setting})


def _table(
    params: Sequence[Param],
    values: Mapping[str, ParamValue],
    first: Sequence[tuple[object, object]] = (),
) -> str:
    rows = [(param.label, param_value(param, values[param.name])) for param in params]
    head = [message("gridworld.card.setting"), message("gridworld.card.value")]
    return table(head, [*first, *rows])


def _figures(figures: Mapping[str, float]) -> str:
    rows = [(label, _number(value)) for label, value in told_figures(figures).items()]
    head = [message("gridworld.card.figure"), message("gridworld.card.value")]
    return table(head, rows)


def told_figures(figures: Mapping[str, float]) -> dict[str, float]:
    """Return the figures that have a name in words, by that; those of single agents have none."""
    named = {name: SENTENCES.get(f"gridworld.figure.{name}") for name in figures}
    if "reached" in figures and "exact_start_value" in figures:
        # In a room nothing is exact.
        named["exact_start_value"] = SENTENCES["gridworld.figure.room.exact_start_value"]
    return {label: figures[name] for name, label in named.items() if label is not None}


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "–"


def _said(result: GridResult, family: Family, worth: Worth) -> str:
    """Return how good it is and how that was measured, in sentences."""
    said: list[object] = [markdown_text(note) for note in result.notes]
    if family is Family.LEARNING:
        said.append(message("gridworld.card.learnt", seeds=result.plan.setting["seeds"]))
    if not worth.is_of_states:
        said.append(message("gridworld.card.played"))
    elif worth.start_value is None:
        said.append(message("gridworld.card.endless"))
    else:
        said.append(message("gridworld.card.own_value", value=_number(worth.start_value)))
        told = result.figures.get("start_value", worth.start_value)
        if not math.isclose(told, worth.start_value, rel_tol=_ALIKE, abs_tol=_ALIKE):
            said.append(message("gridworld.card.differs", value=_number(told)))
    return bullets(said)


def _columns(result: GridResult) -> str:
    """Return what the columns of the table are."""
    if "policy" not in result.frames:
        return str(message("gridworld.card.columns.field"))
    parts = ["place", "actions", "value"]
    if "visits" in result.frames["policy"]:
        parts.append("visits")
    return bullets(message(f"gridworld.card.columns.{part}") for part in parts)


def _limits(family: Family) -> str:
    codes = {
        Family.PLANNING: ("this_world",),
        Family.LEARNING: ("this_world", "by_chance"),
        Family.CONTINUOUS: ("this_world", "by_chance", "mean"),
    }
    return bullets(message(f"gridworld.card.limit.{code}") for code in codes[family])
