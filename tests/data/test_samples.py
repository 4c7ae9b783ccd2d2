"""The sample tables: declarations, files and their page belong together."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from mlcore.data.kinds import type_table
from mlcore.data.reading import read_table
from mlcore.data.samples import FOLDER, SAMPLES, Sample, find_sample
from mlcore.data.schema import LEARNABLE, ColumnKind, guess_task
from mlcore.errors import UserError

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
    assert table.reading.n_problems == 0 and not table.reading.cautions
    assert table.reading.options.header
    schema, _ = type_table(table.frame)
    label = schema[sample.target]
    assert label.kind in LEARNABLE
    assert guess_task(label)[0] is sample.task
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


def test_an_unknown_sample_offers_the_nearest() -> None:
    with pytest.raises(UserError) as caught:
        find_sample("penguin")
    assert caught.value.code == "data.unknown_sample"
    assert "Did you mean “penguins”?" in str(caught.value)
