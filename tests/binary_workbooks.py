"""Small workbooks of the binary kinds, written by hand: Excel 97 (xls) and Excel Binary (xlsb).

Just enough of both formats to hold a table, and to say of themselves what is not so.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence

Cell = tuple[int, int, str | float]
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def cells_of(rows: Sequence[Sequence[str | float]]) -> list[Cell]:
    """Return the cells of some rows as (row, column, value)."""
    return [(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)]


# Excel 97: records in a stream of a compound file


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls_sheet(cells: Iterable[Cell], dimensions: bytes = b"") -> bytes:
    """Return the records of one sheet; ``dimensions`` is what it says of its size, if anything."""
    parts = [record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))]
    parts += [record(0x200, dimensions)] if dimensions else []
    for row, column, value in cells:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
            parts.append(record(0x204, place + text))
        else:
            parts.append(record(0x203, place + struct.pack("<d", value)))
    return b"".join([*parts, record(0x0A)])


def xls_stream(sheets: Sequence[bytes], globals_too: bytes = b"", same_place: int = 1) -> bytes:
    """Return the stream of a workbook; each sheet is listed ``same_place`` times."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    names = [f"Sheet{n}".encode() for n in range(len(sheets) * same_place)]
    listed = sum(4 + 8 + len(name) for name in names)
    places = [len(begin) + len(globals_too) + listed + 4]
    for sheet in sheets:
        places.append(places[-1] + len(sheet))
    entries = [
        record(0x85, struct.pack("<IBBBB", places[n // same_place], 0, 0, len(name), 0) + name)
        for n, name in enumerate(names)
    ]
    return b"".join([begin, globals_too, *entries, record(0x0A), *sheets])


def compound_file(stream: bytes, name: str = "Workbook") -> bytes:
    """Return a compound file with one stream."""
    stream = stream.ljust(4096, b"\0")
    n_sectors = -(-len(stream) // _SECTOR)
    n_fat = 1
    while (n_sectors + n_fat + 1) * 4 > n_fat * _SECTOR:
        n_fat += 1
    # Tables of sectors come first, then the folder, then the stream.
    fat = [_FAT] * n_fat + [_END]
    fat += [*range(n_fat + 2, n_fat + 1 + n_sectors), _END]
    fat += [_FREE] * (n_fat * _SECTOR // 4 - len(fat))
    difat = [*range(n_fat), *[_FREE] * (109 - n_fat)][:109]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b""),
        *(0, n_fat, n_fat, 0, 4096, _END, 0, _END, 0),
    ) + struct.pack("<109I", *difat)
    folder = _entry("Root Entry", 5, _END, 0, child=1)
    folder += _entry(name, 2, n_fat + 1, len(stream)) + bytes(256)
    return (
        header
        + struct.pack(f"<{len(fat)}I", *fat)
        + folder
        + stream.ljust(n_sectors * _SECTOR, b"\0")
    )


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        *(text, len(text), kind, 1, _FREE, _FREE, child, b"", 0, 0, 0, start, size),
    )


def xls(rows: Sequence[Sequence[str | float]]) -> bytes:
    """Return a workbook with one sheet."""
    return compound_file(xls_stream([xls_sheet(cells_of(rows))]))


# Excel Binary: a ZIP archive whose parts are records


def record12(kind: int, data: bytes = b"") -> bytes:
    return _varied(kind, 2) + _varied(len(data), 4) + data


def _varied(number: int, most: int) -> bytes:
    parts = []
    while number > 127 and len(parts) < most - 1:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb_sheet(cells: Iterable[Cell], dimensions: Sequence[int] = (0, 0, 0, 0)) -> bytes:
    """Return the records of one sheet; ``dimensions`` is what it says of its size."""
    parts = [record12(129), record12(148, struct.pack("<4I", *dimensions)), record12(145)]
    row = -1
    for at, column, value in cells:
        if at != row:
            row = at
            parts.append(record12(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0)))
        place = struct.pack("<II", column, 0)
        if isinstance(value, str):
            parts.append(record12(6, place + wide(value)))
        else:
            parts.append(record12(5, place + struct.pack("<d", value)))
    return b"".join([*parts, record12(146), record12(130)])


_RELATION = (
    '<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet{n}.bin"/>'
)
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types '
    'xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)


def xlsb_of(sheets: Sequence[bytes], more: dict[str, bytes] | None = None) -> bytes:
    """Return a workbook of sheets as their records; ``more`` are other parts by their names."""
    relations = "".join(_RELATION.format(n=n + 1) for n in range(len(sheets)))
    listed = b"".join(
        record12(156, struct.pack("<II", 0, n + 1) + wide(f"rId{n + 1}") + wide(f"Sheet{n + 1}"))
        for n in range(len(sheets))
    )
    parts = {
        "[Content_Types].xml": _TYPES.encode(),
        "xl/_rels/workbook.bin.rels": (
            '<?xml version="1.0" encoding="UTF-8"?><Relationships '
            'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{relations}</Relationships>"
        ).encode(),
        "xl/workbook.bin": record12(131) + record12(143) + listed + record12(144) + record12(132),
    }
    parts |= {f"xl/worksheets/sheet{n + 1}.bin": sheet for n, sheet in enumerate(sheets)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts | (more or {})).items():
            archive.writestr(name, part)
    return stream.getvalue()


def xlsb(rows: Sequence[Sequence[str | float]]) -> bytes:
    """Return a workbook with one sheet."""
    extent = (0, len(rows) - 1, 0, len(rows[0]) - 1)
    return xlsb_of([xlsb_sheet(cells_of(rows), extent)])
