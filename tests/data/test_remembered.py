"""What was decided about a file counts for the next one with the same columns."""

from __future__ import annotations

from mlcore.data.reading import ReadingOptions
from mlcore.data.remembered import AS_LAST_TIME
from mlcore.data.schema import ColumnKind
from mlcore.data.store import DatasetStore
from mlcore.workspace import Workspace

FIRST = b"code,day,n\n1,03/04/2021,?\n2,05/06/2021,7\n3,07/08/2021,8\n"
SECOND = b"code,day,n\n4,03/05/2022,?\n5,05/07/2022,1\n6,07/09/2022,2\n"


def brought(store: DatasetStore, content: bytes, anew: bool = False) -> str:
    identifier = store.stage("table.csv", content)
    store.read(identifier, anew=anew)
    return identifier


def told(store: DatasetStore, identifier: str) -> list[str]:
    reading = store.reading(identifier)
    return [said.code for said in (*reading.decisions, *reading.cautions)]


def test_chosen_options_count_for_the_next_file(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, FIRST)
    assert AS_LAST_TIME not in told(store, first)
    store.read(first, ReadingOptions(marks=False, undone=(2,)))
    store.register(first)
    second = brought(store, SECOND)
    reading = store.reading(second)
    assert told(store, second)[0] == AS_LAST_TIME
    assert "“table.csv”" in str(reading.decisions[0]) and "marks" in str(reading.decisions[0])
    assert reading.chosen == ("marks",) and reading.options.marks is False
    # What was not taken into use was not decided.
    other = brought(store, b"a,b\n1,2\n3,4\n")
    store.read(other, ReadingOptions(header=False))
    assert AS_LAST_TIME not in told(store, brought(store, b"a,b\n5,6\n7,8\n"))


def test_kinds_count_for_the_next_file(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, FIRST)
    store.register(first)
    store.set_kinds(first, {"n": ColumnKind.CATEGORY})
    second = brought(store, SECOND)
    assert store.schema(second)["n"].kind is ColumnKind.CATEGORY
    assert told(store, second)[0] == AS_LAST_TIME


def test_kinds_that_fit_count_and_the_others_are_named(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, FIRST)
    store.register(first)
    store.set_kinds(first, {"n": ColumnKind.CATEGORY, "code": ColumnKind.TEXT})
    store.set_kinds(first, {"n": ColumnKind.NUMBER})
    words = SECOND.replace(b",1\n", b",one\n").replace(b",2\n", b",two\n")
    second = brought(store, words)
    schema, reading = store.schema(second), store.reading(second)
    assert schema["n"].kind is not ColumnKind.NUMBER and schema["code"].kind is ColumnKind.TEXT
    followed, doubt = str(reading.decisions[0]), str(reading.cautions[0])
    assert "the kinds of “code” as" in followed and "“n”" not in followed
    assert "were chosen for “n”." in doubt and "“table.csv”" in doubt
    third = brought(store, SECOND)
    assert "data.caution.kinds_not_as_last_time" not in told(store, third)


def test_a_change_of_kind_that_is_taken_back_is_not_remembered(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, FIRST)
    store.register(first)
    store.change(first, kinds={"n": ColumnKind.CATEGORY})
    store.change(first, kinds={"n": ColumnKind.TEXT, "code": ColumnKind.TEXT})
    store.undo(first)
    schema = store.schema(brought(store, SECOND))
    assert schema["n"].kind is ColumnKind.CATEGORY and schema["code"].kind is ColumnKind.NUMBER
    store.undo(first)
    assert AS_LAST_TIME not in told(store, brought(store, SECOND))


def test_detecting_anew_forgets(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, FIRST)
    store.read(first, ReadingOptions(marks=False))
    store.register(first)
    second = brought(store, SECOND, anew=True)
    assert AS_LAST_TIME not in told(store, second)
    assert store.reading(second).chosen == ()
    store.register(second)
    assert AS_LAST_TIME not in told(store, brought(store, SECOND))


def test_what_does_not_fit_is_detected_and_said(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    first = brought(store, b"a;b\n1,5;2,5\n2,5;3,5\n")
    store.read(first, ReadingOptions(delimiter=","))
    store.register(first)
    second = brought(store, b"a;b\n1;2\n2;3\n")
    assert "data.caution.not_as_last_time" in told(store, second)
    assert store.text_names(second) == ("a", "b") and store.reading(second).chosen == ()
