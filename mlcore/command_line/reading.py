"""Options for reading a file; what is not given is detected."""

from __future__ import annotations

import argparse

from mlcore.data.reading import DATE_ORDERS, MARKS, ReadingOptions

#: Options that are a text: their flag and what it means.
_TEXTS = (
    ("encoding", "such as utf-8"),
    ("delimiter", "between fields; “tab” stands for the tabulator"),
    ("decimal", "mark: . or ,"),
    ("thousands", "mark, such as a comma; “none” for none"),
    ("quote", "mark around fields; “none” for none"),
    ("escape", "mark inside quoted fields; “none” where quotation marks are doubled"),
    ("comment", "how a line begins that is left out; “none” for none"),
    ("sheet", "which sheet of a workbook; the largest when not given"),
)

#: What a shell passes on only with difficulty, or not at all.
_SPELT = {"tab": "\t", "\\t": "\t", "none": "", "space": " "}


def add_reading_options(command: argparse.ArgumentParser) -> None:
    """Add the options for reading to a command."""
    add = command.add_argument
    for name, words in _TEXTS:
        said = words if name == "sheet" else f"{words}; detected when not given"
        add(f"--{name}", metavar="TEXT", help=said)
    add("--header", choices=("yes", "no"), help="whether the first line names the columns")
    add("--skip", type=int, metavar="WHOLE", help="lines before the table")
    add("--table", type=int, metavar="WHOLE", help="which of several tables of the file, from 1")
    add("--dates", choices=tuple(DATE_ORDERS), help="what 03/04/2021 means")
    add(
        "--undo",
        type=int,
        action="append",
        default=[],
        metavar="LINE",
        help="take back the mend of this line; may be repeated",
    )
    add("--keep-marks", action="store_true", help=f"{' '.join(MARKS)} are values; else no value")


def reading_options(given: argparse.Namespace) -> ReadingOptions:
    """Return what was given of the options for reading."""
    texts = {name: getattr(given, name) for name, _ in _TEXTS}
    spelt = {
        name: text if name in ("sheet", "encoding") else _SPELT.get(text, text)
        for name, text in texts.items()
    }
    return ReadingOptions(
        **spelt,
        header=None if given.header is None else given.header == "yes",
        skip=given.skip,
        table=None if given.table is None else given.table - 1,
        dates=given.dates,
        marks=False if given.keep_marks else None,
        undone=tuple(sorted(given.undo)),
    )
