"""What several parts of the page on few labels read, worked out once for all reruns."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.few_label_checks import FewLabels, check_few_labels
from mlcore.evaluation.label_draws import gain_frame
from mlcore.evaluation.label_reach import GIVEN, UNLABELLED
from mlcore.findings import Finding
from mlcore.splitting import FewLabelsConfig
from mlcore.training.predictions import predictions_frame
from mlcore.training.runs import Run
from mlcore.workflow.table import known_labels
from pages.ui import stored
from pages.ui.session import session, workspace
from pages.ui.text import literal

#: Rows that one table on the screen shows at most.
MOST_SHOWN = 1000


def labels(table: Dataset, target: str, config: FewLabelsConfig) -> pd.Series:
    """Return the labels that count, as text, missing where a row has none; not to be changed."""
    plan = f"{session().dataset} {table.fingerprint} {target} {config.no_label} {config.typed}"
    return _labels(workspace().user, plan, table, target, config)


@st.cache_resource(max_entries=16, show_spinner=False)
def _labels(
    user: str, plan: str, _table: Dataset, _target: str, _config: FewLabelsConfig
) -> pd.Series:
    return known_labels(_table, _target, _config)


def frame(run: str, name: str) -> pd.DataFrame:
    """Return a table that every run leaves behind."""
    found = stored.run_frame(run, name)
    assert found is not None, name
    return found


def config_of(run: Run) -> FewLabelsConfig:
    """Return which labels counted and which were hidden."""
    assert isinstance(run.experiment.split, FewLabelsConfig)
    return run.experiment.split


def count(run: str, origin: str) -> int:
    """Return how many rows got their answer so."""
    return int((frame(run, "rows")["origin"] == origin).sum())


def n_given(run: str) -> int:
    """Return how many labels were spread."""
    return count(run, GIVEN)


def n_unreached(run: str) -> int:
    """Return how many rows no label reached."""
    return count(run, UNLABELLED)


def n_unreached_groups(run: str) -> int:
    """Return into how many groups these rows fall."""
    rows = frame(run, "rows")
    return int(rows.loc[rows["origin"] == UNLABELLED, "component"].nunique())


def advice(run: Run) -> str:
    """Return what to do about rows that no label reaches."""
    return _facts(run).advice


def has_graph(run: Run) -> bool:
    """Return whether labels flowed along a graph of neighbours."""
    return any(param.name == "n_neighbors" for param in run.experiment.spec.params)


def gains(run: str) -> pd.DataFrame:
    """Return what the rows without a label add to accuracy, by number of labels; not to be changed.

    Several parts of the page ask for it in each redraw.
    """
    return _gains(workspace().user, run)


@st.cache_resource(max_entries=256, show_spinner=False)
def _gains(user: str, run: str) -> pd.DataFrame:
    return gain_frame(frame(run, "draws"))


def findings(run: Run) -> tuple[Finding, ...]:
    """Return what a careful colleague would point out."""
    return _findings(workspace().user, run.id, run)


@st.cache_data(max_entries=256, show_spinner=False)
def _findings(user: str, identifier: str, _run: Run) -> tuple[Finding, ...]:
    return check_few_labels(_facts(_run))


def _facts(run: Run) -> FewLabels:
    rows, shift, draws = (frame(run.id, name) for name in ("rows", "shift", "draws"))
    return FewLabels(rows=rows, shift=shift, draws=draws, values=run.experiment.params)


def is_of(run: Run, table: Dataset) -> bool:
    """Return whether the table is still the one that the run was made from."""
    return table.fingerprint == run.experiment.fingerprint


def say_changed() -> None:
    """Say why something cannot be shown for a table that has been changed."""
    st.info(
        "The table was changed after this run (a column has another kind now), so its rows are "
        "not shown beside these labels. Start the run again to have them.",
        icon=":material/info:",
    )


def rows_or_reason(run: Run, table: Dataset) -> pd.DataFrame | None:
    """Return every row of the table with its label, or say on the screen why that cannot be.

    Columns: the row's number, its label, its certainty, where the label comes from, the columns of
    the table, and the probabilities. A name that the table uses itself gets underscores behind it.
    """
    if not is_of(run, table):
        say_changed()
        return None
    try:
        return _rows(workspace().user, run.id)
    except UserError as error:
        st.warning(literal(error), icon=":material/warning:")
        return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _rows(user: str, run: str) -> pd.DataFrame:
    store = stored.runs()
    told = predictions_frame(store, run)
    names = list(told.columns)
    width = len(store.schema(run).names)
    row, part, label, certainty, *shares = [*names[:2], *names[2 + width :]]
    return told[[row, label, certainty, part, *names[2 : 2 + width], *shares]]


def share_names(rows: pd.DataFrame) -> list[str]:
    """Return our columns of probabilities: the last ones. The table may have such names, too."""
    is_share = [str(name).startswith(PROBABILITY) for name in reversed(rows.columns)]
    count = is_share.index(False) if False in is_share else len(is_share)
    return [str(name) for name in rows.columns[len(is_share) - count :]]
