"""Making one label of several as a person does it: from a file of votes to a trained model."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from driving import by_key, choose, choose_in, go_to, open_part, press, says, settled
from live_server import Server
from playwright.sync_api import Page, expect

from mlcore.data.schema import Role
from mlcore.data.store import DatasetStore
from mlcore.tasks import Task
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser

ROWS = 150


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """Three raters of letters: mixed case, blanks, question marks, and some known answers."""
    draw = random.Random(7)
    path = tmp_path / "Briefe.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["letter", "length", "warmth", "Anna", "Bert", "Cleo", "sure"])
        for number in range(ROWS):
            kind, other = ("friendly", "angry") if number % 2 else ("angry", "friendly")
            votes = [kind if draw.random() < 0.85 else other for _ in range(3)]
            votes[0] = votes[0].capitalize() if number % 5 == 0 else votes[0]
            votes[1] = "" if number % 7 == 0 else votes[1]
            votes[2] = "?" if number % 9 == 0 else f" {votes[2]} "
            writer.writerow(
                [
                    f"L{number:03}",
                    round(draw.gauss(300, 40)),
                    round(draw.gauss(2 if number % 2 else -2, 1), 2),
                    *votes,
                    kind if number < 40 else "",
                ]
            )
    return path


def test_from_votes_to_a_model(tab: Page, server: Server, own_file: Path, tmp_path: Path) -> None:
    by_key(tab, "data_upload").locator("input[type=file]").set_input_files(own_file)
    says(tab, "How the file was read")
    press(tab, "data_use")
    says(tab, "Bring another table")
    go_to(tab, "Fuse labels")
    says(tab, "One column for each source: 4 columns use the same labels")
    says(tab, "Labels that are written in several ways")
    says(tab, "Read as empty cells, here as no vote")
    settled(tab)
    # Its name does not say that this column knows the answer.
    choose(tab, "fusion_gold", "sure")
    says(tab, "Gold rows")
    settled(tab)
    press(tab, "fusion_start")
    expect(tab.get_by_role("heading", name="In progress")).to_be_visible()
    tab.reload()
    for name in ("Most votes (plurality)", "Weights from gold rows (log-odds)", "Dawid–Skene"):
        says(tab, f"{name} done")
    expect(by_key(tab, "fusion_run")).to_be_visible()

    workspace = Workspace(server.home)
    store = RunStore(workspace)
    first = [run for run in store.all() if run.experiment.task is Task.FUSION]
    assert [run.is_trained for run in first] == [True] * 4
    change_the_most_contested_vote(tab)
    settled(tab)
    press(tab, "fusion_again")
    says(tab, "Most votes (plurality), 1 vote changed done")
    says(tab, "Dawid–Skene, 1 vote changed done")
    expect(by_key(tab, "fusion_cancel")).to_have_count(0)
    again = store.all()[4:]
    assert len(again) == 4
    assert {len(run.experiment.split.to_json()["edits"]) for run in again} == {1}
    # The page goes on with the run that knows of the change.
    expect(
        tab.get_by_role("heading", name="Most votes (plurality), 1 vote changed")
    ).to_be_visible()

    open_part(tab, "Download")
    with tab.expect_download() as download:
        press(tab, "download_rows")
    download.value.save_as(tmp_path / "rows.csv")
    with tab.expect_download() as download:
        press(tab, "download_bundle")
    download.value.save_as(tmp_path / "bundle.zip")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ROWS
    right = [row["label"] == row["sure"] for row in rows[:40]]
    assert sum(right) >= 30
    assert_fuses(tmp_path / "bundle.zip", tmp_path / "elsewhere")
    train_on_it(tab, workspace)


def the_button_is_not_cut_off(tab: Page) -> None:
    size = tab.viewport_size
    assert size is not None
    tab.set_viewport_size({**size, "width": 1200})
    words = tab.get_by_role("button", name="Train on the fused label").locator("div:has(> p)").last
    expect(words).to_be_visible()
    assert words.evaluate("node => node.scrollWidth <= node.clientWidth")
    tab.set_viewport_size(size)


def change_the_most_contested_vote(tab: Page) -> None:
    """Choose a run, open its first row, and turn one vote round."""
    choose(tab, "fusion_run", "Most votes (plurality)")
    says(tab, "The row is undecided.")
    settled(tab)
    expect(by_key(tab, "fusion_vote_change").get_by_role("button")).to_be_disabled()
    to = tab.locator("[class*=st-key-fusion_vote_label_]").locator("input")
    wanted = "angry" if to.input_value() == "friendly" else "friendly"
    choose_in(to, wanted)
    settled(tab)
    press(tab, "fusion_vote_change")
    says(tab, "1 changed vote")


def assert_fuses(bundle: Path, folder: Path) -> None:
    """Unpack a bundle away from the project, and let it check itself."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "fuse.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def train_on_it(tab: Page, workspace: Workspace) -> None:
    """Go on to training, and see that the label's confidence weighs."""
    settled(tab)
    the_button_is_not_cut_off(tab)
    press(tab, "fusion_train")
    expect(tab.get_by_role("heading", name="Set up", exact=True)).to_be_visible()
    says(tab, "A new table is in use")
    says(tab, "training leaves them out")
    tables = DatasetStore(workspace)
    made = tables.schema(tables.all()[0].id)
    assert made.with_role(Role.LABEL) == ("fused_label",)
    assert made.with_role(Role.WEIGHT) == ("label_confidence",)
    assert not {"Anna", "Bert", "Cleo"} & set(made.names)
    settled(tab)
    go_to(tab, "Train")
    settled(tab)
    press(tab, "train_start")
    says(tab, "Logistic regression done")
    run = next(run for run in RunStore(workspace).all(tables.all()[0].id))
    assert run.experiment.weight == "label_confidence"
    assert "warmth" in run.experiment.features and "sure" not in run.experiment.features
