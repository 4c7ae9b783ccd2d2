"""Text on the screen that must come out exactly as it is."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")

# What looks like an address becomes a link even when it is escaped; an invisible character that
# forbids a line break (word joiner) inside it prevents that.
_INSIDE_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
_JOINER = "\u2060"


def literal(text: object) -> str:
    """Return text that Markdown shows letter by letter.

    Names of columns, classes, files and runs come from outside: a link or an image in one of them
    must not become a link or an image.

    >>> print(literal("![x](y)"))
    \\!\\[x\\]\\(y\\)
    """
    return _SPECIAL.sub(r"\\\1", _INSIDE_ADDRESS.sub(_JOINER, str(text)))


def unlinked(text: str) -> str:
    """Return Markdown of ours whose addresses do not become links; users may have written them."""
    return _INSIDE_ADDRESS.sub(_JOINER, text)


def number(value: float) -> str:
    """Return a score as people write it: large ones in full, small ones with four digits.

    >>> number(36871.4), number(0.98765), number(-12)
    ('36,871', '0.9877', '−12')
    """
    text = f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return text.replace("-", "−")


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
