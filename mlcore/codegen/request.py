"""What a program is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mlcore.codegen.expression import Writer
from mlcore.codegen.loading import Source
from mlcore.codegen.script import Script, Step, needs
from mlcore.data.dataset import Dataset
from mlcore.workflow import RunResult


@dataclass(frozen=True, eq=False, kw_only=True)
class Request:
    """A run that is to be repeated by a program.

    Parameters
    ----------
    dataset : Dataset
        The table the run was made on.
    result : RunResult
        The run.
    source : Source
        The file the table came from.
    name : str
        What the user calls the run.
    model_file : str
        What the program calls the file it leaves behind.
    versions : mapping of str to str
        Of the libraries the run was made with.
    test_scores : DataFrame, optional
        Scores on the test rows (``metric``, ``value``), if they were opened; the program then
        opens them too.
    """

    dataset: Dataset
    result: RunResult
    source: Source
    name: str
    model_file: str
    versions: Mapping[str, str]
    test_scores: pd.DataFrame | None = None

    def script(self, goal: str, writer: Writer, steps: Sequence[Step]) -> Script:
        """Return the program that was written, with what a reader should know.

        Parameters
        ----------
        goal : str
            What it does with the file.
        writer : Writer
            What wrote the steps, and so knows what they import.
        steps : sequence of Step
            In order.
        """
        beside = "put the file beside this script."
        if self.source.is_as_read:
            beside = (
                f"put {self.source.file_name} beside this script. It is not the file that came, "
                "which takes more than a short program to read, but the table as it was read: "
                "download it on the Data page, where the table is in use, in the part “File”."
            )
        notes = (
            f"Repeats the run “{self.name}”: {beside}",
            needs(writer, self.versions),
        )
        title = f"{self.result.experiment.spec.name}: {goal}."
        return Script(title=title, notes=notes, imports=writer.imports(), steps=tuple(steps))
