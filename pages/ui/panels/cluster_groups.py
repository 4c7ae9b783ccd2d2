"""What each group is: its size, what sets it apart, and whether it comes back."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.evaluation.profiles import describe_clusters, heatmap_frame
from mlcore.figures.clusters import cluster_color, describe_size, size_figure
from mlcore.figures.profiles import describe_profile, profile_figure
from mlcore.figures.tree import describe_tree, tree_figure
from mlcore.messages import Message
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts
from pages.ui.text import literal

#: Groups that are described before the others are folded.
_FIRST_DESCRIBED = 8

#: What is said of a group's stability, and how it is coloured.
_VERDICTS = {
    "highly_stable": ("highly stable", "green"),
    "stable": ("stable", "green"),
    "doubtful": ("doubtful", "orange"),
    "not_trusted": ("not to be trusted", "red"),
    "trivial": ("the only group", "gray"),
    "unknown": ("stability not known", "gray"),
}

_EVERY = "Every group"

#: Letters of a rule that fit into one line of their table, and the height in pixels of two lines.
_ONE_LINE, _TWO_LINES = 70, 56


def draw(run: Run) -> None:
    """Draw sizes and sentences, the profile as a picture and as a table, and the rules."""
    clusters = cluster_facts.frame(run.id, "clusters")
    profile = cluster_facts.frame(run.id, "profile")
    sizes, words = st.columns([2, 3], gap="large")
    with sizes:
        st.markdown("**How many rows each has**")
        show.figure(size_figure(clusters), describe_size(clusters), "cluster_sizes")
    with words:
        st.markdown("**What sets each apart**")
        _describe(clusters, profile)
    if not profile.empty and len(clusters) > 1:
        _draw_profile(profile)
    _draw_rules(run)


def _describe(clusters: pd.DataFrame, profile: pd.DataFrame) -> None:
    lines = clusters.to_dict("records")
    said = describe_clusters(profile, {str(line["cluster"]): int(line["rows"]) for line in lines})
    first, rest = lines[:_FIRST_DESCRIBED], lines[_FIRST_DESCRIBED:]
    for line in first:
        _describe_one(line, said)
    if rest:
        with st.expander(f"{len(rest)} more"):
            for line in rest:
                _describe_one(line, said)
    if "verdict" in clusters and clusters["verdict"].notna().any():
        st.caption(
            "The badge says whether the group comes back when the rows are drawn anew: mean "
            "Jaccard similarity with the group most like it, highly stable from 0.85, stable from "
            "0.75, not to be trusted below 0.6 (Hennig)."
        )


def _describe_one(line: dict[Any, Any], said: dict[str, Message]) -> None:
    st.markdown(f"{literal(said[str(line['cluster'])])} {_badge(line)}")


def _badge(line: dict[Any, Any]) -> str:
    """Return the verdict on a group's stability with its number; nothing for noise."""
    if pd.isna(line.get("verdict")):
        return ""
    words, colour = _VERDICTS[line["verdict"]]
    value = "" if pd.isna(line["jaccard"]) else f" {line['jaccard']:.2f}"
    return f":{colour}-badge[{words}{value}]"


def _draw_profile(profile: pd.DataFrame) -> None:
    st.markdown("**How each differs from all other rows**")
    cells = heatmap_frame(profile)
    show.figure(profile_figure(cells), describe_profile(cells), "cluster_profile_figure")
    st.caption(
        "Effect sizes: how far the group lies from all other rows, in standard deviations (numbers "
        "and dates) or on a like scale (shares). About 0.2 is small, 0.5 medium, 0.8 large. There "
        "are no p-values on purpose: the groups were made to differ in these columns."
    )
    names = list(dict.fromkeys(profile["cluster"]))
    chosen = st.selectbox(
        "Profile of",
        [_EVERY, *names],
        format_func=lambda name: name if name == _EVERY else cluster_facts.title(name),
        key="cluster_profile_of",
    )
    shown = profile if chosen == _EVERY else profile[profile["cluster"] == chosen]
    show.table(_readable(shown), alt="The profile of the groups", column_config=_COLUMNS)
    frame_button("Download as CSV", "cluster_profile_csv", profile, "profile.csv")


_COLUMNS = {
    "Effect": st.column_config.NumberColumn(
        format="%.2f",
        help="Cohen's d for numbers and dates, Cohen's h for shares. Positive: more in the group.",
    ),
    "Of the value": st.column_config.NumberColumn(
        format="percent",
        help="Of all rows with this value, the share that lies in the group.",
    ),
    "Missing": st.column_config.NumberColumn(
        format="percent", help="Share of the group's rows without a value in this column."
    ),
}


def _readable(profile: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Group": profile["cluster"],
            "Column": profile["column"],
            "Value": profile["value"],
            "In the group": profile["inside_text"],
            "All other rows": profile["outside_text"],
            "Effect": profile["effect"],
            "Size": profile["size"],
            "Of the value": profile["captured"],
            "Missing": profile["missing_inside"],
        }
    )


_RULE_COLUMNS = {
    "cluster": st.column_config.TextColumn("Group", width=60),
    "rule": st.column_config.TextColumn("Rule", width=520),
    "rows": st.column_config.NumberColumn("Rows", width=70, help="Rows the rule holds for."),
    "share_right": st.column_config.NumberColumn(
        "Right",
        width=80,
        format="percent",
        help="Of these rows, the share that is in the group.",
    ),
    "share_of_cluster": st.column_config.NumberColumn(
        "Of the group",
        width=100,
        format="percent",
        help="Of the group's rows, the share that the rule finds.",
    ),
}


def _draw_rules(run: Run) -> None:
    st.markdown("**A few rules that describe the groups**")
    verdict = json.loads(cluster_facts.frame(run.id, "tree_verdict")["message"].iloc[0])
    st.markdown(literal(Message.from_json(verdict)))
    rules = cluster_facts.frame(run.id, "rules")
    tree = stored.run_frame(run.id, "tree")
    if rules.empty or tree is None:
        return
    show.table(
        rules,
        alt="The rules, with how many rows each holds for and how often it is right",
        height="content",
        row_height=_TWO_LINES if rules["rule"].str.len().max() > _ONE_LINE else None,
        column_config=_RULE_COLUMNS,
    )
    frame_button("Download as CSV", "cluster_rules_csv", rules, "rules.csv")
    if len(tree) > 1:
        with st.expander("The same as a tree", icon=":material/account_tree:"):
            show.figure(tree_figure(tree, cluster_color), describe_tree(tree), "cluster_tree")
