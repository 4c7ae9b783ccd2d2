"""The log of what should not have happened: where it did, without anybody's data."""

from __future__ import annotations

import logging
import secrets
import traceback
from logging.handlers import RotatingFileHandler

from mlcore.workspace import Workspace

_FILE_BYTES = 2**20
_FILES = 3


def record_defect(workspace: Workspace, error: BaseException) -> str:
    """Note an error nobody expected in ``logs/defects.log``; return the number it stands under.

    The log names the kind of error and the lines of code it passed through. It leaves out the
    error's own text, which may quote cells of somebody's table.
    """
    number = secrets.token_hex(4)
    folder = workspace.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "defects.log", maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    try:
        handler.handle(_log_record(number, error))
    finally:
        handler.close()
    return number


def _log_record(number: str, error: BaseException) -> logging.LogRecord:
    passed = [f"  {f.filename}:{f.lineno} in {f.name}" for f in _frames(error)]
    text = "\n".join([f"{number} {_chain(error)}", *passed])
    return logging.LogRecord("workbench", logging.ERROR, __file__, 0, text, None, None)


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


def _chain(error: BaseException) -> str:
    names = [type(error).__qualname__]
    cause = error.__cause__ or error.__context__
    while cause is not None and len(names) < 5:
        names.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    return " caused by ".join(names)
