"""What can be asked of a table."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The question that a model answers."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {"classification": "Predict a class", "regression": "Predict a number"}[self.value]

    @property
    def help(self) -> str:
        """One sentence on what the task is."""
        return {
            "classification": "Classification: the label is one of a few categories.",
            "regression": "Regression: the label is a number on a scale.",
        }[self.value]
