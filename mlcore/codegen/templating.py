"""Functions that no public library has, written out plainly in the folder ``templates``.

Each is short Python text, written by hand to be read; the tests hold what it computes to what the
core computes, through the scripts that use it.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files

from mlcore.codegen.expression import Writer


def template(name: str, writer: Writer) -> str:
    """Return the functions of a template; their imports are collected by the writer."""
    text, tree = _read(name)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                writer.name(str(node.module), alias.name)
            else:
                writer.module(alias.name)
    lines = text.splitlines()[imports[-1].end_lineno if imports else 0 :]
    return "\n".join(lines).strip("\n")


@cache
def _read(name: str) -> tuple[str, ast.Module]:
    path = files("mlcore.codegen") / "templates" / f"{name}.txt"
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)
