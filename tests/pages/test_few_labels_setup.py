"""Learning from few labels, from the column to the runs."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from few_labels_tables import make_clouds, make_island
from stocked import bring, bring_frame, cluster, few_labels, mark_label
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.setups import default_few_labels_setup
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace
from pages.ui.panels import few_typed
from pages.ui.panels.few_columns import suggested_target
from pages.ui.text import literal

PAGE = "semi_supervised.py"


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def keys(elements) -> set[str | None]:
    return {element.key for element in elements}


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def training(workspace: Workspace) -> list[str]:
    return [job.id for job in JobQueue(workspace).active() if job.kind == "train"]


@pytest.fixture
def clouds(workspace: Workspace) -> str:
    """150 rows of three kinds, 24 of them labelled."""
    return bring_frame(workspace, "clouds", make_clouds()[0].frame)


def test_the_column_that_is_mostly_empty_is_proposed_and_why(visit, clouds: str) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="semi_target").value == "kind"
    assert "the only column that is empty in most rows (84%)" in words(app)
    app.run()
    assert "the only column that is empty in most rows" in words(app)


def test_a_marked_column_is_proposed_first(visit, workspace: Workspace) -> None:
    frame = make_clouds()[0].frame
    second = frame["kind"].str.upper()
    identifier = bring_frame(workspace, "clouds", frame.assign(other=second))
    schema = DatasetStore(workspace).load(identifier).schema
    assert suggested_target(schema) == (None, "")  # two may be meant
    mark_label(workspace, identifier, "other")
    app = visit(PAGE)
    assert app.selectbox(key="semi_target").value == "other"
    assert "it is marked as label on the Data page" in words(app)


def test_what_is_known_is_said_in_all_and_for_each_class(visit, clouds: str) -> None:
    app = visit(PAGE)
    shown = numbers(app)
    assert shown["Labelled rows"] == "24" and shown["Rows without a label"] == "126"
    assert shown["Share labelled"] == "16.0%" and shown["Classes"] == "3"
    table = app.dataframe[0].value
    assert table["class"].tolist() == ["ant", "bee", "cat"] and set(table["given"]) == {8}
    assert "Labels of 3 classes, 24 in all, 8 of each class" in words(app)
    assert all(metric.help for metric in app.metric)


def test_labelled_rows_that_differ_from_the_rest_are_warned_of(visit, workspace: Workspace) -> None:
    frame = make_clouds(n_known=60)[0].frame
    heavy = 500.5 * frame["kind"].notna() + frame.index.to_series()
    bring_frame(workspace, "clouds", frame.assign(weight=heavy))
    app = visit(PAGE)
    assert_sound(app)
    assert "FEW003" in words(app)
    assert "labelled rows have a larger “weight”" in words(app).replace("\\", "")


def test_large_tables_are_compared_by_the_run(visit, clouds: str, monkeypatch) -> None:
    monkeypatch.setattr("pages.ui.panels.few_known.MOST_CELLS_AT_ONCE", 100)
    app = visit(PAGE)
    assert_sound(app)
    assert "FEW003" not in words(app)
    assert "worked out with each run" in words(app)


# --- what has no label -------------------------------------------------------------------------


def test_words_for_no_label_count_as_none(visit, workspace: Workspace) -> None:
    frame = make_clouds()[0].frame
    bring_frame(workspace, "clouds", frame.assign(kind=frame["kind"].fillna("Unknown")))
    app = visit(PAGE)
    app.selectbox(key="semi_target").select("kind").run()
    assert "Every row has a label" in words(app)
    # What most rows say and many people mean so is asked about.
    assert app.button(key="semi_take_token").label == "“Unknown” means “no label”"
    app.button(key="semi_take_token").click().run()
    assert_sound(app)
    assert app.text_input(key="semi_no_label").value == "Unknown"
    assert numbers(app)["Labelled rows"] == "24" and numbers(app)["Classes"] == "3"
    assert "“Unknown” stands in 126 rows, which count as not labelled" in words(app)
    app.text_input(key="semi_no_label").set_value("unknown, cat, dog").run()
    assert numbers(app)["Labelled rows"] == "16"
    assert "“dog” does not occur" in words(app)
    again = visit(PAGE)
    assert again.text_input(key="semi_no_label").value == "unknown, cat, dog"
    assert numbers(again)["Labelled rows"] == "16"


def test_a_complete_column_leads_to_the_set_up_page(visit, workspace: Workspace) -> None:
    bring(workspace, "iris")
    app = visit(PAGE)
    assert app.selectbox(key="semi_target").value is None
    assert "Choose the column in which some rows have a label" in words(app)
    assert "semi_start" not in keys(app.button)
    app.selectbox(key="semi_target").select("species").run()
    assert_sound(app)
    assert "there is nothing to complete" in words(app)
    assert "Go to Set up" in [link.proto.label for link in app.get("page_link")]
    assert "semi_start" not in keys(app.button)


def test_where_several_columns_may_be_meant_the_emptiest_is_offered(
    visit, workspace: Workspace
) -> None:
    bring(workspace, "penguins")
    app = visit(PAGE)
    assert app.selectbox(key="semi_target").value is None
    assert app.button(key="semi_take").label == "Take “sex” (11 of 344 rows are empty)"
    app.button(key="semi_take").click().run()
    assert_sound(app)
    assert app.selectbox(key="semi_target").value == "sex"
    assert not app.button(key="semi_start").disabled
    # Taking the choice back is possible, too.
    app.selectbox(key="semi_target").set_value(None).run()
    assert_sound(app)
    assert "semi_take" in keys(app.button)


def test_without_labels_some_rows_can_be_labelled_by_hand(visit, workspace: Workspace) -> None:
    frame = make_clouds()[0].frame
    identifier = bring_frame(workspace, "clouds", frame.assign(kind=None))
    app = visit(PAGE)
    app.selectbox(key="semi_target").select("kind").run()
    assert_sound(app)
    assert "Labels of at least two classes are needed to begin" in words(app)
    assert "semi_start" not in keys(app.button)
    drawn = app.dataframe[0].value
    assert len(drawn) == 10 and drawn["label"].isna().all()
    table = DatasetStore(workspace).load(identifier)
    rows = drawn["row"].tolist()
    type_in(workspace, table, identifier, {rows[0]: "ant", rows[1]: "bee"})
    app.run()
    assert_sound(app)
    assert numbers(app)["Labelled rows"] == "2"
    assert "semi_features" in keys(app.multiselect)


def type_in(workspace: Workspace, table, identifier: str, labels: dict[int, str]) -> None:
    """Do what typing into the editor does, which these tests cannot."""
    setup = default_few_labels_setup(table, "kind").to_json()
    setup["split"]["typed"] = [list(pair) for pair in labels.items()]
    workspace.remember(f"few_labels:{identifier}:kind", setup)


# --- labels typed in ---------------------------------------------------------------------------


def test_typed_labels_are_listed_and_taken_back(visit, workspace: Workspace, clouds: str) -> None:
    table = DatasetStore(workspace).load(clouds)
    empty = table.frame.index[table.frame["kind"].isna()][:3].tolist()
    type_in(workspace, table, clouds, dict(zip(empty, ["ant", "bee", "dog"], strict=True)))
    app = visit(PAGE)
    assert_sound(app)
    assert numbers(app)["Labelled rows"] == "27" and numbers(app)["Classes"] == "4"
    listed = app.multiselect(key="semi_typed")
    assert listed.options == [
        f"row {n}: {kind}" for n, kind in zip(empty, ("ant", "bee", "dog"), strict=True)
    ]
    listed.set_value(empty[:2]).run()
    assert_sound(app)
    assert numbers(app)["Labelled rows"] == "26" and numbers(app)["Classes"] == "3"
    app.button(key="semi_typed_none").click().run()
    assert_sound(app)
    assert numbers(app)["Labelled rows"] == "24"
    assert "semi_typed" not in keys(app.multiselect)


def test_a_label_that_is_typed_otherwise_is_still_that_label() -> None:
    known = {"red bee": "Red bee", "1": "1", "1.0": "1"}
    assert few_typed.clean_label("  red  BEE ", known) == "Red bee"
    assert few_typed.clean_label("1.0", known) == "1"
    assert few_typed.clean_label("Wasp", known) == "Wasp"
    assert few_typed.clean_label("", known) is None
    assert few_typed.clean_label(None, known) is None
    assert few_typed.clean_label("Unknown", known, ["unknown"]) is None


def test_what_the_editor_hands_in_becomes_labels_of_rows() -> None:
    state = {"edited_rows": {0: {"label": "ant"}, "2": {"label": None}, 1: {"x": 3}}}
    assert few_typed.edited(state, [40, 50, 60], "label") == {40: "ant", 60: None}


def test_each_column_keeps_its_own_labels(visit, workspace: Workspace) -> None:
    frame = make_clouds()[0].frame
    identifier = bring_frame(workspace, "clouds", frame.assign(other=frame["kind"].str.upper()))
    table = DatasetStore(workspace).load(identifier)
    row = int(frame.index[frame["kind"].isna()][0])
    type_in(workspace, table, identifier, {row: "ant"})
    app = visit(PAGE)
    app.selectbox(key="semi_target").select("kind").run()
    assert numbers(app)["Labelled rows"] == "25"
    app.selectbox(key="semi_target").select("other").run()
    assert_sound(app)
    assert numbers(app)["Labelled rows"] == "24"
    app.selectbox(key="semi_target").select("kind").run()
    assert numbers(app)["Labelled rows"] == "25"


# --- features, settings, start -----------------------------------------------------------------


def test_columns_that_stay_aside_are_named(visit, workspace: Workspace, clouds: str) -> None:
    store = DatasetStore(workspace)
    store.set_roles(clouds, {"y": Role.IGNORED})
    app = visit(PAGE)
    assert_sound(app)
    assert app.multiselect(key="semi_features").value == ["x"]
    assert "kind" not in app.multiselect(key="semi_features").options
    assert "Left aside for their kind or role: y" in words(app)
    app.multiselect(key="semi_features").set_value([]).run()
    assert not app.exception
    assert "at least one feature" in app.error[0].value
    assert "semi_start" not in keys(app.button)


def test_everything_is_remembered(visit, workspace: Workspace, clouds: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="semi_features").set_value(["y"]).run()
    app.multiselect(key="semi_algorithms").set_value(["self_training"]).run()
    app.slider(key="semi_self_training_threshold").set_value(0.9).run()
    app.number_input(key="semi_split_folds").set_value(3).run()
    app.selectbox(key="semi_rival").select("k_nearest_neighbors").run()
    assert_sound(app)
    for again in (visit(PAGE), app.switch_page("learn.py").run().switch_page(PAGE).run()):
        assert_sound(again)
        assert again.multiselect(key="semi_features").value == ["y"]
        assert again.multiselect(key="semi_algorithms").value == ["self_training"]
        assert again.slider(key="semi_self_training_threshold").value == 0.9
        assert again.number_input(key="semi_split_folds").value == 3
        assert again.selectbox(key="semi_rival").value == "k_nearest_neighbors"


def test_start_submits_what_is_chosen_and_cancel_stops_it(
    visit, workspace: Workspace, clouds: str
) -> None:
    app = visit(PAGE)
    assert app.multiselect(key="semi_algorithms").value == [
        "label_propagation", "label_spreading", "self_training",
    ]  # fmt: skip
    app.multiselect(key="semi_algorithms").set_value(["label_propagation", "self_training"]).run()
    app.number_input(key="semi_label_propagation_n_neighbors").set_value(4).run()
    app.text_input(key="semi_no_label").set_value("wasp").run()
    app.number_input(key="semi_split_repeats").set_value(2).run()
    app.selectbox(key="semi_rival").select("naive_bayes").run()
    app.button(key="semi_start").click().run()
    assert_sound(app)
    started = [run.experiment for run in RunStore(workspace).all(clouds)]
    assert [e.algorithm for e in started] == ["label_propagation", "self_training"]
    assert started[0].params["n_neighbors"] == 4
    assert {(e.split.no_label, e.split.repeats, e.split.rival) for e in started} == {
        (("wasp",), 2, "naive_bayes")
    }
    assert all(e.target == "kind" and e.features == ("x", "y") for e in started)
    assert len(training(workspace)) == 2
    app.button(key="semi_cancel").click().run()
    assert not training(workspace)
    assert "No labels were spread in this table yet" in words(app)


def test_no_algorithm_is_a_sentence(visit, clouds: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="semi_algorithms").set_value([]).run()
    assert_sound(app)
    assert app.button(key="semi_start").disabled
    assert app.button(key="semi_start").help == "Choose at least one algorithm."


def test_what_compares_every_pair_is_refused_before_the_start(
    visit, clouds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.panels.few_algorithms.MOST_DENSE_ROWS", 100)
    app = visit(PAGE)
    app.multiselect(key="semi_algorithms").set_value(["label_propagation", "self_training"]).run()
    app.get_by_key("semi_label_propagation_affinity").set_value("rbf").run()
    assert not app.exception
    assert "at most 100 rows" in app.error[0].value
    assert "Left out, because it cannot start as it is: “Label propagation”" in words(app)
    assert not app.button(key="semi_start").disabled


def test_controls_are_told_their_value_in_each_run(visit, clouds: str) -> None:
    """A run that is cut short has told the browser nothing, so the next one must."""
    app = visit(PAGE)
    for _ in range(2):
        app.run()
        seed = app.number_input(key="semi_split_seed").proto
        assert seed.set_value and seed.value == 0
        rival = app.selectbox(key="semi_rival").proto
        assert rival.set_value


def test_a_kind_that_is_no_class_is_not_offered(visit, workspace: Workspace) -> None:
    frame = make_island().frame.assign(seen=pd.Timestamp("2024-01-01"))
    frame.loc[::2, "seen"] = pd.Timestamp("2024-03-05")
    identifier = bring_frame(workspace, "island", frame)
    schema = DatasetStore(workspace).load(identifier).schema
    assert schema["seen"].kind is ColumnKind.DATETIME
    app = visit(PAGE)
    assert_sound(app)
    assert "seen" not in app.selectbox(key="semi_target").options


def test_a_column_that_was_remembered_and_is_gone_is_forgotten(
    visit, workspace: Workspace, clouds: str
) -> None:
    workspace.remember(f"few_labels:{clouds}", "gone")
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="semi_target").value == "kind"


def test_names_of_columns_and_classes_stay_literal(visit, workspace: Workspace) -> None:
    frame = make_clouds()[0].frame.rename(columns={"kind": "[kind](http://x)"})
    frame["[kind](http://x)"] = frame["[kind](http://x)"].replace("ant", "**ant** $x$")
    bring_frame(workspace, "clouds", frame)
    app = visit(PAGE)
    assert_sound(app)
    assert "**ant**" not in words(app)
    assert literal("**ant** $x$") in words(app)


def test_runs_stay_on_their_own_page(visit, workspace: Workspace, clouds: str) -> None:
    cluster(workspace, clouds, "k_means")
    few_labels(workspace, clouds, "kind", "label_propagation")
    assert "No model of this table is trained yet" in visit("results.py").info[0].value
    app = visit("cluster.py")
    assert_sound(app)
    assert len(app.selectbox(key="cluster_run").options) == 1
    app = visit(PAGE)
    assert_sound(app)
    assert len(app.selectbox(key="semi_run").options) == 1


def test_another_table_starts_anew(visit, workspace: Workspace, clouds: str) -> None:
    few_labels(workspace, clouds, "kind", "label_propagation")
    visit(PAGE)
    bring(workspace, "penguins")
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="semi_target").value is None
    assert "semi_run" not in keys(app.selectbox)


def test_what_is_kept_is_plain_data(visit, workspace: Workspace, clouds: str) -> None:
    visit(PAGE)
    kept = workspace.recall(f"few_labels:{clouds}:kind")
    assert json.loads(json.dumps(kept)) == kept
