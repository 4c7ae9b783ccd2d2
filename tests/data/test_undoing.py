"""A mend that is taken back leaves every line as it stands in the file."""

from __future__ import annotations

import pytest

from mlcore.data.reading import ReadingOptions, read_table

LINES = [f"{n:03d};x{n % 3};{10 + n % 9},{n % 10};k{n % 2}" for n in range(1, 41)]


def damaged(line: int, *pieces: str) -> bytes:
    lines = [*LINES[:line], *pieces, *LINES[line + 1 :]]
    return "\n".join(["a;b;c;d", *lines]).encode()


@pytest.mark.parametrize(
    ("pieces", "mended", "kept"),
    [
        # Torn in two, and written with another delimiter.
        (("011;x2;1", "2,1;k1"), 40, [["011", "x2", "1"], ["2,1", "k1"]]),
        (("011\tx2\t12,1\tk1",), 40, [["011\tx2\t12,1\tk1"]]),
    ],
)
def test_no_line_goes_missing(pieces: tuple[str, ...], mended: int, kept: list[list[str]]) -> None:
    content = damaged(10, *pieces)
    table = read_table(content)
    (repair,) = table.reading.repairs
    assert repair.line == 12 and repair.after == "011;x2;12,1;k1" and not repair.undone
    assert len(table.frame) == mended
    assert "data.caution.mended" in {caution.code for caution in table.reading.cautions}

    undone = read_table(content, ReadingOptions(undone=(12,)))
    rows = undone.frame.iloc[10 : 10 + len(kept)].values.tolist()
    assert [[cell for cell in row if isinstance(cell, str)] for row in rows] == kept
    assert len(undone.frame) == 39 + len(kept)
    assert undone.reading.repairs[0].undone and undone.reading.repairs[0].line == 12
    cautions = {caution.code for caution in undone.reading.cautions}
    assert "data.caution.undone" in cautions and "data.caution.mended" not in cautions
