"""The world that a tab is looking at, and the way back from its changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from mlcore.messages import Message
from mlcore.training.grid_runs import GridRunStore
from pages.ui.grid_canvas import Seen
from pages.ui.session import workspace

_KEY = "grid"
#: Name of the preference that keeps the world for the next visit.
_KEPT = "gridworld"
#: Ends the name of a world that a book prints otherwise.
_CHANGED = ", changed"


@dataclass
class GridState:
    """What one tab knows of its world.

    Parameters
    ----------
    world : GridWorld, GymnasiumWorld or LinearQuadratic
        As it is now.
    preset : str, optional
        Id of the preset that it was opened as.
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
    preset: str | None = None
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
    kept = workspace().recall(_KEPT)
    try:
        if kept is not None:
            return _begun(world_from_json(kept["world"]), kept["preset"])
    except UserError:  # an older or newer program kept it
        pass
    return _begun(PRESETS[0].make(), PRESETS[0].id)


def _begun(world: World, preset: str | None) -> GridState:
    known = preset if preset in {one.id for one in PRESETS} else None
    history = History(world) if isinstance(world, GridWorld) else None
    return GridState(world=world, preset=known, history=history)


def open_world(world: World, preset: str | None = None) -> None:
    """Look at another world; a drawn one can be left by undoing."""
    now = state()
    now.preset = preset
    if isinstance(world, GridWorld):
        now.history = now.history.done(world) if now.history else History(world)
    _set(world)
    now.rules += 1


def open_preset(preset: str) -> None:
    """Look at a preset as it is."""
    open_world(find_preset(preset).make(), preset)


def change(world: World, *said: Message) -> None:
    """Take a changed world for the one that was there."""
    now = state()
    if isinstance(world, GridWorld) and world.source:
        # What a book prints is no longer true of it.
        world = replace(world, name=f"{world.name}{_CHANGED}", source="")
    if isinstance(world, GridWorld) and now.history is not None:
        now.history = now.history.done(world)
    _set(world, *said)


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
    now = state()
    now.before = {**now.before, **_results()} if _stem(world) == _stem(now.world) else {}
    now.world, now.said = world, said
    now.revision += 1
    workspace().remember(_KEPT, {"world": world_to_json(world), "preset": now.preset})


def _stem(world: World) -> str:
    """Return what stays of a name while a world is being changed."""
    return name_of(world).removesuffix(_CHANGED)


def _results() -> dict[Family, str]:
    """Return the families of which there are results in the world on the screen."""
    done = [run for run in GridRunStore(workspace()).all(fingerprint()) if run.is_done]
    return {run.spec.family: run.world for run in done}


def is_preset() -> bool:
    """Return whether the world is still as its preset has it."""
    now = state()
    return now.preset is not None and fingerprint() == _preset_print(workspace().user, now.preset)


@st.cache_data(max_entries=64, show_spinner=False)
def _preset_print(user: str, preset: str) -> str:
    return world_print(find_preset(preset).make())


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
