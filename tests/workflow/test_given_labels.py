"""The labels that count: one spelling each, what was typed in, and what is said about it."""

from __future__ import annotations

import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.splitting import FewLabelsConfig
from mlcore.workflow.given_labels import (
    GivenLabels,
    check_class_names,
    clean_label,
    given_labels,
    spellings_of,
)


def given(*labels: str | None, **changes: tuple) -> GivenLabels:
    return given_labels(pd.Series(labels, dtype="str"), FewLabelsConfig(**changes))


def plain(labels: pd.Series) -> list[str | None]:
    return labels.astype(object).where(labels.notna(), None).tolist()


def said(found: GivenLabels) -> dict[str, str]:
    return {note.code: str(note) for note in found.notes}


def test_spellings_of_one_label_are_put_together_and_named() -> None:
    found = given("Ant", "ant", " ant", "ant", None, "bee", "  ")
    assert plain(found.labels) == ["ant", "ant", "ant", "ant", None, "bee", None]
    assert found.labels.dtype == "str"
    assert list(said(found)) == ["few_labels.merged"]
    assert "are one label: “ant”, “Ant”, “ ant”. If they" in said(found)["few_labels.merged"]


def test_labels_that_are_written_in_one_way_need_no_note() -> None:
    found = given("ant", "bee", "01", "1", None)
    assert plain(found.labels) == ["ant", "bee", "01", "1", None] and found.notes == ()


def test_words_for_no_label_are_none_however_they_are_written() -> None:
    found = given("ant", " Not  yet", "NOT YET", "0", no_label=("not yet", "0.0"))
    assert plain(found.labels) == ["ant", None, None, None] and found.notes == ()


def test_typed_labels_are_cleaned_and_the_table_itself_stays_known() -> None:
    typed = ((1, " ANT "), (2, "wasp"), (3, "Wasp"), (0, "bee"))
    found = given("ant", None, None, None, typed=typed)
    assert plain(found.labels) == ["bee", "ant", "wasp", "wasp"]
    assert plain(found.own) == ["ant", None, None, None]
    assert said(found)["few_labels.typed"].startswith("4 labels were typed in")
    one = given("ant", None, typed=((1, "wasp"),))
    assert said(one)["few_labels.typed.one"].startswith("1 label was typed in and counts")


@pytest.mark.parametrize("empty", ["", "  ", "?"])
def test_an_empty_typed_label_leaves_what_the_table_has(empty: str) -> None:
    found = given("ant", None, typed=((0, empty), (1, empty)), no_label=("?",))
    assert plain(found.labels) == ["ant", None] and found.notes == ()


def test_of_two_labels_for_a_row_the_later_counts() -> None:
    assert plain(given(None, None, typed=((0, "a"), (1, "b"), (0, "c"))).labels) == ["c", "b"]
    assert plain(given(None, None, typed=((0, "a"), (1, "b"), (0, ""))).labels) == [None, "b"]


@pytest.mark.parametrize("row", [-1, 2, 10**6])
def test_labels_of_rows_outside_the_table_are_left_out_and_counted(row: int) -> None:
    found = given("ant", None, typed=((row, "bee"),))
    assert plain(found.labels) == ["ant", None]
    assert list(said(found)) == ["few_labels.typed_outside"]
    assert said(found)["few_labels.typed_outside"].endswith("left out: 1. The table has 2 rows.")


def test_a_typed_label_finds_its_spelling() -> None:
    known = spellings_of(["Red bee", "1"])
    assert clean_label("  red  BEE ", known) == "Red bee"
    assert clean_label("1.0", known) == "1"
    assert clean_label("Wasp", known) == "Wasp"
    assert clean_label(None, known) is None


def test_the_name_of_rows_without_an_answer_cannot_be_a_class() -> None:
    check_class_names(pd.Series(["ant", None], dtype="str"), "kind")
    with pytest.raises(UserError) as caught:
        check_class_names(pd.Series(["ant", "(Unlabelled)"], dtype="str"), "kind")
    assert caught.value.message.code == "few_labels.reserved_name"
