"""The page on which a table is looked at: each part, each kind, and what is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from stocked import bring, bring_frame, mark_label
from streamlit.testing.v1 import AppTest

from mlcore.data.relations import MOST_ROWS
from mlcore.training.jobs import JobQueue
from mlcore.training.work import map_table
from mlcore.workflow.table_map import TABLE_MAP
from mlcore.workspace import Workspace

PARTS = ("One column", "Two columns", "Relations", "Missing", "Label", "Map")


def words(app: AppTest) -> str:
    """Return everything the page says, without the marks that keep it letter by letter."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def assert_sound(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def open_part(visit, part: str) -> AppTest:
    app = visit("explore.py")
    app.session_state["explore_part"] = part
    return assert_sound(app.run())


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_one_column_by_its_kind(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = visit("explore.py")
    assert charts(app) == 1 and "Adelie" in words(app)
    assert app.dataframe[0].value["value"].tolist()[0] == "344"
    app.selectbox(key="explore_column").select("body_mass_g")
    app.selectbox(key="explore_split").select("species").run()
    assert_sound(app)
    assert "4,201.75" in app.dataframe[0].value["value"].tolist()
    assert app.button(key="explore_distribution_csv").click().run()
    assert_sound(app)


def test_columns_without_a_distribution_say_so(visit, workspace: Workspace) -> None:
    n_rows = 60
    frame = pd.DataFrame(
        {
            "id": [f"person {i:03}" for i in range(n_rows)],
            "same": ["one"] * n_rows,
            "said": [f"the {w} was quite {w} on day {i}" for i, w in
                     enumerate(np.resize(["sky", "sea", "sand"], n_rows))],
            "size": np.arange(n_rows) * 1.5,
        }
    )  # fmt: skip
    bring_frame(workspace, "odd", frame)
    app = visit("explore.py")
    for column, said in (("id", "of its own"), ("same", "same value"), ("said", "words")):
        assert_sound(app.selectbox(key="explore_column").select(column).run())
        assert said in words(app)
    assert charts(app) == 1


@pytest.mark.parametrize(
    ("first", "second", "measure"),
    [
        ("flipper_length_mm", "body_mass_g", "Spearman’s ρ is 0.84: a strong relation."),
        ("body_mass_g", "species", "Correlation ratio η is 0.8"),
        ("species", "island", "Cramér’s V is 0.657"),
    ],
)
def test_two_columns(visit, workspace: Workspace, first, second, measure) -> None:
    bring(workspace, "penguins")
    app = open_part(visit, "Two columns")
    app.selectbox(key="explore_first").select(first)
    assert_sound(app.selectbox(key="explore_second").select(second).run())
    assert measure in words(app) and charts(app) == 1
    if first == "flipper_length_mm":
        assert "Where “flipper_length_mm” is larger" in words(app)
        assert_sound(app.checkbox(key="explore_trim").check().run())
        assert "as a value is among the outermost: " in words(app)
    app.selectbox(key="explore_second").select(first).run()
    assert "two different columns" in words(assert_sound(app))


def test_relations_over_mixed_kinds(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = open_part(visit, "Relations")
    strongest = app.dataframe[0].value
    assert set(strongest["measure"]) == {"Spearman’s ρ", "Correlation ratio η", "Cramér’s V"}
    assert app.button(key="explore_relations_csv")
    app.segmented_control(key="explore_for_numbers").set_value("pearson")
    assert_sound(app.run())
    assert "Pearson’s r" in set(app.dataframe[0].value["measure"])


def test_gaps(visit, workspace: Workspace) -> None:
    bring(workspace, "penguins")
    app = open_part(visit, "Missing")
    assert charts(app) == 2 and "333 of 344 rows are complete" in words(app)
    bring(workspace, "iris")
    assert "No value is missing" in words(open_part(visit, "Missing"))


def test_the_label_against_everything(visit, workspace: Workspace) -> None:
    dataset = bring(workspace, "penguins")
    app = open_part(visit, "Label")
    assert "Choose the column that is to be predicted." in words(app) and not charts(app)
    mark_label(workspace, dataset, "species")
    app = open_part(visit, "Label")
    assert app.selectbox(key="explore_label").value == "species"
    assert charts(app) == 1 + 6
    assert "sealed for the test" in words(app)
    assert "The strongest is “flipper_length_mm”" in words(app)


def test_the_map_and_its_colours(visit, workspace: Workspace) -> None:
    mark_label(workspace, bring(workspace, "penguins"), "species")
    app = open_part(visit, "Map")
    assert "The colour is “species” (“Adelie”" in words(app)
    assert "Axis 1 is made most of “flipper_length_mm”" in words(app)
    assert_sound(app.selectbox(key="explore_map_colour").select("body_mass_g").run())
    assert "The colour is “body_mass_g”; it runs from" in words(app)


def test_another_map_is_a_job_and_is_kept(visit, workspace: Workspace) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    identifier = bring_frame(workspace, "cloud", pd.DataFrame(rows, columns=list("abc")))
    # Chosen on the page that sets up, not marked in the table.
    workspace.remember(f"setup:{identifier}", {"target": "c"})
    app = open_part(visit, "Map")
    app.segmented_control(key="explore_map_method").set_value("tsne").run()
    assert not charts(app)
    app.button(key="explore_map_start").click().run()
    (job,) = JobQueue(workspace).for_subject(identifier)
    assert job.kind == "table_map"

    class Context:
        subject, report = identifier, staticmethod(lambda progress: None)

    Context.workspace = workspace
    map_table(Context, {"method": "tsne", "label": "c"})
    assert_sound(app.run())
    assert charts(app) == 1 and "laid out by t-SNE" in words(app)
    assert "groups (2): “a”, “b”." in words(app)
    assert list((workspace.folder("datasets", identifier) / "analyses").glob(f"{TABLE_MAP}-*"))


def test_a_large_table_says_that_rows_were_drawn(visit, workspace: Workspace) -> None:
    rng = np.random.default_rng(0)
    n_rows = MOST_ROWS + 500
    frame = pd.DataFrame({"a": rng.normal(size=n_rows).round(3), "b": rng.integers(0, 9, n_rows)})
    bring_frame(workspace, "large", frame)
    for part in ("Two columns", "Relations", "Map"):
        assert "drawn by lot" in words(open_part(visit, part))


@pytest.mark.parametrize("part", PARTS)
def test_a_table_of_text_alone_is_no_trouble(visit, workspace: Workspace, part) -> None:
    said = [f"a long remark number {i} that nobody else has written" for i in range(30)]
    bring_frame(workspace, "remarks", pd.DataFrame({"said": said}))
    open_part(visit, part)
