"""What helps to choose the number of groups, or the radius, before groups are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.evaluation.choosing import MOST_ROWS
from mlcore.evaluation.criteria import CRITERIA, MEAN_BASED, consensus, suggestions
from mlcore.evaluation.density import eps_outcome, say_eps, suggest_eps
from mlcore.evaluation.hierarchy import cut, dendrogram_segments, height_for, say_cut, suggest_cut
from mlcore.evaluation.spectrum import say_eigengap, suggest_by_eigengap
from mlcore.figures.choosing import (
    describe_eigengap,
    describe_k_distance,
    describe_sweep,
    eigengap_figure,
    sweep_figure,
)
from mlcore.figures.dendrogram import describe_dendrogram, groups_below
from mlcore.figures.theme import GREY, color
from mlcore.messages import listing
from mlcore.params import FloatParam, IntParam, ParamValue
from mlcore.setups import ClusterSetup
from mlcore.workflow.exploring import KS, choice_plan
from pages.ui import level_chart, show, stored, watching
from pages.ui.downloads import frame_button
from pages.ui.level_chart import LevelChart, Line
from pages.ui.text import literal

#: What the button computes, by analysis.
_WHY = {
    "sweep": (
        f"Makes {KS.start} to {KS.stop - 1} groups, also of rows drawn anew and of evenly spread "
        "rows, and scores each number by several criteria."
    ),
    "dendrogram": "Draws the tree of joins, in which you choose where to cut.",
    "eigengap": "Looks for the gap between the eigenvalues of the graph of rows.",
    "k_distance": "Measures how far the neighbours of the rows are.",
}


def control(algorithm: str, param: str) -> str:
    """Return the key of the control of a parameter."""
    return f"cluster_{algorithm}_{param}"


def draw(
    table: Dataset, setup: ClusterSetup, spec: AlgorithmSpec, values: Mapping[str, ParamValue]
) -> None:
    """Draw the analyses that an algorithm declares, or the button that computes them."""
    if not spec.choosing:
        return
    title = "How many groups?" if spec.groups else "Which radius?"
    with st.expander(title, icon=":material/query_stats:", key=f"cluster_choosing_{spec.id}"):
        experiment = setup.experiment(table, spec.id, values)
        plan = choice_plan(experiment)
        frames = {name: stored.analysis(name, plan) for name in spec.choosing}
        found = {name: frame for name, frame in frames.items() if frame is not None}
        if len(found) < len(frames):
            _compute(spec, plan, {"setup": setup.to_json(), **_asked(experiment.to_json())})
            return
        for name, frame in found.items():
            _DRAW[name](spec, values, frame)
        _say_rows(found, len(table.frame))


def _asked(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain[name] for name in ("algorithm", "params")}


def _compute(spec: AlgorithmSpec, plan: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Draw the button that starts the job, the job's progress, or why it failed."""
    job = stored.analysis_job("choose", plan)
    if job is not None and job.is_active:
        watching.draw(job.id, cancel_key=f"cluster_choose_cancel_{spec.id}")
        return
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    st.caption(" ".join(_WHY[name] for name in spec.choosing))
    label = "Compare numbers of groups" if spec.groups else "Measure distances"
    if st.button(label, key=f"cluster_choose_{spec.id}", type="primary"):
        stored.start_analysis("choose", plan, payload)
        st.rerun()


def _say_rows(found: Mapping[str, pd.DataFrame], rows: int) -> None:
    used = max(int(frame["rows"].iloc[0]) for frame in found.values() if len(frame))
    if used < rows:
        st.caption(
            f"Worked out on {used:,} of {rows:,} rows, drawn by lot; at most {MOST_ROWS:,} are "
            "used here."
        )


def _set(spec: AlgorithmSpec, name: str, value: float) -> None:
    """Give a parameter's control a value, inside its bounds."""
    param = next(param for param in spec.params if param.name == name)
    assert isinstance(param, IntParam | FloatParam)
    inside = min(max(value, param.low), param.high)
    # More digits than the control shows would only look exact.
    plain = round(inside) if isinstance(param, IntParam) else float(f"{inside:.3g}")
    st.session_state[control(spec.id, name)] = plain


def _use_groups(
    spec: AlgorithmSpec, ks: list[int], source: str, now: ParamValue, label: str = "Use k = "
) -> None:
    """Draw a button for each number of groups that is suggested."""
    assert spec.groups is not None
    with st.container(horizontal=True):
        for k in sorted({k for k in ks if k > 1}):
            st.button(
                f"{label}{k}",
                key=f"cluster_use_{source}_{spec.id}_{k}",
                icon=":material/check:",
                on_click=_set,
                args=(spec, spec.groups, k),
                disabled=now == k,
                help="It is set already." if now == k else None,
            )


def _sweep(spec: AlgorithmSpec, values: Mapping[str, ParamValue], frame: pd.DataFrame) -> None:
    skipped = MEAN_BASED if spec.any_shape is not None and spec.any_shape(values) else ()
    found = suggestions(frame, skipped)
    verdict = consensus(found)
    st.markdown(f"**{literal(verdict)}**")
    agreed = verdict.parameters.get("k")
    ks = [int(agreed)] if agreed else [int(k) for k in found["k"]]
    _use_groups(spec, ks, "sweep", values[spec.groups or ""])
    if skipped:
        _say_skipped(skipped)
    readable = _readable(frame, found)
    show.table(
        readable,
        alt="Every criterion for each number of groups, with the number it suggests",
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.4g", width="small")
            for name in readable.columns[2:]
        }
        | {"Suggests": st.column_config.NumberColumn(format="%d", width="small")},
        placeholder="–",
    )
    _explain(found)
    show.figure(
        sweep_figure(frame, found), describe_sweep(frame, found), f"cluster_sweep_{spec.id}"
    )
    frame_button("Download as CSV", f"cluster_sweep_csv_{spec.id}", frame, "groups.csv")


def _say_skipped(skipped: Sequence[str]) -> None:
    """Say which criteria have no voice, and why."""
    names = listing(spec.label for spec in CRITERIA if spec.id in skipped)
    st.caption(
        f"{literal(names)} are shown and not asked for a number: they measure how far rows are "
        "from the mean of their group, and this algorithm finds groups of any shape."
    )


def _explain(found: pd.DataFrame) -> None:
    """Say what each criterion looks at and why it suggests its number."""
    known = {criterion.id: criterion for criterion in CRITERIA}
    with st.popover("Why these numbers", icon=":material/help:"):
        for criterion, label, how in zip(
            found["criterion"], found["label"], found["how"], strict=True
        ):
            st.markdown(f"**{label}.** {literal(how)}")
            st.caption(known[criterion].help)


def _readable(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return criteria by numbers of groups, those that have a value somewhere."""
    suggested = found.set_index("criterion")
    rows = [
        {
            "Criterion": criterion.label,
            "Suggests": suggested["k"].get(criterion.id),
            **{f"k = {k}": v for k, v in zip(frame["k"], frame[criterion.column], strict=True)},
        }
        for criterion in CRITERIA
        if frame[criterion.column].notna().any()
    ]
    return pd.DataFrame(rows)


def _k_distance(spec: AlgorithmSpec, values: Mapping[str, ParamValue], frame: pd.DataFrame) -> None:
    eps = float(str(values["eps"]))
    suggested = suggest_eps(frame)
    st.caption(
        "How far each row’s neighbour is, from the densest row to the loneliest. Drag the line to "
        "where the curve bends upwards: rows below it have enough neighbours within the radius."
    )
    level_chart.draw(
        _distances(frame, int(str(values["min_samples"]))),
        eps,
        key=control(spec.id, "level"),
        on_move=partial(_set, spec, "eps"),
    )
    st.markdown(literal(say_eps(frame, eps)))
    st.button(
        f"Use eps = {suggested:.3g}",
        key=f"cluster_use_eps_{spec.id}",
        icon=":material/check:",
        on_click=_set,
        args=(spec, "eps", suggested),
        help="Where the curve bends most: a first proposal.",
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _distances(frame: pd.DataFrame, min_samples: int) -> LevelChart:
    top = float(frame["distance"].max())
    thinned = frame.iloc[:: max(1, len(frame) // 500)]
    line = pd.concat([thinned, frame.tail(1)])
    steps = frame["distance"].quantile([percent / 100 for percent in range(101)])
    readings = [
        (float(distance), f"{eps_outcome(frame, float(distance)):.0%} core rows")
        for distance in steps
    ]
    return LevelChart(
        lines=[Line(x=line["position"].tolist(), y=line["distance"].tolist())],
        x_title="Rows, sorted by this distance",
        y_title=f"Distance to neighbour {min_samples}",
        x_ticks=True,
        low=max(top / 1000, 1e-3),
        high=max(1.05 * top, 2e-3),
        name="Radius (eps)",
        readings=[(0.0, "0% core rows"), *readings],
        alt=describe_k_distance(frame),
    )


def _dendrogram(spec: AlgorithmSpec, values: Mapping[str, ParamValue], frame: pd.DataFrame) -> None:
    param = next(param for param in spec.params if param.name == spec.groups)
    assert isinstance(param, IntParam)
    rows = len(frame) + 1
    if rows <= 2:
        st.caption("Two rows make a tree with a single join: there is nothing to choose.")
        return
    k = min(int(str(values[param.name])), rows)
    height, proposed = height_for(frame, k), suggest_cut(frame)
    st.caption(
        "Read from below: rows are joined to groups, the higher the less alike they are. Drag the "
        "line to where it crosses long branches; each branch it crosses is a group."
    )
    level_chart.draw(
        _tree(frame, height, min(param.high, rows)),
        height,
        key=control(spec.id, "level"),
        on_move=lambda level: _set(spec, param.name, cut(frame, level)),
    )
    st.markdown(literal(say_cut(frame, height)))
    _use_groups(
        spec, [cut(frame, proposed)], "cut", values[param.name], "Cut at the widest gap: k = "
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _tree(frame: pd.DataFrame, height: float, most: int) -> LevelChart:
    segments = dendrogram_segments(frame)
    groups = groups_below(segments, height)
    leaves = int((segments["leaf_rows"] > 0).sum())
    lines = [
        Line(
            x=line["x"].tolist(),
            y=line["y"].tolist(),
            color=GREY if groups[merge] < 0 else color(int(groups[merge])),
        )
        for merge, line in segments.groupby("line")
    ]
    tops = frame["height"].to_numpy()
    readings = [(float(tops[-k]), f"{k} groups") for k in range(most, 1, -1) if k <= len(tops)]
    return LevelChart(
        lines=lines,
        x_title=f"{leaves} branches of {len(frame) + 1:,} rows",
        y_title="Height of the join",
        x_ticks=False,
        low=height_for(frame, most),
        high=height_for(frame, 2),
        name="Cut of the tree",
        readings=[(0.0, f"{most} groups"), *readings],
        alt=describe_dendrogram(segments, height),
    )


def _eigengap(spec: AlgorithmSpec, values: Mapping[str, ParamValue], frame: pd.DataFrame) -> None:
    st.markdown(f"**{literal(say_eigengap(frame))}**")
    _use_groups(spec, [suggest_by_eigengap(frame)], "gap", values[spec.groups or ""])
    show.figure(eigengap_figure(frame), describe_eigengap(frame), f"cluster_eigengap_{spec.id}")


_DRAW = {
    "sweep": _sweep,
    "k_distance": _k_distance,
    "dendrogram": _dendrogram,
    "eigengap": _eigengap,
}
