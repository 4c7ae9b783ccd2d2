"""The table that training on a fused label needs: what stays, what is added, what is said."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from stocked import bring_text, fuse

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.fusion.config import FusionConfig
from mlcore.setups import FusionSetup
from mlcore.training.fused_table import FusedTable, fused_table
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

WIDE = """name,size,code,a,b,c,gold
p0,"1,5",007,x,x,y,x
p1,"2,5",008,x,y,,
p2,"3,5",009,y,Y,y,y
p3,"4,5",010,,,,
p4,"5,5",011,y,y,y,
"""

LONG = """item,height,colour,rater,mood,label
i2,1.5,red,ann,calm,yes
i2,1.5,,bob,tired,yes
i10,2.5,blue,ann,calm,no
i10,2.5,blue,bob,calm,yes
i1,3.5,red,ann,tired,no
i1,3.5,red,bob,tired,no
"""

VOTES = FusionSetup(target="gold", split=FusionConfig(sources=("a", "b", "c")))
RATERS = FusionSetup(split=FusionConfig(row="item", source="rater", label="label"))


def made_of(
    workspace: Workspace, text: str, setup: FusionSetup, rule: str = "plurality"
) -> tuple[FusedTable, Dataset]:
    """Fuse a table, and read the table that is made of it."""
    identifier = bring_text(workspace, "mine.csv", text)
    (run,) = fuse(workspace, identifier, rule, setup=setup)
    made, store = fused_table(RunStore(workspace), run), DatasetStore(workspace)
    new = made.stage(store)
    store.read(new, made.options)
    made.finish(store, new)
    return made, store.load(new)


def said(made: FusedTable) -> str:
    return "\n".join(map(str, made.notes))


def test_a_wide_table_keeps_its_own_columns_as_they_were_written(workspace: Workspace) -> None:
    made, table = made_of(workspace, WIDE, VOTES)
    assert list(table.frame) == ["name", "size", "code", "gold", "fused_label", "label_confidence"]
    assert table.frame["size"].tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]
    assert table.frame["code"].tolist() == ["007", "008", "009", "010", "011"]
    assert table.frame["fused_label"].fillna("").tolist() == ["x", "", "y", "", "y"]
    weights = table.frame["label_confidence"]
    assert weights.iloc[0] == pytest.approx(2 / 3, abs=1e-6)
    assert weights.isna().tolist() == [False, True, False, True, False]
    assert table.name == "mine, fused by Most votes (plurality)"


def test_roles_say_what_may_be_learnt(workspace: Workspace) -> None:
    made, table = made_of(workspace, WIDE, VOTES)
    roles = {column.name: column.role for column in table.schema.columns}
    assert roles["fused_label"] is Role.LABEL
    assert roles["label_confidence"] is Role.WEIGHT
    assert roles["gold"] is Role.IGNORED
    assert roles["size"] is Role.FEATURE
    assert "known for 3 rows" in said(made) and "undecided, 2 in all" in said(made)
    assert "“a”, “b”, “c”" in said(made)


def test_labels_and_weights_of_before_are_set_aside(workspace: Workspace) -> None:
    identifier = bring_text(workspace, "mine.csv", WIDE)
    store = DatasetStore(workspace)
    store.set_roles(identifier, {"size": Role.WEIGHT, "code": Role.LABEL})
    store.set_kinds(identifier, {"name": ColumnKind.TEXT})
    (run,) = fuse(workspace, identifier, "plurality", setup=VOTES)
    made = fused_table(RunStore(workspace), run)
    assert made.roles["size"] is made.roles["code"] is Role.IGNORED
    assert made.kinds == {"name": ColumnKind.TEXT}


def test_a_long_table_becomes_one_line_a_row(workspace: Workspace) -> None:
    made, table = made_of(workspace, LONG, RATERS)
    assert list(table.frame) == ["item", "height", "colour", "fused_label", "label_confidence"]
    # In the order in which the rows are met; a cell that is empty on one line is known on another.
    assert table.frame["item"].tolist() == ["i2", "i10", "i1"]
    assert table.frame["height"].tolist() == [1.5, 2.5, 3.5]
    assert table.frame["colour"].tolist() == ["red", "blue", "red"]
    assert table.frame["fused_label"].fillna("").tolist() == ["yes", "", "no"]
    assert table.schema["item"].role is Role.IGNORED
    assert "differ between the votes on one row stay out: “mood”" in said(made)


def test_numbers_are_labels_without_a_weight(workspace: Workspace) -> None:
    lines = [f"n{n};{n}0,5;{n};{n + 1};{n + 3}" for n in range(12)]
    text = "\n".join(["id;width;a;b;c", *lines])
    split = FusionConfig(sources=("a", "b", "c"), numbers=True)
    made, table = made_of(workspace, text, FusionSetup(split=split), "trimmed_mean")
    assert made.weight is None and "label_confidence" not in table.frame
    assert table.schema["fused_label"].kind is ColumnKind.NUMBER
    expected = [n + 4 / 3 for n in range(12)]
    assert table.frame["fused_label"].to_numpy() == pytest.approx(expected)
    assert table.frame["width"].tolist()[:2] == [0.5, 10.5]


def test_classes_that_are_numbers_stay_classes(workspace: Workspace) -> None:
    lines = [f"{n % 7}.5,{n % 14},{n % 14},{n % 14}" for n in range(140)]
    text = "\n".join(["width,a,b,c", *lines])
    setup = FusionSetup(split=FusionConfig(sources=("a", "b", "c")))
    _, table = made_of(workspace, text, setup)
    assert table.schema["fused_label"].kind is ColumnKind.CATEGORY


def test_names_that_are_taken_are_not_overwritten(workspace: Workspace) -> None:
    made, table = made_of(workspace, WIDE.replace("size", "fused_label"), VOTES)
    assert made.label == "fused_label_"
    assert table.frame["fused_label"].tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]


def test_nothing_decided_and_nothing_to_learn_from_are_sentences(workspace: Workspace) -> None:
    store = RunStore(workspace)
    lone = bring_text(workspace, "lone.csv", "a,b\nx,y\ny,x\n")
    setup = FusionSetup(split=FusionConfig(sources=("a", "b")))
    (tied,) = fuse(workspace, lone, "plurality", setup=setup)
    with pytest.raises(UserError, match="No row has a fused label"):
        fused_table(store, tied)
    by_lot = replace(setup, split=replace(setup.split, ties="random"))
    (decided,) = fuse(workspace, lone, "plurality", setup=by_lot)
    with pytest.raises(UserError, match="no column from which"):
        fused_table(store, decided)


def test_marks_that_were_kept_stay_values(workspace: Workspace) -> None:
    store = DatasetStore(workspace)
    identifier = bring_text(
        workspace, "marks.csv", "width,hint,a,b\n1.5,?,x,x\n2.5,-,y,y\n3,no,y,y"
    )
    store.read(identifier, replace(store.reading(identifier).options, marks=False))
    setup = FusionSetup(split=FusionConfig(sources=("a", "b")))
    (run,) = fuse(workspace, identifier, "plurality", setup=setup)
    made = fused_table(RunStore(workspace), run)
    new = made.stage(store)
    store.read(new, made.options)
    assert store.text(new)["hint"].tolist() == ["?", "-", "no"]


def test_cells_with_quotes_and_line_breaks_survive(workspace: Workspace) -> None:
    odd = pd.DataFrame(
        {"note": ['a "b", c', "two\nlines", "'q'"], "a": ["x", "y", "x"], "b": ["x", "y", "x"]}
    )
    setup = FusionSetup(split=FusionConfig(sources=("a", "b")))
    _, table = made_of(workspace, odd.to_csv(index=False), setup)
    assert table.frame["note"].tolist() == odd["note"].tolist()
