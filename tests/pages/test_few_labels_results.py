"""What spreading labels came to: every part on every kind of run, and what cannot be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from few_labels_tables import make_clouds, make_island
from stocked import bring_frame, few_labels
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import ColumnKind
from mlcore.data.store import DatasetStore
from mlcore.registry.formats import formats_for
from mlcore.setups import FewLabelsSetup
from mlcore.tasks import Task
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore, submit_training
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace
from pages.ui.panels.few_facts import share_names
from pages.ui.panels.few_next import repeated, work_list
from pages.ui.panels.few_rows import chosen_rows
from pages.ui.text import literal

PAGE = "semi_supervised.py"
PARTS = [
    "Does it help?", "Labels flowing", "Certainty", "Confusion", "Label next", "Rows", "Findings",
    "Details", "Download",
]  # fmt: skip
ALGORITHMS = ["label_propagation", "label_spreading", "self_training"]


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]
    shown = [*(metric.value for metric in app.metric), words(app)]
    assert not any(re.search(r"\bnan\b", text, re.IGNORECASE) for text in shown)


def open_part(app: AppTest, run: str, part: str) -> AppTest:
    """Look at one part of a run."""
    app.session_state["semi_run"] = run
    app.session_state["semi_part"] = part
    app.run()
    assert_sound(app)
    assert app.selectbox(key="semi_run").value == run
    return app


def table_with(app: AppTest, *columns: str) -> pd.DataFrame:
    """Return the table on the screen that has these columns."""
    return next(table.value for table in app.dataframe if set(columns) <= set(table.value.columns))


def keys(elements) -> set[str]:
    return {element.key for element in elements}


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


@pytest.fixture
def clouds(workspace: Workspace) -> str:
    """150 rows of three kinds, 24 of them labelled."""
    return bring_frame(workspace, "clouds", make_clouds()[0].frame)


@pytest.fixture
def island(workspace: Workspace) -> str:
    """60 rows, the last 20 of which are far from all labels."""
    return bring_frame(workspace, "island", make_island().frame)


def setup_of(workspace: Workspace, identifier: str) -> FewLabelsSetup:
    return FewLabelsSetup.from_json(workspace.recall(f"few_labels:{identifier}:kind"))


def type_in(workspace: Workspace, identifier: str, labels: Mapping[int, str]) -> FewLabelsSetup:
    """Do what typing into the editor does, which these tests cannot."""
    setup = setup_of(workspace, identifier)
    setup = replace(setup, split=replace(setup.split, typed=tuple(labels.items())))
    workspace.remember(f"few_labels:{identifier}:kind", setup.to_json())
    return setup


def test_nothing_is_there_before_the_first_run(visit, clouds: str) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert "semi_run" not in keys(app.selectbox)
    assert "No labels were spread in this table yet" in words(app)
    assert not app.button(key="semi_start").disabled


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_part_of_the_results(visit, workspace: Workspace, clouds: str, algorithm) -> None:
    (run,) = few_labels(workspace, clouds, "kind", algorithm)
    app = visit(PAGE)
    shown = numbers(app)
    assert shown["Accuracy"] == "100.0%" and shown["95 % interval"].endswith("to 100%")
    assert shown["Rows completed"] == "126" and shown["Not reached"] == "0"
    assert "Completes “kind” from “x”, “y”" in words(app)

    open_part(app, run, "Does it help?")
    assert [tab.label for tab in app.tabs][-len(PARTS) :] == PARTS
    said = words(app).replace("\\", "")
    assert "it cannot be told whether the rows without a label help" in said
    assert "from the labelled rows alone, by Logistic regression" in said
    assert len(table_with(app, "Labels", "Learnt from", "Accuracy", "Draws")) >= 4

    open_part(app, run, "Labels flowing")
    assert "Map of 150 rows, 24 of them with a given label" in words(app)
    in_rounds = "every row takes over what its neighbours say" in words(app)
    assert in_rounds == (algorithm != "self_training")

    open_part(app, run, "Certainty")
    assert "Certainty of 126 answers" in words(app)
    assert "Shares of 3 classes among 24 given labels and 126 answers" in words(app)

    open_part(app, run, "Confusion")
    assert "24 of 24 rows" in words(app)

    open_part(app, run, "Label next")
    listed = table_with(app, "row", "label", "why")
    assert len(listed) == 10 and listed["label"].isna().all()
    assert {"x", "y"} <= set(listed) and "kind" not in listed
    assert app.button(key="semi_again").disabled
    assert app.button(key="semi_again").help == "Type labels into the table above first."

    open_part(app, run, "Rows")
    rows = table_with(app, "row", "certainty", "p:ant")
    assert list(rows["row"]) == list(range(150)) and rows["label"].notna().all()
    assert set(rows["part"]) == {"given", "found"}
    app.multiselect(key=f"semi_rows_of_{run}").set_value(["bee"]).run()
    app.multiselect(key=f"semi_rows_origin_{run}").set_value(["given"]).run()
    assert_sound(app)
    kept = table_with(app, "row", "certainty", "p:ant")
    assert len(kept) == 8 and set(kept["kind"]) == {"bee"}

    open_part(app, run, "Findings")
    assert "FEW001" in words(app)
    assert set(table_with(app, "Column", "Differs", "p-value")["Column"]) == {"x", "y"}

    open_part(app, run, "Details")
    assert "How new rows are predicted" in words(app)

    open_part(app, run, "Download")
    offered = {key for key in keys(app.button) if str(key).startswith("download_")}
    assert offered == {f"download_{form.id}" for form in formats_for(Task.SEMI_SUPERVISED)}
    assert {"download_bundle", "download_rows"} <= offered


def test_rows_that_no_label_reaches_stay_without_one_and_are_counted(
    visit, workspace: Workspace, island: str
) -> None:
    (run,) = few_labels(workspace, island, "kind", "label_propagation")
    app = visit(PAGE)
    assert_sound(app)
    assert numbers(app)["Not reached"] == "20"
    said = words(app)
    assert "No label reaches 20 rows, in 1 group" in said
    assert "so that more rows are joined, or label one row of this group" in said
    assert table_with(app, "Run", "Not reached")["Not reached"].tolist() == [20]
    open_part(app, run, "Rows")
    rows = table_with(app, "row", "certainty", "p:ant")
    unreached = rows.iloc[40:]
    assert unreached["label"].isna().all() and set(unreached["certainty"]) == {0.0}
    assert set(unreached["part"]) == {"none: no label reaches it"}
    assert "No label reaches 20 of all rows: raise k" in words(app)
    # They have the same number for each class, which is explained and no probability.
    shares = unreached.filter(like="p:")
    assert shares.shape[1] == 2 and (shares.nunique(axis=1) == 1).all()
    assert "which stands for no probability" in words(app)
    open_part(app, run, "Label next")
    listed = table_with(app, "row", "label", "why")
    assert listed["why"].iloc[0] == "no label reaches it" and listed["row"].iloc[0] >= 40
    assert (listed["why"].iloc[1:] == "least certain of its region").all()
    open_part(app, run, "Certainty")
    assert "No label reaches 20 more rows" in words(app)
    for part in PARTS:
        open_part(app, run, part)


# --- does it help? -----------------------------------------------------------------------------


def draws_of(gain: float) -> pd.DataFrame:
    lines = [
        (size, repeat, method, 0.6 + 0.01 * (repeat % 3) + gain * (method != "alone"), size, 12)
        for size in (4, 12)
        for repeat in range(1, 11)
        for method in ("alone", "with_unlabelled")
    ]
    columns = ["size", "repeat", "method", "accuracy", "n_train", "n_held_out"]
    return pd.DataFrame(lines, columns=columns)


def test_harm_is_a_warning_above_all_parts(visit, workspace: Workspace, clouds: str) -> None:
    (run,) = few_labels(workspace, clouds, "kind", "label_propagation")
    RunStore(workspace).save_analysis(run, "draws", draws_of(-0.2))
    app = visit(PAGE)
    open_part(app, run, "Rows")
    (warning,) = app.warning
    assert "The rows without a label hurt" in warning.value
    assert numbers(app)["Other rows help"] == "No, they hurt"
    board = table_with(app, "Run", "Other rows help")
    assert board["Other rows help"].tolist() == ["no, they hurt"]
    assert board["Gain"].round(6).tolist() == [-20.0]
    open_part(app, run, "Does it help?")
    assert len(app.warning) == 2


def test_help_is_said_with_its_interval(visit, workspace: Workspace, clouds: str) -> None:
    (run,) = few_labels(workspace, clouds, "kind", "label_propagation")
    RunStore(workspace).save_analysis(run, "draws", draws_of(0.2))
    app = open_part(visit(PAGE), run, "Does it help?")
    assert "help: with 12 labels, accuracy is higher by +20.0" in app.success[0].value.replace(
        "\\", ""
    )
    assert not app.warning


def test_without_draws_it_is_said_that_nothing_was_measured(
    visit, workspace: Workspace, clouds: str
) -> None:
    (run,) = few_labels(workspace, clouds, "kind", "label_propagation", repeats=0)
    app = open_part(visit(PAGE), run, "Does it help?")
    assert "was not measured" in words(app)
    assert numbers(app)["Other rows help"] == "Not measured"
    assert "semi_draws_csv" not in keys(app.button)


def test_one_label_a_class_gives_no_scores_and_every_part_says_so(
    visit, workspace: Workspace
) -> None:
    frame = make_clouds()[0].frame
    first = frame.groupby("kind").head(1).index
    lone = frame.assign(kind=frame["kind"].where(frame.index.isin(first)))
    identifier = bring_frame(workspace, "lone", lone)
    (run,) = few_labels(workspace, identifier, "kind", "label_propagation")
    app = visit(PAGE)
    assert_sound(app)
    assert numbers(app)["Accuracy"] == "–" and numbers(app)["95 % interval"] == "–"
    assert "Each class has one label only" in words(app)
    assert app.selectbox(key="semi_run").options == ["Label propagation · 3 labels · no score"]
    for part in PARTS:
        open_part(app, run, part)
        if part == "Confusion":
            assert "No label could be hidden" in words(app)


# --- the work list -----------------------------------------------------------------------------


def test_the_work_list_has_the_rows_own_columns_and_room_for_a_label(
    workspace: Workspace, island: str
) -> None:
    (run,) = few_labels(workspace, island, "kind", "label_propagation")
    table = DatasetStore(workspace).load(island)
    proposed = RunStore(workspace).analysis_frame(run, "next")
    first = int(proposed["row"].iloc[0])
    setup = type_in(workspace, island, {first: "wasp"})
    listed = work_list(table, setup, proposed)
    assert list(listed)[:2] == ["row", "label"]
    assert listed["label"].tolist()[0] == "wasp" and listed["label"].isna().sum() == 9
    own = table.frame[["x", "y"]].iloc[listed["row"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(listed[["x", "y"]], own)


def test_our_columns_give_way_to_those_of_the_table(workspace: Workspace) -> None:
    frame = make_clouds()[0].frame.rename(columns={"x": "label", "y": "row"})
    identifier = bring_frame(workspace, "names", frame.assign(why="because"))
    (run,) = few_labels(workspace, identifier, "kind", "label_propagation")
    table = DatasetStore(workspace).load(identifier)
    proposed = RunStore(workspace).analysis_frame(run, "next")
    listed = work_list(table, setup_of(workspace, identifier), proposed)
    assert list(listed) == [
        "row_", "label_", "why_", "certainty", "stands for", "label", "row", "why",
    ]  # fmt: skip


def test_with_typed_labels_the_same_algorithms_run_again_and_the_new_run_is_shown(
    visit, workspace: Workspace, clouds: str
) -> None:
    params: dict[str, dict[str, Any]] = {"label_propagation": {"n_neighbors": 7}}
    chosen = ("label_propagation", "self_training")
    first, second = few_labels(workspace, clouds, "kind", *chosen, params=params)
    empty = make_clouds()[0].frame["kind"].isna()
    typed = {int(empty.index[empty][0]): "ant", int(empty.index[empty][1]): "bee"}
    type_in(workspace, clouds, typed)
    app = open_part(visit(PAGE), second, "Label next")
    assert app.multiselect(key="semi_next_typed").value == list(typed)
    assert not app.button(key="semi_again").disabled
    assert literal("“Label propagation”, “Self-training”") in app.button(key="semi_again").help
    app.button(key="semi_again").click().run()
    assert_sound(app)
    store, dataset = RunStore(workspace), DatasetStore(workspace).load(clouds)
    again = [run for run in store.all(clouds) if run.id not in (first, second)]
    assert [run.experiment.algorithm for run in again] == list(chosen)
    assert all(run.experiment.split.typed == tuple(typed.items()) for run in again)
    assert again[0].experiment.params["n_neighbors"] == 7
    assert len(JobQueue(workspace).active()) == 2
    # Until it is there, the run that was looked at stays.
    assert app.selectbox(key="semi_run").value == second
    for run in again:
        store.save(run.id, run_experiment(dataset, run.experiment), dataset)
    app.run()
    assert_sound(app)
    box = f"semi_run_since_{again[1].id}"
    assert app.selectbox(key=box).value == again[1].id
    assert numbers(app)["Rows completed"] == "124"
    assert "2 labels were typed in" in words(app)
    assert app.button(key="semi_again").disabled
    assert "The runs had different labels" in words(app)
    # It stays the user's choice from then on.
    app.selectbox(key=box).select(first).run()
    assert app.selectbox(key=box).value == first


def test_only_runs_that_were_asked_the_same_are_repeated(workspace: Workspace, clouds: str) -> None:
    few_labels(workspace, clouds, "kind", "label_spreading", folds=4)
    few_labels(workspace, clouds, "kind", "label_propagation", "label_propagation")
    setup = type_in(workspace, clouds, {1: "ant"})
    runs = RunStore(workspace).all(clouds)
    again = repeated(runs[-1], runs, setup)
    assert [plan.algorithm for plan in again] == ["label_propagation"]
    assert again[0].split.typed == ((1, "ant"),) and again[0].split.folds == 3


def test_a_table_without_gaps_left_has_nothing_to_label_next(visit, workspace: Workspace) -> None:
    frame = make_clouds(n_rows=30, n_known=24)[0].frame
    identifier = bring_frame(workspace, "few", frame)
    few_labels(workspace, identifier, "kind", "label_propagation")
    setup = setup_of(workspace, identifier)
    gaps = frame.index[frame["kind"].isna()]
    setup = type_in(workspace, identifier, dict.fromkeys(map(int, gaps), "ant"))
    dataset, store = DatasetStore(workspace).load(identifier), RunStore(workspace)
    plan = setup.experiment(dataset, "label_propagation")
    full = store.create(identifier, plan, "All labelled")
    store.save(full, run_experiment(dataset, plan), dataset)
    app = visit(PAGE)
    for part in PARTS:
        open_part(app, full, part)
        if part == "Label next":
            assert "Every row has a label already" in words(app)


# --- what else there is ------------------------------------------------------------------------


def test_runs_side_by_side_with_their_intervals(visit, workspace: Workspace, island: str) -> None:
    made = few_labels(workspace, island, "kind", *ALGORITHMS)
    app = visit(PAGE)
    assert_sound(app)
    board = table_with(app, "Run", "Accuracy", "From", "To", "Not reached", "Other rows help")
    assert len(board) == 3 and (board["From"] <= board["Accuracy"]).all()
    assert (board["To"] >= board["Accuracy"]).all() and board["From"].min() < 100
    assert set(board["Labels"]) == {6}
    assert board.set_index("Algorithm")["Not reached"]["Self-training"] == 0
    assert app.selectbox(key="semi_run").value in made
    assert "The runs had different labels" not in words(app)


def test_a_table_that_was_changed_is_not_shown_beside_its_labels(
    visit, workspace: Workspace
) -> None:
    frame = make_clouds()[0].frame
    identifier = bring_frame(workspace, "clouds", frame.assign(size=frame.index % 4))
    (run,) = few_labels(workspace, identifier, "kind", "label_propagation")
    DatasetStore(workspace).set_kinds(identifier, {"size": ColumnKind.CATEGORY})
    app = visit(PAGE)
    for part in PARTS:
        open_part(app, run, part)
        assert ("The table was changed after this run" in words(app)) == (
            part in ("Label next", "Rows")
        )


def test_a_sealed_test_set_has_its_own_part(visit, workspace: Workspace, clouds: str) -> None:
    (run,) = few_labels(workspace, clouds, "kind", "label_propagation", test_share=0.25)
    app = open_part(visit(PAGE), run, "Test set")
    assert "6 test rows are sealed" in words(app)
    app.button(key="results_open_test").click().run()
    assert_sound(app)
    assert [job.kind for job in JobQueue(workspace).for_subject(run)] == ["open_test"]


def test_rename_and_delete(visit, workspace: Workspace, clouds: str) -> None:
    first, second = few_labels(workspace, clouds, "kind", "label_propagation", "self_training")
    app = visit(PAGE)
    app.selectbox(key="semi_change").select(first).run()
    app.text_input(key=f"semi_name_{first}").set_value("My <b>labels</b>").run()
    app.button(key="semi_rename").click().run()
    assert_sound(app)
    assert RunStore(workspace).get(first).name == "My <b>labels</b>"
    app.selectbox(key="semi_run").select(first).run()
    assert literal("My <b>labels</b>") in [heading.value for heading in app.subheader]
    app.selectbox(key="semi_change").select(first).run()
    app.button(key="semi_delete").click().run()
    app.button(key="semi_delete_yes").click().run()
    assert_sound(app)
    assert [run.id for run in RunStore(workspace).all()] == [second]
    assert app.selectbox(key="semi_run").value == second


def test_runs_without_a_result_can_be_removed(visit, workspace: Workspace, clouds: str) -> None:
    (good,) = few_labels(workspace, clouds, "kind", "label_propagation")
    dataset = DatasetStore(workspace).load(clouds)
    plan = setup_of(workspace, clouds).experiment(dataset, "label_spreading")
    (bad,) = submit_training(workspace, clouds, [plan], ["Spreading"])
    JobQueue(workspace).cancel(RunStore(workspace).get(bad).job.id)
    app = visit(PAGE)
    assert "1 run without a result" in [part.label for part in app.expander]
    app.button(key=f"semi_delete_{bad}").click().run()
    assert_sound(app)
    assert [run.id for run in RunStore(workspace).all()] == [good]


def test_the_board_of_jobs_says_how_a_run_came_out(
    visit, workspace: Workspace, clouds: str
) -> None:
    dataset, store = DatasetStore(workspace).load(clouds), RunStore(workspace)
    few_labels(workspace, clouds, "kind")
    plan = setup_of(workspace, clouds).experiment(dataset, "label_propagation")
    (run,) = submit_training(workspace, clouds, [plan], ["Propagation"])
    store.save(run, run_experiment(dataset, plan), dataset)
    job = store.get(run).job
    with workspace.connect() as connection:
        connection.execute("UPDATE jobs SET status = 'done' WHERE id = ?", (job.id,))
    app = visit(PAGE)
    assert_sound(app)
    assert "Accuracy 1 ± 0" in words(app)
    assert "found again after being hidden" in words(app)


def test_columns_of_the_table_are_not_taken_for_probabilities() -> None:
    names = ["row", "label", "certainty", "part", "p:own", "tie", "p:a", "p:b"]
    rows = pd.DataFrame(columns=names)
    assert share_names(rows) == ["p:a", "p:b"]
    assert share_names(rows[["row", "p:own", "tie"]]) == []


def test_rows_are_filtered_and_sorted() -> None:
    together = pd.DataFrame(
        {
            "row": [0, 1, 2, 3],
            "label": ["b", "a", None, "b"],
            "certainty": [1.0, 0.6, 0.0, 0.7],
            "part": ["given", "propagated", "unlabelled", "propagated"],
        }
    )
    assert chosen_rows(together, [], [], "certainty", False)["row"].tolist() == [2, 1, 3, 0]
    assert chosen_rows(together, ["b"], [], "certainty", True)["row"].tolist() == [0, 3]
    assert chosen_rows(together, [], ["unlabelled"], "row", False)["row"].tolist() == [2]
    assert chosen_rows(together, ["b"], ["propagated"], "row", False)["row"].tolist() == [3]
