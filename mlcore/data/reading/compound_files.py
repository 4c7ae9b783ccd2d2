"""Compound files, which office programs before 2007 write: streams in sectors that form chains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mlcore.errors import UserError

_NAMES = ("Workbook", "Book")
_TABLE_OF_SECTORS, _FIRST_SECTORS, _ENTRY = 76, 109, 128
#: Version and size of sectors (as a power of two); that of small ones, and how long a stream must
#: be not to lie in these: all as every program writes them.
_SECTORS, _SMALL, _LARGE = ((3, 9), (4, 12)), b"\6\0", b"\0\x10\0\0"
#: Numbers of sectors from here on mean something else.
_LAST_SECTOR = 0xFFFFFFFA


def workbook_stream(content: bytes) -> bytes:
    """Return the stream of a compound file that holds a workbook.

    Raises
    ------
    UserError
        There is none, or the file says of itself what cannot be.
    ValueError
        It is damaged.
    """
    version, shift = number_at(content, 26, 2), number_at(content, 30, 2)
    if (version, shift) not in _SECTORS or content[32:34] != _SMALL or content[56:60] != _LARGE:
        raise UserError("data.workbook_unusual")
    sector = 1 << shift
    table = _sector_table(content, sector)
    folder = _chained(content[sector:], number_at(content, 48), table, sector)
    entries = [folder[place : place + _ENTRY] for place in range(0, len(folder), _ENTRY)]
    named = {name: [one for one in entries if _name(one) == name] for name in _NAMES}
    found = named["Workbook"] or named["Book"]
    if not found:
        raise UserError("data.foreign_format", format="an old Word or PowerPoint document")
    if len(found) > 1:
        raise UserError("data.workbook_unusual")
    start, size = number_at(found[0], 116), number_at(found[0], 120)
    if size >= 4096:
        return _chained(content[sector:], start, table, sector)[:size]
    # Small streams lie in one that the first entry of the folder names.
    small = _chained(content[sector:], number_at(entries[0], 116), table, sector)
    links = _chained(content[sector:], number_at(content, 60), table, sector)
    return _chained(small, start, np.frombuffer(links, "<u4"), 64)[:size]


def _name(entry: bytes) -> str:
    return entry[:64].decode("utf-16-le", errors="replace").split("\0")[0]


def number_at(data: bytes, place: int, size: int = 4) -> int:
    """Return a number of some bytes, the lowest first; what is beyond the end is 0."""
    return int.from_bytes(data[place : place + size], "little")


def _sector_table(content: bytes, sector: int) -> npt.NDArray[np.uint32]:
    """Return which sector follows which."""
    end = _TABLE_OF_SECTORS + 4 * _FIRST_SECTORS
    parts = [np.frombuffer(content[_TABLE_OF_SECTORS:end], "<u4")]
    # More than the first are listed in sectors of their own, of which each names the next.
    following, seen = number_at(content, 68), set[int]()
    while following < _LAST_SECTOR:
        if following in seen:
            raise UserError("data.workbook_unusual")
        seen.add(following)
        begin = (following + 1) * sector
        listed = np.frombuffer(content[begin : begin + sector], "<u4")
        if not len(listed):
            break
        parts.append(listed[:-1])
        following = int(listed[-1])
    used = np.concatenate(parts)
    blocks = [
        content[(one + 1) * sector : (one + 2) * sector]
        for one in used[used < _LAST_SECTOR].tolist()
    ]
    return np.frombuffer(b"".join(blocks), "<u4")


def _chained(sectors: bytes, start: int, table: npt.NDArray[np.uint32], size: int) -> bytes:
    """Return the sectors that follow one another from one on."""
    parts: list[bytes] = []
    place = start
    while place < min(len(table), _LAST_SECTOR):
        if len(parts) > len(table):
            raise UserError("data.workbook_unusual")
        if place * size >= len(sectors):
            raise ValueError("the file ends before its last sector")
        parts.append(sectors[place * size : (place + 1) * size])
        place = int(table[place])
    return b"".join(parts)
