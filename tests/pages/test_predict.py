"""The page that asks registered models."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from stocked import register_models
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox
from tables import make_mixed

from mlcore.registry.bundle_files import contract
from mlcore.registry.store import Registry
from mlcore.serving.opened import open_version
from mlcore.serving.table_predictions import CSV, TablePredictions
from mlcore.training.jobs import JobQueue, JobStatus
from mlcore.workflow import ignore
from mlcore.workspace import Workspace

FRAME = make_mixed().frame.drop(columns=["grown"])
#: Every remark is its own, so that the column is text.
FRAME["remark"] = [f"{text} on day {n} of all" for n, text in enumerate(FRAME["remark"])]


@pytest.fixture(scope="session")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with ``ants``, which tells classes, and ``price``, which tells numbers."""
    workspace = Workspace.open(tmp_path_factory.mktemp("registered"))
    models = [
        ("species", "logistic_regression", "ants"),
        ("species", "decision_tree", "ants"),
        ("price", "ridge", "price"),
    ]
    register_models(workspace, FRAME, models, tmp_path_factory.mktemp("registering"))
    return workspace.home


@pytest.fixture
def stocked(registered: Path, home: Path) -> Workspace:
    shutil.copytree(registered, home, dirs_exist_ok=True)
    return Workspace.open(home)


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def key_of(workspace: Workspace, model: str, column: str) -> str:
    version = Registry(workspace).find(model)
    opened = open_version(workspace, version)
    return f"predict_{version.id[:12]}_{opened.features.index(column)}"


def test_an_empty_registry_is_explained(visit) -> None:
    app = visit("predict.py")
    assert_sound(app)
    assert "No model is registered" in app.info[0].value
    assert not app.selectbox


def test_the_form_starts_with_typical_values_and_says_an_answer(visit, stocked) -> None:
    app = visit("predict.py")
    assert_sound(app)
    assert app.selectbox(key="predict_model").value == "ants"
    opened = open_version(stocked, Registry(stocked).find("ants"))
    typical = next(f for f in opened.schema["features"] if f["name"] == "size")["typical"]
    assert app.number_input(key=key_of(stocked, "ants", "size")).value == typical
    assert app.metric[0].label == "species" and app.metric[0].value in opened.schema["classes"]
    # Of free text no value is typical; it starts empty, and that is said.
    assert [w.value for w in app.warning] == ["remark is missing; in training it never was\\."]
    assert "typical one" in words(app)


@pytest.fixture
def any_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a choice be typed in, as a browser does; the test driver knows listed ones alone."""

    def state(box: Selectbox) -> WidgetState:
        made = WidgetState(id=box.id)
        if box.value is not None:
            made.string_value = str(box.format_func(box.value))
        return made

    monkeypatch.setattr(Selectbox, "_widget_state", property(state))


#: Values of widgets, and the same cells as they stand in a file.
ROWS = (
    {"size": (5.25, "5.25"), "colour": ("red", "red"), "seen": (date(2024, 2, 1), "2024-02-01")},
    {"size": (None, ""), "colour": (None, ""), "seen": (None, ""), "remark": ("", "")},
    {
        "size": (140.0, "140"),
        "colour": ("mauve", "mauve"),
        "seen": (date(2031, 1, 1), "2031-01-01"),
    },
)


@pytest.mark.parametrize("model", ["ants", "price"])
def test_form_file_and_contract_give_the_same_answers_and_sentences(
    visit, stocked, any_choice, model
) -> None:
    app = visit("predict.py")
    app.selectbox(key="predict_model").select(model).run()
    opened = open_version(stocked, Registry(stocked).find(model))
    features = opened.schema["features"]
    usual = {f["name"]: f["typical"] if f["typical"] is not None else "" for f in features}
    rows = [usual | {name: cells[1] for name, cells in row.items()} for row in ROWS]
    store = TablePredictions(stocked)
    lines = [",".join(map(str, row.values())) for row in rows]
    content = "\n".join([",".join(usual), *lines]).encode()
    identifier = store.stage("rows.csv", content, opened.version)
    store.check(identifier, ignore)
    store.predict(identifier, "warn", ignore)
    in_file = store.frame(identifier, "answers")
    for number, row in enumerate(ROWS):
        app.button(key="predict_reset").click().run()
        for name, (value, _) in row.items():
            app.session_state[key_of(stocked, model, name)] = value
        app.run()
        assert_sound(app)
        reading = contract.read_records([rows[number]], opened.schema)
        told = contract.answers(opened.model, opened.schema, reading)
        for name, values in told.columns.items():
            assert in_file[name][number] == values[0]
        said = app.metric[0].value
        expected = told.prediction[0]
        assert said == expected if model == "ants" else said == f"{expected:.4g}"
        sentences = [problem.sentence for problem in told.problems]
        assert [w.value.replace("\\", "") for w in app.warning] == sentences
        assert in_file["warnings"][number] == " ".join(sentences)


def test_slider_and_number_follow_each_other(visit, stocked) -> None:
    app = visit("predict.py")
    key = key_of(stocked, "ants", "size")
    slider = app.slider(key=f"{key}_slider")
    slider.set_value(slider.max).run()
    assert app.number_input(key=key).value == pytest.approx(slider.max)
    app.number_input(key=key).set_value(140.0).run()
    assert app.slider(key=f"{key}_slider").value == slider.max
    assert "size 140" in words(app)
    assert_sound(app)


def test_refusing_gives_no_prediction(visit, stocked) -> None:
    app = visit("predict.py")
    app.get_by_key("predict_policy").set_value("refuse").run()
    app.number_input(key=key_of(stocked, "ants", "size")).set_value(140.0).run()
    assert_sound(app)
    assert "No prediction" in words(app) and not app.metric


def test_what_would_have_to_change_can_be_put_into_the_form(visit, stocked) -> None:
    app = visit("predict.py")
    before = app.metric[0].value
    app.button(key="predict_change").click().run()
    assert_sound(app)
    app.button(key="predict_take").click().run()
    assert_sound(app)
    assert app.metric[0].value != before
    assert "Baseline Shapley" in words(app)


def test_a_number_has_an_interval_with_its_coverage(visit, stocked) -> None:
    app = visit("predict.py")
    app.selectbox(key="predict_model").select("price").run()
    assert_sound(app)
    said = words(app)
    assert "Between" in said and "90%" in said and "split conformal" in said


def test_another_version_can_be_asked(visit, stocked) -> None:
    app = visit("predict.py")
    assert app.selectbox(key="predict_version_ants").value == 1
    app.selectbox(key="predict_version_ants").select(2).run()
    assert_sound(app)


def upload(app: AppTest, content: bytes) -> None:
    app.session_state["predict_part"] = "A file"
    app.run()
    app.get_by_key("predict_file").upload("rows.csv", content, "text/csv").run()


def finish(workspace: Workspace, kind: str) -> str:
    """Do in this process what the job of a kind is waiting to do; return what it is about."""
    with workspace.connect() as connection:
        row = connection.execute(
            "SELECT id, subject, payload FROM jobs WHERE kind = ? ORDER BY sequence DESC", (kind,)
        ).fetchone()
        connection.execute("UPDATE jobs SET status = 'done' WHERE id = ?", (row["id"],))
    store = TablePredictions(workspace)
    if kind == "check_rows":
        store.check(row["subject"], ignore)
    else:
        store.predict(row["subject"], json.loads(row["payload"])["policy"], ignore)
    return str(row["subject"])


def test_a_file_from_upload_to_download(visit, stocked) -> None:
    app = visit("predict.py")
    frame = FRAME.head(30).astype({"size": object})
    frame.loc[2, "size"] = "tall"
    upload(app, frame.to_csv(index=False).encode())
    assert_sound(app)
    assert not [button for button in app.button if button.key == "predict_run"]
    finish(stocked, "check_rows")
    app.run()
    assert_sound(app)
    assert "30 rows" in words(app) and "1 get none" in words(app)
    assert "tall" in app.dataframe[0].value["problem"].iloc[0]
    app.button(key="predict_run").click().run()
    identifier = finish(stocked, "predict_rows")
    app.run()
    assert_sound(app)
    assert "29 rows predicted" in words(app)
    assert {"predict_csv", "predict_excel"} <= {button.key for button in app.button}
    assert (TablePredictions(stocked).folder(identifier) / CSV).is_file()
    app.button(key="predict_remove").click().run()
    assert_sound(app)
    assert TablePredictions(stocked).source(identifier) is None


def test_a_running_prediction_can_be_cancelled(visit, stocked) -> None:
    app = visit("predict.py")
    upload(app, FRAME.head(5).to_csv(index=False).encode())
    finish(stocked, "check_rows")
    app.run()
    app.button(key="predict_run").click().run()
    app.button(key="predict_cancel").click().run()
    job = next(job for job in _jobs(stocked) if job.kind == "predict_rows")
    assert job.status is JobStatus.CANCELLED
    app.run()
    assert "was stopped" in words(app)


def _jobs(workspace: Workspace):
    identifier = workspace.recall(f"predict_file:{Registry(workspace).find('ants').id}")
    return JobQueue(workspace).for_subject(identifier)


def test_what_is_no_table_is_said(visit, stocked) -> None:
    app = visit("predict.py")
    upload(app, b"a,b\n1,2\n")
    with stocked.connect() as connection:
        connection.execute(
            "UPDATE jobs SET status = 'failed', error = ? WHERE kind = 'check_rows'",
            (json.dumps({"code": "prediction.file", "parameters": {"reason": "No such."}}),),
        )
    app.run()
    assert not app.exception
    assert "No such" in app.error[0].value
