"""Predict with the model in this folder, on any computer with Python and four libraries.

A model that groups rows says for each row which cluster it belongs to. One that learnt from few
labels says "(unlabelled)" of a row that is like rows which no label reached.

Check that model and libraries work together, by predicting ten rows with a known answer::

    python predict.py

Predict a table (CSV with a header line) and write it with the predictions beside it::

    python predict.py input.csv output.csv

Exit status: 0 when all is well; 1 when the folder is damaged or the check fails; 2 when the
input, a library or the command needs mending, with a sentence on standard error.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING or __package__:
    from mlcore.registry.bundle_files import contract
else:
    # In a bundle contract.py, which reads cells and asks the model, lies beside this file.
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import contract

Refusal = contract.Refusal

#: Largest relative difference of a number that still counts as the same. Processors add in
#: different orders, which moves the last of some sixteen digits.
TOLERANCE = 1e-9

#: A spreadsheet runs a cell that starts with one of these, unless an apostrophe stands before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

#: How many rows are predicted at once. A row that is given to the cluster of the rows around it
#: keeps all of them in memory until it is done, so those come in small portions.
_CHUNK = 10_000
_CHUNK_AROUND = 1_000
_DELIMITERS = (",", ";", "\t", "|")
_MOST_TITLES = 20
_OTHER = {".": ",", ",": "."}

#: Rows of a table, and the answers that stand beside them: a list as long for each new column.
Part: TypeAlias = tuple[Sequence[Sequence[str]], Mapping[str, Sequence[Any]]]


# What was odd


class Notices:
    """What was odd in the input, counted by column, with the most frequent examples."""

    WORDS = {
        "unreadable": "{count} unreadable values ({examples}); expected {expected}. Rows with one "
        "get no prediction.",
        "no_answer": "{count} rows hold numbers too large for the model; they get no prediction.",
        "too_many_missing": "{count} rows lack more than half of the columns.",
        "unseen": "{count} values ({examples}) did not occur in training; "
        "the model knows nothing about them.",
        "outside": "{count} values ({examples}) lie outside the range of training, {expected}.",
        "missing": "{count} values are missing; in training none was.",
        "left_out": "{count} rows are such as were left out of training: {expected}",
        "respelt": "{count} values ({examples}) were read as the whole numbers of training.",
    }

    def __init__(self) -> None:
        #: By column, kind and, where it is told, what was expected.
        self._counts: dict[tuple[str | None, str, str], Counter[str]] = {}
        #: How many rows got no answer.
        self.refused = 0

    def add(self, column: str | None, what: str, cells: Iterable[str], expected: str = "") -> None:
        """Count cells of a column under one kind of oddity."""
        found = Counter(cells)
        if found:
            told = expected if "{expected}" in self.WORDS[what] else ""
            self._counts.setdefault((column, what, told), Counter()).update(found)

    def add_all(self, problems: Iterable[contract.Problem]) -> None:
        """Count the problems of single rows."""
        found: dict[tuple[str | None, str, str], list[str]] = {}
        for problem in problems:
            if problem.row is not None:
                key = (problem.column, problem.code, problem.expected)
                found.setdefault(key, []).append(problem.got)
        for (column, code, expected), cells in found.items():
            self.add(column, code, cells, expected)

    def count(self, column: str | None, what: str) -> int:
        """Return how many cells of a column were odd in this way."""
        return sum(
            sum(cells.values()) for key, cells in self._counts.items() if key[:2] == (column, what)
        )

    def sentences(self) -> list[str]:
        """Return one sentence for each column and kind of oddity."""
        return [
            ("" if column is None else f"Column “{column}”: ")
            + self.WORDS[what].format(
                count=sum(counts.values()),
                examples=_examples(counts),
                expected=expected,
            )
            for (column, what, expected), counts in self._counts.items()
        ]


def _examples(counts: Counter[str], most: int = 3) -> str:
    shown = [f"“{cell[:40]}”" for cell, _ in counts.most_common(most)]
    return ", ".join(shown) + (", …" if len(counts) > most else "")


def self_test(folder: Path, model: Any, schema: Mapping[str, Any]) -> list[str]:
    """Predict the golden rows and return a sentence for each answer that differs."""
    rows = TableFile(folder / contract.GOLDEN_ROWS, schema)
    reading = contract.read_columns(rows.whole(), schema)
    got = contract.answers(model, schema, reading).columns
    return differences(folder / contract.GOLDEN_PREDICTIONS, got)


def differences(path: Path, got: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return a sentence for each answer that differs from the one expected in a file."""
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    n_rows = max(map(len, got.values()), default=0)
    if not expected or len(expected) != n_rows or list(got) != list(expected[0]):
        return ["The golden rows and the expected answers do not belong together."]
    return [
        f"Golden row {number}, {column}: expected {answer[column]}, got {got[column][number - 1]}."
        for number, answer in enumerate(expected, start=1)
        for column in got
        if not _same(answer[column], got[column][number - 1])
    ]


def _same(expected: str, got: Any) -> bool:
    if got is None or isinstance(got, str) or not expected:
        return bool(expected == got)
    return math.isclose(float(expected), got, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


# Tables in and out


class TableFile:
    """A CSV file whose header has the columns of the model, among others.

    The header may stand below a few title lines. Names are compared as they were read in
    training: spaces joined, an empty one numbered, a repeated one with a number behind it. All
    columns must be there unless some suffice; then :attr:`absent` names the others.
    """

    def __init__(
        self,
        path: Path,
        schema: Mapping[str, Any],
        delimiter: str | None = None,
        encoding: str | None = None,
        some_suffice: bool = False,
    ) -> None:
        self.path = path
        self.needed = [feature["name"] for feature in schema["features"]]
        self.encoding = encoding or _encoding(path, schema["encoding"])
        self.quote = schema["quote"]
        self.ragged = 0
        self.some_suffice = some_suffice
        self.delimiter, self.titles = self._layout(_DELIMITERS if delimiter is None else delimiter)
        self.header = self._names()
        self.positions = self._positions()

    @property
    def absent(self) -> list[str]:
        """Names of columns the model uses and the file lacks."""
        return [name for name in self.needed if name not in self.header]

    @property
    def ignored(self) -> list[str]:
        """Names of columns the model does not use."""
        used = set(self.positions.values())
        return [name for place, name in enumerate(self.header) if place not in used]

    def chunks(self, size: int = _CHUNK) -> Iterator[list[list[str]]]:
        """Yield lists of rows, each row as wide as the header."""
        records = islice(self._records(self.delimiter), self.titles + 1, None)
        width = len(self.header)
        while chunk := list(islice(records, size)):
            self.ragged += sum(len(row) != width for row in chunk)
            yield [(row + [""] * width)[:width] for row in chunk]

    def features(self, rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
        """Return the cells of each column of the model."""
        return {name: [row[place] for row in rows] for name, place in self.positions.items()}

    def whole(self) -> dict[str, list[str]]:
        """Return the model's columns of all rows."""
        return self.features([row for chunk in self.chunks() for row in chunk])

    def _records(self, delimiter: str) -> Iterator[list[str]]:
        csv.field_size_limit(2**31 - 1)
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                # An empty line is no row.
                yield from filter(None, csv.reader(file, delimiter=delimiter, quotechar=self.quote))
        except OSError as error:
            raise _unreadable(self.path, error) from error
        except (UnicodeError, LookupError) as error:
            raise Refusal(
                f"“{self.path.name}” is not text in the encoding {self.encoding}. "
                "Save it as UTF-8, or name its encoding with --encoding."
            ) from error
        except csv.Error as error:
            raise Refusal(f"“{self.path.name}” is not a CSV file: {error}.") from error

    def _layout(self, delimiters: Sequence[str]) -> tuple[str, int]:
        """Return delimiter and number of title lines that find most of the model's columns."""
        best, most = (delimiters[0], 0), 0
        for delimiter in delimiters:
            for titles, record in enumerate(islice(self._records(delimiter), _MOST_TITLES + 1)):
                found = len(set(self.needed) & set(column_names(record)))
                if found > most:
                    best, most = (delimiter, titles), found
        return best

    def _names(self) -> list[str]:
        records = islice(self._records(self.delimiter), self.titles, self.titles + 50)
        header = next(records, [])
        widths = [len(record) for record in records]
        # R leaves the name of the row names out; training called that column "row".
        if widths and set(widths) == {len(header) + 1}:
            header = ["row", *header]
        return column_names(header)

    def _positions(self) -> dict[str, int]:
        absent = self.absent
        if absent and (not self.some_suffice or len(absent) == len(self.needed)):
            raise Refusal(
                f"“{self.path.name}” has no column {contract.listing(absent)}. "
                f"Needed: {contract.listing(self.needed)}; "
                f"the header has {contract.listing(self.header) or 'nothing'}."
            )
        return {name: self.header.index(name) for name in self.needed if name not in absent}


def column_names(header: Sequence[str]) -> list[str]:
    """Return the names of a header as training saw them."""
    names = [contract.bare_name(name) for name in header]
    taken, used = set(names), set[str]()
    for place, name in enumerate(names):
        wanted = name or f"column_{place + 1}"
        if wanted in used or (not name and wanted in taken):
            wanted = _free_name(wanted, taken | used)
        names[place] = wanted
        used.add(wanted)
    return names


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _unreadable(path: Path, error: OSError) -> Refusal:
    return Refusal(f"“{path}” cannot be read: {error.strerror}.")


def _encoding(path: Path, of_training: str) -> str:
    """Return UTF-16 or UTF-8 when the file is that, else the encoding of the training file."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start.startswith((b"\xff\xfe", b"\xfe\xff")):
                return "utf-16"
            if start[1:2] == b"\0" or start[:1] == b"\0":
                return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
            file.seek(0)
            decoder = codecs.getincrementaldecoder("utf-8")()
            while piece := file.read(2**20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return of_training
    except OSError as error:
        raise _unreadable(path, error) from error
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def other_marks(table: TableFile, schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the columns of numbers whose decimal mark is another one in a file than in training.

    Where no value of a column leaves a doubt, it goes by the others.

    Parameters
    ----------
    table : TableFile
        The file, from which no rows were taken yet.
    schema : mapping
        As in ``input_schema.json``.

    Returns
    -------
    marks : dict of str to str
        The mark of the file by the name of the column, the label among them.
    """
    columns = _number_columns(table, schema)
    is_other: dict[str, bool] = {}
    for rows in table.chunks():
        for place, (name, mark, units) in columns.items():
            if name not in is_other:
                shown = _shown_marks([row[place] for row in rows], units)
                if shown["."] or shown[","]:
                    is_other[name] = shown[mark] < shown[_OTHER[mark]]
        if len(is_other) == len(columns) or (is_other and not any(is_other.values())):
            break
    table.ragged = 0
    doubtful = bool(is_other) and all(is_other.values())
    return {
        name: _OTHER[mark] for name, mark, _ in columns.values() if is_other.get(name, doubtful)
    }


def _shown_marks(cells: Sequence[str], units: Sequence[str]) -> Counter[str | None]:
    """Return how many cells leave no doubt about each decimal mark."""
    shown = Counter[str | None]()
    whole = "\n".join(cells)
    # Whole numbers, which most columns of numbers are, say nothing.
    if "." in whole or "," in whole:
        for cell, count in Counter(cells).items():
            shown[contract.shown_mark(cell.strip(contract.BLANKS), units)] += count
    return shown


def _number_columns(
    table: TableFile, schema: Mapping[str, Any]
) -> dict[int, tuple[str, str, Sequence[str]]]:
    """Return name, decimal mark and units of columns of numbers, by their place in a file."""
    found = {
        table.positions[feature["name"]]: (
            feature["name"], feature["decimal"], feature.get("unit_words", ()),
        )
        for feature in schema["features"]
        if feature["kind"] == "number" and feature["name"] in table.positions
    }  # fmt: skip
    target = schema.get("target")
    if schema.get("task") == "regression" and target in table.header:
        units = schema.get("target_words", ())
        found[table.header.index(target)] = (target, schema["decimal"], units)
    return found


def with_marks(schema: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """Return a schema after which the numbers of some columns have other decimal marks."""
    features = [
        _with_mark(feature, marks[feature["name"]]) if feature["name"] in marks else feature
        for feature in schema["features"]
    ]
    whole = {feature["decimal"] for feature in features if feature["kind"] == "number"}
    usual = whole.pop() if marks and len(whole) == 1 else schema["decimal"]
    decimal = marks.get(schema["target"] or "", usual)
    return {**schema, "features": features, "decimal": decimal}


def _with_mark(feature: Mapping[str, Any], decimal: str) -> dict[str, Any]:
    """Return a column with another decimal mark; that between thousands then is another too."""
    return {**feature, "decimal": decimal, "thousands": None}


def marks_told(marks: Mapping[str, str]) -> list[str]:
    """Return a sentence for each decimal mark that columns have other than in training."""
    words = {",": "comma", ".": "point"}
    return [
        f"Numbers have a decimal {words[mark]} in this file, unlike in training, and are read so: "
        f"{contract.listing([name for name in marks if marks[name] == mark])}."
        for mark in dict.fromkeys(marks.values())
    ]


def harmless(cell: str) -> str:
    """Return the cell with an apostrophe before it when a spreadsheet would run it.

    Numbers such as -5 or +1,5 stay as they are.
    """
    bare = cell.removesuffix("%").rstrip(" ")
    if not cell.startswith(FORMULA_STARTS) or contract.is_number(bare):
        return cell
    return f"'{cell}"


def output_names(header: Sequence[str], columns: Iterable[str]) -> list[str]:
    """Return the names of the new columns, with a number behind those the table has already."""
    taken, names = set(header), []
    for column in columns:
        names.append(_free_name(column, taken) if column in taken else column)
        taken.add(names[-1])
    return names


def predict_file(
    model: Any,
    schema: Mapping[str, Any],
    table: TableFile,
    output: Path,
    raw: bool = False,
    policy: str = "warn",
) -> tuple[int, Notices]:
    """Write the table with its predictions; return the number of rows and what was odd.

    The last new column, ``warnings``, says in words what was odd in a row.
    """
    notices = Notices()
    is_approximate = schema["assignment"] and not schema["assignment"]["is_exact"]

    def parts() -> Iterator[Part]:
        for rows in table.chunks(_CHUNK_AROUND if is_approximate else _CHUNK):
            reading = contract.read_columns(table.features(rows), schema)
            told = contract.answers(model, schema, reading, policy)
            notices.add_all(told.problems)
            notices.refused += len(told.refused)
            yield rows, {**told.columns, "warnings": told.warnings}

    n_rows = write_beside(table, table.header, parts(), output, schema["decimal"], raw)
    return n_rows, notices


def write_beside(
    table: TableFile,
    header: Sequence[str],
    parts: Iterable[Part],
    output: Path,
    decimal: str,
    raw: bool = False,
) -> int:
    """Write rows with answers beside them, part by part; return how many there are.

    The output has the delimiter of the input table, and its encoding when that is a form of
    Unicode, else UTF-8. It appears when it is complete.
    """
    encoding = table.encoding if table.encoding.startswith("utf") else "utf-8-sig"
    n_rows = 0
    draft = output.with_name(f"{output.name}.part")
    try:
        with draft.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\n")
            for rows, columns in parts:
                if not n_rows:
                    names = [*header, *output_names(header, columns)]
                    writer.writerow(names if raw else map(harmless, names))
                for cells in _cells(rows, columns, decimal):
                    writer.writerow(cells if raw else map(harmless, cells))
                n_rows += len(rows)
        if not n_rows:
            raise Refusal(f"“{table.path.name}” has no rows below its header.")
        os.replace(draft, output)
    except OSError as error:
        raise Refusal(f"“{output}” cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return n_rows


def _cells(
    rows: Sequence[Sequence[str]], columns: Mapping[str, Sequence[Any]], decimal: str
) -> Iterator[list[str]]:
    for row, *answers in zip(rows, *columns.values(), strict=True):
        yield [*row, *(_text(one, decimal) for one in answers)]


def _text(answer: Any, decimal: str) -> str:
    if answer is None:
        return ""
    return answer if isinstance(answer, str) else repr(answer).replace(".", decimal)


# The command


def main(arguments: Sequence[str] | None = None, folder: Path | None = None) -> int:
    """Run the command and return its exit status."""
    parser = command_parser("Check the model in this folder, or predict a CSV file with it.")
    parser.add_argument(
        "--policy",
        choices=contract.POLICIES,
        default="warn",
        help="what to do with a row that holds something training did not see: predict it with a "
        "warning, or refuse it",
    )
    return answer(_run, parser, arguments, folder or Path(__file__).resolve().parent)


def answer(
    run: Callable[[argparse.Namespace, Path], int],
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    folder: Path,
) -> int:
    """Return the exit status of a command; a refusal is said on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # Names of columns may hold letters that the console's own encoding lacks.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    options = parser.parse_args(arguments)
    try:
        return run(options, folder)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status


def command_parser(description: str) -> argparse.ArgumentParser:
    """Return what reads the command line: two files, and how the first is written."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("input", nargs="?", type=Path, help="CSV file with a header line")
    parser.add_argument("output", nargs="?", type=Path, help="where the answers are written")
    parser.add_argument("--decimal", choices=[".", ","], help="decimal mark of the input")
    parser.add_argument("--delimiter", help="delimiter of the input; it is detected otherwise")
    parser.add_argument("--encoding", help="encoding of the input; UTF-8 and UTF-16 are detected")
    parser.add_argument(
        "--raw-cells",
        action="store_true",
        help="do not put an apostrophe before cells that a spreadsheet would run as a formula",
    )
    return parser


def _run(options: argparse.Namespace, folder: Path) -> int:
    manifest = contract.check_files(folder)
    different = contract.check_libraries(manifest)
    if different:
        print(*different, contract.INSTALL, sep="\n", file=sys.stderr)
    schema, model = contract.read_schema(folder), contract.load_model(folder)
    status = told_check(options, self_test(folder, model, schema))
    if status is not None:
        return status
    table = open_table(options, schema)
    n_rows, notices = predict_file(
        model, schema, table, options.output, options.raw_cells, options.policy
    )
    if schema["assignment"] and not schema["assignment"]["is_exact"]:
        print(schema["assignment"]["sentence"], file=sys.stderr)
    report(table, notices)
    refused = f", {notices.refused} refused" if notices.refused else ""
    print(f"{n_rows - notices.refused} rows predicted{refused}, written to {options.output}")
    return 0


def told_check(options: argparse.Namespace, failures: Sequence[str]) -> int | None:
    """Say what the check found; return the exit status, or nothing when there is more to do."""
    if failures:
        print("FAILED: the answers are not those that were given when the bundle was made.")
        print(*failures, sep="\n", file=sys.stderr)
        return 1
    if options.input is None:
        print("PASSED: all files are unchanged and all golden rows give the expected answers.")
        return 0
    if options.output is None or options.output.resolve() == options.input.resolve():
        raise Refusal("Name two files: the table and where the answers go, input.csv output.csv")
    return None


def open_table(
    options: argparse.Namespace, schema: dict[str, Any], some_suffice: bool = False
) -> TableFile:
    """Return the input; a decimal mark that was named, or that it shows, replaces training's."""
    if options.decimal:
        schema["decimal"] = options.decimal
        schema["features"] = [_with_mark(one, options.decimal) for one in schema["features"]]
    delimiter = _tab(options.delimiter)
    table = TableFile(options.input, schema, delimiter, options.encoding, some_suffice)
    if not options.decimal:
        marks = other_marks(table, schema)
        schema.update(with_marks(schema, marks))
        print(*marks_told(marks), sep="\n", end="\n" if marks else "", file=sys.stderr)
    return table


def _tab(delimiter: str | None) -> str | None:
    """Return the delimiter; a tab may be spelt out, since shells make it hard to type."""
    delimiter = "\t" if delimiter in ("\\t", "tab") else delimiter
    if delimiter is not None and len(delimiter) != 1:
        raise Refusal('A delimiter is a single character, such as --delimiter ";".')
    return delimiter


def report(table: TableFile, notices: Notices, is_copied: bool = True) -> None:
    """Say on standard error what was odd in the input."""
    if table.ignored:
        what = "only copied" if is_copied else "left out"
        names = contract.listing(table.ignored)
        print(f"Columns that are not used are {what}: {names}.", file=sys.stderr)
    if table.ragged:
        print(
            f"{table.ragged} rows have more or fewer cells than the header; cells that lack are "
            "missing values, surplus ones are left out.",
            file=sys.stderr,
        )
    for sentence in notices.sentences():
        print(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
