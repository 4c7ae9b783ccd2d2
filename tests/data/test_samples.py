"""The sample tables: declarations, files and their page belong together."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons
from sklearn.semi_supervised import LabelPropagation

from mlcore.data.kinds import type_table
from mlcore.data.reading import read_table
from mlcore.data.samples import FOLDER, SAMPLES, Sample, find_sample
from mlcore.data.schema import LEARNABLE, ColumnKind, guess_task
from mlcore.errors import UserError
from mlcore.fusion.layout import detect_layout
from mlcore.tasks import Task

K = ColumnKind
MOST_BYTES = 500 * 1024


def ids(sample: Sample) -> str:
    return sample.id


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", FOLDER / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_at_least_ten_and_each_is_declared_once() -> None:
    assert len(SAMPLES) >= 10
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES)
    assert {sample.file for sample in SAMPLES} == {path.name for path in FOLDER.glob("*.csv")}


@pytest.mark.parametrize("sample", SAMPLES, ids=ids)
def test_the_declared_label_and_task_fit_the_file(sample: Sample) -> None:
    table = read_table(sample.path)
    assert table.reading.n_repairs == 0 and not table.reading.cautions
    assert table.reading.options.header
    schema, _ = type_table(table.frame)
    label = schema[sample.target]
    assert label.kind in LEARNABLE
    if sample.task is Task.FUSION:
        layout = detect_layout(table.frame)
        assert layout.gold == sample.target and len(layout.sources) >= 2
    else:
        assert guess_task(label)[0] is sample.task.scored_as
    assert len(schema.default_features(sample.target)) >= 2
    assert sum(column.unreadable for column in schema.columns) == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=ids)
def test_the_page_tells_source_and_licence(sample: Sample) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    table = read_table(sample.path)
    rows, columns = table.frame.shape
    assert f"## {sample.name}\n\n{sample.summary}\n" in page
    assert f"- File: `{sample.file}`, {rows:,} rows, {columns} columns\n" in page
    assert f"- Label: `{sample.target}` ({sample.task.value})\n" in page
    assert f"- Source: {sample.source}\n- Licence: {sample.licence}\n" in page


@pytest.mark.parametrize("sample", SAMPLES, ids=ids)
def test_files_are_small(sample: Sample) -> None:
    assert sample.path.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("sample", SAMPLES, ids=ids)
def test_the_script_writes_the_same_file_again(sample: Sample, make: ModuleType) -> None:
    try:
        frame = make.MAKERS[sample.id]()
    except ModuleNotFoundError as missing:
        pytest.skip(f"{missing} is not installed")
    again = make.as_csv(frame).decode("utf-8").splitlines()
    # Git may check files out with other line ends.
    assert sample.path.read_text(encoding="utf-8").splitlines() == again


KINDS: dict[str, dict[str, ColumnKind]] = {
    "penguins": {
        "species": K.CATEGORY,
        "island": K.CATEGORY,
        "bill_length_mm": K.NUMBER,
        "bill_depth_mm": K.NUMBER,
        "flipper_length_mm": K.NUMBER,
        "body_mass_g": K.NUMBER,
        "sex": K.CATEGORY,
        "year": K.NUMBER,
    },
    "penguins_raw": {
        "Region": K.CONSTANT,
        "Stage": K.CONSTANT,
        "Clutch Completion": K.YES_NO,
        "Date Egg": K.DATETIME,
        "Body Mass (g)": K.NUMBER,
    },
    "seattle_weather": {"date": K.DATETIME, "wind": K.NUMBER, "weather": K.CATEGORY},
    "flights": {"time_hour": K.DATETIME, "tailnum": K.CATEGORY, "flight": K.NUMBER},
    "planes": {"tailnum": K.IDENTIFIER, "year": K.NUMBER, "engine": K.CATEGORY},
    "airports": {"iata": K.IDENTIFIER, "name": K.TEXT, "state": K.CATEGORY},
    "photo_tags": {
        "photo": K.IDENTIFIER,
        "green": K.NUMBER,
        "ada": K.CATEGORY,
        "ivo": K.CATEGORY,  # one label or none
        "gold": K.CATEGORY,
    },
    "two_moons_few_labels": {"x": K.NUMBER, "y": K.NUMBER, "moon": K.CATEGORY},
    "digits": {"pixel_0_0": K.CONSTANT, "pixel_3_3": K.NUMBER, "digit": K.NUMBER},
}


@pytest.mark.parametrize("sample_id", KINDS)
def test_columns_of_real_tables_are_recognised(sample_id: str) -> None:
    schema, _ = type_table(read_table(find_sample(sample_id).path).frame)
    assert {name: schema[name].kind for name in KINDS[sample_id]} == KINDS[sample_id]


@pytest.mark.parametrize("sample_id", ["iris", "wine", "breast_cancer", "diabetes"])
def test_measurements_are_numbers(sample_id: str) -> None:
    sample = find_sample(sample_id)
    schema, _ = type_table(read_table(sample.path).frame)
    kinds = {column.kind for column in schema.columns if column.name != sample.target}
    assert kinds == {K.NUMBER}


def test_penguins_have_their_published_gaps() -> None:
    schema, frame = type_table(read_table(find_sample("penguins").path).frame)
    gaps = {column.name: column.missing for column in schema.columns if column.missing}
    assert gaps == {
        "bill_length_mm": 2,
        "bill_depth_mm": 2,
        "flipper_length_mm": 2,
        "body_mass_g": 2,
        "sex": 11,
    }
    assert frame["species"].value_counts().to_dict() == {
        "Adelie": 152,
        "Gentoo": 124,
        "Chinstrap": 68,
    }


def test_few_labels_are_right_where_they_are_and_lead_to_all_others() -> None:
    _, frame = type_table(read_table(find_sample("two_moons_few_labels").path).frame)
    _, moons = make_moons(400, noise=0.08, random_state=1)
    assert frame["moon"].value_counts().to_dict() == {"upper": 16, "lower": 16}
    known = frame["moon"].notna().to_numpy()
    truth = np.array(["upper", "lower"])[moons]
    assert (frame["moon"][known] == truth[known]).all()
    model = LabelPropagation(kernel="knn", n_neighbors=10, max_iter=5000)
    model.fit(frame[["x", "y"]], np.where(known, moons, -1))
    assert (model.transduction_ == moons).all()


def test_forty_digits_have_kept_their_label() -> None:
    _, frame = type_table(read_table(find_sample("digits_40_labels").path).frame)
    bunch = load_digits()
    assert (frame.drop(columns="digit").astype("float64").to_numpy() == bunch.data).all()
    known = frame["digit"].notna().to_numpy()
    assert (frame["digit"][known] == bunch.target[known]).all()
    assert frame["digit"].value_counts().to_dict() == dict.fromkeys(range(10), 4)


def test_simulated_annotators_are_as_good_as_they_are_said_to_be(make: ModuleType) -> None:
    sample = find_sample("photo_tags")
    frame, truth = read_table(sample.path).frame, make.simulated_photos()[1]
    layout = detect_layout(frame)
    assert len(layout.sources) == 9 and "simulated" in sample.name and sample.generated
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in layout.sources:
        vote = frame[name].fillna("")
        cast = ~vote.isin(["", make.UNSURE])
        n_votes, n_right = int(cast.sum()), int((vote[cast] == truth[cast]).sum())
        assert f"{name} {n_right / n_votes:.0%}".replace("%", " %") in sample.summary
        counted = f"| {n_votes} | {n_right} | {100 * n_right / n_votes:.1f} % "
        unsure, empty = (int((vote == word).sum()) for word in (make.UNSURE, ""))
        (line,) = (line for line in page.splitlines() if line.startswith(f"| {name} | "))
        assert f"{counted}| {unsure} | {empty} |" in line
        if name in make.ANNOTATORS:  # three standard errors of what they were made to be
            aimed = make.ANNOTATORS[name][0]
            assert abs(n_right / n_votes - aimed) < 3 * np.sqrt(aimed * (1 - aimed) / n_votes)
    gold = frame["gold"].replace("", None)
    assert gold.notna().sum() == 120 and (gold.dropna() == truth[gold.notna()]).all()


def test_an_unknown_sample_offers_the_nearest() -> None:
    with pytest.raises(UserError) as caught:
        find_sample("penguin")
    assert caught.value.code == "data.unknown_sample"
    assert "Did you mean “penguins”?" in str(caught.value)
