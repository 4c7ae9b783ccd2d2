"""What can be asked of a table."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The question that a model answers."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    CLUSTERING = "clustering"
    SEMI_SUPERVISED = "semi_supervised"
    FUSION = "label_fusion"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {
            "classification": "Predict a class",
            "regression": "Predict a number",
            "clustering": "Find groups",
            "semi_supervised": "Learn from few labels",
            "label_fusion": "Make one label of several",
        }[self.value]

    @property
    def help(self) -> str:
        """One sentence on what the task is."""
        return {
            "classification": "Classification: the label is one of a few categories.",
            "regression": "Regression: the label is a number on a scale.",
            "clustering": "Clustering: no label; rows that are alike are put together.",
            "semi_supervised": (
                "Semi-supervised learning: only some rows have a label, and the others help too."
            ),
            "label_fusion": (
                "Label fusion: several sources each gave labels, which become one for each row."
            ),
        }[self.value]

    @property
    def is_supervised(self) -> bool:
        """Whether a model learns from rows that all have a label."""
        return self in SUPERVISED_TASKS

    @property
    def scored_as(self) -> Task:
        """The task whose metrics judge the answers: few labels are classes like any others."""
        return Task.CLASSIFICATION if self is Task.SEMI_SUPERVISED else self


#: The tasks that have a label for every row they learn from.
SUPERVISED_TASKS: tuple[Task, ...] = (Task.CLASSIFICATION, Task.REGRESSION)
