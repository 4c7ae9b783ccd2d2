"""Files that are no table, recognised by how they begin."""

from __future__ import annotations

import re

#: First bytes of formats that people drop by mistake, with the words for each.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"BZh", "a file packed with bzip2"),
    (b"\xfd7zXZ\x00", "a file packed with xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1\x00\x00", "an Arrow file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF\r\n", "an HDF5 file"),
    (b"{\\rtf", "a rich text document"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
)

_HTML = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_XML = re.compile(rb"\s*<\?xml\b", re.I)

#: How many bytes are looked at.
HEAD = 4096


def foreign_format(content: bytes) -> str | None:
    """Return what a file seems to be in words ("a PNG picture"), or ``None`` for plain text.

    Parameters
    ----------
    content : bytes
        The file, or at least its first :data:`HEAD` bytes.
    """
    head = content[:HEAD]
    for beginning, words in _BEGINNINGS:
        if head.startswith(beginning):
            return words
    if content[257:262] == b"ustar":
        return "a TAR archive"
    if head.startswith(b"MZ") and b"\x00" in head[:64]:
        return "a program"
    return _marked_up(head.removeprefix(b"\xef\xbb\xbf"))


def _marked_up(head: bytes) -> str | None:
    if _HTML.match(head):
        return "a web page (HTML)"
    if _XML.match(head):
        return "an XML file"
    return None
