"""The world: chosen, drawn, ruled, brought from a file and taken home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.figures.gridworld import describe_map, map_figure
from mlcore.gridworld.celltext import table_of, world_from_table
from mlcore.gridworld.editing import BRUSHES, Brush, find_brush, paint, resize, with_settings
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.knobs import (
    LINEAR_QUADRATIC_PARAMS,
    SIZE_PARAMS,
    WORLD_PARAMS,
    settings_of,
)
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.strict_json import MOST_CHARACTERS
from mlcore.gridworld.views import picture_frame, places_frame
from mlcore.gridworld.world import Cell, GridWorld, empty_world
from mlcore.gridworld.worldfile import read_world_file, to_frozen_lake, write_world
from mlcore.params import FloatParam, Param, check_values, defaults
from mlcore.workspace import new_id, write_whole
from pages.ui import grid_canvas, show
from pages.ui.downloads import download_button
from pages.ui.forms import param_form
from pages.ui.grid_canvas import Seen, Stroke
from pages.ui.grid_state import (
    change,
    fingerprint,
    is_preset,
    keep_up,
    name_of,
    open_preset,
    open_world,
    preset_of,
    state,
    turn,
)
from pages.ui.session import workspace
from pages.ui.text import literal

_NAMES = {preset.id: preset.name for preset in PRESETS}
#: Of a file that is brought; world files are nearly all plain letters of a byte each.
_MOST_MEGABYTES = MOST_CHARACTERS // 10**6
_DISCOUNT = tuple(param for param in WORLD_PARAMS if param.name == "discount")


def draw() -> None:
    """Draw the choice of the world and everything that can be changed about it."""
    keep_up()
    _choice()
    world = state().world
    if isinstance(world, GridWorld):
        _drawn(world)
    elif isinstance(world, GymnasiumWorld):
        _taken(world)
    else:
        _number(world)


# --- which world -------------------------------------------------------------------------------


def _choice() -> None:
    preset = preset_of()
    # A changed world is none of the list, so that the entry it came from can be chosen again.
    st.session_state["grid_preset"] = preset if is_preset() else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "World",
            list(_NAMES),
            format_func=lambda identifier: _NAMES[identifier],
            key="grid_preset",
            index=None,
            placeholder=name_of(state().world),
            help="Worlds of books and courses. Each can be changed; your changes can be undone.",
            on_change=_open_chosen,
            width=360,
        )
        if preset is not None and not is_preset():
            st.button(
                "As in the book again",
                key="grid_again",
                icon=":material/restart_alt:",
                on_click=open_preset,
                args=(preset,),
            )
    _told()


def _open_chosen() -> None:
    if st.session_state.get("grid_preset") is not None:
        open_preset(st.session_state["grid_preset"])


def _told() -> None:
    """Say what the world is, where it comes from, and what the last change did."""
    preset = preset_of()
    if preset is not None and is_preset():
        spec = find_preset(preset)
        st.caption(f"{literal(spec.summary)} Source: {literal(spec.source)}.")
    else:
        st.caption(f"**{literal(name_of(state().world))}.** No book prints its values.")
    show.notes(state().said)


# --- a world of cells --------------------------------------------------------------------------


def _drawn(world: GridWorld) -> None:
    fits = max(world.rows, world.columns) <= grid_canvas.MOST_SIDE
    left, right = st.columns([3, 2], gap="large")
    with right:
        names = ["Draw", "Rules", "As text"] if fits else ["Rules"]
        tabs = dict(zip(names, st.tabs(names, key=f"grid_tools_{len(names)}"), strict=True))
    with tabs["Rules"]:
        _rules(world)
    with left:
        if fits:
            with tabs["Draw"]:
                brush, values = _brush()
            _canvas(world, brush, values)
        else:
            _picture(world)
        st.caption(_ruled(world))
        _tools(world)
    if fits:
        with tabs["As text"]:
            _table(world)


def _ruled(world: GridWorld) -> str:
    """Return the rules in a line, so that they are seen while another part is open."""
    slips = f"slips with {world.slip:.0%}" if world.slip else "no slip"
    if not np.isnan(world.slips).all():
        slips += " where a cell does not say otherwise"
    said = [
        f"Discount {world.discount:g}",
        f"{world.step_reward:g} a step".replace("-", "−"),
        slips,
        f"{world.moves} moves",
        f"paid {world.convention.label.lower()}",
    ]
    return literal(" · ".join(said))


def _rules(world: GridWorld) -> None:
    now = state()
    values = settings_of(world)
    shown = param_form(WORLD_PARAMS, values, f"grid_rule_{now.rules}")
    st.caption(f"{literal(world.convention.label)}: {literal(world.convention.help)}")
    try:
        changed = with_settings(world, **shown)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    if settings_of(changed) != values:
        change(changed)
        st.rerun()


def _brush() -> tuple[Brush, dict[str, Any]]:
    """Draw the choice of the brush, and return it with what it is set to."""
    names = {brush.id: brush for brush in BRUSHES}
    chosen = st.segmented_control(
        "Brush",
        list(names),
        format_func=lambda name: f"{names[name].icon} {names[name].label}",
        default=BRUSHES[0].id,
        required=True,
        wrap=True,
        key="grid_brush",
    )
    brush = find_brush(str(chosen))
    st.caption(brush.help)
    values: dict[str, Any] = {}
    if brush.params:
        values = param_form(brush.params, defaults(brush.params), f"grid_brush_{brush.id}")
    st.caption("Click or drag over cells. With the keys: arrows move, Space paints.")
    return brush, values


def _canvas(world: GridWorld, brush: Brush, values: dict[str, Any]) -> None:
    try:
        check_values(brush.label, brush.params, values)
        look = _look(world, brush.id, values)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        look = {}
    grid_canvas.draw(world, brush.id, values, look, state().seen, "grid_canvas", _painted)


def _look(world: GridWorld, brush: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return how a free cell looks after a stroke, in a world without anything in the way."""
    blank = empty_world(world.rows, world.columns)
    # A teleport may not lead to the cell that is painted.
    cell = Cell(0, 0) if (values.get("row"), values.get("column")) != (0, 0) else Cell(-1, -1)
    cell = Cell(cell.row % world.rows, cell.column % world.columns)
    return grid_canvas.look_of(paint(blank, brush, [cell], **values), cell)


def _painted(canvas: str, strokes: Sequence[Stroke]) -> None:
    """Take strokes over; one that makes no sense is told, the others stay."""
    keep_up()
    for stroke in grid_canvas.unheard(state().seen, canvas, strokes):
        state().seen = Seen(canvas=canvas, number=stroke.number)
        if stroke.brush in ("undo", "redo"):
            turn(stroke.brush)
        else:
            _paint(stroke)


def _paint(stroke: Stroke) -> None:
    world = state().world
    if not isinstance(world, GridWorld):
        return
    try:
        painted = paint(world, stroke.brush, stroke.cells, **stroke.values)
    except UserError as error:
        state().said = (error.message,)
        return
    change(painted)


def _picture(world: GridWorld) -> None:
    cells = _cells(workspace().user, fingerprint(), world)
    drawn = map_figure(cells, world.rows, world.columns, "walls", places_frame(world))
    show.figure(drawn, describe_map(cells, world.rows, world.columns, "walls"), "grid_picture")
    most = grid_canvas.MOST_SIDE
    st.caption(
        f"Worlds of more than {most} rows or columns are shown as a picture. To change one, change "
        "its file and bring it again, or make the world smaller."
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _cells(user: str, fingerprint: str, _world: GridWorld) -> pd.DataFrame:
    return picture_frame(_world)


# --- tools -------------------------------------------------------------------------------------


def _tools(world: GridWorld) -> None:
    history = state().history
    with st.container(horizontal=True):
        st.button(
            "Undo",
            key="grid_undo",
            icon=":material/undo:",
            on_click=turn,
            args=("undo",),
            disabled=history is None or not history.past,
        )
        st.button(
            "Redo",
            key="grid_redo",
            icon=":material/redo:",
            on_click=turn,
            args=("redo",),
            disabled=history is None or not history.future,
        )
        st.button(
            "Clear",
            key="grid_clear",
            icon=":material/delete_sweep:",
            on_click=_clear,
            help="Frees all cells. The rules stay, and it can be undone.",
        )
        with st.popover("Size", icon=":material/aspect_ratio:"):
            _size(world)
        with st.popover("Files", icon=":material/folder:"):
            _files(world)


def _clear() -> None:
    keep_up()
    world = state().world
    if isinstance(world, GridWorld):
        blank = empty_world(world.rows, world.columns)
        change(with_settings(blank, **settings_of(world)))


def _size(world: GridWorld) -> None:
    shown = param_form(
        SIZE_PARAMS,
        {"rows": world.rows, "columns": world.columns},
        f"grid_size_{world.rows}_{world.columns}",
    )
    st.button("Change the size", key="grid_resize", on_click=_resize, args=(shown,))


def _resize(size: dict[str, Any]) -> None:
    keep_up()
    world = state().world
    if not isinstance(world, GridWorld):
        return
    try:
        resized, notes = resize(world, size["rows"], size["columns"])
    except UserError as error:
        state().said = (error.message,)
        return
    change(resized, *notes)


def _files(world: GridWorld) -> None:
    number = st.session_state.setdefault("grid_import_number", 0)
    key = f"grid_import_{number}"
    st.file_uploader(
        "Bring a world",
        type=["json", "txt"],
        key=key,
        on_change=_bring,
        args=(key,),
        help="A world file as this page writes it, or FrozenLake text (rows of S, F, H and G).",
        max_upload_size=_MOST_MEGABYTES,
    )
    if (wrong := st.session_state.get("grid_import_wrong")) is not None:
        st.error(wrong, icon=":material/error:")
    _world_button("World file (.json)", "grid_export_json", write_world, "json")
    try:
        to_frozen_lake(world)
    except UserError as error:
        st.caption(literal(error))
    else:
        _world_button("FrozenLake text (.txt)", "grid_export_lake", to_frozen_lake, "txt")


def _bring(key: str) -> None:
    """Look at the world of a file; the uploader begins anew, so that the next one is heard."""
    brought = st.session_state.get(key)
    if brought is None:
        return
    st.session_state["grid_import_number"] += 1
    st.session_state["grid_import_wrong"] = None
    try:
        open_world(read_world_file(brought.getvalue()))
    except UserError as error:
        st.session_state["grid_import_wrong"] = f"**{literal(brought.name)}**: {literal(error)}"


def _world_button(
    label: str, key: str, written: Callable[[GridWorld], str], extension: str
) -> None:
    def prepare() -> tuple[Path, str]:
        world = state().world
        assert isinstance(world, GridWorld)
        path = workspace().folder("exports", new_id()).with_suffix(f".{extension}")
        write_whole(path, written(world).encode("utf-8"))
        return path, f"{name_of(world)}.{extension}"

    download_button(label, key, prepare)


def _table(world: GridWorld) -> None:
    st.caption(
        "A cell is “.” (free), “#” (wall), “S” (start) or “T” (terminal), and after a blank what "
        "else is in it: “+1” a reward, “^2”, “v1”, “<1” or “>3” wind, “~0.3” a chance to slip, "
        "“@3,1” a teleport to row 3, column 1, with “=10” behind it for what it pays and “!” if "
        "it carries off at once."
    )
    table = _texts(workspace().user, fingerprint(), world)
    edited = st.data_editor(
        table,
        key=f"grid_table_{state().revision}",
        alt="The cells of the world as text, which can be changed",
        column_config={"_index": st.column_config.NumberColumn("Row", disabled=True)},
    )
    if edited.equals(table):
        return
    try:
        changed = world_from_table(edited, world)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    change(changed)
    st.rerun()


@st.cache_resource(max_entries=4, show_spinner=False)
def _texts(user: str, fingerprint: str, _world: GridWorld) -> pd.DataFrame:
    return table_of(_world)


# --- worlds that are not drawn -----------------------------------------------------------------


def _taken(world: GymnasiumWorld) -> None:
    st.info(
        "This world comes from Gymnasium as it is. It can be solved and learnt, not drawn.",
        icon=":material/info:",
    )
    shown = param_form(_DISCOUNT, {"discount": world.discount}, f"grid_rule_{state().rules}")
    _replaced(world, _DISCOUNT, shown)


def _number(world: LinearQuadratic) -> None:
    st.latex(r"s' = a\,s + b\,u + \text{noise}, \qquad \text{reward} = -(q\,s^2 + r\,u^2)")
    st.caption("s is the number, u the action that pushes it, and s' the number a step later.")
    values = {param.name: getattr(world, param.name) for param in LINEAR_QUADRATIC_PARAMS}
    basic = tuple(replace(param, basic=True) for param in LINEAR_QUADRATIC_PARAMS)
    for start in range(0, len(basic), 3):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            some = basic[start : start + 3]
            names = [param.name for param in some]
            values |= param_form(some, {n: values[n] for n in names}, f"grid_rule_{state().rules}")
    _replaced(world, LINEAR_QUADRATIC_PARAMS, values)


def _replaced(
    world: GymnasiumWorld | LinearQuadratic, params: Sequence[FloatParam | Param], shown: Any
) -> None:
    try:
        checked: dict[str, Any] = check_values(name_of(world), params, shown)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    changed = replace(world, **checked)
    if changed != world:
        change(changed)
        st.rerun()
