"""The results of clusterings: every part on every kind of run, and what cannot be shown."""

from __future__ import annotations

import pandas as pd
import pytest
import stocked
import streamlit as st
from stocked import bring, cluster, train
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.registry.formats import formats_for
from mlcore.setups import default_cluster_setup
from mlcore.tasks import Task
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore, submit_training
from mlcore.workspace import Workspace
from pages.ui.panels.cluster_board import distinct_names
from pages.ui.panels.cluster_map import counts_of, rows_of
from pages.ui.panels.cluster_rows import chosen_rows
from pages.ui.text import literal

#: Three lengths and a weight, in which three species of penguins differ.
MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]

PARTS = ["Groups", "Map", "Scores", "Known classes", "Rows", "Details", "Download"]

PARAMS = {
    "k_means": {"n_clusters": 3},
    "gaussian_mixture": {"n_components": 3},
    # Finds groups and leaves some rows out.
    "dbscan": {"eps": 0.5, "min_samples": 8},
}
ALL_NOISE = {"dbscan": {"eps": 0.001, "min_samples": 50}}
ONE_GROUP = {"dbscan": {"eps": 100.0, "min_samples": 5}}


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


def table_with(app: AppTest, *columns: str) -> pd.DataFrame:
    """Return the table on the screen that has these columns."""
    return next(table.value for table in app.dataframe if set(columns) <= set(table.value.columns))


def keys(elements) -> set[str]:
    return {element.key for element in elements}


def bring_runs(
    workspace: Workspace, *algorithms: str, features=MEASURES, params=PARAMS
) -> list[str]:
    identifier = bring(workspace, "penguins")
    return cluster(workspace, identifier, *algorithms, features=features, params=params)


def test_nothing_is_there_before_the_first_run(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = visit("cluster.py")
    assert_sound(app)
    assert "No groups were looked for in this table yet" in words(app)
    assert "cluster_run" not in keys(app.selectbox)


@pytest.mark.parametrize("algorithm", ["k_means", "dbscan", "gaussian_mixture"])
def test_each_part_of_the_results(visit, workspace: Workspace, algorithm) -> None:
    (run,) = bring_runs(workspace, algorithm)
    app = visit("cluster.py")
    assert_sound(app)
    # With a single run there is nothing to agree with.
    assert "cluster_agreement_csv" not in keys(app.button)

    open_part(app, run, "Groups")
    assert [tab.label for tab in app.tabs][-len(PARTS) :] == PARTS
    assert "The rows look grouped" in words(app)
    said = words(app)
    assert literal("Cluster 0 (") in said and "-badge[" in said
    assert (literal("Noise (105 rows)") in said) == (algorithm == "dbscan")
    assert len(table_with(app, "cluster", "rule", "share_right")) > 1
    profile = table_with(app, "Group", "Effect")
    app.selectbox(key="cluster_profile_of").select("1").run()
    assert_sound(app)
    one = table_with(app, "Group", "Effect")
    assert set(one["Group"]) == {"1"} and set(profile["Group"]) > {"0", "1"}

    open_part(app, run, "Map")
    assert "Map of 344 rows" in words(app)
    assert "Draw around points" in words(app)

    open_part(app, run, "Scores")
    scores = table_with(app, "Score", "Value", "What it says").set_index("Score")["Value"]
    assert 0.2 < scores["Silhouette"] < 0.6
    assert (scores["Noise"] > 0.3) == (algorithm == "dbscan")
    # What feels density is repeated on parts of the rows, without repetition.
    drawn = "drawn 3 times, without" if algorithm == "dbscan" else "drawn anew 3 times"
    assert drawn in words(app)

    open_part(app, run, "Known classes")
    assert "never used for finding the groups" in words(app)
    assert ("cluster_known_noise" in keys(app.get("button_group"))) == (algorithm == "dbscan")

    open_part(app, run, "Rows")
    rows = table_with(app, "cluster", "silhouette", "species")
    assert list(rows["row"]) == list(range(344))
    assert ("p:0" in rows) == (algorithm == "gaussian_mixture")
    app.multiselect(key=f"cluster_rows_of_{run}").set_value(["1"]).run()
    assert set(table_with(app, "cluster", "silhouette")["cluster"]) == {"1"}

    open_part(app, run, "Details")
    assert "How new rows are given to the groups" in words(app)
    approximate = "Approximation for new rows" in words(app)
    assert approximate == (algorithm == "dbscan")

    open_part(app, run, "Download")
    offered = {key for key in keys(app.button) if str(key).startswith("download_")}
    assert offered == {f"download_{form.id}" for form in formats_for(Task.CLUSTERING)}
    assert {"download_bundle", "download_rows"} <= offered


def test_known_classes_agree_and_what_was_used_is_not_offered(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    DatasetStore(workspace).set_roles(identifier, {"sex": Role.LABEL})
    (plain,) = cluster(workspace, identifier, "k_means", features=MEASURES, params=PARAMS)
    features = [*MEASURES, "island"]
    (with_island,) = cluster(workspace, identifier, "k_means", features=features, params=PARAMS)
    app = visit("cluster.py")
    assert "The runs were made from different columns" in words(app)

    open_part(app, plain, "Known classes")
    column = app.selectbox(key=f"cluster_known_{plain}")
    # The column marked as label comes first; numbers with few values hold classes too.
    assert column.options == ["sex", "species", "island", "year"]
    column.select("species").run()
    assert_sound(app)
    value = table_with(app, "label", "value", "help").set_index("label")["value"]
    assert value["Adjusted Rand"] > 0.6
    assert value["Adjusted mutual information"] > 0.6
    assert "Gentoo" in words(app)

    open_part(app, with_island, "Known classes")
    assert "island" not in app.selectbox(key=f"cluster_known_{with_island}").options
    assert "Not offered, because the groups were made from them" in words(app)


def test_runs_side_by_side_and_one_group_is_not_called_stable(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    (lumped,) = cluster(workspace, identifier, "dbscan", features=MEASURES, params=ONE_GROUP)
    (noisy,) = cluster(workspace, identifier, "dbscan", features=MEASURES, params=ALL_NOISE)
    (good,) = cluster(
        workspace, identifier, "k_means", features=MEASURES, params=PARAMS, shuffled=True
    )
    app = visit("cluster.py")
    assert_sound(app)
    board = table_with(app, "Run", "Stability", "Beats shuffled")
    assert list(board["Run"]) == ["k-means", "DBSCAN", "DBSCAN"]
    assert board["Stability"].notna().tolist() == [True, False, False]
    assert board["Beats shuffled"].tolist() == ["yes", "–", "–"]
    # The best comes first, and the runs are compared on the same rows.
    assert app.selectbox(key="cluster_run").value == good
    assert "Adjusted Rand of 3 clusterings" in words(app)
    assert "The runs were made from different columns" not in words(app)
    for part in PARTS:
        open_part(app, lumped, part)
    assert "DBSCAN · 1 group · 4 columns" in app.selectbox(key="cluster_run").options
    assert "Number of groups" in words(app)
    for part in PARTS:
        open_part(app, noisy, part)
        if part == "Groups":
            assert "All rows are noise, so there are no groups that rules" in words(app)
            assert "The badge says" not in words(app)
        if part == "Map":
            assert "all of them are noise" in words(app)
        if part == "Scores":
            assert "no group whose stability could be measured" in words(app)
            assert literal("There are fewer than two groups (0)") in words(app)
            assert "There is nothing to draw here" not in words(app)


def test_a_run_without_repetitions_says_so(visit, workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(stocked, "REPEATS", 0)
    (run,) = bring_runs(workspace, "k_means")
    app = visit("cluster.py")
    for part in PARTS:
        open_part(app, run, part)
        if part == "Groups":
            assert "highly stable" not in words(app)
        if part == "Scores":
            assert "Stability was not measured in this run" in words(app)
    assert "no repetitions were asked for" in words(app)


def test_groups_in_rows_without_structure_are_warned_of(visit, workspace: Workspace) -> None:
    (run,) = bring_runs(workspace, "k_means")
    store = RunStore(workspace)
    tested = store.analysis_frame(run, "structure")
    none = tested.assign(found=False, outcome="none", p_value=0.4)
    store.save_analysis(run, "structure", none)
    app = visit("cluster.py")
    assert_sound(app)
    assert any("No groups were found in these rows" in warning.value for warning in app.warning)
    untested = none.assign(outcome="only_categories", p_value=float("nan"))
    store.save_analysis(run, "structure", untested)
    st.cache_resource.clear()
    app = visit("cluster.py")
    assert_sound(app)
    assert any("cannot be told from categories alone" in info.value for info in app.info)


def test_the_other_maps_are_drawn_when_asked_for(visit, workspace: Workspace) -> None:
    (run,) = bring_runs(workspace, "k_means")
    app = open_part(visit("cluster.py"), run, "Map")
    app.get_by_key("cluster_map_method").set_value("tsne").run()
    assert_sound(app)
    assert any("means little here" in warning.value for warning in app.warning)
    app.button(key="cluster_map_tsne").click().run()
    assert_sound(app)
    (job,) = JobQueue(workspace).for_subject(run)
    assert job.kind == "map"
    # What waits is watched, not started again, and only where it was asked for.
    assert "cluster_map_tsne" not in keys(app.button)
    app.get_by_key("cluster_map_method").set_value("pca").run()
    assert "Map of 344 rows" in words(app)
    JobQueue(workspace).cancel(job.id)
    store = RunStore(workspace)
    store.save_analysis(run, "map_tsne", store.analysis_frame(run, "map_pca"))
    app.get_by_key("cluster_map_method").set_value("tsne").run()
    assert_sound(app)
    assert "Map of 344 rows by t\\-SNE" in words(app)


def test_a_table_that_was_changed_is_not_shown_beside_its_groups(
    visit, workspace: Workspace
) -> None:
    identifier = bring(workspace, "penguins")
    (run,) = cluster(workspace, identifier, "k_means", features=MEASURES, params=PARAMS)
    DatasetStore(workspace).set_kinds(identifier, {"year": ColumnKind.CATEGORY})
    app = visit("cluster.py")
    for part in PARTS:
        open_part(app, run, part)
        assert ("The table was changed after this run" in words(app)) == (
            part in ("Map", "Known classes", "Rows")
        )


def test_rename_and_delete(visit, workspace: Workspace) -> None:
    first, second = bring_runs(workspace, "k_means", "gaussian_mixture")
    app = visit("cluster.py")
    app.selectbox(key="cluster_change").select(first).run()
    app.text_input(key=f"cluster_name_{first}").set_value("My <b>groups</b>").run()
    app.button(key="cluster_rename").click().run()
    assert_sound(app)
    assert RunStore(workspace).get(first).name == "My <b>groups</b>"
    app.selectbox(key="cluster_run").select(first).run()
    assert literal("My <b>groups</b>") in [heading.value for heading in app.subheader]
    app.selectbox(key="cluster_change").select(first).run()
    app.button(key="cluster_delete").click().run()
    app.button(key="cluster_delete_yes").click().run()
    assert_sound(app)
    assert [run.id for run in RunStore(workspace).all()] == [second]
    assert app.selectbox(key="cluster_run").value == second


def test_runs_without_a_result_can_be_removed(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    (good,) = cluster(workspace, identifier, "k_means", features=MEASURES, params=PARAMS)
    dataset = DatasetStore(workspace).load(identifier)
    experiment = default_cluster_setup(dataset).experiment(dataset, "birch")
    (bad,) = submit_training(workspace, identifier, [experiment], ["BIRCH"])
    JobQueue(workspace).cancel(RunStore(workspace).get(bad).job.id)
    app = visit("cluster.py")
    assert "1 run without a result" in [part.label for part in app.expander]
    app.button(key=f"cluster_delete_{bad}").click().run()
    assert_sound(app)
    assert [run.id for run in RunStore(workspace).all()] == [good]


def test_neither_page_shows_the_runs_of_the_other(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    (tree, line) = train(workspace, identifier, "species", "decision_tree")
    (groups,) = cluster(workspace, identifier, "k_means", features=MEASURES, params=PARAMS)
    app = visit("results.py")
    assert app.selectbox(key="results_run").value == tree
    assert len(app.selectbox(key="results_run").options) == 2
    app = app.switch_page("cluster.py").run()
    assert_sound(app)
    assert app.selectbox(key="cluster_run").value == groups
    assert len(app.selectbox(key="cluster_run").options) == 1
    app = app.switch_page("results.py").run()
    assert app.selectbox(key="results_run").value == tree


def test_a_selection_becomes_rows() -> None:
    points = [{"customdata": 7}, {"customdata": [3]}, {"customdata": 7}, {"x": 1.0}]
    assert rows_of({"selection": {"points": points}}) == [3, 7]
    assert rows_of({"selection": {"points": []}}) == []
    assert rows_of(None) == []


def test_selected_rows_are_counted_by_cluster() -> None:
    clusters = pd.Series(["noise", "10", "2", "2", "0"], index=[0, 1, 2, 3, 4])
    assert list(counts_of(clusters, [0, 1, 2, 3]).items()) == [("2", 2), ("10", 1), ("noise", 1)]


def test_rows_are_filtered_and_sorted_by_the_number_of_their_cluster() -> None:
    together = pd.DataFrame({"row": [0, 1, 2, 3], "cluster": ["10", "2", "noise", "2"]})
    assert chosen_rows(together, [], "cluster", False)["row"].tolist() == [1, 3, 0, 2]
    assert chosen_rows(together, ["2", "10"], "row", True)["row"].tolist() == [3, 1, 0]


def test_runs_of_one_name_are_told_apart(workspace: Workspace) -> None:
    identifier = bring(workspace, "iris")
    made = cluster(workspace, identifier, "k_means", "k_means", "dbscan")
    names = distinct_names(RunStore(workspace).all(identifier))
    assert list(names) == made
    assert len(set(names.values())) == 3
    assert names[made[2]] == "DBSCAN"
    assert names[made[1]] == f"{names[made[0]]} (2)"
