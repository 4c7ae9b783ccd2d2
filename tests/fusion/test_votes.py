"""Votes of wide and of long tables, new votes for a fitted rule, and votes changed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.fusion import votes as module
from mlcore.fusion.votes import (
    aligned,
    long_votes,
    normal_label,
    replaced,
    require_room,
    wide_votes,
)

WIDE = pd.DataFrame(
    {
        "ann": ["Cat", "cat ", "dog", None, "?"],
        "bob": ["cat", "?", "dog", None, "dog"],
        "eve": ["dog", "DOG", None, None, "dog"],
    }
)
SOURCES = ["ann", "bob", "eve"]


def cells(votes) -> dict[tuple[str, str], str]:
    """Every vote by names."""
    return {
        (votes.names[row], votes.sources[source]): votes.classes[label]
        for row, source, label in zip(votes.row, votes.source, votes.label, strict=True)
    }


def codes_of_notes(votes) -> list[str]:
    return [note.code for note in votes.notes]


def long_of(wide: pd.DataFrame) -> pd.DataFrame:
    indexed = wide.rename_axis("item").reset_index()
    return indexed.melt("item", var_name="worker", value_name="vote")


def test_a_wide_table():
    votes = wide_votes(WIDE, SOURCES, abstain=["?"])
    assert votes.classes == ("cat", "dog")
    assert votes.names == ("0", "1", "2", "3", "4")
    assert cells(votes) == {
        ("0", "ann"): "cat", ("0", "bob"): "cat", ("0", "eve"): "dog",
        ("1", "ann"): "cat", ("1", "eve"): "dog",
        ("2", "ann"): "dog", ("2", "bob"): "dog",
        ("4", "bob"): "dog", ("4", "eve"): "dog",
    }  # fmt: skip
    assert (votes.abstained_row.tolist(), votes.abstained_source.tolist()) == ([1, 4], [1, 0])
    assert votes.values is None
    assert codes_of_notes(votes) == ["fusion.votes.merged", "fusion.votes.none"]


def test_missing_is_not_abstaining():
    abstaining = wide_votes(WIDE, SOURCES, abstain=["?"])
    missing = wide_votes(WIDE.replace("?", None), SOURCES, abstain=["?"])
    assert cells(missing) == cells(abstaining)
    assert len(missing.abstained_row) == 0 and len(abstaining.abstained_row) == 2
    assert "fusion.votes.no_abstention" in codes_of_notes(missing)
    assert wide_votes(WIDE, SOURCES).classes == ("?", "cat", "dog")


def test_a_long_table_is_the_same_as_a_wide_one():
    wide = wide_votes(WIDE, SOURCES, abstain=["?"])
    long = long_votes(long_of(WIDE), "item", "worker", "vote", abstain=["?"])
    assert cells(long) == cells(wide)
    assert (long.names, long.sources, long.classes) == (wide.names, wide.sources, wide.classes)
    assert long.abstained_row.tolist() == wide.abstained_row.tolist()


def test_the_last_vote_of_a_source_counts_and_the_others_are_told():
    frame = pd.DataFrame(
        {
            "row": ["x", "x", "y", "x", "y", None, "z"],
            "who": ["ann", "ann ", "ann", "bob", "ann", "ann", "bob"],
            "label": ["no", "yes", "yes", "no", "?", "no", None],
        }
    )
    votes = long_votes(frame, "row", "who", "label", abstain=["?"])
    assert cells(votes) == {("x", "ann"): "yes", ("x", "bob"): "no"}
    assert votes.names == ("x", "y", "z")
    assert votes.abstained_row.tolist() == [1]
    notes = {note.code: note.parameters for note in votes.notes}
    assert notes["fusion.votes.repeated"] == {"votes": 2}
    assert notes["fusion.votes.nameless"] == {"lines": 1}
    assert notes["fusion.votes.none"] == {"rows": 2, "of": 3}


def test_numbers_written_as_numbers_and_as_text_are_one_label():
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 10.0], "b": ["1", "2.0", " 10", None]})
    votes = wide_votes(frame, ["a", "b"])
    assert votes.classes == ("1", "2", "10")
    assert votes.values.tolist() == [1, 2, 10]
    assert votes.label.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("kind", ["Int64", "category", "float64", "object", "str"])
def test_every_kind_of_column_is_read(kind):
    values = pd.Series([1, 0, None, 1], dtype="Int64")
    if kind in ("str", "object"):
        values = pd.Series(["1", "0", None, "1"], dtype=kind)
    elif kind != "Int64":
        values = values.astype("float64").astype(kind)
    votes = wide_votes(pd.DataFrame({"a": values}), ["a"])
    assert (votes.classes, votes.label.tolist()) == (("0", "1"), [1, 0, 1])


def test_yes_and_no_stay_words():
    frame = pd.DataFrame({"a": [True, False], "b": ["yes", "no"], "c": [1, 0]})
    assert wide_votes(frame, list("abc")).classes == ("0", "1", "False", "no", "True", "yes")


def test_gold_labels_may_name_a_class_that_nobody_used():
    votes = wide_votes(WIDE, SOURCES, abstain=["?"], classes=["Bird", "CAT", None, "?"])
    assert votes.classes == ("bird", "cat", "dog")
    assert votes.codes_of(pd.Series(["Dog", "BIRD", None, "cow", "?"])).tolist() == [
        2, 0, -1, -1, -1,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("fusion.no_sources", lambda: wide_votes(WIDE, [])),
        ("fusion.no_column", lambda: wide_votes(WIDE, ["ann", "bo"])),
        ("fusion.no_votes", lambda: wide_votes(WIDE.replace("cat", None)[3:4], SOURCES)),
        ("fusion.no_votes", lambda: wide_votes(WIDE[4:], ["ann"], abstain=["?"])),
        ("fusion.same_column", lambda: long_votes(WIDE, "ann", "ann", "bob")),
        ("fusion.no_column", lambda: long_votes(WIDE, "ann", "bob", "x")),
    ],
)
def test_what_cannot_be_read_is_said(code, call):
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.code == code


def test_new_votes_are_put_in_terms_of_a_fitted_rule():
    new = pd.DataFrame({"zoe": ["cat"], "eve": ["cow"], "bob": ["DOG"], "ann": ["?"]})
    votes = aligned(wide_votes(new, list(new), abstain=["?"]), SOURCES, ("cat", "dog"))
    assert (votes.sources, votes.classes) == (tuple(SOURCES), ("cat", "dog"))
    assert cells(votes) == {("0", "bob"): "dog"}
    assert votes.abstained_source.tolist() == [0]


def test_votes_keep_their_order_when_sources_change_theirs():
    votes = aligned(wide_votes(WIDE, SOURCES, ["?"]), ("eve", "ann", "bob"), ("dog", "cat"))
    assert cells(votes) == cells(wide_votes(WIDE, SOURCES, ["?"]))
    assert (np.diff(votes.row * 3 + votes.source) > 0).all()


def test_votes_are_changed_by_hand():
    votes = wide_votes(WIDE, SOURCES, abstain=["?"])
    edits = [("3", "ann", "Bird"), ("0", "eve", "x"), ("0", "eve", "CAT"), ("2", "bob", None),
             ("1", "eve", "?"), ("4", "ann", "dog")]  # fmt: skip
    changed = replaced(votes, edits)
    assert changed.classes == ("Bird", "cat", "dog")
    assert cells(changed) == {
        ("0", "ann"): "cat", ("0", "bob"): "cat", ("0", "eve"): "cat", ("1", "ann"): "cat",
        ("2", "ann"): "dog", ("3", "ann"): "Bird",
        ("4", "ann"): "dog", ("4", "bob"): "dog", ("4", "eve"): "dog",
    }  # fmt: skip
    assert (changed.abstained_row.tolist(), changed.abstained_source.tolist()) == ([1, 1], [1, 2])
    assert cells(replaced(votes, [])) == cells(votes)
    for code, edit in {"fusion.no_row": ("9", "ann", "cat"), "fusion.no_source": ("0", "an", "cat")
                       }.items():  # fmt: skip
        with pytest.raises(UserError) as caught:
            replaced(votes, [edit])
        assert caught.value.code == code


def test_notes_are_true_after_votes_were_changed():
    votes = wide_votes(WIDE, SOURCES, abstain=["?", "dunno"])
    assert codes_of_notes(votes) == ["fusion.votes.merged", "fusion.votes.none"]
    filled = replaced(votes, [("3", "ann", "cat")])
    assert codes_of_notes(filled) == ["fusion.votes.merged"]
    emptied = replaced(filled, [("2", "ann", None), ("2", "bob", None)])
    assert codes_of_notes(emptied) == ["fusion.votes.merged", "fusion.votes.none"]
    assert emptied.notes[-1].parameters == {"rows": 1, "of": 5}
    plain = wide_votes(WIDE[2:3], ["ann", "bob"], abstain=["?"])
    assert codes_of_notes(plain) == ["fusion.votes.no_abstention"]
    assert codes_of_notes(replaced(plain, [("2", "ann", "?")])) == []


def test_composed_letters_are_one_label_and_one_source():
    frame = pd.DataFrame({"row": [1, 1, 2], "who": ["Zo\u00eb", "Bob", "Zoe\u0308"]})
    frame["label"] = ["caf\u00e9", "cafe\u0301", "caf\u00e9"]
    votes = long_votes(frame, "row", "who", "label")
    assert (votes.sources, votes.classes) == (("Zo\u00eb", "Bob"), ("caf\u00e9",))


def test_a_table_of_labels_that_are_all_different_has_no_room(monkeypatch):
    monkeypatch.setattr(module, "MOST_CELLS", 99)
    frame = pd.DataFrame({"ann": ["a", "b"] * 5, "ids": [f"id{n}" for n in range(10)]})
    votes = wide_votes(frame, ["ann", "ids"])
    for call in (votes.counts, lambda: require_room(votes)):
        with pytest.raises(UserError, match="“ids” holds 10 different labels. With 12 labels") as e:
            call()
        assert e.value.code == "fusion.too_many_cells"
    with pytest.raises(UserError, match="“said” holds 12 different labels"):
        require_room(votes, "said")
    monkeypatch.setattr(module, "MOST_CELLS", 120)
    require_room(votes)


LABELS = st.sampled_from(["a", "A ", "b", "?", None, "1", "1.0"])
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(LABELS, min_size=width, max_size=width), min_size=1, max_size=8)
)


@given(TABLES)
@settings(max_examples=50)
def test_wide_and_long_agree_whatever_the_table(rows):
    wide = pd.DataFrame(rows, columns=[f"s{n}" for n in range(len(rows[0]))], dtype="object")
    long = long_of(wide)
    try:
        one = wide_votes(wide, list(wide), abstain=["?"])
    except UserError as error:
        assert error.code == "fusion.no_votes"
        return
    other = long_votes(long, "item", "worker", "vote", abstain=["?"])
    normal = [{cell: normal_label(name) for cell, name in cells(v).items()} for v in (one, other)]
    assert normal[0] == normal[1]
    assert one.per_row().tolist() == other.per_row().tolist()
    assert one.per_source().tolist() == other.per_source().tolist()
    np.testing.assert_array_equal(one.counts(), other.counts())
