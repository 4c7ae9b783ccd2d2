"""The one way from cells to the values a model learnt from, and from those to its answers.

A form, a table in a file, HTTP, a program in Python and ``predict.py`` all come through here, so
that the same row gets the same answer and the same sentences, whichever way it came::

    schema, model = read_schema(folder), load_model(folder)      # after check_files(folder)
    reading = read_records([{"age": 41, "colour": "red"}], schema)
    print(answers(model, schema, reading).to_records())

A cell is text as it stands in a file, or a value as JSON has them; a value is read as the cell
that it would be in a file of training. What cannot be read is never guessed: its row is refused.
What training did not see is predicted with a warning, or refused where that is asked for.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import repeat
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
NEEDED = ("contract.py", MODEL, SCHEMA, GOLDEN_ROWS, GOLDEN_PREDICTIONS)

#: What answers: the fitted pipeline itself, or the ONNX file that was made of it. The manifest
#: says which, so that the same model answers by every way in.
SCIKIT_LEARN, ONNX = "scikit-learn", "onnx"
ONNX_MODEL = "model.onnx"

#: What each is called.
ENGINES = {SCIKIT_LEARN: "scikit-learn", ONNX: "ONNX Runtime"}

#: What is done with a row that holds something training did not see.
POLICIES = ("warn", "refuse")

_NOISE = -1
#: Rows are predicted in blocks of so many, the last one filled up: processors add the rows at the
#: edge of a matrix in another order, and a row alone would differ from itself among others in the
#: last of some sixteen digits.
BLOCK = 16
#: Beyond this a model may have no answer: many count in numbers that end near 3e38.
_HUGE = 1e30
_MOST_SHOWN = 200
#: What to do when a library is missing or another version.
INSTALL = "Install the exact versions with: python -m pip install -r requirements.txt"


# The folder


class Refusal(Exception):
    """A sentence for the person, and the exit status that goes with it."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status


def check_files(folder: Path, needed: Sequence[str] = NEEDED) -> dict[str, Any]:
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
        raise Refusal(f"Not installed: {', '.join(absent)}. {INSTALL}")
    return different


def engine_of(folder: Path) -> str:
    """Return what answers, :data:`SCIKIT_LEARN` or :data:`ONNX`, as the manifest says."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    # Models from elsewhere, and those from before there was a choice, do not say.
    only = ONNX if ONNX_MODEL in manifest.get("files", ()) else SCIKIT_LEARN
    return str(manifest.get("engine", only))


def load_model(folder: Path) -> Any:
    """Return what answers: the fitted pipeline, or a model with its methods.

    A file with a type outside the list above is refused.
    """
    model = _load_onnx(folder) if engine_of(folder) == ONNX else load_pipeline(folder)
    return after_steps(model, read_schema(folder))


def after_steps(model: Any, schema: Mapping[str, Any]) -> Any:
    """Return a model that takes rows as they come, before the steps of its table's recipe."""
    steps = schema.get("steps")
    return _recipe().AfterSteps(model, steps) if steps else model


def rows_after_steps(
    reading: Reading, schema: Mapping[str, Any]
) -> tuple[pd.DataFrame, frozenset[int]]:
    """Return rows after the steps of the first table, and which ones those leave out, from 0."""
    frame, left_out = _recipe().rows_prepared(reading.frame, schema["steps"])
    return frame, frozenset(left_out)


def _recipe() -> Any:
    """Return what does the steps of a recipe; it is only there where a bundle has some."""
    if TYPE_CHECKING or __package__:
        from mlcore.data.recipe import steps
    else:
        # In a bundle it lies beside this file.
        import steps
    return steps


def _load_onnx(folder: Path) -> Any:
    try:
        if TYPE_CHECKING or __package__:
            from mlcore.registry.bundle_files import onnx_model
        else:
            # In a bundle it lies beside this file.
            import onnx_model
    except ImportError as error:
        raise Refusal(f"Not installed: {error.name}. {INSTALL}") from error
    try:
        return onnx_model.OnnxModel((folder / ONNX_MODEL).read_bytes())
    except Exception as error:  # the runtime has kinds of its own
        raise Refusal(
            f"“{ONNX_MODEL}” cannot be opened with the installed libraries ({error}). {INSTALL}", 1
        ) from error


def load_pipeline(folder: Path) -> Any:
    """Return the fitted pipeline, which lies in every bundle, whatever answers."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        _check_size(folder / MODEL)
        with warnings.catch_warnings():
            # Another version of scikit-learn is reported by check_libraries, in plain words.
            warnings.simplefilter("ignore")
            return skops.io.load(folder / MODEL, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        # Types of scikit-learn itself change their names between versions.
        others = other_versions(folder)
        said = [f"“{MODEL}” holds types that are not trusted: {error}", *others]
        raise Refusal(" ".join([*said, *([INSTALL] if others else [])]), 1) from error
    except zipfile.BadZipFile as error:
        raise Refusal(f"“{MODEL}” is no skops file ({error}). It is not opened.", 1) from error
    except (
        *(AttributeError, ImportError, KeyError, TypeError, ValueError),
        # Something that nests deeper than any model.
        RecursionError,
    ) as error:
        said = [f"“{MODEL}” cannot be opened with the installed libraries ({error})."]
        raise Refusal(" ".join([*said, *other_versions(folder), INSTALL]), 1) from error


def other_versions(folder: Path) -> list[str]:
    """Return a sentence for each library that is not installed as the model was made with."""
    path = folder / MANIFEST
    return check_libraries(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def _check_size(path: Path) -> None:
    """Refuse a file that unpacks to far more than a model that was packed."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > 100 * path.stat().st_size + 2**26:
        raise Refusal(f"“{path.name}” unpacks to {size:,} bytes, as no model does.", 1)


def read_schema(folder: Path) -> dict[str, Any]:
    """Return the input schema: what each column held when the model was trained."""
    schema: dict[str, Any] = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
    return schema


# Numbers and dates as they are written

#: Spaces, also narrow and unbreakable ones, and apostrophes between thousands.
_GAPS = (" ", "\u00a0", "\u202f", "\u2009", "'", "\u2019")
_SIGN = r"[+\-−–]?"
_MINUS = "-−–"
_OTHER_MARK = {".": ",", ",": "."}


#: Digits and marks of full width, as East Asian keyboards write them, and of Arabic, Persian,
#: Hindi, Bengali and Thai, and what they stand for.
_NARROW = str.maketrans(
    "．，＋－（）％\u3000٫٬٪０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙",
    ".,+-()% .,%" + 6 * "0123456789",
)


def _number_pattern(decimal: str) -> re.Pattern[str]:
    point, group = re.escape(decimal), re.escape(_OTHER_MARK[decimal])
    fraction = rf"(?:{point}\d*)?"
    gaps = "|".join(rf"(?:{gap}\d{{3}})+" for gap in _GAPS)
    # Groups of three, or of two before the last as in India.
    groups = rf"(?:\d{{0,2}}(?:{group}\d{{3}})+|\d?(?:{group}\d{{2}})+{group}\d{{3}})"
    return re.compile(
        rf"{_SIGN}(?:(?:\d+{fraction}|{point}\d+)(?:[eE][+-]?\d+)?"
        rf"|[1-9]\d{{0,2}}(?:{gaps}){fraction}"
        rf"|[1-9]{groups}{fraction})",
        re.ASCII,
    )


#: How numbers are written, by decimal mark.
NUMBERS = {decimal: _number_pattern(decimal) for decimal in _OTHER_MARK}

#: A number with something before or after it: a sign, a currency, a unit, parentheses.
_AMOUNT = re.compile(
    r"(?P<before>[^\d]{0,12}[A-Za-zÀ-ɏЀ-ӿ]\.? ?[+\-−–]?|[^\d.,]{0,12})"
    r"(?P<digits>[.,]?\d(?:[\d.," + "".join(_GAPS) + r"]*\d)?(?:[eE][+-]?\d+)?)"
    r"(?P<after>[^\d]{0,15}|[^\d]{0,8}[A-Za-z][23])",
    re.ASCII,
)
_LONGEST_AMOUNT = 60

#: A minus behind an amount; behind a whole number it may mean something else.
_BEHIND = re.compile(r"[-−–](?=\s|$)")

#: Signs for ten thousand and a hundred million after a number.
_MYRIADS = {"万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8}

#: The most frequent way, which needs no second look.
_PLAIN_NUMBERS = {
    decimal: re.compile(rf"-?\d+(?:{re.escape(decimal)}\d*)?", re.ASCII) for decimal in _OTHER_MARK
}

#: Names of the months; three letters of one are enough.
MONTHS = (
    (
        "january januar jänner janvier enero gennaio janeiro januari janv styczeń stycznia ocak "
        "январь января"
    ),
    (
        "february februar février fevrier febrero febbraio fevereiro februari luty lutego şubat "
        "февраль февраля"
    ),
    "march märz mrz mars marzo março maart mrt marts marzec marca mart март марта",
    "april avril abril aprile kwiecień kwietnia nisan апрель апреля",
    "may mai mayo maggio maio mei maj maja mayıs май мая",
    "june juni juin junio giugno junho czerwiec czerwca haziran июнь июня",
    "july juli juillet julio luglio julho lipiec lipca temmuz июль июля",
    "august augusti août aout agosto augustus sierpień sierpnia ağustos августа",
    (
        "september septembre septiembre setiembre settembre setembro wrzesień września eylül "
        "сентябрь сентября"
    ),
    (
        "october oktober octobre octubre ottobre outubro październik października ekim октябрь "
        "октября"
    ),
    "november novembre noviembre novembro listopad listopada kasım ноябрь ноября",
    (
        "december dezember décembre decembre diciembre dicembre dezembro desember grudzień "
        "grudnia aralık декабрь декабря"
    ),
)
_MONTH_OF = {
    name[:length]: number
    for number, names in enumerate(MONTHS, 1)
    for name in names.split()
    for length in range(3, len(name) + 1)
    # Of the French June and July three letters are the same.
    if name[:length] != "jui"
}
#: Words for time zones and their hours from UTC; those that mean several, as IST, are left out.
ZONES = {
    **{"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2},
    **{"EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12},
    **{"NZDT": 13, "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
_AFTERNOON = ("p", "下午", "午後", "오후")


def _date_patterns() -> dict[str, re.Pattern[str]]:
    """Return a pattern for each form.

    Groups: y m d, n(ame of month), a b (day and month in either order), H M S f p(m) z(one).
    """
    time = (
        r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
        r"(?: ?(?P<p>[AaPp])\.?[Mm]\.?)?"
    )
    zone = (
        rf" ?(?:Z|(?:UTC|GMT)[+-]\d{{1,2}}(?::?\d{{2}})?|{'|'.join(ZONES)}"
        r"|[+-]\d{2}(?::?\d{2})?)"
    )
    clock = rf"(?:(?:T|,? +){time}(?P<z>{zone})?)?"
    characters_clock = (
        r"(?: ?(?P<p>上午|下午|午前|午後|오전|오후)? ?"
        r"(?P<H>\d{1,2})[:时時시点點] ?(?P<M>\d{1,2})[分분]?"
        r"(?:[: ]?(?P<S>\d{1,2})[秒초]?)?)?"
    )
    weekdays = (
        "mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie"
        "|sáb|dom|sab|gio|seg|ter|qua|qui|sex|пн|вт|ср|чт|пт|сб|вс|Пн|Вт|Ср|Чт|Пт|Сб|Вс"
    )
    weekday = rf"(?:(?i:{weekdays})[a-zäöüéíáçãà]*\.?,? (?:den |le )?)?"
    name = r"(?P<n>[^\s\d.,:/+\-]{3,12})\.?"
    ordinal = r"(?:st|nd|rd|th|er|º|ª|e)?"
    year = r"(?P<y>\d{4}|\d{2})"
    forms = {
        "iso": r"(?P<y>\d{4})(?:[-/.]|\. )(?P<m>\d{1,2})(?:[-/.]|\. )(?P<d>\d{1,2})\.?" + clock,
        "day_month": r"(?P<a>\d{1,2})(?:[-/.]|\. )(?P<b>\d{1,2})(?:[-/.]|\. )" + year + clock,
        "short_year": rf"(?P<y>\d{{2}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){clock}",
        "day_name": rf"{weekday}(?P<d>\d{{1,2}}){ordinal}[- ./]*(?:de |of )?{name}[- ,./]*"
        rf"(?:de |del )?{year}(?: ?г\.?)?{clock}",
        "name_day": rf"{weekday}{name} (?P<d>\d{{1,2}}){ordinal},? (?P<y>\d{{4}}){clock}",
        "characters": r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월] ?(?P<d>\d{1,2}) ?[日号號일]"
        + characters_clock,
        "character_months": r"(?P<y>\d{4}) ?[年년] ?(?P<m>\d{1,2}) ?[月월]",
        "month": r"(?P<y>\d{4})[-/](?P<m>\d{1,2})",
        "month_year": r"(?P<m>\d{1,2})[-/](?P<y>\d{4})",
        "name_year": rf"{name}[- ,/]*(?:de |del )?(?P<y>\d{{4}})",
        "time": time,
        "compact": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
        r"(?:T?(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})Z?)?",
    }
    return {form: re.compile(pattern, re.ASCII) for form, pattern in forms.items()}


#: Ways in which dates are written, by name.
DATE_FORMS = _date_patterns()


def read_number(cell: str, decimal: str, units: Sequence[str] = ()) -> float:
    """Return the number a cell holds, or NaN when it holds none.

    Parameters
    ----------
    cell : str
        Such as ``"12"``, ``"1,234.5"``, ``"(5)"`` for -5, ``"1.2万"``, or ``"12 kg"``. Marks
        between thousands (the other mark, spaces, apostrophes) are understood.
    decimal : str
        The decimal mark.
    units : sequence of str
        Words that may stand before or after the digits, all of them for one unit.
    """
    if _PLAIN_NUMBERS[decimal].fullmatch(cell):
        value = float(cell.replace(decimal, "."))
    else:
        value = _amount(cell.translate(_NARROW), decimal, units)
    return value if math.isfinite(value) else math.nan


def _amount(cell: str, decimal: str, units: Sequence[str]) -> float:
    sign, exponent = 1, 0
    if not NUMBERS[decimal].fullmatch(cell):
        found = _AMOUNT.fullmatch(cell) if len(cell) <= _LONGEST_AMOUNT else None
        beside = _beside(found["before"], found["after"]) if found else None
        if not (found and beside and NUMBERS[decimal].fullmatch(found["digits"])):
            return math.nan
        sign, exponent, word = beside
        if word and word not in units:
            return math.nan
        cell = found["digits"]
        if _BEHIND.match(found["after"]) and not re.search("[.,]", cell):
            return math.nan
    for mark in (_OTHER_MARK[decimal], *_GAPS):
        cell = cell.replace(mark, "")
    cell = cell.replace("−", "-").replace("–", "-").replace(decimal, ".")
    power = f"e{exponent}" if exponent and "e" not in cell.lower() else ""
    return sign * float(cell + power)


def shown_mark(cell: str, units: Sequence[str] = ()) -> str | None:
    """Return the decimal mark that a cell with a number leaves no doubt about, if it does.

    >>> shown_mark("12,5"), shown_mark("1.234.567"), shown_mark("1.234")
    (',', ',', None)
    """
    if ("." not in cell and "," not in cell) or len(cell) > _LONGEST_AMOUNT:
        return None
    bare = "".join(sign for sign in cell.translate(_NARROW) if sign not in _GAPS)
    found = _MARKED.search(bare)
    for decimal, pattern in _CLEAR.items():
        if found and pattern.fullmatch(found[0]):
            return None if math.isnan(read_number(cell, decimal, units)) else decimal
    return None


def _clear_pattern(decimal: str) -> re.Pattern[str]:
    point, group = re.escape(decimal), re.escape(_OTHER_MARK[decimal])
    return re.compile(
        rf"\d*{point}(?:\d{{1,2}}|\d{{4,}})|0*{point}\d+|\d{{4,}}{point}\d+"
        rf"|[\d{group}]*{group}\d{{3}}{point}\d+|[1-9]\d{{0,2}}(?:{group}\d{{3}}){{2,}}",
        re.ASCII,
    )


_MARKED = re.compile(r"[.,]?\d[\d.,]*", re.ASCII)

#: Numbers that leave no doubt about the decimal mark.
_CLEAR = {decimal: _clear_pattern(decimal) for decimal in _OTHER_MARK}


def _beside(before: str, after: str) -> tuple[int, int, str] | None:
    """Return sign, exponent of ten and unit that stand beside digits; nothing if they make none."""
    opened = "(" in before
    if opened != after.endswith(")") or before.count("(") > 1:
        return None
    if opened:
        if not (before.startswith("(") or before.endswith("(")):
            return None
        before, after = before.replace("(", ""), after[:-1]
    after = re.sub(r"^[.,][-–—]{1,2}(?=\s|$)", "", after)
    behind = bool(_BEHIND.match(after))
    left, right = before.strip(), after[behind:].strip()
    signs = [mark for mark in (left[:1], left[1:][-1:]) if mark and mark in f"+{_MINUS}"]
    if len(signs) + opened + behind > 1:
        return None
    bare = left.strip(f"+{_MINUS}").strip()
    if signs and not bare and before != left:
        return None
    exponent = _MYRIADS.get(right[:1], 0)
    right = right[1:].strip() if exponent else right
    if bare and right:
        return None
    negative = opened or behind or (signs and signs[0] in _MINUS)
    return -1 if negative else 1, exponent, bare or right


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
    cell = cell.translate(_NARROW)
    names = DATE_FORMS if form is None else dict.fromkeys((form, "iso"))
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
        hour = hour % 12 + (12 if half.lower() in _AFTERNOON else 0)
    month = parts.get("m")
    if name := parts.get("n"):
        month = str(_MONTH_OF.get(name.lower(), 0))
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
    found = re.fullmatch(r"[A-Z ]*([+-])(\d{1,2}?):?(\d{2})?", zone)
    if not found:
        return timedelta(hours=ZONES.get(zone.strip(), 0))
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -offset if found[1] == "-" else offset


# What is odd in the input


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the input that the person should know of.

    Parameters
    ----------
    row : int or None
        Number of the row, from 0; ``None`` for what concerns all rows.
    column : str or None
        Name of the column; ``None`` for what concerns the whole row.
    code : str
        A key of :data:`WORDS`.
    got, expected : str
        What came, and what the model knows, in words.
    """

    row: int | None
    column: str | None
    code: str
    got: str = ""
    expected: str = ""

    @property
    def severity(self) -> str:
        """``"error"``: the row gets no answer, or ``"warning"``: it is answered with care."""
        return "error" if self.code in ERRORS else "warning"

    @property
    def is_doubtful(self) -> bool:
        """Whether the answer is in doubt; it is not for ignored columns and other spellings."""
        return self.code not in _HARMLESS

    @property
    def sentence(self) -> str:
        """The problem in words, without the number of the row."""
        return WORDS[self.code].format(
            column=self.column, got=_shortened(self.got), expected=self.expected
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "got": self.got,
            "expected": self.expected,
            "sentence": self.sentence,
        }


#: The sentence of each kind of problem.
WORDS: dict[str, str] = {
    "missing_column": "There is no column “{column}”; expected {expected}.",
    "unknown_column": "The model does not use the column “{column}”; it is ignored.",
    "unreadable": "Column “{column}”: “{got}” cannot be read; expected {expected}.",
    "no_answer": "The model has no answer for numbers as large as these.",
    "unseen": "Not seen in training: {column} “{got}”, trained on {expected}.",
    "outside": "Not seen in training: {column} {got}, trained on {expected}.",
    "missing": "{column} is missing; in training it never was.",
    "left_out": "Such rows were left out of training: {expected}",
    "too_many_missing": "Too many missing values: {got} columns; more than half.",
    "respelt": "Column “{column}”: “{got}” was read as “{expected}”.",
}

#: Problems with which a row gets no answer, whatever the policy.
ERRORS = frozenset({"missing_column", "unreadable", "no_answer"})
_HARMLESS = frozenset({"unknown_column", "respelt"})


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def listing(names: Sequence[str], most: int = 30) -> str:
    """Return names in quotation marks, the first of them where there are many."""
    shown = ", ".join(f"“{name}”" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


# From cells to values


class _Absent:
    """What stands in a column where a record does not name it."""


ABSENT = _Absent()

#: A column's values: ``float`` (NaN for missing), ``datetime`` or text (``None`` for missing).
Values: TypeAlias = list[Any]


@dataclass(frozen=True, eq=False)
class Reading:
    """Rows as the model takes them, and what was odd in them.

    Parameters
    ----------
    columns : mapping of str to list
        The values of each column of the model, in its order: ``float`` (NaN for missing),
        ``datetime`` or text (``None`` for missing).
    kinds : mapping of str to str
        The kind of each column.
    n_rows : int
        How many rows there are.
    problems : tuple of Problem
        What was odd: first of all rows, then row by row.
    """

    columns: Mapping[str, Values]
    kinds: Mapping[str, str]
    n_rows: int
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems with which a row gets no answer."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns with the types of training: ``float64``, ``datetime64`` or text."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: pd.Series(values, dtype=_DTYPES.get(self.kinds[name], "str"))
                for name, values in self.columns.items()
            },
            index=range(self.n_rows),
        )

    def refused(self, policy: str = "warn") -> frozenset[int]:
        """Return the numbers of the rows that get no answer under a policy."""
        found = self.errors
        if policy == "refuse":
            found += tuple(p for p in self.problems if p.row is not None and p.is_doubtful)
        if any(problem.row is None for problem in found):
            return frozenset(range(self.n_rows))
        return frozenset(problem.row for problem in found if problem.row is not None)

    def only(self, rows: Sequence[int]) -> Reading:
        """Return some of the rows, with values alone."""
        if len(rows) == self.n_rows:
            return self
        columns = {name: [values[row] for row in rows] for name, values in self.columns.items()}
        return Reading(columns, self.kinds, len(rows))

    def in_blocks(self) -> Reading:
        """Return the rows with the last one repeated until they fill whole blocks."""
        lacking = -self.n_rows % BLOCK
        if not lacking:
            return self
        columns = {name: [*values, *values[-1:] * lacking] for name, values in self.columns.items()}
        return Reading(columns, self.kinds, self.n_rows + lacking)


_DTYPES = {"number": "float64", "date or time": "datetime64[us]"}


def joined(readings: Sequence[Reading]) -> Reading:
    """Return the rows of several readings as one, to be answered at once.

    :meth:`Answers.part` gives each its own answers back.
    """
    first, problems, start = readings[0], list[Problem](), 0
    for reading in readings:
        problems += [
            problem if problem.row is None else replace(problem, row=problem.row + start)
            for problem in reading.problems
        ]
        start += reading.n_rows
    columns = {
        name: [value for reading in readings for value in reading.columns[name]]
        for name in first.columns
    }
    return Reading(columns, first.kinds, start, tuple(problems))


def read_records(records: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> Reading:
    """Return rows given one by one, as JSON has them: ``[{"age": 41, "colour": "red"}, …]``.

    A name that a record lacks is an error of that record; a value that is not known is ``null``.
    """
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name, ABSENT) for record in records] for name in names}
    return read_columns(columns, schema, len(records))


def read_columns(
    columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any], n_rows: int | None = None
) -> Reading:
    """Return columns with the types they had in training.

    Parameters
    ----------
    columns : mapping of str to sequence
        The cells of each column, all of one length: text as it stands in a file, or numbers, true,
        false and null as JSON has them.
    schema : mapping
        As in ``input_schema.json``.
    n_rows : int, optional
        How many rows there are; by default as many as cells of a column.
    """
    count = max(map(len, columns.values()), default=0) if n_rows is None else n_rows
    given = _by_name(columns, schema)
    known = {feature["name"] for feature in schema["features"]}
    problems = [Problem(None, name, "unknown_column") for name in given if name not in known]
    values, gaps = {}, Counter[int]()
    for feature in schema["features"]:
        name = feature["name"]
        cells = _Cells(given[name] if name in given else [ABSENT] * count, feature)
        values[name] = _READERS[feature["kind"]](cells)
        gaps.update(cells.gaps)
        problems += cells.problems
    problems += _too_many_missing(gaps, len(known))
    kinds = {feature["name"]: feature["kind"] for feature in schema["features"]}
    if schema.get("steps"):
        problems += _left_out(Reading(values, kinds, count, tuple(problems)), schema["steps"])
    # Stable: within a row they stay in the order of the columns.
    problems.sort(key=lambda problem: -1 if problem.row is None else problem.row)
    return Reading(values, kinds, count, tuple(problems))


def _by_name(
    columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]
) -> dict[str, Sequence[Any]]:
    """Return the columns under the names of training, which have no needless blanks."""
    known = {feature["name"] for feature in schema["features"]}
    found = {}
    for name, cells in columns.items():
        bare = " ".join(str(name).split())
        found[bare if bare in known and bare not in columns else str(name)] = cells
    return found


def _too_many_missing(gaps: Counter[int], n_columns: int) -> list[Problem]:
    return [
        Problem(row, None, "too_many_missing", f"{count} of {n_columns}", f"{n_columns // 2}")
        for row, count in gaps.items()
        if 2 * count > n_columns
    ]


_NUMBER_KINDS = {float, int, type(None)}


def _are_plain(cells: Sequence[Any], feature: Mapping[str, Any]) -> bool:
    """Return whether numbers are what a column of numbers would hold if they were written."""
    if feature["kind"] != "number" or _has_number(tuple(feature["missing_tokens"])):
        return False
    try:
        # With one that is not finite, neither is the sum.
        return math.isfinite(sum(filter(None, cells)))
    except OverflowError:
        return False


@lru_cache(1024)
def _tokens(words: tuple[str, ...]) -> frozenset[str]:
    """Return the cells that stand for a missing value."""
    return frozenset(("", *words))


@lru_cache(1024)
def _has_number(tokens: tuple[str, ...]) -> bool:
    """Return whether a number may stand for a missing value, as -999 does in some files."""
    return any(re.fullmatch(r"-?\d[\d.,]*(?:e[+-]?\d+)?", token) for token in tokens)


def _left_out(reading: Reading, steps: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each row that a step of the recipe leaves out of training."""
    refused = reading.refused()
    rows = [row for row in range(reading.n_rows) if row not in refused]
    if not rows:
        return []
    _, left_out = _recipe().rows_prepared(reading.only(rows).frame, steps)
    return [
        Problem(rows[place], None, "left_out", expected=str(step["said"]))
        for place, found in left_out.items()
        for step in found
    ]


class _Cells:
    """The cells of one column as text, and what was odd in them."""

    def __init__(self, cells: Sequence[Any], feature: Mapping[str, Any]) -> None:
        self.feature = feature
        self.problems: list[Problem] = []
        #: Rows whose cell is nothing that a file could hold; they are told already.
        self.told: set[int] = set()
        kinds = set(map(type, cells))
        #: Whether they are numbers as JSON has them, which need not be written and read again.
        self.are_numbers = not kinds - _NUMBER_KINDS and _are_plain(cells, feature)
        if self.are_numbers:
            self.present = list(cells)
        else:
            texts = cells if kinds == {str} else self._written(cells)
            tokens = _tokens(tuple(feature["missing_tokens"]))
            bare = {text: text.strip() for text in set(texts)}
            known = {text: None if cell in tokens else cell for text, cell in bare.items()}
            self.present = [known[text] for text in texts]
        self.gaps = self._gaps()
        if feature["missing_in_training"] == 0:
            self.add("missing", self.gaps)

    def add(self, code: str, rows: Iterable[int], expected: str = "") -> None:
        """Tell of cells as they are written."""
        name = self.feature["name"]
        self.problems += [
            Problem(row, name, code, (self.present[row] or "")[:_MOST_SHOWN], expected)
            for row in rows
        ]

    def _gaps(self) -> list[int]:
        if None not in self.present:
            return []
        return [r for r, cell in enumerate(self.present) if cell is None and r not in self.told]

    def _written(self, cells: Sequence[Any]) -> list[str]:
        if all(cell is ABSENT for cell in cells):
            self._tell(None, "missing_column")
            self.told.update(range(len(cells)))
            return [""] * len(cells)
        return [self._text(row, cell) for row, cell in enumerate(cells)]

    def _text(self, row: int, value: Any) -> str:
        """Return the cell that holds a value in a file of training."""
        if type(value) is str:
            return value
        if value is ABSENT:
            self._tell(row, "missing_column")
            return ""
        text = written(value, self.feature)
        if text is None:
            self._tell(row, "unreadable", _plain_text(value))
        return text or ""

    def _tell(self, row: int | None, code: str, got: str = "") -> None:
        name = self.feature["name"]
        self.problems.append(Problem(row, name, code, got, expected_words(self.feature)))
        if row is not None:
            self.told.add(row)


def expected_words(feature: Mapping[str, Any]) -> str:
    """Return what a column holds, such as ``"a number such as 5"``."""
    nouns = {"number": "a number", "date or time": "a date", "yes/no": "one of two values"}
    noun = nouns.get(feature["kind"], "text")
    return f"{noun} such as {feature['example']}" if feature["example"] else noun


def _plain_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)[:_MOST_SHOWN]


def written(value: Any, feature: Mapping[str, Any]) -> str | None:
    """Return the cell that holds a value in a file as training had it; ``None`` if none can.

    Parameters
    ----------
    value : object
        A number, true, false, nothing, a date, or text.
    feature : mapping
        The column, as in ``input_schema.json``.
    """
    if hasattr(value, "item") and not isinstance(value, str):
        # numpy's numbers become Python's.
        value = value.item()
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return _truth_word(value, feature)
    if isinstance(value, int | float | Decimal):
        return _number_cell(value, feature)
    if isinstance(value, date | time):
        return value.isoformat()
    return None


def _number_cell(value: int | float | Decimal, feature: Mapping[str, Any]) -> str:
    """Return a number as text; of the ways to write it, the one that is a category of training."""
    try:
        number = float(value)
    except OverflowError:
        return "infinity"
    if math.isnan(number):
        return ""
    # Whole numbers keep their digits where the column holds text, which codes often are.
    is_long = isinstance(value, int) and feature["kind"] != "number"
    text = str(value) if is_long else repr(number).removesuffix(".0")
    if feature["kind"] == "number":
        return text.replace(".", feature["decimal"])
    known = feature["categories"] or ()
    ways = (text, f"{text}.0", text.replace(".", ","), f"{text},0")
    return next((way for way in ways if way in known), text)


_YES = (
    "yes y true t 1 on ja oui si sí sì sim tak ano da taip jah kyllä igen evet ναι да так wahr "
    "vrai verdadero prawda 是 有 对 はい あり 有り 예 네 있음 نعم כן ใช่ có ya"
)
_NO = (
    "no n false f 0 off nein nee nej nei non não nie ne nu ei nem hayir hayır όχι нет ні не "
    "falsch faux falso fałsz 否 无 無 错 いいえ なし 無し 아니오 아니요 없음 "
    "لا לא ไม่ ไม่ใช่ không tidak"
)
#: Words for yes and no, in small letters.
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())


def _truth_word(value: bool, feature: Mapping[str, Any]) -> str:
    """Return the word that a column has for true or false, if it has exactly one."""
    words = YES if value else NO
    known = [word for word in feature["categories"] or () if word.casefold() in words]
    return known[0] if len(known) == 1 else str(value).lower()


def _numbers(cells: _Cells) -> Values:
    feature, decimal = cells.feature, cells.feature["decimal"]
    units = feature.get("unit_words", ())
    low, high = feature["low"], feature["high"]
    if low is None:
        low, high = -math.inf, math.inf
    if cells.are_numbers and cells.present and not cells.gaps:
        values = list(map(float, cells.present))
        if low <= min(values) and max(values) <= high:
            return values
    elif cells.are_numbers:
        values = [math.nan if cell is None else float(cell) for cell in cells.present]
    else:
        known = {cell: read_number(cell, decimal, units) for cell in set(cells.present) if cell}
        values = [known[cell] if cell else math.nan for cell in cells.present]
    # A value that is missing or cannot be read lies nowhere.
    odd = [row for row, value in enumerate(values) if not low <= value <= high]
    if len(odd) == len(cells.gaps):
        return values
    unreadable = [row for row in odd if cells.present[row] and math.isnan(values[row])]
    cells.add("unreadable", unreadable, expected_words(feature))
    span = f"{_shown_number(low)} to {_shown_number(high)}"
    cells.problems += [
        Problem(row, feature["name"], "outside", _shown_number(values[row]), span)
        for row in odd
        if not math.isnan(values[row])
    ]
    return values


def _shown_number(number: float) -> str:
    return repr(float(number)).removesuffix(".0")


def _dates(cells: _Cells) -> Values:
    feature = cells.feature
    form, day_first = feature["date_form"], feature["day_first"]
    known = {cell: read_date(cell, form, day_first) for cell in set(cells.present) if cell}
    values = [known[cell] if cell else None for cell in cells.present]
    if None in known.values():
        unreadable = [r for r, cell in enumerate(cells.present) if cell and values[r] is None]
        cells.add("unreadable", unreadable, expected_words(feature))
    if feature["low"] is not None:
        low, high = (datetime.fromisoformat(feature[end]) for end in ("low", "high"))
        cells.problems += [
            Problem(row, feature["name"], "outside", _shown_moment(value), _span(feature))
            for row, value in enumerate(values)
            if value is not None and not low <= value <= high
        ]
    return values


def _shown_moment(moment: datetime) -> str:
    return moment.isoformat().removesuffix("T00:00:00")


def _span(feature: Mapping[str, Any]) -> str:
    return f"{feature['low']} to {feature['high']}"


def _categories(cells: _Cells) -> Values:
    feature = cells.feature
    if feature["categories"] is None or feature["categories_cut"]:
        return cells.present
    known = set(feature["categories"])
    strange = {cell for cell in set(cells.present) - known if cell}
    if not strange:
        return cells.present
    respelt = {cell: whole for cell in strange if (whole := _whole(cell)) in known}
    rows = [row for row, cell in enumerate(cells.present) if cell in strange]
    for row in rows:
        cell = cells.present[row] or ""
        if cell not in respelt:
            cells.add("unseen", [row], _some(feature["categories"]))
            continue
        cells.add("respelt", [row], respelt[cell])
        cells.present[row] = respelt[cell]
    return cells.present


def _some(names: Sequence[str]) -> str:
    return listing(names, 5)


def _whole(cell: str) -> str:
    """Return ``"1"`` for ``"1.0"``, as spreadsheets write whole numbers beside gaps."""
    head, _, tail = cell.replace(",", ".").partition(".")
    return head if tail and not tail.strip("0") else cell


_READERS: dict[str, Callable[[_Cells], Values]] = {
    "number": _numbers,
    "date or time": _dates,
    "category": _categories,
    "yes/no": _categories,
    "text": _categories,
}


# From values to answers


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of rows, and what should be known about it.

    Parameters
    ----------
    columns : mapping of str to list
        As they stand in a file: ``prediction`` or ``cluster``, ``probability_<name>`` for each
        class that has one, ``low`` and ``high`` of an interval; ``None`` for refused rows.
    problems : tuple of Problem
        What was odd in the rows.
    refused : frozenset of int
        Numbers of the rows without an answer.
    n_rows : int
        How many rows there are.
    coverage : float or None
        The share of intervals that hold the true number, where there are intervals.
    """

    columns: Mapping[str, list[Any]]
    problems: tuple[Problem, ...]
    refused: frozenset[int]
    n_rows: int
    coverage: float | None = None

    @property
    def prediction(self) -> list[Any]:
        """The class or cluster as text, or the number; ``None`` for refused rows."""
        return next(iter(self.columns.values()))

    @property
    def probabilities(self) -> dict[str, list[float | None]]:
        """For each class or cluster that has one, its probability by row."""
        return {
            name.removeprefix(_PROBABILITY): values
            for name, values in self.columns.items()
            if name.startswith(_PROBABILITY)
        }

    @property
    def general(self) -> tuple[Problem, ...]:
        """The problems that concern all rows."""
        return tuple(problem for problem in self.problems if problem.row is None)

    @cached_property
    def by_row(self) -> dict[int, list[Problem]]:
        """The problems of each row that has some."""
        found: dict[int, list[Problem]] = {}
        for problem in self.problems:
            if problem.row is not None:
                found.setdefault(problem.row, []).append(problem)
        return found

    @property
    def warnings(self) -> list[str]:
        """For each row what was odd in it, in words; empty where nothing was."""
        return [
            " ".join(problem.sentence for problem in self.by_row.get(row, ()))
            for row in range(self.n_rows)
        ]

    def part(self, start: int, stop: int) -> Answers:
        """Return the answers for some rows that follow each other, numbered from 0."""
        problems = tuple(
            problem if problem.row is None else replace(problem, row=problem.row - start)
            for problem in self.problems
            if problem.row is None or start <= problem.row < stop
        )
        return Answers(
            {name: values[start:stop] for name, values in self.columns.items()},
            problems,
            frozenset(row - start for row in self.refused if start <= row < stop),
            stop - start,
            self.coverage,
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return plain data for each row.

        ``prediction``, ``probabilities`` by class if there are any, ``interval`` (``low``,
        ``high``, ``coverage``) if there is one, ``refused`` and ``warnings``, a list of problems.
        """
        shares, told = self.probabilities, self.by_row
        by_row = zip(*shares.values(), strict=True) if shares else repeat((), self.n_rows)
        records = []
        for row, (prediction, of_row) in enumerate(zip(self.prediction, by_row, strict=True)):
            record: dict[str, Any] = {"prediction": prediction}
            if shares:
                record["probabilities"] = dict(zip(shares, of_row, strict=True))
            if self.coverage is not None:
                ends = {end: self.columns[end][row] for end in ("low", "high")}
                record["interval"] = {**ends, "coverage": self.coverage}
            record["refused"] = row in self.refused
            record["warnings"] = [problem.to_json() for problem in told.get(row, ())]
            records.append(record)
        return records

    def to_json(self) -> dict[str, Any]:
        """Return plain data: ``answers`` by row, and ``problems`` that concern all rows."""
        return {
            "answers": self.to_records(),
            "problems": [problem.to_json() for problem in self.general],
        }


_PROBABILITY = "probability_"


def answers(
    model: Any, schema: Mapping[str, Any], reading: Reading, policy: str = "warn"
) -> Answers:
    """Return what a model says of rows.

    Parameters
    ----------
    model : object
        With ``predict`` and, for classes, ``predict_proba`` and ``classes_``; they take a frame.
    schema : mapping
        As in ``input_schema.json``.
    reading : Reading
        The rows.
    policy : {"warn", "refuse"}, default "warn"
        Whether a row with something that training did not see is answered all the same. A row
        that cannot be read never is.
    """

    def ask(part: Reading) -> Mapping[str, list[Any]]:
        return block_predictions(model, part, schema)

    return answered(ask, answer_names(model, schema), schema, reading, policy)


def block_predictions(
    model: Any,
    reading: Reading,
    schema: Mapping[str, Any],
    prepare: Callable[[Reading], Any] | None = None,
) -> dict[str, list[Any]]:
    """Return what :func:`predictions` does of rows, asked in whole blocks.

    Parameters
    ----------
    model, schema
        As for :func:`answers`.
    reading : Reading
        Rows without errors.
    prepare : callable, optional
        Returns what the preparation of the model makes of rows, or nothing where it cannot.
    """
    rows = reading.in_blocks()
    inputs = prepare(rows) if prepare else None
    if hasattr(model, "answer_columns"):
        told = model.answer_columns(rows.columns)
        found = _columns(told.predicted, told.probabilities, model, schema)
    elif inputs is not None:
        found = last_step_answers(model.steps[-1][1], inputs, schema)
    else:
        found = predictions(model, rows.frame, schema)
    return {name: values[: reading.n_rows] for name, values in found.items()}


def answered(
    ask: Callable[[Reading], Mapping[str, list[Any]]],
    names: Sequence[str],
    schema: Mapping[str, Any],
    reading: Reading,
    policy: str = "warn",
) -> Answers:
    """Return :func:`answers` of a model that is asked in a way of its own.

    Parameters
    ----------
    ask : callable
        Takes a reading without refused rows and returns what :func:`predictions` does.
    names : sequence of str
        As :func:`answer_names` returns them.
    schema, reading, policy
        As for :func:`answers`.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy is “{policy}”; expected one of {listing(POLICIES)}")
    refused = reading.refused(policy)
    huge = [row for row in _huge_rows(reading) if row not in refused]
    apart = refused.union(huge)
    asked = [row for row in range(reading.n_rows) if row not in apart]
    columns: dict[str, list[Any]] = {name: [None] * reading.n_rows for name in names}
    if asked:
        _fill(columns, asked, ask(reading.only(asked)))
    for row in huge:
        _fill(columns, [row], _asked_alone(ask, reading.only([row])))
    silent = _silent(columns, refused)
    for row in silent:
        for values in columns.values():
            values[row] = None
    told = (Problem(row, None, "no_answer") for row in silent)
    interval = schema.get("interval")
    return Answers(
        columns,
        (*reading.problems, *told),
        refused.union(silent),
        reading.n_rows,
        interval["coverage"] if interval else None,
    )


def _huge_rows(reading: Reading) -> list[int]:
    found = {
        row
        for name, values in reading.columns.items()
        if reading.kinds[name] == "number"
        # The first comparison is quick and holds for nearly every column; none holds with NaN.
        if values and not (max(values) <= _HUGE and min(values) >= -_HUGE)
        for row, value in enumerate(values)
        if value > _HUGE or value < -_HUGE
    }
    return sorted(found)


def _asked_alone(
    ask: Callable[[Reading], Mapping[str, list[Any]]], row: Reading
) -> Mapping[str, list[Any]]:
    """Return the answer for a row with numbers that may be too large; nothing if they are."""
    with warnings.catch_warnings():
        # Overflows show in the answer.
        warnings.simplefilter("ignore")
        try:
            return ask(row)
        except (ValueError, ArithmeticError):
            return {}


def _fill(
    columns: Mapping[str, list[Any]], rows: Sequence[int], found: Mapping[str, list[Any]]
) -> None:
    for name, values in found.items():
        column = columns[name]
        if len(rows) == len(column):
            column[:] = values
            continue
        for row, value in zip(rows, values, strict=True):
            column[row] = value


def _silent(columns: Mapping[str, list[Any]], refused: frozenset[int]) -> list[int]:
    """Return the rows that were asked and have no answer, or one that is no finite number."""
    return sorted(
        {
            row
            for values in columns.values()
            if not _are_answers(values)
            for row, value in enumerate(values)
            if (value is None or (type(value) is float and not math.isfinite(value)))
            and row not in refused
        }
    )


def _are_answers(values: Sequence[Any]) -> bool:
    """Return whether it shows at a glance that every value is a text or a finite number."""
    kinds = set(map(type, values))
    return kinds == {str} or (kinds == {float} and math.isfinite(sum(values)))


def answer_names(model: Any, schema: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that a model's answers have.

    They are ``prediction``, or ``cluster`` where rows are given to clusters; for each class or
    cluster that has a probability ``probability_<name>``; and ``low`` and ``high`` where numbers
    have an interval.
    """
    if schema["task"] == "regression":
        return ["prediction", *(("low", "high") if schema.get("interval") else ())]
    names = [f"{_PROBABILITY}{name}" for name in _with_probability(model, schema)]
    return ["cluster" if schema["task"] == "clustering" else "prediction", *names]


def predictions(model: Any, frame: pd.DataFrame, schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of answers by name: classes and clusters are text, numbers ``float``."""
    return last_step_answers(*prepared(model, frame), schema)


def prepared(model: Any, frame: pd.DataFrame) -> tuple[Any, Any]:
    """Return the last step of a model, and what it is given when the model is asked about rows.

    Preparing a row takes far longer than predicting it, so what is asked of the last step twice
    (the class, the probabilities) is prepared once.
    """
    if not hasattr(model, "steps"):
        return model, frame
    inputs: Any = frame
    for _, step in model.steps[:-1]:
        inputs = step.transform(inputs)
    return model.steps[-1][1], inputs


def last_step_answers(step: Any, inputs: Any, schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what :func:`predictions` does, from what :func:`prepared` returned."""
    names = _with_probability(step, schema)
    shares = step.predict_proba(inputs) if len(names) else None
    if shares is not None and type(step).__name__ in _MOST_PROBABLE:
        found = step.classes_.take(shares.argmax(axis=1))
    else:
        found = step.predict(inputs)
    return _columns(found, shares, step, schema)


def _columns(
    found: Any, shares: Any, model: Any, schema: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return arrays of answers as columns by name."""
    if schema["task"] == "regression":
        numbers = found.astype(float).tolist()
        return {"prediction": numbers, **_intervals(numbers, schema)}
    if schema["task"] == "clustering":
        said: dict[str, list[Any]] = {"cluster": [cluster_name(number) for number in found]}
    else:
        said = {"prediction": [str(name) for name in found.tolist()]}
    for place, name in enumerate(_with_probability(model, schema)):
        said[f"{_PROBABILITY}{name}"] = shares[:, place].astype(float).tolist()
    return said


#: Models that would compute the probabilities anew to say which class has the highest.
_MOST_PROBABLE = ("RandomForestClassifier", "ExtraTreesClassifier")


def _with_probability(model: Any, schema: Mapping[str, Any]) -> Sequence[Any]:
    """Return the classes or clusters that have a probability."""
    if schema["task"] == "regression":
        return ()
    if schema["task"] == "clustering":
        return schema["classes"] if schema["assignment"]["probabilities"] else ()
    return model.classes_ if hasattr(model, "predict_proba") else ()


def _intervals(numbers: Sequence[float], schema: Mapping[str, Any]) -> dict[str, list[Any]]:
    interval = schema.get("interval")
    if not interval:
        return {}
    width = interval["width"]
    return {"low": [n - width for n in numbers], "high": [n + width for n in numbers]}


def cluster_name(number: int) -> str:
    """Return what a cluster is called: its number, or ``"noise"`` for rows that are in none."""
    return "noise" if number == _NOISE else str(int(number))
