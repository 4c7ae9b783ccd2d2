"""From the bytes of a file to text: which encoding, and how sure that is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import charset_normalizer

from mlcore.data.letters import is_known, plausibility
from mlcore.errors import UserError
from mlcore.messages import Message, listing, message

#: The encodings a user can choose from, by Python's name, with the words of a menu.
ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8 (Unicode)",
    "utf-16-le": "UTF-16, little endian",
    "utf-16-be": "UTF-16, big endian",
    "utf-32-le": "UTF-32, little endian",
    "utf-32-be": "UTF-32, big endian",
    "gb18030": "Chinese (GB18030, GBK, GB2312)",
    "cp950": "Chinese, traditional (Big5)",
    "cp932": "Japanese (Shift-JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "iso2022_jp": "Japanese (ISO-2022-JP)",
    "cp949": "Korean (EUC-KR)",
    "cp1252": "Western European (Windows-1252, Latin-1)",
    "iso8859-15": "Western European with euro sign (Latin-9)",
    "mac_roman": "Western European (old Macintosh)",
    "cp850": "Western European (DOS)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859-2": "Central European (Latin-2)",
    "cp852": "Central European (DOS)",
    "iso8859-16": "Romanian (Latin-10)",
    "cp1257": "Baltic (Windows-1257)",
    "iso8859-13": "Baltic (Latin-7)",
    "cp1254": "Turkish (Windows-1254, Latin-5)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "koi8_u": "Cyrillic (KOI8-U)",
    "iso8859-5": "Cyrillic (ISO 8859-5)",
    "cp866": "Cyrillic (DOS)",
    "mac_cyrillic": "Cyrillic (old Macintosh)",
    "cp1253": "Greek (Windows-1253)",
    "iso8859-7": "Greek (ISO 8859-7)",
    "cp1255": "Hebrew (Windows-1255)",
    "iso8859-8": "Hebrew (ISO 8859-8)",
    "cp1256": "Arabic (Windows-1256)",
    "iso8859-6": "Arabic (ISO 8859-6)",
    "cp874": "Thai (Windows-874)",
    "cp1258": "Vietnamese (Windows-1258)",
}

#: Other names of the same; what says Latin-1 or GBK is nearly always the larger set.
_ALIASES = {
    "ascii": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
    "cp437": "cp850",
}

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_LINE_ENDS = re.compile(rb"[\r\n]+")
#: Delimiters that are never the second half of a Chinese or Japanese character.
_CELL_ENDS = re.compile(rb"[,;\t]")
_DIGITS = re.compile(rb"[-+.0-9]+")
#: Letters of UTF-8 that are as long as a Chinese or Korean one elsewhere.
_TWO_BYTES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
_THREE_BYTES = re.compile(rb"[\xe0-\xf4]")

_PIECE = 2**22
_SAMPLE = 2**16

#: Control characters that no text needs, except four that files use as delimiters; a text with
#: more than this share of them is none.
_CONTROL = bytes({*range(9), *range(14, 32), 0x7F} - {0x01, 0x02, 0x1E, 0x1F})
_MOST_STRANGE = 0.01

_WESTERN = (
    *("German", "French", "Spanish", "Portuguese", "Italian", "Dutch", "Scandinavian"),
    "Icelandic",
)
_CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "South Slavic", "German")
_BALTIC = ("Lithuanian", "Latvian", "Estonian", "Polish", "German", "Scandinavian")
_SLAVIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian")

#: What a file with other bytes than ASCII may be: the languages that are written so, and how much
#: commoner the encoding is than others (a logarithm).
_CANDIDATES: dict[str, tuple[tuple[str, ...], float]] = {
    "gb18030": (("Chinese",), 2.0),
    "cp950": (("traditional Chinese",), 0.0),
    "cp932": (("Japanese",), 0.0),
    "euc_jp": (("Japanese",), -2.0),
    "cp949": (("Korean",), 0.0),
    "cp1252": (_WESTERN, 4.0),
    "iso8859-15": (_WESTERN, 1.0),
    "mac_roman": (_WESTERN, -6.0),
    "cp850": (_WESTERN, -6.0),
    "cp1250": (_CENTRAL, 1.0),
    "iso8859-2": (_CENTRAL, 0.0),
    "cp852": (_CENTRAL, -6.0),
    "iso8859-16": (("Romanian",), -4.0),
    "cp1257": (_BALTIC, 0.0),
    "iso8859-13": (_BALTIC, -2.0),
    "cp1254": (("Turkish",), 1.0),
    "cp1251": (_SLAVIC, 2.0),
    "koi8_r": (("Russian", "Bulgarian"), 0.0),
    "koi8_u": (("Ukrainian",), -1.0),
    "iso8859-5": (_SLAVIC, -1.0),
    "cp866": (("Russian", "Ukrainian"), -1.0),
    "mac_cyrillic": (_SLAVIC, -3.0),
    "cp1253": (("Greek",), 1.0),
    "iso8859-7": (("Greek",), 0.0),
    "cp1255": (("Hebrew",), 1.0),
    "iso8859-8": (("Hebrew",), 0.0),
    "cp1256": (("Arabic",), 1.0),
    "iso8859-6": (("Arabic",), 0.0),
    "cp874": (("Thai",), 0.0),
    "cp1258": (("Vietnamese",), -3.0),
}

#: By less than this a candidate is not clearly better than the next (a logarithm).
_CLEAR = 15.0
_CLOSE = 2.0

_WORD = re.compile(r"\w*[^\W\x00-\x7f]\w*")
#: What stands between spaces, marks of ASCII and line ends, with a character beyond ASCII.
_WRITTEN = re.compile(r"[^\s\x21-\x2f\x3a-\x40]*[^\x00-\x7f][^\s\x21-\x2f\x3a-\x40]*")


@dataclass(frozen=True, kw_only=True)
class ForeignLine:
    """A line in another encoding than the rest of its file.

    Parameters
    ----------
    line : int
        From 1.
    text : str
        What it says.
    """

    line: int
    text: str


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
    foreign : tuple of ForeignLine
        Lines that were in another encoding.
    """

    content: bytes
    encoding: str
    decisions: tuple[Message, ...]
    cautions: tuple[Message, ...] = ()
    foreign: tuple[ForeignLine, ...] = ()


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
    text = decoded.content
    if _strange_share(text[:_PIECE].replace(b"\0", b"")) > _MOST_STRANGE:
        raise UserError("data.binary")
    if b"\0" in text:
        nuls = text.count(0)
        if nuls > 0.3 * len(text):
            raise UserError("data.binary")
        caution = message(
            "data.caution.nul", count=nuls, line=text.count(b"\n", 0, text.index(0)) + 1
        )
        text = text.replace(b"\0", b"")
        return replace(decoded, content=text, cautions=(*decoded.cautions, caution))
    return decoded


def _strange_share(text: bytes) -> float:
    return (len(text) - len(text.translate(None, _CONTROL))) / max(len(text), 1)


def _chosen(content: bytes, encoding: str) -> Decoded:
    name = _known(encoding)
    for mark, marked in _MARKS:
        # Whoever says UTF-16 may not know in which order: the mark says it.
        if content.startswith(mark) and name.split("-")[:2] == marked.split("-")[:2]:
            content, name = content[len(mark) :], marked
            break
    try:
        text = _recode(content, name)
    except UnicodeDecodeError as error:
        raise UserError(
            "data.encoding_mismatch",
            encoding=ENCODINGS[name],
            detected=ENCODINGS[_detected(content).encoding],
        ) from error
    said = message("data.decision.encoding_chosen", encoding=ENCODINGS[name])
    return Decoded(text, name, (said,))


def _known(encoding: str) -> str:
    try:
        wanted = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        wanted = ""
    wanted = _ALIASES.get(wanted, wanted)
    for name in ENCODINGS:
        if wanted in (name, codecs.lookup(name).name):
            return name
    raise UserError("data.unknown_encoding", got=encoding, known=listing(ENCODINGS, most=50))


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
            said = message("data.decision.encoding_mark", encoding=ENCODINGS[marked])
            return _found(content[len(mark) :], marked, said)
    if name := _by_zero_bytes(content[:_SAMPLE]):
        said = message("data.decision.encoding_zero_bytes", encoding=ENCODINGS[name])
        return _found(content, name, said)
    if re.search(rb"\x1b\$[@B]", content[:_SAMPLE]) and _fits(content, "iso2022_jp"):
        said = message("data.decision.encoding_escapes", encoding=ENCODINGS["iso2022_jp"])
        return _found(content, "iso2022_jp", said)
    if content.isascii():
        return Decoded(content, "utf-8", (message("data.decision.encoding_ascii"),))
    if _fits(content, "utf-8"):
        said = message("data.decision.encoding_utf8")
        return _utf8_by_chance(content) or Decoded(content, "utf-8", (said,), _twice(content))
    return _damaged_utf8(content) or _by_plausibility(content)


def _utf8_by_chance(content: bytes) -> Decoded | None:
    """Read in two bytes a letter what is valid UTF-8 by chance: 元 alone would be a rare Ԫ."""
    head = content[: 64 * _SAMPLE]
    if _THREE_BYTES.search(head):
        return None
    letters = {letter.decode() for letter in _TWO_BYTES.findall(head)}
    if not letters or any(is_known(letter) or not letter.isalpha() for letter in letters):
        return None
    sample = _beyond_ascii(content)
    name, _, _ = _most_plausible(sample)
    meant = sample.decode(name, "replace")
    is_usual = all(is_known(one) and one >= "\u2e80" for one in meant if one > "\x7f")
    if not is_usual or not _fits(content, name):
        return None
    decided = message("data.decision.encoding_plausible", encoding=ENCODINGS[name])
    found = _found(content, name, decided)
    return replace(found, cautions=(*found.cautions, _unsure(sample, name, "utf-8")))


def _twice(content: bytes) -> tuple[Message, ...]:
    """Point out UTF-8 that was taken for Windows-1252 and written as UTF-8 again: MÃ¼nchen."""
    text = _beyond_ascii(content).decode("utf-8", "ignore")
    words = dict.fromkeys(_WRITTEN.findall(text))
    meant = {word: once for word in words if (once := _read_once(word))}
    if 2 * len(meant) <= len(words):
        return ()
    word, once = next(iter(meant.items()))
    return (message("data.caution.encoded_twice", word=word, meant=once),)


def _read_once(word: str) -> str | None:
    """Return what a word was before it was encoded twice, or ``None`` where it was not."""
    for name in ("cp1252", "latin-1"):
        try:
            once = word.encode(name).decode("utf-8")
        except UnicodeError:
            continue
        return once if all(one < "\x80" or is_known(one) for one in once) else None
    return None


def _found(content: bytes, name: str, said: Message) -> Decoded:
    try:
        return Decoded(_recode(content, name), name, (said,))
    except UnicodeDecodeError:
        text = _recode(content, name, "replace")
        return Decoded(text, name, (said,), _replaced(text, name))


def _replaced(text: bytes, name: str) -> tuple[Message, ...]:
    character = "\ufffd".encode()
    if character not in text:
        return ()
    line = text[: text.index(character)].count(b"\n") + 1
    count = text.count(character)
    return (message("data.caution.replaced", count=count, line=line, encoding=ENCODINGS[name]),)


def _by_zero_bytes(sample: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 by their zero bytes: delimiters, digits and line ends have some."""
    size = len(sample) // 4
    if not size:
        return None
    zeros = [sample[place : 4 * size : 4].count(0) for place in range(4)]
    if min(zeros[2:]) > 0.95 * size and zeros[0] < 0.05 * size:
        return "utf-32-le"
    if min(zeros[:2]) > 0.95 * size and zeros[3] < 0.05 * size:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 0.04 * size and even < 0.2 * odd:
        return "utf-16-le"
    if even > 0.04 * size and odd < 0.2 * even:
        return "utf-16-be"
    return None


# A few lines in another encoding


def _damaged_utf8(content: bytes) -> Decoded | None:
    """Read as UTF-8 a file that has many valid UTF-8 letters and a few broken ones."""
    text = _recode(content, "utf-8", "replace")
    broken = text.count("\ufffd".encode())
    letters = sum(map(text.count, (bytes([first]) for first in range(0xC3, 0xF5)))) - broken
    if letters < 4 * broken and not _has_lines_of_utf8(content[: 64 * _SAMPLE]):
        return None
    said = message("data.decision.encoding_utf8")
    mended, foreign, caution = _mended(content)
    if foreign:
        cautions = (caution, *_replaced(mended, "utf-8")) if caution else ()
        return Decoded(mended, "utf-8", (said,), cautions, foreign)
    if letters < 10 * broken:
        return None
    return Decoded(text, "utf-8", (said,), _replaced(text, "utf-8"))


def _has_lines_of_utf8(head: bytes) -> bool:
    """Return whether so many lines are UTF-8, and of usual letters, that it is no chance.

    In another encoding hardly a line with letters beyond ASCII is valid UTF-8 at all.
    """
    lines = {line for line in _LINE_ENDS.split(head) if not line.isascii()}
    texts = [line.decode() for line in lines if _fits(line, "utf-8")]
    usual = sum(1 for text in texts if all(one < "\x80" or is_known(one) for one in text))
    return usual >= max(3, len(lines) / 10)


def _mended(content: bytes) -> tuple[bytes, tuple[ForeignLine, ...], Message | None]:
    """Read those lines in another encoding that have no letter of UTF-8 at all."""
    lines = content.split(b"\n")
    places = [
        place
        for place, line in enumerate(lines)
        if not line.isascii() and _is_foreign(line.decode("utf-8", "replace"))
    ]
    if not places:
        return content, (), None
    name, _, _ = _most_plausible(b"\n".join(lines[place] for place in places)[:_SAMPLE])
    foreign: list[ForeignLine] = []
    for place in places:
        text = lines[place].decode(name, "replace")
        foreign.append(ForeignLine(line=place + 1, text=text.rstrip("\r")))
        lines[place] = text.encode()
    caution = message(
        "data.caution.two_encodings", count=len(foreign), encoding=ENCODINGS[name],
        line=foreign[0].line,
    )  # fmt: skip
    whole = b"\n".join(line.decode("utf-8", "replace").encode() for line in lines)
    return whole, tuple(foreign), caution


def _is_foreign(text: str) -> bool:
    return "\ufffd" in text and text.replace("\ufffd", "").isascii()


# One of many code pages


def _by_plausibility(content: bytes) -> Decoded:
    sample = _beyond_ascii(content)
    name, runner_up, lead = _most_plausible(sample)
    decided = message("data.decision.encoding_plausible", encoding=ENCODINGS[name])
    found = _found(content, name, decided)
    if runner_up is None or lead >= _CLEAR:
        return found
    caution = _unsure(sample, name, runner_up)
    return replace(found, cautions=(*found.cautions, caution))


def _unsure(sample: bytes, name: str, runner_up: str) -> Message:
    """Say which other encoding it may be, with a word that would read differently."""
    texts = [sample.decode(_codec(sample, one), "replace") for one in (name, runner_up)]
    words = [_WORD.findall(text) for text in texts]
    here, there = next(
        ((one, other) for one, other in zip(*words, strict=False) if one != other),
        (texts[0][:20], texts[1][:20]),
    )
    return message(
        "data.caution.encoding_unsure",
        encoding=ENCODINGS[name],
        word=here,
        other=ENCODINGS[runner_up],
        other_word=there,
    )


def _most_plausible(sample: bytes) -> tuple[str, str | None, float]:
    """Return the best candidate, the next that gives another text, and by how much it is worse."""
    texts = {name: sample.decode(_codec(sample, name), "replace") for name in _CANDIDATES}
    scores = {
        name: plausibility(texts[name], languages) + prior
        for name, (languages, prior) in _CANDIDATES.items()
    }
    ranked = sorted(scores, key=lambda name: -scores[name])
    best = _advised(sample, [one for one in ranked if scores[one] > scores[ranked[0]] - _CLOSE])
    others = [name for name in ranked if texts[name] != texts[best]]
    if not others:
        return best, None, 0.0
    return best, others[0], scores[best] - scores[others[0]]


def _advised(sample: bytes, close: list[str]) -> str:
    """Return the one of several about equally plausible encodings that the adviser prefers."""
    if len(close) == 1:
        return close[0]
    advice = charset_normalizer.from_bytes(sample, cp_isolation=close).best()
    if advice is None:
        return close[0]
    advised = codecs.lookup(advice.encoding).name
    return next((name for name in close if codecs.lookup(name).name == advised), close[0])


def _beyond_ascii(content: bytes) -> bytes:
    """Return up to 64 KiB of the lines that hold more than ASCII, without what stands there again.

    A word of a column with two values says no more when it stands in every line, nor does the
    euro sign behind each of a hundred amounts.
    """
    kept: dict[bytes, bytes] = {}
    size = 0
    for line in _LINE_ENDS.split(content[: 64 * _SAMPLE]):
        if line.isascii():
            continue
        for cell in _CELL_ENDS.split(line[:_SAMPLE]):
            alike = _DIGITS.sub(b"0", cell)
            if alike not in kept:
                kept[alike] = cell
                size += len(cell)
        if size > _SAMPLE:
            break
    return b"\n".join(kept.values()) or content[:_SAMPLE]
