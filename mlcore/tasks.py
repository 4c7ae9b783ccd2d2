"""What can be asked of a table."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The question that a model answers."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    CLUSTERING = "clustering"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {
            "classification": "Predict a class",
            "regression": "Predict a number",
            "clustering": "Find groups",
        }[self.value]

    @property
    def help(self) -> str:
        """One sentence on what the task is."""
        return {
            "classification": "Classification: the label is one of a few categories.",
            "regression": "Regression: the label is a number on a scale.",
            "clustering": "Clustering: no label; rows that are alike are put together.",
        }[self.value]

    @property
    def is_supervised(self) -> bool:
        """Whether a model learns from a label."""
        return self in SUPERVISED_TASKS


#: The tasks that have a label.
SUPERVISED_TASKS: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)
