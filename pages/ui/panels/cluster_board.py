"""All clusterings of a table side by side."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlcore.evaluation.agreement import pairwise_agreement
from mlcore.evaluation.cluster_board import BOARD_METRICS, ClusterRunScores, cluster_board
from mlcore.evaluation.clusters import find_cluster_metric
from mlcore.figures.agreement import agreement_figure, describe_agreement
from mlcore.training.runs import Run
from pages.ui import run_changes, show, stored
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts
from pages.ui.session import workspace

#: Runs whose agreement is drawn at first, the newest; each pair takes time on many rows.
_FIRST_COMPARED = 8

_SHUFFLED = "Beats shuffled"


def best(runs: Sequence[Run]) -> str:
    """Return the run that stands first on the board."""
    return str(_board(runs)["id"].iloc[0])


def _board(runs: Sequence[Run]) -> pd.DataFrame:
    return _cached_board(workspace().user, tuple((run.id, run.name) for run in runs), runs)


@st.cache_data(max_entries=32, show_spinner=False)
def _cached_board(
    user: str, names: tuple[tuple[str, str], ...], _runs: Sequence[Run]
) -> pd.DataFrame:
    return cluster_board([_scores(run) for run in _runs])


def _scores(run: Run) -> ClusterRunScores:
    return ClusterRunScores(
        id=run.id,
        name=run.name,
        algorithm=run.experiment.spec.name,
        evaluation=stored.evaluation(run.id),
        findings=cluster_facts.findings(run.id),
    )


def draw(trained: Sequence[Run], untrained: Sequence[Run]) -> None:
    """Draw the table of runs, how far they agree, and what can be done with them."""
    board = _board(trained)
    _draw_table(_readable(board))
    st.caption(
        "The most stable runs come first, then those with the higher silhouette. No score decides "
        "alone: stability favours few groups, and the others favour round ones. Look at what sets "
        "the groups apart."
    )
    if len({_basis(run) for run in trained}) > 1:
        st.caption(
            ":material/warning: The runs were made from different columns, or columns prepared "
            "differently. Their silhouettes and the like are measured in different spaces, so "
            "compare them only between runs that share both. Agreement can always be compared."
        )
    with st.container(horizontal=True):
        frame_button("Download as CSV", "cluster_board_csv", board, "clusterings.csv")
        run_changes.rename_or_delete(trained, "cluster")
    run_changes.without_result(untrained, "cluster")
    if len(trained) > 1:
        _draw_agreement(trained)


def _basis(run: Run) -> str:
    """Return what the distances between rows depend on."""
    plain = run.experiment.to_json()
    return json.dumps([plain["features"], plain["preparation"]], sort_keys=True)


def _readable(board: pd.DataFrame) -> pd.DataFrame:
    """Return the board's columns as people read them, numbers kept as numbers."""
    columns: dict[str, object] = {"Run": board["name"]}
    for metric in BOARD_METRICS:
        columns[find_cluster_metric(metric).label] = board[metric]
    columns["Stability"] = board["stability"]
    columns["± Stability"] = board["stability_std"]
    columns[_SHUFFLED] = board["beats_shuffled"].replace("", "–")
    columns["Seconds"] = board["fit_seconds"]
    columns["Algorithm"] = board["algorithm"]
    return pd.DataFrame(columns)


def _draw_table(readable: pd.DataFrame) -> None:
    specs = [find_cluster_metric(metric) for metric in BOARD_METRICS]
    scores = {
        spec.label: st.column_config.NumberColumn(
            format="percent" if spec.id == "noise_share" else show.digits(readable[spec.label]),
            help=spec.help,
        )
        for spec in specs
    }
    show.table(
        readable,
        alt="Every run with the number of its groups, its scores and their stability",
        column_config=scores | _COLUMNS,
    )


_COLUMNS = {
    "Stability": st.column_config.NumberColumn(
        format="%.3f",
        help="Agreement with the groups that are found when the rows are drawn anew (adjusted Rand "
        "index, mean over the repetitions): 1 means the same groups, 0 chance. Empty where it was "
        "not measured or there is only one group.",
    ),
    "± Stability": st.column_config.NumberColumn(
        format="%.3f", help="Standard deviation over the repetitions."
    ),
    _SHUFFLED: st.column_config.TextColumn(
        help="Whether the silhouette is higher than on tables in which each column was shuffled by "
        "itself, which have no groups across columns.",
    ),
    "Seconds": st.column_config.NumberColumn(
        format="%.3g", help="To find the groups once; repetitions come on top."
    ),
}


def _draw_agreement(trained: Sequence[Run]) -> None:
    names = distinct_names(trained)
    newest = [run.id for run in trained][-_FIRST_COMPARED:]
    with st.expander("How far the runs agree with each other", expanded=len(trained) <= 4):
        chosen = newest
        if len(trained) > 2:
            chosen = st.multiselect(
                "Runs",
                list(names),
                default=newest,
                format_func=lambda run: names[run],
                key=f"cluster_agreement_{'_'.join(newest)}",
            )
        if len(chosen) < 2:
            st.info("Choose at least two runs.", icon=":material/info:")
            return
        agreement = _agreement(workspace().user, tuple((names[run], run) for run in chosen))
        show.figure(
            agreement_figure(agreement), describe_agreement(agreement), "cluster_agreement_figure"
        )
        st.caption(
            "1 means that both runs put the same rows together, 0 that they agree as much as "
            "chance would have it. Runs that agree can still be wrong together."
        )
        frame_button("Download as CSV", "cluster_agreement_csv", agreement, "agreement.csv")


def distinct_names(runs: Sequence[Run]) -> dict[str, str]:
    """Return a name for each run; those of one name are told apart by what they found."""
    count = Counter(run.name for run in runs)
    names: dict[str, str] = {}
    for run in runs:
        name = run.name
        if count[name] > 1:
            name = f"{name}, {cluster_facts.group_count(run.id)}"
        names[run.id] = _free(name, set(names.values()))
    return names


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return next(found for found in [name, *numbered] if found not in taken)


@st.cache_data(max_entries=32, show_spinner="Comparing the runs …")
def _agreement(user: str, runs: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pairwise_agreement({name: cluster_facts.clusters(run) for name, run in runs})
