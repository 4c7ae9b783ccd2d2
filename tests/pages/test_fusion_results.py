"""What came of fusing labels: every part, votes that are changed, and training on the result."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from stocked import bring, bring_text, fuse, train
from streamlit.testing.v1 import AppTest

from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.fusion.config import FusionConfig
from mlcore.setups import FusionSetup, default_fusion_setup
from mlcore.training.fused_table import fused_table
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore, submit_training
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace
from pages.ui.panels.fusion_rows import contested_first, filtered, votes_by_source

PAGE = "label_fusion.py"
PARTS = ["Rows", "Sources", "Agreement", "Model", "Findings", "Details", "Download"]

VOTES = """who,size,a,b,c,gold
p0,1.5,x,x,y,x
p1,2.5,x,y,,
p2,3.5,y,Y,y,y
p3,4.5,x,X,x,x
p4,5.5,,,,
p5,6.5,y,x,y,
p6,7.5,x,x,x,
p7,8.5,y,y,x,y
"""


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def keys(elements) -> set[str]:
    return {element.key for element in elements}


def open_part(app: AppTest, run: str, part: str) -> AppTest:
    app.session_state["fusion_run"] = run
    app.session_state["fusion_part"] = part
    app.run()
    assert_sound(app)
    assert "nan" not in words(app).lower().split()
    return app


def table_with(app: AppTest, *columns: str) -> pd.DataFrame:
    """Return the table on the screen that has these columns."""
    return next(table.value for table in app.dataframe if set(columns) <= set(table.value.columns))


def photo_setup(workspace: Workspace, dataset: str, **changes: object) -> FusionSetup:
    setup = default_fusion_setup(DatasetStore(workspace).load(dataset))
    return replace(setup, split=replace(setup.split, abstain=("unsure",), **changes))


@pytest.fixture
def photos(workspace: Workspace) -> str:
    return bring(workspace, "photo_tags")


def test_nothing_is_there_before_the_first_run(visit, photos: str) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert "fusion_run" not in keys(app.selectbox)


def test_each_part_of_the_results(visit, workspace: Workspace, photos: str) -> None:
    setup = photo_setup(workspace, photos)
    plain, model = fuse(workspace, photos, "plurality", "dawid_skene", setup=setup)
    app = visit(PAGE)
    assert_sound(app)
    board = table_with(app, "Run", "Accuracy", "Decided")
    assert list(board["Run"]) == ["Dawid–Skene", "Most votes (plurality)"]
    best = board.iloc[0]
    assert best["From"] < best["Accuracy"] < best["To"]
    assert "No rule wins everywhere" in words(app)
    assert app.selectbox(key="fusion_run").value == model

    open_part(app, model, "Rows")
    assert [tab.label for tab in app.tabs][-len(PARTS) :] == PARTS
    rows = table_with(app, "Row", "Fused", "Margin")
    assert rows["Margin"].dropna().is_monotonic_increasing
    assert len(rows) == 600

    open_part(app, model, "Sources")
    sources = table_with(app, "Source", "Accuracy", "From", "To").set_index("Source")
    assert sources["Accuracy"].idxmin() == "hana" and sources["Accuracy"].idxmax() in ("ada", "ben")
    assert (sources["From"] <= sources["Accuracy"]).all()
    assert "hana" in words(app) and "FUSE001" in words(app)
    app.selectbox(key=f"fusion_confusion_of_{model}").select("hana").run()
    app.toggle(key="fusion_confusion_estimated").set_value(True).run()
    assert_sound(app)

    open_part(app, model, "Agreement")
    said = words(app)
    assert "Krippendorff" in said and "Fleiss" in said
    statistics = table_with(app, "Statistic", "Value", "From", "To")
    assert statistics["Value"].between(-1, 1).all()

    open_part(app, model, "Model")
    assert "a higher log-likelihood" in words(app)
    open_part(app, model, "Findings")
    assert "FUSE003" in words(app)  # gus copies fay
    open_part(app, model, "Details")
    assert "unsure" in str(table_with(app, "what", "value")["value"].tolist())
    open_part(app, model, "Download")
    assert {"download_bundle", "download_rows"} <= keys(app.button)

    open_part(app, plain, "Rows")
    assert "Model" not in [tab.label for tab in app.tabs]
    app.get_by_key("fusion_rows_of").set_value("Ties").run()
    assert_sound(app)
    assert table_with(app, "Row", "Tie")["Tie"].all()
    app.get_by_key("fusion_rows_of").set_value("Wrong on gold").run()
    wrong = table_with(app, "Row", "Fused", "Gold")
    assert len(wrong) and (wrong["Fused"] != wrong["Gold"]).all()


def test_what_gold_rows_taught_is_said_to_be_cross_fitted(
    visit, workspace: Workspace, photos: str
) -> None:
    setup = photo_setup(workspace, photos)
    plain, taught = fuse(workspace, photos, "plurality", "log_odds", setup=setup)
    app = open_part(visit(PAGE), taught, "Rows")
    assert "each fold is judged by what the other gold rows taught" in words(app)
    open_part(app, plain, "Rows")
    assert "what the other gold rows taught" not in words(app)


def test_without_gold_no_rule_is_called_best(visit, workspace: Workspace, photos: str) -> None:
    setup = replace(photo_setup(workspace, photos), target=None)
    one, two = fuse(workspace, photos, "plurality", "one_coin", setup=setup)
    app = visit(PAGE)
    assert_sound(app)
    board = table_with(app, "Run", "Decided", "Ties", "Same as most votes")
    assert "Accuracy" not in board
    assert board.set_index("Run")["Same as most votes"]["Most votes (plurality)"] == 1
    assert "no row has a known true label" in words(app)
    for part in ("Rows", "Sources", "Agreement", "Findings"):
        open_part(app, two, part)
    open_part(app, two, "Sources")
    assert "The true labels are not known" in words(app)
    assert "are right" not in words(app)


def test_numbers_have_their_own_board_and_parts(visit, workspace: Workspace) -> None:
    lines = [f"{n},{n},{n + 1},{n + 9},{n + 1 if n < 9 else ''}" for n in range(30)]
    dataset = bring_text(workspace, "n.csv", "\n".join(["id,a,b,c,true", *lines]))
    split = FusionConfig(sources=("a", "b", "c"), numbers=True)
    setup = FusionSetup(target="true", split=split)
    middle, mean = fuse(workspace, dataset, "median", "trimmed_mean", setup=setup)
    app = visit(PAGE)
    assert_sound(app)
    board = table_with(app, "Run", "Mean absolute error")
    assert list(board["Run"]) == ["Median", "Trimmed mean"]
    assert board["Mean absolute error"].iloc[0] == 0
    for part in ("Rows", "Sources", "Agreement", "Findings", "Details"):
        open_part(app, middle, part)
    open_part(app, middle, "Rows")
    assert {"Spread", "Lowest", "Highest"} <= set(table_with(app, "Row", "Fused").columns)


def test_changing_a_vote_fuses_again(visit, workspace: Workspace) -> None:
    dataset = bring_text(workspace, "votes.csv", VOTES)
    setup = FusionSetup(target="gold", split=FusionConfig(sources=("a", "b", "c")))
    (run, other) = fuse(workspace, dataset, "plurality", "majority", setup=setup)
    app = visit(PAGE)
    open_part(app, run, "Rows")
    # Row 1 ties, so it comes first.
    assert table_with(app, "Row", "Fused")["Row"].iloc[0] == "1"
    assert "fusion_again" not in keys(app.button)
    app.selectbox(key="fusion_vote_source_1").select("b").run()
    assert app.button(key="fusion_vote_change").disabled
    app.selectbox(key="fusion_vote_label_1_b").select("x").run()
    app.button(key="fusion_vote_change").click().run()
    assert_sound(app)
    assert "1 changed vote" in [part.label for part in app.expander]
    changed = table_with(app, "Source", "In the table", "Now").set_index("Source")
    assert tuple(changed.loc["b"]) == ("y", "x")
    # The votes are new, the fused label is not, and that is said.
    before = "are from before your change; start the rules again"
    assert before in words(app) and "Before a vote was changed, the row was undecided" in words(app)
    app.text_input(key="fusion_rows_find").set_value("6").run()
    assert before not in words(app) and "fusion_again" in keys(app.button)
    app.text_input(key="fusion_rows_find").set_value("").run()
    app.button(key="fusion_again").click().run()
    assert_sound(app)
    started = RunStore(workspace).all(dataset)[2:]
    assert [each.experiment.algorithm for each in started] == ["plurality", "majority"]
    assert {each.experiment.split.edits for each in started} == {(("1", "b", "x"),)}
    assert started[0].name == "Most votes (plurality), 1 vote changed"
    assert len([job for job in JobQueue(workspace).active() if job.kind == "train"]) == 2
    result = run_experiment(DatasetStore(workspace).load(dataset), started[0].experiment)
    fused = result.frames["rows"].set_index("row")["predicted"]
    assert fused["1"] == "x"


def test_runs_that_fused_different_votes_are_not_compared(
    visit, workspace: Workspace, photos: str
) -> None:
    setup = photo_setup(workspace, photos)
    changed = replace(setup, split=replace(setup.split, edits=(("0", "ada", "beach"),)))
    fuse(workspace, photos, "plurality", "dawid_skene", setup=setup)
    assert "McNemar" in words(visit(PAGE))
    fuse(workspace, photos, "plurality", setup=changed)
    said = words(visit(PAGE))
    assert "The 3 runs fused different votes" in said and "McNemar" not in said
    assert "are not comparable" in said
    fuse(workspace, photos, "dawid_skene", setup=changed)
    said = words(visit(PAGE))
    assert "only 2 of 4 fused the votes that the newest one fused" in said and "McNemar" in said


def test_a_change_is_taken_back(visit, workspace: Workspace) -> None:
    dataset = bring_text(workspace, "votes.csv", VOTES)
    setup = FusionSetup(split=FusionConfig(sources=("a", "b", "c")))
    (run,) = fuse(workspace, dataset, "plurality", setup=setup)
    app = open_part(visit(PAGE), run, "Rows")
    app.selectbox(key="fusion_vote_source_1").select("c").run()
    app.selectbox(key="fusion_vote_label_1_c").select("y").run()
    app.button(key="fusion_vote_change").click().run()
    assert "fusion_again" in keys(app.button)
    assert app.metric[2].value == "21"  # a vote more than the table has
    app.button(key="fusion_undo_1_c").click().run()
    assert_sound(app)
    assert "fusion_again" not in keys(app.button)
    assert app.metric[2].value == "20"
    # Changing it back by hand is the same.
    app.selectbox(key="fusion_vote_source_1").select("b").run()
    app.selectbox(key="fusion_vote_label_1_b").select("(no vote)").run()
    app.button(key="fusion_vote_change").click().run()
    assert "fusion_again" in keys(app.button)
    app.selectbox(key="fusion_vote_label_1_b").select("y").run()
    app.button(key="fusion_vote_change").click().run()
    assert "fusion_again" not in keys(app.button)


def test_another_table_does_not_open_a_run_that_was_awaited(
    visit, workspace: Workspace, photos: str
) -> None:
    dataset = bring_text(workspace, "votes.csv", VOTES)
    setup = FusionSetup(split=FusionConfig(sources=("a", "b", "c")))
    (run,) = fuse(workspace, dataset, "plurality", setup=setup)
    app = open_part(visit(PAGE), run, "Rows")
    app.session_state["session"].fusion_awaited = run
    app.switch_page("data.py").run()
    app.selectbox(key=f"table_in_use_{dataset}").select(photos).run()
    assert_sound(app)
    state = app.session_state["session"]
    assert state.dataset == photos
    assert (state.fusion_run, state.fusion_awaited) == (None, None)


def test_changes_of_sources_that_are_not_chosen_wait(visit, workspace: Workspace) -> None:
    dataset = bring_text(workspace, "votes.csv", VOTES)
    workspace.remember(f"fusion_edits:{dataset}", [["0", "c", "x"], ["1", "a", "y"]])
    app = visit(PAGE)
    app.multiselect(key="fusion_sources").set_value(["a", "b"]).run()
    assert_sound(app)
    assert "1 of them wait" in words(app)
    app.button(key="fusion_start").click().run()
    edits = {run.experiment.split.edits for run in RunStore(workspace).all(dataset)}
    assert edits == {(("1", "a", "y"),)}


def test_a_fused_label_is_trained_on_with_its_weights(workspace: Workspace, photos: str) -> None:
    (run,) = fuse(workspace, photos, "dawid_skene", setup=photo_setup(workspace, photos))
    made = fused_table(RunStore(workspace), run)
    store = DatasetStore(workspace)
    identifier = made.stage(store)
    store.read(identifier, made.options)
    made.finish(store, identifier)
    table = store.load(identifier)
    assert list(table.frame) == [
        "photo", "brightness", "green", "straight_lines", "far_away", "gold", "fused_label",
        "label_confidence",
    ]  # fmt: skip
    assert table.schema["fused_label"].role is Role.LABEL
    assert table.schema["label_confidence"].role is Role.WEIGHT
    assert table.schema["gold"].role is Role.IGNORED
    rows = RunStore(workspace).analysis_frame(run, "rows")
    assert table.frame["fused_label"].equals(rows["predicted"].astype("str"))
    assert table.frame["label_confidence"].to_numpy() == pytest.approx(
        rows["confidence"].where(rows["predicted"].notna()).to_numpy(), abs=1e-6, nan_ok=True
    )
    model, _ = train(workspace, identifier, "fused_label", "logistic_regression")
    trained = RunStore(workspace).get(model).experiment
    assert trained.weight == "label_confidence"
    assert trained.features == ("brightness", "green", "straight_lines", "far_away")
    scores = RunStore(workspace).evaluation(model).scores
    assert scores.loc[scores["metric"] == "accuracy", "value"].mean() > 0.7


def test_the_button_makes_the_table_and_goes_on(
    visit, workspace: Workspace, photos: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no supervisor here, so the job is carried out where it is waited for."""
    (run,) = fuse(workspace, photos, "plurality", setup=photo_setup(workspace, photos))

    def wait(job: str) -> None:
        from mlcore.data.reading import ReadingOptions

        queue = JobQueue(workspace)
        found = queue.get(job)
        options = ReadingOptions(encoding="utf-8", delimiter=",", header=True, decimal=".")
        DatasetStore(workspace).read(found.subject, options)
        queue.cancel(job)

    monkeypatch.setattr("pages.ui.stored.wait", wait)
    app = visit(PAGE)
    app.button(key="fusion_train").click().run()
    assert not app.exception, app.exception
    assert workspace.recall("dataset") != photos
    listed = DatasetStore(workspace).all()
    assert [info.name for info in listed][0] == "photo_tags, fused by Most votes (plurality)"
    assert app.selectbox(key="setup_target").value == "fused_label"
    assert app.selectbox(key="setup_weight").value == "label_confidence"
    assert any("Rows that are undecided" in success.value for success in app.success)
    assert any("not how often it is right" in success.value for success in app.success)
    app.switch_page("learn.py").run().switch_page("setup.py").run()
    assert not any("A new table" in success.value for success in app.success)


def test_a_table_that_was_changed_is_not_edited(visit, workspace: Workspace, photos: str) -> None:
    (run,) = fuse(workspace, photos, "plurality", setup=photo_setup(workspace, photos))
    DatasetStore(workspace).set_kinds(photos, {"green": ColumnKind.CATEGORY})
    app = open_part(visit(PAGE), run, "Rows")
    assert "The table was changed after this run" in words(app)
    assert app.button(key="fusion_train").disabled


def test_models_that_voted_are_told_of(visit, workspace: Workspace, photos: str) -> None:
    setup = photo_setup(workspace, photos, learner="decision_tree")
    setup = replace(setup, features=("brightness", "green", "straight_lines", "far_away"))
    (run,) = fuse(workspace, photos, "plurality", setup=setup)
    app = open_part(visit(PAGE), run, "Rows")
    assert "from which their models learn" in words(app)
    for part in ("Sources", "Details"):
        open_part(app, run, part)


def test_rename_and_delete(visit, workspace: Workspace, photos: str) -> None:
    setup = photo_setup(workspace, photos)
    first, second = fuse(workspace, photos, "plurality", "majority", setup=setup)
    app = visit(PAGE)
    app.selectbox(key="fusion_change").select(first).run()
    app.text_input(key=f"fusion_name_{first}").set_value("My <b>labels</b>").run()
    app.button(key="fusion_rename").click().run()
    assert_sound(app)
    assert "My <b>labels</b>" in app.selectbox(key="fusion_run").options
    app.selectbox(key="fusion_change").select(first).run()
    app.button(key="fusion_delete").click().run()
    app.button(key="fusion_delete_yes").click().run()
    assert_sound(app)
    assert [run.id for run in RunStore(workspace).all()] == [second]


def test_runs_without_a_result_can_be_removed(visit, workspace: Workspace, photos: str) -> None:
    dataset = DatasetStore(workspace).load(photos)
    experiment = photo_setup(workspace, photos).experiment(dataset, "plurality")
    (bad,) = submit_training(workspace, photos, [experiment], ["Bad"])
    JobQueue(workspace).cancel(RunStore(workspace).get(bad).job.id)
    app = visit(PAGE)
    assert "1 run without a result" in [part.label for part in app.expander]
    app.button(key=f"fusion_delete_{bad}").click().run()
    assert_sound(app)
    assert not RunStore(workspace).all()


def test_a_large_long_table_stays_usable(visit, workspace: Workspace) -> None:
    """What is drawn is capped, and the cap is said."""
    pairs = [(row, row % 100 * 3 + vote) for row in range(3000) for vote in range(3)]
    lines = [f"r{row},s{source},{'abc'[row * (source + 1) % 3]}" for row, source in pairs]
    dataset = bring_text(workspace, "long.csv", "\n".join(["item,worker,label", *lines]))
    (run,) = fuse(workspace, dataset, "one_coin")
    app = open_part(visit(PAGE), run, "Rows")
    assert len(table_with(app, "Row", "Fused")) == 1000
    assert "The first 1,000 are shown" in words(app)
    app.text_input(key="fusion_rows_find").set_value("r2999").run()
    assert table_with(app, "Row", "Fused")["Row"].tolist() == ["r2999"]
    assert "200 of 300 sources are listed" in words(app)
    open_part(app, run, "Agreement")
    assert "30 sources with the most votes" in words(app)


def test_kappas_of_a_handful_of_rows_are_not_drawn(visit, workspace: Workspace) -> None:
    dataset = bring_text(workspace, "votes.csv", VOTES)
    setup = FusionSetup(split=FusionConfig(sources=("a", "b", "c")))
    (run,) = fuse(workspace, dataset, "plurality", setup=setup)
    app = open_part(visit(PAGE), run, "Agreement")
    assert "none share 20 rows or more" in words(app)
    assert "fusion_kappa_csv" in keys(app.button)


def test_contested_rows_come_first_and_filters_keep_what_they_say() -> None:
    rows = pd.DataFrame(
        {
            "row": ["a", "b", "c", "d"],
            "predicted": ["x", None, "y", None],
            "margin": [0.5, 0.0, 0.1, float("nan")],
            "n_votes": [3, 2, 3, 0],
            "tie": [False, True, False, False],
            "gold": ["x", "x", "x", None],
        }
    )
    assert contested_first(rows)["row"].tolist() == ["b", "c", "a", "d"]
    assert filtered(rows, "Ties", "")["row"].tolist() == ["b"]
    assert filtered(rows, "Undecided", "")["row"].tolist() == ["b", "d"]
    assert filtered(rows, "Wrong on gold", "")["row"].tolist() == ["b", "c"]
    assert filtered(rows, "All", "C")["row"].tolist() == ["c"]


def test_votes_of_a_row_with_their_changes() -> None:
    from mlcore.fusion.votes import wide_votes

    votes = wide_votes(pd.DataFrame({"a": ["x", "y"], "b": [None, "y"], "c": ["y", "x"]}), "abc")
    found = votes_by_source(votes, "0", [("0", "b", "x"), ("0", "c", None), ("1", "a", "x")])
    assert found == {"a": ("x", "x"), "c": ("y", None), "b": (None, "x")}
