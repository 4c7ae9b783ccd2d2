"""The results of clusterings: every part on every kind of run, and what cannot be shown."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from stocked import bring, cluster
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.experiment import ClusterSetup, default_cluster_setup
from mlcore.splitting import SampleConfig
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace
from pages.ui.panels.cluster_map import counts_of, rows_of
from pages.ui.panels.cluster_rows import chosen_rows
from pages.ui.text import literal

#: Four lengths and a weight: what three species of penguins differ in.
MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]

PARTS = ["Groups", "Map", "Scores", "Known classes", "Rows", "Details", "Download"]

#: DBSCAN with these finds groups and leaves some rows out.
WITH_NOISE = {"dbscan": {"eps": 0.5, "min_samples": 8}}
#: … and with these leaves out every row.
ALL_NOISE = {"dbscan": {"eps": 0.001, "min_samples": 50}}


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def open_part(app: AppTest, run: str, part: str) -> AppTest:
    """Look at one part of a run."""
    app.session_state["cluster_run"] = run
    app.session_state["cluster_part"] = part
    app.run()
    assert_sound(app)
    assert app.selectbox(key="cluster_run").value == run
    return app


def tables(app: AppTest) -> list[pd.DataFrame]:
    return [element.value for element in app.dataframe]


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    """Return the first table on the screen that has a column."""
    return next(table for table in tables(app) if column in table.columns)


def bring_runs(
    workspace: Workspace, *algorithms: str, features=MEASURES, params=WITH_NOISE
) -> list[str]:
    identifier = bring(workspace, "penguins")
    return cluster(workspace, identifier, *algorithms, features=features, params=params)


def test_nothing_is_there_before_the_first_run(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = visit("cluster.py")
    assert_sound(app)
    assert "No groups were looked for in this table yet" in words(app)
    assert "cluster_run" not in [box.key for box in app.selectbox]


@pytest.mark.parametrize("algorithm", ["k_means", "dbscan", "gaussian_mixture"])
def test_each_part_of_the_results(visit, workspace: Workspace, algorithm) -> None:
    (run,) = bring_runs(workspace, algorithm)
    app = visit("cluster.py")
    assert_sound(app)
    for part in PARTS:
        open_part(app, run, part)
        assert part in [tab.label for tab in app.tabs]
    keys = [button.key for button in app.button]
    assert {"download_bundle", "download_rows", "download_profile"} <= set(keys)
