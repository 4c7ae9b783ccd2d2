"""The widgets of a row: one a column, drawn from the input schema."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import streamlit as st

from mlcore.serving.opened import OpenVersion
from pages.ui.text import literal

#: Numbers beyond this are written by hand only: a browser counts no further in steps.
_LARGE = 1e12
#: From so many columns on, the form is three columns of widgets wide rather than two.
_MANY = 13
_EARLIEST, _LATEST = date(1, 1, 1), date(9999, 12, 31)

#: Names in which Markdown sees nothing: an underscore inside a word means nothing to it.
_PLAIN_NAME = re.compile(r"\w[\w ()%/,-]*")
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)|__")

Feature = Mapping[str, Any]


def draw(opened: OpenVersion) -> dict[str, Any]:
    """Draw a widget for each column, and return the row as it stands in them."""
    features = opened.schema["features"]
    width = 3 if len(features) >= _MANY else 2
    record = {}
    for start in range(0, len(features), width):
        # Row by row, so that a narrow window keeps the order of the columns.
        for place, column in enumerate(st.columns(width)):
            if start + place < len(features):
                feature = features[start + place]
                with column, st.container(gap="small"):
                    record[feature["name"]] = _draw(feature, _key(opened, start + place))
    st.caption(
        "Typical values are filled in. An emptied field means that the value is missing. Numbers "
        "outside the slider and categories that are not listed can be typed in."
    )
    return record


def reset(opened: OpenVersion) -> None:
    """Fill in the typical values again."""
    for place, feature in enumerate(opened.schema["features"]):
        fill(opened, place, _typical(feature))


def fill(opened: OpenVersion, place: int, value: Any) -> None:
    """Put a value into the widget of a column.

    Parameters
    ----------
    opened : OpenVersion
        The model that is asked.
    place : int
        Number of the column.
    value : object
        A number, a date or text; ``None`` for missing.
    """
    feature, key = opened.schema["features"][place], _key(opened, place)
    if isinstance(value, datetime) and _has_days_alone(feature):
        value = value.date()
    st.session_state[key] = value
    if feature["kind"] == "number":
        _follow(key, f"{key}_slider", feature)


def _key(opened: OpenVersion, place: int) -> str:
    return f"predict_{opened.version.id[:12]}_{place}"


def _draw(feature: Feature, key: str) -> Any:
    if key not in st.session_state:
        st.session_state[key] = _typical(feature)
    return _WIDGETS.get(feature["kind"], _text)(feature, key)


def _typical(feature: Feature) -> Any:
    value = feature.get("typical", feature["example"] or None)
    if feature["kind"] == "text":
        return value or ""
    if feature["kind"] == "number":
        return _number_or_none(value)
    if feature["kind"] == "date or time" and value:
        moment = datetime.fromisoformat(value)
        return moment.date() if _has_days_alone(feature) else moment
    return value or None


def _label(feature: Feature) -> str:
    """Return the name of a column; escaped only if need be, for screen readers hear the escapes."""
    name = str(feature["name"])
    is_plain = _PLAIN_NAME.fullmatch(name) and not _EDGE_UNDERSCORE.search(name)
    return name if is_plain else literal(name)


def _number_or_none(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _number(feature: Feature, key: str) -> float | None:
    slider = f"{key}_slider"
    if _has_slider(feature):
        if slider not in st.session_state:
            _follow(key, slider, feature)
        st.slider(
            _label(feature),
            feature["low"],
            feature["high"],
            step=_step(feature),
            format="%g",
            key=slider,
            on_change=_take,
            args=(slider, key, feature),
            help=_help(feature),
            persist_state="page",
        )
    given = st.number_input(
        f"{_label(feature)}, exactly" if _has_slider(feature) else _label(feature),
        value=None,
        step=_step(feature),
        format="%g",
        key=key,
        on_change=_follow,
        args=(key, slider, feature),
        help=None if _has_slider(feature) else _help(feature),
        placeholder="missing",
        label_visibility="collapsed" if _has_slider(feature) else "visible",
        persist_state="page",
    )
    return None if given is None else float(given)


def _has_slider(feature: Feature) -> bool:
    low, high = feature["low"], feature["high"]
    return low is not None and low < high and max(abs(low), abs(high)) < _LARGE


def _step(feature: Feature) -> float:
    """Return a round step, some hundred of which make up the range."""
    if not _has_slider(feature):
        return 1.0
    step = float(10.0 ** math.floor(math.log10((feature["high"] - feature["low"]) / 50)))
    return max(1.0, step) if feature.get("whole") else step


def _take(slider: str, key: str, feature: Feature) -> None:
    """Let the number follow the slider."""
    if slider not in st.session_state:
        return
    low, high, step = feature["low"], feature["high"], _step(feature)
    # Steps begin at the lowest value, which is seldom round; the ends stay what they are.
    value = float(f"{round(st.session_state[slider] / step) * step:.12g}")
    st.session_state[key] = min(high, max(low, value))


def _follow(key: str, slider: str, feature: Feature) -> None:
    """Let the slider follow the number as far as it goes."""
    if key not in st.session_state or not _has_slider(feature):
        return
    value = st.session_state[key]
    if value is None:
        value = _number_or_none(feature.get("typical", feature["example"])) or feature["low"]
    st.session_state[slider] = min(feature["high"], max(feature["low"], float(value)))


def _choice(feature: Feature, key: str) -> str | None:
    chosen = st.selectbox(
        _label(feature),
        list(feature["categories"] or ()),
        index=None,
        key=key,
        accept_new_options=True,
        placeholder="missing",
        help=_help(feature),
        persist_state="page",
    )
    return None if chosen is None else str(chosen)


def _moment(feature: Feature, key: str) -> date | datetime | None:
    if _has_days_alone(feature):
        day: date | None = st.date_input(
            _label(feature),
            value=None,
            min_value=_EARLIEST,
            max_value=_LATEST,
            format="YYYY-MM-DD",
            key=key,
            help=_help(feature),
            persist_state="page",
        )
        return day
    return st.datetime_input(
        _label(feature),
        value=None,
        min_value=datetime.combine(_EARLIEST, datetime.min.time()),
        max_value=datetime.combine(_LATEST, datetime.min.time()),
        format="YYYY-MM-DD",
        step=60,
        key=key,
        help=_help(feature),
        persist_state="page",
    )


def _has_days_alone(feature: Feature) -> bool:
    return not any("T" in (feature[end] or "") for end in ("low", "high"))


def _text(feature: Feature, key: str) -> str:
    return st.text_area(
        _label(feature),
        key=key,
        height="content",
        placeholder="missing",
        help=_help(feature),
        persist_state="page",
    )


_WIDGETS = {"number": _number, "category": _choice, "yes/no": _choice, "date or time": _moment}


def _help(feature: Feature) -> str:
    """Return what training saw of a column."""
    if feature["low"] is not None:
        low, high = (str(feature[end]).removesuffix(".0") for end in ("low", "high"))
        said = f"In training from {low} to {high}."
    elif feature["categories"]:
        count = feature["n_categories"]
        said = f"In training it had {count} values." if count > 1 else "In training it had 1 value."
    else:
        said = f"Text, such as “{literal(feature['example'][:60])}”." if feature["example"] else ""
    missing = feature["missing_in_training"]
    if missing is None:
        return "The file tells nothing of what its training saw."
    gaps = f"{missing} values were missing." if missing else "It was never missing."
    return f"{said} {gaps}".strip()
