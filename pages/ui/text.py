"""Text on the screen that must come out exactly as it is."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def literal(text: object) -> str:
    """Return text that Markdown shows letter by letter.

    Names of columns, classes, files and runs come from outside: a link or an image in one of them
    must not become a link or an image.

    >>> literal("![x](http://example.org)")
    '\\\\!\\\\[x\\\\]\\\\(http\\\\://example\\\\.org\\\\)'
    """
    return _SPECIAL.sub(r"\\\1", str(text))


def duration(seconds: float) -> str:
    """Return seconds as people say them.

    >>> duration(0.042), duration(3.14), duration(75)
    ('42 ms', '3.1 s', '1 min 15 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
