"""Completing labels as a person does it: from a file with gaps to a model that names new rows."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from driving import by_key, choose_from, go_to, open_part, press, says, settled
from live_server import Server
from playwright.sync_api import Locator, Page, expect

from mlcore.tasks import Task
from mlcore.training.runs import Run, RunStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser

#: Length in mm and weight in g of each kind of beetle; nobody has named one of the third kind yet.
KINDS = {"Maikäfer": (25.0, 900.0), "Rüssler": (6.0, 40.0), "": (60.0, 5000.0)}


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """150 beetles, of which 16 were named: Swiss numbers, umlauts, a word for “not named yet”."""
    draw = random.Random(8)
    path = tmp_path / "Käfer.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Länge", "Gewicht", "Art"])
        for number in range(150):
            kind = list(KINDS)[number % 3]
            length, weight = KINDS[kind]
            named = kind if number < 24 else "offen" if number < 40 else ""
            writer.writerow(
                [f"{draw.gauss(length, 1.5):.2f}", f"{draw.gauss(weight, 9):.1f}", named]
            )
    return path


def test_from_a_file_with_gaps_to_a_model(
    tab: Page, server: Server, own_file: Path, tmp_path: Path
) -> None:
    bring(tab, own_file)
    go_to(tab, "Few labels")
    # The column was found by itself, and what stands for "no label" is named.
    says(tab, "the only column that is empty in most rows")
    by_key(tab, "semi_no_label").locator("input").fill("offen")
    by_key(tab, "semi_no_label").locator("input").press("Enter")
    says(tab, "stands in 16 rows, which count as not labelled")
    settled(tab)
    press(tab, "semi_start")
    expect(tab.get_by_role("heading", name="In progress")).to_be_visible()
    tab.reload()
    for name in ("Label propagation", "Label spreading", "Self-training"):
        says(tab, f"{name} done")
    settled(tab)
    propagation = find(server, "label_propagation")
    look_at(tab, propagation)
    says(tab, "No label reaches 50 rows, in 1 group")

    watch_labels_flow(tab)
    label_two_rows(tab)
    press(tab, "semi_again")
    expect(tab.get_by_role("heading", name="In progress")).to_be_visible()
    # The new run takes the place of the old one as soon as it is there.
    says(tab, "2 labels were typed in")
    expect(tab.get_by_text("They stay without a label")).to_have_count(0)
    again = find(server, "label_propagation")
    assert again.id != propagation.id
    typed = dict(again.experiment.split.typed)
    assert sorted(typed.values()) == ["Hirschkäfer", "Maikäfer"]

    rows, answers = take_home(tab, own_file, tmp_path)
    assert len(rows) == 150
    assert all(row["label"] for row in rows)
    assert {rows[number]["label"] for number in typed} == set(typed.values())
    # All rows of the group that nobody had named follow the one that was.
    assert {row["label"] for row in rows[2::3]} == {"Hirschkäfer"}
    agreeing = sum(row["label"] == answer for row, answer in zip(rows, answers, strict=True))
    assert agreeing >= 145


def bring(tab: Page, file: Path) -> None:
    """Upload a file and use it."""
    by_key(tab, "data_upload").locator("input[type=file]").set_input_files(file)
    says(tab, "How the file was read")
    press(tab, "data_use")
    says(tab, "Bring another table")


def find(server: Server, algorithm: str) -> Run:
    """Return the newest run of an algorithm."""
    runs = RunStore(Workspace(server.home)).all()
    assert {run.experiment.task for run in runs} == {Task.SEMI_SUPERVISED}
    return [run for run in runs if run.experiment.algorithm == algorithm][-1]


def look_at(tab: Page, run: Run) -> None:
    """Choose a run, whatever was chosen before."""
    drawn(tab)
    choose_from(
        tab.locator("[class*=st-key-semi_run]").locator("input"),
        tab.get_by_role("option").filter(has_text=run.name),
    )
    settled(tab)
    expect(tab.get_by_role("heading", name=run.name, exact=True)).to_be_visible()


def drawn(tab: Page) -> None:
    """Wait until every figure is there: before that, what one points at moves down."""
    settled(tab)
    figures = tab.get_by_test_id("stPlotlyChart")
    expect(figures.locator(".main-svg").first).to_be_visible()
    for figure in figures.all():
        expect(figure.locator(".main-svg").first).to_be_visible()
    settled(tab)


def watch_labels_flow(tab: Page) -> None:
    """Step through the rounds and back."""
    open_part(tab, "Labels flowing")
    says(tab, "Map of 150 rows")
    figure = tab.locator(".js-plotly-plot").last
    expect(figure.locator(".slider-label").first).to_have_text("Round 0")
    figure.locator(".updatemenu-button").filter(has_text="Step").click()
    expect(figure.locator(".slider-label").first).to_have_text("Round 1")
    figure.locator(".updatemenu-button").filter(has_text="Step").click()
    expect(figure.locator(".slider-label").first).to_have_text("Round 2")
    figure.locator(".updatemenu-button").filter(has_text="Back").click()
    expect(figure.locator(".slider-label").first).to_have_text("Round 1")


def label_two_rows(tab: Page) -> None:
    """Name a row of the group that no label reaches, and the least certain one of the others."""
    open_part(tab, "Label next")
    says(tab, "Whose label would help most")
    expect(by_key(tab, "semi_again").get_by_role("button").first).to_be_disabled()
    type_label(tab, 0, "Hirschkäfer")
    typed = by_key(tab, "semi_next_typed")
    expect(typed).to_contain_text(": Hirschkäfer")
    # Capital letters and blanks do not make another label.
    type_label(tab, 1, " maikäfer ")
    expect(typed).to_contain_text(": Maikäfer")
    drawn(tab)
    expect(by_key(tab, "semi_again").get_by_role("button").first).to_be_enabled()


def type_label(tab: Page, line: int, label: str) -> None:
    """Type a label into a line of the work list."""
    settled(tab)
    table = editor(tab)
    # The cells are drawn, not elements: the header and each line are 35 pixels high.
    table.dblclick(position={"x": 150, "y": 35 * (line + 1) + 17})
    cell = tab.locator("textarea.gdg-input")
    expect(cell).to_be_visible()
    cell.fill(label)
    cell.press("Enter")


def editor(tab: Page) -> Locator:
    return tab.locator("[class*='st-key-semi_next_'] .stDataFrameGlideDataEditor").first


def take_home(tab: Page, table: Path, folder: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Download rows and bundle; return the rows, and what the bundle says of the file."""
    open_part(tab, "Download")
    for key, name in (("download_rows", "rows.csv"), ("download_bundle", "bundle.zip")):
        with tab.expect_download() as download:
            press(tab, key)
        download.value.save_as(folder / name)
    with (folder / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, bundle_answers(folder / "bundle.zip", table, folder / "elsewhere")


def bundle_answers(bundle: Path, table: Path, folder: Path) -> list[str]:
    """Unpack a bundle away from the project, let it check itself, and give it the file."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-I", "predict.py", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    run()
    run(str(table), "answers.csv")
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    return [line["prediction"] for line in lines]
