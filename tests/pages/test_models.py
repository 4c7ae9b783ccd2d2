"""The Models page: register, promote, roll back, put away, ask, and tokens that are shown once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from stocked import bring_frame, train
from streamlit.testing.v1 import AppTest
from tables import make_mixed

from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.registry.packing import with_manifest
from mlcore.registry.registering import register_run
from mlcore.registry.store import CHAMPION, Registry
from mlcore.serving.tokens import PREFIX, ApiTokens
from mlcore.training.jobs import JobQueue
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

PAGE = "models.py"


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def keys(elements) -> set[str]:
    return {element.key for element in elements}


def table_with(app: AppTest, *columns: str):
    """Return the table on the screen that has these columns."""
    return next(table.value for table in app.dataframe if set(columns) <= set(table.value.columns))


def open_part(app: AppTest, part: str, model: str = "ants") -> AppTest:
    app.session_state["models_model"] = model
    app.session_state["models_part"] = part
    app.run()
    assert_sound(app)
    return app


def type_alias(app: AppTest, alias: str) -> None:
    """Type a name that is not in the list."""
    box = app.selectbox(key="model_alias")
    box.options.append(alias)
    box.select(alias).run()


@pytest.fixture(scope="module")
def stocked_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with ``ants`` (two versions) and ``price`` (one), made once."""
    made = Workspace.open(tmp_path_factory.mktemp("models"))
    dataset = bring_frame(made, "mixed", make_mixed().frame.drop(columns=["grown"]))
    temp = tmp_path_factory.mktemp("registering")
    tree, bayes, _ = train(made, dataset, "species", "decision_tree", "naive_bayes")
    ridge, _ = train(made, dataset, "price", "ridge")
    for run, name in ((tree, "ants"), (bayes, "ants"), (ridge, "price")):
        register_run(RunStore(made), run, name, note="Tried out", temp=temp)
    return made.home


@pytest.fixture
def registry(stocked_home: Path, home: Path) -> Registry:
    """A copy of it as the workspace of the pages, to do anything to."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(stocked_home, home)
    return Registry(Workspace.open(home))


# Registering


def test_an_empty_registry_says_what_to_do(visit) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert "No model is registered yet" in words(app)
    assert "register_submit" not in keys(app.button)


def test_a_run_is_registered_by_a_job(visit, registry: Registry, tmp_path: Path) -> None:
    workspace, tree = registry.workspace, registry.get("ants").versions[-1].run
    for name in ("ants", "price"):
        registry.take_away(name, CHAMPION)
        registry.delete(name)
    app = visit(PAGE)
    assert "Choose a trained run" in words(app)
    assert app.text_input(key="register_name").value == "mixed-price"
    app.selectbox(key="register_run").select(tree).run()
    assert app.text_input(key="register_name").value == "mixed-species"
    app.text_input(key="register_name").set_value("two words").run()
    app.button(key="register_submit").click().run()
    assert "cannot be the name of a model" in app.error[0].value.replace("\\", "")
    app.text_input(key="register_name").set_value("ants").run()
    app.text_input(key="register_note").set_value("First").run()
    app.button(key="register_submit").click().run()
    assert_sound(app)
    (job,) = JobQueue(workspace).for_subject(tree)
    assert job.kind == "register" and app.button(key="register_submit").disabled
    # There is no supervisor here, so what the job does is done now.
    with workspace.connect() as connection:
        (payload,) = connection.execute("SELECT payload FROM jobs").fetchone()
        connection.execute("UPDATE jobs SET status = 'done' WHERE id = ?", (job.id,))
    register_run(RunStore(workspace), tree, **json.loads(payload), temp=tmp_path)
    app.run()
    assert_sound(app)
    assert "Version 1 of “ants” is registered." in words(app)
    shown = table_with(app, "Version", "Aliases", "Score").iloc[0]
    assert shown["Aliases"] == [CHAMPION] and shown["Algorithm"] == "Decision tree"
    assert 0 < shown["Score"] <= 1 and shown["Note"] == "First" and shown["By"]


def test_a_registration_that_fails_says_why(visit, registry: Registry) -> None:
    app = visit(PAGE)
    app.button(key="register_submit").click().run()
    run = app.selectbox(key="register_run").value
    (job,) = JobQueue(registry.workspace).for_subject(run)
    JobQueue(registry.workspace).cancel(job.id)
    app.run()
    assert not app.exception
    assert not app.button(key="register_submit").disabled
    app.button(key="register_submit").click().run()
    RunStore(registry.workspace).delete(run)  # and its jobs with it
    assert_sound(app.run())


def test_the_results_page_leads_here_with_its_run(visit, registry: Registry) -> None:
    run = registry.get("ants").versions[-1].run
    app = visit("results.py")
    app.selectbox(key="results_run").select(run).run()
    app.button(key="results_register").click().run()
    assert_sound(app)
    assert app.title[0].value == "Models"
    assert app.selectbox(key="register_run").value == run
    assert app.text_input(key="register_name").value == "mixed-species"


def test_what_callers_must_change_is_said_before(visit, registry: Registry) -> None:
    app = visit(PAGE)
    price = registry.get("price").versions[0].run
    app.text_input(key="register_name").set_value("ants").run()
    app.selectbox(key="register_run").select(price).run()
    assert app.text_input(key="register_name").value == "ants"  # typed, so no suggestion
    assert "The next version of “ants”" in words(app)
    assert "It predicts something else" in words(app)
    assert "must send more" in words(app) and "“species”" in words(app)


def test_only_onnx_is_taken_and_it_is_said_why(visit, registry: Registry) -> None:
    app = visit(PAGE)
    assert "can do anything on this computer" in words(app)
    assert app.button(key="import_submit").disabled
    uploader = app.get_by_key("import_file")
    uploader.set_value(("model.onnx", b"\x80\x05pickled", "application/octet-stream")).run()
    assert app.text_input(key="import_name").value == "model"
    app.button(key="import_submit").click().run()
    assert "can run any program hidden in it" in words(app)
    assert not JobQueue(registry.workspace).active()
    uploader = app.get_by_key("import_file")
    uploader.set_value(("Far away.onnx", b"\x08\x09", "application/octet-stream")).run()
    assert app.text_input(key="import_name").value == "far-away"
    app.button(key="import_submit").click().run()
    assert_sound(app)
    (job,) = JobQueue(registry.workspace).active()
    assert job.kind == "import_model"


# Versions


def test_promote_and_roll_back(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Versions")
    assert list(table_with(app, "Version", "Aliases")["Version"]) == [2, 1]
    assert app.button(key="model_roll_back").disabled
    app.selectbox(key="model_alias").select(CHAMPION).run()
    app.selectbox(key="model_version").select(2).run()
    app.button(key="model_promote").click().run()
    assert_sound(app)
    assert registry.find("ants").number == 2
    assert "“champion” of “ants” points at version 2 now." in words(app)
    assert app.button(key="model_promote").disabled
    back = app.button(key="model_roll_back")
    assert back.label == "Roll back to version 1"
    back.click().run()
    assert_sound(app)
    assert registry.find("ants").number == 1
    assert "is back to version 1" in words(app)


def test_an_alias_of_ones_own(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Versions")
    type_alias(app, "night")
    app.selectbox(key="model_version").select(2).run()
    app.button(key="model_promote").click().run()
    assert_sound(app)
    assert registry.find("ants", "night").number == 2
    app.button(key="model_take_away").click().run()
    assert_sound(app)
    with pytest.raises(UserError):
        registry.find("ants", "night")
    type_alias(app, "no good!")
    app.button(key="model_promote").click().run()
    assert "cannot be an alias" in words(app)


def test_what_is_in_use_stays_and_says_why(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Versions")
    app.selectbox(key="model_put_away").select(1).run()
    assert app.button(key="model_archive").disabled
    assert app.button(key="model_delete_version").disabled
    assert "in use as “champion”" in words(app)
    open_part(app, "About")
    assert app.button(key="model_delete").disabled
    assert "cannot be deleted while" in words(app)


def test_archive_and_bring_back(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Versions")
    app.selectbox(key="model_put_away").select(2).run()
    app.button(key="model_archive").click().run()
    assert_sound(app)
    assert registry.get("ants").numbered(2).is_archived
    assert app.selectbox(key="model_version").options == ["Version 1 (champion) · Tried out"]
    assert app.button(key="model_archive").label == "Bring back"
    app.button(key="model_archive").click().run()
    assert not registry.get("ants").numbered(2).is_archived


def test_a_version_and_a_model_are_deleted_when_told_twice(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Versions")
    app.selectbox(key="model_put_away").select(2).run()
    app.button(key="model_delete_version").click().run()
    assert registry.get("ants").numbered(2)
    app.button(key="model_delete_version_yes").click().run()
    assert_sound(app)
    assert [one.number for one in registry.get("ants").versions] == [1]
    app.selectbox(key="model_alias").select(CHAMPION).run()
    app.button(key="model_take_away").click().run()
    open_part(app, "About")
    app.button(key="model_delete").click().run()
    app.button(key="model_delete_yes").click().run()
    assert_sound(app)
    assert [model.name for model in registry.all()] == ["price"]


def test_a_version_that_was_touched_is_named_and_the_others_are_shown(
    visit, registry: Registry
) -> None:
    version = registry.get("ants").numbered(1)
    card = registry.checked_folder(version) / "card.md"
    card.write_text("changed", encoding="utf-8")
    app = open_part(visit(PAGE), "Versions")
    assert "not the one that was registered" in words(app)
    table = table_with(app, "Version", "Algorithm").set_index("Version")
    assert table.loc[1, "Algorithm"] == "cannot be opened"
    assert table.loc[2, "Score"] > 0
    app.session_state["models_part"] = "Card"
    app.run()
    assert not app.exception
    assert "not the one that was registered" in words(app)


def test_a_model_from_elsewhere_has_fewer_facts(visit, registry: Registry) -> None:
    feature = {"name": "size", "kind": "number", "example": "", "decimal": "."}
    schema = {"task": "regression", "target": "prediction", "features": [feature]}
    files = {"model.onnx": b"onnx", "input_schema.json": json.dumps(schema).encode()}
    registry.add("afar", with_manifest("afar", files, {}), origin="import")
    app = open_part(visit(PAGE), "Versions", "afar")
    assert "Score" not in table_with(app, "Version", "Algorithm").columns
    assert "made elsewhere" in words(open_part(app, "Card", "afar"))
    open_part(app, "Ask it", "afar")
    assert '"size": 0.0' in app.code[1].value


# The other parts


def test_two_versions_side_by_side(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Compare")
    scores = table_with(app, "Metric", "Version 1", "Version 2", "Difference")
    gap = scores["Version 2"] - scores["Version 1"]
    assert (scores["Difference"] - gap).abs().max() < 1e-12
    rest = table_with(app, "What", "Version 1", "Version 2").set_index("What")
    assert list(rest.loc["Algorithm"]) == ["Decision tree", "Naive Bayes (Gaussian)"]
    assert "Fingerprint of the table" not in rest.index
    open_part(app, "Compare", "price")
    assert "one version only" in words(app)


def test_the_card_of_a_version(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Card")
    version = registry.get("ants").numbered(1)
    fingerprint = RunStore(registry.workspace).get(version.run).experiment.fingerprint
    assert fingerprint in words(app)
    assert "### Decision tree" in words(app)
    app.button(key="model_download").click().run()
    assert_sound(app)
    RunStore(registry.workspace).delete(version.run)
    assert fingerprint in words(app.run())
    assert_sound(app)


def test_calls_can_be_copied(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Ask it")
    assert app.code[0].value.endswith("/models/ants/predict")
    app.selectbox(key="model_call_version").select(2).run()
    app.toggle(key="model_call_token").set_value(True).run()
    assert_sound(app)
    codes = [code.value for code in app.code]
    assert codes[0].endswith("/models/ants/predict?version=2")
    assert all("YOUR_TOKEN" in code for code in codes[1:4])
    compile(codes[2], "call.py", "exec")


def test_without_a_server_nothing_is_counted_and_it_is_said(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "Requests")
    assert "not running just now" in words(app)


def test_what_came_is_shown(visit, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {
        **{"requests": 1200, "errors": 3, "rows": 1300, "p50_ms": 1.234, "p95_ms": None},
        "odd": [
            {"column": "size", "code": "outside", "count": 2},
            {"column": "colour", "code": "unseen", "count": 7},
        ],
    }
    monkeypatch.setattr("pages.ui.panels.models_traffic.address", lambda _: "http://127.0.0.1:1")
    monkeypatch.setattr("mlcore.serving.asking._get", lambda *_: plain)
    app = open_part(visit(PAGE), "Requests")
    assert [m.value for m in app.metric] == ["1,200", "3", "1,300", "1.23 ms", "–"]
    assert list(table_with(app, "Column", "What")["Column"]) == ["colour", "size"]


def test_a_server_that_does_not_answer_gets_a_sentence(
    visit, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.panels.models_traffic.address", lambda _: "http://127.0.0.1:1")
    app = open_part(visit(PAGE), "Requests")
    assert "does not answer at http://127.0.0.1:1" in words(app).replace("\u2060", "")


def test_what_a_model_is_for_is_kept(visit, registry: Registry) -> None:
    app = open_part(visit(PAGE), "About")
    app.text_area(key="model_description_ants").set_value("Tells <b>ants</b>").run()
    app.multiselect(key="model_tags_ants").set_value(["garden"]).run()
    app.button(key="model_describe").click().run()
    assert_sound(app)
    kept = registry.get("ants")
    assert (kept.description, kept.tags) == ("Tells <b>ants</b>", ("garden",))


# Tokens


def test_a_token_is_shown_once_and_revoked_when_told_twice(visit, registry: Registry) -> None:
    tokens = ApiTokens(registry.workspace)
    app = visit(PAGE)
    app.button(key="token_create").click().run()
    assert "A token needs a name" in words(app) and not tokens.all()
    app.text_input(key="token_name").set_value("The till").run()
    app.selectbox(key="token_model").select("ants").run()
    app.button(key="token_create").click().run()
    assert_sound(app)
    (secret,) = [code.value for code in app.code if code.value.startswith(PREFIX)]
    assert "shown only this once" in words(app)
    app.button(key="token_copied").click().run()
    app.run()
    (kept,) = tokens.all()
    assert secret not in words(app) and not [c for c in app.code if secret in c.value]
    assert kept.model == "ants" and kept.expires is not None
    shown = table_with(app, "Begins with").iloc[0]
    assert shown["Name"] == "The till" and secret.startswith(shown["Begins with"].rstrip("…"))
    app.button(key="token_revoke").click().run()
    assert tokens.all()
    app.button(key="token_revoke_yes").click().run()
    assert_sound(app)
    assert not tokens.all()


def test_the_registry_is_not_tied_to_the_table_in_use(visit, registry: Registry) -> None:
    for info in DatasetStore(registry.workspace).all():
        RunStore(registry.workspace).delete_of_dataset(info.id)
        DatasetStore(registry.workspace).delete(info.id)
    app = open_part(visit(PAGE), "Versions")
    assert table_with(app, "Version", "Score")["Score"].notna().all()
    assert "No trained run is left" in words(app)
