"""Finding groups, from the columns to the runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stocked import answer_choice, answer_structure, bring, cluster, cluster_setup, mark_label
from streamlit.testing.v1 import AppTest

from mlcore import settings
from mlcore.data.schema import ColumnKind
from mlcore.data.store import DatasetStore
from mlcore.training.analyses import Analyses
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workflow.exploring import choice_plan
from mlcore.workspace import Workspace

PAGE = "cluster.py"


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def jobs(workspace: Workspace, kind: str) -> list[str]:
    """Return the jobs of a kind that wait or run."""
    return [job.id for job in JobQueue(workspace).active() if job.kind == kind]


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


@pytest.fixture
def penguins(workspace: Workspace) -> str:
    identifier = bring(workspace, "penguins")
    mark_label(workspace, identifier, "species")
    return identifier


def test_labels_and_wide_columns_stay_aside(visit, workspace: Workspace, penguins: str) -> None:
    DatasetStore(workspace).set_kinds(penguins, {"island": ColumnKind.TEXT})
    app = visit(PAGE)
    assert_sound(app)
    features = app.multiselect(key="cluster_features")
    assert "species" not in features.options
    assert "island" in features.options and "island" not in features.value
    assert "body_mass_g" in features.value
    assert "Left aside: species" in words(app)
    assert "Left aside at first: island" in words(app)


def test_structure_is_asked_for_once_by_itself(visit, workspace: Workspace, penguins: str) -> None:
    app = visit(PAGE)
    assert len(jobs(workspace, "structure")) == 1
    assert "cluster_structure_cancel" in keys(app)
    app.run()
    visit(PAGE)  # another tab, or the page reloaded
    assert len(jobs(workspace, "structure")) == 1


def test_other_columns_ask_anew_and_end_what_nobody_waits_for(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    (first,) = jobs(workspace, "structure")
    app.multiselect(key="cluster_features").set_value(["body_mass_g"]).run()
    assert_sound(app)
    (second,) = jobs(workspace, "structure")
    assert second != first


def test_a_cancelled_test_is_not_started_again_by_itself(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.button(key="cluster_structure_cancel").click().run()
    assert not jobs(workspace, "structure")
    app.run()
    assert not jobs(workspace, "structure")
    app.button(key="cluster_structure_again").click().run()
    assert len(jobs(workspace, "structure")) == 1


def test_the_answer_has_its_numbers(visit, workspace: Workspace, penguins: str) -> None:
    answer_structure(workspace, penguins, cluster_setup(workspace, penguins))
    app = visit(PAGE)
    assert_sound(app)
    assert not jobs(workspace, "structure")
    assert "grouped" in app.success[0].value
    shown = {metric.label: metric for metric in app.metric}
    assert shown["p-value"].value == "0.01"
    assert "dip test" in shown["p-value"].help
    assert "does not decide" in shown["Hopkins"].help


def test_no_structure_is_a_warning(visit, workspace: Workspace) -> None:
    identifier = bring(workspace, "diabetes")
    setup = cluster_setup(workspace, identifier, ["body_mass_index", "blood_pressure_mmhg"])
    answer_structure(workspace, identifier, setup)
    app = visit(PAGE)
    assert_sound(app)
    assert "No groups were found" in app.warning[0].value


def test_no_columns_and_no_algorithms_are_sentences(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value([]).run()
    assert_sound(app)
    assert app.button(key="cluster_start").disabled
    app.multiselect(key="cluster_features").set_value([]).run()
    assert not app.exception
    assert "at least one feature" in app.error[0].value


def test_one_column_is_enough(visit, workspace: Workspace, penguins: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_features").set_value(["body_mass_g"]).run()
    assert_sound(app)
    assert not app.button(key="cluster_start").disabled


def test_everything_is_remembered(visit, workspace: Workspace, penguins: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_features").set_value(["body_mass_g", "island"]).run()
    app.multiselect(key="cluster_algorithms").set_value(["dbscan", "k_means"]).run()
    app.number_input(key="cluster_dbscan_eps").set_value(0.25).run()
    app.number_input(key="cluster_sample_sample").set_value(100).run()
    app.number_input(key="cluster_sample_repeats").set_value(2).run()
    assert_sound(app)
    for again in (visit(PAGE), app.switch_page("learn.py").run().switch_page(PAGE).run()):
        assert_sound(again)
        assert again.multiselect(key="cluster_features").value == ["body_mass_g", "island"]
        assert again.multiselect(key="cluster_algorithms").value == ["dbscan", "k_means"]
        assert again.number_input(key="cluster_dbscan_eps").value == 0.25
        assert again.number_input(key="cluster_sample_sample").value == 100
        assert again.number_input(key="cluster_sample_repeats").value == 2


def test_a_table_that_changed_drops_what_cannot_be_chosen(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_features").set_value(["body_mass_g", "island"]).run()
    DatasetStore(workspace).set_kinds(penguins, {"island": ColumnKind.IDENTIFIER})
    app.run()
    assert_sound(app)
    assert app.multiselect(key="cluster_features").value == ["body_mass_g"]


def test_start_submits_what_is_chosen_and_cancel_stops_it(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["k_means", "dbscan"]).run()
    app.number_input(key="cluster_k_means_n_clusters").set_value(4).run()
    app.number_input(key="cluster_dbscan_eps").set_value(1.5).run()
    app.number_input(key="cluster_sample_seed").set_value(7).run()
    app.button(key="cluster_start").click().run()
    assert_sound(app)
    started = [run.experiment for run in RunStore(workspace).all(penguins)]
    assert [e.algorithm for e in started] == ["k_means", "dbscan"]
    assert started[0].params["n_clusters"] == 4
    assert started[1].params["eps"] == 1.5
    assert {e.split.seed for e in started} == {7}
    assert all(e.target is None and "species" not in e.features for e in started)
    assert len(jobs(workspace, "train")) == 2
    app.button(key="cluster_cancel").click().run()
    assert not jobs(workspace, "train")


def test_more_groups_than_rows_is_said_before_the_start(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.number_input(key="cluster_sample_sample").set_value(10).run()
    app.number_input(key="cluster_k_means_n_clusters").set_value(50).run()
    assert not app.exception
    assert "k-means" in app.error[0].value
    app.multiselect(key="cluster_algorithms").set_value(["k_means"]).run()
    assert app.button(key="cluster_start").disabled
    assert app.button(key="cluster_start").help.startswith("None of the chosen algorithms")


def test_what_can_start_is_started_and_the_rest_is_named(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.number_input(key="cluster_sample_sample").set_value(40).run()
    app.number_input(key="cluster_k_means_n_clusters").set_value(50).run()
    assert not app.button(key="cluster_start").disabled
    assert not app.button(key="cluster_start").help
    assert "Left out, because it cannot start as it is: “k\\-means”" in words(app)
    app.button(key="cluster_start").click().run()
    started = [run.experiment.algorithm for run in RunStore(workspace).all(penguins)]
    assert started == ["hierarchical", "hdbscan"]


def test_what_is_chosen_at_first_suits_the_table(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.algorithms.cost.MOST_PAIRED_ROWS", 100)
    app = visit(PAGE)
    assert_sound(app)
    assert app.multiselect(key="cluster_algorithms").value == ["k_means", "hdbscan"]
    assert not app.button(key="cluster_start").disabled


def test_few_rows_leave_hdbscan_aside_at_first(visit, workspace: Workspace, penguins: str) -> None:
    setup = cluster_setup(workspace, penguins)
    few = replace(setup, split=replace(setup.split, sample=19))
    workspace.remember(f"cluster:{penguins}", few.to_json())
    app = visit(PAGE)
    assert_sound(app)
    assert app.multiselect(key="cluster_algorithms").value == ["k_means", "hierarchical"]


def test_what_does_not_fit_has_offers_that_fit(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.algorithms.cost.MOST_PAIRED_ROWS", 100)
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["hierarchical"]).run()
    assert_sound(app)
    assert app.button(key="cluster_start").disabled
    assert any("Hierarchical" in warning.value for warning in app.warning)
    assert "neighbour graph" in app.button(key="cluster_offer_hierarchical_0").label
    app.button(key="cluster_offer_hierarchical_0").click().run()
    assert_sound(app)
    assert app.toggle(key="cluster_hierarchical_neighbor_graph").value is True
    assert not app.button(key="cluster_start").disabled


def test_an_offer_can_be_another_algorithm(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.algorithms.cost.MOST_PAIRED_ROWS", 100)
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["hierarchical"]).run()
    offered = {b.label: b.key for b in app.button if "cluster_offer" in str(b.key)}
    (birch,) = [key for label, key in offered.items() if "BIRCH" in label]
    app.button(key=birch).click().run()
    assert_sound(app)
    assert "birch" in app.multiselect(key="cluster_algorithms").value
    assert "hierarchical" not in app.multiselect(key="cluster_algorithms").value


def test_an_offer_can_be_fewer_rows(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.algorithms.cost.MOST_PAIRED_ROWS", 100)
    monkeypatch.setattr("mlcore.algorithms.cost._ROUND_ROWS", (200, 50, 20))
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["k_means", "hierarchical"]).run()
    offered = {b.label: b.key for b in app.button if "cluster_offer" in str(b.key)}
    (fewer,) = [key for label, key in offered.items() if "drawn by lot" in label]
    app.button(key=fewer).click().run()
    assert_sound(app)
    assert app.number_input(key="cluster_sample_sample").value == 50
    assert "50 rows drawn by lot" in words(app)
    app.button(key="cluster_start").click().run()
    runs = RunStore(workspace).all(penguins)
    assert [run.experiment.split.to_json()["sample"] for run in runs] == [50, 50]


def test_an_offer_can_be_fewer_repetitions(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.algorithms.cost.machine_factor", lambda: 10.0)
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["hdbscan"]).run()
    app.number_input(key="cluster_sample_repeats").set_value(500).run()
    app.number_input(key="cluster_sample_sample").set_value(300).run()
    assert "minutes" in words(app)
    assert "5 times only" not in words(app)
    monkeypatch.setattr("pages.ui.panels.clusterers.PATIENCE_S", 30)
    app.run()
    offered = {b.label: b.key for b in app.button if "cluster_offer" in str(b.key)}
    (fewer,) = [key for label, key in offered.items() if "times only" in label]
    app.button(key=fewer).click().run()
    assert_sound(app)
    assert app.number_input(key="cluster_sample_repeats").value < 500
    assert not [b for b in app.button if "cluster_offer" in str(b.key)]


def test_little_memory_is_a_warning_with_the_limit(
    visit, workspace: Workspace, penguins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.MEMORY_MB.name, "1")
    app = visit(PAGE)
    assert_sound(app)
    assert "may take 1 MB" in words(app).replace("\\", "")
    assert not app.button(key="cluster_start").disabled


def test_numbers_of_groups_are_compared_when_asked(
    visit, workspace: Workspace, penguins: str
) -> None:
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["k_means"]).run()
    app.button(key="cluster_choose_k_means").click().run()
    assert_sound(app)
    assert len(jobs(workspace, "choose")) == 1
    again = visit(PAGE)
    assert "cluster_choose_cancel_k_means" in keys(again)
    again.button(key="cluster_choose_cancel_k_means").click().run()
    assert not jobs(workspace, "choose")


CHOICES = {
    "k_means": "cluster_use_sweep_k_means_",
    "hierarchical": "cluster_use_cut_hierarchical_",
    "spectral": "cluster_use_gap_spectral_",
}


@pytest.mark.parametrize("algorithm", CHOICES)
def test_a_suggestion_sets_the_number_of_groups(
    visit, workspace: Workspace, algorithm: str
) -> None:
    identifier = bring(workspace, "iris")
    mark_label(workspace, identifier, "species")
    setup = cluster_setup(workspace, identifier)
    answer_structure(workspace, identifier, setup)
    answer_choice(workspace, identifier, setup, algorithm)
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value([algorithm]).run()
    assert_sound(app)
    app.number_input(key=f"cluster_{algorithm}_n_clusters").set_value(9).run()
    suggested = [key for key in keys(app) if str(key).startswith(CHOICES[algorithm])]
    assert suggested
    app.button(key=suggested[0]).click().run()
    assert_sound(app)
    k = int(str(suggested[0]).rsplit("_", 1)[1])
    assert app.number_input(key=f"cluster_{algorithm}_n_clusters").value == k


def test_the_number_stays_in_reach_when_one_criterion_answers_no_groups(
    visit, workspace: Workspace
) -> None:
    """One cloud: the gap statistic answers 1, and the other numbers can be tried all the same."""
    identifier = bring(workspace, "iris")
    setup = cluster_setup(workspace, identifier)
    store = DatasetStore(workspace)
    answer_structure(workspace, identifier, setup)
    for algorithm in ("k_means", "spectral"):
        answer_choice(workspace, identifier, setup, algorithm)
        plan = choice_plan(setup.experiment(store.load(identifier), algorithm, {}))
        frame = Analyses(workspace, identifier).frame("sweep", plan)
        # No number beats a single group by the gap, and the others differ.
        frame["gap"], frame["gap_error"] = -frame["k"].astype(float), 0.1
        Analyses(workspace, identifier).save("sweep", plan, frame)
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["k_means"]).run()
    assert_sound(app)
    said = words(app).replace("\\", "")
    assert "“Gap statistic”" in said
    assert [key for key in keys(app) if str(key).startswith("cluster_use_sweep_k_means_")]
    # Spectral groups have any shape: distances to their means are not asked.
    app.multiselect(key="cluster_algorithms").set_value(["spectral"]).run()
    assert_sound(app)
    said = words(app).replace("\\", "")
    assert "“Gap statistic” are shown and not asked" in said
    assert "No groups: the answer of" not in said


def test_a_suggestion_sets_the_radius(visit, workspace: Workspace, penguins: str) -> None:
    setup = cluster_setup(workspace, penguins)
    answer_choice(workspace, penguins, setup, "dbscan")
    app = visit(PAGE)
    app.multiselect(key="cluster_algorithms").set_value(["dbscan"]).run()
    assert_sound(app)
    assert "core points" in words(app)
    app.button(key="cluster_use_eps_dbscan").click().run()
    assert_sound(app)
    eps = app.number_input(key="cluster_dbscan_eps").value
    assert app.button(key="cluster_use_eps_dbscan").label == f"Use eps = {eps:.3g}"


def test_runs_of_both_kinds_stay_on_their_own_page(
    visit, workspace: Workspace, penguins: str
) -> None:
    cluster(workspace, penguins, "k_means")
    assert "No model of this table is trained yet" in visit("results.py").info[0].value
    assert_sound(visit("train.py"))
    assert_sound(visit(PAGE))


def test_learn_knows_the_words_of_clustering(visit, workspace: Workspace) -> None:
    app = visit("learn.py")
    app.get_by_key("learn_task").set_value("clustering").run()
    assert_sound(app)
    assert "k-means" in [heading.value for heading in app.subheader]
    app.session_state["learn_part"] = "Metrics"
    app.run()
    metrics = app.dataframe[0].value
    assert set(metrics.loc[metrics["task"] == "Find groups", "metric"]) >= {"Silhouette", "Noise"}
    app.session_state["learn_part"] = "Words"
    app.run()
    for word in ("Cluster", "Noise", "Silhouette", "Stability", "Elbow", "Radius"):
        assert f"**{word}" in words(app)
