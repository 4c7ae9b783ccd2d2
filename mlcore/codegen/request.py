"""What a program is written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mlcore.codegen.expression import Writer, quoted
from mlcore.codegen.loading import Source
from mlcore.codegen.script import Script, Step, needs
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
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

    @property
    def plan(self) -> Experiment:
        """What the run was asked to do."""
        return self.result.experiment

    def file_name(self, ending: str) -> str:
        """Return how a file beside the model's is named, such as ``model_rows.csv``, in quotes."""
        return quoted(self.model_file.rpartition(".")[0] + ending)

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
            *self._decided(),
            needs(writer, self.versions),
        )
        title = f"{self.plan.spec.name}: {goal}."
        return Script(title=title, notes=notes, imports=writer.imports(), steps=tuple(steps))

    def _decided(self) -> Iterator[str]:
        """Yield what was decided about the file that came, where the program does not show it."""
        if self.source.is_as_read:
            reading = self.source.reading
            said = " ".join(map(str, (*reading.decisions, *reading.cautions)))
            yield f"How the file that came was read: {said}"


class TaskCode:
    """What the writers of all tasks begin with.

    Parameters
    ----------
    request : Request
        What the program is written from.
    """

    def __init__(self, request: Request) -> None:
        self.request, self.plan = request, request.plan
        self.dataset, self.result = request.dataset, request.result
        self.spec = self.plan.spec
        self.values = self.spec.check(self.plan.params)
        self.writer = Writer(seed=self.plan.split.seed)
        for name in ("numpy", "pandas"):
            self.writer.module(name)
