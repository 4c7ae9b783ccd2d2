"""Worlds as files; ``docs/gridworld-format.md`` describes them.

Whatever is wrong with a file is said in a sentence (``UserError``) that names the place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.entries import Entry
from mlcore.gridworld.frozen_lake import from_frozen_lake, is_frozen_lake, to_frozen_lake
from mlcore.gridworld.gridfile import GRID_KEYS, grid_from_json, grid_to_json
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld, check_id
from mlcore.gridworld.knobs import LINEAR_QUADRATIC_PARAMS, WORLD_PARAMS
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.strict_json import MOST_CHARACTERS, parse, said
from mlcore.gridworld.world import GridWorld
from mlcore.messages import listing

__all__ = [
    "FORMAT",
    "VERSION",
    "World",
    "from_frozen_lake",
    "read_world",
    "read_world_file",
    "to_frozen_lake",
    "world_from_json",
    "world_to_json",
    "write_world",
]

#: Whatever a run can happen in.
World = GridWorld | GymnasiumWorld | LinearQuadratic

#: What tells a world file from any other.
FORMAT = "ml-workbench-world"
#: Of the format; it grows when old programs could no longer read new files.
VERSION = 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class _Kind:
    """How one kind of world is read."""

    keys: Sequence[str]
    read: Callable[[Entry], World]


def world_to_json(world: World) -> dict[str, Any]:
    """Return plain data that :func:`world_from_json` reads back."""
    head = {"format": FORMAT, "version": VERSION}
    if isinstance(world, GridWorld):
        return {**head, "kind": "grid", **grid_to_json(world)}
    if isinstance(world, GymnasiumWorld):
        return {**head, "kind": "gymnasium", "id": world.id, "discount": world.discount}
    values = {param.name: getattr(world, param.name) for param in LINEAR_QUADRATIC_PARAMS}
    return {**head, "kind": "linear_quadratic", **values}


def world_from_json(plain: Any) -> World:
    """Read what :func:`world_to_json` wrote, or what someone else says is a world.

    Raises
    ------
    UserError
        Something is missing, unknown, of the wrong type, out of range or contradictory; the
        sentence names the place.
    """
    head = Entry(plain, "")
    if (said_format := head.get("format")) != FORMAT:
        raise UserError("gridworld.file.format", got=said(said_format), expected=FORMAT)
    version = head.get("version")
    if version != VERSION or isinstance(version, bool):
        raise UserError("gridworld.file.version", got=said(version), expected=VERSION)
    kind = _kind(head.get("kind"))
    return kind.read(head.only(("format", "version", "kind", *kind.keys)))


def _kind(name: Any) -> _Kind:
    if not isinstance(name, str) or name not in _KINDS:
        suggestion = did_you_mean(name[:40], _KINDS) if isinstance(name, str) else ""
        raise UserError(
            "gridworld.file.kind", got=said(name), known=listing(_KINDS), suggestion=suggestion
        )
    return _KINDS[name]


def read_world(text: str) -> World:
    """Read the text of a world file, or FrozenLake text.

    Parameters
    ----------
    text : str
        JSON as :func:`write_world` writes it, or rows of ``S``, ``F``, ``H`` and ``G``.

    Raises
    ------
    UserError
        The text is neither, or the world in it makes no sense; the sentence names the place.
    """
    # Windows programs like to begin a file with a mark that is no part of it.
    text = text.removeprefix("\ufeff")
    if len(text) <= MOST_CHARACTERS:
        if not text.strip():
            raise UserError("gridworld.file.empty")
        if is_frozen_lake(text):
            return from_frozen_lake(text)
    return world_from_json(parse(text))


def read_world_file(content: bytes) -> World:
    """Read what is in a file, see :func:`read_world`.

    Raises
    ------
    UserError
        ``gridworld.file.not_text``: the file is a picture, a program or the like. Or its text
        cannot be read.
    """
    try:
        return read_world(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise UserError("gridworld.file.not_text") from None


def write_world(world: World) -> str:
    """Return a world as the text of a file: JSON, the map one row a line.

    Raises
    ------
    UserError
        ``gridworld.file.too_large``: no reader would take the file.
    """
    lines = [f"{json.dumps(key)}: {_written(value)}" for key, value in world_to_json(world).items()]
    text = "{\n  " + ",\n  ".join(lines) + "\n}\n"
    if len(text) > MOST_CHARACTERS:
        raise UserError(
            "gridworld.file.too_large", most=f"{MOST_CHARACTERS:,}", got=f"{len(text):,}"
        )
    return text


def _written(value: Any) -> str:
    """Return a value in JSON; lists with one entry a line."""
    if not isinstance(value, list) or not value:
        return _ENCODER.encode(value)
    entries = ",\n    ".join(map(_ENCODER.encode, value))
    return f"[\n    {entries}\n  ]"


def _read_gymnasium(entry: Entry) -> GymnasiumWorld:
    id = check_id(entry.text("id", required=True))
    return GymnasiumWorld(id=id, discount=entry.knob(_DISCOUNT, default=1.0))


def _read_linear_quadratic(entry: Entry) -> LinearQuadratic:
    return LinearQuadratic(**{param.name: entry.knob(param) for param in LINEAR_QUADRATIC_PARAMS})


_DISCOUNT = next(param for param in WORLD_PARAMS if param.name == "discount")
_KINDS: Mapping[str, _Kind] = {
    "grid": _Kind(GRID_KEYS, grid_from_json),
    "gymnasium": _Kind(("id", "discount"), _read_gymnasium),
    "linear_quadratic": _Kind(
        tuple(param.name for param in LINEAR_QUADRATIC_PARAMS), _read_linear_quadratic
    ),
}
