"""From the bytes of a file to text: which encoding, and how sure that is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

import charset_normalizer

from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: The encodings a user can choose from, by Python's name, with the words of a menu.
ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8 (Unicode)",
    "utf-16-le": "UTF-16, little endian",
    "utf-16-be": "UTF-16, big endian",
    "utf-32": "UTF-32",
    "gb18030": "Chinese (GB18030, GBK, GB2312)",
    "big5": "Chinese, traditional (Big5)",
    "shift_jis": "Japanese (Shift-JIS)",
    "euc_kr": "Korean (EUC-KR)",
    "cp1252": "Western European (Windows-1252, Latin-1)",
    "iso8859-15": "Western European with euro sign (Latin-9)",
    "mac_roman": "Western European (old Macintosh)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
}

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_PIECE = 2**22
_SAMPLE = 2**16

#: Control characters that no text needs; a text with more than this share of them is none.
_CONTROL = bytes(range(9)) + bytes(range(14, 32)) + b"\x7f"
_MOST_STRANGE = 0.01

#: At least this share of two-byte pairs must be frequent Chinese characters to call it GB18030;
#: running Chinese text has more than 95 %, Latin letters read as pairs have nearly none.
_CHINESE = 0.6
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_FREQUENT_PAIR = re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]")

#: Scripts whose letters all lie above ASCII; only for these is the adviser asked.
_OTHER_SCRIPTS = ["cp1251", "koi8_r", "cp1253", "shift_jis", "big5", "euc_kr"]


@dataclass(frozen=True, eq=False)
class Decoded:
    """A file's text.

    Parameters
    ----------
    content : bytes
        The text in UTF-8, without byte-order mark and NUL characters.
    encoding : str
        A key of :data:`ENCODINGS`.
    decisions : tuple of Message
        How the encoding was found.
    cautions : tuple of Message
        What may be wrong.
    """

    content: bytes
    encoding: str
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...] = ()


def decode(content: bytes, encoding: str | None = None) -> Decoded:
    """Return a file's text as UTF-8.

    Parameters
    ----------
    content : bytes
        The file.
    encoding : str, optional
        The user's choice; detected when not given.

    Raises
    ------
    UserError
        The encoding is unknown or does not fit the bytes, or the bytes are no text.
    """
    decoded = _detected(content) if encoding is None else _chosen(content, encoding)
    if _strange_share(decoded.content[:_PIECE]) > _MOST_STRANGE:
        raise UserError("data.binary")
    if nuls := decoded.content.count(0):
        caution = message("data.caution.nul", count=nuls)
        return Decoded(
            decoded.content.replace(b"\0", b""),
            decoded.encoding,
            decoded.decisions,
            (*decoded.cautions, caution),
        )
    return decoded


def _strange_share(text: bytes) -> float:
    return (len(text) - len(text.translate(None, _CONTROL))) / max(len(text), 1)


def _chosen(content: bytes, encoding: str) -> Decoded:
    name = _known(encoding)
    bare = content
    for mark, marked in _MARKS:
        if marked == name and content.startswith(mark) and name != "utf-32":
            bare = content[len(mark) :]
    try:
        text = _recode(bare, name)
    except UnicodeDecodeError as error:
        raise UserError(
            "data.encoding_mismatch",
            encoding=ENCODINGS[name],
            detected=ENCODINGS[_detected(content).encoding],
        ) from error
    said = message("data.decision.encoding_chosen", encoding=ENCODINGS[name])
    return Decoded(text, name, (said,))


#: Other names of the same; what says Latin-1 or GBK is nearly always the larger set.
_ALIASES = {
    "ascii": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "iso8859-1": "cp1252",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}


def _known(encoding: str) -> str:
    try:
        wanted = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        wanted = ""
    wanted = _ALIASES.get(wanted, wanted)
    for name in ENCODINGS:
        if wanted in (name, codecs.lookup(name).name):
            return name
    raise UserError("data.unknown_encoding", got=encoding, known=listing(ENCODINGS, most=20))


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


def _recode(content: bytes, encoding: str, errors: str = "strict") -> bytes:
    if encoding == "utf-8" and errors == "strict":
        for _ in codecs.iterdecode(_pieces(content), "utf-8"):
            pass
        return content
    decoded = codecs.iterdecode(_pieces(content), _codec(content, encoding), errors)
    return b"".join(piece.encode("utf-8") for piece in decoded)


def _codec(content: bytes, encoding: str) -> str:
    # Windows-1252 leaves five bytes without a character; Latin-1 has one for each.
    if encoding == "cp1252" and re.search(rb"[\x81\x8d\x8f\x90\x9d]", content):
        return "latin-1"
    return encoding


def _fits(content: bytes, encoding: str) -> bool:
    try:
        for _ in codecs.iterdecode(_pieces(content), encoding):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _detected(content: bytes) -> Decoded:
    for mark, marked in _MARKS:
        if content.startswith(mark):
            return _marked(content, mark, marked)
    if name := _by_zero_bytes(content[:_SAMPLE]):
        return _found(content, name, "data.decision.encoding_zero_bytes")
    if _fits(content, "utf-8"):
        code = "encoding_ascii" if content.isascii() else "encoding_utf8"
        return Decoded(content, "utf-8", (message(f"data.decision.{code}"),))
    return _damaged_utf8(content) or _single_or_double_byte(content)


def _marked(content: bytes, mark: bytes, name: str) -> Decoded:
    bare = content if name == "utf-32" else content[len(mark) :]
    said = message("data.decision.encoding_mark", encoding=ENCODINGS[name])
    try:
        return Decoded(_recode(bare, name), name, (said,))
    except UnicodeDecodeError:
        text = _recode(bare, name, "replace")
        return Decoded(text, name, (said,), (_replaced(text, ENCODINGS[name]),))


def _found(content: bytes, name: str, code: str) -> Decoded:
    said = message(code, encoding=ENCODINGS[name])
    try:
        return Decoded(_recode(content, name), name, (said,))
    except UnicodeDecodeError:
        text = _recode(content, name, "replace")
        return Decoded(text, name, (said,), (_replaced(text, ENCODINGS[name]),))


def _replaced(text: bytes, encoding: str) -> Message:
    character = "\ufffd".encode()
    line = text[: text.index(character)].count(b"\n") + 1
    return message(
        "data.caution.replaced", count=text.count(character), line=line, encoding=encoding
    )


def _by_zero_bytes(sample: bytes) -> str | None:
    """Tell UTF-16 by its zero bytes: delimiters, digits and line ends have one each."""
    half = len(sample) // 2
    if not half:
        return None
    even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    if odd > 0.02 * half and even < 0.05 * odd:
        return "utf-16-le"
    if even > 0.02 * half and odd < 0.05 * even:
        return "utf-16-be"
    return None


def _damaged_utf8(content: bytes) -> Decoded | None:
    """Read as UTF-8 a file that has many valid UTF-8 letters and a few broken ones."""
    text = _recode(content, "utf-8", "replace")
    broken = text.count("\ufffd".encode())
    letters = sum(map(text.count, (bytes([first]) for first in range(0xC3, 0xF5)))) - broken
    if letters < 10 * broken:
        return None
    said = message("data.decision.encoding_utf8")
    return Decoded(text, "utf-8", (said,), (_replaced(text, ENCODINGS["utf-8"]),))


def _single_or_double_byte(content: bytes) -> Decoded:
    if _looks_chinese(content) and _fits(content, "gb18030"):
        return _found(content, "gb18030", "data.decision.encoding_chinese")
    if advised := _advised(content):
        found = _found(content, advised, "data.decision.encoding_advised")
        caution = message("data.caution.encoding_unsure", encoding=ENCODINGS[advised])
        return Decoded(found.content, advised, found.decisions, (*found.cautions, caution))
    found = _found(content, "cp1252", "data.decision.encoding_western")
    caution = message("data.caution.encoding_unsure", encoding=ENCODINGS["cp1252"])
    return Decoded(found.content, "cp1252", found.decisions, (caution,))


def _looks_chinese(content: bytes) -> bool:
    pairs = _PAIR.findall(_beyond_ascii(content))
    frequent = sum(bool(_FREQUENT_PAIR.match(pair)) for pair in pairs)
    return bool(pairs) and frequent >= _CHINESE * len(pairs)


def _beyond_ascii(content: bytes) -> bytes:
    """Return up to 64 KiB of the lines that hold more than ASCII."""
    kept: list[bytes] = []
    size = 0
    for line in content[: 64 * _SAMPLE].split(b"\n"):
        if not line.isascii():
            kept.append(line)
            size += len(line)
        if size > _SAMPLE:
            break
    return b"\n".join(kept) or content[:_SAMPLE]


def _advised(content: bytes) -> str | None:
    sample = _beyond_ascii(content)
    high = sum(byte >= 0x80 for byte in sample)
    latin = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in sample)
    # Accents are a few letters among many; in another script nearly all lie above ASCII.
    if high < 0.4 * (high + latin):
        return None
    best = charset_normalizer.from_bytes(sample, cp_isolation=_OTHER_SCRIPTS).best()
    if best is None:
        return None
    advised = codecs.lookup(best.encoding).name
    for name in _OTHER_SCRIPTS:
        if codecs.lookup(name).name == advised and _fits(content, name):
            return name
    return None
