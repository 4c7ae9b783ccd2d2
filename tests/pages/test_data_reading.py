"""A file on the Data page: brought, read, overruled, taken into use."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.training import work
from mlcore.training.context import JobContext
from mlcore.workspace import Workspace

CSV = b"id;price;kind\n" + b"".join(b"%03d;%d,5;k%d\n" % (n, n, n % 2) for n in range(1, 31))
#: One record is torn in two, which is mended, and one too short.
ODD = CSV.replace(b"007;7,5;k1\n", b"007;7\n,5;k1\n").replace(b"009;9,5;k1\n", b"009\n")


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def bring(app: AppTest, workspace: Workspace, name: str, content: bytes) -> None:
    app.get_by_key("data_upload").upload(name, content, "text/csv").run()
    perform(workspace, app)


def perform(workspace: Workspace, app: AppTest) -> None:
    """Do in this process what the last job is waiting to do, and draw the page."""
    with workspace.connect() as connection:
        row = connection.execute(
            "SELECT id, subject, payload FROM jobs WHERE kind = 'read' ORDER BY sequence DESC"
        ).fetchone()
    context = JobContext(workspace, row["id"], row["subject"], workspace.home, None)  # type: ignore[arg-type]
    status, error = "done", None
    try:
        work.read(context, json.loads(row["payload"]))
    except UserError as refused:
        status, error = "failed", json.dumps(refused.message.to_json())
    with workspace.connect() as connection:
        connection.execute(
            "UPDATE jobs SET status = ?, error = ? WHERE id = ?", (status, error, row["id"])
        )
    app.run()
    assert not app.exception, app.exception


def option(app: AppTest, name: str) -> object:
    found = [*app.selectbox, *app.number_input]
    return next(box for box in found if str(box.key).startswith(f"data_read_{name}_"))


def preview(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value.columns)


@pytest.fixture
def app(visit) -> AppTest:
    return visit("data.py")


def test_what_was_found_out_can_be_overruled(app, workspace: Workspace) -> None:
    bring(app, workspace, "prices.csv", CSV)
    assert preview(app) == ["id", "price", "kind"] and option(app, "decimal").value == ","
    option(app, "header").select(False).run()
    perform(workspace, app)
    assert preview(app) == ["column_1", "column_2", "column_3"]
    app.button(key="data_anew").click().run()
    perform(workspace, app)
    assert preview(app) == ["id", "price", "kind"]
    assert not [button for button in app.button if button.key == "data_anew"]


def test_the_next_file_is_read_as_the_last_one(app, workspace: Workspace) -> None:
    bring(app, workspace, "first.csv", CSV)
    option(app, "marks").select(False).run()
    perform(workspace, app)
    app.button(key="data_use").click().run()
    bring(app, workspace, "second.csv", CSV)
    assert "Read as “first.csv” was" in words(app)
    app.button(key="data_anew").click().run()
    perform(workspace, app)
    assert "Read as" not in words(app) and option(app, "marks").value is True


def test_odd_places_are_listed_and_mends_taken_back(app, workspace: Workspace) -> None:
    bring(app, workspace, "odd.csv", ODD)
    assert "2 places in the file that did not fit" in words(app)
    listed = app.get_by_key("data_repairs").dataframe[0].value
    assert list(listed["line"]) == [8, 11] and listed["after"][0] == "007;7,5;k1"
    box = next(box for box in app.multiselect if str(box.key).startswith("data_undone_"))
    # The short record is listed, but nothing was mended there.
    assert len(box.options) == 1
    box.select(8).run()
    perform(workspace, app)
    assert "Mends taken back: 1" in words(app)
    box = next(box for box in app.multiselect if str(box.key).startswith("data_undone_"))
    assert box.value == [8]
    box.unselect(8).run()
    perform(workspace, app)
    assert "Mends taken back" not in words(app)


def test_a_workbook_has_the_options_of_a_workbook(app, workspace: Workspace) -> None:
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    for row in (["a", "b"], [1, 2], [3, 4]):
        (book["Data"] if "Data" in book else book.create_sheet("Data")).append(row)
    stream = io.BytesIO()
    book.save(stream)
    bring(app, workspace, "book.xlsx", stream.getvalue())
    assert preview(app) == ["a", "b"]
    assert not [box for box in app.selectbox if "encoding" in str(box.key)]
    option(app, "sheet").select("Sheet").run()
    perform(workspace, app)
    assert "has a header (“notes”) but no rows" in words(app)


def test_a_file_that_cannot_be_read_offers_to_say_how(app, workspace: Workspace) -> None:
    bring(app, workspace, "header.csv", b"a,b\n")
    assert "no rows below it" in words(app)
    option(app, "header").select(False).run()
    perform(workspace, app)
    assert preview(app) == ["column_1", "column_2"]


def test_a_table_can_be_pasted(app, workspace: Workspace) -> None:
    app.text_area(key="data_paste").input("name\tage\nAnn\t31\nBob\t45\n").run()
    perform(workspace, app)
    assert preview(app) == ["name", "age"]
    app.button(key="data_use").click().run()
    (info,) = DatasetStore(workspace).all()
    assert info.name == "pasted table" and info.rows == 2


def test_a_table_in_use_tells_how_it_was_read(app, workspace: Workspace) -> None:
    bring(app, workspace, "odd.csv", ODD)
    app.button(key="data_use").click().run()
    app.session_state["data_part"] = "File"
    app.run()
    assert not app.exception
    assert "places in the file that did not fit" in words(app) and "Delimiter" in words(app)
    assert not [box for box in app.multiselect if str(box.key).startswith("data_undone_")]
    identifier = DatasetStore(workspace).all()[0].id
    lines = DatasetStore(workspace).as_read(identifier).decode().splitlines()
    assert lines[0] == "id,price,kind" and lines[1] == "001,1.5,k1" and len(lines) == 31
    assert DatasetStore(workspace).as_read_name(identifier) == "odd-as-read.csv"
