"""Markdown from facts: text that stays text, tables, lists, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$:@.])")


def markdown_text(text: object) -> str:
    """Return text that Markdown shows as it is: no link, no picture, no formatting, one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def bullets(lines: Iterable[object]) -> str:
    """Return a list with a point for each line."""
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; what users named must be escaped already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value: Any) -> str:
    """Return a number with four digits, a dash for none."""
    return "–" if value is None or pd.isna(value) else f"{value:.4g}"
