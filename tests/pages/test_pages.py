"""Every page: in an empty workspace, with a table, with runs, and reached cold."""

from __future__ import annotations

import pytest
from stocked import bring, train
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import Role
from mlcore.data.store import DatasetStore
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace
from pages.ui.frame import PAGES
from pages.ui.text import literal

FILES = [page.file for page in PAGES]


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


@pytest.mark.parametrize("file", FILES)
def test_an_empty_workspace_is_explained(visit, file) -> None:
    app = visit(file)
    assert_sound(app)
    assert app.title[0].value
    if file in ("setup.py", "train.py", "results.py", "cluster.py"):
        assert "no table yet" in app.info[0].value


def test_the_first_screen_has_one_button_that_starts(visit) -> None:
    app = visit("data.py")
    assert [button.key for button in app.button] == ["data_use"]
    assert "Use" in app.button(key="data_use").label


@pytest.mark.parametrize("file", FILES)
def test_a_table_without_runs(visit, workspace: Workspace, file) -> None:
    bring(workspace, "penguins")
    app = visit(file)
    assert_sound(app)
    assert "penguins" in words(app)


@pytest.mark.parametrize("part", ["Columns", "Findings", "Steps", "Rows", "File"])
def test_each_part_of_the_data_page(visit, workspace: Workspace, part) -> None:
    bring(workspace, "penguins")
    app = visit("data.py")
    app.session_state["data_part"] = part
    assert_sound(app.run())


def test_setup_remembers_what_was_chosen(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    app = visit("setup.py")
    assert app.info[0].value.startswith("Choose the label")
    app.selectbox(key="setup_target").select("species").run()
    assert_sound(app)
    assert app.get_by_key("setup_task").value == "classification"
    features = app.multiselect(key="setup_features")
    assert "species" not in features.options
    features.set_value(["bill_length_mm", "island"]).run()
    saved = workspace.recall(f"setup:{identifier}")
    assert saved["target"] == "species"
    assert saved["features"] == ["bill_length_mm", "island"]
    again = visit("setup.py")
    assert again.multiselect(key="setup_features").value == ["bill_length_mm", "island"]


def test_a_label_marked_on_the_data_page_is_offered(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    DatasetStore(workspace).set_roles(identifier, {"body_mass_g": Role.LABEL})
    app = visit("setup.py")
    assert_sound(app)
    assert app.selectbox(key="setup_target").value == "body_mass_g"
    assert app.get_by_key("setup_task").value == "regression"


def test_a_column_of_weights_leaves_the_features(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    app = visit("setup.py")
    app.selectbox(key="setup_target").select("species").run()
    assert app.selectbox(key="setup_weight").value is None
    assert "species" not in app.selectbox(key="setup_weight").options
    assert "island" not in app.selectbox(key="setup_weight").options
    before = app.multiselect(key="setup_features").value
    app.selectbox(key="setup_weight").select("body_mass_g").run()
    assert_sound(app)
    features = app.multiselect(key="setup_features")
    assert features.value == [name for name in before if name != "body_mass_g"]
    assert "body_mass_g" not in features.options
    assert literal("have no weight in “body_mass_g”") in words(app)
    saved = workspace.recall(f"setup:{identifier}")
    assert saved["weight"] == "body_mass_g" and "body_mass_g" not in saved["features"]
    again = visit("setup.py")
    assert again.selectbox(key="setup_weight").value == "body_mass_g"
    again.selectbox(key="setup_weight").set_value(None).run()
    assert_sound(again)
    assert "body_mass_g" in again.multiselect(key="setup_features").options
    assert workspace.recall(f"setup:{identifier}")["weight"] is None


def test_a_column_marked_as_weight_is_taken(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    roles = {"species": Role.LABEL, "body_mass_g": Role.WEIGHT}
    DatasetStore(workspace).set_roles(identifier, roles)
    app = visit("setup.py")
    assert_sound(app)
    assert app.selectbox(key="setup_weight").value == "body_mass_g"
    assert "body_mass_g" not in app.multiselect(key="setup_features").value


def test_a_weight_without_numbers_gets_a_sentence(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "penguins")
    DatasetStore(workspace).set_roles(identifier, {"species": Role.LABEL, "island": Role.WEIGHT})
    app = visit("setup.py")
    assert not app.exception
    assert "“island” is category" in app.error[0].value  # it can be changed on the Data page


def test_a_setup_that_cannot_work_gets_a_sentence(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = visit("setup.py")
    app.selectbox(key="setup_target").select("species").run()
    app.multiselect(key="setup_features").set_value([]).run()
    assert not app.exception
    assert "at least one feature" in app.error[0].value


def test_train_submits_the_chosen_algorithms_and_once_a_baseline(
    visit, workspace: Workspace
) -> None:
    identifier = bring(workspace, "penguins")
    visit("setup.py").selectbox(key="setup_target").select("species").run()
    app = visit("train.py")
    app.multiselect(key="train_algorithms").set_value(["decision_tree", "naive_bayes"]).run()
    app.button(key="train_start").click().run()
    assert_sound(app)
    runs = RunStore(workspace).all(identifier)
    assert [run.experiment.algorithm for run in runs] == [
        "baseline",
        "decision_tree",
        "naive_bayes",
    ]
    app.button(key="train_start").click().run()
    assert [run.experiment.algorithm for run in RunStore(workspace).all(identifier)].count(
        "baseline"
    ) == 1
    app.button(key="train_cancel").click().run()
    assert not JobQueue(workspace).active()
    # A new tab knows what was chosen last.
    assert visit("train.py").multiselect(key="train_algorithms").value == [
        "decision_tree",
        "naive_bayes",
    ]


PANELS = {
    "species": [
        "Scores",
        "Confusion",
        "Curves",
        "Probabilities",
        "Importance",
        "Learning curve",
        "Model",
        "Test set",
        "Details",
        "Download",
    ],
    "body_mass_g": [
        "Scores",
        "Errors",
        "Importance",
        "Learning curve",
        "Model",
        "Test set",
        "Details",
        "Download",
    ],
}


@pytest.mark.parametrize("target", PANELS)
def test_each_part_of_the_results(visit, workspace: Workspace, target) -> None:
    identifier = bring(workspace, "penguins")
    made = train(workspace, identifier, target, "decision_tree", "sgd", "k_nearest_neighbors")
    app = visit("results.py")
    assert_sound(app)
    assert app.selectbox(key="results_run").value in made
    for run in made:
        app.selectbox(key="results_run").select(run).run()
        for part in PANELS[target]:
            app.session_state["results_part"] = part
            assert_sound(app.run())
            assert part in [tab.label for tab in app.tabs]


def test_the_test_set_stays_sealed_until_its_button_is_pressed(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "iris")
    (run, _) = train(workspace, identifier, "species", "decision_tree")
    app = visit("results.py")
    app.selectbox(key="results_run").select(run).run()
    app.session_state["results_part"] = "Test set"
    app.run()
    assert "30 test rows are sealed" in words(app)
    assert not JobQueue(workspace).for_subject(run)
    app.button(key="results_open_test").click().run()
    assert [job.kind for job in JobQueue(workspace).for_subject(run)] == ["open_test"]


def test_two_classes_have_a_threshold(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "breast_cancer")
    (run, _) = train(workspace, identifier, "diagnosis", "naive_bayes")
    app = visit("results.py")
    app.selectbox(key="results_run").select(run).run()
    app.session_state["results_part"] = "Curves"
    app.run()
    at_half = {metric.label: metric.value for metric in app.metric}
    app.slider(key="results_threshold").set_value(1.0).run()
    assert_sound(app)
    at_one = {metric.label: metric.value for metric in app.metric}
    assert 0.8 < float(at_half["Recall"]) <= 1
    assert float(at_one["Recall"]) < float(at_half["Recall"])


def test_rename_and_delete(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "iris")
    (run, line) = train(workspace, identifier, "species", "decision_tree")
    app = visit("results.py")
    app.selectbox(key="results_change").select(run).run()
    app.text_input(key=f"results_name_{run}").set_value("My <b>tree</b>").run()
    app.button(key="results_rename").click().run()
    assert RunStore(workspace).get(run).name == "My <b>tree</b>"
    assert literal("My <b>tree</b>") in [heading.value for heading in app.subheader]
    app.selectbox(key="results_change").select(run).run()
    app.button(key="results_delete").click().run()
    app.button(key="results_delete_yes").click().run()
    assert [left.id for left in RunStore(workspace).all(identifier)] == [line]
