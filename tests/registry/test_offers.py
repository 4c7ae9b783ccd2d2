"""A download is made once, is checked, and is made anew when what it tells has changed."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import joblib
import pandas as pd
import pytest
from registry_runs import find, unpacked

from mlcore.data.schema import ColumnKind
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.evaluation.sealed import final_scores
from mlcore.evaluation.structure import Structure
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.registry import offers, onnx_files
from mlcore.registry.bundle import verify_bundle
from mlcore.registry.bundle_files.onnx_model import OnnxModel
from mlcore.registry.formats import JOBLIB, SKOPS, formats_for
from mlcore.registry.model_files import model_failures
from mlcore.registry.offers import prepare_download, prepared, withheld
from mlcore.registry.registering import register_run
from mlcore.registry.store import Registry
from mlcore.registry.version_facts import read_facts
from mlcore.setups import ClusterSetup, FewLabelsSetup, FusionSetup
from mlcore.splitting import FewLabelsConfig, SampleConfig, SplitConfig
from mlcore.tasks import Task
from mlcore.training.openings import record_opening
from mlcore.training.runs import RunStore
from mlcore.workflow import features_of, run_experiment
from mlcore.workflow.exploring import structure_frame
from mlcore.workspace import Workspace

FEATURES = ("width", "colour")


@pytest.fixture
def store(workspace: Workspace) -> RunStore:
    return RunStore(workspace)


@pytest.fixture
def dataset_id(workspace: Workspace) -> str:
    rows = [
        f"{i / 4:.2f},{'=red' if i % 2 else 'blue'},{'a' if i < 24 else 'b'}" for i in range(48)
    ]
    tables = DatasetStore(workspace)
    identifier = tables.stage("plants.csv", "\n".join(["width,colour,kind", *rows]).encode())
    tables.read(identifier)
    tables.register(identifier)
    return identifier


def add_run(store: RunStore, dataset_id: str, algorithm: str, name: str) -> str:
    dataset = DatasetStore(store.workspace).load(dataset_id)
    experiment = Experiment(
        fingerprint=dataset.fingerprint,
        task=Task.CLASSIFICATION,
        target="kind",
        features=FEATURES,
        kinds={name: dataset.schema[name].kind for name in FEATURES},
        split=SplitConfig(validation="holdout"),
        algorithm=algorithm,
        params=find(algorithm).check({}),
    )
    identifier = store.create(dataset_id, experiment, name)
    store.save(identifier, run_experiment(dataset, experiment), dataset)
    return identifier


@pytest.fixture
def run_id(store: RunStore, dataset_id: str) -> str:
    return add_run(store, dataset_id, "decision_tree", "My tree")


@pytest.mark.parametrize("format", [JOBLIB, SKOPS], ids=lambda format: format.id)
def test_a_model_file_predicts_like_the_run(
    store: RunStore, dataset_id: str, run_id: str, format: object
) -> None:
    path = prepare_download(store, run_id, format.id)  # type: ignore[attr-defined]
    content = path.read_bytes()
    copy = joblib.load(io.BytesIO(content)) if format is JOBLIB else SKOPS.load(content)
    features = features_of(DatasetStore(store.workspace).load(dataset_id), FEATURES)
    assert (copy.predict(features) == store.model(run_id).predict(features)).all()


def test_the_bundle_passes_its_check_and_knows_the_baseline(
    store: RunStore, dataset_id: str, run_id: str
) -> None:
    baseline = add_run(store, dataset_id, "baseline", "Baseline")
    path = prepare_download(store, run_id, "bundle")
    verify_bundle(path)
    with zipfile.ZipFile(path) as archive:
        card = archive.read("card.md").decode()
    scores = store.evaluation(baseline).scores.set_index("metric")["value"]
    line = next(line for line in card.splitlines() if line.startswith("| Accuracy |"))
    assert line.endswith(f"| {scores['accuracy']:.4g} |")
    assert card.startswith("# My tree\n")


def test_the_baseline_of_a_run_is_the_newest_that_was_asked_the_same(
    store: RunStore, dataset_id: str, run_id: str
) -> None:
    run = store.get(run_id)
    assert store.baseline_of(run) is None
    older, newer = (add_run(store, dataset_id, "baseline", name) for name in ("a", "b"))
    experiment = replace(store.get(newer).experiment, split=SplitConfig(seed=1))
    store.create(dataset_id, experiment, "another division, not trained")
    found = store.baseline_of(run)
    assert found is not None
    assert (found.id, older == newer) == (newer, False)
    elsewhere = replace(run, experiment=replace(run.experiment, split=SplitConfig(seed=1)))
    assert store.baseline_of(elsewhere) is None


def test_predictions_are_a_table_that_harms_no_spreadsheet(store: RunStore, run_id: str) -> None:
    path = prepare_download(store, run_id, "predictions")
    frame = pd.read_csv(path, encoding="utf-8-sig")
    assert len(frame) == 48
    assert set(frame["colour"]) == {"'=red", "blue"}
    rows = store.evaluation(run_id).predictions["row"]
    assert set(frame.index[frame["predicted"].notna()]) == set(rows)


@pytest.mark.parametrize("format", formats_for(Task.CLASSIFICATION), ids=lambda format: format.id)
def test_it_is_made_once_and_found_again(
    store: RunStore, run_id: str, format: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    format_id = format.id  # type: ignore[attr-defined]
    with pytest.raises(UserError) as caught:
        prepared(store, run_id, format_id)
    assert caught.value.code == "registry.not_prepared"
    path = prepare_download(store, run_id, format_id)
    monkeypatch.delattr(offers, "_make")
    assert prepare_download(store, run_id, format_id) == path
    assert prepared(store, run_id, format_id) == path
    assert store.folder(run_id) in path.parents


@pytest.fixture
def cluster_run(store: RunStore, dataset_id: str) -> str:
    """A run that joins rows within a radius, from a part of the rows."""
    dataset = DatasetStore(store.workspace).load(dataset_id)
    setup = ClusterSetup(features=FEATURES, split=SampleConfig(sample=40, repeats=2))
    experiment = setup.experiment(dataset, "dbscan", {"eps": 0.5})
    identifier = store.create(dataset_id, experiment, "My groups")
    tested = {"structure": structure_frame(dataset, experiment)}
    store.save(identifier, run_experiment(dataset, experiment), dataset, frames=tested)
    return identifier


def test_rows_leave_with_their_cluster(store: RunStore, cluster_run: str) -> None:
    frame = pd.read_csv(prepare_download(store, cluster_run, "rows"), encoding="utf-8-sig")
    assert list(frame.columns) == ["row", "part", "width", "colour", "kind", "cluster"]
    assert frame["part"].value_counts().to_dict() == {
        "sample": 40,
        "assigned by an approximation": 8,
    }
    found = store.evaluation(cluster_run).predictions["predicted"]
    assert frame["cluster"].astype("str").tolist() == found.tolist()
    assert set(frame["colour"]) == {"'=red", "blue"}


def test_the_profile_leaves_as_a_table_that_harms_no_spreadsheet(
    store: RunStore, cluster_run: str
) -> None:
    frame = pd.read_csv(prepare_download(store, cluster_run, "profile"), encoding="utf-8-sig")
    kept = store.analysis_frame(cluster_run, "profile")
    assert kept is not None
    assert list(frame.columns) == list(kept.columns)
    assert frame["effect"].tolist() == pytest.approx(kept["effect"].tolist())
    assert set(frame["value"].dropna()) == {"'=red", "blue"}


def test_the_bundle_of_groups_knows_what_the_run_knows(
    store: RunStore, cluster_run: str, tmp_path: Path
) -> None:
    path = prepare_download(store, cluster_run, "bundle")
    assert model_failures(unpacked(path, tmp_path / "bundle")) == []
    with zipfile.ZipFile(path) as archive:
        card = archive.read("card.md").decode()
        clusters = pd.read_csv(io.BytesIO(archive.read("clusters.csv")), encoding="utf-8-sig")
    structure = store.analysis_frame(cluster_run, "structure")
    assert structure is not None
    assert str(Structure.from_frame(structure).verdict) in card
    assert card.startswith("# My groups\n")
    result = store.result(cluster_run)
    assert clusters["cluster"].astype("str").tolist() == list(result.classes)


def test_a_run_without_a_label_has_no_predictions_to_download(
    store: RunStore, cluster_run: str, run_id: str
) -> None:
    for identifier, format_id in ((cluster_run, "predictions"), (run_id, "rows")):
        with pytest.raises(UserError) as caught:
            prepare_download(store, identifier, format_id)
        assert caught.value.code == "registry.unknown_format"


@pytest.fixture
def few_run(store: RunStore, dataset_id: str) -> str:
    """A run on few labels: every fourth row keeps its own."""
    dataset = DatasetStore(store.workspace).load(dataset_id)
    typed = tuple((row, f"kind {dataset.frame['kind'][row]}") for row in range(0, 48, 4))
    split = FewLabelsConfig(folds=2, repeats=1, no_label=("a", "b"), typed=typed)
    setup = FewLabelsSetup(target="kind", features=FEATURES, split=split)
    experiment = setup.experiment(dataset, "label_propagation")
    identifier = store.create(dataset_id, experiment, "My few labels")
    store.save(identifier, run_experiment(dataset, experiment), dataset)
    return identifier


@pytest.fixture
def fusion_run(store: RunStore, dataset_id: str) -> str:
    """A fusion of two columns that never agree."""
    dataset = DatasetStore(store.workspace).load(dataset_id)
    setup = FusionSetup(split=FusionConfig(sources=("colour", "kind")))
    experiment = setup.experiment(dataset, "plurality")
    identifier = store.create(dataset_id, experiment, "My votes")
    store.save(identifier, run_experiment(dataset, experiment), dataset)
    return identifier


def test_a_run_on_few_labels_leaves_in_every_form(
    store: RunStore, few_run: str, tmp_path: Path
) -> None:
    paths = {
        format.id: prepare_download(store, few_run, format.id)
        for format in formats_for(Task.SEMI_SUPERVISED)
    }
    assert model_failures(unpacked(paths["bundle"], tmp_path / "bundle")) == []
    with zipfile.ZipFile(paths["bundle"]) as archive:
        card = archive.read("card.md").decode()
    assert card.startswith("# My few labels\n")
    assert "12 rows with a label, among 48 rows" in card
    rows = pd.read_csv(paths["rows"], encoding="utf-8-sig")
    assert len(rows) == 48
    # No label was given to a red plant, and none reaches one from a blue plant.
    counts = {"given": 12, "propagated": 12, "unlabelled": 24}
    assert rows["part"].value_counts().to_dict() == counts
    assert (rows["label"].isna() == rows["part"].eq("unlabelled")).all()
    assert (rows["certainty"] > 0).equals(rows["label"].notna())
    assert set(rows["colour"]) == {"'=red", "blue"}


def test_a_fusion_leaves_in_every_form(store: RunStore, fusion_run: str) -> None:
    paths = {
        format.id: prepare_download(store, fusion_run, format.id)
        for format in formats_for(Task.FUSION)
    }
    verify_bundle(paths["bundle"])
    with zipfile.ZipFile(paths["bundle"]) as archive:
        assert archive.read("report.md").decode() == paths["report"].read_text("utf-8")
    assert paths["report"].name.endswith(".md")
    assert paths["report"].read_text("utf-8").startswith("# My votes\n")
    rows = pd.read_csv(paths["rows"], encoding="utf-8-sig")
    assert len(rows) == 48
    assert rows["part"].eq("undecided").all()
    assert set(rows["colour"]) == {"'=red", "blue"}


def downloads(store: RunStore, run_id: str) -> list[Path]:
    return sorted((store.folder(run_id) / "downloads").iterdir())


def test_opening_the_test_set_or_renaming_makes_the_bundle_anew(
    store: RunStore, dataset_id: str, run_id: str
) -> None:
    first = prepare_download(store, run_id, "bundle")
    model = prepare_download(store, run_id, "skops")
    scores = final_scores(["a", "b"], ["a", "a"], None, Task.CLASSIFICATION)
    store.save_analysis(run_id, "test_scores", scores)
    record_opening(store.workspace, dataset_id, run_id)
    second = prepare_download(store, run_id, "bundle")
    assert second != first
    with zipfile.ZipFile(second) as archive:
        assert "was opened 1 times" in archive.read("card.md").decode()
        assert "accuracy,Accuracy,0.5" in archive.read("test_scores.csv").decode()
    store.rename(run_id, "Another name")
    third = prepare_download(store, run_id, "bundle")
    with zipfile.ZipFile(third) as archive:
        assert json.loads(archive.read("manifest.json"))["name"] == "Another name"
    assert downloads(store, run_id) == sorted([third, model])
    assert prepare_download(store, run_id, "skops") == model


def test_a_changed_table_is_refused(store: RunStore, dataset_id: str, run_id: str) -> None:
    DatasetStore(store.workspace).set_kinds(dataset_id, {"width": ColumnKind.CATEGORY})
    for format_id in ("skops", "bundle"):
        with pytest.raises(UserError) as caught:
            prepare_download(store, run_id, format_id)
        assert caught.value.code == "setup.other_dataset"


def test_a_tampered_model_is_not_handed_out(store: RunStore, run_id: str) -> None:
    with (store.folder(run_id) / "model.joblib").open("ab") as file:
        file.write(b"x")
    for format_id in ("joblib", "skops", "bundle"):
        with pytest.raises(UserError) as caught:
            prepare_download(store, run_id, format_id)
        assert caught.value.code == "training.model_changed"
    assert not (store.folder(run_id) / "downloads").exists()


def test_an_onnx_file_answers_like_the_run(store: RunStore, dataset_id: str, run_id: str) -> None:
    model = OnnxModel(prepare_download(store, run_id, "onnx").read_bytes())
    features = features_of(DatasetStore(store.workspace).load(dataset_id), FEATURES)
    assert (model.predict(features) == store.model(run_id).predict(features)).all()
    assert withheld(store, run_id, "onnx") is None


def test_an_onnx_file_that_answers_otherwise_is_withheld_and_the_reason_kept(
    store: RunStore, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differ(*arguments: object) -> None:
        raise UserError("registry.onnx.labels", rows=3, total=1300)

    monkeypatch.setattr(onnx_files, "compare", differ)
    with pytest.raises(UserError, match="on 3 of 1300 test rows"):
        prepare_download(store, run_id, "onnx")
    assert "on 3 of 1300 test rows" in str(withheld(store, run_id, "onnx"))
    with pytest.raises(UserError, match="not ready"):
        prepared(store, run_id, "onnx")
    assert withheld(store, run_id, "joblib") is None


def test_an_unknown_download_is_named(store: RunStore, run_id: str) -> None:
    with pytest.raises(UserError, match="There is no download called “pmml”"):
        prepare_download(store, run_id, "pmml")


def test_a_registered_run_is_its_bundle(
    store: RunStore, dataset_id: str, run_id: str, tmp_path: Path
) -> None:
    first = register_run(store, run_id, "plants", note="the first", temp=tmp_path)
    second = register_run(store, run_id, "plants", temp=tmp_path)
    assert (first.number, first.run, first.note, first.aliases) == (
        *(1, run_id, "the first"),
        ("champion",),
    )
    assert (second.number, second.aliases) == (2, ())
    folder = Registry(store.workspace).checked_folder(second)
    assert model_failures(folder) == []
    store.delete(run_id)
    card = read_facts(Registry(store.workspace).checked_folder(second)).card
    assert "# My tree" in card
    assert "Comparison with the baseline" not in card  # there was none to compare with
    assert "Plausibility of the score" in card.split("## What to look at")[1].split("## ")[0]


def test_what_answers_no_rows_is_not_registered(
    store: RunStore, fusion_run: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="cannot be registered"):
        register_run(store, fusion_run, "votes", temp=tmp_path)
    assert Registry(store.workspace).all() == []
