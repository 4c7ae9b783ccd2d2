"""Steps before modelling on the Data page: added, moved, taken back, and offered by findings."""

from __future__ import annotations

import pandas as pd
import pytest
from stocked import bring_frame
from streamlit.testing.v1 import AppTest

from mlcore.data.recipe.steps_file import read_steps
from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.workspace import Workspace

CSV = b"colour,price,day\n" + b"".join(
    b"%s,%d,2024-01-%02d\n"
    % ((b"red", b"Red", b"blue")[n % 3], -1 if n % 9 == 4 else n, 1 + n % 28)
    for n in range(60)
)


@pytest.fixture
def table(workspace: Workspace) -> str:
    store = DatasetStore(workspace)
    identifier = store.stage("paints.csv", CSV)
    store.read(identifier)
    store.register(identifier)
    workspace.remember("dataset", identifier)
    return identifier


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.info, *app.success, *app.error]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def part(app: AppTest, name: str) -> AppTest:
    app.session_state["data_part"] = name
    app.run()
    assert not app.exception, app.exception
    return app


def test_steps_are_added_moved_taken_out_and_back(visit, workspace: Workspace, table: str) -> None:
    store = DatasetStore(workspace)
    app = part(visit("data.py"), "Steps")
    assert app.button(key="recipe_undo").disabled
    app.selectbox(key="recipe_step").select("derive").run()
    app.text_input(key="recipe_derive_name").set_value("half")
    app.text_input(key="recipe_derive_formula").set_value("[prize] / 2").run()
    app.button(key="recipe_add").click().run()
    assert "Did you mean “price”" in app.error[0].value.replace("\\", "")
    app.text_input(key="recipe_derive_formula").set_value("[price] / 2").run()
    app.button(key="recipe_add").click().run()
    assert "“half” is [price] / 2." in words(app)
    assert "half" in store.schema(table).names

    app.selectbox(key="recipe_step").select("keep_rows").run()
    app.selectbox(key="recipe_keep_rows_column").select("price").run()
    app.selectbox(key="recipe_keep_rows_comparison_price").select("is at least").run()
    box = "recipe_keep_rows_values_price_is at least_0"
    app.number_input(key=box).set_value(0.0).run()
    app.button(key="recipe_add").click().run()
    assert "Only rows where “price” is at least “0”" in words(app)
    assert "Rows: 60 → **53**" in words(app)

    app.button(key="recipe_download").click().run()
    assert not app.exception
    (offered,) = workspace.folder("exports", "x").parent.glob("*.json")
    steps = read_steps(offered.read_bytes(), offered.name)
    assert steps == store.recipe(table).to_json()

    app.button(key="recipe_up_1").click().run()
    assert [step["step"] for step in store.recipe(table).steps] == ["keep_rows", "derive"]
    app.button(key="recipe_remove_0").click().run()
    assert store.schema(table).n_rows == 60
    for count in (2, 2, 1, 0):
        app.button(key="recipe_undo").click().run()
        assert not app.exception and len(store.recipe(table).steps) == count
    assert app.button(key="recipe_undo").disabled


@pytest.mark.parametrize(
    ("step", "controls"),
    [
        ("fill", {"recipe_fill_column": "price", "recipe_fill_value_price": 3.0}),
        ("drop", {"recipe_drop_columns": ["day"]}),
        (
            "date_parts",
            {"recipe_date_parts_column": "day", "recipe_date_parts_parts_day": ["year"]},
        ),
        ("group", {"recipe_group_keep_colour": ["red"], "recipe_group_other_colour": "other"}),
        ("rename", {"recipe_rename_column": "day", "recipe_rename_to_day": "date"}),
        ("drop_repeated", {}),
        ("derive", {"recipe_derive_name": "none", "recipe_derive_formula": "[price] / 0"}),
    ],
)
def test_every_form_makes_its_step(
    visit, workspace: Workspace, table: str, step: str, controls: dict[str, object]
) -> None:
    app = part(visit("data.py"), "Steps")
    app.selectbox(key="recipe_step").select(step).run()
    for key, value in controls.items():
        app.get_by_key(key).set_value(value).run()
    app.button(key="recipe_add").click().run()
    assert not app.exception and not app.error, words(app)
    assert [one["step"] for one in DatasetStore(workspace).recipe(table).steps] == [step]
    assert ("No row gets a value." in words(app)) == (step == "derive")


def test_a_finding_is_mended_by_one_click_and_taken_back(
    visit, workspace: Workspace, table: str
) -> None:
    store = DatasetStore(workspace)
    app = part(visit("data.py"), "Findings")
    assert "Values that stand for unknown" in words(app)
    app.button(key="remedy_DATA011_0").click().run()
    assert not app.exception and store.schema(table)["price"].missing == 7
    app.button(key="remedy_DATA014_0").click().run()
    assert set(store.load(table).frame["colour"]) == {"red", "blue"}
    app.button(key="remedy_undo").click().run()
    app.button(key="remedy_undo").click().run()
    assert not store.recipe(table) and store.schema(table)["price"].missing == 0


def test_a_kind_is_changed_by_one_click_and_taken_back(visit, workspace: Workspace) -> None:
    mixed = [str(n % 23) if n % 3 else "below 5" for n in range(60)]
    table = pd.DataFrame({"level": mixed, "x": [n * 7 % 17 for n in range(60)]})
    store, identifier = DatasetStore(workspace), bring_frame(workspace, "levels", table)
    app = part(visit("data.py"), "Findings")
    app.button(key="remedy_DATA015_0").click().run()
    assert "Done: Read “level” as numbers (words that become missing: 20)" in words(app)
    assert store.schema(identifier)["level"].kind is ColumnKind.NUMBER
    app.button(key="remedy_undo").click().run()
    assert not app.exception and not store.can_undo(identifier)
    app = part(app, "Columns")
    app.multiselect(key="columns_several").select("level").select("x").run()
    app.selectbox(key="columns_kind").select("text")
    app.selectbox(key="columns_role").select("ignored").run()
    app.button(key="columns_apply").click().run()
    assert {store.schema(identifier)[name].role for name in ("level", "x")} == {Role.IGNORED}
    app.button(key="kinds_undo").click().run()
    schema = store.schema(identifier)
    assert not app.exception and not store.can_undo(identifier)
    assert schema["level"].kind is ColumnKind.CATEGORY and schema["x"].role is Role.FEATURE


def test_where_nothing_can_be_clicked_a_sentence_says_why(visit, workspace: Workspace) -> None:
    columns = {"x": [n % 4 for n in range(80)], "y": ["ab"[n % 80 < 20] for n in range(80)]}
    identifier = bring_frame(workspace, "answers", pd.DataFrame(columns))
    DatasetStore(workspace).set_roles(identifier, {"y": Role.LABEL})
    app = visit("setup.py")
    said = words(app)
    (rows,) = (one.value for one in app.dataframe)
    assert list(rows.columns) == ["y", "x"] and len(rows) == 64
    assert "Nothing to click: without these rows no two classes would be left." in said
    assert "No model can be right in more than 75.0% of the rows" in said


def test_classes_are_weighed_and_contradictions_left_out_by_one_click(
    visit, workspace: Workspace
) -> None:
    rows = range(120)
    table = pd.DataFrame({"x": [n * 7 % 121 for n in rows], "y": ["ab"[n % 10 == 0] for n in rows]})
    table.loc[:49:10, "x"] = table.loc[1:50:10, "x"].to_numpy()
    store, identifier = DatasetStore(workspace), bring_frame(workspace, "answers", table)
    store.set_roles(identifier, {"y": Role.LABEL})
    weight = "train_classification_logistic_regression_class_weight"
    app = visit("setup.py")
    for wanted in ("balanced", None):
        app.button(key="remedy_weigh_classes").click().run()
        assert not app.exception and "Done: " in words(app)
        app.switch_page("train.py").run()
        assert app.selectbox(key=weight).value == wanted
        assert ("Classes weigh alike" in words(app)) == (wanted is not None)
        app.switch_page("setup.py").run()
    assert not store.can_undo(identifier)
    button = app.button(key="remedy_DATA022_0")
    assert button.label.startswith("Leave out rows that contradict each other")
    button.click().run()
    assert list(store.load(identifier).frame["x"]) == list(
        table["x"].drop([row for row in rows if row < 50 and row % 10 < 2])
    )
    app.button(key="remedy_undo").click().run()
    assert not app.exception and len(store.load(identifier).frame) == 120


def test_the_set_up_follows_what_is_done_about_a_finding(visit, workspace: Workspace) -> None:
    rows = range(60)
    told = pd.DataFrame({"told": [f"was {n % 2}" for n in rows], "y": [n % 2 for n in rows]})
    told["x"], told["user_id"] = [n * 37 % 31 for n in rows], [f"u{n * 7 % 15}" for n in rows]
    store = DatasetStore(workspace)
    identifier = bring_frame(workspace, "told", told)
    store.set_roles(identifier, {"y": Role.LABEL})
    app = visit("setup.py")
    assert app.multiselect(key="setup_features").value == ["told", "x", "user_id"]
    assert "Several rows of the same" in words(app)
    app.button(key="remedy_DATA009_0").click().run()
    assert not app.exception and "Done: Ignore “told”" in words(app)
    assert app.multiselect(key="setup_features").value == ["x", "user_id"]
    app.button(key="remedy_undo").click().run()
    assert app.multiselect(key="setup_features").value == ["told", "x", "user_id"]

    app = part(visit("data.py"), "Findings")
    app.button(key="remedy_DATA020_0").click().run()
    app.switch_page("setup.py").run()
    assert app.selectbox(key="setup_group").value == "user_id"
    assert app.multiselect(key="setup_features").value == ["told", "x"]
