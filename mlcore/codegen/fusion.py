"""The script of a run that fuses votes: the rule written out, and its scores on gold rows."""

from __future__ import annotations

import numpy as np

from mlcore.codegen.expression import (
    assignment,
    call,
    laid_out,
    listed,
    mapped,
    quoted,
)
from mlcore.codegen.fusion_votes import VotesCode
from mlcore.codegen.request import Request, TaskCode
from mlcore.codegen.script import Script, Step
from mlcore.codegen.templating import template
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.votes import Votes
from mlcore.tasks import Task
from mlcore.workflow import label_of
from mlcore.workflow.fusion import read_gold, read_votes

_PRINT = 'print(scores.dropna().to_string(float_format="{:.15g}".format))'


def fusion_script(request: Request) -> Script:
    """Return the program that repeats a run which fuses votes.

    Raises
    ------
    UserError
        The file cannot be read by a short call of pandas.
    """
    return _Fusion(request).script()


class _Fusion(TaskCode):
    """Writes one program: its parts share what is imported."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        assert isinstance(self.plan.split, FusionConfig)
        self.config = self.plan.split
        self.votes: Votes = read_votes(self.dataset, self.plan)
        self.has_gold = bool(len(read_gold(self.dataset, self.plan, self.votes).rows))
        self.is_judged = not self.result.evaluation.predictions.empty
        self.asks_best = self.config.ties == "most_accurate"
        self.teaches = self.spec.id == "log_odds" or (self.asks_best and self.has_gold)
        self.code = VotesCode(request, self.votes, self.writer)

    def script(self) -> Script:
        steps = [*self.code.steps(), *(self.numbers() if self.config.numbers else self.classes())]
        if not any("np." in step.code for step in steps):
            # The median of each row needs nothing but pandas.
            self.writer.modules.discard("numpy")
        if self.writer.uses_seed:
            seed = Step("The same seed gives the same numbers.", f"SEED = {self.config.seed}")
            steps.insert(0, seed)
        goal = f"one label of several in {self.request.source.file_name}"
        return self.request.script(goal, self.writer, steps)

    @property
    def target(self) -> str | None:
        """The column with known labels."""
        return self.plan.target

    # Classes

    def classes(self) -> list[Step]:
        steps = [Step("Votes as numbers of classes; -1 is no vote.", self.codes())]
        if self.config.learner:
            steps += self.code.models()
        steps += [Step("One table of yes and no for each source.", self.ballots()), *self.rule()]
        if not self.is_judged:
            words = "Fuse, and see how much is decided."
            return [*steps, Step(words, self.fused()), self.saved()]
        steps.append(
            Step(
                "Scores: how much is decided, and how much of it is right.",
                template("fusion_scores", self.writer),
            )
        )
        return [*steps, self.judged(), self.saved()]

    def codes(self) -> str:
        """Return the lines that turn spellings into classes."""
        spelled = self.spellings()
        lines = [assignment("CLASSES", listed(map(quoted, self.votes.classes)))]
        if spelled:
            spellings = mapped({spelling: quoted(name) for spelling, name in spelled.items()})
            lines.append(assignment("SPELLINGS", spellings))
        lines.append("numbers = {name: number for number, name in enumerate(CLASSES)}")
        if spelled:
            lines.append(
                "numbers |= {spelling: numbers[name] for spelling, name in SPELLINGS.items()}"
            )
        lines.append("cast = [votes[name].map(numbers).fillna(-1).astype(int) for name in votes]")
        lines.append("codes = np.column_stack(cast)")
        if self.target is not None:
            lines += self.code.known(f"table[{quoted(self.target)}].map(numbers)")
            lines.append("truth = known.fillna(-1).astype(int).to_numpy()")
        return "\n".join(lines)

    def ballots(self) -> str:
        """Return the lines that make a table of rows, sources and classes."""
        return "\n".join(
            [
                "ballots = (codes[:, :, None] == np.arange(len(CLASSES))).astype(float)",
                "voted = (codes >= 0).any(axis=1)",
            ]
        )

    def spellings(self) -> dict[str, str]:
        """Return how labels are written otherwise than they are shown."""
        found: dict[str, str] = {}
        for name in self.code.columns:
            texts = label_of(self.dataset, name, Task.CLASSIFICATION).dropna().unique()
            for text, code in zip(texts, self.votes.codes_of(list(texts)), strict=True):
                if code >= 0 and str(text) != self.votes.classes[code]:
                    found[str(text)] = self.votes.classes[code]
        return dict(sorted(found.items()))

    def rule(self) -> list[Step]:
        """Write the rule as ``fuse(truth)`` or ``fuse()``."""
        weighs = self.spec.id in ("weights", "log_odds")
        shares = "weighted_shares" if weighs else "shares_of_votes"
        steps = [Step("How strongly each class is held.", template(shares, self.writer))]
        if self.spec.id in ("dawid_skene", "one_coin"):
            steps.append(
                Step(
                    "What the votes say of the sources.",
                    template(f"sources_{self.spec.id}", self.writer),
                )
            )
            steps.append(
                Step(
                    "Labels and errors of the sources, each from the other (EM).",
                    template("em", self.writer),
                )
            )
        if self.spec.id == "log_odds":
            steps.append(
                Step(
                    "What a vote of each source counts, by how often it is right.",
                    template("log_odds", self.writer),
                )
            )
        steps.append(
            Step(
                "The class that leads alone; -1 where none does.", template("decided", self.writer)
            )
        )
        if self.config.ties != "undecided":
            steps.append(Step("Ties are decided by preference.", template("ties_by", self.writer)))
        if self.config.ties == "random":
            steps += self.lots()
        if self.asks_best:
            name = "best_source" if self.has_gold else "best_source_unknown"
            steps.append(Step("Which source is how good.", template(name, self.writer)))
        return [*steps, Step("The rule.", self.fuse())]

    def fuse(self) -> str:
        lines = [f"def fuse({'truth' if self.teaches else ''}):", *self.strength()]
        lines.append("    label, tied, best = decided(strength, voted)")
        lines += self.limits()
        if self.config.ties != "undecided":
            lines.append(f"    label = ties_by({self.preference()}, label, tied, best)")
        return "\n".join([*lines, "    return label, tied, best"])

    def strength(self) -> list[str]:
        if self.spec.id in ("dawid_skene", "one_coin"):
            knobs = ("starts", "smoothing", "most_rounds")
            named = {name: repr(self.values[name]) for name in knobs}
            fit = call("fitted", "ballots[voted]", **named, seed=self.writer.seed_name())
            return [
                "    strength = np.zeros((len(ballots), len(CLASSES)))",
                f"    {laid_out(fit, 4, 'strength[voted], prior = ')}",
            ]
        if self.spec.id == "log_odds":
            return [
                "    weights = log_odds(codes, truth, len(CLASSES))",
                "    strength = weighted_shares(ballots, weights)",
            ]
        if self.spec.id == "weights":
            given = dict(self.config.weights)
            weights = [float(given.get(name, 1.0)) for name in self.votes.sources]
            return [f"    strength = weighted_shares(ballots, np.array({weights!r}))"]
        return ["    strength = shares_of(ballots)"]

    def limits(self) -> list[str]:
        """Return the lines that leave rows undecided for want of votes or agreement."""
        quorum = self.values.get("quorum")
        checks = []
        if self.spec.id == "majority":
            share = float(str(self.values["share"]))
            checks.append(f"strength.max(axis=1) > {share!r} * (1 + 1e-9)")
        if self.spec.id == "unanimity":
            checks.append("(strength == 1).any(axis=1)")
        if quorum is not None and quorum != 1:
            checks.append(f"ballots.sum(axis=(1, 2)) >= {quorum!r}")
        if not checks:
            return []
        return [
            f"    decides = {checks[0]}",
            *(f"    decides &= {check}" for check in checks[1:]),
            "    label, tied = np.where(decides, label, -1), tied & decides",
        ]

    def preference(self) -> str:
        if self.config.ties == "prior":
            models = self.spec.id in ("dawid_skene", "one_coin")
            return "prior" if models else "ballots.sum(axis=(0, 1)) / ballots.sum()"
        if self.config.ties == "random":
            return "lot"
        if self.asks_best:
            accuracy = "accuracy_of(codes, truth)" if self.has_gold else "agreement_of(ballots)"
            return f"best_source(ballots, {accuracy})"
        stated = [int(code) for code in self.votes.codes_of(list(self.config.order)) if code >= 0]
        places = [*dict.fromkeys([*stated, *range(self.votes.n_classes)])]
        ranks = np.empty(self.votes.n_classes, dtype=int)
        ranks[places] = np.arange(len(places))
        return f"-np.array({ranks.tolist()})"

    def lots(self) -> list[Step]:
        """Write how ties are decided by lot."""
        self.writer.seed_name()
        row, rows = self.config.row, "votes.index"
        if row is not None and self.config.is_long and self.dataset.frame[row].dtype.kind == "f":
            rows = '[np.format_float_positional(row, trim="-") for row in votes.index]'
        draw = laid_out(call("lots", rows), 0, "lot = ")
        return [
            Step("Lots that depend on no other row.", template("lots", self.writer)),
            Step("Draw them.", draw),
        ]

    def judged(self) -> Step:
        """Fuse and score; where known labels teach, they judge in turn."""
        if not self.teaches:
            code = self.fused("scores_of(label, tied, best, truth)")
            return Step("Fuse, and evaluate on the rows whose label is known.", code)
        name = self.writer.name("sklearn.model_selection", "KFold")
        parts = int(self.result.evaluation.predictions["fold"].max())
        seed = self.writer.seed_name()
        lines = [
            "label, tied, best = fuse(truth)",
            "judged = label.copy(), tied.copy(), best.copy()",
            "teaching = np.flatnonzero((truth >= 0) & voted)",
            f"folds = {name}({parts}, shuffle=True, random_state={seed})",
            "for _, places in folds.split(teaching):",
            "    hidden = teaching[places]",
            "    seen = truth.copy()",
            "    seen[hidden] = -1",
            "    for part, found in zip(judged, fuse(seen)):",
            "        part[hidden] = found[hidden]",
            "scores = pd.Series(scores_of(*judged, truth))",
            _PRINT,
        ]
        return Step("Fuse; judge known labels by what the others taught.", "\n".join(lines))

    def fused(self, scores: str = "") -> str:
        """Return the lines that fuse and print scores, by default those that need no truth."""
        entries = {"decided_share": "np.mean(label >= 0)", "tie_share": "np.mean(tied)"}
        lines = [
            f"label, tied, best = fuse({'truth' if self.teaches else ''})",
            assignment("scores", call("pd.Series", scores or mapped(dict(entries)))),
            _PRINT,
        ]
        return "\n".join(lines)

    def saved(self) -> Step:
        code = ["fused = pd.Series(label, votes.index).map(dict(enumerate(CLASSES)))", self.save()]
        return Step("Save the table with its fused label.", "\n".join(code))

    def save(self) -> str:
        """Return the line that writes ``fused`` to a file."""
        name = self.request.file_name("_rows.csv")
        if self.config.is_long:
            return f"votes.assign(fused=fused).to_csv({name})"
        return f"table.assign(fused=fused).to_csv({name}, index=False)"

    # Numbers

    def numbers(self) -> list[Step]:
        """Write a rule that averages, and how far it is off."""
        if self.spec.id == "median":
            lines = ["fused = votes.median(axis=1)"]
        else:
            cut = float(str(self.values["cut"]))
            lines = [
                "count = votes.count(axis=1).to_numpy()[:, None]",
                f"left_out = np.floor({cut!r} * count + 1e-9)",
                "place = np.arange(votes.shape[1])",
                "kept = (place >= left_out) & (place < count - left_out)",
                "by_size = pd.DataFrame(np.sort(votes.to_numpy(), axis=1), votes.index)",
                "fused = by_size.where(kept).mean(axis=1)",
            ]
        entries = {"decided_share": "fused.notna().mean()"}
        score = []
        if self.target is not None and self.is_judged:
            score = [
                *self.code.known(f"table[{quoted(self.target)}]"),
                "off = (fused - known).abs()",
            ]
            entries["mean_absolute_error"] = "off.mean()"
            score.append("same = np.isclose(fused, known, rtol=1e-9, atol=1e-12)")
            entries["exactly_right"] = "same[known.notna()].mean()"
        score += [assignment("scores", call("pd.Series", mapped(dict(entries)))), _PRINT]
        return [
            Step("The rule: one number for each row.", "\n".join(lines)),
            Step("Evaluate.", "\n".join(score)),
            Step("Save the table with its fused number.", self.save()),
        ]
