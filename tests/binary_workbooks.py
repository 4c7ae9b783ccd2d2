"""Small workbooks of the binary kinds, written by hand: Excel 97 (xls) and Excel Binary (xlsb).

Just enough of both formats to hold a table, and to say of themselves what is not so.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


class Error(int):
    """An error, by its number."""


@dataclass(frozen=True)
class Formula:
    """A formula with its result."""

    result: str | float | Error


@dataclass(frozen=True)
class Styled:
    """A value in one of the formats of a workbook, from 1."""

    value: float | Formula
    style: int = 1


Value: TypeAlias = str | float | Error | Formula | Styled
Cell = tuple[int, int, Value]
_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def cells_of(rows: Sequence[Sequence[Value]]) -> list[Cell]:
    """Return the cells of some rows as (row, column, value)."""
    return [(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)]


# Excel 97: records in a stream of a compound file


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls_sheet(cells: Iterable[Cell], dimensions: bytes = b"") -> bytes:
    """Return the records of one sheet; ``dimensions`` is what it says of its size, if anything."""
    parts = [record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))]
    parts += [record(0x200, dimensions)] if dimensions else []
    parts += [xls_cell(*cell) for cell in cells]
    return b"".join([*parts, record(0x0A)])


def xls_cell(row: int, column: int, value: Value) -> bytes:
    """Return the records of one cell; whole numbers are written in short."""
    styled = value if isinstance(value, Styled) else Styled(value, 0)
    value = styled.value
    place = struct.pack("<HHH", row, column, styled.style)
    if isinstance(value, Formula):
        return _xls_formula(place, value.result)
    if isinstance(value, str):
        return record(0x204, place + _xls_text(value))
    if isinstance(value, Error):
        return record(0x205, place + bytes([value, 1]))
    if isinstance(value, int):
        return record(0x27E, place + struct.pack("<i", value << 2 | 2))
    return record(0x203, place + struct.pack("<d", value))


def _xls_text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _xls_formula(place: bytes, result: str | float | Error) -> bytes:
    follows = b""
    if isinstance(result, Error):
        said = bytes([2, 0, result, 0, 0, 0]) + b"\xff\xff"
    elif isinstance(result, str):
        said = bytes([0 if result else 3, 0, 0, 0, 0, 0]) + b"\xff\xff"
        follows = record(0x207, _xls_text(result)) if result else b""
    else:
        said = struct.pack("<d", result)
    return record(6, place + said + bytes(8)) + follows


def xls_styles(formats: Sequence[str | int], first_1904: bool = False) -> bytes:
    """Return the records of some formats, as they are written or by their number."""
    parts = [record(0x22, b"\1\0")] if first_1904 else []
    parts += [
        record(0x41E, struct.pack("<HHB", 164 + n, len(code), 0) + code.encode())
        for n, code in enumerate(formats)
        if isinstance(code, str)
    ]
    numbers = [0, *(164 + n if isinstance(code, str) else code for n, code in enumerate(formats))]
    return b"".join([*parts, *(record(0xE0, struct.pack("<HH16x", 0, one)) for one in numbers)])


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


def xls(
    rows: Sequence[Sequence[Value]], formats: Sequence[str | int] = (), first_1904: bool = False
) -> bytes:
    """Return a workbook with one sheet."""
    sheet = xls_sheet(cells_of(rows))
    return compound_file(xls_stream([sheet], xls_styles(formats, first_1904)))


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
        parts.append(_xlsb_cell(column, value))
    return b"".join([*parts, record12(146), record12(130)])


def _xlsb_cell(column: int, value: Value) -> bytes:
    styled = value if isinstance(value, Styled) else Styled(value, 0)
    value, end = styled.value, b""
    place = struct.pack("<II", column, styled.style)
    kinds = {str: 6, float: 5, Error: 3, int: 2}
    if isinstance(value, Formula):
        value, end, kinds = value.result, bytes(10), {str: 8, float: 9, Error: 11}
    if isinstance(value, str):
        data = wide(value)
    elif isinstance(value, Error):
        data = bytes([value])
    elif isinstance(value, int):
        data = struct.pack("<i", value << 2 | 2)
    else:
        data = struct.pack("<d", value)
    return record12(kinds[type(value)], place + data + end)


def xlsb_styles(formats: Sequence[str | int]) -> bytes:
    """Return the part of some formats, as they are written or by their number."""
    codes = [(164 + n, code) for n, code in enumerate(formats) if isinstance(code, str)]
    numbers = [0, *(164 + n if isinstance(code, str) else code for n, code in enumerate(formats))]
    return b"".join([
        record12(0x116),
        record12(0x267, struct.pack("<I", len(codes))),
        *(record12(44, struct.pack("<H", number) + wide(code)) for number, code in codes),
        *(record12(0x268), record12(0x272, struct.pack("<I", 1))),
        # Styles of styles come before those of cells.
        *(_xlsb_style(164), record12(0x273), record12(0x269, struct.pack("<I", len(numbers)))),
        *map(_xlsb_style, numbers),
        *(record12(0x26A), record12(0x117)),
    ])  # fmt: skip


def _xlsb_style(number: int) -> bytes:
    return record12(47, struct.pack("<HH12x", 0, number))


_RELATION = (
    '<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet{n}.bin"/>'
)
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types '
    'xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)


def xlsb_of(
    sheets: Sequence[bytes], more: dict[str, bytes] | None = None, first_1904: bool = False
) -> bytes:
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
        "xl/workbook.bin": b"".join(
            [
                record12(131),
                record12(153, struct.pack("<II", first_1904, 0) + wide("")),
                *(record12(143), listed, record12(144)),
                # Readers look for one that comes after the names.
                *(record12(157, bytes(26)), record12(132)),
            ]
        ),
    }
    parts |= {f"xl/worksheets/sheet{n + 1}.bin": sheet for n, sheet in enumerate(sheets)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts | (more or {})).items():
            archive.writestr(name, part)
    return stream.getvalue()


def xlsb(
    rows: Sequence[Sequence[Value]], formats: Sequence[str | int] = (), first_1904: bool = False
) -> bytes:
    """Return a workbook with one sheet."""
    extent = (0, len(rows) - 1, 0, len(rows[0]) - 1)
    styles = {"xl/styles.bin": xlsb_styles(formats)} if formats else None
    return xlsb_of([xlsb_sheet(cells_of(rows), extent)], styles, first_1904)
