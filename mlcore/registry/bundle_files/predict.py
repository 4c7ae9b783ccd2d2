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
import hashlib
import importlib.metadata
import json
import math
import os
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

#: The types a model file may contain besides those skops knows to be harmless. Fixed: a file that
#: holds any other type (a system command, for instance) is refused before anything is built.
TRUSTED_TYPES: tuple[str, ...] = (
    # Preparation: data types of imputers, and the three functions that take dates and text apart.
    "numpy.dtype",
    "numpy.ravel",
    "operator.attrgetter",
    "pandas.DataFrame",
    # Trees and forests, boosted trees.
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    # Nearest neighbours: the search tree and the distances it measures.
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    # Perceptrons keep the state of their optimiser.
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    # Probabilities of support vector machines.
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)

MODEL = "model.skops"
SCHEMA = "input_schema.json"
GOLDEN_ROWS = "golden_rows.csv"
GOLDEN_PREDICTIONS = "golden_predictions.csv"
MANIFEST = "manifest.json"
_NEEDED = (MODEL, SCHEMA, GOLDEN_ROWS, GOLDEN_PREDICTIONS)

#: Largest relative difference of a number that still counts as the same. Processors add in
#: different orders, which moves the last of some sixteen digits.
TOLERANCE = 1e-9

#: A spreadsheet runs a cell that starts with one of these, unless an apostrophe stands before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

#: Spaces, also narrow and unbreakable ones, and apostrophes between thousands.
_GAPS = (" ", "\u00a0", "\u202f", "\u2009", "'", "’")
_OTHER_MARK = {".": ",", ",": "."}


def _number_pattern(decimal: str) -> re.Pattern[str]:
    point, group = re.escape(decimal), re.escape(_OTHER_MARK[decimal])
    fraction = rf"(?:{point}\d*)?"
    gaps = "|".join(rf"(?:{gap}\d{{3}})+" for gap in _GAPS)
    return re.compile(
        rf"[+\-−]?(?:(?:\d+{fraction}|{point}\d+)(?:[eE][+-]?\d+)?"
        rf"|\d{{1,3}}(?:{gaps}){fraction}"
        rf"|[1-9]\d{{0,2}}(?:{group}\d{{3}})+{fraction})",
        re.ASCII,
    )


_NUMBERS = {decimal: _number_pattern(decimal) for decimal in _OTHER_MARK}

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _date_patterns() -> dict[str, re.Pattern[str]]:
    """Return a pattern for each form.

    Groups: y m d, n(ame of month), a b (day and month in either order), H M S f p(m) z(one).
    """
    time = (
        r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
        r"(?: ?(?P<p>[AaPp])\.?[Mm]\.?)?"
    )
    clock = rf"(?:(?:T|,? +){time}(?P<z> ?(?:Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}}))?)?"
    weekday = r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*\.?,? )?"
    name = rf"(?P<n>(?i:{'|'.join(_MONTHS)})[a-z]*)\.?"
    year = r"(?P<y>\d{4}|\d{2})"
    forms = {
        "iso": rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){clock}",
        "day_month": rf"(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.]{year}{clock}",
        "day_name": rf"{weekday}(?P<d>\d{{1,2}})[- ./]*{name}[- ,./]*{year}{clock}",
        "name_day": rf"{weekday}{name} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){clock}",
        "month": r"(?P<y>\d{4})[-/](?P<m>\d{1,2})",
        "time": time,
        "compact": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
        r"(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})Z?)?",
    }
    return {form: re.compile(pattern, re.ASCII) for form, pattern in forms.items()}


#: Ways in which dates are written, by name.
DATE_FORMS = _date_patterns()

#: How many rows are predicted at once. A row that is given to the cluster of the rows around it
#: keeps all of them in memory until it is done, so those come in small portions.
_CHUNK = 10_000
_CHUNK_AROUND = 1_000
_NOISE = -1
_DELIMITERS = (",", ";", "\t", "|")
_MOST_TITLES = 20
_INSTALL = "Install the exact versions with: python -m pip install -r requirements.txt"


#: Rows of a table, and the answers that stand beside them: a list as long for each new column.
Part: TypeAlias = tuple[Sequence[Sequence[str]], Mapping[str, Sequence[Any]]]


class Refusal(Exception):
    """A sentence for the person, and the exit status that goes with it."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status


# The folder


def check_files(folder: Path, needed: Sequence[str] = _NEEDED) -> dict[str, Any]:
    """Return the manifest after comparing the SHA-256 of every file it lists."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed: dict[str, str] = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"“{MANIFEST}” is missing or damaged. Unpack the bundle again.", 1) from error
    for name in needed:
        if name not in listed:
            raise Refusal(f"“{MANIFEST}” does not list “{name}”. Unpack the bundle again.", 1)
    for name, expected in listed.items():
        path = folder / name
        if not is_inside(name) or not path.is_file():
            raise Refusal(f"The file “{name}” is missing. Unpack the bundle again.", 1)
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise Refusal(
                f"The file “{name}” has changed since the bundle was made, so it is not used. "
                "Unpack the bundle again.",
                1,
            )
    return manifest


def is_inside(name: str) -> bool:
    """Return whether a file's name, with ``/`` between folders, stays in the bundle's folder."""
    return all(Path(part).name == part and part not in ("", "..") for part in name.split("/"))


def check_libraries(manifest: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each library whose version differs; refuse when one is missing."""
    different, absent = [], []
    for name, wanted in manifest["libraries"].items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(f"{name} {wanted}")
            continue
        if installed != wanted:
            different.append(f"{name} {installed} is installed, the model was made with {wanted}.")
    if absent:
        raise Refusal(f"Not installed: {', '.join(absent)}. {_INSTALL}")
    return different


def load_model(folder: Path) -> Any:
    """Return the fitted pipeline; a file with a type outside the list above is refused."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        with warnings.catch_warnings():
            # Another version of scikit-learn is reported by check_libraries, in plain words.
            warnings.simplefilter("ignore")
            return skops.io.load(folder / MODEL, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise Refusal(f"“{MODEL}” holds types that are not trusted: {error}", 1) from error
    except (AttributeError, ImportError, KeyError, TypeError, ValueError) as error:
        raise Refusal(
            f"“{MODEL}” cannot be opened with the installed libraries ({error}). {_INSTALL}", 1
        ) from error


def read_schema(folder: Path) -> dict[str, Any]:
    """Return the input schema: what each column held when the model was trained."""
    schema: dict[str, Any] = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
    return schema


# From text to the values the model was trained on


class Notices:
    """What was odd in the input, counted by column, with the most frequent examples."""

    WORDS = {
        "unreadable": "{count} unreadable values ({examples}) are treated as missing; "
        "expected {expected}.",
        "unseen": "{count} values ({examples}) did not occur in training; "
        "the model knows nothing about them.",
        "outside": "{count} values ({examples}) lie outside the range of training, {expected}.",
        "missing": "{count} values are missing; in training none was.",
        "respelt": "{count} values ({examples}) were read as the whole numbers of training.",
    }

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Counter[str]] = {}
        self._expected: dict[tuple[str, str], str] = {}

    def add(self, column: str, what: str, cells: Iterable[str], expected: str = "") -> None:
        """Count cells of a column under one kind of oddity."""
        found = Counter(cells)
        if found:
            self._counts.setdefault((column, what), Counter()).update(found)
            self._expected[column, what] = expected

    def count(self, column: str, what: str) -> int:
        """Return how many cells of a column were odd in this way."""
        return sum(self._counts.get((column, what), {}).values())

    def sentences(self) -> list[str]:
        """Return one sentence for each column and kind of oddity."""
        return [
            f"Column “{column}”: "
            + self.WORDS[what].format(
                count=sum(counts.values()),
                examples=_examples(counts),
                expected=self._expected[column, what],
            )
            for (column, what), counts in self._counts.items()
        ]


def _examples(counts: Counter[str], most: int = 3) -> str:
    shown = [f"“{cell[:40]}”" for cell, _ in counts.most_common(most)]
    return ", ".join(shown) + (", …" if len(counts) > most else "")


def typed_frame(
    columns: Mapping[str, Sequence[str]], schema: Mapping[str, Any], notices: Notices
) -> pd.DataFrame:
    """Return the features with the types they had in training.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        The cells of each feature as they stand in the file; all of one length.
    schema : mapping
        As in ``input_schema.json``.
    notices : Notices
        Where oddities are counted.

    Returns
    -------
    DataFrame
        Columns in the order of the schema: ``float64``, ``datetime64`` or text, NaN for missing.
    """
    import pandas as pd

    typed = {
        feature["name"]: _TYPED[feature["kind"]](columns[feature["name"]], feature, notices)
        for feature in schema["features"]
    }
    return pd.DataFrame(typed)


def _present(
    cells: Sequence[str], feature: Mapping[str, Any], notices: Notices
) -> list[str | None]:
    tokens = set(feature["missing_tokens"])
    stripped = [cell.strip() for cell in cells]
    present = [None if not cell or cell in tokens else cell for cell in stripped]
    if not feature["missing_in_training"]:
        gaps = present.count(None)
        notices.add(feature["name"], "missing", [""] * gaps)
    return present


def _numbers(cells: Sequence[str], feature: Mapping[str, Any], notices: Notices) -> pd.Series:
    import pandas as pd

    present = _present(cells, feature, notices)
    values = [read_number(cell, feature["decimal"]) if cell else math.nan for cell in present]
    pairs = [(cell, value) for cell, value in zip(present, values, strict=True) if cell]
    notices.add(
        feature["name"],
        "unreadable",
        (cell for cell, value in pairs if math.isnan(value)),
        f"numbers such as {feature['example']}",
    )
    low, high = feature["low"], feature["high"]
    if low is not None:
        outside = (cell for cell, value in pairs if value < low or value > high)
        notices.add(feature["name"], "outside", outside, f"{low:g} to {high:g}")
    return pd.Series(values, dtype="float64")


def read_number(cell: str, decimal: str) -> float:
    """Return the number a cell holds, or NaN when it holds none.

    Marks between thousands (the other mark, spaces, apostrophes) are understood.
    """
    if not _NUMBERS[decimal].fullmatch(cell):
        return math.nan
    for mark in (_OTHER_MARK[decimal], *_GAPS):
        cell = cell.replace(mark, "")
    value = float(cell.replace("−", "-").replace(decimal, "."))
    return value if math.isfinite(value) else math.nan


def _dates(cells: Sequence[str], feature: Mapping[str, Any], notices: Notices) -> pd.Series:
    import pandas as pd

    present = _present(cells, feature, notices)
    form, day_first = feature["date_form"], feature["day_first"]
    known = {cell: read_date(cell, form, day_first) for cell in set(present) if cell}
    pairs = [(cell, known[cell]) for cell in present if cell]
    notices.add(
        feature["name"],
        "unreadable",
        (cell for cell, value in pairs if value is None),
        f"dates such as {feature['example']}",
    )
    if feature["low"] is not None:
        low, high = (datetime.fromisoformat(feature[end]) for end in ("low", "high"))
        outside = (cell for cell, value in pairs if value and not low <= value <= high)
        notices.add(feature["name"], "outside", outside, f"{feature['low']} to {feature['high']}")
    values = [known[cell] if cell else None for cell in present]
    return pd.Series(values, dtype="datetime64[us]")


def read_date(cell: str, form: str | None, day_first: bool) -> datetime | None:
    """Return the point in time a cell holds, or nothing.

    Parameters
    ----------
    cell : str
        Such as ``"2024-01-31"``, which is always understood, or ``"31.01.2024 14:30"``.
    form : str or None
        A key of :data:`DATE_FORMS`: how the column was written in training. ``None``: any way.
    day_first : bool
        Whether 01/02 is the first of February.
    """
    names = DATE_FORMS if form is None else dict.fromkeys(("iso", form))
    for name in names:
        if found := DATE_FORMS[name].fullmatch(cell):
            return _moment(found.groupdict(), day_first)
    return None


def _moment(parts: dict[str, str | None], day_first: bool) -> datetime | None:
    if parts.get("a"):
        parts["d"], parts["m"] = _day_and_month(parts, day_first)
    hour = int(parts.get("H") or 0)
    if half := parts.get("p"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    month = parts.get("m") or (parts.get("n") and _MONTHS.index(str(parts["n"])[:3].lower()) + 1)
    fraction = (parts.get("f") or "").ljust(6, "0")[:6]
    try:
        local = datetime(
            _year(parts.get("y")),
            int(month or 1),
            int(parts.get("d") or 1),
            hour,
            int(parts.get("M") or 0),
            int(parts.get("S") or 0),
            int(fraction),
        )
        return local - _to_utc(parts.get("z") or "")
    except (ValueError, OverflowError):
        return None


def _day_and_month(
    parts: Mapping[str, str | None], day_first: bool
) -> tuple[str | None, str | None]:
    return (parts["a"], parts["b"]) if day_first else (parts["b"], parts["a"])


def _year(text: str | None) -> int:
    """Return the year; two digits from 69 on mean 19xx, a time alone stands in 1900."""
    if text is None:
        return 1900
    year = int(text)
    return year + (2000 if year < 69 else 1900) if len(text) == 2 else year


def _to_utc(zone: str) -> timedelta:
    found = re.fullmatch(r" ?([+-])(\d{2}):?(\d{2})", zone)
    if not found:
        return timedelta()
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -offset if found[1] == "-" else offset


def _categories(cells: Sequence[str], feature: Mapping[str, Any], notices: Notices) -> pd.Series:
    import pandas as pd

    present = _present(cells, feature, notices)
    if feature["categories"] is not None and not feature["categories_cut"]:
        known = set(feature["categories"])
        respelt = {cell: _whole(cell) for cell in set(present) - known if cell}
        respelt = {cell: whole for cell, whole in respelt.items() if whole in known}
        notices.add(feature["name"], "respelt", (c for c in present if c in respelt))
        present = [respelt.get(cell, cell) if cell else None for cell in present]
        notices.add(feature["name"], "unseen", (c for c in present if c and c not in known))
    return pd.Series(present, dtype="str")


def _whole(cell: str) -> str:
    """Return ``"1"`` for ``"1.0"``, as spreadsheets write whole numbers beside gaps."""
    head, _, tail = cell.replace(",", ".").partition(".")
    return head if tail and not tail.strip("0") else cell


_TYPED = {
    "number": _numbers,
    "date or time": _dates,
    "category": _categories,
    "yes/no": _categories,
    "text": _categories,
}


# From values to predictions


def predict(model: Any, frame: pd.DataFrame, schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the output columns by name.

    They are ``prediction``, or ``cluster`` where rows are given to clusters, and for each class or
    cluster that has a probability ``probability_<name>``. Classes and clusters are text, numbers
    are ``float``.
    """
    if schema["task"] == "regression":
        return {"prediction": [float(value) for value in model.predict(frame)]}
    if schema["task"] == "clustering":
        names = schema["classes"] if schema["assignment"]["probabilities"] else ()
        clusters = [cluster_name(number) for number in model.predict(frame)]
        return {"cluster": clusters, **_probabilities(model, frame, names)}
    names = model.classes_ if hasattr(model, "predict_proba") else ()
    classes = [str(name) for name in model.predict(frame)]
    return {"prediction": classes, **_probabilities(model, frame, names)}


def cluster_name(number: int) -> str:
    """Return what a cluster is called: its number, or ``"noise"`` for rows that are in none."""
    return "noise" if number == _NOISE else str(int(number))


def _probabilities(model: Any, frame: pd.DataFrame, names: Sequence[Any]) -> dict[str, list[Any]]:
    if not len(names):
        return {}
    return {
        f"probability_{name}": [float(value) for value in values]
        for name, values in zip(names, model.predict_proba(frame).T, strict=True)
    }


def self_test(folder: Path, model: Any, schema: Mapping[str, Any]) -> list[str]:
    """Predict the golden rows and return a sentence for each answer that differs."""
    rows = TableFile(folder / GOLDEN_ROWS, schema)
    frame = typed_frame(rows.whole(), schema, Notices())
    return differences(folder / GOLDEN_PREDICTIONS, predict(model, frame, schema))


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
    if isinstance(got, str) or not expected:
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
                f"“{self.path.name}” has no column {listing(absent)}. "
                f"Needed: {listing(self.needed)}; "
                f"the header has {listing(self.header) or 'nothing'}."
            )
        return {name: self.header.index(name) for name in self.needed if name not in absent}


def column_names(header: Sequence[str]) -> list[str]:
    """Return the names of a header as training saw them."""
    names = [" ".join(name.replace("\ufeff", "").split()) for name in header]
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


def listing(names: Sequence[str], most: int = 30) -> str:
    """Return names in quotation marks, the first of them where there are many."""
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


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


def harmless(cell: str) -> str:
    """Return the cell with an apostrophe before it when a spreadsheet would run it.

    Numbers such as -5 or +1,5 stay as they are.
    """
    bare = cell.removesuffix("%").rstrip(" ")
    if not cell.startswith(FORMULA_STARTS) or any(
        pattern.fullmatch(bare) for pattern in _NUMBERS.values()
    ):
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
    model: Any, schema: Mapping[str, Any], table: TableFile, output: Path, raw: bool = False
) -> tuple[int, Notices]:
    """Write the table with its predictions; return the number of rows and what was odd."""
    notices = Notices()
    is_approximate = schema["assignment"] and not schema["assignment"]["is_exact"]

    def parts() -> Iterator[Part]:
        for rows in table.chunks(_CHUNK_AROUND if is_approximate else _CHUNK):
            frame = typed_frame(table.features(rows), schema, notices)
            yield rows, predict(model, frame, schema)

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
        texts = (a if isinstance(a, str) else repr(a).replace(".", decimal) for a in answers)
        yield [*row, *texts]


# The command


def main(arguments: Sequence[str] | None = None, folder: Path | None = None) -> int:
    """Run the command and return its exit status."""
    parser = command_parser("Check the model in this folder, or predict a CSV file with it.")
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
    manifest = check_files(folder)
    different = check_libraries(manifest)
    if different:
        print(*different, _INSTALL, sep="\n", file=sys.stderr)
    schema, model = read_schema(folder), load_model(folder)
    status = told_check(options, self_test(folder, model, schema))
    if status is not None:
        return status
    table = open_table(options, schema)
    n_rows, notices = predict_file(model, schema, table, options.output, options.raw_cells)
    if schema["assignment"] and not schema["assignment"]["is_exact"]:
        print(schema["assignment"]["sentence"], file=sys.stderr)
    report(table, notices)
    print(f"{n_rows} rows predicted, written to {options.output}")
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
    """Return the input; a decimal mark that was named replaces that of training."""
    if options.decimal:
        schema["decimal"] = options.decimal
        for feature in schema["features"]:
            feature["decimal"] = options.decimal
    delimiter = _tab(options.delimiter)
    return TableFile(options.input, schema, delimiter, options.encoding, some_suffice)


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
        names = listing(table.ignored)
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
