"""Finding groups as a person does it: from a file without labels to a model that assigns rows."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from driving import by_key, go_to, open_part, press, says, settled
from live_server import Server
from playwright.sync_api import Page, expect

from mlcore.tasks import Task
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """Two kinds of customers whom nobody has told apart: Swiss numbers, gaps, an umlaut."""
    draw = random.Random(5)
    path = tmp_path / "Kundschaft.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Einkäufe", "Betrag", "Alter", "Kanal"])
        for number in range(200):
            often = number % 2
            writer.writerow(
                [
                    "" if number % 23 == 0 else f"{draw.gauss(30 if often else 5, 3):.1f}",
                    f"{draw.gauss(20 if often else 90, 8):.2f}",
                    round(draw.gauss(35 if often else 60, 5)),
                    draw.choice(["Netz", "Netz", "Laden"] if often else ["Laden", "Telefon"]),
                ]
            )
    return path


def test_from_a_file_to_a_model_that_assigns_rows(
    tab: Page, server: Server, own_file: Path, tmp_path: Path
) -> None:
    by_key(tab, "data_upload").locator("input[type=file]").set_input_files(own_file)
    says(tab, "How the file was read")
    press(tab, "data_use")
    says(tab, "Bring another table")
    go_to(tab, "Find groups")
    # The answer on structure comes before anything is chosen.
    says(tab, "The rows look grouped")
    settled(tab)
    press(tab, "cluster_start")
    expect(tab.get_by_role("heading", name="In progress")).to_be_visible()
    tab.reload()
    for name in ("k-means", "Hierarchical", "HDBSCAN"):
        says(tab, f"{name} done")
    expect(by_key(tab, "cluster_run")).to_be_visible()

    store = RunStore(Workspace(server.home))
    runs = [run for run in store.all() if run.experiment.task is Task.CLUSTERING]
    assert len(runs) == 3
    # The other pages know nothing of them.
    go_to(tab, "Results")
    says(tab, "No model of this table is trained yet")
    go_to(tab, "Find groups")

    open_part(tab, "Map")
    expect(tab.locator(".js-plotly-plot").last).to_be_visible()
    open_part(tab, "Download")
    with tab.expect_download() as download:
        press(tab, "download_rows")
    download.value.save_as(tmp_path / "rows.csv")
    with tab.expect_download() as download:
        press(tab, "download_bundle")
    download.value.save_as(tmp_path / "bundle.zip")

    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 200
    answers = bundle_answers(tmp_path / "bundle.zip", own_file, tmp_path / "elsewhere")
    known = [row["cluster"] for row in rows]
    agreeing = sum(a == b for a, b in zip(known, answers, strict=True))
    assert agreeing >= 190
    assert len(Counter(known)) >= 2


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
        return [answer["cluster"] for answer in csv.DictReader(file, delimiter=";")]
