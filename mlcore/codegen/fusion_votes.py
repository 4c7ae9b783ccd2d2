"""The votes of a fusion as code: from columns or lines, changed by hand, of people or of models."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlcore.algorithms.fitted_rule import model_of
from mlcore.codegen.expression import Bracket, Writer, assignment, listed, quoted
from mlcore.codegen.loading import loading_code
from mlcore.codegen.preparing import pipeline_steps
from mlcore.codegen.request import Request
from mlcore.codegen.script import Step
from mlcore.codegen.templating import template
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.spelling import number_of, shown_label
from mlcore.fusion.votes import Votes
from mlcore.pipelines.build import build_pipeline
from mlcore.workflow.source_models import N_FOLDS, learning_of

_AS_TEXT = '.map("{:.15g}".format, na_action="ignore")'
_TIDY = '.str.normalize("NFC").str.split().str.join(" ")'


class VotesCode:
    """Writes the steps that end with ``votes``, a table with a row for each row and its sources.

    Parameters
    ----------
    request : Request
        The run.
    votes : Votes
        What the workbench read, before any model voted.
    writer : Writer
        Collects what is imported.
    """

    def __init__(self, request: Request, votes: Votes, writer: Writer) -> None:
        self.request, self.votes, self.writer = request, votes, writer
        self.plan = request.result.experiment
        assert isinstance(self.plan.split, FusionConfig)
        self.config = self.plan.split
        self.frame = request.dataset.frame

    @property
    def columns(self) -> list[str]:
        """The columns in which labels stand, that of known labels last."""
        votes = (self.config.label,) if self.config.label else self.config.sources
        return [name for name in (*votes, self.plan.target) if name is not None]

    def steps(self) -> list[Step]:
        """Return the steps."""
        if self.config.is_long:
            words = "One row for all votes on it; where a source voted twice, the last vote counts."
            steps = [
                Step("Load the table; each line is one vote.", "\n".join(self.load())),
                Step(words, "\n".join(self.gathered())),
            ]
        else:
            sources = assignment("SOURCES", listed(map(quoted, self.config.sources)))
            lines = [*self.load(), sources, "votes = table[SOURCES]"]
            steps = [Step("Load the table; some columns are votes.", "\n".join(lines))]
        if self.config.edits:
            steps.append(Step("Votes that were changed by hand.", self.edits()))
        return steps

    def load(self) -> list[str]:
        """Return the lines that read the file; classes are text, whatever they look like."""
        features = self.plan.features if self.config.learner else ()
        used = list(dict.fromkeys([*self.config.columns, *self.columns, *features]))
        lines = [loading_code(self.request.source, self.request.dataset, used, self.writer)]
        if self.config.numbers:
            here = self.columns[1:] if self.config.is_long else self.columns
            return [*lines, *self.as_numbers(here, "table[named]")]
        numeric = [name for name in self.columns if self.frame[name].dtype.kind == "f"]
        if numeric:
            lines.append(assignment("named", listed(map(quoted, numeric))))
            lines.append(f"table[named] = table[named]{_AS_TEXT}")
        return lines

    def as_numbers(self, columns: list[str], name: str) -> list[str]:
        """Return the lines that leave nothing but numbers, where something else is among them."""
        lines = []
        if any(self.frame[column].dtype.kind != "f" for column in columns):
            lines.append(f'{name} = {name}.apply(pd.to_numeric, errors="coerce")')
        silent = [number for word in self.votes.abstain if (number := number_of(word)) is not None]
        if silent and columns:
            lines.append(f"{name} = {name}.replace({silent!r}, np.nan)")
        if lines and name != "votes":
            lines.insert(0, assignment("named", listed(map(quoted, columns))))
        return lines

    def gathered(self) -> list[str]:
        """Return the lines that make a table of rows and sources of single votes."""
        row, source, label = map(quoted, self.config.columns)
        lines = [f"ROW, SOURCE, LABEL = {row}, {source}, {label}"]
        for name, column in zip(("ROW", "SOURCE"), self.config.columns, strict=False):
            levels = self.frame[column].dropna().unique()
            if any(isinstance(level, str) and shown_label(level) != level for level in levels):
                lines.append(f"table[{name}] = table[{name}]{_TIDY}")
        lines += [
            "said = table.dropna(subset=[ROW, SOURCE, LABEL])",
            'said = said.drop_duplicates([ROW, SOURCE], keep="last")',
            "votes = said.pivot(index=ROW, columns=SOURCE, values=LABEL)",
            "rows, sources = table[ROW].dropna().unique(), table[SOURCE].dropna().unique()",
            "votes = votes.reindex(index=rows, columns=sources)",
        ]
        return [
            *lines,
            *(self.as_numbers(self.columns[:1], "votes") if self.config.numbers else []),
        ]

    def known(self, column: str) -> list[str]:
        """Return the lines that make ``known``, one entry a row, of a column of known labels."""
        if not self.config.is_long:
            return [f"known = {column}"]
        return [
            f"stated = {column}.groupby(table[ROW])",
            "# Where the lines of a row contradict each other its label is not known.",
            "known = stated.min().where(stated.min() == stated.max()).reindex(votes.index)",
        ]

    # Votes that were changed by hand

    def edits(self) -> str:
        """Write the edits, and what makes them; the last edit of a vote counts."""
        made = {(row, source): self._label(label) for row, source, label in self.config.edits}
        rows, sources = self._named(self.config.row), self._named(self.config.source)
        items = (
            (f"({rows.get(row, row)}, {sources.get(source, quoted(source))}): ", label)
            for (row, source), label in made.items()
        )
        lines = [
            assignment("EDITS", Bracket("{", tuple(items), "}")),
            "votes = votes.copy()",
            "for (row, source), label in EDITS.items():",
            "    votes.loc[row, source] = label",
        ]
        return "\n".join(lines)

    def _named(self, column: str | None) -> dict[str, str]:
        """Return how the names in a column of a table of single votes are written in code."""
        if column is None or not self.config.is_long:
            return {}
        found: dict[str, str] = {}
        for level in self.frame[column].dropna().unique().tolist():
            name = str(shown_label(level))
            is_text = isinstance(level, str)
            found.setdefault(name, quoted(name) if is_text else self._moment_or_number(level))
        return found

    def _moment_or_number(self, level: Any) -> str:
        moment = isinstance(level, pd.Timestamp)
        return f"pd.Timestamp({quoted(str(level))})" if moment else repr(level)

    def _label(self, label: str | None) -> str:
        code = int(self.votes.codes_of([label])[0])
        if code < 0:
            return "np.nan" if self.config.numbers else "None"
        if self.votes.values is not None and self.config.numbers:
            return repr(float(self.votes.values[code]))
        return quoted(self.votes.classes[code])

    # Models that vote

    def models(self) -> list[Step]:
        """Write models of the sources, which vote on every row in ``codes``."""
        pipeline = build_pipeline(learning_of(self.plan), self.request.dataset.schema)
        voting = model_of(self.request.result.pipeline).models
        n_folds = min(N_FOLDS, len(self.frame))
        for module, name in (("sklearn.base", "clone"), ("sklearn.model_selection", "KFold")):
            self.writer.name(module, name)
        seed = self.writer.seed_name()
        places = range(len(self.votes.sources))
        has_model = [place for place in places if self.votes.sources[place] in voting]
        each = "range(len(SOURCES))" if len(has_model) == len(places) else repr(has_model)
        lines = [
            f"folds = list(KFold({n_folds}, shuffle=True, random_state={seed}).split(table))",
            "answers = np.full(codes.shape, -1)",
            f"for place in {each}:",
            "    for _, judged in folds:",
            "        seen = np.setdiff1d(np.flatnonzero(codes[:, place] >= 0), judged)",
            "        if len(seen):",
            "            model = fitted(X.iloc[seen], codes[seen, place])",
            "            answers[judged, place] = model.predict(X.iloc[judged])",
            "codes = answers",
        ]
        features = assignment("FEATURES", listed(map(quoted, self.plan.features)))
        words = "Models vote in place of the sources, each on rows that it has not seen."
        return [
            Step("What models of the sources look at.", f"{features}\nX = table[FEATURES]"),
            *pipeline_steps(pipeline, self.writer),
            Step("A model of a source.", template("source_model", self.writer)),
            Step(words, "\n".join(lines)),
        ]
