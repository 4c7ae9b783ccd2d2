"""What several parts of the results of a clustering read, worked out once for all reruns."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.cluster_checks import check_clusters
from mlcore.evaluation.profiles import cluster_names
from mlcore.evaluation.stability import Stability
from mlcore.evaluation.structure import Structure
from mlcore.findings import Finding
from mlcore.training.predictions import predictions_frame
from mlcore.training.runs import Run
from pages.ui import stored
from pages.ui.session import workspace
from pages.ui.text import literal

#: Rows that one table on the screen shows at most.
MOST_SHOWN = 1000


def clusters(run: str) -> pd.Series:
    """Return the name of each row's cluster; the index holds the numbers of the rows."""
    return stored.evaluation(run).predictions.set_index("row")["predicted"]


def frame(run: str, name: str) -> pd.DataFrame:
    """Return a table that every clustering leaves behind."""
    found = stored.run_frame(run, name)
    assert found is not None, name
    return found


def scores(run: str) -> pd.DataFrame:
    """Return the scores of the clusters themselves: ``metric``, ``value``, ``rows``."""
    table = stored.evaluation(run).scores
    return table[table["fold"] == 0]


def stability(run: str) -> Stability | None:
    """Return what drawing the rows anew did, ``None`` where that was left out."""
    overall = stored.run_frame(run, "stability")
    by_cluster = stored.run_frame(run, "stability_clusters")
    if overall is None or by_cluster is None:
        return None
    return Stability(overall=overall, clusters=by_cluster)


def structure(run: str) -> Structure | None:
    """Return the test for structure of the run's columns."""
    found = stored.run_frame(run, "structure")
    return None if found is None else Structure.from_frame(found)


def findings(run: str) -> tuple[Finding, ...]:
    """Return what a careful colleague would point out."""
    return _findings(workspace().user, run)


@st.cache_data(max_entries=256, show_spinner=False)
def _findings(user: str, run: str) -> tuple[Finding, ...]:
    return check_clusters(
        scores(run),
        stability(run),
        stored.run_frame(run, "structure"),
        frame(run, "shuffled"),
        frame(run, "clusters"),
    )


def title(name: str) -> str:
    """Return what a cluster is called in a sentence or a menu."""
    return "Noise" if name == NOISE_NAME else f"Cluster {name}"


def group_count(run: str) -> str:
    """Return how many groups a run found, in words."""
    groups = sum(name != NOISE_NAME for name in names(run))
    return f"{groups} group{'s' if groups != 1 else ''}"


def names(run: str) -> list[str]:
    """Return the names of the clusters in order, noise last."""
    return cluster_names(frame(run, "clusters")["cluster"])


def is_of(run: Run, table: Dataset) -> bool:
    """Return whether the table is still the one that the groups were found in."""
    return table.fingerprint == run.experiment.fingerprint


def say_changed() -> None:
    """Say why something cannot be shown for a table that has been changed."""
    st.info(
        "The table was changed after this run (a column has another kind now), so its rows are "
        "not shown beside these groups. Start the run again to have them.",
        icon=":material/info:",
    )


def rows(run: str) -> pd.DataFrame:
    """Return the table with the cluster of each row, as it can be downloaded, our columns first.

    Columns: the row's number, its cluster, its silhouette where it was measured, whether it was
    in the sample, for a mixture the probabilities, and then the columns of the table. A name that
    the table uses itself gets underscores behind it.

    Raises
    ------
    UserError
        The table is gone or was changed since.
    """
    return _rows(workspace().user, run)


@st.cache_resource(max_entries=2, show_spinner=False)
def _rows(user: str, run: str) -> pd.DataFrame:
    store = stored.runs()
    told = predictions_frame(store, run)
    names = list(told.columns)
    width = len(store.schema(run).names)
    row, part, cluster, *shares = [*names[:2], *names[2 + width :]]
    silhouette = "silhouette"
    while silhouette in names:
        silhouette += "_"
    measured = frame(run, "silhouettes").set_index("row")["silhouette"]
    told[silhouette] = told[row].map(measured)
    return told[[row, cluster, silhouette, part, *shares, *names[2 : 2 + width]]]


def rows_or_reason(run: Run, table: Dataset) -> pd.DataFrame | None:
    """Return the rows of a run, or say on the screen why they cannot be shown."""
    if not is_of(run, table):
        say_changed()
        return None
    try:
        return rows(run.id)
    except UserError as error:
        st.warning(literal(error), icon=":material/warning:")
        return None
