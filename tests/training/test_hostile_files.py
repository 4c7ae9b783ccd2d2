"""Files that are made to do harm, read by real jobs within their limits."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psutil
import pytest
from binary_workbooks import compound_file, xls_sheet, xls_stream, xlsb_of, xlsb_sheet
from training.bench import Bench, until

from mlcore.data.store import DatasetStore
from mlcore.training.jobs import Job, JobQueue
from mlcore.training.service import launch, register
from mlcore.workspace import Workspace

#: Memory a job may use here; what it needs for itself is about a third.
MEMORY_MB = 500

#: Seconds after which a file counts as one that cannot be refused in time.
SECONDS = 40


def corners() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    return saved(book)


def long_cell() -> bytes:
    """A cell of 256 MiB in a file of a quarter of a MiB."""
    book = openpyxl.Workbook()
    book.active["A1"] = "long"
    return with_part(saved(book), b"long", b"a" * 2**28)


def false_size() -> bytes:
    """The same, and the list of contents says that it were small."""
    content = long_cell()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        largest = max(part.file_size for part in archive.infolist())
    return content.replace(largest.to_bytes(4, "little"), (999).to_bytes(4, "little"))


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(content: bytes, before: bytes, after: bytes) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(before, after) if "sheet1" in name else part)
    return stream.getvalue()


def old_excel(*sheets: bytes, **more: Any) -> bytes:
    return compound_file(xls_stream(sheets, **more))


#: One number in the first cell, one in the last.
XLS_CORNERS = xls_sheet([(0, 0, 1.0), (65_535, 255, 2.0)])
XLSB_CORNERS = xlsb_sheet([(0, 0, 1.0), (1_048_575, 16_383, 2.0)])

HOSTILE = {
    "far corners": (corners, "data.sheet_sparse"),
    "long cell": (long_cell, "data.packed_bomb"),
    "false size": (false_size, "data.workbook_"),
    "xls corners": (lambda: old_excel(XLS_CORNERS), "data.sheet_sparse"),
    "xlsb corners": (lambda: xlsb_of([XLSB_CORNERS]), "data.sheet_sparse"),
    "gzip bomb": (lambda: gzip.compress(bytes(2**28), 1), "data.packed_bomb"),
    "long line": (lambda: b"a,b\n" + b"1," * 10**7, "data."),
    "many columns": (lambda: b",".join(b"c%d" % n for n in range(20_000)) + b"\n1\n", "data."),
    "quotes": (lambda: b'a,b\n1,"' + b'","x' * 200_000, None),
    "tangled quotes": (lambda: b"a,b\n" + b'"\n' * 2_000_000, "data.quotes_tangled"),
    "brackets": (lambda: b'[{"a": ' + b"[" * 10**6, "data.json_"),
}


@pytest.fixture
def hosting(workspace: Workspace, tmp_path: Path) -> Iterator[Bench]:
    """A workspace whose supervisor runs the real jobs."""
    bench = Bench(workspace, tmp_path)
    register(workspace)
    bench.supervisor = psutil.Process(launch(workspace).pid)
    yield bench
    bench.close()


def ended(queue: JobQueue, identifier: str) -> Job:
    until(lambda: queue.get(identifier).status.is_final, "the file to be read or refused")
    return queue.get(identifier)


def test_hostile_files_are_refused_within_limits(hosting: Bench) -> None:
    store, queue = DatasetStore(hosting.workspace), JobQueue(hosting.workspace)
    limits = {"memory_mb": MEMORY_MB, "seconds": SECONDS}
    supervisor = hosting.supervisor
    assert supervisor is not None
    jobs = {
        name: queue.submit("read", store.stage(name, make()), {}, **limits)
        for name, (make, _) in HOSTILE.items()
    }
    for name, (_, code) in HOSTILE.items():
        job = ended(queue, jobs[name])
        if code is None:
            assert job.error is None or job.error.code.startswith("data."), (name, job.error)
        else:
            assert job.error is not None and job.error.code.startswith(code), (name, job.error)
    assert supervisor.is_running() and supervisor.status() != psutil.STATUS_ZOMBIE
    # Files after those are read as ever.
    last = queue.submit("read", store.stage("small.csv", b"a,b\n1,2\n3,4\n"), {}, **limits)
    assert ended(queue, last).error is None
