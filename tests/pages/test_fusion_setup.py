"""Fusing labels, from the columns to the runs."""

from __future__ import annotations

import csv
import io

import pytest
from stocked import bring, bring_text
from streamlit.testing.v1 import AppTest

from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

PAGE = "label_fusion.py"

PEOPLE = ["ada", "ben", "cem", "dia", "eli", "fay", "gus", "hana", "ivo"]


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements)


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def jobs(workspace: Workspace) -> list[str]:
    """Return the runs that wait or go on."""
    return [job.id for job in JobQueue(workspace).active() if job.kind == "train"]


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def text_of(rows: list[list[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def long_table(n_rows: int = 40) -> str:
    """Three raters on each of some rows; the last one disagrees now and then."""
    rows: list[list[object]] = [["item", "rater", "label", "truth"]]
    for number in range(n_rows):
        kind = "good" if number % 3 else "bad"
        other = "bad" if kind == "good" else "good"
        truth = kind if number < 10 else ""
        for rater in ("kim", "lee", "max"):
            said = other if rater == "max" and number % 4 == 0 else kind
            rows.append([f"text {number}", rater, said, truth])
    return text_of(rows)


def number_table() -> str:
    rows: list[list[object]] = [["essay", "first", "second", "third", "true"]]
    for number in range(60):
        rows.append([f"e{number}", number, number + 1, number + 5, number + 1])
    return text_of(rows)


@pytest.fixture
def photos(workspace: Workspace) -> str:
    return bring(workspace, "photo_tags")


def test_votes_are_found_and_told_at_once(visit, photos: str) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert app.multiselect(key="fusion_sources").value == PEOPLE
    assert app.selectbox(key="fusion_gold").value == "gold"
    assert app.multiselect(key="fusion_abstain").value == ["unsure"]
    assert "One column for each source" in words(app)
    shown = metrics(app)
    assert shown["Rows"] == "600" and shown["Sources"] == "9" and shown["Gold rows"] == "120"
    assert int(shown["Votes"].replace(",", "")) > 3000
    labels = next(frame.value for frame in app.dataframe if "Share of the votes" in frame.value)
    assert set(labels["Label"]) == {"beach", "city", "forest", "mountain"}
    assert app.multiselect(key="fusion_methods").value == [
        "plurality", "log_odds", "one_coin", "dawid_skene",
    ]  # fmt: skip
    assert not app.button(key="fusion_start").disabled


def test_without_gold_nothing_is_weighed_by_it(visit, photos: str) -> None:
    app = visit(PAGE)
    app.selectbox(key="fusion_gold").set_value(None).run()
    assert_sound(app)
    assert "log_odds" not in app.multiselect(key="fusion_methods").value
    assert "Gold rows" not in metrics(app)
    app.multiselect(key="fusion_methods").set_value(["log_odds"]).run()
    assert not app.exception
    assert any("true label is known" in warning.value for warning in app.warning)
    assert app.button(key="fusion_start").disabled


def test_a_column_is_source_or_gold_never_both(visit, photos: str) -> None:
    app = visit(PAGE)
    app.selectbox(key="fusion_gold").set_value("ada").run()
    assert_sound(app)
    assert "ada" not in app.multiselect(key="fusion_sources").value
    app.multiselect(key="fusion_sources").set_value(PEOPLE).run()
    assert_sound(app)
    assert app.selectbox(key="fusion_gold").value is None


def test_an_abstention_is_no_missing_vote(visit, photos: str) -> None:
    app = visit(PAGE)
    told = metrics(app)
    app.multiselect(key="fusion_abstain").set_value([]).run()
    assert_sound(app)
    as_label = metrics(app)
    assert told["Abstentions"] != "0" and as_label["Abstentions"] == "0"
    votes = [int(shown["Votes"].replace(",", "")) for shown in (told, as_label)]
    assert votes[1] - votes[0] == int(told["Abstentions"].replace(",", ""))


def test_a_long_table_is_found(visit, workspace: Workspace) -> None:
    bring_text(workspace, "raters.csv", long_table())
    app = visit(PAGE)
    assert_sound(app)
    chosen = [app.selectbox(key=f"fusion_{part}").value for part in ("row", "source", "label")]
    assert chosen == ["item", "rater", "label"]
    assert app.selectbox(key="fusion_gold").value == "truth"
    assert metrics(app)["Rows"] == "40" and metrics(app)["Gold rows"] == "10"
    assert app.toggle(key="fusion_models").disabled


def test_the_layout_can_be_overruled(visit, photos: str) -> None:
    app = visit(PAGE)
    app.get_by_key("fusion_layout").set_value("long").run()
    assert not app.exception and not app.error
    assert "You chose otherwise" in words(app)
    assert "Choose the three columns" in words(app)
    app.selectbox(key="fusion_row").set_value("photo").run()
    app.selectbox(key="fusion_source").set_value("ada").run()
    app.selectbox(key="fusion_label").set_value("ada").run()
    assert not app.exception
    assert "three different columns" in app.error[0].value


def test_numbers_are_averaged(visit, workspace: Workspace) -> None:
    bring_text(workspace, "essays.csv", number_table())
    app = visit(PAGE)
    app.multiselect(key="fusion_sources").set_value(["first", "second", "third"]).run()
    app.selectbox(key="fusion_gold").set_value("true").run()
    assert_sound(app)
    assert app.get_by_key("fusion_kind").value is True
    assert app.multiselect(key="fusion_methods").value == ["median", "trimmed_mean"]
    assert "fusion_ties" not in {box.key for box in app.selectbox}
    app.get_by_key("fusion_kind").set_value(False).run()
    assert_sound(app)
    assert "dawid_skene" in app.multiselect(key="fusion_methods").value


def test_words_cannot_be_averaged(visit, photos: str) -> None:
    app = visit(PAGE)
    app.get_by_key("fusion_kind").set_value(True).run()
    assert not app.exception
    assert any("must be numbers" in warning.value for warning in app.warning)
    assert app.button(key="fusion_start").disabled


def test_an_order_decides_ties(visit, workspace: Workspace, photos: str) -> None:
    app = visit(PAGE)
    assert "fusion_order" not in {box.key for box in app.multiselect}
    app.selectbox(key="fusion_ties").set_value("order").run()
    app.multiselect(key="fusion_order").set_value(["forest", "city"]).run()
    app.multiselect(key="fusion_methods").set_value(["plurality"]).run()
    app.button(key="fusion_start").click().run()
    assert_sound(app)
    (run,) = RunStore(workspace).all(photos)
    assert run.experiment.split.ties == "order"
    assert run.experiment.split.order == ("forest", "city")


def test_weights_are_given_and_told_to_their_rule_alone(
    visit, workspace: Workspace, photos: str
) -> None:
    app = visit(PAGE)
    app.multiselect(key="fusion_methods").set_value(["plurality", "weights"]).run()
    assert any("needs a weight" in warning.value for warning in app.warning)
    app.session_state["fusion_weights"] = {
        "edited_rows": {0: {"Weight": 3.0}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    assert_sound(app)
    app.button(key="fusion_start").click().run()
    told = {r.experiment.algorithm: r.experiment.split for r in RunStore(workspace).all(photos)}
    assert told["weights"].weights == (("ada", 3.0),)
    assert told["plurality"].weights == ()


def test_models_of_the_sources_can_vote(visit, workspace: Workspace, photos: str) -> None:
    app = visit(PAGE)
    app.toggle(key="fusion_models").set_value(True).run()
    assert_sound(app)
    features = app.multiselect(key="fusion_features")
    assert features.value == ["brightness", "green", "straight_lines", "far_away"]
    assert not set(features.options) & {*PEOPLE, "gold"}
    app.multiselect(key="fusion_methods").set_value(["plurality"]).run()
    app.button(key="fusion_start").click().run()
    (run,) = RunStore(workspace).all(photos)
    assert run.experiment.split.learner == "logistic_regression"
    assert run.name == "Most votes (plurality), models vote"


def test_everything_is_remembered(visit, photos: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="fusion_sources").set_value(["ada", "ben", "cem"]).run()
    app.multiselect(key="fusion_abstain").set_value([]).run()
    app.selectbox(key="fusion_ties").set_value("random").run()
    app.multiselect(key="fusion_methods").set_value(["majority"]).run()
    app.slider(key="fusion_majority_share").set_value(0.6).run()
    assert_sound(app)
    for again in (visit(PAGE), app.switch_page("learn.py").run().switch_page(PAGE).run()):
        assert_sound(again)
        assert again.multiselect(key="fusion_sources").value == ["ada", "ben", "cem"]
        assert again.multiselect(key="fusion_abstain").value == []
        assert again.selectbox(key="fusion_ties").value == "random"
        assert again.multiselect(key="fusion_methods").value == ["majority"]
        assert again.slider(key="fusion_majority_share").value == 0.6


def test_start_submits_what_is_chosen_and_cancel_stops_it(
    visit, workspace: Workspace, photos: str
) -> None:
    app = visit(PAGE)
    app.button(key="fusion_start").click().run()
    assert_sound(app)
    started = [run.experiment for run in RunStore(workspace).all(photos)]
    assert [e.algorithm for e in started] == ["plurality", "log_odds", "one_coin", "dawid_skene"]
    assert {e.target for e in started} == {"gold"}
    assert len(jobs(workspace)) == 4
    app.button(key="fusion_cancel").click().run()
    assert not jobs(workspace)


def test_a_table_without_votes_shows_the_way(visit, workspace: Workspace) -> None:
    bring(workspace, "diabetes")
    app = visit(PAGE)
    assert_sound(app)
    assert "Choose the columns that hold the labels" in words(app)
    assert "fusion_start" not in {button.key for button in app.button}


def test_one_source_is_a_sentence(visit, photos: str) -> None:
    app = visit(PAGE)
    app.multiselect(key="fusion_sources").set_value(["ada"]).run()
    assert not app.exception
    assert "At least two sources" in app.error[0].value


def test_marks_that_were_read_as_empty_are_told(visit, workspace: Workspace) -> None:
    table = "a,b,c\n" + "x,?,y\nY,y,x\nx,x,?\n y,x,y\n" * 5
    bring_text(workspace, "marks.csv", table)
    app = visit(PAGE)
    assert_sound(app)
    assert "“?” \\(10\\)" in words(app)
    assert "written in several ways" in words(app)


def test_ratings_are_said_to_be_names(visit, workspace: Workspace) -> None:
    lines = [f"{n % 5 + 1},{(n + n % 3) % 5 + 1}" for n in range(30)]
    bring_text(workspace, "ratings.csv", "\n".join(["ann,bob", *lines]))
    app = visit(PAGE)
    app.multiselect(key="fusion_sources").set_value(["ann", "bob"]).run()
    assert_sound(app)
    assert "are treated as names" in words(app)
    app.get_by_key("fusion_kind").set_value(True).run()
    assert_sound(app)
    assert "are treated as names" not in words(app)
