"""Draw a world, solve it exactly, and watch agents learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from mlcore.gridworld.spec import Family
from pages.ui import frame
from pages.ui.panels import (
    grid_board,
    grid_earlier,
    grid_learnt,
    grid_methods,
    grid_room,
    grid_solved,
    grid_world,
)

_RESULTS: Mapping[Family, Callable[[], None]] = {
    Family.PLANNING: grid_solved.draw,
    Family.LEARNING: grid_learnt.draw,
    Family.CONTINUOUS: grid_room.draw,
}

frame.heading("gridworld.py")
grid_world.draw()
family = grid_methods.draw()
st.caption("The work goes on when you leave this page, reload it or close the browser.")
grid_board.draw(family)
_RESULTS[family]()
grid_earlier.draw()
