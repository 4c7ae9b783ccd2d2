"""A script in steps, and the two files it becomes: Python text and a notebook."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.codegen.expression import WIDTH, Writer

#: What is installed under another name than it is imported by.
_PACKAGES = {"sklearn": "scikit-learn"}

#: Marks that mean something in a notebook's text.
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&])")


@dataclass(frozen=True)
class Step:
    """One step of a script: what it does, in a sentence, and its code."""

    comment: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Script:
    """A program that repeats a run.

    Parameters
    ----------
    title : str
        What it does, in one line; may hold names that users wrote.
    notes : tuple of str
        What else a reader should know, a paragraph each.
    imports : str
        The import statements.
    steps : tuple of Step
        In order.
    """

    title: str
    notes: tuple[str, ...]
    imports: str
    steps: tuple[Step, ...]

    def to_python(self) -> str:
        """Return the text of a ``.py`` file."""
        parts = [f'"""{_in_docstring(self.title, self.notes)}"""', self.imports]
        text = "\n\n".join(parts)
        for before, step in zip((None, *self.steps), self.steps, strict=False):
            text += "\n" * (1 + _gap(before, step)) + _comment(step.comment) + step.code
        return text + "\n"

    def to_notebook(self) -> str:
        """Return the text of an ``.ipynb`` file: a cell of words and a cell of code a step."""
        told = "\n\n".join(_in_markdown(note) for note in self.notes)
        cells = [
            _cell(0, "markdown", f"# {_in_markdown(self.title)}\n\n{told}"),
            _cell(1, "code", self.imports),
        ]
        for step in self.steps:
            cells.append(_cell(len(cells), "markdown", _in_markdown(step.comment)))
            cells.append(_cell(len(cells), "code", step.code))
        notebook = {
            "cells": cells,
            "metadata": {
                "kernelspec": {
                    "display_name": "Python 3",
                    "language": "python",
                    "name": "python3",
                },
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        return json.dumps(notebook, ensure_ascii=True, indent=1) + "\n"


def needs(writer: Writer, versions: Mapping[str, str]) -> str:
    """Return the sentence on what has to be installed.

    Parameters
    ----------
    writer : Writer
        Holds what the script imports.
    versions : mapping of str to str
        Versions of the libraries that the run used, by the names they are installed under.
    """
    tops = {module.split(".")[0] for module in (*writer.modules, *writer.names)}
    packages = {_PACKAGES.get(top, top) for top in tops} & set(versions)
    named = ", ".join(f"{name} {versions[name]}" for name in sorted(packages)) or "Python"
    return f"Made with {named}; other versions may give slightly different numbers."


def _gap(before: Step | None, step: Step) -> int:
    """Return how many empty lines stand between two steps: two around functions."""
    defines = [each.code.startswith(("def ", "class ")) for each in (before, step) if each]
    ends = before is not None and before.code.split("\n")[-1].startswith("    ")
    return 2 if any(defines) or (ends and "\ndef " in f"\n{before.code if before else ''}") else 1


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(printable(text), WIDTH - 2))


def printable(text: str) -> str:
    """Return text on one line, without letters that cannot be seen."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(seen.split())


def _in_docstring(title: str, notes: tuple[str, ...]) -> str:
    paragraphs = [printable(text).replace("\\", "\\\\").replace('"', '\\"') for text in notes]
    first = printable(title).replace("\\", "\\\\").replace('"', '\\"')
    told = ["\n".join(textwrap.wrap(text, WIDTH)) for text in paragraphs]
    return "\n\n".join([first, *told]) + ("\n" if told else "")


def _in_markdown(text: str) -> str:
    return _MARKS.sub(r"\\\1", printable(text))


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell = {"id": f"cell-{number}", "cell_type": kind, "metadata": {}, "source": lines}
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}
