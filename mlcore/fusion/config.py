"""What is fused: where the votes stand, what counts as one, and how ties are decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.fusion.rules import check_weight
from mlcore.params import ChoiceParam, IntParam, Param, check_values

#: The knobs that all rules of one fusion share.
FUSION_PARAMS: tuple[Param, ...] = (
    ChoiceParam(
        name="ties",
        label="When classes tie",
        help=(
            "What is done with a row whose leading classes have the same number of votes. This "
            "rule alone can move the accuracy by many points, so by default such rows stay "
            "undecided and are listed."
        ),
        default="undecided",
        choices={
            "undecided": "Leave the row undecided",
            "order": "The first class in a stated order",
            "prior": "The class that is most frequent elsewhere",
            "most_accurate": "The class of the most accurate source",
            "random": "By lot, with the seed",
        },
        basic=True,
    ),
    IntParam(
        name="seed",
        label="Seed",
        help="The start of the random numbers: for lots, random starts and intervals.",
        default=0,
        low=0,
        high=2**31 - 1,
    ),
)


@dataclass(frozen=True, kw_only=True)
class FusionConfig:
    """Where the votes stand and how they are read; knobs as in :data:`FUSION_PARAMS`.

    Parameters
    ----------
    sources : tuple of str
        Wide table: the columns of votes, at least two. Empty in a long table.
    row, source, label : str, optional
        Long table: the columns with the row's name, the source's name and its label.
    abstain : tuple of str
        What a source writes that looked at a row and gave no label, such as "?".
    numbers : bool
        Whether labels are numbers on a scale, to be averaged, rather than classes.
    order : tuple of str
        The classes in the order that decides ties, and that an ordinal scale has; those left out
        come last.
    weights : tuple of (str, float)
        The user's weight of each source; 1 for those left out.
    edits : tuple of (str, str, str or None)
        Votes changed on the page: the row's name, source, label; ``None`` takes the vote away.
    learner : str, optional
        Id of a classifier. When given, one model for each source is trained on the rows that it
        labelled, and these models vote, on every row.
    """

    sources: tuple[str, ...] = ()
    row: str | None = None
    source: str | None = None
    label: str | None = None
    abstain: tuple[str, ...] = ()
    numbers: bool = False
    order: tuple[str, ...] = ()
    weights: tuple[tuple[str, float], ...] = ()
    edits: tuple[tuple[str, str, str | None], ...] = ()
    learner: str | None = None
    ties: str = "undecided"
    seed: int = 0

    @property
    def is_long(self) -> bool:
        """Whether each line of the table is one vote."""
        return self.label is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold the votes."""
        if self.is_long:
            return tuple(name for name in (self.row, self.source, self.label) if name is not None)
        return self.sources

    def values(self) -> dict[str, Any]:
        """Return the values of the declared knobs, by name."""
        return {param.name: getattr(self, param.name) for param in FUSION_PARAMS}

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "sources": list(self.sources),
            "row": self.row,
            "source": self.source,
            "label": self.label,
            "abstain": list(self.abstain),
            "numbers": self.numbers,
            "order": list(self.order),
            "weights": [list(pair) for pair in self.weights],
            "edits": [list(edit) for edit in self.edits],
            "learner": self.learner,
            **self.values(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> FusionConfig:
        """Read what :meth:`to_json` wrote, checking every value (``UserError``)."""
        knobs = {param.name for param in FUSION_PARAMS}
        given = {name: value for name, value in plain.items() if name in knobs}
        checked: dict[str, Any] = check_values("The fusion", FUSION_PARAMS, given)
        weights = tuple((str(source), float(weight)) for source, weight in plain["weights"])
        for source, weight in weights:
            check_weight(source, weight)
        return cls(
            sources=tuple(plain["sources"]),
            row=plain["row"],
            source=plain["source"],
            label=plain["label"],
            abstain=tuple(plain["abstain"]),
            numbers=plain["numbers"],
            order=tuple(plain["order"]),
            weights=weights,
            edits=tuple((str(row), str(source), label) for row, source, label in plain["edits"]),
            learner=plain["learner"],
            **checked,
        )
