"""Files that are no table, recognised by how they begin."""

from __future__ import annotations

import codecs
import re

from mlcore.errors import UserError

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
    (b"#!/", "a script"),
    (b"<?php", "a program (PHP)"),
    (b"\\documentclass", "a text in LaTeX"),
    (b"BEGIN:VCARD", "a list of contacts (vCard)"),
    (b"BEGIN:VCALENDAR", "a calendar (iCalendar)"),
)

_HTML = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
#: A table alone, what browsers and spreadsheets put on the clipboard, and what surrounds it.
_HTML_PIECE = re.compile(
    rb"\s*(?:Version:\d\.\d\s+StartHTML:|<!--StartFragment-->"
    rb"|<(?:table|thead|tbody|tr|td|meta|style|link|google-sheets)\b[^\n<>]*>"
    rb"|<(?:div|p|ul|ol|span|a|h\d)\b[^\n]*>\s*<(?:table|thead|tbody|tr)\b)",
    re.I,
)
_XML = re.compile(
    rb"\s*(?:<\?xml\b|<[A-Za-z][\w:.-]*(?: [^<>\r\n]*)?>[ \t]*[\r\n]+\s*<[A-Za-z])", re.I
)

_SQL_BEGINS = re.compile(
    r"(?:INSERT\s+INTO|CREATE\s+(?:TABLE|DATABASE|SCHEMA)|DROP\s+TABLE|LOCK\s+TABLES|PRAGMA"
    r"|USE|SET|SELECT\s+pg_catalog\S*)\s+\S|(?:BEGIN|START)(?:\s+TRANSACTION)?\s*;",
    re.I,
)
_SQL_TABLE = re.compile(
    r"^(?:CREATE\s+TABLE|INSERT\s+INTO|COPY\s[^\n]*\sFROM\s+stdin;)", re.I | re.M
)
_SQL_REMARK = re.compile(r"\s*(?:--|/\*|\*)")

_PYTHON_BEGINS = re.compile(
    r"(?:\"{3}[^\"]*(?:\"{3})?|import [\w.]+(?: as \w+)?(?:, ?[\w.]+)*"
    r"|from [\w.]+ import [\w*, ]+\(?|def \w+\(.*|class \w+[^,;\t]*:)\s*(?:#.*)?"
)
_PYTHON = re.compile(r"(?:import|from|def|class|if|for|return|with|try|@) ?\w.*|    +\S.*|\w+ = .*")

_PYTHON_RECORD = re.compile(r"\s*\[?\{'.*':.*\}[\],]?\s*")
_YAML_PART = re.compile(r"(?:---|\.\.\.| *- [^,;\t|]+| *(?:- )?[\w .-]+:(?: .*)?)\s*")
_YAML_DEEP = re.compile(r"^(?:-( +)[\w.-]+:.*\n  +[\w.-]+:|[\w.-]+: *\n(?: *- | +[\w.-]+:))", re.M)

#: How other files begin, what all their lines look like, and what such files are.
_TEXTS: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = tuple(
    (re.compile(beginning), re.compile(usual), words)
    for beginning, usual, words in (
        (
            r"\[[\w .:-]+\]\n",
            r"\[[^\]]+\]|[\w .-]+ ?=.*|[;#].*",
            "a file of settings (INI or TOML)",
        ),
        (r">\S.*\n[A-Za-z*-]+\n", r">.*|[A-Za-z*-]+", "biological sequences (FASTA)"),
        (r"@\w+\{[^,{}]*,\n", r"@\w+\{.*|\s*\w+\s*=.*|\s*\},?\s*|\s+.*", "references (BibTeX)"),
        (r"1\n\d\d:\d\d:\d\d[,.]\d{3} --> ", r".*", "subtitles (SRT)"),
        (r"WEBVTT\b", r".*", "subtitles (WebVTT)"),
    )
)

#: How many bytes are looked at.
HEAD = 4096


def require_no_other_format(content: bytes) -> None:
    """Refuse files that are something else than a table.

    Parameters
    ----------
    content : bytes
        The file, or at least its first :data:`HEAD` bytes.

    Raises
    ------
    UserError
        It says what the file seems to be.
    """
    head = content[:HEAD]
    text = head.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"").strip(b"\xff\xfe")
    if _HTML_PIECE.match(text):
        raise UserError("data.html_table")
    words = _binary(content) or _marked_up(text) or _written(text.decode("latin-1"))
    if words:
        raise UserError("data.foreign_format", format=words)


def _binary(content: bytes) -> str | None:
    head = content[:HEAD]
    for beginning, words in _BEGINNINGS:
        if head.startswith(beginning):
            return words
    if content[257:262] == b"ustar":
        return "a TAR archive"
    if head.startswith(b"MZ") and b"\x00" in head[:64]:
        return "a program"
    return None


def _marked_up(head: bytes) -> str | None:
    if _HTML.match(head):
        return "a web page (HTML)"
    if _XML.match(head):
        return "an XML file"
    return None


def _written(text: str) -> str | None:
    """Recognise text that is no table by its first lines; any doubt leaves it a table."""
    text = text.replace("\r\n", "\n")
    lines = [line for line in text.split("\n")[:-1] if line.strip()]
    if _is_sql(text, lines):
        return "a database dump (SQL)"
    lines = [line for line in lines if not line.lstrip().startswith("#")][:40]
    if lines and _share(_PYTHON_RECORD, lines[:3]) == 1:
        return "records as Python prints them (JSON has double quotation marks)"
    if len(lines) < 3:
        return None
    if _PYTHON_BEGINS.fullmatch(lines[0]) and _share(_PYTHON, lines) > 0.6:
        return "a program (Python)"
    for beginning, usual, words in _TEXTS:
        if beginning.match(text) and _share(usual, lines) == 1:
            return words
    if _YAML_DEEP.search(text) and _share(_YAML_PART, lines) == 1:
        return "a YAML file"
    return None


def _is_sql(text: str, lines: list[str]) -> bool:
    first = next((line for line in lines if not _SQL_REMARK.match(line)), "")
    return bool(_SQL_BEGINS.match(first.strip()) and _SQL_TABLE.search(text))


def _share(pattern: re.Pattern[str], lines: list[str]) -> float:
    return sum(1 for line in lines if pattern.fullmatch(line)) / len(lines)
