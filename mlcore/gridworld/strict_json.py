"""JSON as strangers send it: read strictly, refused in sentences."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn

from mlcore.errors import UserError

#: A file is not looked into when it is longer. A map of a million cells fits, and so do 400 × 400
#: cells that each have a reward, a slip and a wind of their own; what a hostile file of this length
#: can make of itself in memory is half a gigabyte.
MOST_CHARACTERS = 20_000_000
#: No number of a world needs more digits.
_MOST_DIGITS = 30


def parse(text: str) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    UserError
        The text is too long, no JSON, nested too deeply, names a key twice, or holds something
        that is no ordinary number (``NaN``, ``Infinity``).
    """
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            "gridworld.file.too_large", most=f"{MOST_CHARACTERS:,}", got=f"{len(text):,}"
        )
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        code = "broken_json" if text.lstrip().startswith("{") else "no_json"
        raise UserError(f"gridworld.file.{code}", line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise UserError("gridworld.file.nested") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Counted once: a hostile file may have a million keys.
        ((repeated, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise UserError("gridworld.file.repeated_key", key=shortened(repeated))
    return found


def _no_number(text: str) -> NoReturn:
    raise UserError("gridworld.file.number", got=text)


def _whole(digits: str) -> int:
    # Python refuses to read very long integers with an error of its own.
    if len(digits) > _MOST_DIGITS:
        raise UserError("gridworld.file.number", got=shortened(digits))
    return int(digits)


def shortened(text: str, most: int = 40) -> str:
    """Return a text that fits into a sentence, with signs that can be shown."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text[: most + 1])
    return shown if len(shown) <= most else f"{shown[:most]}…"


def said(value: Any) -> str:
    """Return a JSON value in words that fit into a sentence."""
    if isinstance(value, str):
        return f"“{shortened(value)}”"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return shortened(repr(value))
