"""Datasets on disk: whole or not there, each user's own, and the same after coming back."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pandas as pd
import pytest

from mlcore import settings
from mlcore.data import store as store_module
from mlcore.data.dataset import fingerprint
from mlcore.data.quality import TABLE_CHECKS
from mlcore.data.reading import ReadingOptions
from mlcore.data.recipe.recipe import Recipe
from mlcore.data.recipe.steps import PlainStep
from mlcore.data.samples import find_sample
from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore, clean_name
from mlcore.data.table_folder import TableFolder
from mlcore.errors import UserError
from mlcore.workspace import Workspace

CSV = b"id,age,zip,when,colour\n" + b"".join(
    b"c%d,%d,%05d,2020-01-%02d,%s\n" % (n, 20 + n % 7, n * 31, 1 + n % 28, (b"red", b"blue")[n % 2])
    for n in range(40)
)
FILES = {
    *("original", "upload.json", "table.parquet", "frame.parquet"),
    *("schema.json", "reading.json", "findings.json", "detected.json"),
}


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(Workspace.open(tmp_path))


@pytest.fixture
def known(store: DatasetStore) -> str:
    identifier = store.stage("people.csv", CSV)
    store.read(identifier)
    store.register(identifier)
    return identifier


def code_of(call: object, *arguments: object) -> str:
    with pytest.raises(UserError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_from_file_to_dataset(store: DatasetStore) -> None:
    sample = find_sample("penguins")
    identifier = store.stage(sample.file, sample.path)
    assert not store.is_read(identifier)
    assert store.all() == []
    assert code_of(store.load, identifier) == "data.not_read"
    assert code_of(store.register, identifier) == "data.not_read"
    reading = store.read(identifier)
    assert store.is_read(identifier) and store.reading(identifier) == reading
    assert store.all() == []
    info = store.register(identifier)
    assert store.all() == [info]
    assert (info.name, info.rows, info.columns) == ("penguins.csv", 344, 8)
    dataset = store.load(identifier)
    assert (dataset.name, dataset.fingerprint) == (info.name, info.fingerprint)
    assert dataset.schema == store.schema(identifier)
    assert dataset.frame.shape == (344, 8) and dataset.frame["species"].dtype == "str"
    assert store.original_path(identifier).read_bytes() == sample.path.read_bytes()
    assert len(store.findings(identifier)) == len(TABLE_CHECKS)
    folder = store.original_path(identifier).parent
    assert {path.name for path in folder.iterdir()} == FILES


def test_the_same_file_has_the_same_fingerprint(store: DatasetStore, known: str) -> None:
    again = store.stage("other name.csv", CSV)
    store.read(again)
    assert store.load(again).fingerprint == store.load(known).fingerprint
    other = store.stage("people.csv", CSV.replace(b"red", b"RED", 1))
    store.read(other)
    assert store.load(other).fingerprint != store.load(known).fingerprint


def test_types_survive_the_disk(store: DatasetStore, known: str) -> None:
    frame = store.load(known).frame
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "id": "str",
        "age": "float64",
        "zip": "str",
        "when": "datetime64[us]",
        "colour": "str",
    }
    assert frame["zip"].iloc[1] == "00031"
    assert frame.index.tolist() == list(range(40))


def test_the_preview_is_text(store: DatasetStore, known: str) -> None:
    preview = store.preview(known, rows=3)
    assert preview.shape == (3, 5)
    assert preview.iloc[1].tolist() == ["c1", "21", "00031", "2020-01-02", "blue"]
    assert len(store.preview(known, rows=500)) == 40


def test_reading_again_with_other_options(store: DatasetStore, known: str) -> None:
    store.read(known, ReadingOptions(header=False))
    assert store.info(known).rows == 41
    assert store.reading(known).chosen == ("header",)


def test_a_failed_reading_leaves_the_earlier_one(store: DatasetStore, known: str) -> None:
    before = store.load(known)
    options = ReadingOptions(delimiter=";")
    assert code_of(store.read, known, options) == "data.delimiter_absent"
    pd.testing.assert_frame_equal(store.load(known).frame, before.frame)


def test_a_reading_broken_off_in_the_middle_does_not_count(
    store: DatasetStore, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TableFolder, "write_schema", stop)
    with pytest.raises(KeyboardInterrupt):
        store.read(known, ReadingOptions(header=False))
    assert not store.is_read(known)
    monkeypatch.undo()
    store.read(known)
    assert store.load(known).schema.n_rows == 40


def test_no_file_is_half_written(
    store: DatasetStore, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pd.DataFrame.to_parquet

    def half(frame: pd.DataFrame, path: Path, **options: object) -> None:
        whole(frame, path, **options)
        os.truncate(path, 100)
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(OSError, match="disk full"):
        store.set_kinds(known, {"age": ColumnKind.CATEGORY})
    monkeypatch.undo()
    assert store.load(known).schema["age"].kind is ColumnKind.NUMBER
    folder = store.original_path(known).parent
    assert {path.name for path in folder.iterdir()} == FILES


def test_kinds_can_be_changed(store: DatasetStore, known: str) -> None:
    before = store.info(known).fingerprint
    schema = store.set_kinds(known, {"age": ColumnKind.CATEGORY, "id": ColumnKind.TEXT})
    assert schema == store.schema(known)
    assert schema["age"].kind is ColumnKind.CATEGORY
    assert schema["age"].reason.code == "data.kind.chosen"
    assert schema["id"].role is Role.FEATURE
    dataset = store.load(known)
    assert dataset.frame["age"].iloc[0] == "20"
    assert dataset.fingerprint == store.info(known).fingerprint != before
    identifiers = next(f for f in store.findings(known) if f.code == "DATA003")
    assert identifiers.columns == ("zip",)
    store.set_kinds(known, {"age": ColumnKind.NUMBER, "id": ColumnKind.IDENTIFIER})
    assert store.info(known).fingerprint == before
    assert store.schema(known)["age"].reason.code == "data.kind.whole_number"


def test_a_kind_that_does_not_fit_changes_nothing(store: DatasetStore, known: str) -> None:
    before = store.schema(known)
    kinds = {"age": ColumnKind.CATEGORY, "colour": ColumnKind.NUMBER}
    assert code_of(store.set_kinds, known, kinds) == "data.kind_unfit"
    assert store.schema(known) == before
    assert code_of(store.set_kinds, known, {"nobody": ColumnKind.TEXT}) == "setup.no_column"


def test_roles_can_be_changed_and_outlive_kinds(store: DatasetStore, known: str) -> None:
    store.set_roles(known, {"colour": Role.LABEL, "age": Role.GROUP})
    assert store.schema(known).with_role(Role.GROUP) == ("age",)
    store.set_kinds(known, {"age": ColumnKind.CATEGORY})
    assert store.schema(known)["age"].role is Role.GROUP
    assert code_of(store.set_roles, known, {"nobody": Role.GROUP}) == "setup.no_column"


def test_rename_and_delete(store: DatasetStore, known: str) -> None:
    store.rename(known, "My people")
    assert store.info(known).name == store.load(known).name == "My people"
    assert code_of(store.rename, known, " \n ") == "data.no_name"
    folder = store.original_path(known).parent
    store.delete(known)
    assert store.all() == [] and not folder.exists()
    assert code_of(store.load, known) == "data.unknown"


@pytest.mark.parametrize("identifier", ["0" * 32, "", "..", "../../etc", "a/b", "a\0b", "C:\\x"])
def test_an_unknown_id_is_one_sentence_everywhere(store: DatasetStore, identifier: str) -> None:
    calls: list[tuple[object, ...]] = [
        (store.read, identifier),
        (store.is_read, identifier),
        (store.reading, identifier),
        (store.preview, identifier),
        (store.register, identifier),
        (store.load, identifier),
        (store.info, identifier),
        (store.name, identifier),
        (store.schema, identifier),
        (store.findings, identifier),
        (store.set_kinds, identifier, {}),
        (store.set_roles, identifier, {}),
        (store.rename, identifier, "x"),
        (store.delete, identifier),
        (store.original_path, identifier),
    ]
    assert {code_of(call, *arguments) for call, *arguments in calls} == {"data.unknown"}


def test_users_do_not_see_each_other(tmp_path: Path) -> None:
    anna = DatasetStore(Workspace.open(tmp_path, user="anna"))
    bert = DatasetStore(Workspace.open(tmp_path, user="bert"))
    identifier = anna.stage("a.csv", CSV)
    anna.read(identifier)
    anna.register(identifier)
    assert bert.all() == []
    assert code_of(bert.load, identifier) == "data.unknown"
    assert code_of(bert.delete, identifier) == "data.unknown"
    assert anna.info(identifier).name == "a.csv"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x.csv", "x.csv"),
        ("..\\..\\x.csv", "x.csv"),
        ("C:\\data\\x.csv", "x.csv"),
        ("a\0b\nc.csv", "a b c.csv"),
        ("‮gnp.csv", "gnp.csv"),
        ("x" * 5000, "x" * 120),
        ("", ""),
    ],
)
def test_names_are_only_text(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_file_without_name_gets_one(store: DatasetStore) -> None:
    assert store.name(store.stage("///", CSV)) == "table"


def test_files_that_are_too_large_are_refused(
    store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.UPLOAD_MB.name, "1")
    with pytest.raises(UserError) as caught:
        store.stage("big.csv", bytes(2**20 + 1))
    assert caught.value.code == "data.too_large" and "2 MiB" in str(caught.value)
    assert not (store.workspace.home / "users").exists()


def test_a_full_workspace_refuses_before_anything_is_written(
    store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.QUOTA_MB.name, "1")
    assert code_of(store.stage, "big.csv", bytes(2**21)) == "workspace.full"
    assert store.workspace.used_bytes() == 0


def test_uploads_that_nobody_used_are_cleared(store: DatasetStore, known: str) -> None:
    left = store.stage("left.csv", CSV)
    fresh = store.stage("fresh.csv", CSV)
    folder = store.original_path(left).parent
    old = time.time() - 2 * store_module.ABANDONED_SECONDS
    os.utime(folder, (old, old))
    os.utime(store.original_path(known).parent, (old, old))
    assert store.clear_abandoned() == 1
    assert code_of(store.is_read, left) == "data.unknown"
    assert not store.is_read(fresh) and store.is_read(known)


# The user's own steps

STEPS = [
    {"step": "rename", "column": "age", "to": "years"},
    {"step": "keep_rows", "column": "years", "comparison": "is at most", "values": [22]},
    {"step": "derive", "name": "months", "formula": "years * 12"},
]


def test_steps_change_the_table_and_taking_them_back_restores_it(
    store: DatasetStore, known: str
) -> None:
    store.set_roles(known, {"age": Role.LABEL})
    before = store.load(known)
    schema = store.set_recipe(known, STEPS)
    made = store.load(known)
    assert made.schema == schema == store.schema(known)
    assert set(made.frame["years"]) == {20, 21, 22} and schema["years"].role is Role.LABEL
    assert (made.frame["months"] == 12 * made.frame["years"]).all()
    assert list(made.frame.index) == list(range(schema.n_rows))
    assert store.recipe(known).to_json() == STEPS == made.recipe.to_json()
    assert made.fingerprint != before.fingerprint
    assert store.info(known).rows == schema.n_rows < before.schema.n_rows
    pd.testing.assert_frame_equal(store.load_source(known).frame, before.frame)
    store.set_recipe(known, [])
    after = store.load(known)
    pd.testing.assert_frame_equal(after.frame, before.frame)
    assert (after.fingerprint, after.schema) == (before.fingerprint, before.schema)
    folder = store.original_path(known).parent
    store.findings(known)
    assert {path.name for path in folder.iterdir()} == {*FILES, "steps_before.json"}


def test_changes_are_taken_back_one_by_one(store: DatasetStore, known: str) -> None:
    marks = [store.load(known).fingerprint]
    for count in (1, 2, 3):
        store.set_recipe(known, STEPS[:count])
        marks.append(store.load(known).fingerprint)
    store.change(known, roles={"months": Role.IGNORED})
    store.set_recipe(known, [])
    for mark, role in ((marks[3], Role.IGNORED), (marks[3], Role.FEATURE)):
        schema = store.undo(known)
        assert store.load(known).fingerprint == mark and schema["months"].role is role
    for mark in reversed(marks[:3]):
        store.undo(known)
        assert store.load(known).fingerprint == mark
    assert not store.can_undo(known) and store.undo(known) == store.schema(known)


def everything(store: DatasetStore, identifier: str) -> tuple[object, ...]:
    """Return all that a change of a table can change."""
    made, source = store.load(identifier), store.load_source(identifier)
    marks = (made.fingerprint, source.fingerprint, store.info(identifier).fingerprint)
    kinds = [(column.kind, column.reason) for column in source.schema.columns]
    return (*marks, made.schema, made.recipe, kinds, store.findings(identifier))


@pytest.mark.parametrize("steps", [[], STEPS])
def test_a_change_of_kinds_steps_and_roles_is_taken_back_at_once(
    store: DatasetStore, known: str, steps: list[PlainStep]
) -> None:
    store.set_recipe(known, steps)
    before = everything(store, known)
    colour = {"step": "replace", "column": "colour", "values": [["red", None]]}
    kinds = {"zip": ColumnKind.NUMBER, "when": ColumnKind.TEXT, "id": ColumnKind.CATEGORY}
    store.change(known, kinds=kinds, steps=[*steps, colour], roles={"id": Role.GROUP})
    schema = store.schema(known)
    assert [schema[name].kind for name in kinds] == [*kinds.values()]
    assert schema["colour"].missing and schema["id"].role is Role.GROUP
    store.change(known, kinds={"zip": ColumnKind.TEXT})
    store.undo(known)
    assert store.schema(known) == schema
    store.undo(known)
    assert everything(store, known) == before
    assert store.can_undo(known) == bool(steps)


def test_a_change_that_changes_nothing_is_not_taken_back(store: DatasetStore, known: str) -> None:
    store.change(known, kinds={"age": ColumnKind.NUMBER}, roles={"age": Role.FEATURE}, steps=[])
    assert not store.can_undo(known)


def test_numbers_and_dates_come_back_as_they_were_read(store: DatasetStore) -> None:
    # What "1,234" and 03/04/2021 mean here is only seen in the other columns.
    lines = [f"{n},234;{n},5;0{n}/0{n + 1}/2021;{n + 12}/01/2021;{n}" for n in range(1, 9)]
    identifier = store.stage("open.csv", "\n".join(["a;b;c;d;e", *lines]).encode())
    store.read(identifier)
    before = store.load(identifier)
    assert before.frame["a"].iloc[0] == 1.234 and before.schema["c"].order == "day first"
    store.change(identifier, kinds=dict.fromkeys("bd", ColumnKind.TEXT))
    store.change(identifier, kinds=dict.fromkeys("ac", ColumnKind.CATEGORY))
    for _ in range(2):
        store.undo(identifier)
    after = store.load(identifier)
    assert after.schema == before.schema
    pd.testing.assert_frame_equal(after.frame, before.frame)


def test_changes_and_findings_of_earlier_versions_are_read(store: DatasetStore, known: str) -> None:
    before, found = store.load(known), store.findings(known)
    roles = {column.name: column.role.value for column in before.schema.columns}
    store.set_recipe(known, STEPS)
    folder = store.original_path(known).parent
    (folder / "steps_before.json").write_text(json.dumps([{"recipe": [], "roles": roles}]))
    store.undo(known)
    after = store.load(known)
    assert (after.fingerprint, after.schema) == (before.fingerprint, before.schema)
    (folder / "findings.json").write_text(json.dumps([one.to_json() for one in found[:3]]))
    assert store.findings(known) == store.findings(known) == found


def test_a_change_does_no_more_than_it_must(
    store: DatasetStore, known: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at, check_table = [], store_module.check_table
    monkeypatch.setattr(
        store_module, "check_table", lambda table: looked_at.append(table) or check_table(table)
    )
    source = store.original_path(known).parent / "source.parquet"
    store.set_recipe(known, STEPS[:1])
    written = source.stat().st_mtime_ns
    store.set_recipe(known, STEPS)
    store.set_roles(known, {"years": Role.LABEL})
    assert source.stat().st_mtime_ns == written and not looked_at
    # What is noticed is looked for when somebody wants to see it, once.
    assert store.findings(known) == store.findings(known) == check_table(store.load(known))
    assert len(looked_at) == 1
    store.set_kinds(known, {"zip": ColumnKind.NUMBER})
    assert source.stat().st_mtime_ns > written
    marks = [store.load_source(known).fingerprint, store.load(known).fingerprint]
    frames = [store.load_source(known).frame, store.load(known).frame]
    assert marks == [fingerprint(frame) for frame in frames]


def test_a_run_finds_the_table_of_its_day(store: DatasetStore, known: str) -> None:
    store.set_recipe(known, STEPS)
    then = store.load(known)
    store.set_recipe(known, STEPS[:1])
    found = store.load_after(known, then.recipe)
    assert found.fingerprint == then.fingerprint and found.schema.names == then.schema.names
    assert store.load_after(known, store.recipe(known)).fingerprint == store.load(known).fingerprint


def test_a_step_that_does_not_fit_changes_nothing(store: DatasetStore, known: str) -> None:
    store.set_recipe(known, STEPS)
    before = store.load(known)
    nobody = {"step": "keep_rows", "column": "years", "comparison": "is less than", "values": [0]}
    for wrong in ({"step": "drop", "columns": ["age"]}, nobody):
        with pytest.raises(UserError):
            store.set_recipe(known, [*STEPS, wrong])
    assert store.load(known).fingerprint == before.fingerprint
    assert store.recipe(known).to_json() == STEPS


def test_kinds_and_roles_hold_beside_steps(store: DatasetStore, known: str) -> None:
    store.set_recipe(known, [*STEPS, {"step": "rename", "column": "zip", "to": "post code"}])
    store.set_kinds(known, {"post code": ColumnKind.NUMBER})
    assert store.load(known).frame["post code"].dtype == "float64"
    store.set_roles(known, {"months": Role.IGNORED, "post code": Role.GROUP})
    store.set_recipe(known, [*STEPS, {"step": "rename", "column": "zip", "to": "code"}])
    schema = store.schema(known)
    assert schema["code"].kind is ColumnKind.NUMBER and schema["code"].role is Role.GROUP
    assert schema["months"].role is Role.IGNORED
    with pytest.raises(UserError, match="“months” was made by a step"):
        store.set_kinds(known, {"months": ColumnKind.CATEGORY})
    with pytest.raises(UserError, match="Step 2"):
        store.set_kinds(known, {"years": ColumnKind.CATEGORY})
    assert store.schema(known) == schema


def test_reading_again_starts_without_steps(store: DatasetStore, known: str) -> None:
    store.set_recipe(known, STEPS)
    store.read(known)
    assert not store.recipe(known) and "age" in store.schema(known).names


def test_how_the_file_was_read_goes_with_the_table(store: DatasetStore, known: str) -> None:
    options = store.reading(known).options
    store.set_recipe(known, STEPS)
    loaded = store.load(known), store.load_source(known), store.load_after(known, Recipe())
    assert all(ReadingOptions.from_json(one.reading) == options for one in loaded)
