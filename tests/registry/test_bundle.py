"""A bundle works where this project is not, gives the same predictions, and notices damage."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from registry_runs import MODELS, PROGRAMS, Train, find, name_of, resign, unpacked
from tables import make_dataset

from mlcore.data.dataset import Dataset
from mlcore.data.kinds import type_table
from mlcore.data.reading import read_table
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.registry import model_files, packing
from mlcore.registry.bundle import verify_bundle, write_bundle
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.probe import probe_rows
from mlcore.registry.schema import cell_text
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of, predict_frame, run_experiment

#: Runs the script of each folder named on the command line, in one process without this project.
LOOP = """
import importlib.util, pathlib, sys
for folder in map(pathlib.Path, sys.argv[1:]):
    spec = importlib.util.spec_from_file_location("predict", folder / "predict.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    print(folder.name, script.main([str(folder / "in.csv"), str(folder / "out.csv")], folder))
assert not [name for name in sys.modules if name.split(".")[0] == "mlcore"]
"""


def write_rows(path: Path, frame: pd.DataFrame, kinds: Any, decimal: str = ".") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if decimal == "," else ",")
        writer.writerow(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            cells = zip(row, frame.columns, strict=True)
            writer.writerow([cell_text(value, kinds[name], decimal) for value, name in cells])


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the bundle's script as its user does, blind to everything around its folder."""
    return subprocess.run(
        [sys.executable, "-I", "predict.py", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
    )


def assert_same_predictions(path: Path, expected: pd.DataFrame) -> None:
    """Compare an output with what the pipeline says in this process, to the last digit."""
    with path.open(encoding="utf-8", newline="") as file:
        got = pd.DataFrame(list(csv.DictReader(file)))
    answer = "cluster" if "cluster" in got else "prediction"
    for name in expected.columns:
        column = name.replace("p:", "probability_").replace("predicted", answer)
        if expected[name].dtype.kind == "f":
            assert got[column].astype(float).tolist() == expected[name].tolist()
        else:
            assert got[column].tolist() == expected[name].tolist()


def test_every_algorithm_predicts_the_same_in_a_clean_process(
    train: Train, mixed_dataset: Dataset, tmp_path: Path
) -> None:
    expected = {}
    for spec in MODELS:
        trained = train(spec)
        kinds = trained.experiment.kinds
        path = tmp_path / f"{name_of(spec)}.zip"
        write_bundle(path, dataset=mixed_dataset, result=trained, name=spec.name)
        folder = unpacked(path, tmp_path / name_of(spec))
        features = features_of(mixed_dataset, trained.experiment.features)
        sample = probe_rows(features, kinds, 3 * contract.BLOCK - len(features.columns) - 4)
        assert len(sample) % contract.BLOCK == 0
        write_rows(folder / "in.csv", sample, kinds)
        expected[folder] = predict_frame(trained.pipeline, sample.replace("", None), spec.task)
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOOP, *map(str, expected)],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    statuses = [line.split()[-1] for line in done.stdout.splitlines() if "predicted" not in line]
    assert statuses == ["0"] * len(MODELS), done.stderr
    for folder, answers in expected.items():
        assert_same_predictions(folder / "out.csv", answers)


@pytest.fixture(scope="module")
def forest_bundle(
    forest: RunResult, mixed_dataset: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "forest.zip"
    write_bundle(path, dataset=mixed_dataset, result=forest, name="Forest")
    return path


@pytest.fixture
def folder(forest_bundle: Path, tmp_path: Path) -> Path:
    """The unpacked bundle of a forest."""
    return unpacked(forest_bundle, tmp_path / "bundle")


def test_the_check_passes_in_a_fresh_process(folder: Path) -> None:
    done = run(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PASSED")


def test_what_is_in_a_bundle(folder: Path) -> None:
    names = {entry.name for entry in folder.iterdir()}
    assert names == {
        *("README.txt", "card.md", "model.skops", "input_schema.json", "experiment.json"),
        *("scores.csv", "golden_rows.csv", "golden_predictions.csv"),
        *PROGRAMS,
        *("requirements.txt", "manifest.json"),
    }
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert set(manifest["files"]) == names - {"manifest.json"}
    told = (folder / "README.txt").read_text("utf-8")
    assert [name for name in names - {"README.txt"} if name not in told] == []


def test_requirements_pin_what_the_script_needs(folder: Path) -> None:
    lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    assert "Python 3." in lines[0]
    assert [line.split("==")[0] for line in lines[1:]] == list(packing.LIBRARIES)
    assert f"pandas=={pd.__version__}" in lines


def test_the_experiment_comes_back(folder: Path, forest: RunResult) -> None:
    plain = json.loads((folder / "experiment.json").read_text("utf-8"))
    assert Experiment.from_json(plain) == forest.experiment


def test_golden_rows_show_gaps_and_come_from_the_development_rows(
    forest: RunResult, mixed_dataset: Dataset
) -> None:
    rows = model_files.golden_rows(mixed_dataset, forest.experiment, forest.split.development)
    assert len(rows) == 10
    assert set(rows) <= set(forest.split.development)
    gaps = features_of(mixed_dataset, forest.experiment.features).iloc[rows].isna().any()
    assert gaps.sum() >= 5


def test_few_rows_give_few_golden_rows(mixed_dataset: Dataset, forest: RunResult) -> None:
    rows = model_files.golden_rows(mixed_dataset, forest.experiment, np.array([3, 5, 8]))
    assert rows.tolist() == [3, 5, 8]


def test_the_same_run_gives_the_same_bytes(
    forest: RunResult, mixed_dataset: Dataset, forest_bundle: Path, tmp_path: Path
) -> None:
    path = tmp_path / "again.zip"
    write_bundle(path, dataset=mixed_dataset, result=forest, name="Forest")
    assert path.read_bytes() == forest_bundle.read_bytes()


# Damage


@pytest.mark.parametrize(
    "name", ["model.skops", "input_schema.json", "golden_rows.csv", "card.md", "requirements.txt"]
)
def test_a_changed_file_is_refused(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(contract.Refusal, match=f"“{name}” has changed") as caught:
        contract.check_files(folder)
    assert caught.value.status == 1


def test_a_changed_model_is_refused_on_the_command_line(folder: Path) -> None:
    with (folder / "model.skops").open("ab") as file:
        file.write(b"x")
    done = run(folder, "golden_rows.csv", "out.csv")
    assert done.returncode == 1
    assert "“model.skops” has changed" in done.stderr
    assert not (folder / "out.csv").exists()


@pytest.mark.parametrize("name", ["model.skops", "manifest.json", "golden_predictions.csv"])
def test_a_lost_file_is_named(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / name).unlink()
    assert predict.main([], folder) == 1
    assert f"“{name}” is missing" in capsys.readouterr().err


def test_wrong_answers_fail_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "golden_predictions.csv"
    lines = path.read_text("utf-8").splitlines()
    lines[1] = lines[1].replace(lines[1].split(",")[0], "dog", 1)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    resign(folder)
    assert predict.main([], folder) == 1
    said = capsys.readouterr()
    assert said.out.startswith("FAILED")
    assert "Golden row 1, prediction: expected dog" in said.err


def test_a_forged_model_with_a_command_is_not_opened(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even when the checksums fit, a type outside the list is refused before it is built."""
    import os

    import skops.io
    from sklearn.preprocessing import FunctionTransformer

    skops.io.dump(FunctionTransformer(os.system), folder / "model.skops")
    resign(folder)
    assert predict.main([], folder) == 1
    assert "system" in capsys.readouterr().err


def test_a_manifest_cannot_point_outside_the_folder(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder.parent / "outside").write_bytes(b"x")
    manifest["files"]["../outside"] = hashlib.sha256(b"x").hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(contract.Refusal):
        contract.check_files(folder)


# Libraries


def test_another_version_is_told_with_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["libraries"]["scikit-learn"] = "1.0.0"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert predict.main([], folder) == 0
    said = capsys.readouterr().err
    assert "the model was made with 1.0.0" in said
    assert "pip install -r requirements.txt" in said


def test_a_missing_library_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["libraries"]["not-a-library-of-this-world"] = "1.0"
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert predict.main([], folder) == 2
    assert "Not installed: not-a-library-of-this-world 1.0" in capsys.readouterr().err


# Input


def test_an_input_is_predicted_beside_its_own_columns(folder: Path, forest: RunResult) -> None:
    rows = pd.read_csv(folder / "golden_rows.csv", dtype="str")
    rows.insert(0, "comment", "=HYPERLINK(1)")
    rows.loc[0, "colour"] = "purple"
    rows.loc[1, "size"] = "1000"
    rows.loc[2, "weight"] = "heavy"
    rows.to_csv(folder / "in.csv", index=False)
    done = run(folder, "in.csv", "out.csv")
    assert done.returncode == 0
    assert done.stdout.strip() == "9 rows predicted, 1 refused, written to out.csv"
    for part in (
        "are not used are only copied: “comment”",
        "Column “colour”: 1 values (“purple”) did not occur in training",
        "Column “size”: 1 values (“1000”) lie outside the range of training",
        "Column “weight”: 1 unreadable values (“heavy”); expected a number such as",
    ):
        assert part in done.stderr
    out = pd.read_csv(folder / "out.csv")
    probabilities = [f"probability_{name}" for name in forest.classes]
    assert list(out.columns[-5:]) == ["prediction", *probabilities, "warnings"]
    assert out["prediction"].isna().tolist() == [False, False, True, *[False] * 7]
    assert out["warnings"][0].startswith("Not seen in training: colour “purple”, trained on “blue”")
    assert out["warnings"][1].startswith("Not seen in training: size 1000, trained on ")
    assert out["warnings"][2].startswith("Column “weight”: “heavy” cannot be read; expected a num")
    assert (out["comment"] == "'=HYPERLINK(1)").all()
    expected = pd.read_csv(folder / "golden_predictions.csv")
    assert out["prediction"].tolist()[3:] == expected["prediction"].tolist()[3:]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["no_such.csv", "out.csv"], "“no_such.csv” cannot be read"),
        (["golden_predictions.csv", "out.csv"], "has no column “size”"),
        (["golden_rows.csv"], "Name two files"),
        (["golden_rows.csv", "golden_rows.csv"], "Name two files"),
        (["golden_rows.csv", "no/such/folder/out.csv"], "cannot be written"),
        (["golden_rows.csv", "out.csv", "--delimiter", ",,"], "single character"),
        (["golden_rows.csv", "out.csv", "--encoding", "klingon"], "--encoding"),
        (["model.skops", "out.csv"], "is not text"),
    ],
)
def test_input_that_cannot_be_used_gets_a_sentence(
    folder: Path,
    arguments: list[str],
    part: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(entry.name for entry in folder.iterdir())
    assert predict.main(arguments, folder) == 2
    assert part in capsys.readouterr().err
    assert sorted(entry.name for entry in folder.iterdir()) == before


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The bundle of a file with decimal commas, dates by day, and integer classes."""
    folder = tmp_path_factory.mktemp("german")
    rng = np.random.default_rng(3)
    lines = ["Breite;Länge;Tag;Stufe;Klasse"]
    for number in range(60):
        width = f"{number / 7:.2f}".replace(".", ",")
        length = f"{rng.integers(1000, 9999) / 1:,.1f}".replace(",", "_").replace(".", ",")
        length = length.replace("_", ".") if number % 9 else ""
        day = f"{number % 28 + 1:02}.{number % 12 + 1:02}.2024"
        lines.append(f"{width};{length};{day};{number % 3 + 1};{int(number > 30)}")
    path = folder / "train.csv"
    path.write_bytes("\n".join(lines).encode("cp1252"))
    table = read_table(path)
    schema, frame = type_table(table.frame, ",", {"Stufe": ColumnKind.CATEGORY})
    dataset = make_dataset(frame, {column.name: column.kind for column in schema.columns})
    features = ("Breite", "Länge", "Tag", "Stufe")
    experiment = Experiment(
        fingerprint=dataset.fingerprint,
        task=Task.CLASSIFICATION,
        target="Klasse",
        features=features,
        kinds={name: dataset.schema[name].kind for name in features},
        split=SplitConfig(validation="holdout"),
        algorithm="logistic_regression",
        params=find("logistic_regression").check({}),
    )
    result = run_experiment(dataset, experiment)
    write_bundle(
        folder / "bundle.zip",
        dataset=dataset,
        result=result,
        name="Deutsch",
        decimal=table.reading.options.decimal or ".",
        text=table.frame,
        encoding="cp1252",
    )
    predict_frame(result.pipeline, features_of(dataset, features), Task.CLASSIFICATION).to_parquet(
        folder / "expected.parquet"
    )
    yield folder


def test_the_training_file_itself_is_predicted_as_in_the_workbench(
    german: Path, tmp_path: Path
) -> None:
    """Decimal commas, thousands, dates by day and an old encoding need no option."""
    folder = unpacked(german / "bundle.zip", tmp_path / "bundle")
    shutil.copy(german / "train.csv", folder / "train.csv")
    done = run(folder, "train.csv", "out.csv")
    assert done.returncode == 0, done.stderr
    assert "unreadable" not in done.stderr
    expected = pd.read_parquet(german / "expected.parquet")
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["prediction"] for row in rows] == expected["predicted"].tolist()
    got = [float(row["probability_1"].replace(",", ".")) for row in rows]
    assert got == pytest.approx(expected["p:1"].tolist(), rel=1e-12, abs=0)


def test_another_decimal_mark_can_be_named(german: Path, tmp_path: Path) -> None:
    folder = unpacked(german / "bundle.zip", tmp_path / "bundle")
    (folder / "in.csv").write_text(
        "Breite,Länge,Tag,Stufe\n1.5,1234.5,2024-01-31,1\n", encoding="utf-8"
    )
    assert predict.main([str(folder / "in.csv"), str(folder / "a.csv")], folder) == 0
    options = ["--decimal", "."]
    assert predict.main([str(folder / "in.csv"), str(folder / "b.csv"), *options], folder) == 0
    (folder / "in.csv").write_text(
        'Breite,Länge,Tag,Stufe\n"1,5","1.234,5",31.01.2024,1\n', encoding="utf-8"
    )
    assert predict.main([str(folder / "in.csv"), str(folder / "c.csv")], folder) == 0
    a, b, c = (
        pd.read_csv(folder / f"{name}.csv", dtype="str")["probability_1"].item() for name in "abc"
    )
    assert b.replace(".", ",") == c
    assert a != c


# Withholding


def test_a_bundle_that_fails_its_check_is_not_written(
    forest: RunResult, mixed_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(value: Any, kind: ColumnKind, decimal: str) -> str:
        return "7" if kind is ColumnKind.NUMBER else cell_text(value, kind, decimal)

    monkeypatch.setattr(model_files, "cell_text", wrong)
    with pytest.raises(UserError) as caught:
        write_bundle(tmp_path / "b.zip", dataset=mixed_dataset, result=forest, name="x")
    assert caught.value.code == "registry.self_test"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_bundle_fails_verification(forest_bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(forest_bundle) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["golden_rows.csv"] = files["golden_rows.csv"].replace(b"cat", b"dog")
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(UserError, match="golden_rows.csv"):
        verify_bundle(path)
