"""The plainest call of pandas that reads a file as the workbench does."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest
from codegen_runs import as_read

from mlcore.codegen.expression import Writer
from mlcore.codegen.loading import loading_code
from mlcore.data.plain_file import as_csv
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError

FILES = {
    "plain": ("a,b\n1.5,x\n2,y\n", 'table = pd.read_csv("table.csv")'),
    "codes": (
        "a,b\n1.5,01\n2,02\n",
        'table = pd.read_csv("table.csv", dtype={"b": "str"})',
    ),
    "german": (
        "a;b;c\n1,5;x;31.12.2024\n2,25;y;01.02.2023\n",
        None,
    ),
    "thousands": ("a;b\n1,234.5;x\n12,000;y\n1;x\n", None),
    "marks": ("a,b\n1,x\n?,y\n-,z\n2,?\n", None),
    "titles": ("Report of 2024\n\na,b,c\n1,x,u\n2,y,v\n3,z,w\n", None),
    "numbered": ("1,x\n2,y\n3,z\n", None),
    "names": ("a,a, b  c ,\n1,2,x,y\n3,4,z,y\n", None),
    "ragged": ("a,b\n1,x\n2,y,9\n3\n4,w\n", None),
    "spaces": ("a,b\n 1 , x\n2 ,y \n", None),
    "dates": ("a,b\n2024-01-31,1\n2023-02-01,2\n", None),
    "american": ("a,b\n01/31/2024,1\n02/01/2023,2\n", None),
    "words": ('a,b\n"Jan 31, 2024",1\n"Feb 1, 2023",2\n', None),
    "zones": ("a,b\n2024-01-31T10:00:00+02:00,1\n2023-02-01T09:00:00Z,2\n", None),
    "slips": ("a,b\n" + "".join(f"{i},x\n" for i in range(40)) + "oops,y\n", None),
    "digits": ("a,b\n0.1234567890123456789,x\n1e-300,y\n123456.78901234567,z\n", None),
    "quotes": ("a,b\n1,'x,y'\n2,'z'\n3,'w,v'\n", None),
    "pairs": ("1::x::2.5\n2::y::3.5\n3::x::4.5\n", None),
    "bars": ("a||b||c\n1||x||2.5\n2||y||3.5\n", None),
    "tabs": ("a\tb\n1\tx\n2\ty\n", None),
    "truths": ("a,b\nTrue,1\nFalse,2\n", None),
    "accents": ("größe,straße\n1,Köln\n2,Zürich\n", None),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-8-sig"])
def test_the_code_gives_the_tables_values(name: str, encoding: str, tmp_path: Path) -> None:
    text, expected = FILES[name]
    content = text.encode(encoding)
    dataset, source = as_read(content)
    writer = Writer()
    code = loading_code(source, dataset, dataset.schema.names, writer)
    if expected is not None:
        assert code == expected
    (tmp_path / "table.csv").write_bytes(content)
    space: dict[str, pd.DataFrame] = {}
    exec(
        f"{writer.imports()}\n{code}".replace('"table.csv"', repr(str(tmp_path / "table.csv"))),
        space,
    )
    table = space["table"][list(dataset.schema.names)]
    for column in dataset.schema.names:
        kind = dataset.schema[column].kind
        if kind in (ColumnKind.NUMBER, ColumnKind.DATETIME):
            pd.testing.assert_series_equal(
                table[column].astype(dataset.frame[column].dtype), dataset.frame[column]
            )
        else:
            pd.testing.assert_series_equal(table[column], dataset.frame[column])


def test_a_column_that_pandas_cannot_read_has_its_sentence() -> None:
    dataset, source = as_read(("a,b\n" + "1 March 2024 at noon,1\n1,2\n" * 2).encode())
    odd = dataset.frame.assign(a=dataset.frame["a"].map(lambda cell: f"{cell}!"))
    changed = type(dataset)(dataset.name, odd, dataset.schema, dataset.fingerprint)
    with pytest.raises(UserError, match="reads the column “a” of table.csv"):
        loading_code(source, changed, ["a"], Writer())


#: Files that take more than a call of pandas.
ODD = {
    "json": b'{"n": 1, "c": "NA", "d": "2024-01-31"}\n{"n": 2.5, "c": "x"}\n{"d": "2024-02-01"}\n',
    "packed": gzip.compress(b"n,c,d\n1,01,2024-01-31\n2,02,2024-02-01\n3,02,2024-02-02\n"),
    "open quote": b'n,c,d\n1,x,2024-01-31\n2,"y,2024-02-01\n3,z,2024-02-02\n4,w,2024-02-03\n',
}


@pytest.mark.parametrize("name", ODD)
def test_the_table_as_it_was_read_can_always_be_read(name: str, tmp_path: Path) -> None:
    dataset, odd = as_read(ODD[name], f"odd.{name}")
    source = odd.as_read(dataset)
    assert source.file_name == "odd-as-read.csv"
    writer = Writer()
    code = loading_code(source, dataset, dataset.schema.names, writer)
    path = tmp_path / source.file_name
    path.write_bytes(source.content)
    space: dict[str, pd.DataFrame] = {}
    exec(f"{writer.imports()}\n{code}".replace(f'"{path.name}"', repr(str(path))), space)
    pd.testing.assert_frame_equal(
        space["table"].astype(dataset.frame.dtypes.to_dict()), dataset.frame
    )


@pytest.mark.parametrize("name", ["json", "packed"])
def test_what_is_no_plain_text_is_not_read_as_such(name: str) -> None:
    dataset, source = as_read(ODD[name])
    with pytest.raises(UserError, match="pandas does not read table.csv"):
        loading_code(source, dataset, dataset.schema.names, Writer())


def test_whole_numbers_stand_as_such_in_the_table_as_it_was_read() -> None:
    frame = pd.DataFrame({"a": [1.0, None, 3e15], "b": [0.5, 1.0, 2.0], "c": ["01", None, "=1"]})
    assert as_csv(frame).decode() == "a,b,c\n1,0.5,01\n,1.0,\n3000000000000000,2.0,=1\n"
