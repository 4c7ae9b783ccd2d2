"""What agents learnt: side by side, against the exact values, and how they walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.figures.gridworld import (
    describe_error_curve,
    describe_learning_curve,
    describe_map,
    error_curve_figure,
    learning_curve_figure,
    map_figure,
)
from mlcore.gridworld.views import LAST, Verdict, agents_board, places_frame
from mlcore.gridworld.world import GridWorld
from mlcore.messages import Message, message
from mlcore.training.grid_runs import GridRun
from pages.ui import grid_player, show
from pages.ui.downloads import frame_button
from pages.ui.grid_player import Episode, Film
from pages.ui.grid_runs import (
    choose,
    curves,
    frame,
    learnt,
    model_of_run,
    names_of,
    notes,
    tiles,
    world_of,
)
from pages.ui.panels import grid_use
from pages.ui.panels.grid_solved import policy_table
from pages.ui.text import literal

#: Up to so many episodes of all agents can be downloaded one by one.
_MOST_EPISODES = 500_000
#: So many runs are compared at first.
_FIRST = 6

_MEASURES = {
    "discounted_return": "Discounted return",
    "return": "Sum of rewards",
    "length": "Steps",
}
_VERDICTS = {
    Verdict.BEST: "Best mean",
    Verdict.WORSE: "Worse than the best",
    Verdict.NO_CLEAR_DIFFERENCE: "Cannot be told from the best",
    Verdict.TOO_FEW: "Too few agents to tell",
}


def draw(done: Sequence[GridRun]) -> None:
    """Draw the results of the agents in a world."""
    names = names_of(done)
    st.subheader("What the agents learnt")
    shown = _choose(done, names)
    if not shown:
        st.caption("Choose at least one run.")
        return
    _board(shown, names)
    _curves(shown, names)
    _one(shown)


def _choose(done: Sequence[GridRun], names: Mapping[str, str]) -> list[GridRun]:
    """Draw the choice of the runs that are set side by side."""
    known = [run.id for run in done]
    seen: set[str] = st.session_state.setdefault("grid_compared_seen", set())
    arrived = [run for run in known[-_FIRST:] if run not in seen]
    number = st.session_state.get("grid_compared_number", 0)
    before = st.session_state.get(_box(done, number), known[-_FIRST:])
    if arrived:
        # What was just trained joins; in a box of its own, which the browser cannot contradict.
        seen.update(known)
        number += 1
        st.session_state["grid_compared_number"] = number
    key = _box(done, number)
    st.session_state[key] = [run for run in known if run in before or run in arrived]
    if len(done) > 1:
        st.multiselect(
            "Runs side by side",
            known,
            format_func=lambda identifier: names[identifier],
            key=key,
            placeholder="Choose one or several",
        )
    return [run for run in done if run.id in st.session_state[key]]


def _box(done: Sequence[GridRun], number: int) -> str:
    """Return the key of the box of runs; each world has its own."""
    return f"grid_compared_{done[0].world}_{number}"


def _board(shown: Sequence[GridRun], names: Mapping[str, str]) -> None:
    board = agents_board(learnt(shown, names))
    several = len(board) > 1
    table = pd.DataFrame(
        {
            "Run": board["name"],
            "Agents": board["seeds"],
            "Episodes": board["episodes"],
            "Mean return": board["mean"],
            "From": board["low"],
            "To": board["high"],
            "Behind the best": board["behind"].fillna(0.0),
            "Verdict": [_VERDICTS[Verdict(one)] for one in board["verdict"]],
        }
    )
    show.table(
        table if several else table.drop(columns=["Behind the best", "Verdict"]),
        alt="Agents side by side, the best first",
        column_config={
            name: st.column_config.NumberColumn(format="%.4g")
            for name in ("Mean return", "From", "To", "Behind the best")
        },
    )
    st.caption(
        f"Mean discounted return of the last {LAST:.0%} of the episodes, with a 95 % interval over "
        "the agents. Agents go on exploring while they learn, and pay for it."
    )
    if several:
        st.markdown(_told(board))


def _told(board: pd.DataFrame) -> str:
    best = board.iloc[0]
    worse = board[board["verdict"] == Verdict.WORSE.value]
    unclear = board[board["verdict"] == Verdict.NO_CLEAR_DIFFERENCE.value]
    said = []
    for _, row in worse.iterrows():
        said.append(
            f"**{literal(best['name'])}** gets more than **{literal(row['name'])}**, by "
            f"{literal(f'{row.behind:.4g}')} on average (95 % interval "
            f"{literal(f'{row.behind_low:.4g}')} to {literal(f'{row.behind_high:.4g}')})."
        )
    for _, row in unclear.iterrows():
        said.append(
            f"Between **{literal(best['name'])}** and **{literal(row['name'])}** these agents show "
            "no clear difference; more agents may."
        )
    if (board["verdict"] == Verdict.TOO_FEW.value).any():
        said.append("One agent shows chance: train several to tell methods apart.")
    return "  \n".join(said)


def _curves(shown: Sequence[GridRun], names: Mapping[str, str]) -> None:
    called = {run.id: names[run.id] for run in shown}
    measure = st.segmented_control(
        "Measure",
        list(_MEASURES),
        format_func=lambda name: _MEASURES[name],
        default="discounted_return",
        required=True,
        key="grid_measure",
    )
    found = curves(called, "episodes", str(measure))
    lines = _lines(called) if measure == "discounted_return" else _lines({})
    show.figure(
        learning_curve_figure(found, lines, str(measure)),
        describe_learning_curve(found, lines, str(measure)),
        "grid_curves",
    )
    if len(found):
        st.caption(
            f"Each line is a mean over the agents and over the last {found['window'].max():.0f} "
            "episodes, its band the 95 % interval of that mean. Very bad first episodes may lie "
            "below the picture; double-click to see all."
        )
    errors = curves(called, "errors")
    if len(errors):
        show.figure(error_curve_figure(errors), describe_error_curve(errors), "grid_errors")
        st.caption(
            "Each line is the agent in the middle, its band the middle half of the agents.  \n"
            + "  \n".join(map(literal, _yardsticks(shown)))
        )


def _yardsticks(shown: Sequence[GridRun]) -> list[Message]:
    """Return a sentence for each kind of values: what they are measured against."""
    named: dict[str, list[str]] = {}
    for run in shown:
        if run.spec.estimates and run.spec.name not in named.setdefault(run.spec.estimates, []):
            named[run.spec.estimates].append(run.spec.name)
    return [
        message(f"gridworld.estimates.{kind}", names=", ".join(names))
        for kind, names in named.items()
    ]


def _lines(shown: Mapping[str, str]) -> pd.DataFrame:
    """Return the exact values of the runs, each once."""
    found = [frame(run, "lines") for run in shown]
    known = [table for table in found if len(table)]
    if not known:
        return pd.DataFrame(columns=["name", "label", "value"])
    return pd.concat(known, ignore_index=True).drop_duplicates(["label", "value"])


# --- one of them -------------------------------------------------------------------------------


def _one(shown: Sequence[GridRun]) -> None:
    st.subheader("Look at one of them")
    run = choose("grid_learnt", shown, "Run")
    show.notes(notes(run.id))
    parts = ["Policy map", "Replay", "Visits", "Table", "Use it"]
    opened = st.tabs(parts, key="grid_learnt_part", on_change="rerun")
    for part, tab in zip(parts, opened, strict=True):
        if tab.open:
            with tab:
                _PARTS[part](run)


def _policy(run: GridRun) -> None:
    st.caption(
        "Colours and numbers are what the agents hold a cell to be worth, mean over all of them. "
        "Click a cell to set what was learnt beside what the equation makes of it."
    )
    _player(run, (), "grid_learnt_player")


def _replay(run: GridRun) -> None:
    replay = frame(run.id, "replay")
    episodes = [_episode(number, steps) for number, steps in replay.groupby("episode")]
    st.caption("First, middle and last episode of the first agent, over what it knew in the end.")
    _player(run, episodes, "grid_replay_player")


def _episode(number: object, steps: pd.DataFrame) -> Episode:
    ordered = steps.sort_values("step")
    walked = ordered[ordered["action"] != ""]
    return Episode(
        name=f"Episode {number}",
        states=ordered["state"].tolist(),
        actions=walked["action"].tolist(),
        rewards=walked["reward"].tolist(),
    )


def _player(run: GridRun, episodes: Sequence[Episode], key: str) -> None:
    model, cells = model_of_run(run), tiles(run, "value")
    words = describe_map(cells, model.rows, model.columns, "value")
    if model.n_states > grid_player.MOST_STATES:
        drawn = map_figure(cells, model.rows, model.columns, "value")
        show.figure(drawn, words, f"{key}_map")
        return
    grid_player.draw_kept(run.id, lambda: _film(run, episodes, words), key)


def _film(run: GridRun, episodes: Sequence[Episode], alt: str) -> Film:
    model, policy = model_of_run(run), frame(run.id, "policy").sort_values("state")
    return Film(
        world=world_of(run),
        model=model,
        sweeps=[0],
        values=policy["value"].to_numpy(dtype=np.float64)[None, :],
        learnt=policy[[f"q:{name}" for name in model.actions]].to_numpy(dtype=np.float64),
        untried=(policy["visits"].eq(0) & ~policy["terminal"]).to_numpy(),
        episodes=episodes,
        chosen=None if episodes else grid_player.first_state(model),
        alt=alt,
    )


def _visits(run: GridRun) -> None:
    model, cells = model_of_run(run), tiles(run, "visits")
    world = world_of(run)
    places = places_frame(world) if isinstance(world, GridWorld) else None
    show.figure(
        map_figure(cells, model.rows, model.columns, "visits", places),
        describe_map(cells, model.rows, model.columns, "visits"),
        f"grid_visits_{run.id}",
    )
    st.caption(
        "How often the agents acted in each cell, all of them together. Nobody acts in a wall, at "
        "the end of an episode, or where one is carried off at once: these cells are empty."
    )


def _table(run: GridRun) -> None:
    policy_table(run)
    setting = run.plan.setting
    if int(str(setting["seeds"])) * int(str(setting["episodes"])) > _MOST_EPISODES:
        return
    frame_button(
        "Learning curve of every agent (.csv)",
        "grid_episodes_csv",
        frame(run.id, "episodes"),
        f"{run.name}_episodes.csv",
    )


_PARTS = {
    "Policy map": _policy,
    "Replay": _replay,
    "Visits": _visits,
    "Table": _table,
    "Use it": grid_use.draw,
}
