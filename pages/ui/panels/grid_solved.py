"""What came of solving a world: the values sweep by sweep, how sure they are, and the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.figures.gridworld import describe_map, describe_sweeps, map_figure, sweeps_figure
from mlcore.gridworld.policies import probabilities, told, value_of
from mlcore.gridworld.wording import error_words
from mlcore.gridworld.world import GridWorld
from mlcore.training.grid_runs import GridRun
from pages.ui import grid_player, show
from pages.ui.grid_player import Film
from pages.ui.grid_runs import (
    choose,
    figures,
    frame,
    model_of_run,
    names_of,
    notes,
    tiles,
    world_of,
)
from pages.ui.panels import grid_stretches, grid_use
from pages.ui.text import duration, literal, number

#: So many values are sent to the player; of large worlds, not every sweep.
_MOST_VALUES = 250_000
#: So many rows of the policy's table are sent to the screen.
_MOST_ROWS = 5000
#: What is told in large figures, and what it means.
_TOLD = {
    "start_value": "What an agent earns on average from there on, later rewards discounted.",
    "error_bound": "No value is farther from the exact one than this. It is proved, not guessed.",
    "sweeps": "How often the values of all cells were worked out anew.",
    "seconds": "What the computation alone took, without starting it and showing it.",
}
#: What this planner does sweep by sweep, every picture of it shows already.
_HORIZON = "finite_horizon"
#: The planner that judges a policy instead of looking for the best one.
_EVALUATION = "policy_evaluation"


def draw(done: Sequence[GridRun]) -> None:
    """Draw the results of the planners in a world."""
    names = names_of(done)
    st.subheader("What each cell is worth")
    run = choose("grid_run", done)
    _certified(run)
    _played(run)
    parts = ["Sweeps", "Policy", "Use it"]
    for part, opened in zip(parts, st.tabs(parts, key="grid_part", on_change="rerun"), strict=True):
        if opened.open:
            with opened:
                _PARTS[part](run, done, names)
    grid_stretches.draw(run)


def _certified(run: GridRun) -> None:
    """Say how sure the numbers are, and what they took."""
    found = figures(run.id)
    with st.container(horizontal=True):
        for name, meaning in _TOLD.items():
            if np.isfinite(found.get(name, np.nan)):
                st.metric(_label(run, name), _written(name, found[name]), help=meaning)
    st.caption(literal(run.name))
    show.notes(notes(run.id))


def _label(run: GridRun, name: str) -> str:
    if name == "start_value":
        return _value_label(run)
    if name == "sweeps":
        return f"{run.spec.counts.capitalize()}s"
    return {"error_bound": "Certified error, at most", "seconds": "Time"}[name]


def _value_label(run: GridRun) -> str:
    """Return what the value at the start is called; without a start it is a mean."""
    world = world_of(run)
    anywhere = isinstance(world, GridWorld) and not world.starts.any()
    return "Mean value of the cells" if anywhere else "Value at the start"


def _written(name: str, value: float) -> str:
    if name == "error_bound":
        return error_words(value)
    return {"seconds": duration, "start_value": number}.get(name, "{:,.0f}".format)(value)


def _played(run: GridRun) -> None:
    model, cells = model_of_run(run), tiles(run, "value")
    words = describe_map(cells, model.rows, model.columns, "value")
    if model.n_states > grid_player.MOST_STATES:
        drawn = map_figure(cells, model.rows, model.columns, "value")
        show.figure(drawn, words, "grid_values")
        st.caption(
            "A world this large is shown as a whole; the table of the policy has its cells. Where "
            "there are only walls, the map is empty."
        )
    else:
        grid_player.draw_kept(run.id, lambda: _film(run, words), "grid_player")


def _film(run: GridRun, alt: str) -> Film:
    model = model_of_run(run)
    values = frame(run.id, "values").sort_values(["sweep", "state"], kind="stable")
    known = values["sweep"].drop_duplicates()
    sweeps = _spread(known, max(2, _MOST_VALUES // model.n_states))
    values = values[values["sweep"].isin(sweeps)]
    changes = frame(run.id, "sweeps").drop_duplicates("sweep").set_index("sweep").reindex(sweeps)
    policy = frame(run.id, "policy")
    weights = probabilities(policy, model) if run.method == _EVALUATION else None
    return Film(
        world=world_of(run),
        model=model,
        sweeps=sweeps,
        counts=run.spec.counts,
        values=values["value"].to_numpy(dtype=np.float64).reshape(len(sweeps), model.n_states),
        notes=[_said(change) for change in changes["largest_change"]],
        weights=weights,
        chosen=grid_player.first_state(model),
        alt=alt,
    )


def _spread(sweeps: pd.Series, most: int) -> list[int]:
    """Return at most so many sweeps, evenly spread; the first and the last stay."""
    kept = np.linspace(0, len(sweeps) - 1, min(most, len(sweeps))).round().astype(int)
    return [int(number) for number in sweeps.iloc[np.unique(kept)]]


def _said(change: float) -> str:
    return "" if pd.isna(change) else f"largest change {error_words(change)}"


def _sweeps(run: GridRun, done: Sequence[GridRun], names: dict[str, str]) -> None:
    compared = done[-6:]
    _changes([one for one in compared if one.method != _HORIZON], names)
    label = _value_label(run)
    rows = [{"Run": names[one.id], **_row(label, figures(one.id))} for one in reversed(compared)]
    show.table(
        pd.DataFrame(rows),
        alt="Runs in this world, side by side",
        column_config={
            "Certified error": st.column_config.TextColumn(
                help="No value is farther from the exact one than this."
            ),
            "Backups": st.column_config.NumberColumn(
                format="localized",
                help="How often the value of a cell was worked out anew from its neighbours.",
            ),
            label: st.column_config.NumberColumn(format="%.6g"),
            "Seconds": st.column_config.NumberColumn(format="%.3f"),
        },
    )


def _changes(compared: Sequence[GridRun], names: dict[str, str]) -> None:
    """Draw how the values settle; with a fixed number of steps they need not."""
    if not compared:
        return
    tables = [frame(one.id, "sweeps").assign(run=names[one.id]) for one in compared]
    sweeps = pd.concat(tables, ignore_index=True)
    show.figure(sweeps_figure(sweeps), describe_sweeps(sweeps), "grid_sweeps")
    if sweeps.groupby("run")["error_bound"].count().min() < 2:
        st.caption(
            "Where there is no curve of the certified error, it is worked out once, at the end: "
            "without a discount a small change proves nothing by itself, and in large worlds it "
            "would cost more than the sweep."
        )


def _row(value_label: str, found: Mapping[str, float]) -> dict[str, float | str | None]:
    return {
        value_label: found.get("start_value"),
        "Certified error": error_words(found["error_bound"]),
        "Sweeps or rounds": found.get("sweeps"),
        "Backups": found.get("backups"),
        "Seconds": found.get("seconds"),
    }


def policy_table(run: GridRun) -> None:
    """Draw the policy of a run as a table."""
    policy, model = frame(run.id, "policy"), model_of_run(run)
    shown = told(policy.head(_MOST_ROWS), model)
    show.table(
        shown,
        alt="For each cell what to do there, and what it is worth",
        column_config={
            name: st.column_config.NumberColumn(format="%.4f")
            for name in ("value", *map(value_of, model.actions))
        },
    )
    if len(policy) > _MOST_ROWS:
        st.caption(
            f"The first {_MOST_ROWS:,} of {len(policy):,} cells; the download has all of them."
        )


_PARTS = {
    "Sweeps": _sweeps,
    "Policy": lambda run, done, names: policy_table(run),
    "Use it": lambda run, done, names: grid_use.draw(run),
}
