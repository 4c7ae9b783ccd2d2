"""Draw a world, solve it exactly, and watch agents learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from mlcore.gridworld.spec import Family
from mlcore.training.grid_runs import GridRun
from pages.ui import frame, revealing
from pages.ui.grid_runs import done_here, is_past
from pages.ui.panels import (
    grid_board,
    grid_earlier,
    grid_learnt,
    grid_methods,
    grid_room,
    grid_solved,
    grid_world,
)

_RESULTS: Mapping[Family, Callable[[Sequence[GridRun]], None]] = {
    Family.PLANNING: grid_solved.draw,
    Family.LEARNING: grid_learnt.draw,
    Family.CONTINUOUS: grid_room.draw,
}

#: Pictures and numbers of a world that is no more.
_FADED = """<style>
.st-key-grid_past :is([data-testid="stMetric"], [data-testid="stPlotlyChart"], .stBidiComponent,
  .stDataFrame) { opacity: 0.55 }
</style>"""


def _results(family: Family) -> None:
    """Draw the results in the world on the screen, or else those of before it was changed."""
    done = done_here(family)
    if not done:
        return
    past = is_past(done[-1])
    with st.container(key="grid_past" if past else "grid_present"):
        if past:
            st.html(_FADED)
            st.info(
                "The world has changed since. This is the result of before; start again for the "
                "world as it is now.",
                icon=":material/history:",
            )
        _RESULTS[family](done)


frame.heading("gridworld.py")
grid_world.draw()
family = grid_methods.draw()
st.caption("The work goes on when you leave this page, reload it or close the browser.")
with st.container(key="grid_outcome"):
    grid_board.draw(family)
    _results(family)
grid_earlier.draw()
if "grid_started" in st.session_state:
    revealing.draw("grid_outcome", st.session_state["grid_started"])
