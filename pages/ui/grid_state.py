"""The world that a tab is looking at, and the way back from its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import world_print
from mlcore.gridworld.editing import History
from mlcore.gridworld.model import Model
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.spec import Family
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import World, world_from_json, world_to_json
from mlcore.gridworld.worlds import model_of_world
from mlcore.messages import Message, message
from mlcore.training.grid_runs import GridRunStore
from mlcore.workspace import new_id
from pages.ui.grid_canvas import Seen
from pages.ui.session import workspace

_KEY = "grid"
#: Name of the preference that keeps the world for the next visit.
_KEPT = "gridworld"
#: Name of the preference that tells tabs whether another one changed the world that they draw.
_MARK = "gridworld_mark"
#: Ends the name of a world that a book prints otherwise.
_CHANGED = ", changed"


@dataclass
class GridState:
    """What one tab knows of its world.

    Parameters
    ----------
    world : GridWorld, GymnasiumWorld or LinearQuadratic
        As it is now.
    drawing : str
        What tabs have in common that draw one world; opening another one begins a new drawing.
    version : str
        Which of the changes of the drawing this is.
    history : History, optional
        The way back; only drawn worlds have one.
    revision : int
        Counts the changes of the world.
    rules : int
        Counts how often the rules were set by anything but their form, which then starts anew.
    seen : Seen
        What was heard of the canvas.
    said : tuple of Message
        What the last change has to tell.
    awaited : frozenset of str
        Ids of runs that are shown as soon as they are done.
    before : mapping of Family to str
        What tells the world before its last changes, in which there are results of a family.
    """

    world: World
    drawing: str = ""
    version: str = ""
    history: History | None = None
    revision: int = 0
    rules: int = 0
    seen: Seen = field(default_factory=Seen)
    said: tuple[Message, ...] = ()
    awaited: frozenset[str] = frozenset()
    before: Mapping[Family, str] = field(default_factory=dict)


def state() -> GridState:
    """Return the state of this tab; a new one begins with the world that was used last."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = _remembered()
    found: GridState = st.session_state[_KEY]
    return found


def _remembered() -> GridState:
    mark = _mark()  # before the world: one that is newer than its mark is only read twice
    world = _kept() or PRESETS[0].make()
    history = History(world) if isinstance(world, GridWorld) else None
    return GridState(world=world, drawing=mark["drawing"], version=mark["version"], history=history)


def _kept() -> World | None:
    kept = workspace().recall(_KEPT)
    try:
        return None if kept is None else world_from_json(kept["world"])
    except UserError:  # an older or newer program kept it
        return None


def _mark() -> dict[str, str]:
    mark: dict[str, str] | None = workspace().recall(_MARK)
    return mark or {"drawing": "", "version": ""}


def keep_up() -> None:
    """Take the world as another tab left it that draws the same one, so that no stroke is lost."""
    now, mark = state(), _mark()
    if mark["drawing"] != now.drawing or mark["version"] == now.version:
        return
    now.version = mark["version"]
    world = _kept()
    if world is not None and world_print(world) != fingerprint():
        _note(world)
        _look_at(world)
        # Not among what is said: a stroke that is just under way would replace it unseen.
        st.toast(str(message("gridworld.elsewhere")), icon=":material/sync:")
        now.rules += 1


def open_world(world: World) -> None:
    """Look at another world; a drawn one can be left by undoing."""
    now = state()
    now.drawing = new_id()
    _note(world)
    _set(world)
    now.rules += 1


def open_preset(preset: str) -> None:
    """Look at a preset as it is."""
    open_world(find_preset(preset).make())


def change(world: World, *said: Message) -> None:
    """Take a changed world for the one that was there; one that is the same is no step."""
    now = state()
    if world_print(world) == fingerprint():
        now.said = said
        now.revision += 1  # a form may hold what stands for the same, and begins anew
        return
    if isinstance(world, GridWorld) and world.source:
        # What a book prints is no longer true of it.
        world = replace(world, name=f"{world.name}{_CHANGED}", source="")
    _note(world)
    _set(world, *said)


def _note(world: World) -> None:
    """Make a step that can be taken back; only drawn worlds have such steps."""
    now = state()
    if isinstance(world, GridWorld):
        now.history = now.history.done(world) if now.history else History(world)


def turn(way: str) -> None:
    """Take back the last change (``"undo"``), or make it again (``"redo"``)."""
    now = state()
    if now.history is None:
        return
    turned = now.history.undo() if way == "undo" else now.history.redo()
    if turned is not now.history:
        now.history = turned
        now.rules += 1
        _set(turned.present)


def _set(world: World, *said: Message) -> None:
    """Look at a world, and keep it for the next visit and for other tabs."""
    now = state()
    _look_at(world, *said)
    now.version = new_id()
    workspace().remember(_KEPT, {"world": world_to_json(world)})
    workspace().remember(_MARK, {"drawing": now.drawing, "version": now.version})


def _look_at(world: World, *said: Message) -> None:
    now = state()
    now.before = {**now.before, **_results()} if _stem(world) == _stem(now.world) else {}
    now.world, now.said = world, said
    now.revision += 1


def _stem(world: World) -> str:
    """Return what stays of a name while a world is being changed."""
    return name_of(world).removesuffix(_CHANGED)


def _results() -> dict[Family, str]:
    """Return the families of which there are results in the world on the screen."""
    done = [run for run in GridRunStore(workspace()).all(fingerprint()) if run.is_done]
    return {run.spec.family: run.world for run in done}


def preset_of() -> str | None:
    """Return the id of the preset that the world is, or was before it was changed."""
    return _presets().get(_stem(state().world), (None, ""))[0]


def is_preset() -> bool:
    """Return whether the world is as its preset has it."""
    return _presets().get(_stem(state().world), (None, ""))[1] == fingerprint()


@cache
def _presets() -> Mapping[str, tuple[str | None, str]]:
    """Return ids of presets and what tells their worlds from others, by the names of the worlds."""
    made = [(preset.id, preset.make()) for preset in PRESETS]
    return {name_of(world): (id, world_print(world)) for id, world in made}


def fingerprint() -> str:
    """Return what tells the world from any other; worked out once a change."""
    now = state()
    known: tuple[int, str] | None = st.session_state.get("grid_print")
    if known is None or known[0] != now.revision:
        known = now.revision, world_print(now.world)
        st.session_state["grid_print"] = known
    return known[1]


@st.cache_resource(max_entries=8, show_spinner=False)
def _model(user: str, fingerprint: str, _world: World) -> Model:
    return model_of_world(_world)


def model(fingerprint: str, world: World) -> Model:
    """Return what moves do in a world; it is shared and must not be changed.

    Parameters
    ----------
    fingerprint : str
        What tells the world from any other.
    world : GridWorld or GymnasiumWorld
        The world.

    Raises
    ------
    UserError
        The world has no cell in which an agent could act.
    """
    return _model(workspace().user, fingerprint, world)


def name_of(world: World) -> str:
    """Return what a world is called."""
    name: Any = getattr(world, "name", None) or getattr(world, "id", None)
    return str(name) if name else "Linear-quadratic problem"
