"""An object of a world file, read key by key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.strict_json import said, shortened
from mlcore.messages import listing
from mlcore.params import Param

#: A name is at most so long; a source, twice.
MOST_TEXT = 200


class Entry:
    """An object under its place in the file, so that sentences can name it.

    Parameters
    ----------
    plain : object
        What stands there.
    where : str
        Its place, such as ``teleports[2]``; empty for the file itself.

    Raises
    ------
    UserError
        It is no object.
    """

    def __init__(self, plain: Any, where: str) -> None:
        self.where = where
        if not isinstance(plain, dict):
            place = where or "world"
            raise UserError(
                "gridworld.file.type", where=place, expected="an object", got=said(plain)
            )
        self._plain = plain

    def place(self, key: str) -> str:
        """Return where a key of this object stands in the file."""
        return f"{self.where}.{key}" if self.where else key

    def only(self, known: Sequence[str]) -> Entry:
        """Return the entry, if it has no key but these."""
        for key in self._plain:
            if key not in known:
                name = shortened(str(key))
                raise UserError(
                    "gridworld.file.unknown_key",
                    where=self.place(name),
                    known=listing(known, most=len(known)),
                    suggestion=did_you_mean(name, known),
                )
        return self

    def get(self, key: str) -> Any:
        """Return the value of a key that must be there."""
        if key not in self._plain:
            raise UserError("gridworld.file.missing_key", where=self.place(key))
        return self._plain[key]

    def text(self, key: str, default: str = "", required: bool = False, most: int = 0) -> str:
        """Return a text that can be shown, of at most ``most`` (or the usual) characters."""
        value = self.get(key) if required else self._plain.get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "text", value)
        if len(value) > (most or MOST_TEXT) or not value.isprintable():
            raise UserError("gridworld.file.text", where=self.place(key), most=most or MOST_TEXT)
        return value

    def flag(self, key: str) -> bool:
        """Return true or false, and false where nothing is said."""
        value = self._plain.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def number(self, key: str, default: int) -> int:
        """Return a whole number."""
        value = self._plain.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, "a whole number", value)
        return value

    def entries(self, key: str, required: bool = False) -> list[Any]:
        """Return a list; an empty one where nothing is said."""
        value = self.get(key) if required else self._plain.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, "a list", value)
        return value

    def knob(self, param: Param, **default: Any) -> Any:
        """Return the checked value of a knob, its default where nothing is said."""
        value = self._plain.get(param.name, default.get("default", param.default))
        return checked(param, value, self.place(param.name))

    def _wrong(self, key: str, expected: str, value: Any) -> UserError:
        return UserError(
            "gridworld.file.type", where=self.place(key), expected=expected, got=said(value)
        )


def misplaced(where: str, error: UserError) -> UserError:
    """Return the sentence of an error with the place in the file before it."""
    return UserError("gridworld.file.value", where=where, reason=str(error))


def checked(param: Param, value: Any, where: str) -> Any:
    """Return a value that fits its declaration; the sentence of one that does not names where."""
    if isinstance(value, list | dict) or (isinstance(value, str) and len(value) > MOST_TEXT):
        raise UserError(
            "gridworld.file.type", where=where, expected="a single value", got=said(value)
        )
    try:
        return param.check(value)
    except UserError as error:
        raise misplaced(where, error) from None
