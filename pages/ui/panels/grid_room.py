"""What the expected-utility algorithm learnt: its two functions, beside the exact answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.figures.gridworld import (
    describe_field,
    describe_line_field,
    describe_updates,
    field_figure,
    line_field_figure,
    updates_figure,
)
from mlcore.gridworld.continuous.room import Room
from mlcore.gridworld.views import places_frame
from mlcore.gridworld.world import GridWorld
from mlcore.training.grid_runs import GridRun
from pages.ui import show
from pages.ui.grid_runs import choose, curves, figures, frame, names_of, notes, world_of
from pages.ui.panels import grid_use
from pages.ui.text import literal, number

_MEASURES = ("return", "reached", "spread", "entropy", "value_loss", "length")
#: So many runs share the curves.
_MOST = 6


def draw(done: Sequence[GridRun]) -> None:
    """Draw the results of continuous agents in a world."""
    names = names_of(done)
    st.subheader("What was learnt")
    run = choose("grid_room", done)
    _metrics(run)
    show.notes(notes(run.id))
    in_room = isinstance(world_of(run), GridWorld)
    (_room if in_room else _line)(run)
    st.subheader("Update by update")
    st.caption(_COUNTED_IN_ROOM if in_room else _COUNTED)
    _updates(done[-_MOST:], names)
    st.subheader("Use it")
    grid_use.draw(run)


_COUNTED = (
    "The return is that of 100 fresh episodes each time, with all that the agent still tries."
)
_COUNTED_IN_ROOM = (
    "Return, share and steps are those of 100 fresh episodes each time, with all that the agent "
    "still tries; those that do not arrive count like the others."
)

#: What is told in large figures: name, label, and how it is written.
_TOLD = (
    ("gain", "Gain that was learnt"),
    ("exact_gain", "Exact gain"),
    ("reached", "Reach a goal"),
    ("mean_steps", "Steps to a goal"),
    ("start_value", "Value at the start"),
    ("exact_start_value", "Exact value at the start"),
)
#: In a room nothing is exact.
_IN_ROOM = {"exact_start_value": "Best value at the start (fine grid)"}


def _metrics(run: GridRun) -> None:
    found = figures(run.id)
    told = dict(_TOLD) | (_IN_ROOM if "reached" in found else {})
    known = [(name, told[name]) for name in told if np.isfinite(found.get(name, np.nan))]
    with st.container(horizontal=True):
        for name, label in known:
            value = found[name]
            st.metric(label, f"{value:.1%}" if name == "reached" else number(value))
    if "gain" in found and "exact_gain" in found:
        off = abs(found["gain"] - found["exact_gain"])
        st.caption(
            f"The best action u is minus the gain times the number s. What was learnt is "
            f"{literal(f'{off:.3g}')} off the exact gain."
        )


def _room(run: GridRun) -> None:
    world = world_of(run)
    assert isinstance(world, GridWorld)
    field, paths = frame(run.id, "field"), frame(run.id, "paths")
    walls = pd.DataFrame(np.argwhere(world.walls), columns=["row", "column"])
    places = places_frame(world)
    goals = Room(world, 0.0).goals[places["row"], places["column"]]
    places["kind"] = places["kind"].mask(goals, "goal")
    walked = st.toggle("Show walks (orange)", value=True, key="grid_walks")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Learnt**: values, mean moves, one sigma")
        drawn = field_figure(field, walls, places, paths if walked else None)
        show.figure(drawn, describe_field(field), "grid_field")
    with right:
        st.markdown("**Best**: on a fine grid, within about 1 %")
        drawn = field_figure(field, walls, places, exact=True)
        show.figure(drawn, describe_field(field, exact=True), "grid_field_exact")


def _line(run: GridRun) -> None:
    field = frame(run.id, "field")
    for column, what in zip(st.columns(2, gap="medium"), ("mean", "value"), strict=True):
        with column:
            words = describe_line_field(field, what)
            show.figure(line_field_figure(field, what), words, f"grid_line_{what}")


def _updates(some: Sequence[GridRun], names: dict[str, str]) -> None:
    shown = {run.id: names[run.id] for run in some}
    found = {measure: curves(shown, "updates", measure) for measure in _MEASURES}
    known = [name for name in _MEASURES if len(found[name]) and found[name]["mean"].notna().any()]
    for start in range(0, len(known), 2):
        pair = zip(st.columns(2, gap="medium"), known[start : start + 2], strict=False)
        for column, measure in pair:
            with column:
                words = describe_updates(found[measure], measure)
                show.figure(updates_figure(found[measure], measure), words, f"grid_up_{measure}")
