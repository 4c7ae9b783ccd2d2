"""Files that are packed: gzip, Zstandard, and ZIP archives that hold one file.

What is unpacked is counted while it comes, so that a small file that would unpack to a huge one is
refused before it fills the memory. Names inside an archive are words to show, never places.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from mlcore import settings
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: A file may unpack to so many times its size; text that repeats itself reaches 50 or so.
MOST_RATIO = 100

#: Below this size in bytes a file may unpack to any ratio: it does no harm.
HARMLESS = 2**26

#: The list of contents of an archive with one file takes some hundred bytes.
_LONGEST_CONTENTS = 2**20

_PIECE = 2**20
_GZIP, _ZSTD, _ZIP, _EMPTY_ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PK\x05\x06"
_END_OF_ZIP = b"PK\x05\x06"

#: What programs add to an archive that nobody asked for.
_UNASKED = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Unpacked:
    """A file without its wrapping.

    Parameters
    ----------
    content : bytes
        What was inside, or the file itself when it was not packed.
    decisions : tuple of Message
        What was unpacked.
    """

    content: bytes
    decisions: tuple[Message, ...] = ()


def is_workbook(content: bytes) -> bool:
    """Return whether a ZIP archive is a workbook (Excel or OpenDocument)."""
    if not content.startswith(_ZIP):
        return False
    if b"opendocument.spreadsheet" in content[:4096]:
        return True
    tail = content[-_LONGEST_CONTENTS:]
    return any(name in part for part in (content[:65536], tail) for name in _WORKBOOKS)


_WORKBOOKS = (b"xl/workbook.xml", b"xl/workbook.bin")


def unpacked(content: bytes) -> Unpacked:
    """Return what is inside a packed file; a file that is not packed comes back as it is.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    UserError
        An archive holds no file or several, needs a password, is damaged, or would unpack to more
        than :data:`MOST_RATIO` times its size or the setting for uploads.
    """
    for start, words, unpack in (
        (_GZIP, "gzip", _gunzip),
        (_ZSTD, "Zstandard", _unzstd),
        (_ZIP, "ZIP", _unzip),
        (_EMPTY_ZIP, "ZIP", _unzip),
    ):
        if content.startswith(start) and not is_workbook(content):
            inside, name = _opened(words, unpack, content)
            if inside.startswith((_GZIP, _ZSTD)) or _is_archive(inside):
                raise UserError("data.packed_twice", format=words)
            said = message("data.decision.unpacked", format=words, size=_mebibytes(len(inside)))
            if name:
                said = message(
                    "data.decision.unpacked_member",
                    format=words,
                    name=name,
                    size=_mebibytes(len(inside)),
                )
            return Unpacked(inside, (said,))
    return Unpacked(content)


def _opened(
    words: str, unpack: Callable[[bytes], tuple[bytes, str]], content: bytes
) -> tuple[bytes, str]:
    try:
        return unpack(content)
    except (
        *(gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, lzma.LZMAError, EOFError),
        *(NotImplementedError, OSError, ValueError),
    ) as error:
        raise UserError("data.packed_damaged", format=words) from error


def _is_archive(content: bytes) -> bool:
    return content.startswith(_ZIP) and not is_workbook(content)


def _gunzip(content: bytes) -> tuple[bytes, str]:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        return limited(stream.read, len(content)), ""


def _unzstd(content: bytes) -> tuple[bytes, str]:
    with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stream:
        return limited(stream.read, len(content)), ""


def _unzip(content: bytes) -> tuple[bytes, str]:
    with open_archive(content) as archive:
        inside = [info for info in archive.infolist() if not info.is_dir() and _is_asked(info)]
        names = [_shown(info.filename) for info in inside]
        if not inside:
            raise UserError("data.packed_empty")
        if len(inside) > 1:
            raise UserError("data.packed_several", count=len(inside), names=listing(names, most=8))
        if inside[0].flag_bits & 1:
            raise UserError("data.packed_secret")
        with archive.open(inside[0]) as stream:
            return limited(stream.read, inside[0].compress_size), names[0]


def _is_asked(info: zipfile.ZipInfo) -> bool:
    return not info.filename.startswith(_UNASKED[0]) and not info.filename.endswith(_UNASKED[1:])


def open_archive(content: bytes) -> zipfile.ZipFile:
    """Return an archive whose list of contents has a usual size.

    Raises
    ------
    UserError
        The list is so long that reading it would take the memory it was made to take.
    zipfile.BadZipFile
        It is none.
    """
    end = content.rfind(_END_OF_ZIP, max(0, len(content) - 2**16 - 22))
    if end >= 0 and int.from_bytes(content[end + 12 : end + 16], "little") > _LONGEST_CONTENTS:
        raise UserError("data.packed_crowded")
    return zipfile.ZipFile(io.BytesIO(content))


def _shown(name: str) -> str:
    """Return a name as one line of printable text."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter if letter.isprintable() else " " for letter in last).strip()[:120] or "?"


def limited(read: Callable[[int], bytes], packed: int) -> bytes:
    """Return all that a stream holds, unless it is more than a file of its size may hold.

    Parameters
    ----------
    read : callable
        Returns at most so many bytes, none at the end.
    packed : int
        Bytes that go in.

    Raises
    ------
    UserError
        ``data.packed_bomb`` or ``data.packed_large``.
    """
    largest = settings.UPLOAD_MB.read() * 2**20
    ratio = max(MOST_RATIO * packed, HARMLESS)
    pieces: list[bytes] = []
    size = 0
    while piece := read(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > ratio:
            raise UserError("data.packed_bomb", most=MOST_RATIO)
        if size > largest:
            raise UserError("data.packed_large", most=settings.UPLOAD_MB.read())
    return b"".join(pieces)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB" if size >= 2**20 else f"{-(-size // 1024):,} KiB"
